#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# GDB's commands for the nucleus, on a machine that waits for input.
# shellcheck source=tests/pc/lib.sh
. "$(dirname "$0")/lib.sh"
command -v gdb >/dev/null || skip_all "gdb is missing"
gdb -batch -ex 'python print(1)' 2>&1 | grep -q '^1$' || skip_all "this gdb has no Python"

timeout 60 qemu-system-x86_64 -machine pc -accel tcg -nodefaults -display none -no-reboot -m 128 \
	-kernel "$image" -append end=echo -chardev file,id=out,path=out -serial chardev:out \
	-chardev socket,id=gdb,path=gdb.sock,server=on,wait=off -gdb chardev:gdb 2>qemu.err &
job=$!
for ((try = 0; try < 200; try++)); do
	grep -q ready out 2>/dev/null && break
	sleep 0.1
done
timeout 30 gdb -batch -nx -x "$top/nucleus/gdb.py" "$image" -ex 'target remote gdb.sock' \
	-ex nucleus-threads -ex 'nucleus-bt 1' -ex nucleus-log >gdb.out 2>gdb.err
kill "$job"
wait "$job" 2>/dev/null
grep -Eq '^ +1 main +sleeping +24/24 +[0-9]+  image_main' gdb.out
ok "threads" || sed 's/^/# /' gdb.out gdb.err
grep -Eq '^  0xffffffff[0-9a-f]+ image_main' gdb.out
ok "a backtrace" || sed 's/^/# /' gdb.out
grep -Eq '^\[ +0\.[0-9]+\] clock:' gdb.out
ok "the log" || sed 's/^/# /' gdb.out
done_testing
