#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Running QEMU with the test kernel: exit status, console, signals, debugger, network, devices.
# shellcheck source=tests/run-tool/lib.sh disable=SC2154
. "$(dirname "$0")/lib.sh"
need qemu-system-x86_64 qemu-system-x86
need gcc gcc

program hello
truncate -s 1M disk.img

# the exit status
for status in 0 1 2 126 127 128 139 255; do
	exits $status "the program's status $status" run ./hello exit $status
done
exits 9 "a status by the exit port alone" run ./hello port 9
exits 70 "a panic by it" run ./hello port 127
exits 70 "a panic" run ./hello panic
like "$out" 'panic: it is \x1b[31mred' "... its text is shown, escaped"
exits 71 "out of memory" run ./hello oom
like "$out" "--mem" "... has a remedy"
exits 71 "less than the kernel and its files take" run --mem=4M ./hello
like "$out" "give it --mem=" "... has one, too"
exits 72 "a disk that cannot be mounted" run ./hello mount
like "$out" "cannot mount: vdz: " "... is named"
exits 70 "a reset of the machine" run ./hello reset
exits 9 "records that are none" run --timings ./hello phases
like "$out" "one                       1.500 ms" "... do not disturb those that are"
like "$out" "three                     2.500 ms  (+1.000;" "... nor after a very long one"
LIMIT=20 exits 5 "a guest that has said its status, and never ends" run ./hello linger
exits 5 "... where the caller ignores the end of its children" \
	perl -e '$SIG{CHLD} = "IGNORE"; exec @ARGV' timeout 60 "$PILLION" run --kernel="$KERNEL" \
	./hello exit 5
exits 124 "a timeout" run --timeout=1.5 ./hello hang
is "$out" "pillion: run: timeout: the program has not ended" "... says so, and only that"
exits 125 "QEMU fails" run --qemu=-frobnicate ./hello
like "$out" "frobnicate" "... with its own words"
exits 125 "no QEMU" env PATH=/nonesuch "$PILLION" run --kernel="$KERNEL" ./hello
like "$out" "qemu-system-x86" "... names the package"

# every machine takes the archive and gives the console
run ./hello config "" >config.txt
is "$(head -2 config.txt)" "version=1
program=$work/hello" "the guest reads its configuration"
is "$(tail -2 config.txt)" "stdin=stream
stdout=stream" "... which tells it that there is no terminal"
perl -e 'srand 3; print map { chr int rand 256 } 1 .. 20000' >bytes
perl -e 'print "x" x 10000' >line
for machine in pc q35 microvm; do
	"$PILLION" run --kernel="$KERNEL" --machine=$machine --timeout=30 ./hello echo <bytes |
		cmp -s - bytes
	is "${PIPESTATUS[*]}" "0 0" "$machine: all bytes go in and out, and the end of them"
done
"$PILLION" run --kernel="$KERNEL" --timeout=30 ./hello echo <line | cmp -s - line
is "${PIPESTATUS[*]}" "0 0" "a long line"
printf 'no end of line' | "$PILLION" run --kernel="$KERNEL" --timeout=30 ./hello echo >out
is "$(cat out)" "no end of line" "an end that is no end of a line"
run ./hello flood | head -c 10 >out
is "${PIPESTATUS[0]} $(cat out)" "141 ffffffffff" "nobody reads the output"
run ./hello flood | { sleep 3; wc -c; } >out
is "${PIPESTATUS[0]} $(cat out)" "0 1048576" "who reads late gets all of it"
# QEMU is ended 3 seconds after the program has said its status; the reader is later than that
run ./hello late | { head -c 938576 | wc -c; sleep 5; wc -c; } >out
is "${PIPESTATUS[0]} $(tr "\n" " " <out)" "5 938576 110000 " \
	"... also where QEMU does not end by itself"
{
	run --timeout=2 ./hello flood 2>err
	echo $? >status
} > >(exec sleep 20) &
wait_for 19 test -s status
is "$(cat status)" 124 "a timeout while nobody reads"
if [ -e /dev/full ]; then
	run ./hello flood >/dev/full 2>err
	is "$?" 125 "a full disk under the output"
	like "$(cat err)" "No space left" "... is told"
