#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# Rule 3, one object, every platform: the library contains the object's very bytes; the object is
# position independent and uses no privileged instruction, port I/O, red zone, vector or segment
# register, TLS; it links without text relocations and with no segment both writable and executable.
# Environment: DONOR_O, LIB_OBJECT (libpillion's object), LIB_SO, CC, OBJDUMP, OBJCOPY, READELF,
# ISA.
use strict;
use warnings;
use FindBin;
use File::Temp 'tempdir';
use Test::More;
use lib $FindBin::Bin;
use Contract 'slurp';

my %tool = map { $_ => $ENV{uc $_} || $_ } qw(objdump objcopy readelf);
my $cc = $ENV{CC} || 'gcc';
my $isa = $ENV{ISA} || 'x86_64';
my $object = $ENV{DONOR_O} or die "DONOR_O names the donor's object\n";
my $dir = tempdir(CLEANUP => 1);

# Instructions that a kernel may use and this one must not, and operands. cpuid, rdtsc and pause are
# free to all.
my %bad = (
	x86_64 => {
		privileged => qr/^(?:cli|sti|hlt|in[bwl]?|out[bwl]?|ins[bwl]|outs[bwl]|[ls][gil]dt|
		    ltr|str|lmsw|smsw|syscall|sysenter|sysexit|
		    clts|invd|wbinvd|invlpg|invpcid|rdmsr|wrmsr|rdpmc|swapgs|sysret[lq]?|
		    iret[wlq]?|clac|stac|xsetbv|monitor|mwait|vm\w+|int|pushf[wq]?|popf[wq]?)$/x,
		registers => qr/%(?:[xyz]mm\d|mm\d|st\b|fs:|gs:|cr\d|dr\d)/,
		# A locked addition of nothing below the stack is a barrier and changes nothing.
		redzone => qr/^(?!lea)(?!lock addl \$0x0,-0x4\(%rsp\)).*-0x[0-9a-f]+\(%rsp[,)]/,
		reloc => qr/^R_X86_64_(?:PC32|PLT32|PC64|GOTPCRELX?|REX_GOTPCRELX|GOTPCREL)$/,
		data => qr/^R_X86_64_(?:64|PC32|PC64|PLT32)$/,
	},
	aarch64 => {
		privileged => qr/^(?:hvc|smc|svc|eret|at|tlbi|wfi|wfe|hlt)$/,
		registers => qr/(?:^|[\s,{\[])(?:[vqdsh]\d+\b|[vq]\d+\.\d*[bhsd])|
		    \b(?:mrs|msr)\s+(?!.*(?:cntvct|cntfrq))/ix,
		redzone => qr/^(?:str|ldr|stur|ldur|stp|ldp)\b.*\[sp, #-\d+\]$/,
		reloc => qr/^R_AARCH64_(?:CALL26|JUMP26|ADR_PREL_PG_HI21|ADD_ABS_LO12_NC|
		    LDST\d+_ABS_LO12_NC|ADR_GOT_PAGE|
		    LD64_GOT_LO12_NC|PREL32|PREL64|CONDBR19|TSTBR14|ADR_PREL_LO21)$/x,
		data => qr/^R_AARCH64_(?:ABS64|PREL32|PREL64)$/,
	},
);
my $bad = $bad{$isa} or plan skip_all => "no rules for $isa";

# What of the object's instructions is wrong: a count and an example for each kind.
sub scan {
	my ($object) = @_;
	my (%found, $fn);
	my $comment = $isa eq 'x86_64' ? qr/#/ : qr/;/;
	open my $f, '-|', $tool{objdump}, '-d', '--no-show-raw-insn', $object or die;
	while (<$f>) {
		if (/^[0-9a-f]+ <(.*)>:$/) {
			$fn = $1;
			next;
		}
		s/\s*(?:<|\/\/|$comment).*//s;
		my ($insn) = /^\s+[0-9a-f]+:\t(.*)/ or next;
		my ($op) = $insn =~ /^(?:(?:rep|repz|repnz|lock|data16|cs) )*(\S+)/ or next;
		$found{privileged} //= "$fn: $insn" if $op =~ $bad->{privileged};
		$found{registers} //= "$fn: $insn"
		    if $insn =~ $bad->{registers} && $op !~ /^(?:b|bl|b\..*|cbn?z|tbn?z|adrp?)$/;
		$found{redzone} //= "$fn: $insn" if $insn =~ $bad->{redzone};
	}
	return \%found;
}

sub relocations {
	my ($object) = @_;
	my (%wrong, $section);
	open my $f, '-|', $tool{readelf}, '-rW', $object or die;
	while (<$f>) {
		$section = $1 if /^Relocation section '\.rela(\.\S+)'/;
		next unless /^[0-9a-f]+\s+[0-9a-f]+\s+(R_\w+)/;
		my $type = $1;
		next if $section =~ /^\.debug/;
		my $ok = $section eq '.text' ? $bad->{reloc} : $bad->{data};
		$wrong{"$type in $section"}++ unless $type =~ $ok;
		# A section that is never written cannot hold an address that moves with it.
		$wrong{"$type in $section"}++ if $section eq '.rodata' && $type =~ /_64$|ABS64/;
	}
	return \%wrong;
}

sub sections { return `$tool{readelf} -SW $_[0]` }

sub section_bytes {
	my ($object, $section) = @_;
	system("$tool{objcopy} -O binary --only-section=$section " .
	    "--set-section-flags $section=alloc,load " .
	    "$object $dir/bytes") == 0 or die;
	return slurp("$dir/bytes");
}

my $found = scan($object);
is($found->{privileged}, undef, 'no privileged instruction, no port I/O');
is($found->{registers}, undef, 'general registers only');
is($found->{redzone}, undef, 'no red zone');
is_deeply(relocations($object), {}, 'position independent: only relative relocations');
unlike(sections($object), qr/\sWAX\s/, 'no section is writable and executable');
unlike(sections($object), qr/\s\.t(?:data|bss)\s|\sW?AT\s/, 'no thread-local storage');
my $strings = `strings -a $object`;
unlike($strings, qr{(?<![\w/.])\Q$ENV{PWD}\E/}, 'the object does not know where it was built');

SKIP: {
	my $lib = $ENV{LIB_OBJECT};
	skip 'the library is not built', 3
	    unless $lib && -f $lib && $ENV{LIB_SO} && -f $ENV{LIB_SO};
	my $text = section_bytes($object, '.text');
	ok(index(section_bytes($lib, '.text'), $text) >= 0,
	    'the archive contains the object, byte for byte');
	my $dyn = `$tool{readelf} -dW $ENV{LIB_SO}`;
	unlike($dyn, qr/TEXTREL/, 'the shared library has no text relocations');
	my @rwx = grep { /^\s+LOAD/ && /\sRWE\s/ } `$tool{readelf} -lW $ENV{LIB_SO}`;
	is_deeply(\@rwx, [], 'no segment is writable and executable');
}

# The scan itself, on code that breaks the rules.
my %broken = (
	x86_64 => [['void f(void) { __asm__("cli"); }', 'privileged'],
	    ['void f(void) { __asm__("inb $0x60, %al"); }', 'privileged'],
	    ['double f(double a) { return a * 2; }', 'registers'],
	    ['void f(void) { __asm__("movl $1, -8(%rsp)"); }', 'redzone']],
	aarch64 => [['void f(void) { __asm__("wfi"); }', 'privileged'],
	    ['double f(double a) { return a * 2; }', 'registers'],
	    ['void f(void) { __asm__("str x0, [sp, #-16]"); }', 'redzone']],
);
for (@{$broken{$isa}}) {
	my ($code, $what) = @$_;
	open my $f, '>', "$dir/b.c" or die;
	print $f "$code\n";
	close $f;
	system("$cc -O2 -c -o $dir/b.o $dir/b.c") == 0 or die;
	ok(scan("$dir/b.o")->{$what}, "noticed ($what): $code");
}
done_testing();
