/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory that processes share: memory objects, and the memory of devices.
 *
 * A mapping is a part of one in a vm, made with a capability. It is itself a capability beside that
 * one, so that who revokes what it was derived from takes the mapping, too; a child's comes from
 * its parent's capability. Pages get into the page tables when they are touched.
 *
 * Locking: what is mapped where is the vm's (its mutex); the rest is constant. May sleep.
 */
#ifndef NUCLEUS_MEMORY_H
#define NUCLEUS_MEMORY_H

#include <nucleus/cap.h>
#include <nucleus/page.h>
#include <nucleus/vm.h>

struct memory {
	struct object	object;		/* CAP_MEMORY or CAP_DEVICE */
	size_t		pages;
	paddr_t		base;		/* contiguous: MEMORY_DMA, devices; else 0 */
	uint32_t	*pfn;		/* of each page; not of devices */
	unsigned	kind;		/* PROT_DEVICE or PROT_WC, with which it is mapped */
};

struct mapping {
	struct cap	cap;
	struct memory	*memory;	/* the capability has the reference */
	struct vm	*vm;		/* a reference */
	unsigned	regions;	/* of the vm that have it */
};

/*
 * One reference, the caller's. flags: MEMORY_*. Pages are zeroed, and charged to the account, as is
 * the list of them.
 */
int memory_create(size_t len, unsigned flags, struct account *account, struct memory **mp);

/* Physical addresses [start, start + len), whole pages, that are not RAM. E_PERM: they are. */
int memory_create_device(paddr_t start, size_t len, struct account *account, struct memory **mp);

/*
 * Map a part: *va as vm_map(). handle of table: CAP_MEMORY or CAP_DEVICE, with the rights that prot
 * needs. E_INVAL: not in it. Others as vm_map() and cap_get().
 */
int memory_map(struct vm *vm, struct captable *table, unsigned long handle, size_t offset,
    size_t len, vaddr_t *va, unsigned prot);

/* ---- for vm.c; the vm's lock is held ---- */

/* Whether the capability that it was made with allows prot. */
bool mapping_may(const struct mapping *m, unsigned prot);

/* A page of a region is touched. */
int memory_fault(struct vm *vm, const struct region *r, vaddr_t va);

/* Regions of a mapping are one more, or one less; with the last the mapping ends. */
void mapping_get(struct mapping *m);
void mapping_put(struct mapping *m);

/*
 * r is a copy, in to, of a region of another vm, with those capabilities: its mapping becomes to's
 * own. E_PERM: not; E_NOMEM.
 */
int mapping_fork(struct vm *to, struct region *r, struct captable *parent);

/* What futexes in it are told by: the same in all vms. */
static inline const void *mapping_identity(const struct mapping *m)
{
	return m->memory;
}

#endif /* NUCLEUS_MEMORY_H */
