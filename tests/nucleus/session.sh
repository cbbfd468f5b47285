# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# A session with the native image's shell on the serial line, the same on all machines. Sourced by
# the suites' session.t after their lib.sh, which have a function
#
#	session_start	QEMU in the background, its input from the file descriptor 3, its output to
#			the file out; sets job
#
# What is typed goes with type_line; what the machine says after that is awaited, for
# 40 seconds at most.

mark=0

said() { # since the last line that was typed
	tail -c +$((mark + 1)) out | tr -d '\r'
}

await_said() { # PATTERN
	local end=$((SECONDS + 40))
	while [ "$SECONDS" -lt "$end" ]; do
		said | grep -Eq "$1" && return 0
		kill -0 "$job" 2>/dev/null || break
		sleep 0.1
	done
	return 1
}

type_line() { # TEXT
	mark=$(stat -c %s out)
	printf '%s\r' "$1" >&3
}

# A line is typed, and the patterns are awaited, each in one line, the prompt at the end: the kernel
# may say something right behind it.
asks() { # NAME LINE PATTERN...
	local name=$1 pattern good=true
	shift
	type_line "$1"
	shift
	for pattern in "$@" '> '; do
		$good && { await_said "$pattern" || good=false; }
	done
	$good
	ok "$name" || said | tail -n 30 | sed 's/^/#   /'
}

at_most() { # BAR NUMBER NAME
	[ -n "$2" ] && [ "$2" -le "$1" ]
	ok "$3: ${2:-none}, at most $1"
}

# The first number after a word in what was said.
number() { # WORD
	said | sed -n "s/.*$1 \([0-9]*\).*/\1/p" | head -n 1
}

session() { # MACHINE'S NAME [real: in the host's time, of which nothing is promised]
	local kind kinds long i spinners
	spinners=$([ -n "${2-}" ] && echo 5 || echo 1)

	mark=0
	await_said '^> '
	ok "$1: init, the console's server and a shell" || { show; return; }
	asks "$1: help" help '^  ps ' '^  halt '
	asks "$1: ps" ps ' init ' ' console ' ' shell '
	asks "$1: files" files ' init$' ' echo$'
	asks "$1: devices" devices '^(pl011|16550|mini-uart) .* interrupt '
	asks "$1: free" free '^memory: '
	at_most 4096 "$(number used)" "$1: memory in use, in KiB"
	asks "$1: a program and its arguments" 'echo one  two' '^one two$'
	asks "$1: a line is edited" $'ecxx\177\177ho edited' '^edited$'
	asks "$1: the line before" $'\033[A' '^edited$'
	asks "$1: a program that there is not" nothing '^nothing: no such program'
	asks "$1: a program is given the names" caps '^3: endpoint, rights 0x50, '
	[ "$(said | grep -c '^[0-9]*: ')" = 1 ]
	ok "$1: and nothing else" || said
	asks "$1: IPC is counted" ipc '^calls: [1-9]'
	asks "$1: of each process" ps ' shell +running .* [1-9][0-9]*$'
	asks "$1: and switches of CPUs" cpus '^CPU 0: .* [1-9][0-9]* switches$'
	long=$(printf 'x%.0s' {1..250})
	asks "$1: a line that is too long is cut" "echo ${long}yyyyyyyyyyyyyyyyyyy" "^$long\$"
	asks "$1: so is what is printed" "$long" '^x+:\.\.\.$'
	asks "$1: control characters and escape sequences" \
		$'\001\033[31;1;5m\033[Z\033OP\t\377echo so' '^so$'
	asks "$1: a control character ends such a sequence" $'none\033[1\003echo or so' '^or so$'
	asks "$1: as many words as a line has room for" "echo $(echo {1..60})" "^$(echo {1..60})\$"
	asks "$1: ^U" $'no such program\025echo new' '^new$'
	asks "$1: ^C" $'no such program\003echo newer' '^newer$'
	asks "$1: only spaces" '     '
	asks "$1: nothing to run" '&' '^run PROGRAM '
	asks "$1: a process that there is not" 'kill 99999' '^99999: no such '
	asks "$1: nor one that would be in fewer bits" 'kill 4294967298' '^4294967298: no process '
	asks "$1: init is not killed" 'kill 1' '^init is needed'
	asks "$1: a status that is none does not end the machine" 'halt now' '^halt \[STATUS\]'
	asks "$1: locks are counted elsewhere" locks '^locks: .* CHECKED=1'
	asks "$1: a second shell ends, without what it needs" shell '^shell: status 1'

	asks "$1: the console's server is killed, the session goes on" 'kill console' \
		'init: console .* killed.*again'
	asks "$1: and on" 'echo alive' '^alive$'
	asks "$1: killed once more" restart 'answered after [0-9]+ us'
	[ -n "${2-}" ] || at_most 20000 "$(number after)" "$1: microseconds without a server"

	asks "$1: a memory hog gets what its limits allow" hog '^hog: ended, out of memory'
	asks "$1: a fork bomb, beside the shell" 'forkbomb 2 &' '^\[1\] forkbomb'
	asks "$1: does not stop it" 'echo alive' '^alive$'
	for ((i = 0; i < spinners; i++)); do
		asks "$1: a process that spins" 'spin &' ' spin$'
	done
	asks "$1: is preempted" 'echo alive' '^alive$'
	for ((i = 0; i < spinners; i++)); do
		asks "$1: and killed" 'kill spin'
	done
	type_line 'spin'
	await_said '^spinning'
	printf '\003' >&3
	await_said '^spin: killed'
	ok "$1: ^C ends a program" || said
	await_said '> '
	type_line 'spin'
	await_said '^spinning'
	printf '%1500s\003' x >&3
	await_said '^spin: killed'
	ok "$1: also behind more than the console keeps" || said
	asks "$1: which is forgotten" 'echo alive' '^alive$'
	asks "$1: programs that read, beside the shell" 'cat 20 &' '^\[[0-9]+\] cat$'
	asks "$1: get nothing of its input" 'echo alive' '^alive$'
	asks "$1: and are killed" 'kill cat'
	type_line 'cat'
	printf 'once more\r' >&3
	await_said '^once more$'
	ok "$1: a program that the shell waits for does" || said
	printf '\003' >&3
	await_said '^cat: killed'
	ok "$1: until ^C" || said
	await_said '> '
	asks "$1: what a program must not do" 'crash what' '^crash: null .*registers'
	kinds=$(said | sed -n 's,^crash: null,null,p')
	for kind in $kinds; do
		asks "$1: a program that does what it must not: $kind" "crash $kind" \
			'^crash: ended by (a fault|an exception)'
	done
}

session_end() { # MACHINE'S NAME
	type_line 'halt'
	wait "$job"
	[ $? = "$status_good" ]
	ok "$1: halt"
	exec 3>&-
}
