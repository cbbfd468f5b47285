#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# Rule 2, only hypercalls: what donor.o leaves undefined is in the contract's headers or one of the
# compiler's helpers; what it defines globally are the documented upcalls; and a configuration asks
# for nothing that it has no use for. Environment: DONOR_O, DONOR_CONFIG (its .config), NM, CC.
use strict;
use warnings;
use FindBin;
use File::Temp 'tempdir';
use Test::More;
use lib $FindBin::Bin;
use Contract qw(functions undefined_of globals_of slurp);

my $root = "$FindBin::Bin/../..";
my $nm = $ENV{NM} || 'nm';
my $cc = $ENV{CC} || 'gcc';
my $object = $ENV{DONOR_O} or die "DONOR_O names the donor's object\n";
my $config = slurp($ENV{DONOR_CONFIG} || die "DONOR_CONFIG names its configuration\n");
my ($hyper, $up) = functions("$root/include/rump");

# What a compiler may call without being asked, and C's own.
my %helper = map { $_ => 1 } qw(memcpy memmove memset memcmp strlen _GLOBAL_OFFSET_TABLE_
    __divdi3 __moddi3 __udivdi3 __umoddi3 __divmoddi4 __udivmoddi4 __muldi3 __ashldi3 __ashrdi3
    __lshrdi3 __clzsi2 __clzdi2 __ctzsi2 __ctzdi2 __popcountdi2
    __aeabi_idiv __aeabi_uidiv __aeabi_idivmod __aeabi_uidivmod __aeabi_ldivmod __aeabi_uldivmod
    __aeabi_llsl __aeabi_lasr __aeabi_llsr __aeabi_lmul);

# Hypercalls that only a configuration with the option may ask for.
my @only_for = (
	[qr/^rumpcomp_pci_|^rumpext_(mmio|pio|msi|irq)_/, 'CONFIG_PCI'],
	[qr/^rumpext_platdev$/, 'CONFIG_VIRTIO_MMIO'],
	[qr/^rumpcomp_virt_|^rumpext_virtif_/, 'CONFIG_NET'],
	[qr/^rumpext_(?:user|space)_/, 'CONFIG_PILLION_PROGRAMS'],
	[qr/^rumpext_(?:biov|blk\w+)$|^rumpuser_(?:open|close|bio)$/, 'CONFIG_BLOCK'],
);

sub strangers { return grep { !$hyper->{$_} && !$helper{$_} } undefined_of($nm, $_[0]) }
sub undocumented { return grep { !$up->{$_} } globals_of($nm, $_[0]) }
sub unused {
	my ($object, $config) = @_;
	my @bad;
	for my $name (undefined_of($nm, $object)) {
		for (@only_for) {
			my ($names, $option) = @$_;
			push @bad, "$name without $option"
			    if $name =~ $names && $config !~ /^$option=y$/m;
		}
	}
	return @bad;
}

cmp_ok(scalar keys %$hyper, '>', 40, 'the headers declare the contract');
is_deeply([strangers($object)], [], 'the object needs hypercalls only');
is_deeply([undocumented($object)], [], 'the object defines documented upcalls only');
is_deeply([unused($object, $config)], [], 'no hypercall is asked for without a use');
my @exports = grep { /\S/ } split /\n/, slurp("$root/donor/linux/exports.txt");
is_deeply([grep { !$up->{$_} } @exports], [], 'every name to be exported is in the headers');

# The checks themselves, on an object that breaks each of them.
my $dir = tempdir(CLEANUP => 1);
open my $f, '>', "$dir/bad.c" or die;
print $f <<'C';
void rumpuser_exit(int);
int printf(const char *, ...);
int rumpcomp_pci_iospace_init(void);
void leak(void);
void leak(void) { printf("x%d", 1); rumpuser_exit(rumpcomp_pci_iospace_init()); }
C
close $f;
system("$cc -c -o $dir/bad.o $dir/bad.c") == 0 or die;
is_deeply([strangers("$dir/bad.o")], ['printf'], 'a call of the host is noticed');
is_deeply([undocumented("$dir/bad.o")], ['leak'], 'another exported name is noticed');
is_deeply([unused("$dir/bad.o", "# CONFIG_PCI is not set\n")],
    ['rumpcomp_pci_iospace_init without CONFIG_PCI'], 'a hypercall without a use is noticed');
done_testing();
