# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# TAP for tests in shell. Sourced by the suites' own lib.sh. done_testing ends a test.

set -u
export PATH="$PATH:/usr/sbin:/sbin"
count=0
failed=0

skip_all() { # REASON
	echo "1..0 # SKIP $1"
	exit 0
}

ok() { # NAME: after a command, by its status
	# shellcheck disable=SC2319 # of whatever stands before ok
	local status=$?
	count=$((count + 1))
	if [ "$status" = 0 ]; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
		failed=$((failed + 1))
	fi
	return "$status"
}

is() { # GOT WANTED NAME
	[ "$1" = "$2" ]
	ok "$3" || {
		echo "# got (-) instead of wanted (+):"
		diff -u <(printf '%s\n' "$1") <(printf '%s\n' "$2") | tail -n +4 | head -20 |
			sed 's/^/#  /'
	}
}

like() { # TEXT PATTERN NAME
	[[ "$1" == *"$2"* ]]
	ok "$3" || printf '%s\n' "$1" | head -20 | sed 's/^/# got: /'
}

# exits STATUS NAME COMMAND...: the command ends with it; its output is in $out
exits() {
	local want=$1 name=$2 got
	shift 2
	out=$("$@" 2>&1)
	got=$?
	[ "$got" = "$want" ]
	ok "$name" || {
		echo "# exit status $got, wanted $want:"
		printf '%s\n' "$out" | head -20 | sed 's/^/#   /'
	}
}

skip() { # NAME REASON
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

have() { # every program is there
	local p
	for p; do
		command -v "$p" >/dev/null || return 1
	done
}

port=0
free_port() { # $port becomes one of 127.0.0.1 at which nobody listens, and another than before
	local try
	for try in $(shuf -i 20000-29999 -n 20); do
		[ "$try" = "$port" ] || (exec 9<>"/dev/tcp/127.0.0.1/$try") 2>/dev/null || break
	done
	port=$try
}

done_testing() {
	echo "1..$count"
	[ "$failed" = 0 ]
	exit
}
