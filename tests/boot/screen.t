#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# A PC without a serial port: a program on the screen, in VGA's text mode (as QEMU's own loader
# leaves it) and on the framebuffer that GRUB finds with BIOS and UEFI; with what is typed on the
# keyboard.
# shellcheck source=tests/boot/lib.sh disable=SC2154
. "$(dirname "$0")/lib.sh"
need grub-mkrescue grub-common
need xorriso xorriso
have mformat || skip_all "mformat is missing (Debian package mtools)"

program=("$busybox" sh -c
	'echo "ready: abcabc"; read -r a; echo "got $a."; read -r b; [ "$b" = q ] && exit 6')
run --image=p.elf "${program[@]}" && run --image=p.iso "${program[@]}"
ok "images" || done_testing
cd=(-blockdev "driver=file,node-name=f,filename=p.iso,read-only=on" -device "ide-cd,drive=f")
none=(-serial none -parallel none -device VGA "${exit_device[@]}")

# What is in VGA's text memory.
text_has() { # TEXT
	rm -f vga
	tell pmemsave 0xb8000 4000 vga
	sleep 0.3
	[ -s vga ] && perl -e 'local $/; my @c = unpack("(Cx)*", <STDIN>);
		exit !(index(join("", map chr, @c), $ARGV[0]) >= 0)' "$1" <vga
}

type_keys() {
	for key; do
		tell sendkey "$key"
		sleep 0.1
	done
}

export LIMIT=200
start_machine -machine pc "${none[@]}" -kernel p.elf
wait_for 15 text_has "ready: abcabc"
ok "the program is on VGA's text screen" || show
type_keys h e x backspace y shift-w ret
wait_for 6 text_has "got heyW."
ok "... it gets what is typed" || show
type_keys q ret
end_machine
is "$?" 13 "... and ends"

# The cells of the framebuffer, each a letter of the text's alphabet by its picture: the same
# picture, the same letter. Lines are printed as such letters, in the order of their coming.
cat >cells <<'END'
local $/;
open my $f, '<', $ARGV[0] or exit 1;
my ($w, $h, $data) = <$f> =~ /^P6\s+(\d+) (\d+)\s+255\s(.*)$/s or exit 1;
my (%letter, $next) = ("\0" x 128 => ' ');
for my $y (0 .. int($h / 16) - 1) {
	my $line = '';
	for my $x (0 .. int($w / 8) - 1) {
		my $cell = '';
		for my $row (0 .. 15) {
			my $at = (($y * 16 + $row) * $w + $x * 8) * 3;
			$cell .= ord(substr $data, $at + $_ * 3, 1) > 64 ? "\1" : "\0" for 0 .. 7;
		}
		$letter{$cell} //= chr(97 + $next++ % 26);
		$line .= $letter{$cell};
	}
	$line =~ s/ +$//;
	print "$line\n";
}
END
screen_has() { # PATTERN of Perl, on one line
	rm -f shot
	tell screendump shot
	sleep 0.5
	perl cells shot >lines 2>/dev/null && grep -qP "$1" lines
}
ready='^(\S)(\S)(\S)(\S)(\S)(\S) (\S)(\S)(\S)\7\8\9$' # "ready: abcabc"

framebuffer() { # NAME ARGS...
	local name=$1
	shift
	start_machine "${none[@]}" "${cd[@]}" "$@"
	wait_for 12 screen_has "$ready"
	ok "$name: the program is on the framebuffer" || show
	type_keys x y ret
	wait_for 6 screen_has '^(\S)(\S)(\S) (\S)(\S)(\S)$' # "got xy."
	ok "... it gets what is typed" || { sed 's/^/# /' lines | grep . | tail -20; }
	type_keys q ret
	end_machine
	is "$?" 13 "... and ends"
}
framebuffer "BIOS" -machine pc
if [ -n "$firmware" ]; then
	framebuffer "UEFI" -machine q35 \
		-drive "if=pflash,unit=0,format=raw,readonly=on,file=$firmware"
else
	skip "UEFI" "no OVMF firmware (Debian package ovmf)"
fi
done_testing
