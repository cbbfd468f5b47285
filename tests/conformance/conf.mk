# SPDX-License-Identifier: BSD-2-Clause
# The conformance suite on the POSIX platform. Included by the top Makefile after
# platform/posix/posix.mk, or alone:
#	make -f tests/conformance/conf.mk check-conformance	the suite, through prove
#	make -f tests/conformance/conf.mk check-conformance-asan	under ASan and UBSan
#	make -f tests/conformance/conf.mk check-conformance-tsan	under TSan
#	make -f tests/conformance/conf.mk ISA=aarch64 CROSS_COMPILE=aarch64-linux-gnu- \
#		CONF_RUN=qemu-aarch64 check-conformance		emulated
# Another platform links CONF_SRC with its own port layer (see conf.h).

ifndef POSIX_LIB
include platform/posix/posix.mk
endif

CONF_DIR = tests/conformance
CONF_SRC = $(addprefix $(CONF_DIR)/,abi.c bio.c biov.c clock.c copy.c cv.c file.c harness.c mem.c \
	misc.c mutex.c request.c rw.c thread.c vm.c)
CONF_POSIX_SRC = $(addprefix $(CONF_DIR)/,port_posix.c posix.c posixblk.c posixend.c posixio.c \
	posixnet.c posixsig.c)
CONF_OUT = $(POSIX_OUT)/conformance
CONF_OBJ = $(patsubst $(CONF_DIR)/%.c,$(CONF_OUT)/%.o,$(CONF_SRC) $(CONF_POSIX_SRC))
CONF_CFLAGS = -std=gnu11 -O1 -g $(POSIX_WARN) $(POSIX_WIDE) -fno-omit-frame-pointer -fPIE \
	$(addprefix -fsanitize=,$(SAN)) -Iinclude -I$(CONF_DIR) -Iplatform/posix -MMD -MP
# A donor without rump_ext_virtif_deliver(): packets come by the classic upcall.
CONF_CLASSIC_OBJ = $(patsubst %/posixnet.o,%/posixnet-classic.o,$(CONF_OBJ))
CONF_OBJCOPY ?= $(CROSS_COMPILE)objcopy
# Alone on an instruction set that runs emulated, the program is static and has no shared objects.
CONF_STATIC ?= $(if $(CROSS_COMPILE),1)
CONF_SETS = $(if $(CONF_STATIC),1,111)
CONF_SO = $(if $(CONF_STATIC),,$(CONF_OUT)/libhidden.so $(CONF_OUT)/libexported.so)
CONF_RUN ?=
CONF_ENV = ASAN_OPTIONS=allocator_may_return_null=1:handle_segv=0:handle_sigbus=0:detect_leaks=0 \
	TSAN_OPTIONS=allocator_may_return_null=1:handle_segv=0:handle_sigbus=0:die_after_fork=0 \
	UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 $(if $(CONF_RUN),CONF_EMULATED=1)
PROVE ?= prove

.PHONY: conformance check-conformance check-conformance-asan check-conformance-tsan
conformance: $(CONF_OUT)/conformance $(CONF_OUT)/classic

$(CONF_OUT)/%.o: $(CONF_DIR)/%.c $(CONF_DIR)/conf.mk
	@mkdir -p $(@D)
	$(POSIX_CC) $(CONF_CFLAGS) -DCONF_SETS=$(CONF_SETS) -c -o $@ $<

# One where the linker hides the bounds of the sets, its default, and one where it exports them.
$(CONF_OUT)/libhidden.so: $(CONF_DIR)/sets.c
	@mkdir -p $(@D)
	$(POSIX_CC) -shared -fPIC -Iinclude -DKIND=hidden -Wl,-z,start-stop-visibility=hidden \
		-o $@ $<

$(CONF_OUT)/libexported.so: $(CONF_DIR)/sets.c
	@mkdir -p $(@D)
	$(POSIX_CC) -shared -fPIC -Iinclude -DKIND=exported -Wl,-z,start-stop-visibility=default \
		-o $@ $<

$(CONF_OUT)/posixnet-classic.o: $(CONF_OUT)/posixnet.o
	$(CONF_OBJCOPY) -L rump_ext_virtif_deliver -L rump_ext_virtif_txready $< $@

$(CONF_OUT)/conformance: $(CONF_OBJ)
$(CONF_OUT)/classic: $(CONF_CLASSIC_OBJ)
$(CONF_OUT)/conformance $(CONF_OUT)/classic: $(POSIX_LIB) $(CONF_SO)
	$(POSIX_CC) $(CONF_CFLAGS) $(if $(CONF_STATIC),-static,-pie -Wl,--no-as-needed) \
		-Wl,-rpath,'$$ORIGIN' -o $@ $(filter %.o,$^) $(POSIX_LIB) $(CONF_SO) -lpthread

check-conformance: $(CONF_OUT)/conformance $(CONF_OUT)/classic
	$(CONF_ENV) $(PROVE) --exec '$(CONF_RUN)' $(CONF_OUT)/conformance
	$(CONF_ENV) CONF_ONLY='posix tap: received packet' \
		$(PROVE) --exec '$(CONF_RUN)' $(CONF_OUT)/classic

check-conformance-asan:
	+@$(MAKE) --no-print-directory -f $(CONF_DIR)/conf.mk SAN=address,undefined check-conformance

check-conformance-tsan:
	+@$(MAKE) --no-print-directory -f $(CONF_DIR)/conf.mk SAN=thread check-conformance

-include $(CONF_OBJ:.o=.d)
