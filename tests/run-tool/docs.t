#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The manual page and the completion know every option of `pillion run`.
# shellcheck source=tests/run-tool/lib.sh disable=SC2154
. "$(dirname "$0")/lib.sh"

man=$source/../../docs/man/pillion-run.1
completion=$source/../../tools/completion/pillion.bash
missing=
for option in $("$PILLION" run --help | grep -oE -- '--[a-z-]+' | sort -u); do
	grep -qE "^\.It (.* )?Fl (-usage|-help , Fl )?${option#-}( |$)" "$man" ||
		grep -q "Fl ${option#-}" "$man" || missing+=" $option(manual)"
	grep -q -- "$option" "$completion" || missing+=" $option(completion)"
done
is "$missing" "" "every option is documented"
for name in e1000 e1000e virtio pcnet rtl8139 vmxnet3 ide ahci nvme scsi virtio-scsi usb ehci \
	pc q35 microvm; do
	grep -qw -- "$name" "$man"
	ok "$name is documented"
done
for status in 70 71 72 124 125 126 127 141; do
	grep -qE "^\.It .*\b$status" "$man"
	ok "status $status is documented"
done
if have mandoc; then
	is "$(mandoc -T lint -W warning "$man" | grep -v 'outdated mandoc.db')" "" \
		"mandoc finds no fault"
else
	skip "mandoc" "mandoc is missing"
fi

# complete_line LINE: what is offered at its end, with the words split as readline does
complete_line() {
	# shellcheck disable=SC2016
	bash -c 'source "$1"; COMP_LINE=$2; COMP_POINT=${#2}
		read -ra COMP_WORDS <<<"${2//=/ = }"; [[ $2 == *[" ="] ]] && COMP_WORDS+=("")
		[[ $2 == *"=" ]] && unset "COMP_WORDS[-1]"
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _pillion 2>/dev/null
		printf "%s\n" "${COMPREPLY[@]}"' - "$completion" "$1"
}
like "$(complete_line "pillion r")" run "the command is completed"
is "$(complete_line "pillion run --mac")" --machine= "an option"
is "$(complete_line "pillion run --machine=")" $'pc\nq35\nmicrovm' "its values"
is "$(complete_line "pillion run --machine=q")" q35 "... begun"
is "$(complete_line "pillion run --machine q")" q35 "... as a word of their own"
touch some.img
is "$(complete_line "pillion run --mem=1G --disk=so")" some.img "a file"
is "$(complete_line "pillion run --mem 1G ./prog so")" some.img "an argument of the program"
like "$(complete_line "pillion run --mem 1G bas")" bash "a program"
done_testing
