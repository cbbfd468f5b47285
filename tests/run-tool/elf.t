#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# ELF files that are no programs for the guest: a reason for each; and damaged ones, by seeds: a
# documented status and a message, whatever is in them.
#
# FUZZ_COUNT bounds the fuzzing (300; 20000 in check-long), FUZZ_SEED is the first seed.
# shellcheck source=tests/run-tool/lib.sh disable=SC2154
. "$(dirname "$0")/lib.sh"
need gcc gcc

# patch OFFSET BYTES: a copy of the program, changed; bytes as printf takes them
patch() {
	cp "${base:-hello}" bad
	printf '%b' "$2" | dd of=bad bs=1 seek="$1" conv=notrunc status=none
}

program hello
echo 'int main(void) { return 0; }' | gcc -x c -o dynamic -
exits 0 "a good one" run --dry-run ./hello
patch 18 '\xb7\x00'
refused 126 "64-bit ARM" "for another machine" ./bad
patch 18 '\xe7\x03'
refused 126 "ELF number 999" "for an unknown machine" ./bad
patch 5 '\x02'
refused 126 "big-endian" "big-endian" ./bad
patch 4 '\x01'
refused 126 "x32" "of 32 bits" ./bad
patch 16 '\x01'
refused 126 "object file" "an object file" ./bad
patch 16 '\x04'
refused 126 "core dump" "a core dump" ./bad
patch 16 '\x99'
refused 126 "type is unknown" "of an unknown type" ./bad
patch 54 '\x37'
refused 126 "no program headers" "program headers of a wrong size" ./bad
patch 56 '\x00\x00'
refused 126 "no program headers" "no program headers" ./bad
patch 56 '\xff\xff'
refused 126 "implausibly many" "65535 program headers" ./bad
patch 32 '\xff\xff\xff\xff\xff\xff\xff\x7f'
refused 126 "truncated" "program headers far outside" ./bad
patch 24 '\x00\x00\x00\x00\x00\x00\x00\x01'
refused 126 "entry point" "an entry point outside" ./bad
patch 72 '\xff\xff\xff\xff\xff\xff\xff\xff'
refused 126 "a segment ends behind the file" "a segment outside the file" ./bad
patch 96 '\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff'
refused 126 "a segment" "a segment with a length that wraps" ./bad
patch 80 '\x00\x00\x00\x00\x00\x80\xff\xff'
refused 126 "address space" "a segment in the kernel" ./bad
for size in 0 1 3 4 16 51 63 64 100 200; do
	head -c $size hello >bad
	chmod +x bad
	exits 126 "the first $size bytes" run --dry-run ./bad
done
base=dynamic
interp=$(grep -abo /lib64/ld-linux dynamic | head -1 | cut -d: -f1)
patch "$interp" '\x00lib64'
refused 126 "interpreter is malformed" "an interpreter that is a relative path" ./bad
patch "$interp" '/nonesuch'
refused 126 "interpreter /nonesuch-linux" "an interpreter that is not there" ./bad
patch "$((interp + 27))" 'xx'
refused 126 "interpreter is malformed" "an interpreter without an end" ./bad
needed=$(grep -abo 'libc.so.6' dynamic | head -1 | cut -d: -f1)
patch "$needed" '../../x/y'
refused 126 "needs the library ../../x/y" "a library with slashes" ./bad
patch "$needed" '\x00'
refused 126 "list of libraries is malformed" "a library without a name" ./bad
gcc -shared -o lib.so -x c - <<<'int f(void) { return 1; }'
refused 126 "a library, not a program" "a library" ./lib.so

# Damage by seeds: a few bytes changed, most of them in the headers; or cut short.
limit=${FUZZ_COUNT:-${PILLION_LONG:+20000}}
limit=${limit:-300}
seed=${FUZZ_SEED:-${PILLION_LONG:+$(date +%Y%m%d)000}}
seed=${seed:-1}
gcc -o deps -x c - -Wl,-rpath,/nonesuch -lm <<<'#include <math.h>
int main(int n, char **v) { (void)v; return (int)sin(n); }'
headers=$(($(readelf -lW deps | awk '/DYNAMIC/ { print $2 }') + 480))
cat >damage.pl <<'PERL'
use strict;
my ($seed, $headers, $in, $out) = @ARGV;
srand $seed;
open my $f, '<:raw', $in or die; local $/; my $d = <$f>;
my @values = (0, 1, 0x7f, 0x80, 0xff);
for (1 .. 1 + int rand 6) {
	my $where = rand() < 0.6 ? int rand 900 : rand() < 0.8 ? $headers - int rand 500 :
		int rand length $d;
	my $n = (1, 2, 4, 8)[int rand 4];
	my $v = rand() < 0.5 ? chr($values[int rand @values]) x $n :
		join '', map { chr int rand 256 } 1 .. $n;
	substr($d, $where, $n) = $v if $where + $n <= length $d;
}
$d = substr $d, 0, int rand length $d if rand() < 0.1;
substr($d, 0, 4) = "\x7fELF" if length $d >= 4 && rand() < 0.9;
open my $o, '>:raw', $out or die; print $o $d;
PERL
failed_seeds=
for ((i = 0; i < limit; i++)); do
	perl damage.pl $((seed + i)) "$headers" deps bad
	chmod +x bad
	out=$(timeout 10 "$PILLION" run --kernel="$KERNEL" --dry-run ./bad 2>&1 </dev/null)
	case $? in
	0) ;;
	125 | 126 | 127) [[ $out == "pillion: run: "* ]] || failed_seeds+=" $((seed + i))(silent)" ;;
	*) failed_seeds+=" $((seed + i))" ;;
	esac
done
is "${failed_seeds:0:300}" "" "$limit damaged programs, from seed $seed"

# the same for the cache of libraries and the files of a root that is not trusted
mkdir -p jail/etc jail/lib64 jail/bin
cp deps jail/bin/deps
cp /lib64/ld-linux-x86-64.so.2 jail/lib64
[ -e /etc/ld.so.cache ] || ldconfig -C cache
failed_seeds=
for ((i = 0; i < limit / 3; i++)); do
	perl damage.pl $((seed + i)) 600 /etc/ld.so.cache jail/etc/ld.so.cache
	perl -e 'srand shift; seek STDOUT, 0, 0; print pack "V*", map { int rand 2**32 } 1 .. rand 8' \
		$((seed + i)) 1<>jail/lib64/libm.so.6
	timeout 10 "$PILLION" run --kernel="$KERNEL" --dry-run --root=jail /bin/deps \
		>/dev/null 2>&1 </dev/null
	[ $? = 0 ] || failed_seeds+=" $((seed + i))"
done
is "${failed_seeds:0:300}" "" "damaged caches of libraries"
done_testing
