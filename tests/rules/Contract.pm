# SPDX-License-Identifier: BSD-2-Clause
#
# The hypercall contract as the tests read it: function names from include/rump/*.h, and the symbols
# of an object.
package Contract;
use strict;
use warnings;
use Exporter 'import';
our @EXPORT_OK = qw(functions undefined_of globals_of slurp);

sub slurp {
	my ($file) = @_;
	open my $f, '<', $file or die "$file: $!\n";
	local $/;
	return scalar <$f>;
}

# (hypercalls, upcalls): names declared in the headers. The donor's upcalls are rump_*, and
# rumpuser_component_* is for platforms only.
sub functions {
	my ($dir) = @_;
	my (%hyper, %up);
	for my $file (glob "$dir/*.h") {
		my $text = slurp($file);
		$text =~ s{/\*.*?\*/}{}gs;
		next if $file =~ /rumpuser_component/;
		while ($text =~ /\b(rump[a-z]*_\w+)\s*\(/g) {
			my $name = $1;
			if ($name =~ /^rump_/) { $up{$name} = 1 } else { $hyper{$name} = 1 }
		}
	}
	return (\%hyper, \%up);
}

sub undefined_of {
	my ($nm, $object) = @_;
	return map { /\bU (\S+)/ ? $1 : () } `$nm -u $object`;
}

sub globals_of {
	my ($nm, $object) = @_;
	return map { /^[0-9a-f]* \w (\S+)/ ? $1 : () } `$nm -g --defined-only $object`;
}

1;
