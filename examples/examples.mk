# SPDX-License-Identifier: BSD-2-Clause
#
# Programs that show the library: build/<isa>/examples/. Linked with the library's archive, so that
# they run without being installed.

EX_OUT		:= $(BUILD)/$(ISA)/examples
EXAMPLES	:= $(EX_OUT)/hello $(EX_OUT)/httpd
EX_CFLAGS	= $(CFLAGS_OURS) -Iinclude

.PHONY: examples
examples: $(EXAMPLES)

$(EX_OUT)/%.o: examples/%.c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) $(EX_CFLAGS) -c -o $@ $<

$(EX_OUT)/hello: $(EX_OUT)/hello.o
$(EX_OUT)/httpd: $(EX_OUT)/httpd.o $(EX_OUT)/http.o

$(EXAMPLES): $(LIB_A)
	@echo "  LINK    $@"
	@$(CC) $(CFLAGS_OURS) -o $@ $(filter %.o,$^) $(LIB_A) -lpthread

-include $(wildcard $(EX_OUT)/*.d)
