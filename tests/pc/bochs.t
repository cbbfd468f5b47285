#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The nucleus on Bochs, which has what QEMU's TCG has not: PCIDs, the rules for their registers,
# and a local APIC and protection (SMEP, SMAP, UMIP) written by others. Its TLB has no numbers:
# tlb.t is about that.
# shellcheck source=tests/pc/lib.sh
. "$(dirname "$0")/lib.sh"
have bochs-bin grub-mkrescue xorriso || skip_all "missing: bochs, grub-mkrescue or xorriso"
bios=/usr/share/bochs/BIOS-bochs-latest
screen=/usr/share/bochs/VGABIOS-lgpl-latest
[[ -f $bios && -f $screen ]] || skip_all "missing: Debian's bochsbios or vgabios"
ls /usr/lib/*/bochs/plugins/libbx_term_gui.so >/dev/null 2>&1 ||
	skip_all "missing: a Bochs without a window (Debian package bochs-term)"
native=${image%nucleus-test}native-test

# What the machine says goes to out. Power off ends Bochs: there is no other status. Its screen is
# that of a terminal, which nobody looks at; this Bochs has a debugger, which is told to go on.
bochs() { # MODEL CPUS IMAGE COMMAND-LINE
	rm -rf cd serial bochs.log
	mkdir -p cd/boot/grub
	cp "$3" cd/boot/nucleus
	printf 'set timeout=0\nmultiboot2 /boot/nucleus %s\nboot\n' "$4" >cd/boot/grub/grub.cfg
	grub-mkrescue -o cd.iso cd >mkrescue.log 2>&1 || return
	cat >bochsrc <<-END
		config_interface: textconfig
		display_library: term
		cpu: model=$1, count=$2, ips=50000000, ignore_bad_msrs=0, reset_on_triple_fault=0
		memory: guest=128, host=128
		romimage: file=$bios
		vgaromimage: file=$screen
		vga: extension=none
		boot: cdrom
		ata0-master: type=cdrom, path=cd.iso, status=inserted
		com1: enabled=1, mode=file, dev=serial
		log: bochs.log
		panic: action=fatal
		error: action=ignore
		info: action=ignore
		debug: action=ignore
	END
	echo continue >commands
	TERM=vt100 timeout -k 5 120 bochs-bin -q -f bochsrc -rc commands </dev/null >/dev/null 2>&1
	tr -d '\r' <serial >out
	tail -n 1 bochs.log >qemu.err
	grep -q 'soft power off' qemu.err
}
# shellcheck disable=SC2034 # for group
status_good=0

model=corei7_icelake_u
for name in tables user; do
	bochs "$model" 1 "$image" "test=$name log=error"
	group "$name"
done
bochs "$model" 2 "$image" "test=cpus log=error"
group "two CPUs"
for name in process ipc; do
	bochs "$model" 1 "$native" "init=$name log=error"
	group "native processes: $name"
done
done_testing
