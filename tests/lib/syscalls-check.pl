#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# The list of system calls in include/pillion/syscalls.h, against the donor's own source.
#
#	syscalls-check.pl list HEADER			C text that refers to every function
#	syscalls-check.pl check HEADER EXCLUDED LINUX	TAP: the header and the list of what it leaves
#		out cover the donor's tables exactly; each function has as many arguments as the call
use strict;
use warnings;

my ($mode, $header, $excluded, $linux) = @ARGV;

sub slurp {
	my ($path) = @_;
	open my $f, '<', $path or die "$path: $!\n";
	local $/;
	return scalar <$f>;
}

# name => number of arguments
sub header_calls {
	my %calls;
	my $text = slurp($header);
	$calls{$2} = $1 while $text =~ /^PILLION_SYS(\d)\((\w+)[,)]/mg;
	return %calls;
}

if ($mode eq 'list') {
	my %calls = header_calls();
	for my $name (sort keys %calls) {
		print "#ifdef SYS_$name\nREF($name)\n#endif\n";
	}
	exit 0;
}

my %calls = header_calls();
my %out;
for (grep { !/^#/ } split /\n/, slurp($excluded)) {
	my (undef, @names) = split;
	$out{$_} = 1 for @names;
}

# The two instruction sets' tables: x86's own, and the generic one, which is 64-bit ARM's.
my %table;
for (split /\n/, slurp("$linux/arch/x86/entry/syscalls/syscall_64.tbl")) {
	$table{$1} = 1 if /^\d+\s+(?:common|64)\s+(\w+)/;
}
my $generic = slurp("$linux/include/uapi/asm-generic/unistd.h");
while ($generic =~ /^#define __NR(?:3264)?_(\w+)\s+\d+/mg) {
	my $name = $1;
	# 32-bit ARM's additions, and the wide calls' old names
	$table{$name} = 1 unless $name =~ /time64|_64$|^(arch_specific_syscall|syscalls|fcntl)$/;
}
$table{fcntl} = 1;
delete @table{qw(fstatat fadvise64_64 sync_file_range2)};
delete $table{$_} for grep { /_time32$/ } keys %table;

# Prototypes. A few calls are named otherwise, or have one prototype for each kind of CPU.
my %proto;
my $text = slurp("$linux/include/linux/syscalls.h");
while ($text =~ /asmlinkage\s+long\s+sys_(\w+)\(([^;]*)\);/g) {
	my ($name, $args) = ($1, $2);
	$args =~ s/\s+/ /g;
	$proto{$name}{ $args eq 'void' ? 0 : scalar(split /,/, $args) } = 1;
}
my %alias = (fstat => 'newfstat', stat => 'newstat', lstat => 'newlstat', uname => 'newuname',
	umount2 => 'umount', sendfile => 'sendfile64');

my @missing = grep { !$calls{$_} && !exists $calls{$_} && !$out{$_} } sort keys %table;
my @unknown = grep { !$table{$_} } sort(keys %calls, keys %out);
my @both = grep { exists $calls{$_} } sort keys %out;
my @wrong = grep {
	my $p = $proto{ $alias{$_} // $_ };
	!$p || !$p->{ $calls{$_} };
} sort keys %calls;

my $n = 0;
sub ok {
	my ($what, @bad) = @_;
	printf "%sok %d - %s\n", @bad ? 'not ' : '', ++$n, $what;
	print "# $_\n" for @bad;
}
print "1..4\n";
ok('every system call of the donor is in the header or left out with a reason', @missing);
ok('nothing is in the header that the donor does not have', @unknown);
ok('nothing is both there and left out', @both);
ok('the number of arguments is the donor\'s', @wrong);
exit 0;
