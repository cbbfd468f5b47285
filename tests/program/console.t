#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# Around a program: its status, its controlling terminal, tracing. Environment: PG_HOST, PG_ARCHIVE.
use strict;
use warnings;
use Test::More;

my ($host, $archive) = @ENV{qw(PG_HOST PG_ARCHIVE)};
die "PG_HOST and PG_ARCHIVE name the host and its archive\n" unless $host && $archive;

# Run the host; returns what it printed and its exit status. input: shell commands that write it.
sub hosted {
	my ($input, @args) = @_;
	my $line = join ' ', map { "'$_'" } @args;
	my $out = `($input) | timeout 60 '$host' -i '$archive' $line 2>&1`;
	return ($out, $? >> 8);
}

my ($out, $status) = hosted(':', '/bin/sh', '-c', 'exit 42');
is($status, 42, "the program's exit status");
($out, $status) = hosted(':', '/bin/sh', '-c', 'kill -TERM $$');
is($status, 128 + 15, 'the signal that ended it');
($out, $status) = hosted(':', '/no/such/program');
like($out, qr/No such file/, 'a program that is not there');
($out, $status) = hosted(':', '/proc/version');
like($out, qr/Permission denied/, 'a file that is none');

($out, $status) = hosted('echo "echo \$((6 * 7))"; echo "exit 3"', '-t', '/bin/sh', '-i');
like($out, qr/^42$/m, 'a shell reads the console');
is($status, 3, 'and ends when it is told to');
($out, $status) = hosted('sleep 1; printf "\003"; sleep 1', '-t', '/bin/sleep', '30');
is($status, 128 + 2, '^C interrupts');
($out, $status) = hosted('sleep 1; printf "\003"; sleep 1; echo exit 9', '-t', '/bin/sh', '-i');
is($status, 9, 'but not an interactive shell');
($out, $status) = hosted('sleep 1; echo one; printf "two\004\004"', '-t', '/bin/wc', '-c');
like($out, qr{^two7$}m, 'end of file');
($out, $status) = hosted(':', '-t', '/bin/sh', '-c', 'tty; ps -o pid,sid,tty,args');
like($out, qr{^/dev/ttyR0$}m, 'a controlling terminal');

($out, $status) = hosted(':', '-c', 'strace', '/bin/true');
like($out, qr/^\[\d+\] (?:brk|arch_prctl)\(\w+(?:, \w+)?\) = \w+$/m, 'calls are traced');
like($out, qr/^\[\d+\] exit_group\(0\) \.\.\.$/m, 'the last one too');
($out, $status) = hosted(':', '/bin/sh', '-c', 'sleep 1000 & sleep 1000 & exit 1');
is($status, 1, 'programs that are left over do not keep the donor from halting');
unlike($out, qr/does not halt/, 'which says nothing about it');
($out, $status) = hosted(':', '-m', '24M', '/bin/sh', '-c',
    'x=xxxxxxxxxxxxxxxx; (while :; do x=$x$x; done) 2>/dev/null; echo still here; exit 4');
is($status, 4, 'a program that takes all memory is ended');
like($out, qr/^still here$/m, 'and others go on');
done_testing();
