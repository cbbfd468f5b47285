/* SPDX-License-Identifier: BSD-2-Clause */
/* Page tables and kernel addresses. */
#include "tap.h"

static bool readable(const void *p)
{
	uint64_t v;

	return copy_checked(&v, p, sizeof(v)) == 0;
}

static void test_kernel(void)
{
	struct page *pg = page_alloc_contig(1024, 2 * MIB, PAGE_ANYWHERE, PAGE_ZERO);
	vaddr_t va = kva_reserve(4 * MIB, 2 * MIB);
	uint64_t *direct = page_to_virt(pg), *p = (uint64_t *)va;
	unsigned prot;
	paddr_t pa;

	ok(va != 0 && va % (2 * MIB) == 0 && !readable(p), "reserved, not mapped");
	ok(space_map(&kernel_space, va, page_to_phys(pg), 4 * MIB, PROT_R | PROT_W) == 0, "map 4 MiB");
	p[1000] = 42;
	ok(direct[1000] == 42, "an alias of the direct map");
	ok(space_lookup(&kernel_space, va + 5000, &pa, &prot) == 0 && pa == page_to_phys(pg) + 5000 &&
	    prot == (PROT_R | PROT_W), "lookup");
	ok(space_unmap(&kernel_space, va + 8 * KIB, 4 * KIB) == 0 && !readable(p + 1024) &&
	    readable(p + 1023) && readable(p + 1536), "one page out of a large one");
	ok(space_protect(&kernel_space, va, 4 * KIB, PROT_R) == 0 &&
	    copy_checked(p, &pa, 8) == 8 && readable(p), "read only");
	ok(space_map(&kernel_space, va, page_to_phys(pg) + PAGE_SIZE, 4 * KIB, PROT_R | PROT_W) == 0 &&
	    p[1000 - 512] == 42, "mapped to another page");
	ok(space_map(&kernel_space, va, page_to_phys(pg), 4 * MIB, PROT_R | PROT_W) == 0 &&
	    readable(p + 1024), "the whole again");
	ok(space_map(&kernel_space, va, 0, PAGE_SIZE, PROT_R | PROT_W | PROT_X) == E_INVAL,
	    "not both writable and executable");
	ok(space_map(&kernel_space, va, page_to_phys(pg), PAGE_SIZE, PROT_R | PROT_W | PROT_WC) == 0 &&
	    space_protect(&kernel_space, va, PAGE_SIZE, PROT_R) == 0 &&
	    space_lookup(&kernel_space, va, &pa, &prot) == 0 && prot == (PROT_R | PROT_WC) &&
	    space_map(&kernel_space, va, page_to_phys(pg), PAGE_SIZE,
	    PROT_R | PROT_W | PROT_DEVICE) == 0 &&
	    space_protect(&kernel_space, va, PAGE_SIZE, PROT_R) == 0 &&
	    space_lookup(&kernel_space, va, &pa, &prot) == 0 && prot == (PROT_R | PROT_DEVICE),
	    "read only, and still what memory it was");
	ok(space_map(&kernel_space, va + 1, 0, PAGE_SIZE, PROT_R) == E_INVAL &&
	    space_map(&kernel_space, PAGE_SIZE, 0, PAGE_SIZE, PROT_R) == E_INVAL, "bad addresses");
	kva_release(va, 4 * MIB);
	ok(!readable(p), "released");
	page_free_contig(pg, 1024);
}

/* Ranges in random order: no two overlap, each has unmapped pages around, all come back. */
static bool ranges(void)
{
	static struct {
		vaddr_t		va;
		size_t		len;
	} a[40];
	uint64_t seed = 1;

	for (unsigned i = 0; i < 2000; i++) {
		unsigned s;

		seed = seed * 6364136223846793005ull + 1;
		s = (unsigned)(seed >> 40) % ARRAY_SIZE(a);
		if (a[s].va != 0) {
			kva_release(a[s].va, a[s].len);
			a[s].va = 0;
			continue;
		}
		a[s].len = (1 + (seed >> 50) % 20) * PAGE_SIZE;
		a[s].va = kva_reserve(a[s].len, PAGE_SIZE << (seed >> 60) % 4);
		for (unsigned k = 0; k < ARRAY_SIZE(a); k++) {
			if (k != s && a[k].va != 0 && a[s].va < a[k].va + a[k].len + PAGE_SIZE &&
			    a[k].va < a[s].va + a[s].len + PAGE_SIZE)
				return false;
		}
	}
	for (unsigned s = 0; s < ARRAY_SIZE(a); s++) {
		if (a[s].va != 0)
			kva_release(a[s].va, a[s].len);
		a[s].va = 0;
	}
	return true;
}

