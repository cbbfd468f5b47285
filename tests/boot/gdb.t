#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# pillion run --gdb with a whole image: a breakpoint, threads, their backtraces, through the donor.
# shellcheck source=tests/boot/lib.sh disable=SC2154
. "$(dirname "$0")/lib.sh"
need gdb gdb
gdb -batch -ex 'python print(1)' 2>&1 | grep -q '^1$' || skip_all "this gdb has no Python"

start --gdb=./sock "$busybox" sleep 1000
wait_for 30 test -S sock
ok "waits for the debugger"
timeout 120 gdb -batch -nx -x "$top/nucleus/gdb.py" "$KERNEL" -ex 'set remotetimeout 30' \
	-ex 'target remote ./sock' \
	-ex 'hbreak image_run' -ex continue -ex backtrace -ex nucleus-threads \
	-ex 'nucleus-bt 1' -ex nucleus-log -ex kill >gdb.out 2>gdb.err
grep -q '^#0 .*image_run' gdb.out
ok "a breakpoint" || sed 's/^/# /' gdb.out gdb.err
grep -Eq '^#[12] .*image_main' gdb.out
ok "a backtrace by GDB itself" || sed 's/^/# /' gdb.out
grep -Eq '^ +[0-9]+ main +running' gdb.out
ok "the main thread" || sed 's/^/# /' gdb.out
grep -Eq '^ +[0-9]+ pillion-irq +(ready|sleeping)' gdb.out
ok "a thread of the donor's" || sed 's/^/# /' gdb.out
grep -Eq '^\[ +0\.[0-9]+\] clock:' gdb.out
ok "the log" || sed 's/^/# /' gdb.out
kill "$pid" 2>/dev/null
wait "$pid"
done_testing
