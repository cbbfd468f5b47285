#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# What must end the kernel does, with its name and a backtrace; the machine's end itself.
# shellcheck source=tests/pc/lib.sh
. "$(dirname "$0")/lib.sh"

fault() { boot q35 "fault=$1" -cpu "${2:-qemu64}"; }

fault null
panics "null pointer" 'page fault: write to 0x8 \(null pointer\)' bottom
fault text
panics "write to code" 'page fault: write to 0x[0-9a-f]+ \(kernel code\)' bottom
fault alias
panics "write to code through the direct map" 'page fault: write to .*\(direct map\)' bottom
fault rodata
panics "write to a constant" 'page fault: write to .*\(kernel constant\)' bottom
fault data
panics "execution of data" 'page fault: execution of .*\(kernel data\)' fault
fault heap
panics "execution of the heap" 'page fault: execution of .*\(direct map\)' fault
fault stack
panics "stack overflow" 'double fault at .*\(kernel stack overflow\)' 'dig[.a-z0-9]*'
grep -q '^in thread digger ' out
ok "the thread is named" || show
boot q35 fault=elsewhere -smp 4
panics "stack overflow on another CPU" 'double fault at .*\(kernel stack overflow\)' \
	'dig[.a-z0-9]*'
for stack in idle idle-elsewhere; do
	boot q35 "fault=$stack" -smp 4
	panics "stack overflow of a CPU that has nothing to do ($stack)" \
		'double fault at .*\(kernel stack overflow\)' 'dig[.a-z0-9]*'
	grep -q '^in thread idle ' out
	ok "the thread is named" || show
done
fault smash
panics "overwritten stack frame" 'stack smashed' 'smash[.a-z0-9]*'
fault division
panics "division by zero" 'division error' fault
fault assert
panics "assertion" 'tests/nucleus/fault.c:[0-9]+: assertion failed: zero == 1' fault
fault wild
panics "non-canonical address" 'general protection fault' bottom
fault twice
panics "block freed twice" 'heap_free\(0x[0-9a-f]+\): already free' heap_free
fault deadlock
panics "mutex locked twice" 'mutex .*: locked twice by main' mutex_lock
fault user max
panics "user memory read by the kernel, with SMAP" 'page fault: read of .*\(user address\)' fault
fault userexec max
panics "user memory executed by the kernel, with SMEP" \
	'page fault: execution of .*\(user address\)' fault

for machine in pc q35 microvm; do
	qemu "$machine" -kernel "$image" -append test=format
	[ $? = 0 ] && grep -q '^1\.\.' out
	ok "$machine: power off" || show
	boot "$machine" end=reset
	[ $? = 0 ] && ! grep -q '^1\.\.' out
	ok "$machine: reset" || show
done
done_testing
