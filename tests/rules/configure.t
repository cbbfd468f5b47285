#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# donor/linux/configure: what the fragments ask for and the configuration does not have is named.
use strict;
use warnings;
use FindBin;
use File::Temp 'tempdir';
use Test::More;

my $configure = "$FindBin::Bin/../../donor/linux/configure";
my $dir = tempdir(CLEANUP => 1);

# What configure has to say, and whether it succeeds.
sub check {
	my %text = (wanted => shift, config => shift);
	for my $name (keys %text) {
		open my $f, '>', "$dir/$name" or die "$name: $!\n";
		print $f $text{$name};
		close $f;
	}
	my $said = `$configure check $dir/wanted $dir/config 2>&1`;
	return ($? == 0, $said);
}

sub accepted {
	my ($wanted, $config, $name) = @_;
	my ($good, $said) = check($wanted, $config);
	ok($good, $name) or diag($said);
}

sub refused {
	my ($wanted, $config, $option, $name) = @_;
	my ($good, $said) = check($wanted, $config);
	ok(!$good && $said =~ /^\Q$option\E$/m, $name) or diag($said);
}

my $a = "CONFIG_A=y\n";
my $not_a = "# CONFIG_A is not set\n";
accepted($a, $a, 'an option that is there');
refused($a, '', 'CONFIG_A=y', 'one that is not');
refused($a, $not_a, 'CONFIG_A=y', 'one that says it is not set');
accepted($not_a, $not_a, 'an option that is not wanted and not set');
accepted($not_a, '', 'nor known');
refused($not_a, $a, 'CONFIG_A=n', 'an option that is not wanted and set');
accepted("CONFIG_B=\"x=y z\"\n", "CONFIG_B=\"x=y z\"\n", 'a text');
refused("CONFIG_B=17\n", "CONFIG_B=170\n", 'CONFIG_B=17', 'another number');
accepted($not_a . $a, $a, 'of two wishes the later');
refused($a . $not_a, $a, 'CONFIG_A=n', 'holds');
accepted("# A comment about CONFIG_A\n", $a, 'a comment asks for nothing');
done_testing();
