/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Address spaces: page tables, and nothing above them.
 *
 * A space maps virtual pages to physical pages. What should be mapped where, and on what account,
 * is the caller's business; so are the references to the pages mapped. The kernel's half is the
 * same in all spaces; kernel_space stands for it. Large pages are used where address, physical
 * address and length allow; unmapping a part of one splits it.
 *
 * Locking: one spin lock a space inside; any context. Two callers that change the same range at
 * once get one or the other's result for each page.
 */
#ifndef NUCLEUS_SPACE_H
#define NUCLEUS_SPACE_H

#include <nucleus/cpu.h>
#include <nucleus/pagetable.h>
#include <nucleus/sync.h>

/* Its fields are space.c's; cpu/ looks at the tables. */
struct space {
	struct pagetable pt;
	struct spinlock	lock;
};

extern struct space kernel_space;

#define PROT_R		0x01
#define PROT_W		0x02		/* with X: refused with E_INVAL (W^X) in kernel_space */
#define PROT_X		0x04
#define PROT_DEVICE	0x10		/* uncached, strictly ordered */
#define PROT_WC		0x20		/* write combining, for framebuffers; else uncached */

/* A user space with nothing mapped. NULL: no memory. */
struct space *space_create(void);

/*
 * No thread runs in s any more (user_run() has returned). Frees the page tables; pages that are
 * still mapped are only forgotten. May sleep.
 */
void space_destroy(struct space *s);

/*
 * space_map: [va, va+len) becomes an address of the physical bytes from pa on, which need not be
 * RAM. Replaces what was there; no translation of before is used on any CPU on return. In a user
 * space va + len must be at most USER_END and va at least PAGE_SIZE. E_INVAL: not whole pages, not
 * in the space's half, prot, beyond what the CPU can address; E_NOMEM: no page for a table (a part
 * may be mapped then).
 *
 * space_unmap: nothing is mapped there on return, and no translation is used on any CPU. What was
 * not mapped is no error; unmapping a part of a large page may need a page for a table: E_NOMEM.
 *
 * space_protect: change prot where something is mapped, nothing elsewhere; PROT_DEVICE and PROT_WC
 * stay as they are. Errors as space_unmap.
 * space_readonly: the same, taking PROT_W away and nothing else.
 *
 * space_lookup: the physical address of va, and its prot if protp is not NULL. E_FAULT: nothing
 * there, or va is of the other half.
 */
int space_map(struct space *s, vaddr_t va, paddr_t pa, size_t len, unsigned prot);
int space_unmap(struct space *s, vaddr_t va, size_t len);
int space_protect(struct space *s, vaddr_t va, size_t len, unsigned prot);
int space_readonly(struct space *s, vaddr_t va, size_t len);
int space_lookup(struct space *s, vaddr_t va, paddr_t *pap, unsigned *protp);

/*
 * For private memory in whole pages of RAM, of which the space holds a reference to each. Ranges
 * are good ones.
 *
 * space_fork: what from has in [va, va+len) to has as well, by neither to be written; *pages: how
 * many, added. Nobody else uses to. E_NOMEM: to has a part.
 * space_take_pages: up to n pages from *va to end leave the space; *va: how far it came. The
 * references are the caller's. 0: there are no more.
 * space_put_pages: the references are dropped; space_destroy() is next.
 */
struct page;
int space_fork(struct space *to, struct space *from, vaddr_t va, size_t len, size_t *pages);
size_t space_take_pages(struct space *s, vaddr_t *va, vaddr_t end, struct page *pages[], size_t n);
void space_put_pages(struct space *s, vaddr_t va, size_t len);

/* space_map() of one page, of whose arguments the caller is sure. */
int space_map_page(struct space *s, vaddr_t va, paddr_t pa, unsigned prot);

/* Pages that hold the page tables of s. */
static inline size_t space_table_pages(const struct space *s)
{
	return s->pt.pages;
}

/*
 * Kernel virtual addresses, for mappings in kernel_space. kva_reserve: len bytes (rounded up to
 * pages) of address space at a multiple of align (a power of two), nothing mapped, with an
 * unmapped page before and after; 0: none left, or no memory. kva_release: exactly what was
 * reserved; it unmaps first.
 */
vaddr_t kva_reserve(size_t len, size_t align);
void kva_release(vaddr_t va, size_t len);

/*
 * kva_alloc: len bytes of fresh pages, mapped readable and writable, virtually contiguous; NULL.
 * kva_free gives pages and addresses back.
 */
void *kva_alloc(size_t len);
void kva_free(void *p, size_t len);

/*
 * device_map: len bytes of device memory at pa, which need not be whole pages, with PROT_R, or
 * PROT_R | PROT_W, and PROT_DEVICE or PROT_WC. NULL. It stays.
 */
void *device_map(paddr_t pa, size_t len, unsigned prot);

/* Boot only. */
void space_init(void);

#endif /* NUCLEUS_SPACE_H */
