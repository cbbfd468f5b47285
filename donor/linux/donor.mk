# SPDX-License-Identifier: GPL-2.0-only
#
# The Linux donor: the package's tarball, unpacked and never changed, with donor/linux/arch linked
# in as arch/pillion, becomes one relocatable object: build/<isa>/<config>/donor.o.

LINUX_TARBALL	?= /usr/src/linux-source-6.1.tar.xz
LINUX		:= $(BUILD)/linux/linux-source-6.1
DONOR_VERSION	= Linux $(shell sed -n 's/^\(VERSION\|PATCHLEVEL\|SUBLEVEL\) = //p' \
		  $(LINUX)/Makefile 2>/dev/null | paste -sd.)
DONOR_OUT	:= $(BUILD)/$(ISA)/$(CONFIG)
DONOR_O		:= $(DONOR_OUT)/donor.o
DONOR_KBUILD	:= $(DONOR_OUT)/linux
DONOR_FRAGMENTS := $(patsubst %,donor/linux/config/%.config,\
		   $(shell grep -v '^\#' donor/linux/config/$(CONFIG).list))
DONOR_ARCH	:= $(shell find donor/linux/arch -type f)
DONOR_UPCALLS	:= $(shell cat donor/linux/exports.txt)
CCACHE		:= $(shell command -v ccache)
# As many jobs as there are processors, unless make was told a number itself.
KBUILD_JOBS	= $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))
KBUILD_MAKE	= +$(MAKE) $(KBUILD_JOBS) -C $(LINUX) O=$(abspath $(DONOR_KBUILD)) ARCH=pillion \
		  CROSS_COMPILE=$(CROSS_COMPILE) \
		  CC="$(strip $(CCACHE) $(CROSS_COMPILE)gcc)" PILLION_INCLUDE=$(abspath include) \
		  KBUILD_BUILD_TIMESTAMP=@0 KBUILD_BUILD_USER=pillion KBUILD_BUILD_HOST=pillion

.PHONY: donor
donor: $(DONOR_O)

$(BUILD)/setup.stamp: tools/setup tools/packages
	@mkdir -p $(BUILD)
	@tools/setup
	@touch $@

$(LINUX).stamp: | $(BUILD)/setup.stamp
	@echo "unpacking $(LINUX_TARBALL)"
	@rm -rf $(LINUX) && mkdir -p $(dir $(LINUX))
	@tar -xf $(LINUX_TARBALL) -C $(dir $(LINUX))
	@ln -sfn $(abspath donor/linux/arch) $(LINUX)/arch/pillion
	@touch $@

$(DONOR_KBUILD)/.config: $(DONOR_FRAGMENTS) donor/linux/config/$(CONFIG).list \
		donor/linux/arch/Kconfig \
		donor/linux/configure $(LINUX).stamp
	@mkdir -p $(DONOR_KBUILD)
	@cat $(DONOR_FRAGMENTS) > $(DONOR_KBUILD)/wanted.config
	@echo "configuring the donor: $(CONFIG), $(ISA)"
	$(KBUILD_MAKE) KCONFIG_ALLCONFIG=$(abspath $(DONOR_KBUILD)/wanted.config) allnoconfig \
		> $(DONOR_KBUILD)/configure.log 2>&1 || { cat $(DONOR_KBUILD)/configure.log; exit 1; }
	@donor/linux/configure check $(DONOR_KBUILD)/wanted.config $@
	@touch $@

# kbuild decides itself what has to be made anew.
$(DONOR_KBUILD)/vmlinux.o: $(DONOR_KBUILD)/.config $(DONOR_ARCH) $(wildcard include/rump/*.h)
	@touch $(DONOR_KBUILD)/started
	$(KBUILD_MAKE) --no-print-directory vmlinux_o 2>&1 | donor/linux/progress \
		$(DONOR_KBUILD)/build.log "donor $(CONFIG) $(ISA)" $(DONOR_KBUILD)/.config
	@touch -r $(DONOR_KBUILD)/started $@

# Two links: the first shows where every function is, the second adds the symbol table that says
# so.
$(DONOR_O): $(DONOR_KBUILD)/vmlinux.o donor/linux/symtab.pl donor/linux/exports.txt \
		donor/linux/kallsyms
	@echo "  LINK    $@"
	@$(LD) -r --gc-sections $(patsubst %,-u %,$(DONOR_UPCALLS)) -z noexecstack \
		-T $(DONOR_KBUILD)/arch/pillion/kernel/vmlinux.lds -o $@.1 $<
	@$(NM) -n $@.1 | donor/linux/symtab.pl > $(DONOR_OUT)/symtab.S
	@$(CC) -c -o $(DONOR_OUT)/symtab.o $(DONOR_OUT)/symtab.S
	@NM="$(NM)" CC="$(CC)" donor/linux/kallsyms $(DONOR_KBUILD) $@.1 $(DONOR_OUT)/kallsyms.o
	@$(LD) -r -z noexecstack -o $@.2 $@.1 $(DONOR_OUT)/symtab.o $(DONOR_OUT)/kallsyms.o
	@$(OBJCOPY) --keep-global-symbols=donor/linux/exports.txt --remove-section=.comment $@.2 $@
	@rm -f $@.1 $@.2
