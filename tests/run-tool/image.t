#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# --image: what is written is whole, and boots.
# shellcheck source=tests/run-tool/lib.sh disable=SC2154
. "$(dirname "$0")/lib.sh"
need qemu-system-x86_64 qemu-system-x86
need gcc gcc

program hello

# boots NAME COMMAND...: by QEMU, and the program ended with 5
boots() {
	local name=$1
	shift
	timeout "${LIMIT:-60}" "$@" </dev/null >log 2>&1
	[ $? = 11 ]
	ok "$name" || sed 's/^/# /' log
}
# what --dry-run prints, with further arguments
command_of() {
	"$PILLION" run --kernel="$KERNEL" --dry-run "$@" ./hello exit 5 >boot.sh
}

# ELF
command_of --image=a.elf
boots "an ELF image" sh boot.sh
cp "$KERNEL" plain.elf
truncate -s %4096 plain.elf
size=$(stat -c %s plain.elf)
pack ./hello exit 5
cmp -s <(tail -c +$((size + 1)) a.elf) a.cpio
ok "... the archive is its last part"
is "$(readelf -lW a.elf | awk '/LOAD/ { n++ } END { print n }')" 2 "... in a segment of its own"
read -r at len < <(readelf -lW a.elf | awk '/LOAD/ { a = $4; l = $5 } END { print a, l }')
# the note's two numbers, from the bytes that readelf shows
note=$(readelf -nW a.elf | tr -d '\n' | sed 's/.*description data: //' | awk '{
	for (i = 16; i >= 9; i--) printf "%s", $i
	printf " "
	for (i = 24; i >= 17; i--) printf "%s", $i }')
is "$note" "$(printf '%016x %016x' "$at" "$len")" "... which the note names"
is "$((at % 4096)) $((len))" "0 $(stat -c %s a.cpio)" "... a page's multiple, the archive's length"
readelf -sW a.elf | grep -qw exit_with
ok "... symbols are kept"
is "$(stat -c %a a.elf)" "$(printf %o $((0666 & ~$(umask))))" "... readable as files are"
boots "on microvm" sh -c "$(sed 's/-machine pc/-machine microvm,acpi=off/' boot.sh)"

# the archive alone
command_of --image=a.cpio
boots "the archive as a module" sh boot.sh

# ISO
need grub-mkrescue grub-common
need xorriso xorriso
if [ -d /usr/lib/grub/i386-pc ] && [ -d /usr/lib/grub/x86_64-efi ] && have mformat; then
	mkdir temporary
	TMPDIR=$work/temporary command_of --image=a.iso
	is "$(ls temporary)" "" "an ISO leaves nothing behind"
	boots "an ISO by BIOS" sh boot.sh
	boots "... on a q35" sh -c "$(sed 's/-machine pc/-machine q35/' boot.sh)"
	boots "... as a disk, which a USB stick is" qemu-system-x86_64 -nodefaults -display none \
		-no-reboot -m 128M -device isa-debug-exit,iobase=0xf4,iosize=4 \
		-blockdev driver=raw,node-name=d,read-only=on,file.driver=file,file.filename=a.iso \
		-device qemu-xhci -device usb-storage,drive=d,removable=on
	code=/usr/share/OVMF/OVMF_CODE_4M.fd
	[ -e $code ] || code=/usr/share/OVMF/OVMF_CODE.fd
	if [ -e $code ]; then
		LIMIT=120 boots "an ISO by UEFI" sh -c "$(tr -d '\\\n' <boot.sh) \
			-drive if=pflash,unit=0,format=raw,readonly=on,file=$code -m 256M"
	else
		skip "UEFI" "OVMF is missing"
	fi
else
	skip "ISO" "GRUB's modules are missing"
fi

# faults
exits 125 "a directory that is not there" run --image=no/such.elf ./hello
exits 125 "a kernel that is no ELF file" "$PILLION" run --kernel=./a.cpio --image=b.elf ./hello
like "$out" "not an ELF file" "... is refused"
exits 125 "a kernel without a note" "$PILLION" run --kernel=./hello --image=b.elf ./hello
like "$out" "no room for an archive" "... is refused"
head -c 5000 "$KERNEL" >short
exits 125 "a truncated kernel" "$PILLION" run --kernel=./short --image=b.elf ./hello
like "$out" "truncated" "... is refused"
mkdir full.elf
exits 125 "a directory in the way" run --image=full.elf ./hello
is "$(ls b.elf* full.elf.* 2>/dev/null)" "" "nothing is left behind"
(ulimit -f 1; run --image=c.elf ./hello >/dev/null 2>&1)
is "$(ls c.elf* 2>/dev/null)" "" "... nor by a limit on the size of files"
done_testing
