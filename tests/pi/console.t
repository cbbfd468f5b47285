#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Input from the serial lines; GDB's commands for the nucleus.
# shellcheck source=tests/pi/lib.sh
. "$(dirname "$0")/lib.sh"

typed() { # NAME MACHINE COMMAND-LINE ARGS...
	local name=$1 line=$3
	machine "$2"
	shift 3
	(sleep 2; printf 'serial input\001\177 q') | timeout 60 qemu-system-aarch64 "${words[@]}" \
		"${semihosting[@]}" -append "end=echo test=format $line" "$@" 2>qemu.err | tr -d '\r' >out
	grep -q $'^serial input\001\177 q$' out && grep -q '^end$' out
	ok "$name" || show
}

typed "raspi3, PL011: what is typed" raspi3 "" -serial stdio
typed "raspi3, mini-UART: what is typed" raspi3 serial=mini -serial null -serial stdio
typed "virt, GICv2: what is typed" virt "" -serial stdio
typed "virt, GICv3: what is typed" virt,gic-version=3 "" -serial stdio

gdb=$(command -v gdb-multiarch)
if [ -z "$gdb" ]; then
	skip "GDB" "gdb-multiarch is missing"
	done_testing
fi
machine virt
: >out
timeout 60 qemu-system-aarch64 "${words[@]}" -append end=echo -chardev file,id=out,path=out \
	-serial chardev:out -chardev socket,id=gdb,path=gdb.sock,server=on,wait=off \
	-gdb chardev:gdb 2>qemu.err &
job=$!
await '^ready'
timeout 30 "$gdb" -batch -nx -x "$top/nucleus/gdb.py" "${virt%.img}" -ex 'target remote gdb.sock' \
	-ex nucleus-threads -ex 'nucleus-bt 1' -ex nucleus-log >gdb.out 2>gdb.err
kill "$job"
wait "$job" 2>/dev/null
grep -Eq '^ +1 main +sleeping +24/24 +[0-9]+  image_main' gdb.out
ok "GDB: threads" || sed 's/^/# /' gdb.out gdb.err
grep -Eq '^  0xffffffff[0-9a-f]+ image_main' gdb.out
ok "GDB: a backtrace" || sed 's/^/# /' gdb.out
grep -Eq '^\[ +0\.[0-9]+\] clock:' gdb.out
ok "GDB: the log" || sed 's/^/# /' gdb.out
done_testing
