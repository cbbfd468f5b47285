# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# Shared by the tests of devices: guests of `pillion run`, in which the program mover moves data.
# Sourced by *.t.
#
# PILLION and KERNEL name the command and the nucleus image, MOVER the program.

# shellcheck source=tests/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tap.sh"
export LC_ALL=C.UTF-8
have qemu-system-x86_64 || skip_all "qemu-system-x86_64 is missing (Debian package qemu-system-x86)"
: "${PILLION:?names the pillion command}" "${KERNEL:?names the nucleus image}" "${MOVER:?}"
# shellcheck disable=SC2034 # the tests use it
source=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/pillion-devices.XXXXXX")
cd "$work" || exit 1
trap 'kill $(jobs -p) 2>/dev/null; wait; cd /; rm -rf "$work"' EXIT
LIMIT=${LIMIT:-${PILLION_LONG:+60}60} # seconds; a long run has a hundred times as many

run() { # OPTION... PROGRAM ARGUMENT...
	"$PILLION" run --kernel="$KERNEL" --timeout="$LIMIT" "$@" </dev/null
}

# start SAYS OPTION...: the same beside the test, which goes on when the guest has said this. Its
# standard output is in the file out, messages of pillion run in err.
start() {
	local says=$1
	shift
	: >out
	run "$@" >out 2>err &
	guest=$!
	until grep -q "$says" out; do
		kill -0 "$guest" 2>/dev/null || return
		sleep 0.05
	done
}

ended() { # STATUS NAME: the guest does, with this
	wait "$guest"
	is $? "$1" "$2" || show
}

show() {
	tail -n 30 out err | tr -d '\r' | sed 's/^/#   /' >&2
}

labelled() { # FILE LABEL...: the file's ext4 disk; what "mover disks" expects is on it
	local name=$1 label=$2
	truncate -s 4200M "$name"
	mkfs.ext4 -q -F -d files -L "$label" "$name" 32M &&
		"$MOVER" make "$name" 1048576 3 $((4096 * 1048576 + 7 * 512))
}
