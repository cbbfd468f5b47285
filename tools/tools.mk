# SPDX-License-Identifier: BSD-2-Clause
# The pillion command. Included by the top Makefile, which sets BUILD, ISA, CC, CFLAGS, LIBPILLION
# (the static library to link with) and LIBPILLION_LIBS (what that needs).

TOOL_SRC := $(wildcard tools/pillion/*.c tools/run/*.c)
TOOL_OBJ := $(TOOL_SRC:tools/%.c=$(BUILD)/$(ISA)/tool/%.o)
TOOL_CFLAGS := -std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Iinclude -Itools/pillion \
	-Wall -Wextra -Werror
TOOL_LIBS := -lblkid -lseccomp -linih -ldl
TOOL := $(DONOR_OUT)/bin/pillion

$(BUILD)/$(ISA)/tool/%.o: tools/%.c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) $(CFLAGS) $(TOOL_CFLAGS) -MMD -MP -c -o $@ $<

$(TOOL): $(TOOL_OBJ) $(LIBPILLION)
	@mkdir -p $(@D)
	@echo "  LINK    $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(TOOL_OBJ) $(LIBPILLION) $(TOOL_LIBS) $(LIBPILLION_LIBS)

-include $(TOOL_OBJ:.o=.d)

.PHONY: tool check-tool
tool: $(TOOL)

check-tool: $(TOOL)
	PILLION=$(abspath $(TOOL)) prove -r tests/tool
