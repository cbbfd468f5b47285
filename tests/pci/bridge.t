#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The e1000 driver in the donor talks to the host's own stack: the card's wire is a tap in a network
# namespace of this test. PCI_TEST names the program.
set -u

if [ "${1:-}" != inside ]; then
	if ! unshare -rn true 2>/dev/null; then
		echo "1..0 # SKIP no user and network namespaces here"
		exit 0
	fi
	exec unshare -rn "$0" inside
fi

dir=$(mktemp -d) || exit 1
pid=
n=0
cleanup() {
	exec 9>&-
	[ -z "$pid" ] || kill "$pid" 2>/dev/null
	rm -rf "$dir"
}
trap cleanup EXIT

# check NAME COMMAND...: one line of TAP.
check() {
	name=$1
	shift
	n=$((n + 1))
	if "$@"; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
	fi
}

ip link set lo up
if ! ip tuntap add dev tap0 mode tap 2>/dev/null; then
	echo "1..0 # SKIP no tap devices here"
	exit 0
fi
ip addr add 10.9.0.1/24 dev tap0
ip link set tap0 up

mkfifo "$dir/in"
"${PCI_TEST:?names the program}" --bridge tap0 < "$dir/in" > "$dir/out" 2> "$dir/err" &
pid=$!
exec 9> "$dir/in"
i=0
while ! grep -q ready "$dir/out" && kill -0 "$pid" 2>/dev/null && [ $i -lt 200 ]; do
	sleep 0.1
	i=$((i + 1))
done

value() {
	sed -n "s/^$1=//p" "$dir/out"
}
pattern() {
	# shellcheck disable=SC2016 # the variables are perl's
	perl -e 'my ($n, $s) = (shift, join("", "a" .. "w") x (2 + 65536 / 23));
		for (my $o = 0; $o < $n; $o += 65536) {
			print substr($s, $o % 23, $n - $o < 65536 ? $n - $o : 65536);
		}' "$1"
}
# pings COUNT SIZE: no packet is lost.
pings() {
	ping -q -c "$1" -i 0.01 -W 20 -s "$2" 10.9.0.2 > "$dir/ping" 2>&1 &&
	    grep -q ' 0% packet loss' "$dir/ping"
}
download() {
	curl -sS -m 60 -o "$dir/got" \
	    -w '# down: %{speed_download} bytes/s\n' "http://10.9.0.2/$1" &&
	    pattern "$1" | cmp - "$dir/got"
}
upload() {
	head -c 16777216 /dev/urandom > "$dir/sent"
	curl -sS -m 60 -T "$dir/sent" -w '# up: %{speed_upload} bytes/s\n' http://10.9.0.2/ &&
	    curl -sS -m 60 -o "$dir/got" http://10.9.0.2/kept && cmp "$dir/sent" "$dir/got"
}
host_counts_no_error() {
	[ "$(awk '/^Tcp:/ && ++k == 2 { print $14 }' /proc/net/snmp)" = 0 ] &&
	    [ "$(awk '/^Udp:/ && ++k == 2 { print $8 }' /proc/net/snmp)" = 0 ]
}

echo 1..11
check "the card is up" grep -q ready "$dir/out"
check "ping" pings 20 56
check "ping with fragments" pings 5 20000
check "download of one byte" download 1
check "download of 64 MiB" download 67108864
check "upload of 16 MiB and back" upload
check "the host found no wrong checksum" host_counts_no_error
exec 9>&-
i=0
while kill -0 "$pid" 2>/dev/null && [ $i -lt 100 ]; do
	sleep 0.1
	i=$((i + 1))
done
wait "$pid"
check "clean end" test $? -eq 0
pid=
sed 's/^/# /' "$dir/out" "$dir/err"
check "segmentation by the card was used" test "$(value tso_frames)" -gt 1000
check "checksums were inserted by the card" test "$(value csum_frames)" -gt 100
check "no error recorded, no bad frame" test "$(value errors)$(value bad)" = 00
