# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# Shared by the network tests: a network namespace of the test's own with a tap in
# it, which ends with the test. Sourced by *.t. Nothing here is seen outside of the namespace.
#
# NET_BIN and EXAMPLES name the directories of the built helpers and examples.

# shellcheck source=tests/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tap.sh"
export LC_ALL=C
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
NET_BIN=${NET_BIN:-$top/build/$(uname -m)/default/tests/net}
EXAMPLES=${EXAMPLES:-$top/build/$(uname -m)/examples}
jobs=()
ns=

need() { # COMMAND...
	have "$@" || skip_all "one of these is missing: $*"
}

cleanup() {
	local job
	for job in "${jobs[@]}"; do
		kill "$job" 2>/dev/null && wait "$job" 2>/dev/null
	done
	[ -n "$ns" ] && ip netns del "$ns"
	cd / && rm -rf "$work"
}

inside() { ip netns exec "$ns" "$@"; }

# Background COMMAND in the namespace, its output in the file OUT; waits for a line that matches
# PATTERN. Its process id is in $job.
start() { # OUT PATTERN COMMAND...
	local out=$1 pattern=$2 try
	shift 2
	: >"$out"
	ip netns exec "$ns" "$@" >"$out" 2>&1 &
	job=$!
	jobs+=("$job")
	for ((try = 0; try < 600; try++)); do
		grep -q "$pattern" "$out" && return 0
		kill -0 "$job" 2>/dev/null || break
		sleep 0.05
	done
	sed 's/^/# /' "$out"
	return 1
}

stop() { # JOB: ends it by SIGTERM; its status
	local job=$1 i
	kill "$job"
	for i in "${!jobs[@]}"; do
		[ "${jobs[i]}" = "$job" ] && unset 'jobs[i]'
	done
	wait "$job"
}

# A tap with the host's addresses, .1 of 192.0.2.0/24 and of 2001:db8::/64.
make_tap() { # NAME MTU
	inside ip tuntap add "$1" mode tap &&
		inside ip link set "$1" mtu "${2:-1500}" up &&
		inside ip addr add 192.0.2.1/24 dev "$1" &&
		inside ip addr add 2001:db8::1/64 nodad dev "$1"
}

work=$(mktemp -d "${TMPDIR:-/tmp}/pillion-net.XXXXXX")
trap cleanup EXIT
trap 'exit 1' HUP INT TERM
cd "$work" || exit 1
need ip
[ "$(id -u)" = 0 ] || skip_all "network namespaces need root"
[ -c /dev/net/tun ] || skip_all "no /dev/net/tun"
ns=pillion-${work##*.}
ip netns add "$ns" || {
	ns=
	skip_all "cannot make a network namespace"
}
inside ip link set lo up
