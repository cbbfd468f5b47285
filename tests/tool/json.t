#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# --json is JSON, whatever the names are.
# shellcheck source=tests/tool/lib.sh disable=SC2154
. "$(dirname "$0")/lib.sh"
need mkfs.ext4 e2fsprogs

perl -MJSON::PP -e 1 2>/dev/null || {
	echo "1..0 # SKIP JSON::PP is missing (Debian package perl)"
	exit 0
}
# json EXPRESSION: what the perl expression says of $j, the parsed standard input
json() { perl -MJSON::PP -0777 -e 'my $j = JSON::PP->new->utf8->decode(<STDIN>);
	binmode STDOUT, ":utf8"; print eval shift; die $@ if $@' "$1"; }

image a.img 32M mkfs.ext4 -q -L "$(printf 'lab"el\\')"
mkdir tree
printf 12345 >'tree/plain'
printf x >"tree/$(printf 'q"uo\\te\n\t\001')"
printf x >"tree/$(printf 'bad\xff\xfe')"
printf x >tree/ünïcödé
ln -s "$(printf 'target"\xff')" tree/link
touch -d '2001-02-03 04:05:06.000000007' tree/plain
touch -d '1960-01-01 00:00:00' tree/ünïcödé
have setfattr && setfattr -n user.x -v 0x0022ff tree/plain 2>/dev/null && attributes=1
pillion cp -r tree a.img:/

is "$(pillion info --json a.img | json '$j->[0]{volumes}[0]{label}')" 'lab"el\' "info: the label"
is "$(pillion info --json a.img | json '$j->[0]{size} + 1')" 33554433 "info: sizes are numbers"
pillion ls --json -a a.img:/tree >ls.json
is "$(json 'scalar @$j' <ls.json)" 5 "ls: all files"
is "$(json '(grep { $_->{name} eq "plain" } @$j)[0]{size} + 0' <ls.json)" 5 "ls: size"
is "$(json '(grep { $_->{name} eq "plain" } @$j)[0]{mtime}' <ls.json)" \
	2001-02-03T04:05:06.000000007Z "ls: time"
is "$(json '(grep { $_->{name} =~ /n.c/ } @$j)[0]{mtime}' <ls.json)" \
	1960-01-01T00:00:00.000000000Z "ls: a time before 1970"
is "$(json 'scalar grep { $_->{name} eq "q\"uo\\te\n\t\1" } @$j' <ls.json)" 1 "ls: an odd name"
is "$(json '(grep { $_->{name_hex} } @$j)[0]{name_hex}' <ls.json)" 626164fffe "ls: exact bytes"
is "$(json '(grep { $_->{type} eq "symlink" } @$j)[0]{target_hex}' <ls.json)" \
	74617267657422ff "ls: the bytes of a target"
is "$(pillion stat --json a.img:/tree/plain | json '$j->[0]{mode}')" \
	"0$(stat -c %a tree/plain)" "stat: mode"
if [ -n "${attributes:-}" ]; then
	is "$(pillion stat --json a.img:/tree/plain | json '$j->[0]{xattrs}[0]{value_hex}')" \
		0022ff "stat: attributes"
else
	skip "stat: attributes" "setfattr, or attributes on $work, are missing"
fi
is "$(pillion df --json a.img | json '$j->[0]{total} > $j->[0]{available} ? "yes" : "no"')" yes "df"
# what a terminal would obey: C1 controls, an override, an isolate, a tag beyond 16 bits
evil=$(printf 'c1\u009b2J\u202er\u2066i\U000e0041t')
mkdir evil && printf x >"evil/$evil"
pillion cp -r evil a.img:/
pillion ls --json a.img:/evil >evil.json
like "$(cat evil.json)" '"c1\u009b2J\u202er\u2066i\udb40\udc41t"' "characters a terminal obeys"
is "$(json '$j->[0]{name}' <evil.json)" "$evil" "... are the same when read"
pillion ls --json a.img:/nonesuch 2>/dev/null | json 'scalar @$j' >/dev/null
ok "still JSON after a failure"
head -c 100 /dev/zero >bad.img
while read -r command bad good; do
	pillion "$command" --json "$bad" "$good" >two.json 2>/dev/null
	is $? 3 "$command: one of two images cannot be opened"
	is "$(json 'scalar @$j' <two.json)" 1 "... the other is there"
	pillion "$command" --json "$bad" >two.json 2>/dev/null
	is "$(json 'scalar @$j' <two.json)" 0 "... the one alone makes an empty array"
done <<END
info bad.img a.img
df bad.img a.img
ls bad.img:/ a.img:/tree/link
stat bad.img:/ a.img:/
END
is "$(pillion info --json a.img ./a.img | json 'join " ", map { $_->{image} } @$j')" \
	"a.img ./a.img" "info of an image under two names"
is "$(pillion info a.img a.img | grep -c '^a.img')" 2 "... and twice under one"
pillion info --json /dev/null >/dev/null 2>&1
is $? 3 "info of what is no image"
done_testing
