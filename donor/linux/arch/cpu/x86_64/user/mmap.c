// SPDX-License-Identifier: GPL-2.0-only
/* Where mappings go: MAP_32BIT wants those that x86-64's small code model reaches. */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched/mm.h>
#include <linux/sizes.h>

#define LOW_BEGIN	SZ_1G
#define LOW_END		(2UL * SZ_1G)

static unsigned long low_area(unsigned long addr, unsigned long len)
{
	struct vm_unmapped_area_info info = {
		.length = len,
		.low_limit = LOW_BEGIN,
		.high_limit = LOW_END,
	};

	addr = PAGE_ALIGN(addr);
	if (addr >= LOW_BEGIN && len <= LOW_END && addr <= LOW_END - len &&
	    !find_vma_intersection(current->mm, addr, addr + len))
		return addr;
	return vm_unmapped_area(&info);
}

static bool wants_low(unsigned long flags)
{
	return (flags & (MAP_32BIT | MAP_FIXED)) == MAP_32BIT;
}

unsigned long arch_get_unmapped_area(struct file *filp, unsigned long addr, unsigned long len,
				     unsigned long pgoff, unsigned long flags)
{
	return wants_low(flags) ? low_area(addr, len) :
		generic_get_unmapped_area(filp, addr, len, pgoff, flags);
}

unsigned long arch_get_unmapped_area_topdown(struct file *filp, unsigned long addr,
					     unsigned long len, unsigned long pgoff,
					     unsigned long flags)
{
	return wants_low(flags) ? low_area(addr, len) :
		generic_get_unmapped_area_topdown(filp, addr, len, pgoff, flags);
}
