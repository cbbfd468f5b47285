#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# What pillion run --image writes boots from a CD, a USB stick and a disk, by BIOS and by UEFI, and
# the program runs; the machine switches itself off.
# shellcheck source=tests/boot/lib.sh disable=SC2154
. "$(dirname "$0")/lib.sh"
need grub-mkrescue grub-common
need xorriso xorriso
have mformat || skip_all "mformat is missing (Debian package mtools)"

run --image=p.iso "$busybox" sh -c 'read -r name rest </proc/version; echo "$name, $*"; exit 5' \
	sh a b
ok "an ISO image" || done_testing

# The program's line, and its status by the exit device; or power off.
boots() { # NAME ARGS...
	local name=$1
	shift
	machine -serial stdio "${exit_device[@]}" "$@"
	[ $? = 11 ] && grep -q '^Linux, a b$' out
	ok "$name" || show
}

export LIMIT=180
cd=(-blockdev "driver=file,node-name=f,filename=p.iso,read-only=on" -device "ide-cd,drive=f")
stick=(-blockdev "driver=file,node-name=f,filename=p.iso,read-only=on")
disk=(-blockdev "driver=file,node-name=f,filename=p.iso")
usb=(-device "usb-storage,drive=f,removable=on")
boots "BIOS, a CD" -machine pc "${cd[@]}"
boots "BIOS, a CD, q35" -machine q35 "${cd[@]}"
boots "BIOS, a USB stick by xHCI" -machine q35 "${stick[@]}" -device qemu-xhci "${usb[@]}"
boots "BIOS, a USB stick by EHCI" -machine pc "${stick[@]}" -device usb-ehci "${usb[@]}"
boots "BIOS, an IDE disk" -machine pc "${disk[@]}" -device "ide-hd,drive=f"
if [ -n "$firmware" ]; then
	pflash=(-drive "if=pflash,unit=0,format=raw,readonly=on,file=$firmware")
	boots "UEFI, a CD" -machine q35 "${pflash[@]}" "${cd[@]}"
	boots "UEFI, a USB stick" -machine q35 "${pflash[@]}" "${stick[@]}" -device qemu-xhci \
		"${usb[@]}"
	boots "UEFI, a SATA disk" -machine q35 "${pflash[@]}" "${disk[@]}" \
		-device "ide-hd,drive=f"
else
	skip "UEFI" "no OVMF firmware (Debian package ovmf)"
fi

# Without the exit device, as on a real machine.
for machine in pc q35; do
	machine -machine $machine -serial stdio "${cd[@]}"
	[ $? = 0 ] && grep -q '^Linux, a b$' out
	ok "$machine switches itself off" || show
done
done_testing
