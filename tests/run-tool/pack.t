#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# What is packed: the program, what it needs, what is asked for; read back by bsdcpio.
# shellcheck source=tests/run-tool/lib.sh disable=SC2154
. "$(dirname "$0")/lib.sh"
need bsdcpio libarchive-tools
need gcc gcc

# has NAME TEXT: the archive has it
has() {
	grep -qxF -- "$1" <<<"$names"
	ok "$2" || sed 's/^/# /' <<<"$names"
}

lacks() {
	! grep -qxF -- "$1" <<<"$names"
	ok "$2"
}

# a static program
program hello
pack ./hello "two words" $'line\nbreak' 'back\slash' ''
is "$(head -c 6 a.cpio)" 070701 "the archive is newc"
is "$(head -2 <<<"$names")" $'.pillion\n.pillion/config' "the configuration comes first"
is "$(config)" "version=1
program=$work/hello
arg=./hello
arg=two words
arg=line\\nbreak
arg=back\\\\slash
arg=
env=PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
env=HOME=/root
net=none
loglevel=4
strace=0
timings=0
stdin=terminal
stdout=terminal" "the configuration"
cmp -s hello "tree$work/hello"
ok "the program is there, at its own path"
is "$(grep -c . <<<"$names")" "$(grep -c . <<<"$(sort -u <<<"$names")")" "no name comes twice"
for dir in dev proc sys tmp run etc/passwd etc/group etc/hosts etc/nsswitch.conf; do
	has "$dir" "/$dir"
done
is "$(stat -c %a tree/tmp)" 1777 "/tmp is for all"
is "$(cd tree && find . -path ./.pillion -prune -o -name '*.so*' -print)" "" \
	"a static program brings no library"

pack --env=A=1 --env=B=2 --env=A=3 --env=PATH=/x --strace --timings --log-level=7 \
	--address=10.0.2.99 ./hello
is "$(config | grep -v ^arg)" "version=1
program=$work/hello
env=HOME=/root
env=B=2
env=A=3
env=PATH=/x
net=static
address=10.0.2.99/24
gateway=10.0.2.2
dns=10.0.2.3
loglevel=7
strace=1
timings=1
stdin=terminal
stdout=terminal" "a configuration with more in it"
is "$(cat tree/etc/resolv.conf)" "nameserver 10.0.2.3" "/etc/resolv.conf"

# a dynamic one: everything that its linker loads, and its own layout
echo 'int main(void) { return 0; }' | gcc -x c -o dynamic -
pack ./dynamic
has "${work#/}/dynamic" "a dynamic program"
for lib in $(ldd dynamic | grep -o '/[^ ]*'); do
	[ -e "tree$lib" ] || [ -L "tree$lib" ]
	ok "... with $lib"
done
cmp -s "tree$(readlink -f /lib64/ld-linux-x86-64.so.2)" /lib64/ld-linux-x86-64.so.2
ok "... the dynamic linker is whole"
is "$(readlink tree/lib64)" "$(readlink /lib64)" "... symbolic links are kept"
if root; then
	is "$(chroot tree "$work/dynamic"; echo $?)" 0 "... and it runs on these files alone"
	echo 'hello there' >in.txt
	pack --file=in.txt:/in.txt /bin/bash
	is "$(chroot tree /bin/bash -c 'read -r line </in.txt; echo "$line"')" "hello there" \
		"so does bash"
else
	skip "it runs on these files alone" "chroot needs root"
fi

# libraries in odd places
mkdir -p libs app/bin app/lib
echo 'int f(void) { return 1; }' |
	gcc -x c -shared -fPIC -Wl,-soname,libone.so.1 -o libs/libone.so.1 -
ln -s libone.so.1 libs/libone.so
echo 'int f(void); int g(void) { return f(); }' |
	gcc -x c -shared -fPIC -Wl,-rpath,"$work/libs" -o libs/libtwo.so - -Llibs -lone
