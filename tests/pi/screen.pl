#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
# screen.pl FONT.C <SCREEN.PPM: the text on a screen, read by the glyphs of the font.
use strict;
use warnings;

my ($width, $height) = (8, 16);		# of a cell: 5 by 7 dots, each row twice, from line 1
my (%char, $next);
open my $font, '<', $ARGV[0] or die "$ARGV[0]: $!\n";
while (<$font>) {
	next unless /^\t\{ ((?:0x\w\w, ){6}0x\w\w) \},/;
	$char{join ' ', map { hex } split /, /, $1} //= chr(32 + $next++);
}
binmode STDIN;
local $/;
my ($columns, $lines, $pixels) = <STDIN> =~ /^P6\s+(\d+)\s+(\d+)\s+255\s(.*)$/s or die "no PPM\n";

sub lit {
	my ($x, $y) = @_;
	return ord(substr $pixels, ($y * $columns + $x) * 3, 1) > 64 ? 1 : 0;
}

for my $row (0 .. $lines / $height - 1) {
	my $text = '';
	for my $column (0 .. $columns / $width - 1) {
		my @dots = map {
			my $y = $row * $height + 1 + 2 * $_;
			my $bits = 0;
			$bits = $bits << 1 | lit($column * $width + $_, $y) for 1 .. 5;
			$bits;
		} 0 .. 6;
		$text .= $char{"@dots"} // '#';
	}
	$text =~ s/ +$//;
	print "$text\n";
}
