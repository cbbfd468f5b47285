# SPDX-License-Identifier: BSD-2-Clause
#
# Programs in user mode, hosted by a Linux process that ptrace makes a machine of:
#	make check-program		for this machine's instruction set, CONFIG=web
# The test programs (t/) are built with musl and with glibc, static and dynamic, and run unmodified,
# beside Debian's busybox, from an archive that becomes the donor's root file system.

PG_DIR		:= tests/program
PG_OUT		:= $(DONOR_OUT)/tests/program
PG_ROOT		:= $(PG_OUT)/root
PG_ARCHIVE	:= $(PG_OUT)/root.cpio
PG_HOST		:= $(PG_OUT)/host
PG_OBJ		:= $(patsubst $(PG_DIR)/%.c,$(PG_OUT)/%.o,$(wildcard $(PG_DIR)/*.c))
PG_CFLAGS	:= $(CFLAGS_OURS) -Iinclude -Iinclude/cpu/$(ISA) -Iplatform/posix

PG_NAMES	:= $(patsubst $(PG_DIR)/t/%.c,%,$(wildcard $(PG_DIR)/t/*.c))
PG_TESTS	:= $(addsuffix .musl,$(PG_NAMES)) $(addsuffix .dyn,$(PG_NAMES)) \
		   process.static threads.static signals.static exceptions.dyn exceptions.static shell.sh
PG_FILES	:= $(addprefix $(PG_ROOT)/t/,$(PG_TESTS))
PG_FLAGS	:= -std=gnu11 -O1 -g -Wall -Wextra -Werror -Itests/lib
PG_HEADERS	:= tests/lib/tap.h tests/lib/meminfo.h
PG_LIBRARIES	:= libc.so.6 libm.so.6 libgcc_s.so.1 libstdc++.so.6

PG_ENV		:= PG_HOST=$(PG_HOST) PG_ARCHIVE=$(PG_ARCHIVE)

.PHONY: program-host check-program check-program-run
program-host: $(PG_HOST) $(PG_ARCHIVE)

check-program:
	+@$(MAKE) --no-print-directory CONFIG=web check-program-run

check-program-run: $(PG_HOST) $(PG_ARCHIVE)
	$(PG_ENV) prove --timer --exec $(PG_DIR)/run $(PG_FILES)
	$(PG_ENV) prove --timer $(PG_DIR)/*.t

$(PG_OUT)/%.o: $(PG_DIR)/%.c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) $(PG_CFLAGS) -c -o $@ $<

$(PG_HOST): $(PG_OBJ) $(POSIX_LIB) $(DONOR_O)
	@echo "  LINK    $@"
	@$(CC) -pie -o $@ $(PG_OBJ) $(DONOR_O) $(POSIX_LIB) -lpthread

$(PG_ROOT)/t/%.musl: $(PG_DIR)/t/%.c $(PG_HEADERS)
	@mkdir -p $(@D)
	@musl-gcc $(PG_FLAGS) -static -o $@ $<
$(PG_ROOT)/t/%.dyn: $(PG_DIR)/t/%.c $(PG_HEADERS)
	@mkdir -p $(@D)
	@$(CC) $(PG_FLAGS) -o $@ $< -lpthread
$(PG_ROOT)/t/%.static: $(PG_DIR)/t/%.c $(PG_HEADERS)
	@mkdir -p $(@D)
	@$(CC) $(PG_FLAGS) -static -o $@ $< -lpthread
$(PG_ROOT)/t/%.dyn: $(PG_DIR)/t/%.cc
	@mkdir -p $(@D)
	@$(CXX) -O1 -g -Wall -Wextra -Werror -o $@ $< -lpthread
$(PG_ROOT)/t/%.static: $(PG_DIR)/t/%.cc
	@mkdir -p $(@D)
	@$(CXX) -O1 -g -Wall -Wextra -Werror -static -o $@ $< -lpthread
$(PG_ROOT)/t/%.sh: $(PG_DIR)/t/%.sh
	@mkdir -p $(@D)
	@install -m 755 $< $@

$(PG_ARCHIVE): $(PG_FILES) $(PG_DIR)/program.mk
	@mkdir -p $(PG_ROOT)/bin $(PG_ROOT)/lib64 $(PG_ROOT)/lib
	@cp /bin/busybox $(PG_ROOT)/bin && /bin/busybox --list | grep -v '^busybox$$' | \
		while read -r applet; do ln -sf busybox $(PG_ROOT)/bin/$$applet; done
	@for lib in $(PG_LIBRARIES); do cp -L "$$($(CC) -print-file-name=$$lib)" $(PG_ROOT)/lib; done
	@cp -L /lib64/ld-linux-x86-64.so.2 $(PG_ROOT)/lib64
	@cd $(PG_ROOT) && find . | sort | bsdcpio -o -H newc --quiet > $(abspath $@)

-include $(PG_OBJ:.o=.d)
