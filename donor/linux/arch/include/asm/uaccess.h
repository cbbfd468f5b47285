/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_UACCESS_H
#define _ASM_PILLION_UACCESS_H

/*
 * User memory of a library task is the host process's own, less what is the donor's: its arena
 * and window, its code and data, and device memory. Those are refused before any access
 * (mm/uaccess.c). Everything else may still be a bad address, which rumpext_copy() survives.
 *
 * A program task's is its process's own, reached through the page tables and the arena
 * (mm/walk.c).
 */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <asm/program.h>

#ifndef __rumpcall
#define __rumpcall __attribute__((visibility("default")))
#endif
extern __SIZE_TYPE__ rumpext_copy(void *dst, const void *src, __SIZE_TYPE__ len) __rumpcall;

bool pillion_user_range_ok(unsigned long addr, unsigned long size);

/*
 * What is refused lies inside this envelope; most pointers are outside it, which is quick to
 * tell.
 */
extern unsigned long pillion_guard_lo[2], pillion_guard_size[2];

static __always_inline int pillion_access_ok(const void __user *ptr, unsigned long size)
{
	unsigned long addr = (unsigned long)ptr;

	if (pillion_is_program(current))
		return size <= TASK_SIZE && addr <= TASK_SIZE - size;
	if (likely(addr + size >= addr &&
		   addr - pillion_guard_lo[0] >= pillion_guard_size[0] && pillion_guard_lo[0] - addr >= size &&
		   addr - pillion_guard_lo[1] >= pillion_guard_size[1] && pillion_guard_lo[1] - addr >= size))
		return 1;
	return pillion_user_range_ok(addr, size);
}
#define __access_ok pillion_access_ok

#ifdef CONFIG_PILLION_PROGRAMS
unsigned long raw_copy_from_user(void *to, const void __user *from, unsigned long n);
unsigned long raw_copy_to_user(void __user *to, const void *from, unsigned long n);
#else
static __always_inline unsigned long
raw_copy_from_user(void *to, const void __user *from, unsigned long n)
{
	return rumpext_copy(to, (const void __force *)from, n);
}

static __always_inline unsigned long
raw_copy_to_user(void __user *to, const void *from, unsigned long n)
{
	return rumpext_copy((void __force *)to, from, n);
}
#define INLINE_COPY_FROM_USER
#define INLINE_COPY_TO_USER
#endif

unsigned long __clear_user(void __user *to, unsigned long n);
#define __clear_user __clear_user

/* For probing only (dumps, kprobes): a bad kernel address is survived as well. */
#define __get_kernel_nofault(dst, src, type, err_label)				\
do {										\
	if (rumpext_copy((dst), (const void *)(src), sizeof(type)))		\
		goto err_label;							\
} while (0)
#define __put_kernel_nofault(dst, src, type, err_label)				\
do {										\
	if (rumpext_copy((void *)(dst), (src), sizeof(type)))			\
		goto err_label;							\
} while (0)

#include <asm-generic/uaccess.h>

#endif
