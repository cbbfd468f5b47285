#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The example web server on a donor's stack and file system, from the host's side of the tap: ping,
# curl, nmap, a parallel load, requests that are not well meant.
# lib.sh sets job, jobs and work.
# shellcheck disable=SC2154
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
need ping curl nmap mkfs.ext4 sha256sum xargs

mkdir -p site/sub site/dir
echo '<h1>hello</h1>' >site/index.html
echo 'a file' >site/sub/a.txt
echo 'odd' >'site/dir/a <b>&"c".txt'
ln -s /etc/passwd site/out
ln -s ../../../etc/passwd site/sub/up
ln -s a.txt site/sub/link
head -c 67108864 /dev/urandom >site/big
for i in $(seq 0 15); do
	head -c $((i * i * 1500 + i)) /dev/urandom >"site/f$i"
done
(cd site && sha256sum big f*) >sums
mkfs.ext4 -q -F -d site site.img 128M >mkfs.err 2>&1 || {
	cat mkfs.err
	exit 1
}
before=$(sha256sum <site.img)

make_tap pil0
start httpd.out listening "$EXAMPLES/httpd" --tap pil0 --disk site.img --address 192.0.2.2/24 \
	--gateway 192.0.2.1 --address 2001:db8::2/64 --gateway 2001:db8::1
ok "the server starts" || exit 1
httpd=$job
at=http://192.0.2.2

get() { inside curl -s --max-time 20 "$@"; }
code() { get -o /dev/null -w '%{http_code}' --path-as-is "$@"; }

inside ping -q -c 5 -i 0.05 -W 2 192.0.2.2 >ping.out
ok "ping" || cat ping.out
inside ping -q -c 5 -i 0.05 -W 2 2001:db8::2 >ping.out
ok "ping over IPv6" || cat ping.out
inside ping -q -c 3 -i 0.05 -W 2 -s 8000 192.0.2.2 >ping.out
ok "ping in fragments" || cat ping.out
inside ping -q -c 3 -i 0.05 -W 2 -s 8000 2001:db8::2 >ping.out
ok "ping in fragments over IPv6" || cat ping.out

is "$(get $at/)" '<h1>hello</h1>' "the index"
is "$(get 'http://[2001:db8::2]/sub/a.txt')" 'a file' "a file over IPv6"
is "$(get -I $at/big | tr -d '\r' | sed -n 's/^Content-Length: //p')" 67108864 "HEAD"
is "$(get -r 2-3 $at/sub/a.txt)" 'fi' "a range"
is "$(get -r -3 $at/sub/a.txt)" 'le' "the last bytes"
is "$(code -r 100- $at/sub/a.txt)" 416 "a range behind the end"
is "$(get $at/sub/link)" 'a file' "a link inside the site"
is "$(code $at/sub)" 301 "a directory without its slash"
is "$(get "$(get $at/dir/ | sed -n 's/.*href="\(a[^"]*\)".*/http:\/\/192.0.2.2\/dir\/\1/p')")" odd \
	"an odd name from a directory's list"
is "$(get -w '%{num_connects}\n' -o o1 $at/f1 -o o2 $at/f2 -o o3 $at/f3 | tr -d '\n')" 100 \
	"one connection for three requests"

is "$(get $at/big | sha256sum)" "$(sha256sum <site/big)" "64 MB"
# shellcheck disable=SC2016
seq 200 | inside timeout 60 xargs -P 16 -I{} \
	sh -c 'f=f$(({} % 16)) && curl -s --max-time 20 -o got{} http://192.0.2.2/$f && echo $f {}' \
	>load.out
is "$(wc -l <load.out)" 200 "200 requests, 16 at a time"
bad=0
while read -r f n; do
	cmp -s "site/$f" "got$n" || bad=$((bad + 1))
done <load.out
is $bad 0 "each has the contents it should have"

is "$(code $at/none)" 404 "no such file"
is "$(code $at/out)" 403 "an absolute link leads nowhere"
is "$(code $at/sub/up)" 403 "nor does one with dots"
is "$(code $at/../../etc/passwd)" 403 "nor a path with dots"
is "$(code $at/%2e%2e/%2e%2e/proc/version)" 403 "nor an encoded one"
is "$(code "$at/a%00b")" 400 "a zero byte"
is "$(code "$at/a%zz")" 400 "not hexadecimal"
is "$(code -X POST -d x $at/)" 400 "a request with a body"
is "$(code -X DELETE $at/)" 405 "a method that is not there"
is "$(code -H "X: $(head -c 9000 /dev/zero | tr '\0' x)" $at/)" 431 "too long a header"

# Half of a request, garbage, thousands of them in one go: and it still serves.
cat >raw.pl <<'PERL'
use IO::Socket::INET;
my $s = IO::Socket::INET->new(PeerAddr => '192.0.2.2:80', Timeout => 5) or die "connect: $@";
print $s $ARGV[0] eq 'pipeline' ? "GET /sub/a.txt HTTP/1.1\r\n\r\n" x 500
	: $ARGV[0] eq 'garbage' ? join('', map { chr int rand 256 } 1 .. 5000) . "\r\n\r\n"
	: "GET /";
if ($ARGV[0] eq 'pipeline') {
	$s->shutdown(1);
	local $/;
	my $all = <$s>;
	print scalar(() = $all =~ /a file\n/g), "\n";
}
PERL
for i in 1 2 3 4 5; do
	inside timeout 20 perl raw.pl garbage
	inside timeout 20 perl raw.pl half
done
is "$(inside timeout 20 perl raw.pl pipeline)" 500 "500 requests sent at once"
is "$(get $at/sub/a.txt)" 'a file' "it still serves"

inside nmap -n -Pn -sS --min-rtt-timeout 3s --max-rtt-timeout 10s --host-timeout 30s \
	-p 22,80,443 192.0.2.2 -oG nmap.out >nmap.log
grep -q '22/closed/.*80/open/.*443/closed/' nmap.out
ok "nmap's SYN scan sees one open port" || cat nmap.out

stop "$httpd"
ok "SIGTERM ends it cleanly" || cat httpd.out
is "$(sha256sum <site.img)" "$before" "the image is as it was"
done_testing
