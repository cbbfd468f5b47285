#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
#
# syscall-names.pl TABLE SOURCES...: from __SYSCALL(nr, sym) lines, and the prototypes of
# <linux/syscalls.h>, entries "[nr] = { name, number of arguments }".
use strict;
use warnings;

my $table = shift;
my %args;
for my $file (@ARGV) {
	open my $f, '<', $file or die "$file: $!\n";
	local $/;
	my $text = <$f>;
	while ($text =~ /asmlinkage\s+\w+\s+sys_(\w+)\s*\(([^)]*)\)/g) {
		my ($name, $list) = ($1, $2);
		$args{$name} = $list =~ /^\s*(void)?\s*$/ ? 0 : 1 + ($list =~ tr/,//);
	}
	while ($text =~ /SYSCALL_DEFINE(\d)\((\w+)/g) {
		$args{$2} = $1;
	}
}
open my $t, '<', $table or die "$table: $!\n";
while (<$t>) {
	next unless /__SYSCALL\w*\((\w+),\s*sys_(\w+)/;
	next if $2 eq 'ni_syscall';
	my ($nr, $sym) = ($1, $2);
	(my $name = $sym) =~ s/^(?:new(?=(?:stat|fstat|lstat|uname)$))//;
	printf "[%s] = { \"%s\", %d },\n", $nr, $name, $args{$sym} // 6;
}
