#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# make install puts the images that are built beside the command, which finds them.
# shellcheck source=tests/boot/lib.sh disable=SC2154
. "$(dirname "$0")/lib.sh"
make -C "$top" DESTDIR="$work/dest" PREFIX=/usr install >install.log 2>&1
ok "make install" || tail -n 20 install.log | sed 's/^/# /'
cmp -s "$work/dest/usr/share/pillion/web.elf" "$KERNEL"
ok "the image"
is "$("$work/dest/usr/bin/pillion" run --timeout=50 "$busybox" echo here </dev/null)" \
	here "the installed command runs a program on it"
done_testing
