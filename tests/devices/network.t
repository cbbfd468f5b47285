#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Network cards, each behind the donor's own driver: an address by DHCP, data both ways over TCP,
# the same while frames come in that no honest neighbour sends, and after them.
# FRAMES names the program that sends them.

# shellcheck source=tests/devices/lib.sh
. "$(dirname "$0")/lib.sh"
bytes=4000001
frames=3000
[ -z "${PILLION_LONG:-}" ] || { bytes=100000003 frames=40000; }

transfer() { # NAME
	"$MOVER" client "$port" put $bytes 11 >&2
	ok "$1: $bytes bytes to the guest"
	"$MOVER" client "$port" get $bytes 12 >&2
	ok "$1: $bytes bytes to the host"
}

flood() { # NAME
	timeout "$LIMIT" "${FRAMES:?}" frames 1 "$frames" &
	transfer "$1, beside $frames bad frames"
	wait %%
	ok "$1: all of these were sent"
}

# QEMU's pcnet is deaf for ever once its ring was full: it looks for a free descriptor and leaves
# one out. So it gets no more at once than there is room for, and an answer shows that they were
# taken.
trickle() { # NAME
	local i
	for ((i = 0; i < frames / 40; i++)); do
		"$FRAMES" frames "$i" 8 && "$MOVER" client "$port" get 1 1 || break
	done
	is "$i" $((frames / 40)) "$1: 8 bad frames at a time"
}

network() { # NAME MACHINE NIC INTERRUPT OPTION...
	local name="$2, $1" machine=$2 nic=$3 interrupt=$4
	shift 4
	free_port
	start serving --machine="$machine" --nic="$nic" --publish="$port:7000" \
		--qemu=-chardev --qemu=socket,id=frames,path=frames,server=on,wait=off \
		--qemu=-object --qemu=filter-redirector,id=r0,netdev=net0,queue=tx,indev=frames \
		"$@" "$MOVER" serve
	ok "$name: there is a network" || { show; return; }
	transfer "$name"
	if [ "$nic" = pcnet ]; then trickle "$name"; else flood "$name"; fi
	transfer "$name, after them"
	"$MOVER" client "$port" end
	ended 0 "$name: the end"
	grep -Eq " [1-9][0-9]* +$interrupt" out
	ok "$name: interrupts, $interrupt" || show
}

pin='dummy +eth0'
network e1000 pc e1000 "$pin"
network e1000e q35 e1000e 'msi +eth0-rx'
network virtio q35 virtio 'msi +virtio0-input'
novectors=(--qemu=-global --qemu=virtio-net-pci.vectors=0)
network 'virtio without messages' pc virtio 'dummy +virtio0' "${novectors[@]}"
network 'virtio, memory-mapped' microvm virtio 'dummy +virtio0'
network pcnet pc pcnet "$pin"
network rtl8139 q35 rtl8139 "$pin"
network vmxnet3 pc vmxnet3 'msi +eth0-rxtx'
if [ -n "${PILLION_LONG:-}" ]; then
	network e1000 q35 e1000 "$pin"
	network e1000e pc e1000e 'msi +eth0-rx'
	network virtio pc virtio 'msi +virtio0-input'
	network 'virtio without messages' q35 virtio 'dummy +virtio0' "${novectors[@]}"
	network pcnet q35 pcnet "$pin"
	network rtl8139 pc rtl8139 "$pin"
	network vmxnet3 q35 vmxnet3 'msi +eth0-rxtx'
fi
done_testing