fi

"$PILLION" run --kernel="$KERNEL" --timeout=30 ./hello exit 6 <&- >&- 2>&-
is "$?" 6 "no standard input, output or error"

stays() { # wait until the guest that was begun does
	wait_for 30 grep -q here out.log
}

# signals: QEMU ends, too
for sig in TERM INT HUP; do
	: >out.log
	# a shell's background process ignores SIGINT, and all of nohup's SIGHUP: perl undoes that
	perl -e '$SIG{$_} = "DEFAULT" for qw(INT HUP); exec @ARGV' \
		"$PILLION" run --kernel="$KERNEL" ./hello stay </dev/null >out.log 2>err &
	pid=$!
	stays
	qemu=$(pgrep -P $pid qemu)
	kill -$sig $pid
	wait $pid
	is "$? $(cat err)" "$((128 + $(kill -l $sig))) " "SIG$sig"
	[ -n "$qemu" ] && ! kill -0 "$qemu" 2>/dev/null
	ok "... ends QEMU"
done
start ./hello stay
stays
qemu=$(pgrep -P $pid qemu)
{ kill -KILL $pid; wait $pid; } 2>/dev/null
# shellcheck disable=SC2016 # another shell's
wait_for 10 bash -c '! kill -0 '"$qemu"
ok "QEMU does not outlive a killed pillion"

# a terminal: raw meanwhile, ^C is the guest's, restored after; ^] three times ends
cat >terminal.py <<'PY'
import os, pty, sys, termios, time, select, signal
import fcntl
keys = sys.argv[1].encode().decode('unicode_escape').encode('latin1')
master, slave = pty.openpty()
before = termios.tcgetattr(slave)
pid = os.fork()
if pid == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in 0, 1, 2:
        os.dup2(slave, fd)
    os.execv(sys.argv[2], sys.argv[2:])
seen, sent, end = b'', False, time.time() + 40

def unread():
    return fcntl.ioctl(slave, termios.FIONREAD, b'    ') != b'\0\0\0\0'

def type_keys():
    begin = time.time()
    for k in keys:
        os.write(master, bytes([k]))
        time.sleep(0.02)            # a read for each
        while unread() and time.time() < end:
            time.sleep(0.01)
    return time.time() - begin

while time.time() < end:
    if termios.tcgetattr(slave)[3] & termios.ICANON == 0 and not sent:
        time.sleep(0.3)
        # ^] three times in more than a second are none: the host was too slow
        while type_keys() > 1 and keys == b'\x1d' * 3:
            time.sleep(2)
        sent = True
    if select.select([master], [], [], 0.1)[0]:
        seen += os.read(master, 4096)
    done, status = os.waitpid(pid, os.WNOHANG)
    if done:
        break
else:
    os.kill(pid, signal.SIGKILL)
    status = -1
while select.select([master], [], [], 0.1)[0]:
    seen += os.read(master, 4096)
same = termios.tcgetattr(slave) == before
print(os.waitstatus_to_exitcode(status), seen, 'restored' if same else 'not restored')
PY
if have python3; then
	# ^V ^C: the test kernel takes the quoting away, as a line discipline does
	out=$(python3 terminal.py 'a\x16\x03b\x1d\n\x04' "$PILLION" run --kernel="$KERNEL" \
		./hello echo)
	is "$out" "0 b'a\\x03b\\x1d\\n' restored" "a terminal: every key is the guest's"
	out=$(python3 terminal.py '\x1d\x1d\x1d' "$PILLION" run --kernel="$KERNEL" ./hello hang)
	is "$out" "143 b'' restored" "... but ^] three times"
	out=$(python3 terminal.py '' "$PILLION" run --kernel="$KERNEL" --timeout=1 ./hello hang)
	like "$out" "not ended\\r\\n' restored" "... a timeout restores it, too"
	out=$(python3 terminal.py '' /usr/bin/env TERM=vt220 "$PILLION" run --kernel="$KERNEL" \
		./hello config)
	like "$out" 'stdin=terminal\nstdout=terminal\n' "... the guest is told"
	like "$out" 'env=TERM=vt220' "... its kind, too"
