/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Shared memory. The interface is memory.h.
 *
 * A mapping has two ways to end: its last region is unmapped, or it is revoked. Each side asks
 * cap_detach() or is told; who loses leaves the mapping's memory to the other.
 */
#include <nucleus/boot.h>
#include <nucleus/error.h>
#include <nucleus/heap.h>
#include <nucleus/memory.h>
#include <nucleus/string.h>

/* ---- objects ---- */

/* What is charged for so many pages: them, and those of the list of them. */
static size_t charge_of(size_t pages)
{
	return pages + (pages * sizeof(uint32_t) >> PAGE_SHIFT);
}

static void memory_destroy(struct object *o)
{
	struct memory *m = container_of(o, struct memory, object);

	if (m->pfn != NULL) {
		for (size_t i = 0; i < m->pages; i++)
			page_put(pfn_to_page(m->pfn[i]));
		account_uncharge(o->account, LIMIT_PAGES, charge_of(m->pages));
	}
	object_fini(o);
	heap_free(m->pfn);
	heap_free(m);
}

static const struct object_type memory_type = { .kind = CAP_MEMORY, .destroy = memory_destroy };
static const struct object_type device_type = { .kind = CAP_DEVICE, .destroy = memory_destroy };

static int fill_contig(struct memory *m)
{
	struct page *pg = page_alloc_contig(m->pages, PAGE_SIZE, PAGE_ANYWHERE, PAGE_ZERO);

	if (pg == NULL)
		return E_NOMEM;
	m->base = page_to_phys(pg);
	m->kind = cpu_dma_memory(page_to_virt(pg), m->pages << PAGE_SHIFT);
	for (size_t i = 0; i < m->pages; i++)
		m->pfn[i] = (uint32_t)(page_to_pfn(pg) + i);
	return 0;
}

static int fill(struct memory *m)
{
	for (size_t i = 0; i < m->pages; i++) {
		struct page *pg = page_alloc(PAGE_ZERO);

		if (pg == NULL) {
			while (i-- > 0)
				page_put(pfn_to_page(m->pfn[i]));
			return E_NOMEM;
		}
		m->pfn[i] = (uint32_t)page_to_pfn(pg);
	}
	return 0;
}

static bool length_ok(size_t len)
{
	return len != 0 && (len & (PAGE_SIZE - 1)) == 0 && len < USER_END;
}

int memory_create(size_t len, unsigned flags, struct account *account, struct memory **mp)
{
	struct memory *m;
	size_t pages = len >> PAGE_SHIFT;
	int error;

	if (!length_ok(len) || (flags & ~(unsigned)MEMORY_DMA))
		return E_INVAL;
	if (account_charge(account, LIMIT_PAGES, charge_of(pages)) != 0)
		return E_NOMEM;
	m = heap_zalloc(sizeof(*m));
	if (m != NULL)
		m->pfn = heap_alloc(pages * sizeof(m->pfn[0]));
	error = m == NULL || m->pfn == NULL ? E_NOMEM : 0;
	if (error == 0) {
		m->pages = pages;
		error = flags & MEMORY_DMA ? fill_contig(m) : fill(m);
	}
	if (error == 0) {
		error = object_init(&m->object, &memory_type, account);
		for (size_t i = 0; i < pages && error != 0; i++)
			page_put(pfn_to_page(m->pfn[i]));
	}
	if (error == 0) {
		*mp = m;
		return 0;
	}
	if (m != NULL)
		heap_free(m->pfn);
	heap_free(m);
	account_uncharge(account, LIMIT_PAGES, charge_of(pages));
	return error;
}

/* RAM, or what describes the machine. Memory that the firmware keeps may be a framebuffer. */
static bool is_memory(paddr_t start, paddr_t end)
{
	for (unsigned i = 0; i < boot_info.nranges; i++) {
		const struct boot_range *r = &boot_info.range[i];

		if (r->kind != BOOT_RESERVED && start < r->end && end > r->start)
			return true;
	}
	return false;
}

int memory_create_device(paddr_t start, size_t len, struct account *account, struct memory **mp)
{
	struct memory *m;
	int error;

	if (!length_ok(len) || (start & (PAGE_SIZE - 1)) != 0 || start + len < start ||
	    start + len - 1 > cpu_features.phys_mask)
		return E_INVAL;
	if (is_memory(start, start + len))
		return E_PERM;
	m = heap_zalloc(sizeof(*m));
	if (m == NULL)
		return E_NOMEM;
	m->pages = len >> PAGE_SHIFT;
	m->base = start;
	m->kind = PROT_DEVICE;
	error = object_init(&m->object, &device_type, account);
	if (error == 0)
		*mp = m;
	else
		heap_free(m);
	return error;
}

