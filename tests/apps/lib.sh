# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# Shared by the tests of Debian's packages: an ext4 root made of them, and runs on it. Sourced by
# *.t.
#
# PILLION and KERNEL name the command and the image, TREE the files of the packages.

# shellcheck source=tests/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tap.sh"
TREE=${TREE:?names the files of the packages}
KERNEL=${KERNEL:?names the image}
work=$(mktemp -d "${TMPDIR:-/tmp}/pillion-apps.XXXXXX")
cd "$work" || exit 1
umask 022 # servers are not root
trap '' PIPE
trap 'kill $(jobs -p) 2>/dev/null; wait; rm -rf "$work"' EXIT
LIMIT=${LIMIT:-240}

truncate -s 320M root.img
mke2fs -q -t ext4 -d "$TREE" root.img

run() { # [OPTION...] PROGRAM [ARGUMENT...]
	timeout $((LIMIT + 20)) "$PILLION" run --kernel="$KERNEL" --timeout="$LIMIT" --root=root.img \
		"$@"
}

# The same in the background: a session that reads lines from descriptor 3. Its output is in out,
# its process is $pid.
start() {
	rm -f input
	mkfifo input
	: >out
	"$PILLION" run --kernel="$KERNEL" --timeout="$LIMIT" --root=root.img "$@" <input >>out 2>&1 &
	pid=$!
	exec 3>input
}

type_in() { # LINE...
	printf '%s\n' "$@" >&3
}

# within SECONDS COMMAND...: until it succeeds
within() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] && [ -e "/proc/$pid" ] || return 1
		sleep 0.05
	done
}

says() { # TEXT: the session has
	grep -qF -- "$1" out
}

stop() { # the session's end: its status
	local status
	exec 3>&-
	wait "$pid"
	status=$?
	return $status
}

power_off() {
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null
	exec 3>&-
}

# A program of the packages, on this machine, with the packages' own libraries.
here() { # PROGRAM [ARGUMENT...]
	local program=$1
	shift
	timeout "$LIMIT" "$TREE/lib64/ld-linux-x86-64.so.2" --library-path \
		"$TREE/usr/lib/x86_64-linux-gnu:$TREE/usr/lib" "$TREE/usr/bin/$program" "$@"
}

# The files of the disk, read by others than the donor.
disk_get() { # PATH FILE
	debugfs -R "dump $1 $2" root.img >/dev/null 2>&1 && [ -e "$2" ]
}
disk_put() { # DIR: what is in it, to the same places
	"$PILLION" cp -r --owner=0:0 "$1/." root.img:/
}
disk_is_clean() { # NAME
	out=$(e2fsck -fn root.img 2>&1)
	ok "$1" || printf '%s\n' "$out" | sed 's/^/# /'
}
