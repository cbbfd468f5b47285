# SPDX-License-Identifier: BSD-2-Clause
#
# Test programs, each of which is the first process of a machine (init=NAME on the command line),
# and their archive. Included by the top Makefile after user/user.mk.

USER_TESTS	= $(patsubst user/tests/%.c,$(USER_OUT)/tests/%,$(filter-out user/tests/tap.c, \
		  $(wildcard user/tests/*.c)))
USER_TEST_ARCHIVE = $(USER_OUT)/tests.cpio

$(USER_TEST_ARCHIVE): $(USER_TESTS)
	@rm -rf $(USER_OUT)/tests/root && mkdir -p $(USER_OUT)/tests/root
	@for p in $^; do $(OBJCOPY) --strip-all $$p $(USER_OUT)/tests/root/$${p##*/} || exit; done
	@echo "not a program" >$(USER_OUT)/tests/root/text
	@echo "  CPIO    $@"
	@$(call USER_ARCHIVE,$(USER_OUT)/tests/root,$(abspath $@))

$(USER_TESTS): $(USER_OUT)/tests/%: $(USER_OUT)/obj/user/tests/%.c.o \
		$(USER_OUT)/obj/user/tests/tap.c.o $(USER_LIB) $(USER_LDS)
	@mkdir -p $(@D)
	@echo "  LINK    $@"
	@$(USER_LINK) -o $@ $(filter %.o %.a,$^)