/* ---- mappings ---- */

static void mapping_free(struct mapping *m)
{
	account_uncharge(m->vm->account, LIMIT_OBJECTS, 1);
	vm_put(m->vm);
	heap_free(m);
}

void mapping_get(struct mapping *m)
{
	m->regions++;
}

void mapping_put(struct mapping *m)
{
	if (--m->regions == 0 && cap_detach(&m->cap))
		mapping_free(m);
}

/* Regions that are left are unmapped; the mapping is ours. */
static void mapping_revoked(struct cap *c)
{
	struct mapping *m = container_of(c, struct mapping, cap);

	vm_drop_mapping(m->vm, m);
	mapping_free(m);
}

/* NULL: no memory, or beyond the limits. */
static struct mapping *mapping_create(struct vm *vm, struct memory *memory)
{
	struct mapping *m;

	if (account_charge(vm->account, LIMIT_OBJECTS, 1) != 0)
		return NULL;
	m = heap_alloc(sizeof(*m));
	if (m == NULL) {
		account_uncharge(vm->account, LIMIT_OBJECTS, 1);
		return NULL;
	}
	*m = (struct mapping) { .memory = memory, .vm = vm, .regions = 1 };
	vm_get(vm);
	return m;
}

static unsigned rights_for(unsigned prot)
{
	return (prot & MAP_R ? RIGHT_READ : 0) | (prot & MAP_W ? RIGHT_WRITE : 0) |
	    (prot & MAP_X ? RIGHT_EXEC : 0);
}

static int attach(struct mapping *m, struct captable *table, unsigned long handle, unsigned rights)
{
	unsigned kind = m->memory->object.type->kind;
	int error = cap_attach(&m->cap, table, handle, kind, rights, false, mapping_revoked);

	if (error != 0) {
		mapping_free(m);
		return error;
	}
	if (m->cap.object != &m->memory->object) {
		mapping_put(m);			/* another thread gave the handle to another object */
		return E_BADF;
	}
	return 0;
}

int memory_map(struct vm *vm, struct captable *table, unsigned long handle, size_t offset,
    size_t len, vaddr_t *va, unsigned prot)
{
	struct object *o;
	struct mapping *m;
	struct memory *memory;
	int error = cap_get(table, handle, CAP_NONE, rights_for(prot), &o, NULL);

	if (error != 0)
		return error;
	memory = container_of(o, struct memory, object);
	if (o->type != &memory_type && o->type != &device_type) {
		error = E_BADF;
	} else if ((offset & (PAGE_SIZE - 1)) != 0 || len > memory->pages << PAGE_SHIFT ||
	    offset > (memory->pages << PAGE_SHIFT) - len) {
		error = E_INVAL;
	} else if (o->type == &device_type && (prot & MAP_X)) {
		error = E_PERM;			/* nor may the CPU fetch ahead from there */
	} else {
		m = mapping_create(vm, memory);
		error = m == NULL ? E_NOMEM : 0;
	}
	if (error == 0) {
		/* Who revokes it at once waits until there is a region to be found. */
		mutex_lock(&vm->lock);
		error = attach(m, table, handle, rights_for(prot));
		if (error == 0)
			error = vm_map_shared(vm, va, len, prot, m, offset);
		mutex_unlock(&vm->lock);
	}
	object_put(o);
	return error;
}

bool mapping_may(const struct mapping *m, unsigned prot)
{
	return (rights_for(prot) & ~m->cap.rights) == 0 &&
	    !(m->memory->object.type == &device_type && (prot & MAP_X));
}

int memory_fault(struct vm *vm, const struct region *r, vaddr_t va)
{
	const struct memory *m = r->mapping->memory;
	size_t offset = r->offset + (va - r->start);
	paddr_t pa = m->base + offset;

	if (m->pfn != NULL)
		pa = (paddr_t)m->pfn[offset >> PAGE_SHIFT] << PAGE_SHIFT;
	return space_map(vm->space, va, pa, PAGE_SIZE, r->prot | m->kind);
}

int mapping_fork(struct vm *to, struct region *r, struct captable *parent)
{
	struct mapping *from = r->mapping, *m;
	int error;

	if (!cap_inherits(&from->cap, parent))
		return E_PERM;
	m = mapping_create(to, from->memory);
	if (m == NULL)
		return E_NOMEM;
	error = cap_attach_heir(&m->cap, &from->cap, parent, to->caps);
	if (error != 0) {
		mapping_free(m);
		return error == E_NOMEM ? E_NOMEM : E_PERM;	/* it is being revoked */
	}
	r->mapping = m;
	return 0;
}
