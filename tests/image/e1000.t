#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The donor's unmodified e1000 driver on QEMU's 82540EM: an address by DHCP and a static one, a
# server in the image that the host asks.

# shellcheck source=tests/image/lib.sh
. "$(dirname "$0")/lib.sh"
have curl || skip_all "curl is missing (Debian package curl)"

port=0
start() { # CONFIGURATION...: the server, with a port of the host's
	archive program=x arg=http timings=1 "$@" --
	rm -f console.raw
	for port in $(shuf -i 20000-29999 -n 20); do
		(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
	done
	qemu -device e1000,netdev=n -netdev "user,id=n,hostfwd=tcp:127.0.0.1:$port-:80" \
		</dev/null >console.raw 2>qemu.err &
	wait_until grep -q listening console.raw
	ok "$1: the server listens" || tr -d '\r' <console.raw | sed 's/^/# /'
}

get() { # PATH
	curl -sS --max-time 20 "http://127.0.0.1:$port$1"
}

finish() {
	is "$(get /end)" end "the last request"
	wait %%
	is $? 1 "the image ended with 0"
	is "$(tail -n 1 records)" "exit 0" "as a record"
}

start net=dhcp
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

start net=static address=10.0.2.15/24 gateway=10.0.2.2 dns=192.0.2.1 2>/dev/null
is "$(get /etc/resolv.conf)" "nameserver 192.0.2.1" "the configuration's name server"
finish
done_testing
