#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The options, from the command line and from a file: what is accepted, and what is refused.
# shellcheck source=tests/run-tool/lib.sh disable=SC2154
. "$(dirname "$0")/lib.sh"

program hello
truncate -s 1M disk.img
: >empty.img
cp disk.img "odd,name.img"

exits 0 "--help" "$PILLION" run --help
exits 125 "no program" "$PILLION" run
exits 125 "an unknown option" run --frobnicate ./hello
refused 127 "No such file" "a program that is not there" ./nonesuch
refused 127 "not found in PATH" "one that is not in PATH" nonesuch-program
refused 126 "Is a directory" "a directory" ./
refused 125 "nonesuch" "a kernel that is not there" --kernel=./nonesuch ./hello
exits 0 "options end at the program" run --dry-run ./hello --mem=nonsense

for mem in "" x -1 +1 " 1" 0 3M 65G 99999999999999999999999 18014398509481985K 1.5M 64MB 0x10; do
	refused 125 "is not a size" "--mem '$mem'" --mem="$mem" ./hello
done
exits 0 "--mem 64M" run --dry-run --mem=64M ./hello
like "$out" "-m 65536K" "... reaches QEMU"
for time in "" x -1 0 1e99 nan inf 1x 1ss 0x10; do
	refused 125 "not a time" "--timeout '$time'" --timeout="$time" ./hello
done
refused 125 "is no machine: there are pc, q35, microvm" "--machine" --machine=vax ./hello
refused 125 "there are e1000, e1000e, virtio" "--nic" --nic=ne2000 ./hello
refused 125 "microvm has no e1000" "a card that the machine lacks" --machine=microvm \
	--nic=e1000 ./hello
refused 125 "levels are 0 to 7" "--log-level" --log-level=8 ./hello
refused 125 "there are tcg and kvm" "--accel" --accel=xen ./hello
refused 125 "is not set here" "--env of a variable that is not set" --env=NOT_SET_AT_ALL ./hello
refused 125 "name of the variable" "--env without a name" --env==x ./hello

# network
refused 125 "is not user[,restrict], tap=NAME or none" "--net" --net=foo ./hello
refused 125 "name of an interface" "--net tap with a comma" --net="tap=a,script=/x" ./hello
refused 125 "name of an interface" "--net tap with a long name" --net=tap=abcdefghijklmnopq ./hello
for publish in "" 80 80: :80 0:80 80:0 65536:80 80:65536 -1:80 a:b 1:2:3:4 80:80/sctp \
	99999999999999999999:80 127.0.0.1:80 "::1:80:80" "80:80,hostfwd=tcp::1-:1"; do
	refused 125 "is not [ADDRESS:]HOST:GUEST" "--publish '$publish'" --publish="$publish" ./hello
done
refused 125 "published twice" "a port twice" --publish=80:80 --publish=80:81 ./hello
refused 125 "published twice" "a port at all addresses and at one" --publish=0.0.0.0:80:80 \
	--publish=80:81 ./hello
exits 0 "TCP and UDP of a port" run --dry-run --publish=80:80 --publish=80:80/udp ./hello
like "$out" "hostfwd=tcp:127.0.0.1:80-:80,hostfwd=udp:127.0.0.1:80-:80" "... at 127.0.0.1"
exits 0 "a port at all addresses, if told" run --dry-run --publish=0.0.0.0:80:80 ./hello
like "$out" "hostfwd=tcp:0.0.0.0:80-:80" "... and only then"
refused 125 "another option needs a network" "--net none and --publish" --net=none \
	--publish=80:80 ./hello
refused 125 "--publish needs --net user" "--net tap and --publish" --net=tap=tap0 \
	--publish=80:80 ./hello
for address in "" x 1.2.3 1.2.3.4.5 1.2.3.4/0 1.2.3.4/31 1.2.3.4/33 1.2.3.4/x 1.2.3.4/-1; do
	refused 125 "is not an address" "--address '$address'" --address="$address" ./hello
done
refused 125 "network's own address" "the network's own address" --address=10.1.2.0/24 ./hello
refused 125 "broadcast" "the broadcast address" --address=10.1.2.255/24 ./hello
refused 125 "needs an --address" "a gateway alone" --net=user --gateway=10.0.0.1 ./hello
refused 125 "not in the network" "a gateway elsewhere" --address=10.1.2.9 --gateway=10.1.3.1 \
	./hello
refused 125 "three already" "four name servers" --dns=1.1.1.1 --dns=1.1.1.2 --dns=1.1.1.3 \
	--dns=1.1.1.4 ./hello
exits 0 "a network without a way out" run --dry-run --net=user,restrict --publish=8080:80 ./hello
like "$out" "user,id=net0,restrict=on,hostfwd=" "... published ports stay"

# disks
refused 125 "No such file" "a disk that is not there" --disk=nonesuch.img ./hello
refused 125 "options after the name" "a misspelt option of a disk" --disk=disk.img,rw ./hello
refused 125 "not an image file" "a directory as a disk" --disk=.,ro ./hello
refused 125 "too small" "an empty disk" --disk=empty.img ./hello
refused 125 "there are virtio, ide" "--disk bus" --disk=disk.img,bus=isa ./hello
refused 125 "there are raw, qcow2" "--disk format" --disk=disk.img,format=luks ./hello
refused 125 "names no image" "--disk without an image" --disk=,ro ./hello
refused 125 "use bus=ahci" "IDE on q35" --machine=q35 --disk=disk.img,bus=ide ./hello
refused 125 "microvm has no nvme" "NVMe on microvm" --machine=microvm --disk=disk.img,bus=nvme \
	./hello
