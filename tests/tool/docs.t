#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The man page and the shell completion know what the command knows.
# shellcheck source=tests/tool/lib.sh disable=SC2154
. "$(dirname "$0")/lib.sh"

man=$source/../../docs/man/pillion.1
completion=$source/../../tools/completion/pillion.bash
page=$(tr -d '\\' <"$man")

# The text about a command, and that about all of them.
about() { # COMMAND
	awk -v own="^[.]It Cm $1$" '/^[.](It Cm|El)/ { on = 0 } $0 ~ own { on = 1 } on' <<<"$page"
	awk '/^[.]S[hs]/ { on = /Options of all/ } on' <<<"$page"
}

# complete LINE: what is offered at its end
complete_line() {
	# shellcheck disable=SC2016
	bash -c 'source "$1"; COMP_LINE=$2; COMP_POINT=${#2}
		read -ra COMP_WORDS <<<"${2//:/ : }"; [[ $2 == *" " ]] && COMP_WORDS+=("")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _pillion 2>/dev/null
		printf "%s\n" "${COMPREPLY[@]}"' - "$completion" "$1"
}
for command in info ls tree stat cat cp mkdir rm mv ln df tar; do
	help=$("$PILLION" $command --help)
	text=$(about $command)
	like "$text" ".It Cm $command" "$command: is documented"
	missing=
	options=$(grep -oE -- '--[a-z-]+' <<<"$help" | sort -u)
	for option in $options $(sed -nE 's/^ +(-[a-zA-Z]),.*/\1/p' <<<"$help"); do
		grep -qE -- "Fl ${option#-}( |$)" <<<"$text" || missing="$missing $option"
	done
	is "$missing" "" "$command: every option is documented with it"
	is "$(complete_line "pillion $command --" | sort)" "$options" "$command: completion of options"
done
"$PILLION" --help >/dev/null && "$PILLION" -V >/dev/null && "$PILLION" --version >/dev/null &&
	grep -q "^.Fl V , Fl -version" <<<"$page"
ok "--help, -V and --version are documented and there"
if have mandoc; then
	is "$(mandoc -T lint -W warning "$man" | grep -v 'outdated mandoc.db')" "" \
		"mandoc finds no fault"
else
	skip "mandoc" "mandoc is missing"
fi

like "$(complete_line "pillion in")" info "completion of a command"
like "$(complete_line "pillion ls --js")" --json "completion of an option"
touch some.img
like "$(complete_line "pillion ls so")" some.img "completion of a file"
if have mkfs.ext4; then
	image a.img 8M mkfs.ext4 -q
	pillion mkdir a.img:/dir a.img:/dir/inner
	PATH="$(dirname "$PILLION"):$PATH"
	is "$(complete_line "pillion ls a.img:/dir/i")" /dir/inner "completion inside an image"
	if have sfdisk; then
		truncate -s 20M two.img
		printf 'start=1MiB, size=8MiB\nstart=10MiB, size=8MiB\n' |
			sfdisk -q two.img >/dev/null 2>&1
		dd if=a.img of=two.img bs=1M seek=10 conv=notrunc status=none
		mkfs.ext4 -q -E offset=1048576 two.img 8M 2>/dev/null
		for choice in "-p 2" "-p2" "--partition 2" "--partition = 2" "-t ext4 -p 2"; do
			is "$(complete_line "pillion ls $choice two.img:/di")" /dir "... with $choice"
		done
		is "$(complete_line "pillion cp -r -p 1 two.img:/x -p 2 two.img:/di")" /dir \
			"... of the second operand"
	else
		skip "completion in a partition" "sfdisk is missing"
	fi
else
	skip "completion inside an image" "mkfs.ext4 is missing"
fi
done_testing
