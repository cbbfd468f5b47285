#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# Rule 5: no #if on the CPU or the board in portable folders; such differences live in cpu/<isa> and
# board/<name>.
use strict;
use warnings;
use FindBin;
use File::Find;
use File::Temp 'tempdir';
use Test::More;

my $root = "$FindBin::Bin/../..";
my @folders = grep { -d "$root/$_" }
    qw(include libpillion platform donor/linux/arch nucleus tools examples bench);

# Names of compilers, kernels and boards for what a machine is.
my $machine = qr/__(?:x86_64|amd64|i[3-6]86|aarch64|arm|thumb|riscv|powerpc\w*|mips\w*|s390x?|
    ARM_\w+)(?:__)?\b|
    \b_M_(?:X64|IX86|ARM\w*)\b|\bCONFIG_(?:PILLION_(?:X86_64|AARCH64|ARM)|X86\w*|ARM\w*)\b|
    \b(?:BOARD|CPU)_[A-Z]\w*\b|\bISA_\w+\b/x;

# "file:line: text" for each conditional that looks at the machine.
sub conditionals {
	my ($dir) = @_;
	my @found;
	find({ no_chdir => 1, wanted => sub {
		return unless -f && /\.[chS]$/ && !m{/(?:cpu|board)/};
		open my $f, '<', $_ or die "$_: $!\n";
		while (my $line = <$f>) {
			# A continued line belongs to its directive.
			$line .= <$f> while $line =~ s/\\\n$/ / && !eof $f;
			push @found, "$_:$.: $line"
			    if $line =~ /^\s*#\s*(?:el)?if/ && $line =~ $machine;
		}
	} }, $dir);
	return @found;
}

is_deeply([conditionals("$root/$_")], [], "$_ has no #if on the machine") for @folders;
cmp_ok(scalar @folders, '>=', 4, 'there are portable folders');

# Same-named files in each cpu folder, as the layout says.
for my $cpus (grep { -d } "$root/donor/linux/arch/cpu", "$root/platform/posix/cpu", "$root/cpu") {
	my %names;
	for my $isa (glob "$cpus/*") {
		my $dir = $isa;
		my $files = join ' ', sort map { s{.*/}{}r } grep { -f && /\.[cS]$/ } glob "$dir/*";
		push @{$names{$files}}, $isa;
	}
	my $name = $cpus =~ s{^\Q$root\E/}{}r;
	is(scalar keys %names, 1, "the same file names in each folder of $name")
	    or diag explain \%names;
}

my $dir = tempdir(CLEANUP => 1);
mkdir "$dir/cpu";
for ('bad.c', 'cpu/good.c') {
	open my $f, '>', "$dir/$_" or die;
	print $f "int a;\n# if defined(FOO) && \\\n    defined(__aarch64__)\nint b;\n#endif\n";
	close $f;
}
is(scalar conditionals($dir), 1, 'a conditional on the CPU is noticed, and only outside cpu/');
done_testing();
