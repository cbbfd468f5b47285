# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# Shared by the tests of the pillion command: a work directory, images, trees. Sourced by *.t.
#
# PILLION names the command under test; PILLION_ARGS is added to each call (--no-sandbox where the
# kernel or a sanitizer needs that).

# shellcheck source=tests/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tap.sh"
export LC_ALL=C.UTF-8 TZ=UTC
PILLION=${PILLION:-$(cd "$(dirname "$0")/../.." && pwd)/build/$(uname -m)/default/bin/pillion}
# shellcheck disable=SC2034 # the tests use it
source=$(cd "$(dirname "$0")" && pwd) # of the tests
if ! [ -x "$PILLION" ]; then
	echo "Bail out! $PILLION is not there: build it, or name it in PILLION"
	exit 1
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/pillion-test.XXXXXX")
chmod 755 "$work"
cd "$work" || exit 1
export HOME=$work # hfsutils keep notes there
trap 'cd /; rm -rf "$work"' EXIT

pillion() {
	local command=$1
	shift
	# shellcheck disable=SC2086
	timeout "${LIMIT:-60}" "$PILLION" "$command" ${PILLION_ARGS:-} "$@"
}

need() { # PROGRAM PACKAGE: skip the whole file without it
	have "$1" || skip_all "$1 is missing (Debian package $2)"
}

root() { [ "$(id -u)" = 0 ]; }

# The file system TYPE is in the library's configuration.
supported() {
	local err
	truncate -s 64K probe.img
	err=$(pillion ls --type "$1" probe.img:/ 2>&1)
	[[ "$err" != *"built without"* ]]
}

image() { # NAME SIZE MKFS...: a fresh image made by the command, which gets its name appended
	local name=$1 size=$2
	shift 2
	rm -f "$name"
	truncate -s "$size" "$name"
	"$@" "$name" >mkfs.log 2>&1 || { sed 's/^/# /' mkfs.log; return 1; }
}

# mkntfs, and room for some files: Linux 6.1's ntfs3 cannot extend the table of files.
if have mkntfs ntfscp; then
	mkntfs_roomy() { # IMAGE
		local i spares=()
		mkntfs -q -F -f "$1" || return 1
		echo spare >spare
		for i in $(seq 100); do
			ntfscp -q "$1" spare "spare$i" 2>/dev/null || return 1
			spares+=("$1:/spare$i")
		done
		pillion rm "${spares[@]}"
	}
fi

# A tree with something of everything that a plain file system keeps; reproducible contents.
plain_tree() { # DIR
	mkdir -p "$1/sub/deep/deeper" "$1/empty"
	echo hello >"$1/file"
	: >"$1/zero"
	perl -e 'srand(7); print pack("N*", map { int rand(2**32) } 1 .. 300000)' >"$1/sub/big"
	perl -e 'print "x" x 4097' >"$1/sub/deep/odd"
	for i in 1 2 3 4 5 6 7 8 9; do
		echo "$i" >"$1/sub/deep/deeper/n$i"
	done
	touch -d '2019-03-04 05:06:08' "$1/file" "$1/sub/big"
}

# ... and what only a Unix file system does.
unix_tree() { # DIR
	plain_tree "$1"
	ln -s file "$1/link"
	ln -s /etc/passwd "$1/absolute"
	ln -s ../../../../../etc/passwd "$1/sub/up"
	ln "$1/file" "$1/sub/hard"
	mkfifo "$1/fifo"
	chmod 640 "$1/sub/big"
	chmod 2755 "$1/empty"
	chmod 4711 "$1/zero"
	truncate -s 40M "$1/sparse"
	printf middle | dd of="$1/sparse" bs=1 seek=20M conv=notrunc status=none
	touch -d '2001-02-03 04:05:06.123456789' "$1/file" "$1/empty" "$1/zero"
	touch -h -d '2002-02-03 04:05:06.987654321' "$1/link"
	touch "$1/$(printf 'bad\xffname')" "$1/$(printf 'esc\033[31m')" "$1/ünï"
}

# One line for each file: type, mode, links, owner, size, times, name, target, contents.
describe() { # DIR
	(cd "$1" && find . -mindepth 1 -printf '%y %m %n %U:%G %T@ %P -> %l %s\n' |
		sed -E '/^d/s/ [0-9]+$//' | sort
	find . -type f -print0 | sort -z | xargs -0 -r sha256sum)
}

# The same without owner and links, for file systems that have none, and with whole seconds.
contents() { # DIR
	(cd "$1" && find . -type f -print0 | sort -z | xargs -0 -r sha256sum
	find . -type d | sort)
}

in_use_now() { # IMAGE: a process has it open and locked
	grep -q ":$(stat -c %i "$1") " /proc/locks
}

in_use() { # IMAGE: wait until that is so
	for _ in $(seq 600); do
		in_use_now "$1" && return
		sleep 0.05
	done
	return 1
}

unchanged() { # IMAGE SHA256: nothing was written
	[ "$(sha256sum <"$1")" = "$2" ]
}
