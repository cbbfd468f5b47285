#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Streams and datagrams between host and donor, each way, checked byte for byte where they arrive:
# with and without offload, with small and large frames. tcpdump looks at what the donor sends.
# lib.sh sets job, jobs and work.
# shellcheck disable=SC2154
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
need tcpdump
flow=$NET_BIN/flow
size=67108867	# 64 MB and an odd end

# A donor that listens behind tap $1. The rest are options.
donor() { # TAP OPTIONS...
	start donor.out listening "$flow" -t "$1" -a 192.0.2.2/24 -a 2001:db8::2/64 "${@:2}" listen 5000
}

both_ways() { # NAME ADDR
	local way rate
	for way in send recv; do
		rate=$(inside timeout 30 "$flow" -s $way "$2" 5000 $size)
		ok "$1: 64 MB, host's $way" && echo "# $rate"
	done
}

capture() { # TAP: what the donor sends, some of it, to the file pcap
	start tcpdump.out 'listening on' tcpdump -Z root -i "$1" -n -U -B 8192 -w pcap \
		'src host 192.0.2.2 or src host 2001:db8::2'
	tcpdump=$job
}

# Look at what was captured: how many packets, how many with a wrong checksum, the longest.
inspect() { # MTU NAME
	stop "$tcpdump" >/dev/null 2>&1
	tcpdump -n -vvv -r pcap 2>/dev/null >packets
	! grep -q 'incorrect\|bad cksum\|wrong' packets && grep -q '(correct)' packets
	ok "$2: every checksum is right" || grep 'incorrect\|bad cksum\|wrong' packets | head -3
	tcpdump -n -e -r pcap 2>/dev/null | grep -o 'length [0-9]*: ' | tr -d 'a-z: ' | sort -n |
		tail -1 >longest
	[ "$(cat longest)" -le $(($1 + 14)) ]
	ok "$2: no frame is too long" || cat longest
}

for mtu in 1500 9000; do
	make_tap tap$mtu $mtu

	donor tap$mtu
	ok "mtu $mtu: donor" || exit 1
	both_ways "mtu $mtu" 192.0.2.2
	both_ways "mtu $mtu, IPv6" 2001:db8::2
	inside timeout 30 "$flow" echo 192.0.2.2 5000 300
	ok "mtu $mtu: UDP echo"
	inside timeout 30 "$flow" echo 2001:db8::2 5000 300
	ok "mtu $mtu, IPv6: UDP echo"
	pids=()
	for i in 1 2 3 4; do
		inside timeout 30 "$flow" send 192.0.2.2 5000 8000000 &
		pids+=($!)
		inside timeout 30 "$flow" recv 192.0.2.2 5000 8000000 &
		pids+=($!)
	done
	bad=0
	for i in "${pids[@]}"; do
		wait "$i" || bad=$((bad + 1))
	done
	is $bad 0 "mtu $mtu: eight streams at once"
	stop "$job" 2>/dev/null

	donor tap$mtu -o
	ok "mtu $mtu: donor without offload"
	capture tap$mtu
	both_ways "mtu $mtu, no offload" 192.0.2.2
	inside timeout 30 "$flow" recv 2001:db8::2 5000 1000000
	ok "mtu $mtu, no offload, IPv6"
	inside timeout 30 "$flow" echo 2001:db8::2 5000 20
	ok "mtu $mtu, no offload, IPv6: UDP echo"
	inside ping -q -c 1 192.0.2.2 >ping.out
	inspect $mtu "mtu $mtu, no offload"
	kill "${jobs[@]}" 2>/dev/null
	inside ip link del tap$mtu
done

# The donor connects to the host: the other roles.
make_tap pil1
start host.out listening "$flow" listen 5001
ok "a server on the host"
for way in send recv; do
	inside timeout 30 "$flow" -t pil1 -a 192.0.2.2/24 $way 192.0.2.1 5001 $size
	ok "a donor's $way to the host"
done
inside timeout 30 "$flow" -t pil1 -a 192.0.2.2/24 -g 192.0.2.1 echo 192.0.2.1 5001 100
ok "a donor's datagrams to the host"
inside timeout 30 "$flow" -f -t pil1 -a 192.0.2.2/24 send 192.0.2.1 5001 1000000
ok "a tap by its descriptor"
inside timeout 30 "$flow" -F -t pil1 send 192.0.2.1 5001 1 2>err
grep -q "Invalid argument" err
ok "a descriptor without the packet header is refused"
start busy.out listening "$flow" -t pil1 -a 192.0.2.2/24 listen 5000
inside timeout 10 "$flow" -t pil1 send 192.0.2.1 5001 1 2>err
grep -q busy err
ok "a tap that somebody else has is busy"
stop "$job" 2>/dev/null
inside timeout 10 "$flow" -t pil1 -a 192.0.2.2/24 send 192.0.2.1 5999 1 2>err
grep -q 'Connection refused' err
ok "nobody listens: the donor's connect is refused"
done_testing
