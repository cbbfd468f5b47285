#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The device tree's reader, on the host: trees of dtc's and QEMU's, and broken ones.
# shellcheck source=tests/pi/lib.sh
. "$(dirname "$0")/lib.sh"
have dtc || skip_all "dtc is missing (Debian package device-tree-compiler)"
fdt=$(realpath "${PI_FDT:-$top/build/tests/pi/fdt}")

dtc -q -O dtb -o raspi3.dtb "$top/tests/pi/raspi3.dts"
out=$("$fdt" raspi3.dtb)
like "$out" "serial@7e201000 0x3f201000 0x200" "an address behind a bus"
like "$out" "firmware@7000000 0x7000000 0x800000" "one of reserved memory"
machine virt
qemu-system-aarch64 "${words[@]}" -machine virt,dumpdtb=large.dtb 2>qemu.err &&
	dtc -q -I dtb -O dtb -o virt.dtb large.dtb
ok "QEMU's tree, without the room behind it" || sed 's/^/# /' qemu.err
out=$("$fdt" virt.dtb)
like "$out" "pl011@9000000 0x9000000 0x1000" "an address of two cells"
like "$out" "memory@40000000 0x40000000 0x8000000" "its memory"

times=$([ -n "${PILLION_LONG-}" ] && echo 300000 || echo 10000)
for tree in raspi3 virt; do
	"$fdt" "$tree.dtb" "$seed" "$times" >fuzz 2>&1 && grep -q '^[1-9][0-9]* trees' fuzz
	ok "$tree: $times trees with damage, seed $seed" || head -n 20 fuzz | sed 's/^/# /'
done
# Addresses of no cells: each entry of "ranges" would be nothing.
cat >odd.dts <<'END'
/dts-v1/;
/ {
	#address-cells = <0>;
	#size-cells = <0>;
	bus {
		#address-cells = <0>;
		#size-cells = <0>;
		ranges = <0>;
		bus {
			#address-cells = <1>;
			#size-cells = <1>;
			ranges = <0 16>;
			device { reg = <4 4>; };
		};
	};
};
END
dtc -q -O dtb -o odd.dtb odd.dts
out=$(timeout 20 "$fdt" odd.dtb) && [ -z "$out" ]
ok "a bus without addresses passes none on"
head -c 30 raspi3.dtb >short.dtb
exits 1 "a tree that is too short" "$fdt" short.dtb
done_testing
