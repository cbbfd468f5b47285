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
my ($pos, $names) = (0, '');
print "\t.section .rodata, \"a\"\n\t.balign 4\n";
printf "\t.global pillion_symtab_count\npillion_symtab_count:\n\t.long %d\n", scalar @out;
print "\t.global pillion_symtab\npillion_symtab:\n";
for (@out) {
	printf "\t.long %d, %d\n", $_->[0] - $base, $pos;
	$names .= "\t.asciz \"$_->[1]\"\n";
	$pos += length($_->[1]) + 1;
}
print "\t.global pillion_symtab_names\npillion_symtab_names:\n$names";
print "\t.section .note.GNU-stack, \"\", %progbits\n";
