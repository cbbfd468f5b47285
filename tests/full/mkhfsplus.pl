#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# mkhfsplus.pl IMAGE: an empty HFS+ volume over the whole of an existing file, from Apple's
# Technical Note 1150 ("HFS Plus Volume Format"), because Debian has no mkfs for it. Blocks of 4096
# bytes; one node of the catalog is in use, with the root folder and its thread; no journal, no
# attributes.
use strict;
use warnings;

my $BLOCK = 4096;
my $NODES_EXTENTS = 16;
my $NODES_CATALOG = 64;
my $NAME = 'Pillion';

my $image = shift or die "usage: mkhfsplus.pl IMAGE\n";
my $blocks = int((-s $image) / $BLOCK);
die "mkhfsplus.pl: $image is too small or too large\n" if $blocks < 256 || $blocks > $BLOCK * 8;
my $now = time + 2082844800;		# seconds since 1904

my $at_bitmap = 1;
my $at_extents = $at_bitmap + 1;
my $at_catalog = $at_extents + $NODES_EXTENTS;
my $first_free = $at_catalog + $NODES_CATALOG;

sub fork_data {
	my ($start, $count) = @_;
	return pack 'Q>NN NN x56', $count * $BLOCK, $count * $BLOCK, $count, $start, $count;
}

# The first node of a B-tree: header, user data, map of the nodes in use.
sub header_node {
	my ($depth, $root, $records, $key_max, $nodes, $used, $attributes) = @_;
	my $node = pack 'NNcCnn', 0, 0, 1, 0, 3, 0;
	$node .= pack 'nNNNNnnNNnNCCN x64', $depth, $root, $records, $root, $root, $BLOCK, $key_max,
	    $nodes, $nodes - $used, 0, $nodes * $BLOCK, 0, 0, $attributes;
	$node .= "\0" x 128;
	my $map = pack 'C', (0xff << (8 - $used)) & 0xff;
	$node .= $map . "\0" x ($BLOCK - 248 - 8 - length $map);
	return $node . pack 'nnnn', $BLOCK - 8, 248, 120, 14;
}

sub name { return pack 'n n*', length $_[0], unpack 'C*', $_[0] }

sub key {
	my ($parent, $name) = @_;
	return pack('nN', 6 + 2 * length $name, $parent) . name($name);
}

my $folder = key(1, $NAME) . pack 'nnNN N5 NNCCnN x16 x16 NN', 1, 0, 0, 2, ($now) x 4, 0,
    0, 0, 0, 0, 040755, 0, 0, 0;
my $thread = key(2, '') . pack('nnN', 3, 0, 1) . name($NAME);
my $leaf = pack('NNcCnn', 0, 0, -1, 1, 2, 0) . $folder . $thread;
my @offsets = (14 + length($folder) + length($thread), 14 + length $folder, 14);
$leaf .= "\0" x ($BLOCK - length($leaf) - 6) . pack 'n3', @offsets;

my $header = pack 'a2 n N a4 N N4 NN NNN N NN N N Q> x32', 'H+', 4, 0x100, '10.0', 0, ($now) x 2, 0,
    $now, 0, 0, $BLOCK, $blocks, $blocks - $first_free - 1, $first_free, $BLOCK, $BLOCK, 16, 0, 1;
$header .= fork_data($at_bitmap, 1) . fork_data($at_extents, $NODES_EXTENTS) .
    fork_data($at_catalog, $NODES_CATALOG) . "\0" x 160;

my $bits = '1' x $first_free . '0' x ($blocks - $first_free - 1) . '1';
my $bitmap = pack 'B*', $bits;

open my $f, '+<', $image or die "mkhfsplus.pl: $image: $!\n";
binmode $f;
sub put {
	my ($offset, $data) = @_;
	seek $f, $offset, 0 or die "mkhfsplus.pl: $image: $!\n";
	print $f $data or die "mkhfsplus.pl: $image: $!\n";
}
put(1024, $header);
put($blocks * $BLOCK - 1024, $header);
put($at_bitmap * $BLOCK, $bitmap);
put($at_extents * $BLOCK, header_node(0, 0, 0, 10, $NODES_EXTENTS, 1, 2));
put($at_catalog * $BLOCK, header_node(1, 1, 2, 516, $NODES_CATALOG, 2, 6));
put(($at_catalog + 1) * $BLOCK, $leaf);
close $f or die "mkhfsplus.pl: $image: $!\n";
