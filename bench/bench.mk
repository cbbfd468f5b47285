# SPDX-License-Identifier: BSD-2-Clause
#
# Benchmarks: build/<isa>/bench/. `make bench` runs all of them; `make bench-posix` those of the
# library and the pillion command, `make bench-pc` those of images; tables on standard output and
# build/bench/*.json. BENCH_FLAGS=--quick is a smoke test of the programs; BENCH_FLAGS='-o lo'
# selects rows.

BENCH_OUT	:= $(BUILD)/$(ISA)/bench
BENCH_SRC	:= $(wildcard bench/*.c)
BENCH_OBJ	:= $(BENCH_SRC:bench/%.c=$(BENCH_OUT)/%.o)
BENCH_POSIX_SRC	:= $(wildcard bench/posix/*.c)
BENCH_POSIX_OBJ	:= $(BENCH_POSIX_SRC:bench/%.c=$(BENCH_OUT)/%.o)
BENCH_WORK_SRC	:= $(wildcard bench/work/*.c)
BENCH_WORK_OBJ	:= $(BENCH_WORK_SRC:bench/%.c=$(BENCH_OUT)/%.o)
BENCH_FLAGS	?=

.PHONY: bench bench-posix bench-programs
bench: bench-posix $(if $(filter x86_64,$(HOST_ISA)),bench-pc)
bench-programs: $(BENCH_OUT)/posix-suite $(BENCH_OUT)/pillion-work

bench-posix: bench-programs $(TOOL)
	@mkdir -p $(BUILD)/bench
	@$(BENCH_OUT)/posix-suite $(BENCH_FLAGS) -j $(BUILD)/bench/posix.json \
		$(BENCH_OUT)/pillion-work $(TOOL)

$(BENCH_OUT)/%.o: bench/%.c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) $(CFLAGS_OURS) -Iinclude -c -o $@ $<

$(BENCH_OUT)/posix-suite: $(BENCH_POSIX_OBJ) $(BENCH_OBJ)
	@echo "  LINK    $@"
	@$(CC) $(CFLAGS_OURS) -o $@ $^

# Static: what the library costs, without the dynamic linker's work and pages.
$(BENCH_OUT)/pillion-work: $(BENCH_WORK_OBJ) $(LIB_A)
	@echo "  LINK    $@"
	@$(CC) $(CFLAGS_OURS) -static -o $@ $(BENCH_WORK_OBJ) $(LIB_A) -lpthread

include bench/pc/pc.mk
include bench/native/native.mk

# For bench/profile/profile: where a guest's instructions go.
.PHONY: profile-plugin
profile-plugin: $(BENCH_OUT)/plugin.so
$(BENCH_OUT)/plugin.so: bench/profile/plugin.c
	@mkdir -p $(@D)
	@echo "  CC      $@"
	@$(CC) -std=gnu11 -O2 -Wall -Wextra -Werror -fPIC -fvisibility=hidden -shared -o $@ $<

-include $(BENCH_OBJ:.o=.d) $(BENCH_POSIX_OBJ:.o=.d) $(BENCH_WORK_OBJ:.o=.d)
