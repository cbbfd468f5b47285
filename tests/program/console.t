#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# Around a program: its status, its controlling terminal, tracing, the machine's end. Environment:
# PG_HOST, PG_ARCHIVE; PG_RESTART is the status of a machine that a program restarts.
use strict;
use warnings;
use IO::Handle;
use IO::Select;
use IPC::Open2;
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

# Talk to a program on a terminal. Each step waits for a pattern in what was printed since the last
# one, and types something. Returns what was printed and the exit status.
sub talk {
	my ($command, @steps) = @_;
	my ($out, $seen, $end) = ('', 0, time + 60);
	my $pid = open2(my $from, my $to, 'timeout', 60, $host, '-i', $archive, '-t', @$command);
	my $select = IO::Select->new($from);

	local $SIG{PIPE} = 'IGNORE';
	$to->autoflush(1);
	while (time < $end) {
		while (@steps && substr($out, $seen) =~ $steps[0][0]) {
			$seen = length $out;
			print $to (shift @steps)->[1];
		}
		next unless $select->can_read(1);
		last unless sysread $from, $out, 4096, length $out;
	}
	kill 'TERM', $pid if time >= $end;
	waitpid $pid, 0;
	diag("no ", $steps[0][0], " in what was printed") if @steps;
	$out =~ tr/\r//d;
	return ($out, $? >> 8);
}

# The host's console shows whole lines only: so the prompt is one.
my @shell = ('/bin/sh', '-c', 'PS1="#\n" exec /bin/sh -i');
my $prompt = qr/^#\n(?:\e\[6n)?\z/m;
# It says when it goes on; brought back, it is in the foreground then, and ^C is for it.
my $job = "sh -c 'trap \"echo ba\$x\"ck\"; >/tmp/on\" CONT; echo st''arted; " .
    "while :; do usleep 100000; done'\n";
my $until_on = 'until [ -e /tmp/on ]; do usleep 10000; done';
# until_job WORD: until it is in what jobs says, which is shown then
my $until_job = 'until_job() { until jobs >/tmp/jobs; grep -q "$1" /tmp/jobs; ' .
    "do usleep 10000; done; cat /tmp/jobs; }\n";
($out, $status) = talk(\@shell, [$prompt, "echo \$((6 * 7))\n"], [$prompt, "exit 3\n"]);
like($out, qr/^42$/m, 'a shell reads the console');
is($status, 3, 'and ends when it is told to');
($out, $status) = talk(['/bin/sh', '-c', 'echo started; exec sleep 30'], [qr/started/, "\003"]);
is($status, 128 + 2, '^C interrupts');
($out, $status) = talk(\@shell, [$prompt, "\003"], [$prompt, "exit 9\n"]);
is($status, 9, 'but not an interactive shell');
($out, $status) = talk(['/bin/sh', '-c', 'echo started; wc -c'],
    [qr/started/, "one\ntwo\004\004"]);
like($out, qr{two7$}m, 'end of file');
# That the job goes on is a signal to the shell, which ends a write that it is in: it waits first.
($out, $status) = talk(\@shell, [$prompt, $job], [qr/^started/m, "\032"], [$prompt, "jobs\n"],
    [$prompt, "bg; $until_on; jobs; fg\n"], [qr/Running(?s:.*)\nback/, "\003"],
    [$prompt, "echo after \$?; exit 4\n"]);
like($out, qr/Stopped.*usleep/, '^Z stops a job');
like($out, qr/Running.*usleep/, 'which goes on in the background');
like($out, qr/^after 130$/m, 'and, brought back, is interrupted');
is($status, 4, 'the shell is still there');
($out, $status) = talk(\@shell, [$prompt, $until_job], [$prompt, "cat &\n"],
    [$prompt, "until_job tty\n"], [$prompt, "kill -9 %1; until_job Kil\n"], [$prompt, "exit 6\n"]);
like($out, qr/Stopped \(tty input\).*cat/, 'who reads the terminal in the background is stopped');
like($out, qr/Killed.*cat/, 'and can be killed');
is($status, 6, 'by the shell');
($out, $status) = talk(\@shell, [$prompt, "stty -echo; stty -a\n"], [qr/-echo /, "exit 7\n"]);
unlike($out, qr/exit 7/, 'no echo');
is($status, 7, 'where it is switched off');
($out, $status) = hosted(':', '-t', '/bin/sh', '-c', 'tty; ps -o pid,sid,tty,args');
like($out, qr{^/dev/ttyR0$}m, 'a controlling terminal');

($out, $status) = hosted(':', '-c', 'strace', '/bin/sh', '-c',
    'cat /proc/version /none >/tmp/x; chmod 640 /tmp/x; head -c 20 /proc/version >/dev/null; ' .
    '(exit 5); true');
like($out, qr/^\[\d+\] (?:brk|arch_prctl)\(\w+(?:, \w+)?\) = \w+$/m, 'calls are traced');
like($out, qr/^\[\d+\] exit_group\(0\) \.\.\.$/m, 'the last one too');
like($out, qr/^\[\d+\] execve\("[^"]+", \["cat", "\/proc\/version", "\/none"\], 0x\w+\) \.\.\.$/m,
    'strings, and arrays of them');
like($out, qr/"\/tmp\/x", O_WRONLY\|O_CREAT\|O_TRUNC(?:\|O_CLOEXEC)?, 0666\) = \d/, 'flags');
like($out, qr/^\[\d+\] open(?:at)?\((?:AT_FDCWD, )?"\/none", O_RDONLY(?:, \d+)?\) = -ENOENT$/m,
    'an error');
like($out, qr/^\[\d+\] chmod\("\/tmp\/x", 0640\) = 0$/m, 'a mode');
like($out, qr/^\[\d+\] read\(\d, "Linux version 6.1[^"]*"(?:\.\.\.)?, \d+\) = \d+$/m,
    'what was read');
like($out, qr/^\[\d+\] mprotect\(0x\w+, \d+, PROT_READ\) = 0$/m, 'a protection');
like($out, qr/^\[\d+\] wait4\(-1, \[0x500\], /m, 'the status of a child');

($out, $status) = hosted(':', '/bin/sh', '-c', 'poweroff -f; sleep 5; exit 3');
is($status, 0, 'a program switches the machine off');
($out, $status) = hosted(':', '/bin/sh', '-c', 'halt -f; sleep 5; exit 3');
is($status, 0, 'or halts it');
($out, $status) = hosted(':', '/bin/sh', '-c', 'reboot -f; sleep 5; exit 3');
is($status, $ENV{PG_RESTART} // 98, 'or restarts it');

($out, $status) = hosted(':', '/bin/sh', '-c', 'sleep 1000 & sleep 1000 & exit 1');
is($status, 1, 'programs that are left over do not keep the donor from halting');
unlike($out, qr/does not halt/, 'which says nothing about it');
($out, $status) = hosted(':', '-m', '32M', '/bin/sh', '-c',
    'x=xxxxxxxxxxxxxxxx; (while :; do x=$x$x; done) 2>/dev/null; echo still here; exit 4');
is($status, 4, 'a program that takes all memory is ended');
like($out, qr/^still here$/m, 'and others go on');
done_testing();
