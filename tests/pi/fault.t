#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# What must end the kernel does, with its name and a backtrace; the machine's end itself.
# shellcheck source=tests/pi/lib.sh
. "$(dirname "$0")/lib.sh"

for machine in raspi3 virt; do
	fault() { boot "$machine" "fault=$1" -smp 4; }

	fault null
	panics "$machine: null pointer" 'page fault: write to 0x8 \(null pointer\)' bottom
	fault text
	panics "$machine: write to code" 'page fault: write to 0x[0-9a-f]+ \(kernel code\)' bottom
	fault alias
	panics "$machine: write to code through the direct map" \
		'page fault: write to .*\(direct map\)' bottom
	fault rodata
	panics "$machine: write to a constant" 'page fault: write to .*\(kernel constant\)' bottom
	fault data
	panics "$machine: execution of data" 'page fault: execution of .*\(kernel data\)' fault
	fault heap
	panics "$machine: execution of the heap" 'page fault: execution of .*\(direct map\)' fault
	fault stack
	panics "$machine: stack overflow" 'page fault: write to .*\(kernel stack overflow\)' \
		'dig[.a-z0-9]*'
	grep -q '^in thread digger ' out
	ok "$machine: the thread is named" || show
	fault elsewhere
	panics "$machine: stack overflow on another CPU" \
		'page fault: write to .*\(kernel stack overflow\)' 'dig[.a-z0-9]*'
	for stack in idle idle-elsewhere; do
		fault "$stack"
		panics "$machine: stack overflow of a CPU that has nothing to do ($stack)" \
			'page fault: write to .*\(kernel stack overflow\)' 'dig[.a-z0-9]*'
		grep -q '^in thread idle ' out
		ok "$machine: the thread is named" || show
	done
	fault smash
	panics "$machine: overwritten stack frame" 'stack smashed' 'smash[.a-z0-9]*'
	fault assert
	panics "$machine: assertion" 'tests/nucleus/fault.c:[0-9]+: assertion failed: zero == 1' fault
	fault wild
	panics "$machine: an address that is none" 'page fault: write to .*\(no memory\)' bottom
	fault twice
	panics "$machine: block freed twice" 'heap_free\(0x[0-9a-f]+\): already free' heap_free
	fault deadlock
	panics "$machine: mutex locked twice" 'mutex .*: locked twice by main' mutex_lock
	fault userexec
	panics "$machine: user memory executed by the kernel" \
		'page fault: execution of .*\(user address\)' fault

	qemu "$machine" test=format
	[ $? = 0 ] && grep -q '^1\.\.' out
	ok "$machine: power off" || show
	qemu "$machine" end=reset
	[ $? = 0 ] && ! grep -q '^1\.\.' out
	ok "$machine: reset" || show
done
boot virt fault=user -cpu max
panics "user memory read by the kernel, with PAN" 'page fault: read of .*\(user address\)' fault
done_testing
