#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# qcow2, VMDK and VDI images, by their contents and not by their names.
# shellcheck source=tests/tool/lib.sh disable=SC2154
. "$(dirname "$0")/lib.sh"
need mkfs.ext4 e2fsprogs
need qemu-img qemu-utils
need qemu-nbd qemu-utils

plain_tree tree
image raw.img 64M mkfs.ext4 -q -L inside
export TMPDIR=$work
for format in qcow2 vmdk vdi; do
	qemu-img convert -O $format raw.img disk
	exits 0 "$format: info" pillion info disk
	like "$out" "disk: $format, 64.0 MiB" "$format: is recognised"
	like "$out" "label inside" "$format: and what is in it"
	sum=$(sha256sum <disk)
	exits 0 "$format: ls" pillion ls disk:/
	unchanged disk "$sum"
	ok "$format: reading changes nothing"
	exits 0 "$format: copy in" pillion cp -r tree disk:/t
	exits 0 "$format: copy out" pillion cp -r disk:/t out-$format
	is "$(contents out-$format)" "$(contents tree)" "$format: contents agree"
	qemu-img convert -O raw disk check.img
	exits 0 "$format: fsck is clean" e2fsck -fn check.img
	[ $format = vmdk ] || exits 0 "$format: qemu-img check" qemu-img check disk
	rm -rf disk out-$format
done
exits 0 "nothing is left of the sockets" bash -c '! ls -d "$TMPDIR"/pillion-*'

# one qcow2 in use
qemu-img convert -O qcow2 raw.img disk
mkfifo slow
# shellcheck disable=SC2086
"$PILLION" tar ${PILLION_ARGS:-} -x disk:/ <slow 2>/dev/null &
job=$!
exec 3>slow
in_use disk
exits 5 "qcow2: a second writer is refused" pillion mkdir disk:/x
kill -TERM $job
wait $job
is $? 143 "qcow2: SIGTERM"
exec 3>&-
for _ in $(seq 600); do
	in_use_now disk || break
	sleep 0.05
done
! in_use_now disk
ok "... qemu-nbd has ended, too"
qemu-img convert -O raw disk check.img
exits 0 "... fsck is clean" e2fsck -fn check.img

# images that refer to others
qemu-img create -q -f qcow2 -b raw.img -F raw over.qcow2
exits 3 "a backing file is refused" pillion ls over.qcow2:/
like "$out" "--backing" "... with the cure"
exits 0 "... and allowed with --backing" pillion ls --backing over.qcow2:/
mkdir "odd,name"
mv over.qcow2 raw.img "odd,name"
exits 0 "... under a name with a comma" pillion ls --backing "odd,name/over.qcow2:/"
mv odd,name/* .
qemu-img create -q -f vmdk -o subformat=monolithicFlat flat.vmdk 1M
exits 3 "VMDK with a separate extent is refused" pillion ls flat.vmdk:/
printf '# Disk DescriptorFile\nversion=1\nRW 100 FLAT "/etc/passwd" 0\n' >evil.vmdk
exits 3 "VMDK naming a host file is refused" pillion info evil.vmdk

# a sparse VMDK with a parent, by a header that hides its descriptor: qemu reads that at 512 always
qemu-img create -q -f raw secret.raw 4M
printf 'SECRET' | dd of=secret.raw conv=notrunc status=none
qemu-img create -q -f vmdk -o subformat=monolithicFlat parent.vmdk 4M
sed -i 's/"parent-flat.vmdk"/"secret.raw"/' parent.vmdk
qemu-img create -q -f vmdk plain.vmdk 4M
evil() { # HEADER-OFFSET VALUE: of the fields of 64 bits
	perl -0777 -pe 'BEGIN { ($at, $value, $parent) = splice @ARGV, 0, 3 }
		my $text = qq(# Disk DescriptorFile\nversion=1\nCID=5c466f7e\nparentCID=12345678\n) .
			qq(createType="monolithicSparse"\nRW 8192 SPARSE "e.vmdk"\n) .
			qq(parentFileNameHint="$parent"\n);
		my $clean = substr $_, 512, 10240;
		substr($_, 512, 10240) = pack "a10240", $text;
		substr($_, 20480, 10240) = $clean;
		substr($_, $at, 8) = pack "Q<", $value if $at' "$1" "$2" "$work/parent.vmdk" \
		plain.vmdk >evil.vmdk
}
evil 0 0
exits 3 "VMDK with a parent is refused" pillion info evil.vmdk
evil 36 0
exits 3 "... with a descriptor of size 0" pillion info evil.vmdk
like "$out" "--backing" "... as what it is"
evil 36 $((1 << 55))
exits 3 "... of a size that wraps to 0" pillion info evil.vmdk
like "$out" "--backing" "... as what it is"
evil 28 40
exits 3 "... with a clean descriptor elsewhere" pillion info evil.vmdk
like "$out" "--backing" "... as what it is"
evil 28 0
exits 3 "... with none, it says" pillion info evil.vmdk
like "$out" "--backing" "... as what it is"

# the directory of the socket
long=$work/$(perl -e 'print "long" x 50')
mkdir "$long"
exits 0 "a TMPDIR with a long name" env TMPDIR="$long" "$PILLION" info disk
exits 3 "... that is not there" env TMPDIR="$long/none" "$PILLION" info disk
like "$out" TMPDIR "... is not passed over"

# a server that does not answer
mkdir bin
printf '#!/bin/sh\necho >%s\nexec sleep 60\n' "$PWD/asked" >bin/qemu-nbd
chmod +x bin/qemu-nbd
for signal in INT TERM HUP; do
	case $signal in INT) want=130 ;; TERM) want=143 ;; HUP) want=129 ;; esac
	{
		rm -f asked
		perl -e '$SIG{INT} = "DEFAULT"; exec @ARGV' timeout -s KILL 30 \
			env PATH="$PWD/bin:$PATH" sh -c 'echo $$ >pid; exec "$@"' - \
			"$PILLION" info disk &
		until [ -e asked ]; do sleep 0.05; done
		kill -$signal "$(cat pid)"
		wait $!
		status=$?
	} 2>/dev/null
	is $status $want "SIG$signal ends the wait for a server that does not answer"
done

# broken ones
head -c 70000 disk >cut.qcow2
pillion ls cut.qcow2:/ >/dev/null 2>err
status=$?
[ $status = 3 ] || [ $status = 4 ]
ok "a truncated qcow2 (exit $status)"
printf 'QFI\xfb' >tiny.qcow2
exits 3 "a qcow2 of four bytes" pillion info tiny.qcow2
exits 3 "without qemu-nbd" env PATH=/nonexistent "$PILLION" ls disk:/
like "$out" "qemu-utils" "... the package is named"
done_testing
