# SPDX-License-Identifier: BSD-2-Clause
#
# Unmodified Debian packages, from their files on an ext4 root, in QEMU:
#	make check-apps			CONFIG=web
#	make check-apps-NAME		tests/apps/NAME.t
# Debian's archive is asked once; the packages' files stay in build/.

APPS_OUT	:= $(BUILD)/x86_64/tests/apps
APPS_PACKAGES	:= busybox dash sqlite3 lua5.4 redis-server redis-tools nginx python3-minimal
APPS_TREE	:= $(APPS_OUT)/tree
APPS_ENV	= PILLION=$(abspath $(TOOL)) KERNEL=$(abspath $(BUILD)/x86_64/web/image/pillion.elf) \
		  TREE=$(abspath $(APPS_TREE)) BUILD=$(BUILD)

.PHONY: check-apps check-apps-image
check-apps: $(TOOL) $(APPS_TREE) check-apps-image
	$(APPS_ENV) prove --timer tests/apps

check-apps-image:
	+@$(MAKE) --no-print-directory CONFIG=web image

check-apps-%: $(TOOL) $(APPS_TREE) check-apps-image
	$(APPS_ENV) prove --timer tests/apps/$*.t

$(APPS_TREE): tests/apps/apps.mk tools/debroot
	@rm -rf $@
	@tools/debroot $@ $(APPS_PACKAGES)
	@touch $@
