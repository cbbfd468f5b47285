// SPDX-License-Identifier: GPL-2.0-only
/* The system-call table of 64-bit ARM: the generic one (include/uapi/asm-generic/unistd.h). */
#include <linux/linkage.h>
#include <linux/syscalls.h>
#include <linux/errno.h>
#include <asm/syscall.h>

asmlinkage long sys_rt_sigreturn(void)
{
	return -ENOSYS;
}

SYSCALL_DEFINE6(mmap, unsigned long, addr, unsigned long, len, unsigned long, prot,
		unsigned long, flags, unsigned long, fd, unsigned long, off)
{
	if (off & ~PAGE_MASK)
		return -EINVAL;
	return ksys_mmap_pgoff(addr, len, prot, flags, fd, off >> PAGE_SHIFT);
}

#undef __SYSCALL
/* kernel/syscall.c, network.c */
#define sys_futex pillion_sys_futex
#define sys_futex_waitv pillion_sys_futex_waitv
#define sys_reboot pillion_sys_reboot
#define sys_socket pillion_sys_socket

#define __SYSCALL(nr, sym)	[nr] = (pillion_syscall_fn)sym,
const pillion_syscall_fn sys_call_table[NR_syscalls] = {
	[0 ... NR_syscalls - 1] = (pillion_syscall_fn)sys_ni_syscall,
	/* Not <asm/unistd.h>, which has been read and is guarded. */
#include <asm-generic/unistd.h>
};
