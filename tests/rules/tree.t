#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Rule 1, untouched donor: the unpacked tree and the package's tarball are the same files with the
# same contents; arch/pillion, a link to our port, is the only thing more. Arguments: tarball, tree.
set -u
tarball=${1:-${LINUX_TARBALL:-/usr/src/linux-source-6.1.tar.xz}}
tree=${2:-${LINUX_TREE:?names the unpacked tree}}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

# differences TARBALL PARENT NAME: lists how PARENT/NAME differs from the tarball, in any order.
differences() {
	# Owner and times are the unpacker's; what is compared is names, types, links and contents.
	tar --compare --verbose --file "$1" --directory "$2" > "$dir/names" 2> "$dir/err"
	grep -hE ': (Contents|Size|File type|Symlink|Mode) differs?|: Not linked to' \
	    "$dir/names"
	grep -E 'No such file|Cannot' "$dir/err"
	grep -vE ': (Contents|Size|Mode|Mod time|Uid|Gid|File type|Symlink) ' "$dir/names" |
	    sed -e 's|/$||' -e 's|^\./||' | sort -u > "$dir/want"
	(cd "$2" && find "$3") | sort > "$dir/have"
	comm -13 "$dir/want" "$dir/have" | grep -vx "$3/arch/pillion" |
	    sed 's/$/: not in the tarball/'
}

echo 1..3
if [ -f "$tarball" ] && [ -d "$tree" ]; then
	differences "$tarball" "$(dirname "$tree")" "$(basename "$tree")" > "$dir/diff"
	sed 's/^/# /' "$dir/diff" | head -20
	count=$(wc -l < "$dir/want")
	if [ ! -s "$dir/diff" ] && [ "$count" -gt 70000 ]; then
		echo "ok 1 - the donor's tree is the tarball's ($count files and folders)"
	else
		echo "not ok 1 - the donor's tree is the tarball's ($count files and folders)"
	fi
	if [ "$(readlink "$tree/arch/pillion")" != "" ]; then
		echo "ok 2 - arch/pillion is a link"
	else
		echo "not ok 2 - arch/pillion is a link"
	fi
else
	echo "ok 1 # SKIP no tarball or no tree here"
	echo "ok 2 # SKIP no tarball or no tree here"
fi

# The check itself: a small tree in which a file was changed, one added, one removed.
mkdir -p "$dir/a/sub"
for f in kept changed gone; do echo $f > "$dir/a/sub/$f"; done
tar -cf "$dir/a.tar" -C "$dir" a
echo CHANGED > "$dir/a/sub/changed"
rm "$dir/a/sub/gone"
echo new > "$dir/a/new"
differences "$dir/a.tar" "$dir" a > "$dir/diff"
if grep -q 'sub/changed: Contents' "$dir/diff" && grep -q 'sub/gone.*No such' "$dir/diff" &&
    grep -q '^a/new: not in' "$dir/diff" && ! grep -q kept "$dir/diff"; then
	echo "ok 3 - a changed, an added and a missing file are noticed"
else
	echo "not ok 3 - a changed, an added and a missing file are noticed"
	sed 's/^/# /' "$dir/diff"
fi
