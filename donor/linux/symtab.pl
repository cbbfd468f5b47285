#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
#
# The donor's symbol table for backtraces: reads `nm -n` of the object on standard input, writes
# assembly on standard output: pillion_symtab_count, pillion_symtab (offset from _stext, name),
# pillion_symtab_names. Only functions in .text.
use strict;
use warnings;

my (@syms, $base);
while (<STDIN>) {
	my ($addr, $type, $name) = /^([0-9a-f]+) ([tT]) (\S+)$/ or next;
	$base = hex $addr if $name eq '_stext';
	next if $name =~ /^(_stext|_text|_etext|_sinittext|_einittext|\$[xd].*|\.L.*|__pfx_.*)$/;
	push @syms, [hex $addr, $name];
}
defined $base or die "symtab.pl: no _stext in the input\n";
@syms = sort { $a->[0] <=> $b->[0] || $a->[1] cmp $b->[1] } @syms;
my (@out, $last);
for (@syms) {
	next if defined $last && $_->[0] == $last;	# aliases: the first name will do
	push @out, $_;
	$last = $_->[0];
}

# Every 16th name is whole and has its place in pillion_symtab_index; the others say how many
# characters they share with the one before. Neighbours are from the same file, so that this
# nearly halves the table.
my ($pos, $prev, $names, $index) = (0, '', '', '');
print "\t.section .rodata, \"a\"\n\t.balign 4\n";
printf "\t.global pillion_symtab_count\npillion_symtab_count:\n\t.long %d\n", scalar @out;
print "\t.global pillion_symtab\npillion_symtab:\n";
for my $i (0 .. $#out) {
	my ($addr, $name) = @{$out[$i]};
	my $shared = 0;
	if ($i % 16) {
		$shared++ while $shared < 255 && $shared < length($name) && $shared < length($prev) &&
		    substr($name, $shared, 1) eq substr($prev, $shared, 1);
	} else {
		$index .= "\t.long $pos\n";
	}
	my $rest = substr($name, $shared);
	printf "\t.long %d\n", $addr - $base;
	$names .= "\t.byte $shared\n\t.asciz \"$rest\"\n";
	$pos += length($rest) + 2;
	$prev = $name;
}
print "\t.global pillion_symtab_index\npillion_symtab_index:\n$index";
print "\t.global pillion_symtab_names\npillion_symtab_names:\n$names";
print "\t.section .note.GNU-stack, \"\", %progbits\n";
