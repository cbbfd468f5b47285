#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# The symbol table for backtraces (nucleus/panic.c): reads nm's output for an image, writes an
# assembler file. Functions only, each address once. Without input the table is empty: for the
# first link. Of what lies from symbol FROM to symbol TO only FROM is in the table: for a part of
# the image that has a table of its own.
#
#	nm -n IMAGE | symtab.pl [FROM TO] > symbols.S
use strict;
use warnings;
no warnings 'portable';	# 64-bit numbers

my ($from, $to) = @ARGV;
my ($start, %name, %bound);
while (<STDIN>) {
	my ($addr, $type, $name) = /^([0-9a-f]+) (\w) (\S+)$/ or next;
	$start = hex $addr if $name eq 'image_start';
	$bound{$name} //= hex $addr if defined $to && ($name eq $from || $name eq $to);
	next unless $type =~ /^[tTwW]$/ && $name !~ /^\.L|^image_(?:start|end|text|rodata)/;
	# Of several names the shortest, which is the function itself and not a part of it.
	my $old = $name{hex $addr};
	$name{hex $addr} = $name if !defined $old || length $name < length $old;
}
if (defined $to && defined $bound{$from} && defined $bound{$to}) {
	delete @name{grep { $_ >= $bound{$from} && $_ < $bound{$to} } keys %name};
	$name{$bound{$from}} = $from;
}
my @addr = sort { $a <=> $b } keys %name;
my $offset = 0;

print "\t.section .symbols, \"a\"\n\t.p2align 2\n",
    "\t.globl symbol_count, symbol_address, symbol_offset, symbol_names\n";
print "symbol_count:\t.long ", scalar @addr, "\nsymbol_address:\n";
printf "\t.long %#x\n", $_ - $start for @addr;
print "symbol_offset:\n";
for (@addr) {
	print "\t.long $offset\n";
	$offset += length($name{$_}) + 1;
}
print "symbol_names:\n";
print "\t.asciz \"$name{$_}\"\n" for @addr;
print "\t.section .note.GNU-stack, \"\", \@progbits\n";
