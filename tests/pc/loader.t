#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The image from a CD by GRUB's multiboot2, with BIOS and with UEFI firmware: memory map, command
# line, module, ACPI tables, screen.
# shellcheck source=tests/pc/lib.sh
. "$(dirname "$0")/lib.sh"
have grub-mkrescue xorriso mformat || skip_all "missing: grub-mkrescue, xorriso or mformat"

mkdir -p cd/boot/grub
cp "$image" cd/boot/nucleus
echo 'module data' >cd/boot/module
cat >cd/boot/grub/grub.cfg <<'END'
insmod all_video
serial --unit=0
terminal_output serial
multiboot2 /boot/nucleus test=machine number=42 flag long=abcdef module
module2 /boot/module
boot
END
grub-mkrescue -o cd.iso cd >mkrescue.log 2>&1
ok "an ISO image" || { sed 's/^/# /' mkrescue.log; done_testing; }

cd_boot() { # MACHINE ARGS...
	LIMIT=120 MEM=256 qemu "$@" -cdrom cd.iso "${exit_device[@]}" -device VGA
}

# GRUB writes to the same line: what it says comes before.
cd_boot pc
group "BIOS"
grep -q 'loader multiboot2' out
ok "loaded by multiboot2" || show

# The same, where the image may not be at its own address: the tag that allows another is made to
# ask for one of at least 16 MiB.
cp cd/boot/nucleus nucleus
perl -0777 -pe 's/\x0a\0\x01\0\x18\0\0\0\K\0\0\x20\0/\0\0\0\x01/' nucleus >cd/boot/nucleus
! cmp -s nucleus cd/boot/nucleus && grub-mkrescue -o cd.iso cd >mkrescue.log 2>&1
ok "an image that has to be moved"
cd_boot pc
group "BIOS, moved"
cp nucleus cd/boot/nucleus
grub-mkrescue -o cd.iso cd >mkrescue.log 2>&1

firmware=
for f in /usr/share/OVMF/OVMF_CODE.fd /usr/share/OVMF/OVMF_CODE_4M.fd; do
	[ -f "$f" ] && firmware=${firmware:-$f}
done
if [ -n "$firmware" ]; then
	cd_boot q35 -bios "$firmware"
	group "UEFI"
	grep -q 'loader multiboot2' out
	ok "loaded by multiboot2" || show
	# It makes no MP table: lines come from the PICs, as the firmware has routed them.
	sed -i 's/test=machine/test=lines log=info/' cd/boot/grub/grub.cfg
	grub-mkrescue -o cd.iso cd >mkrescue.log 2>&1
	cd_boot q35 -bios "$firmware" -device e1000
	group "UEFI: lines"
	grep -q 'interrupts: PIC and messages' out && grep -q '^ok.*threaded: three' out
	ok "by the PICs, beside the local APIC" || show
else
	skip "UEFI" "no OVMF firmware (Debian package ovmf)"
fi
done_testing
