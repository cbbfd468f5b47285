/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Address spaces over the CPU's page tables. The interface is space.h; kernel addresses are
 * handed out by kva.c.
 *
 * Locking: a space's lock around each change of its tables.
 */
#include <nucleus/boot.h>
#include <nucleus/error.h>
#include <nucleus/heap.h>
#include <nucleus/log.h>
#include <nucleus/page.h>
#include <nucleus/space.h>
#include <nucleus/sync.h>

struct space kernel_space;

extern const char image_start[], image_text[], image_text_end[], image_rodata[],
    image_rodata_end[], image_end[], boot_guard[];

static bool range_ok(const struct space *s, vaddr_t va, size_t len)
{
	if (len == 0 || ((va | len) & (PAGE_SIZE - 1)) != 0)
		return false;
	if (s->pt.user)
		return va >= PAGE_SIZE && len <= USER_END && va <= USER_END - len;
	return va >= DIRECT_BASE && len <= -va;
}

struct space *space_create(void)
{
	struct space *s = heap_zalloc(sizeof(*s));

	if (s != NULL && pt_create(&s->pt) != 0) {
		heap_free(s);
		return NULL;
	}
	return s;
}

void space_destroy(struct space *s)
{
	pt_destroy(&s->pt);		/* nobody else uses s: without its lock */
	heap_free(s);
}

int space_map(struct space *s, vaddr_t va, paddr_t pa, size_t len, unsigned prot)
{
	unsigned long flags;
	int error;

	if (!range_ok(s, va, len) || (pa & (PAGE_SIZE - 1)) != 0 ||
	    (prot & (PROT_R | PROT_W | PROT_X)) == 0 ||
	    (!s->pt.user && (prot & PROT_W) && (prot & PROT_X)))
		return E_INVAL;
	flags = spin_lock(&s->lock);
	error = pt_map(&s->pt, va, pa, len, prot);
	spin_unlock(&s->lock, flags);
	return error;
}

int space_unmap(struct space *s, vaddr_t va, size_t len)
{
	unsigned long flags;
	int error;

	if (!range_ok(s, va, len))
		return E_INVAL;
	flags = spin_lock(&s->lock);
	error = pt_unmap(&s->pt, va, len);
	spin_unlock(&s->lock, flags);
	return error;
}

int space_protect(struct space *s, vaddr_t va, size_t len, unsigned prot)
{
	const vaddr_t end = va + len;
	unsigned long flags;
	int error;

	if (!range_ok(s, va, len) || (prot & (PROT_R | PROT_W | PROT_X)) == 0 ||
	    (!s->pt.user && (prot & PROT_W) && (prot & PROT_X)))
		return E_INVAL;
	do {
		flags = spin_lock(&s->lock);
		error = pt_protect(&s->pt, &va, end, prot);
		spin_unlock(&s->lock, flags);
	} while (error == E_AGAIN);
	return error;
}

int space_readonly(struct space *s, vaddr_t va, size_t len)
{
	const vaddr_t end = va + len;
	unsigned long flags;
	int error;

	if (!range_ok(s, va, len))
		return E_INVAL;
	do {
		flags = spin_lock(&s->lock);
		error = pt_readonly(&s->pt, &va, end);
		spin_unlock(&s->lock, flags);
	} while (error == E_AGAIN);
	return error;
}

int space_lookup(struct space *s, vaddr_t va, paddr_t *pap, unsigned *protp)
{
	unsigned long flags;
	int error;

	if (!range_ok(s, ROUND_DOWN(va, PAGE_SIZE), PAGE_SIZE))
		return E_FAULT;
	flags = spin_lock(&s->lock);
	error = pt_lookup(&s->pt, va, pap, protp);
	spin_unlock(&s->lock, flags);
	return error;
}

/* This and what follows: table by table, so that interrupts are not off for long. */
int space_fork(struct space *to, struct space *from, vaddr_t va, size_t len, size_t *pages)
{
	vaddr_t end = va + len;
	int error = 0;

	while (va < end && error == 0) {
		unsigned long flags = spin_lock(&from->lock);

		error = pt_fork(&to->pt, &from->pt, &va, end, pages);
		spin_unlock(&from->lock, flags);
	}
	return error;
}

size_t space_take_pages(struct space *s, vaddr_t *va, vaddr_t end, struct page *pages[], size_t n)
{
	size_t got = 0;

	while (got == 0 && *va < end) {
		unsigned long flags = spin_lock(&s->lock);

		got = pt_take(&s->pt, va, end, pages, n);
		spin_unlock(&s->lock, flags);
	}
	return got;
}

void space_put_pages(struct space *s, vaddr_t va, size_t len)
{
	vaddr_t end = va + len;

	while (va < end)
		pt_put(&s->pt, &va, end);
}

int space_map_page(struct space *s, vaddr_t va, paddr_t pa, unsigned prot)
{
	unsigned long flags = spin_lock(&s->lock);
	int error = pt_map(&s->pt, va, pa, PAGE_SIZE, prot);

	spin_unlock(&s->lock, flags);
	return error;
}

static void map_boot(vaddr_t va, paddr_t start, paddr_t end, unsigned prot)
{
	start = ROUND_DOWN(start, PAGE_SIZE);
	end = ROUND_UP(end, PAGE_SIZE);
	va = ROUND_DOWN(va, PAGE_SIZE);
	if (end > start && space_map(&kernel_space, va, start, end - start, prot) != 0)
		panic("no memory for page tables");
}

static void map_image(const char *from, const char *to, unsigned prot)
{
	map_boot((vaddr_t)from, virt_to_phys(from), virt_to_phys(to), prot);
}

/*
 * The final tables: RAM, firmware tables and modules in the direct map, readable and writable, but
 * for the image's code and constants, which no alias may change; the image as its segments say.
 * The page below the boot's stack, which stays the first CPU's idle thread's, is not mapped.
 */
void space_init(void)
{
	vaddr_t fixed = (vaddr_t)phys_to_virt(virt_to_phys(image_text));
	size_t len = (vaddr_t)image_rodata_end - (vaddr_t)image_text;

	if (pt_boot(&kernel_space.pt) != 0)
		panic("no memory for page tables");
	for (unsigned i = 0; i < boot_info.nranges; i++) {
		const struct boot_range *r = &boot_info.range[i];

		if (r->kind != BOOT_RESERVED)
			map_boot((vaddr_t)phys_to_virt(r->start), r->start, r->end, PROT_R | PROT_W);
	}
	/* A loader may put the end of one where the firmware has reserved a page for itself. */
	for (unsigned i = 0; i < boot_info.nmodules; i++) {
		const struct boot_module *m = &boot_info.module[i];

		map_boot((vaddr_t)phys_to_virt(m->start), m->start, m->end, PROT_R | PROT_W);
	}
	map_image(image_text, image_text_end, PROT_R | PROT_X);
	map_image(image_rodata, image_rodata_end, PROT_R);
	map_image(image_rodata_end, boot_guard, PROT_R | PROT_W);
	map_image(boot_guard + PAGE_SIZE, image_end, PROT_R | PROT_W);
	if (space_protect(&kernel_space, fixed, len, PROT_R) != 0)
		panic("no memory for page tables");
	cpu_pt_use(&kernel_space.pt);
}
