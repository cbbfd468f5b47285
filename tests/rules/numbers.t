#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# Rule 4, native ABI, the numbers: the entry that the object's system-call table has at each number
# of <asm/unistd.h>, as the compiler for this instruction set finds it, is the one that Linux has
# there: the function which the donor's own table names, or "not implemented". Environment: DONOR_O,
# LINUX_TREE, CC, NM, READELF, ISA.
use strict;
use warnings;
use Cwd 'abs_path';
use File::Temp 'tempdir';
use FindBin;
use Test::More;
use lib $FindBin::Bin;
use Contract 'slurp';

my ($cc, $nm, $readelf) = ($ENV{CC} || 'gcc', $ENV{NM} || 'nm', $ENV{READELF} || 'readelf');
my ($object, $tree, $isa) = @ENV{qw(DONOR_O LINUX_TREE ISA)};
$isa ||= 'x86_64';
$tree = abs_path($tree);

# name => number, of the installed headers
sub host_numbers {
	my %nr;
	for (`echo '#include <asm/unistd.h>' | $cc -E -dM -`) {
		$nr{$1} = $2 if /^#define __NR_(\w+) (\d+)$/;
		$nr{$1} = $nr{$2} // "=$2" if /^#define __NR_(\w+) __NR(?:3264)?_(\w+)$/;
	}
	# The generic header gives some of them by way of another name.
	for my $name (grep { $nr{$_} =~ /^=/ } keys %nr) {
		my ($line) = grep { /^#define __NR3264_\Q$name\E (\d+)$/ }
		    `echo '#include <asm/unistd.h>' | $cc -E -dM -`;
		$line && $line =~ /(\d+)$/ ? ($nr{$name} = $1) : delete $nr{$name};
	}
	delete @nr{qw(arch_specific_syscall syscalls)};
	return \%nr;
}

# number => function, of the donor's own tables
sub donor_entries {
	my %entry;
	if ($isa eq 'x86_64') {
		for (split /\n/, slurp("$tree/arch/x86/entry/syscalls/syscall_64.tbl")) {
			$entry{$1} = $3 if /^(\d+)\s+(?:common|64)\s+(\w+)\s+(\w+)/;
		}
		return \%entry;
	}
	my $wants = join '', map { "#define __ARCH_WANT_$_\n" }
	    qw(RENAMEAT NEW_STAT SET_GET_RLIMIT TIME32_SYSCALLS SYS_CLONE3 MEMFD_SECRET);
	my $dir = tempdir(CLEANUP => 1);
	open my $f, q(>), "$dir/numbers.c" or die;
	print $f "${wants}#define __BITS_PER_LONG 64\n#define __SYSCALL(nr, fn) ENTRY nr fn\n",
	    "#include \"$tree/include/uapi/asm-generic/unistd.h\"\n";
	close $f;
	for (`$cc -E -P -I$tree/arch/arm64/include/uapi -I$tree/include/uapi $dir/numbers.c`) {
		$entry{$1} = $2 while /ENTRY (\d+) (\w+)/g;
	}
	return \%entry;
}

# number => [names of the function there], and the functions by name
sub object_entries {
	my ($size, %names, %address, %at, $base) = (8);
	for (`$nm $object`) {
		my ($addr, $type, $name) = /^([0-9a-f]+) (\w) (\S+)$/ or next;
		$base = hex $addr if $name eq 'sys_call_table';
		next unless $type =~ /[tTwW]/;
		push @{$names{hex $addr}}, $name;
		$address{$name} = hex $addr;
	}
	defined $base or die "no sys_call_table in $object\n";
	my $in;
	for (`$readelf -rW $object`) {
		$in = /\.data\.rel\.ro'/ if /^Relocation section/;
		next unless $in &&
		    /^([0-9a-f]+)\s+\S+\s+R_\w+\s+([0-9a-f]+)\s+\S+(?: \+ ([0-9a-f]+))?/;
		my ($off, $target) = (hex $1, hex($2) + hex($3 // 0));
		$at{($off - $base) / $size} = $names{$target}
		    if $off >= $base && $off < $base + 600 * $size;
	}
	return (\%at, \%address);
}

my $host = host_numbers();
my $want = donor_entries();
my ($have, $address) = object_entries();
cmp_ok(scalar keys %$host, '>', 250, 'the installed headers have numbers');
cmp_ok(scalar keys %$want, '>', 250, 'the donor has a table');

my (@wrong, $implemented, $absent);
for my $name (sort { $host->{$a} <=> $host->{$b} } keys %$host) {
	my $nr = $host->{$name};
	my %is = map { $_ => 1 } @{$have->{$nr} || []};
	if ($is{sys_ni_syscall} || !%is) {
		$absent++;
		next;
	}
	my $fn = $want->{$nr};
	next unless defined $fn;	# the headers are newer than the donor
	my @alike = ($fn, "__se_$fn", "pillion_$fn");	# the last: the port stands before it
	if (grep { $is{$_} } @alike) {
		$implemented++;
	} else {
		push @wrong, "$nr ($name): want $fn, have @{$have->{$nr}}";
	}
	# And the name belongs to the function, so that a table shifted by one cannot pass.
	my $core = $name =~ s/^(?:new|old)//r;
	push @wrong, "$nr: $name is $fn"
	    unless index($fn, substr($core, 0, 4)) >= 0 || $fn =~ /mmap|stat|newuname|umount/;
}
is_deeply(\@wrong, [], 'each number is the function that Linux has there');
$absent //= 0;
cmp_ok($implemented, '>', 230, "most are implemented ($implemented, and $absent are not)");
is($host->{getpid}, $isa eq 'x86_64' ? 39 : 172, 'getpid has the number of this instruction set');
done_testing();
