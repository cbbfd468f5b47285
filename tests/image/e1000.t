#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The donor's unmodified e1000 driver on QEMU's 82540EM: an address by DHCP and a static one, a
# server in the image that the host asks.

# shellcheck source=tests/image/lib.sh
. "$(dirname "$0")/lib.sh"
serve e1000 e1000 net=dhcp
like "$(get /proc/version)" "Linux version 6.1" "a file of the donor's"
like "$(get /proc/net/route)" "eth0" "a route"
is "$(get /etc/resolv.conf)" "nameserver 10.0.2.3" "the lease's name server"
like "$(get /proc/net/fib_trie)" "10.0.2.15" "the lease's address"
bytes=$(get /bulk/256 | wc -c)
is "$bytes" $((256 * 65536)) "16 MiB"
for i in $(seq 50); do
	get /proc/uptime >/dev/null || break
done
is "$i" 50 "fifty connections"
like "$(cat records)" "phase network" "records"
finish

serve 'e1000, a static address' e1000 net=static address=10.0.2.15/24 gateway=10.0.2.2 \
	dns=192.0.2.1
is "$(get /etc/resolv.conf)" "nameserver 192.0.2.1" "the configuration's name server"
finish
done_testing
