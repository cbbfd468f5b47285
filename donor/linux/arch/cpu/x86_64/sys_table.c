// SPDX-License-Identifier: GPL-2.0-only
/*
 * x86-64's system-call table (arch/x86/entry/syscalls/syscall_64.tbl), and the calls that only
 * x86 has.
 */
#include <linux/linkage.h>
#include <linux/syscalls.h>
#include <linux/errno.h>
#include <asm/syscall.h>

#define NI(name)	asmlinkage long name(void); asmlinkage long name(void) { return -ENOSYS; }
NI(sys_iopl)

NI(sys_modify_ldt)
#ifdef CONFIG_PILLION_PROGRAMS
asmlinkage long sys_arch_prctl(int option, unsigned long arg);	/* user/user.c */
asmlinkage long sys_rt_sigreturn(void);				/* user/sigframe.c */
#else
NI(sys_arch_prctl)
NI(sys_rt_sigreturn)
#endif

asmlinkage long sys_ioperm(unsigned long from, unsigned long num, int on)
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

/* kernel/syscall.c, network.c */
#define sys_futex pillion_sys_futex
#define sys_futex_waitv pillion_sys_futex_waitv
#define sys_reboot pillion_sys_reboot
#define sys_socket pillion_sys_socket

#define __SYSCALL(nr, sym)	[nr] = (pillion_syscall_fn)sym,
const pillion_syscall_fn sys_call_table[NR_syscalls] = {
	[0 ... NR_syscalls - 1] = (pillion_syscall_fn)sys_ni_syscall,
#include <asm/syscalls.h>
};
