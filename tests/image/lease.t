#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The address is renewed; and an image that ends while nobody answers that ends cleanly, and soon.

# shellcheck source=tests/image/lib.sh
. "$(dirname "$0")/lib.sh"
have mkfs.ext4 || skip_all "mkfs.ext4 is missing (Debian package e2fsprogs)"

port=$(shuf -i 20000-29999 -n 1)
"$here/leases" "$port" $((port + 1)) 4 3 >leases 2>&1 &
server=$!
truncate -s 16M disk
mkfs.ext4 -q -F disk
archive program=x arg=echo net=dhcp mount=vda:/mnt:auto:rw --
until_silent() { # what the image waits for on its console
	wait_until grep -q "no answer" leases
	printf '\004'
}
boot 0 "an address for four seconds" -device virtio-net-pci,netdev=n \
	-netdev "socket,id=n,udp=127.0.0.1:$port,localaddr=127.0.0.1:$((port + 1))" \
	-drive if=none,id=d,format=raw,file=disk -device virtio-blk-pci,drive=d < <(until_silent)
kill $server
is "$(grep -c granted leases)" 3 "it was renewed twice"
like "$(cat leases)" "no answer" "... and the third time asked for"
! dumpe2fs -h disk 2>/dev/null | grep -q needs_recovery
ok "the disk was unmounted meanwhile"
done_testing
