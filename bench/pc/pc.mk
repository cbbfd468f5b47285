# SPDX-License-Identifier: BSD-2-Clause
#
# make bench-pc: images beside a Linux guest. The peer is Debian's cloud kernel from the files of
# its package, which are not installed, with an initial RAM disk that has bench/pc/guest/init.c,
# the modules of virtio, and the server that runs in both guests. See pc.h for the folder.

PCB		:= $(BENCH_OUT)/pc
PCB_SRC		:= $(wildcard bench/pc/*.c)
PCB_OBJ		:= $(PCB_SRC:bench/%.c=$(BENCH_OUT)/%.o)
PCB_GUEST	:= $(PCB)/server $(PCB)/init
PCB_PEER	:= $(PCB)/linux $(PCB)/none.cpio $(PCB)/net.cpio
PCB_REDIS	:= $(PCB)/redis.ext4 $(PCB)/redis-benchmark
PCB_CFLAGS	:= -std=gnu11 -O2 -g -Wall -Wextra -Werror -static

# In the order in which they can be loaded.
PCB_MODULES	:= $(addprefix drivers/virtio/,virtio_ring virtio virtio_pci_modern_dev \
	virtio_pci_legacy_dev virtio_pci) net/core/failover \
	$(addprefix drivers/,net/net_failover net/virtio_net block/virtio_blk)

.PHONY: bench-pc bench-pc-image bench-pc-programs
bench-pc-image:
	+@$(MAKE) --no-print-directory CONFIG=web image
bench-pc-programs: $(PCB)/bench $(PCB)/load $(PCB_GUEST) $(PCB_PEER) $(PCB_REDIS)

bench-pc: bench-pc-programs bench-pc-image $(TOOL)
	@mkdir -p $(BUILD)/bench
	@$(PCB)/bench $(BENCH_FLAGS) -j $(BUILD)/bench/pc.json \
		$(PCB) $(BUILD)/$(ISA)/web/image/pillion.elf $(TOOL)

$(PCB)/bench: $(PCB_OBJ) $(BENCH_OBJ)
	@echo "  LINK    $@"
	@$(CC) $(CFLAGS_OURS) -o $@ $^

# For the guests, and small: no sanitizer, no dynamic linker.
$(PCB_GUEST): $(PCB)/%: bench/pc/guest/%.c bench/pc/guest/ports.h
	@mkdir -p $(@D)
	@echo "  CC      $@"
	@$(CC) $(PCB_CFLAGS) -s -o $@ $<

$(PCB)/load: bench/pc/load/load.c bench/pc/guest/ports.h
	@mkdir -p $(@D)
	@echo "  CC      $@"
	@$(CC) $(PCB_CFLAGS) -o $@ $<

$(PCB)/linux:
	@echo "  FETCH   linux-image-cloud-amd64"
	@tools/debroot $(PCB)/kernel linux-image-cloud-amd64
	@rm -rf $(PCB)/modules && mkdir -p $(PCB)/modules
	@n=1; for m in $(PCB_MODULES); do \
		cp $(PCB)/kernel/lib/modules/*/kernel/$$m.ko $(PCB)/modules/$$n-$${m##*/}.ko || \
			exit 1; \
		n=$$((n + 1)); done
	@cp $(PCB)/kernel/boot/vmlinuz-* $@

$(PCB)/none.cpio $(PCB)/net.cpio: $(PCB_GUEST) $(PCB)/linux
	@echo "  CPIO    $@"
	@rm -rf $@.root && mkdir -p $@.root/modules
	@cp $(PCB_GUEST) $@.root/
	@$(if $(filter %/net.cpio,$@),cp $(PCB)/modules/* $@.root/modules/)
	@bsdtar -C $@.root --uid 0 --gid 0 --format newc -cf $@ .
	@rm -rf $@.root

$(PCB)/redis-benchmark:
	@echo "  FETCH   redis-server"
	@tools/debroot $(PCB)/redis redis-server
	@printf '%s\n' '#!/bin/sh' 'd=$$(dirname "$$0")/redis' \
		'LD_LIBRARY_PATH=$$d/usr/lib/x86_64-linux-gnu exec "$$d/usr/bin/redis-benchmark" "$$@"' >$@
	@chmod +x $@

$(PCB)/redis.ext4: $(PCB)/redis-benchmark
	@echo "  EXT4    $@"
	@rm -f $@ && truncate -s 256M $@
	@mke2fs -q -t ext4 -d $(PCB)/redis $@

-include $(PCB_OBJ:.o=.d)