echo 'int g(void); int main(void) { return g(); }' >main.c
gcc -o runpath main.c -Llibs -ltwo -Wl,-rpath,"$work/libs" -Wl,-rpath-link,libs
pack ./runpath
has "${work#/}/libs/libtwo.so" "DT_RUNPATH"
has "${work#/}/libs/libone.so.1" "... and the library's own"
gcc -o norunpath main.c -Llibs -ltwo -Wl,-rpath-link,libs
exits 126 "a library that is not found" run --dry-run ./norunpath
like "$out" "needs the library libtwo.so" "... is named"
pack --env=LD_LIBRARY_PATH="$work/libs" ./norunpath
has "${work#/}/libs/libtwo.so" "LD_LIBRARY_PATH of the guest"
exits 126 "LD_LIBRARY_PATH of the host does not count" env LD_LIBRARY_PATH="$work/libs" \
	"$PILLION" run --kernel="$KERNEL" --dry-run ./norunpath
cp libs/* app/lib
gcc -o app/bin/origin main.c -Llibs -ltwo -Wl,-rpath,'$ORIGIN/../lib' -Wl,-rpath-link,libs
pack app/bin/origin
has "${work#/}/app/lib/libtwo.so" "\$ORIGIN"
gcc -o app/bin/rpath main.c -Llibs -ltwo -Wl,-rpath-link,libs \
	-Wl,--disable-new-dtags,-rpath,'${ORIGIN}/../lib'
pack app/bin/rpath
has "${work#/}/app/lib/libtwo.so" "DT_RPATH and \${ORIGIN}"
echo '#include <pthread.h>
#include <netdb.h>
int main(void) { gethostbyname("x"); pthread_exit(0); }' | gcc -x c -o threads -
pack ./threads
[ -e "tree$(ldconfig -p | sed -n 's/.*libgcc_s.so.1 .*x86-64.* => //p' | head -1)" ]
ok "what libc loads to end a thread"

# musl
if have musl-gcc; then
	echo 'int main(void) { return 0; }' | musl-gcc -x c -o musl -
	pack ./musl
	[ -e tree/lib/ld-musl-x86_64.so.1 ] || [ -L tree/lib/ld-musl-x86_64.so.1 ]
	ok "a program of musl's"
	! grep -q ld-linux <<<"$names"
	ok "... without glibc"
	[ "$(cd tree && readlink -f lib/ld-musl-x86_64.so.1 | xargs basename)" != "" ] &&
		(root && chroot tree "$work/musl" || ! root)
	ok "... runs on these files alone"
else
	skip "musl" "musl-gcc is missing"
fi

# scripts
printf '#!%s/dynamic -x\n' "$work" >script
chmod +x script
pack ./script
like "$(config)" "program=$work/script" "a script is the program"
has "${work#/}/dynamic" "... its interpreter is packed"
has usr/lib/x86_64-linux-gnu/libc.so.6 "... with its libraries"
printf '#!relative\n' >script
exits 126 "a script with a relative interpreter" run --dry-run ./script
printf '#!%s/script\n' "$work" >script
exits 126 "a script that is its own interpreter" run --dry-run ./script
printf '#!/nonesuch/sh\n' >script
exits 127 "a script whose interpreter is not there" run --dry-run ./script
echo text >text
exits 126 "a text" run --dry-run ./text
like "$out" "neither an ELF file nor a script" "... is none"

# --file
mkdir -p data/sub
echo one >data/one
echo two >data/sub/two
ln -s one data/link
ln -s /etc/passwd data/absolute
mkfifo data/fifo
chmod 4755 data/one
pack --file=data:/srv/data --file=text:/etc/motd --file=text:/etc/passwd ./hello
is "$(cat tree/srv/data/sub/two)" two "a directory of files"
is "$(readlink tree/srv/data/link) $(readlink tree/srv/data/absolute)" "one /etc/passwd" \
	"... symbolic links stay links"
[ -p tree/srv/data/fifo ]
ok "... special files are kept"
is "$(cat tree/etc/passwd)" text "a file takes the place of the one that is added"
exits 125 "two files in one place" run --dry-run --file=text:/x --file=hello:/x ./hello
like "$out" "/x: in the guest two different files" "... are refused"
exits 125 "a file where a directory is" run --dry-run --file=text:/x --file=text:/x/y ./hello
pack --file=text:/../../x/./y ./hello
has x/y ".. does not lead out of the guest's root"
pack --file=text:/.pillion/config ./hello
like "$out" "reserved" "the configuration's name is reserved"
is "$(head -1 tree/.pillion/config)" version=1 "... it is not replaced"
pack --file=text:/lib64/text ./dynamic
is "$(cat "tree/$(readlink /lib64)/text" 2>/dev/null)" text \
	"a file below a link goes where it leads"
pack --file=runpath:/opt/tool ./hello
has opt/tool "an executable as a file"
has "${work#/}/libs/libtwo.so" "... brings its libraries"
mkdir -p scripts
echo "a private file of the host" >secret
printf '#!%s/secret\n' "$work" >scripts/leak
printf '#!%s/script\n' "$work" >scripts/chain
printf '#!%s/dynamic\n' "$work" >script
chmod +x script scripts/*
pack --file=scripts:/opt ./hello
has opt/leak "a script as a file"
lacks "${work#/}/secret" "... what it calls its interpreter is not packed when it is no program"
like "$out" "secret: a script's interpreter, but no program" "... and told"
has "${work#/}/dynamic" "... the interpreter of an interpreter is"
exits 126 "a program whose interpreter is no program" run --dry-run scripts/leak
pack --file=norunpath:/opt/tool ./hello
like "$out" "needs the library libtwo.so" "... one that it lacks is only told"

# --root
mkdir -p jail/bin jail/etc jail/usr
cp hello jail/bin/hello
ln -s /etc/passwd jail/etc/shadow
ln -s / jail/up
ln -s ../../../../../../../etc jail/usr/etc
ln -s ../../../../../../../../bin/hello jail/bin/again
cp threads jail/bin/threads
pack --root=jail /bin/hello
like "$(config)" program=/bin/hello "a root directory: the program is in it"
is "$(readlink tree/etc/shadow)" /etc/passwd "... links are packed as they are"
lacks etc/debian_version "... and nothing through them"
pack --root=jail /bin/again
ok "a program by a link that would lead out"
exits 127 "a program that is on the host only" run --dry-run --root=jail /bin/sh
exits 127 "a relative program" run --dry-run --root=jail bin/hello
pack --root=jail hello
like "$(config)" program=/bin/hello "a program of the root's PATH"
exits 126 "a program whose interpreter is not in the root" run --dry-run --root=jail /bin/threads
like "$out" "its interpreter jail/lib64/ld-linux-x86-64.so.2" "... it is named"
mkdir -p jail/lib64
ln -s /lib64/ld-linux-x86-64.so.2 jail/lib64/ld-linux-x86-64.so.2
exits 126 "... nor by a link to the host's" run --dry-run --root=jail /bin/threads
pack --root=jail --file=text:/etc/shadow /bin/hello
is "$(cat tree/etc/shadow)" text "--file replaces a file of the root"
truncate -s 1M disk.img
exits 0 "a root image" run --dry-run --root=disk.img,ro,part=2 /bin/sh -c true
like "$out" "node-name=disk0,read-only=on" "... is a disk"
pack --root=disk.img,ro,part=2 --disk=disk.img,ro --mount=disk0p1:/srv:ext4 /bin/sh
is "$(config | grep -E '^(root|mount|program)')" "program=/bin/sh
root=vda2:auto:ro
mount=vdb1:/srv:ext4:ro" "... that the configuration names"
is "$(grep -v pillion <<<"$names")" "" "... and nothing else is packed"
exits 125 "--file and a root image" run --dry-run --root=disk.img --file=text:/x /bin/sh
like "$out" "pillion cp" "... has a remedy"

# limits
truncate -s 5G huge
exits 125 "a file of 5 GiB" "$PILLION" run --image=h.cpio --file=huge:/huge ./hello
like "$out" "too large to be packed" "... is refused"
[ ! -e h.cpio ] && [ -z "$(ls h.cpio.* 2>/dev/null)" ]
ok "... and nothing is left behind"
truncate -s 200M huge
exits 125 "more files than memory" run --dry-run --mem=128M --file=huge:/huge ./hello
like "$out" "more than the guest's memory" "... are refused"
if ! root; then
	chmod 0 text
	exits 125 "a file without permission" run --dry-run --file=text:/text ./hello
fi
done_testing
