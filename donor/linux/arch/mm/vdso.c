// SPDX-License-Identifier: GPL-2.0-only
/*
 * The vDSO as programs see it: a page of clock data, [vvar], and the shared object behind it,
 * [vdso]. The object's bytes are in the donor's image and are copied to pages, because only those
 * can be mapped. The clock data is the donor's (kernel/time/vsyscall.c) and, in it, the
 * platform's: rumpext_user_clock().
 */
#include <linux/kernel.h>
#include <linux/binfmts.h>
#include <linux/elf.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <vdso/datapage.h>
#include <asm/vdso/vsyscall.h>
#include <asm/program.h>
#include <asm/rump.h>

#define MOST_PAGES	4

extern const char pillion_vdso_image[], pillion_vdso_image_end[];

struct vdso_data *pillion_vdso_data;
static struct page *data_page[2];
static struct page *image_page[MOST_PAGES + 1];
static unsigned long image_pages;

static const struct vm_special_mapping vvar_mapping = {
	.name = "[vvar]",
	.pages = data_page,
};

static const struct vm_special_mapping vdso_mapping = {
	.name = "[vdso]",
	.pages = image_page,
};

/* Timekeeping writes to it from its beginning. */
void __init pillion_vdso_data_init(void)
{
	BUILD_BUG_ON(sizeof(struct vdso_data[CS_BASES]) > PAGE_SIZE);
	data_page[0] = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!data_page[0])
		panic("pillion: no memory for the vDSO's data");
	pillion_vdso_data = page_to_virt(data_page[0]);
}

/* True if user code can read the clock by itself. */
bool __init pillion_vdso_clock(void)
{
	return rumpext_user_clock(&pillion_vdso_data[0].arch_data.clock) == 0;
}

static int __init vdso_image_init(void)
{
	size_t size = pillion_vdso_image_end - pillion_vdso_image, i, len;

	if (size > MOST_PAGES * PAGE_SIZE)
		return -E2BIG;
	for (i = 0; i * PAGE_SIZE < size; i++) {
		image_page[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!image_page[i])
			return -ENOMEM;
		len = min(size - i * PAGE_SIZE, PAGE_SIZE);
		memcpy(page_to_virt(image_page[i]), pillion_vdso_image + i * PAGE_SIZE, len);
	}
	image_pages = i;
	return 0;
}
subsys_initcall(vdso_image_init);

int arch_setup_additional_pages(struct linux_binprm *bprm, int uses_interp)
{
	const unsigned long may = VM_MAYREAD | VM_MAYEXEC | VM_MAYWRITE;
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	unsigned long base;
	int error = 0;

	if (!image_pages)
		return 0;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	base = get_unmapped_area(NULL, 0, (1 + image_pages) * PAGE_SIZE, 0, 0);
	if (IS_ERR_VALUE(base)) {
		error = base;
		goto out;
	}
	vma = _install_special_mapping(mm, base, PAGE_SIZE, VM_READ | VM_MAYREAD, &vvar_mapping);
	if (!IS_ERR(vma))
		vma = _install_special_mapping(mm, base + PAGE_SIZE, image_pages * PAGE_SIZE,
					       VM_READ | VM_EXEC | may, &vdso_mapping);
	if (IS_ERR(vma))
		error = PTR_ERR(vma);
	else
		mm->context.vdso = base + PAGE_SIZE;
out:
	mmap_write_unlock(mm);
	return error;
}