else
	skip "a terminal" "python3 is missing"
fi

# a debugger
if have gdb; then
	start --timeout=60 --gdb ./hello exit 3
	wait_for 30 grep -q "target remote" err.log
	socket=$(sed -n "s/.*target remote \([^']*\)'.*/\1/p" err.log)
	is "$(stat -c %a "$(dirname "$socket")")" 700 "--gdb: the socket is private"
	wait_for 30 test -S "$socket"
	gdb -batch -ex 'set remotetimeout 30' \
		-ex "target remote $socket" -ex detach "$KERNEL" >gdb.log 2>&1
	wait $pid
	is "$?" 3 "... gdb attaches, and lets it go"
	[ ! -e "$(dirname "$socket")" ]
	ok "... nothing is left behind"
else
	skip "--gdb" "gdb is missing"
fi

# network: published ports are at 127.0.0.1
free_port
start --timeout=60 --publish=$port:80 --pcap="a,b.pcap" ./hello hang
wait_for 20 bash -c "exec 3<>/dev/tcp/127.0.0.1/$port"
ok "a published port"
if have ss; then
	is "$(ss -Hltn "sport = :$port" | awk '{ print $4 }')" "127.0.0.1:$port" \
		"... of 127.0.0.1 only"
fi
wait_for 20 test -s a,b.pcap
ok "--pcap, a comma in its name"
kill $pid
wait $pid
# twice OPTION: a second run with it beside a first one that has it
twice() {
	local status
	start --timeout=60 "$1" ./hello stay
	stays
	run --timeout=30 "$1" ./hello
	status=$?
	kill $pid
	wait $pid
	return $status
}
exits 125 "a port that is in use" twice --publish=$port:80
like "$out" "port $port of the host is somebody else's" "... is told"
exits 125 "a tap that is not there" run --net=tap=nonesuch0 ./hello
like "$out" "ip tuntap add dev nonesuch0" "... and how to make it"

# QEMU has every device, by these names
works() { # NAME OPTION...
	exits 0 "$@" ./hello exit 0
}
for nic in e1000 e1000e virtio pcnet rtl8139 vmxnet3; do
	works "$nic" run --nic=$nic
done
works "virtio on microvm" run --machine=microvm --net=user --disk=disk.img
works "a static address" run --address=192.168.7.9/24 --publish=$port:80
works "a static address with a router" run --address=192.168.7.9/24 --gateway=192.168.7.1
works "the buses of a PC" run --disk=disk.img,ro --disk=disk.img,ro,cdrom,bus=ide \
	--disk=disk.img,ro,bus=usb --disk=disk.img,ro,bus=ehci --disk=disk.img,ro,bus=scsi \
	--disk=disk.img,ro,bus=virtio-scsi --disk=disk.img,ro,cdrom,bus=ahci
for bus in virtio ide ahci nvme scsi virtio-scsi usb ehci; do
	works "a disk to be written on $bus" run --disk=disk.img,bus=$bus
done
works "q35 with AHCI and NVMe" run --machine=q35 --disk=disk.img,bus=ahci
if have qemu-img; then
	qemu-img create -q -f qcow2 q.img 1M
	qemu-img create -q -f qcow2 -b disk.img -F raw b.img
	works "a qcow2 image" run --disk=q.img
	works "a backing file" run --backing --disk=b.img
fi
exits 125 "a disk that another run writes to" twice --disk=disk.img
like "$out" "lock" "... is locked"
done_testing
