# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# Shared by the tests of images: an image in QEMU, emulated, with a time limit. Sourced by *.t.
#
# IMAGE names the image under test, IMAGE_OUT the folder of what was built.

# shellcheck source=tests/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tap.sh"
here=$(cd "$(dirname "$0")" && pwd)
have qemu-system-x86_64 || skip_all "qemu-system-x86_64 is missing (Debian package qemu-system-x86)"
IMAGE=${IMAGE:?names the image}
work=$(mktemp -d "${TMPDIR:-/tmp}/pillion-image.XXXXXX")
cd "$work" || exit 1
trap 'kill $(jobs -p) 2>/dev/null; cd /; rm -rf "$work"' EXIT

MACHINE=${MACHINE:-pc}
MEMORY=${MEMORY:-128M}
LIMIT=${LIMIT:-60}

qemu() { # ARGUMENTS...: $IMAGE with archive, if there is one; console to "console", records
	local archive=()
	[ -e archive ] && archive=(-initrd archive)
	# two CPUs at most: as in pillion run (tools/run/qemu.c)
	timeout "$LIMIT" qemu-system-x86_64 -machine "$MACHINE" -accel tcg -cpu max -m "$MEMORY" \
		-smp 1,maxcpus=2 \
		-nodefaults -no-user-config -display none -no-reboot \
		-kernel "$IMAGE" "${archive[@]}" -serial stdio \
		-chardev file,id=records,path=records \
		-device isa-debugcon,iobase=0xe9,chardev=records \
		-device isa-debug-exit,iobase=0xf4,iosize=4 "$@"
}

# boot STATUS NAME QEMU-ARGUMENTS... < typed: the image ends with the status. Its output, less
# carriage returns, is in $out and the file console.
boot() {
	local want=$1 name=$2 got
	shift 2
	qemu "$@" >console.raw 2>qemu.err
	got=$?
	tr -d '\r' <console.raw >console
	# shellcheck disable=SC2034 # the tests use it
	out=$(cat console)
	# isa-debug-exit: twice the value, and one; a process's status has 8 bits
	[ "$got" = $(((2 * want + 1) % 256)) ]
	ok "$name" || {
		echo "# QEMU ended with $got, wanted $((2 * want + 1))"
		tail -n 30 console qemu.err records | sed 's/^/#   /'
	}
}

archive() { # the arguments of newc
	"$here/newc" "$@" >archive
}

# tap_guest STATUS NAME ARGUMENT... -- QEMU-ARGUMENTS...: the program $GUEST, an ordinary one of
# this machine's, and so the image, ends with the status. Its own TAP is shown as comments. More of
# the configuration is in conf.
conf=()
tap_guest() {
	local want=$1 name=$2 args=()
	shift 2
	while [ "$1" != -- ]; do
		args+=("arg=$1")
		shift
	done
	shift
	archive program=/guest arg=guest "${args[@]}" "env=TEST_TIMEOUT=$LIMIT" "${conf[@]}" -- \
		"guest=${GUEST:?names the program}"
	boot "$want" "$name" "$@" </dev/null
	grep -a '^ok\|^not ok\|^#' console | sed 's/^/# /'
}

# until COMMAND...: within LIMIT seconds
wait_until() {
	local end=$((SECONDS + LIMIT))
	until "$@" 2>/dev/null; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.1
	done
}

# ---- the server of inside.c, behind a network card ----

serve() { # NAME CARD [CONFIGURATION...]: the server, on a port of the host's; net=dhcp unless told
	local name=$1 card=$2
	shift 2
	have curl || skip_all "curl is missing (Debian package curl)"
	[ $# -gt 0 ] || set -- net=dhcp
	archive program=x arg=http timings=1 "$@" --
	rm -f console.raw
	free_port
	qemu -device "$card,netdev=n" -netdev "user,id=n,hostfwd=tcp:127.0.0.1:$port-:80" \
		</dev/null >console.raw 2>qemu.err &
	wait_until grep -q listening console.raw
	ok "$name: the server listens" || tail -n 20 console.raw qemu.err | tr -d '\r' | sed 's/^/#  /'
}

get() { # PATH
	curl -sS --max-time "$LIMIT" "http://127.0.0.1:$port$1"
}

finish() {
	is "$(get /end)" end "the last request"
	wait %%
	is $? 1 "the image ended with 0"
	is "$(tail -n 1 records)" "exit 0" "as a record"
}
