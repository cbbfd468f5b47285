# SPDX-License-Identifier: BSD-2-Clause
#
# Tests of the nucleus platform and of images, in QEMU:
#	make check-image		all of them, CONFIG=web
#	make check-image-conformance	the conformance suite, an image without a donor
#	make check-image-contract	the platform has every function of the contract
#	make check-image-parse		the image's parsers, on the host
#	make check-image-program	the programs of tests/program, CONFIG=web
#	make check-image-session	a shell by PILLION=the pillion command, CONFIG=web
#	make check-image-tap		a tap interface, likewise
#	make check-image-NAME		tests/image/NAME.t, CONFIG=web

IT_OUT		= $(IMAGE_OUT)/tests
IT_CONF		= $(NP_OUT)/conformance.elf
IT_CONF_OBJ	= $(patsubst %.c,$(NP_OUT)/%.o,$(CONF_SRC) $(CONF_DIR)/port_nucleus.c)
IT_INSIDE	= $(IT_OUT)/inside.elf
IT_PARSE	= $(NP_OUT)/parse
IT_PROGRAMS	= guest cost memory faults damaged fuzz
IT_TESTS	= boot network tap lease $(IT_PROGRAMS)

.PHONY: check-image check-image-run check-image-parse check-image-conformance check-image-program \
	check-image-contract check-image-session $(addprefix check-image-,$(IT_PROGRAMS))
check-image: check-image-contract check-image-parse check-image-conformance $(TOOL)
	+@$(MAKE) --no-print-directory CONFIG=web PILLION=$(abspath $(TOOL)) check-image-run
check-image-run: $(addprefix check-image-,$(IT_TESTS) program session)

check-image-contract: $(EXAMPLE_LIB) $(NP_LIB)
	NM=$(NM) prove --exec sh tests/conformance/example.t :: $(EXAMPLE_LIB) $(NP_LIB)

check-image-parse: $(IT_PARSE)
	prove --timer --exec '' $<

check-image-conformance: $(IT_CONF)
	IMAGE=$(abspath $<) prove --timer tests/image/conformance.t

check-image-program: $(IMAGE_ELF) program-host
	IMAGE=$(abspath $<) PG_HOST=tests/image/host PG_ARCHIVE=$(PG_ARCHIVE) \
		prove --timer --exec $(PG_DIR)/run $(PG_FILES) ::
	IMAGE=$(abspath $<) PG_HOST=tests/image/host PG_ARCHIVE=$(PG_ARCHIVE) PG_RESTART=70 \
		prove --timer $(PG_DIR)/console.t

# Each has a program of its own.
$(addprefix check-image-,$(IT_PROGRAMS)): check-image-%: $(IMAGE_ELF) $(IT_OUT)/%
	IMAGE=$(abspath $(IMAGE_ELF)) GUEST=$(abspath $(IT_OUT)/$*) prove --timer tests/image/$*.t

check-image-tap: $(IMAGE_ELF)
	IMAGE=$(abspath $(IMAGE_ELF)) PILLION=$(PILLION) prove --timer tests/image/tap.t

check-image-session: $(IMAGE_ELF) $(PG_ARCHIVE)
	IMAGE=$(abspath $(IMAGE_ELF)) PILLION=$(PILLION) PG_ROOT=$(abspath $(PG_ROOT)) \
		prove --timer tests/image/session.t

check-image-%: $(IT_INSIDE)
	IMAGE=$(abspath $<) prove --timer tests/image/$*.t

$(NP_OUT)/tests/conformance/%.o: tests/conformance/%.c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) $(NP_CFLAGS) -I$(CONF_DIR) -c -o $@ $<

$(NP_OUT)/tests/image/inside.o: tests/image/inside.c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) $(IMAGE_CFLAGS) -Wno-array-bounds -c -o $@ $<

$(addprefix $(IT_OUT)/,$(IT_PROGRAMS)): $(IT_OUT)/%: tests/image/%.c tests/lib/tap.h \
		tests/lib/meminfo.h
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) -std=gnu11 -O1 -g -Wall -Wextra -Werror -static -Itests/lib -o $@ $< -lpthread

$(IT_CONF): $(NP_OBJ) $(IT_CONF_OBJ) $(NUCLEUS_LIB) $(NUCLEUS_LDS)
	@echo "  LINK    $@"
	@$(call NP_LINK,$@,$(IT_CONF_OBJ))

$(IT_INSIDE): $(NP_OBJ) $(IMAGE_OBJ) $(NP_OUT)/tests/image/inside.o $(NUCLEUS_LIB) \
		$(NUCLEUS_LDS) $(DONOR_O)
	@mkdir -p $(@D)
	@echo "  LINK    $@"
	@$(call NP_LINK,$@,$(filter-out $(IMAGE_RUN),$(IMAGE_OBJ)) $(NP_OUT)/tests/image/inside.o \
		$(DONOR_O))

$(IT_PARSE): tests/image/parse.c platform/nucleus/image/config.c platform/nucleus/image/archive.c \
		nucleus/archive.c nucleus/archive.h platform/nucleus/image/image.h
	@mkdir -p $(@D)
	@echo "  CC      $@"
	@$(CC) -std=gnu11 -O1 -g -Wall -Wextra -Werror -fsanitize=address,undefined \
		-fno-sanitize-recover -I. -Iinclude -Icpu/$(NUCLEUS_ISA) -Iplatform/nucleus/image \
		-Itests/lib -o $@ $(filter %.c,$^)

-include $(IT_CONF_OBJ:.o=.d) $(NP_OUT)/tests/image/inside.d