/* Too large ones are refused; the list stays as it was. */
static bool alignments(void)
{
	for (unsigned bit = 0; bit < 64; bit++) {
		size_t align = (size_t)1 << bit;
		vaddr_t va = kva_reserve(PAGE_SIZE, align);

		if (va == 0 && bit < 38)
			return false;
		if (va == 0)
			continue;
		if (va % align != 0 || va < KVA_BASE || va >= KVA_END)
			return false;
		kva_release(va, PAGE_SIZE);
	}
	return ranges();
}

static void test_user_space(void)
{
	struct page *pg;
	struct space *s;
	paddr_t pa, found;
	size_t before;

	space_destroy(space_create());		/* the heap keeps an empty slab for it */
	before = free_pages();
	s = space_create();
	pg = page_alloc(0);
	pa = page_to_phys(pg);

	ok(s != NULL, "a user space");
	ok(space_map(s, 0x400000, pa, PAGE_SIZE, PROT_R | PROT_X) == 0, "map");
	ok(space_map(s, USER_END - PAGE_SIZE, pa, PAGE_SIZE, PROT_R) == 0, "map its last page");
	ok(space_map(s, 0, pa, PAGE_SIZE, PROT_R) == E_INVAL, "not the null page");
	ok(space_map(s, USER_END, pa, PAGE_SIZE, PROT_R) == E_INVAL &&
	    space_map(s, DIRECT_BASE, pa, PAGE_SIZE, PROT_R) == E_INVAL &&
	    space_map(s, PAGE_SIZE, pa, (size_t)-PAGE_SIZE, PROT_R) == E_INVAL, "not the kernel's half");
	ok(space_lookup(s, 0x400123, &found, NULL) == 0 && found == pa + 0x123, "lookup");
	ok(space_lookup(s, 0x401000, &found, NULL) == E_FAULT, "lookup of nothing");
	ok(space_lookup(s, (vaddr_t)s, &found, NULL) == E_FAULT, "lookup of a kernel address");
	ok(space_map(s, 0x402000, 1ul << 52, PAGE_SIZE, PROT_R) == E_INVAL &&
	    space_map(s, 0x402000, (paddr_t)-PAGE_SIZE, 2 * PAGE_SIZE, PROT_R) == E_INVAL,
	    "not what no CPU can address");
	ok(space_unmap(s, PAGE_SIZE, 0x10000000) == 0 &&
	    space_lookup(s, 0x400123, &found, NULL) == E_FAULT, "unmap much more than is mapped");
	for (vaddr_t va = 1ul << 30; va < 1ul << 40; va += 1ul << 33)
		(void)space_map(s, va, pa, PAGE_SIZE, PROT_R);
	ok(space_table_pages(s) > 100, "tables");
	space_destroy(s);
	page_put(pg);
	ok(free_pages() == before, "no table is lost");
}

void test_space(void)
{
	size_t before;
	uint32_t *p;

	test_kernel();
	ok(ranges(), "ranges of kernel addresses");
	ok(alignments(), "aligned ones");
	p = kva_alloc(20 * KIB);
	kva_free(p, 20 * KIB);
	before = free_pages();
	p = kva_alloc(20 * KIB);
	ok(p != NULL && !readable((char *)p - 8) && !readable((char *)p + 20 * KIB),
	    "memory with guard pages");
	memset(p, 1, 20 * KIB);
	kva_free(p, 20 * KIB);
	ok(free_pages() == before && !readable(p), "and back");
	ok(!readable((void *)8) && !readable((void *)0x400000), "the null page is not mapped");
	test_user_space();
}