refused 125 "cannot be read-only" "a read-only IDE disk" --disk=disk.img,ro,bus=ide ./hello
refused 125 "a CD-ROM needs" "a CD on virtio" --disk=disk.img,cdrom ./hello
exits 0 "a comma in an image's name" run --dry-run --disk="odd,name.img,ro" ./hello
like "$out" "file.filename=odd,,name.img" "... is doubled for QEMU"
like "$out" "driver=raw" "... and the format told"
exits 0 "two NVMe disks" run --dry-run --disk=disk.img,bus=nvme --disk=disk.img,bus=nvme \
	./hello
is "$(grep -o 'serial=[a-z0-9]*' <<<"$out" | sort -u | wc -l)" 2 "... have names of their own"
if have qemu-img; then
	qemu-img create -q -f qcow2 q.img 1M
	qemu-img create -q -f qcow2 -b disk.img -F raw b.img
	exits 0 "a qcow2 image of any name" run --dry-run --disk=q.img ./hello
	like "$out" "driver=qcow2" "... is known by its first bytes"
	like "$out" "file.filename=q.img,backing=" "... and has no backing file, whatever comes"
	exits 0 "... unless it is said to be raw" run --dry-run --disk=q.img,format=raw ./hello
	like "$out" "driver=raw" "... which is what QEMU is told then"
	refused 125 "refers to another file" "a backing file" --disk=b.img ./hello
	exits 0 "... with --backing" run --dry-run --backing --disk=b.img ./hello
fi
for mount in "" vda vda:srv :/srv "vd a:/srv" "vda:/srv:e/t" ../x:/srv; do
	refused 125 "is not DEV:PATH[:TYPE" "--mount '$mount'" --mount="$mount" ./hello
done
refused 125 "there is no disk1" "a mount of a disk that is not there" --disk=disk.img \
	--mount=disk1:/srv ./hello
refused 125 "there is no disk99999999999999999999" "... with a huge number" --disk=disk.img \
	--mount=disk99999999999999999999:/srv ./hello
refused 125 "say the guest's own name" "a mount that is not clear" --disk=disk.img,bus=ide \
	--disk=q.img,bus=ahci --mount=disk1:/srv ./hello
refused 125 "is not HOST:GUEST" "--file without a guest path" --file=hello ./hello
refused 125 "is not HOST:GUEST" "--file with a relative one" --file=hello:x ./hello
refused 125 "No such file" "--file that is not there" --file=nonesuch:/x ./hello
refused 125 "the name must end in" "--image without a known suffix" --image=out.bin ./hello
refused 125 "neither a port nor" "--gdb" --gdb=x ./hello
refused 125 "neither a port nor" "--gdb with a comma" --gdb=/tmp/x,server ./hello

# the file of options
file() { # TEXT: the file of options
	printf '%b' "$1" >o.conf
}
file '# comment\nmem = 32M\npublish = 8080:80\n    8081:81\nprogram = ./hello\narg = a b\narg = c\n'
exits 0 "a file of options" run --dry-run --config=o.conf
like "$out" "-m 32768K" "... is obeyed"
like "$out" "8080-:80,hostfwd=tcp:127.0.0.1:8081-:81" "... with further lines"
exits 0 "... and overruled" run --dry-run --config=o.conf --mem=48M ./hello x
like "$out" "-m 49152K" "... by what comes later"
pack --config=o.conf
like "$(config)" $'arg=./hello\narg=a b\narg=c\n' "... with its program"
pack --config=o.conf ./hello other
like "$(config)" $'arg=./hello\narg=other\nenv' "... or the command line's"
file 'strace = yes\ntimings = no\nprogram = ./hello'
pack --config=o.conf
like "$(config)" $'strace=1\ntimings=0' "yes and no"

bad() { # LINE TEXT FILE NAME
	file "$3"
	refused 125 "o.conf: line $1: $2" "$4" --config=o.conf ./hello
}
bad 2 "there is no option 'memory'" 'mem = 32M\nmemory = 1\n' "an unknown key"
bad 1 "there is no option 'config'" 'config = x\n' "a file in a file"
bad 3 "mem: 'x' is not a size" '\n\nmem = x\n' "a wrong value"
bad 1 "strace: yes or no" 'strace = maybe\n' "neither yes nor no"
bad 2 "there are no sections" '[run]\nmem = 32M\n' "a section"
bad 1 "not 'name = value'" 'hello\n' "a line that is none"
bad 1 "arg: comes after program" 'arg = x\n' "an argument without a program"
bad 2 "program: there is one" 'program = x\nprogram = y\n' "two programs"
bad 2 "longer than 198" "mem=32M\nenv = A=$(printf 'x%.0s' {1..250})\n" "a long line"
bad 1 "a NUL byte" 'mem = 3\x002M\n' "a NUL byte"
bad 3 "publish: port 80" 'publish = 80:80\n\npublish = 80:80\n' "a port twice"
refused 125 "No such file" "a file that is not there" --config=nonesuch ./hello
refused 125 "Is a directory" "a directory" --config=. ./hello
refused 125 "longer than 1 MiB" "a file without an end" --config=/dev/zero ./hello
if root; then
	skip "a file without permission" "root may read everything"
else
	chmod 0 o.conf
	refused 125 "Permission denied" "a file without permission" --config=o.conf ./hello
fi

# what is printed is a command
exits 0 "--dry-run" run --dry-run --cpu="max,+x \$(touch injected)'\"" --qemu="it's" \
	--env="A=b c" ./hello
words=$(bash -c "set -- $out; printf '%s\n' \"\$@\"")
like "$words" "max,+x \$(touch injected)'\"" "... is quoted"
like "$words" "it's" "... each word"
[ ! -e injected ]
ok "... and executes nothing"
done_testing
