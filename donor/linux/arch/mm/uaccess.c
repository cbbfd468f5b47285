// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which addresses a library task may name, and the copies that asm/uaccess.h does not do itself.
 *
 * Two envelopes are tested first (asm/uaccess.h): the arena with its window, and the donor's own
 * sections. The latter lie among the embedder's in the final link, so inside that envelope each
 * is looked at. Device memory widens the second.
 */
#include <linux/kernel.h>
#include <linux/export.h>
#include <linux/futex.h>
#include <linux/mm.h>
#include <linux/uaccess.h>
#include <asm/futex.h>
#include <asm/rump.h>
#include <asm/sections.h>
#include "mm.h"

#define MAX_RANGES 64

static struct {
	unsigned long start, size;
} ranges[MAX_RANGES];
static unsigned int nranges;

extern char __start_relro[], __end_relro[];	/* constants that contain addresses: vmlinux.lds */

unsigned long pillion_guard_lo[2] = { 0, 0 };
unsigned long pillion_guard_size[2] = { 0, 0 };

static bool overlaps(unsigned long addr, unsigned long size, unsigned long start, unsigned long len)
{
	return addr - start < len || start - addr < size;
}

bool pillion_user_range_ok(unsigned long addr, unsigned long size)
{
	unsigned int i;

	if (addr + size < addr)
		return false;
	if (overlaps(addr, size, pillion_guard_lo[0], pillion_guard_size[0]))
		return false;
	for (i = 0; i < nranges; i++)
		if (overlaps(addr, size, ranges[i].start, ranges[i].size))
			return false;
	return true;
}
EXPORT_SYMBOL(pillion_user_range_ok);

/* Refuse an address range to library tasks from now on. False: there are too many. */
bool pillion_uaccess_device(unsigned long start, unsigned long size)
{
	unsigned long lo = pillion_guard_lo[1], hi = lo + pillion_guard_size[1];
	unsigned int i;

	for (i = 0; i < nranges; i++)
		if (ranges[i].start <= start && start + size <= ranges[i].start + ranges[i].size)
			return true;
	if (!size || nranges == MAX_RANGES)
		return !size;
	ranges[nranges].start = start;
	ranges[nranges++].size = size;
	if (!pillion_guard_size[1]) {
		lo = start;
		hi = start + size;
	}
	pillion_guard_lo[1] = min(lo, start);
	pillion_guard_size[1] = max(hi, start + size) - pillion_guard_lo[1];
	return true;
}

void pillion_uaccess_init(unsigned long window)
{
	pillion_guard_lo[0] = pillion_arena;
	pillion_guard_size[0] = pillion_arena_size + window;
	pillion_uaccess_device((unsigned long)_stext, _etext - _stext);
	pillion_uaccess_device((unsigned long)__start_rodata, __end_rodata - __start_rodata);
	pillion_uaccess_device((unsigned long)__start_relro, __end_relro - __start_relro);
	pillion_uaccess_device((unsigned long)_sdata, _edata - _sdata);
	pillion_uaccess_device((unsigned long)__bss_start, __bss_stop - __bss_start);
}

unsigned long __clear_user(void __user *to, unsigned long n)
{
	const void *zero = page_to_virt(ZERO_PAGE(0));
	unsigned long len, left;

	if (pillion_is_program(current))
		return pillion_clear_program((unsigned long)to, n);
	for (; n; n -= len, to += len) {
		len = min(n, PAGE_SIZE);
		left = rumpext_copy((void __force *)to, zero, len);
		if (left)
			return n - (len - left);
	}
	return 0;
}
EXPORT_SYMBOL(__clear_user);

/*
 * Strings: piece by piece, no piece crossing a page, so that a fault behind the terminator does
 * not matter.
 */
#define PIECE 64

static unsigned long piece_len(const char __user *src, long left)
{
	unsigned long room = PIECE - ((unsigned long)src & (PIECE - 1));

	return min_t(unsigned long, room, left);
}

long strncpy_from_user(char *dst, const char __user *src, long count)
{
	long done = 0;
	unsigned long len, n;

	might_fault();
	while (done < count) {
		len = piece_len(src + done, count - done);
		if (!access_ok(src + done, len) ||
		    raw_copy_from_user(dst + done, src + done, len))
			return -EFAULT;
		n = strnlen(dst + done, len);
		done += n;
		if (n < len)
			return done;
	}
	return done;
}
EXPORT_SYMBOL(strncpy_from_user);

long strnlen_user(const char __user *src, long count)
{
	char piece[PIECE];
	long done = 0;
	unsigned long len, n;

	might_fault();
	while (done < count) {
		len = piece_len(src + done, count - done);
		if (!access_ok(src + done, len) || raw_copy_from_user(piece, src + done, len))
			return 0;
		n = strnlen(piece, len);
		done += n;
		if (n < len)
			return done + 1;
	}
	return count + 1;
}
EXPORT_SYMBOL(strnlen_user);

static int cmpxchg_word(u32 __user *uaddr, u32 old, u32 new, u32 *prev)
{
	if (pillion_is_program(current))
		return pillion_cmpxchg_program((unsigned long)uaddr, old, new, prev);
	return rumpext_cmpxchg32((u32 __force *)uaddr, old, new, prev);
}

int pillion_futex_cmpxchg(u32 *uval, u32 __user *uaddr, u32 oldval, u32 newval)
{
	if (!access_ok(uaddr, sizeof(*uaddr)) || cmpxchg_word(uaddr, oldval, newval, uval))
		return -EFAULT;
	return 0;
}

int pillion_futex_op(int op, int oparg, int *oval, u32 __user *uaddr)
{
	u32 old, new, seen;

	if (!access_ok(uaddr, sizeof(*uaddr)))
		return -EFAULT;
	for (;;) {
		if (__get_user(old, uaddr))
			return -EFAULT;
		switch (op) {
		case FUTEX_OP_SET:
			new = oparg;
			break;
		case FUTEX_OP_ADD:
			new = old + oparg;
			break;
		case FUTEX_OP_OR:
			new = old | oparg;
			break;
		case FUTEX_OP_ANDN:
			new = old & ~oparg;
			break;
		case FUTEX_OP_XOR:
			new = old ^ oparg;
			break;
		default:
			return -ENOSYS;
		}
		if (cmpxchg_word(uaddr, old, new, &seen))
			return -EFAULT;
		if (seen == old) {
			*oval = old;
			return 0;
		}
	}
}
