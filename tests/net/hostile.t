#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Frames that are nearly right, from the host's side of a tap, while streams run: the donor goes on.
# lib.sh sets job, jobs and work.
# shellcheck disable=SC2154
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
need ping
flow=$NET_BIN/flow

make_tap pil0
start donor.out listening "$flow" -t pil0 -a 192.0.2.2/24 -a 2001:db8::2/64 listen 5000
ok "a donor" || exit 1
inside ping -q -c 1 -i 0.2 -w 15 192.0.2.2 >/dev/null
mac=$(inside ip neigh show 192.0.2.2 | sed -n 's/.*lladdr \([0-9a-f:]*\).*/\1/p')
seed=${SEED:-${PILLION_LONG:+$RANDOM}}
seed=${seed:-1}
echo "# seed $seed"
inside timeout 60 "$flow" send 192.0.2.2 5000 64000000 &
stream=$!
sent=$(inside timeout 60 "$NET_BIN/inject" pil0 "$mac" 20000 "$seed")
[ "${sent:-0}" -gt 10000 ]
ok "frames that are nearly right" || echo "# $sent sent"
wait $stream
ok "a stream beside them is whole"
# Its tables are full of neighbours that are not there: it may take seconds.
inside ping -q -c 1 -i 0.2 -w 15 192.0.2.2 >ping.out
ok "ping" || cat ping.out
inside ping -q -c 1 -i 0.2 -w 15 2001:db8::2 >ping.out
ok "ping over IPv6" || cat ping.out
inside timeout 30 "$flow" echo 192.0.2.2 5000 50
ok "UDP"

# The interface goes down and up, and away.
inside ip link set pil0 down
sleep 0.2
inside ip link set pil0 up
inside timeout 30 "$flow" recv 192.0.2.2 5000 1000000
ok "a stream after the link was down"
inside ip link del pil0
sleep 0.2
kill -0 "$job"
ok "the donor survives that the tap is taken away"
done_testing
