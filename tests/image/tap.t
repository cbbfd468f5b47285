#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# pillion run --net=tap=NAME: a card that is on a tap interface of the host, in a network namespace
# of its own. What goes in and out is no part of QEMU's own network.

# shellcheck source=tests/image/lib.sh
. "$(dirname "$0")/lib.sh"
have ip unshare curl || skip_all "iproute2, util-linux or curl is missing"
if [ "${1:-}" != inside ]; then
	unshare --net true 2>/dev/null || skip_all "no network namespace can be made here"
	cd / && rm -r "$work"
	exec unshare --net "$here/tap.t" inside
fi
ip link set lo up
ip tuntap add tap0 mode tap 2>/dev/null || skip_all "no tap interface can be made here"
ip address add 192.0.2.1/24 dev tap0
ip link set tap0 up

head -c 300000 /dev/urandom >big
mkdir srv
mv big srv
timeout "$LIMIT" "$PILLION" run --kernel="$IMAGE" --net=tap=tap0 --address=192.0.2.2/24 \
	--nic=virtio --file=srv:/srv busybox httpd -f -h /srv >out 2>&1 &
pid=$!
wait_until curl -s --max-time 5 -o got http://192.0.2.2/big
ok "the guest answers at its address" || sed 's/^/# /' out
cmp -s got srv/big
ok "a file, every byte"
busybox ping -c 3 -q 192.0.2.2 >/dev/null
ok "ping"
kill "$pid"
wait "$pid"
is $? 143 "ended by a signal"
busybox httpd -f -p 192.0.2.1:80 -h srv &
server=$!
wait_until curl -s -o got http://192.0.2.1/big
timeout "$LIMIT" "$PILLION" run --kernel="$IMAGE" --net=tap=tap0 --address=192.0.2.2/24 \
	busybox wget -q -O- http://192.0.2.1/big </dev/null >got 2>err
cmp got srv/big
ok "the guest reaches the host, by an e1000" || sed 's/^/# /' err
kill "$server"
done_testing
