/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory of processes. The interface is vm.h.
 *
 * Entries of the page tables may have fewer rights than their region: a page of private memory
 * that is shared after a fork is read-only until the first write, which copies it, or takes it over
 * where nobody else has it any more.
 *
 * Locking: the vm's mutex; in a fork the old one's, then the new one's, in which a mapping may be
 * revoked as soon as it is there.
 */
#include <nucleus/error.h>
#include <nucleus/heap.h>
#include <nucleus/memory.h>
#include <nucleus/page.h>
#include <nucleus/region.h>
#include <nucleus/string.h>
#include <nucleus/vm.h>

#define BATCH		64		/* pages that are given back at once */
#define TABLES		128		/* page tables: so many go at once, interrupts off */

static bool range_ok(vaddr_t va, size_t len)
{
	return len != 0 && ((va | len) & (PAGE_SIZE - 1)) == 0 && va >= PAGE_SIZE && len < USER_END &&
	    va <= USER_END - len;
}

static bool prot_ok(unsigned prot)
{
	return (prot & MAP_R) && !(prot & ~(unsigned)(MAP_R | MAP_W | MAP_X)) &&
	    (prot & (MAP_W | MAP_X)) != (MAP_W | MAP_X);
}

/* ---- what is charged ---- */

/* The page tables have more pages than before, or fewer. */
static NOINLINE int charge_more_tables(struct vm *vm)
{
	size_t now = space_table_pages(vm->space);
	int error = 0;

	if (now < vm->tables)
		account_uncharge(vm->account, LIMIT_PAGES, vm->tables - now);
	else
		error = account_charge(vm->account, LIMIT_PAGES, now - vm->tables);
	if (error == 0)
		vm->tables = now;
	return error;
}

/*
 * The page tables have changed. Those that cannot be charged stay, empty, until something is
 * unmapped there; so whoever may make more sees first that there are none of these.
 */
static inline int charge_tables(struct vm *vm)
{
	return likely(space_table_pages(vm->space) == vm->tables) ? 0 : charge_more_tables(vm);
}

static int charge(struct vm *vm, size_t pages)
{
	int error = account_charge(vm->account, LIMIT_PAGES, pages);

	if (error == 0)
		vm->pages += pages;
	return error;
}

static void uncharge(struct vm *vm, size_t pages)
{
	vm->pages -= pages;
	account_uncharge(vm->account, LIMIT_PAGES, pages);
}

/* ---- whole vms ---- */

struct vm *vm_create(struct account *account, struct captable *caps)
{
	struct vm *vm = heap_zalloc(sizeof(*vm));

	if (vm == NULL)
		return NULL;
	mutex_init(&vm->lock);
	account_get(account);
	vm->account = account;
	vm->caps = caps;
	vm->refs = 1;
	vm->space = space_create();
	if (vm->space == NULL || charge_tables(vm) != 0 || region_reserve(vm, 1) != 0) {
		vm_destroy(vm);
		return NULL;
	}
	return vm;
}

void vm_get(struct vm *vm)
{
	__atomic_add_fetch(&vm->refs, 1, __ATOMIC_RELAXED);
}

void vm_put(struct vm *vm)
{
	if (__atomic_sub_fetch(&vm->refs, 1, __ATOMIC_ACQ_REL) != 0)
		return;
	account_put(vm->account);
	heap_free(vm);
}

/*
 * The next run of private regions from *i on, which goes behind them; between them is less than one
 * table of pages has. False: there are no more.
 */
static bool next_run(const struct vm *vm, unsigned *i, vaddr_t *start, vaddr_t *end)
{
	const struct region *r = &vm->region[*i], *last = &vm->region[vm->regions];

	while (r < last && r->mapping != NULL)
		r++;
	if (r == last)
		return false;
	*start = r->start;
	do {
		*end = r->end;
		r++;
	} while (r < last && r->mapping == NULL && r->start - *end < pt_level_size(2));
	*i = (unsigned)(r - vm->region);
	return true;
}

/* A mapping that is being revoked may still look for its regions. */
void vm_destroy(struct vm *vm)
{
	vaddr_t start, end;

	mutex_lock(&vm->lock);
	for (unsigned i = 0; next_run(vm, &i, &start, &end);)
		space_put_pages(vm->space, start, end - start);
	for (unsigned i = 0; i < vm->regions; i++) {
		if (vm->region[i].mapping != NULL)
			mapping_put(vm->region[i].mapping);
	}
	vm->regions = 0;
	if (vm->space != NULL)
		space_destroy(vm->space);
	vm->space = NULL;
	account_uncharge(vm->account, LIMIT_PAGES, vm->pages + vm->tables + region_pages(vm));
	heap_free(vm->region);
	mutex_unlock(&vm->lock);
	vm_put(vm);
}

static int fork_regions(struct vm *vm, struct vm *from)
{
	int error = region_reserve(vm, from->regions);

	for (unsigned i = 0; i < from->regions && error == 0; i++) {
		struct region *r = &vm->region[vm->regions];

		*r = from->region[i];
		if (r->mapping != NULL)
			error = mapping_fork(vm, r, from->caps);
		if (error == 0)
			vm->regions++;
		if (error == E_PERM)
			error = 0;		/* that is not passed on */
	}
	return error;
}

static int fork_into(struct vm *vm, struct vm *from)
{
	vaddr_t start, end;
	size_t pages = 0;
	int error = fork_regions(vm, from);

	for (unsigned i = 0; error == 0 && next_run(vm, &i, &start, &end);)
		error = space_fork(vm->space, from->space, start, end - start, &pages);
	/* What is shared already is given back with the vm. */
	if (account_charge(vm->account, LIMIT_PAGES, pages) != 0)
		return E_NOMEM;
	vm->pages = pages;
	return error != 0 ? error : charge_tables(vm);
}

/* No mapping is made between the copies of capabilities and of regions. */
struct vm *vm_fork(struct vm *from, struct account *account, struct captable *caps)
{
	struct vm *vm = vm_create(account, caps);
	int error;

	if (vm == NULL)
		return NULL;
	mutex_lock(&from->lock);
	mutex_lock(&vm->lock);
	error = caps != NULL ? captable_fork(caps, from->caps) : 0;
	if (error == 0)
		error = fork_into(vm, from);
	mutex_unlock(&vm->lock);
	mutex_unlock(&from->lock);
	if (error == 0)
		return vm;
	vm_destroy(vm);
	return NULL;
}

/* ---- changes ---- */

static int map(struct vm *vm, vaddr_t *va, size_t len, struct region *r)
{
	unsigned i;

	if (region_reserve(vm, 1) != 0)
		return E_NOMEM;
	if (*va == 0) {
		*va = region_room(vm, len);
		if (*va == 0)
			return E_NOMEM;
	}
	r->start = *va;
	r->end = *va + len;
	i = region_find(vm, r->start);
	if (i < vm->regions && vm->region[i].start < r->end)
		return E_EXIST;
	region_insert(vm, i, r);
	region_join(vm, i + 1);
	region_join(vm, i);
	return 0;
}

int vm_map(struct vm *vm, vaddr_t *va, size_t len, unsigned prot)
{
	struct region r = { .prot = prot };
	int error;

	if (!range_ok(*va == 0 ? VM_BASE : *va, len) || !prot_ok(prot))
		return E_INVAL;
	mutex_lock(&vm->lock);
	error = map(vm, va, len, &r);
	mutex_unlock(&vm->lock);
	return error;
}

int vm_map_shared(struct vm *vm, vaddr_t *va, size_t len, unsigned prot, struct mapping *m,
    size_t offset)
{
	struct region r = { .prot = prot, .mapping = m, .offset = offset };
	int error = E_INVAL;

	if (range_ok(*va == 0 ? VM_BASE : *va, len) && prot_ok(prot))
		error = map(vm, va, len, &r);
	if (error != 0)
		mapping_put(m);
	return error;
}

/*
 * Before region i nothing is mapped any more in [va, end): tables that have nothing else go. Where
 * there are many those of each GiB go first.
 */
static void drop_tables(struct vm *vm, unsigned i, vaddr_t va, vaddr_t end)
{
	const size_t part = pt_level_size(3);

	for (vaddr_t next; vm->tables > TABLES && end - va > part; va = next) {
		next = ROUND_DOWN(va, part) + part;
		(void)space_unmap(vm->space, va, next - va);
	}
	va = i > 0 ? vm->region[i - 1].end : PAGE_SIZE;
	end = i < vm->regions ? vm->region[i].start : USER_END;
	(void)space_unmap(vm->space, va, end - va);
	(void)charge_tables(vm);
}

/* The pages of a region leave the tables; those of private memory are given back. */
static void drop_pages(struct vm *vm, const struct region *r)
{
	struct page *batch[BATCH];
	vaddr_t va = r->start;
	size_t n;

	if (r->mapping != NULL) {
		(void)space_unmap(vm->space, r->start, r->end - r->start);
		mapping_put(r->mapping);
		return;
	}
	while ((n = space_take_pages(vm->space, &va, r->end, batch, BATCH)) > 0) {
		uncharge(vm, n);
		for (size_t i = 0; i < n; i++)
			page_put(batch[i]);
	}
}

/* Room for those that come into being where a region is split: none at its ends. */
static int reserve_splits(struct vm *vm, vaddr_t va, vaddr_t end)
{
	const struct region *low = region_at(vm, va), *high = region_at(vm, end);

	return region_reserve(vm, (low != NULL && low->start < va) + (high != NULL && high->start < end));
}

int vm_unmap(struct vm *vm, vaddr_t va, size_t len)
{
	unsigned first, i;
	int error;

	if (!range_ok(va, len))
		return E_INVAL;
	mutex_lock(&vm->lock);
	error = reserve_splits(vm, va, va + len);
	if (error == 0) {
		region_split(vm, va);
		region_split(vm, va + len);
		first = region_find(vm, va);
		for (i = first; i < vm->regions && vm->region[i].start < va + len; i++)
			drop_pages(vm, &vm->region[i]);
		region_remove(vm, first, i - first);
		drop_tables(vm, first, va, va + len);
	}
	mutex_unlock(&vm->lock);
	return error;
}

void vm_drop_mapping(struct vm *vm, struct mapping *m)
{
	mutex_lock(&vm->lock);
	for (unsigned i = vm->regions; i-- > 0;) {
		const struct region r = vm->region[i];

		if (r.mapping == m) {
			(void)space_unmap(vm->space, r.start, r.end - r.start);
			region_remove(vm, i, 1);
			drop_tables(vm, i, r.start, r.end);
		}
	}
	mutex_unlock(&vm->lock);
}

/* Whether all of a range is mapped, and may have prot. */
static int may_protect(const struct vm *vm, vaddr_t va, vaddr_t end, unsigned prot)
{
	for (unsigned i = region_find(vm, va); va < end; i++) {
		const struct region *r = &vm->region[i];

		if (i == vm->regions || r->start > va)
			return E_FAULT;
		if (r->mapping != NULL && !mapping_may(r->mapping, prot))
			return E_PERM;
		va = r->end;
	}
	return 0;
}

/* Whether a page may be written is seen when that happens: it may be shared. */
static int protect(struct vm *vm, vaddr_t va, size_t len, unsigned prot)
{
	unsigned i;
	int error = may_protect(vm, va, va + len, prot);

	if (error == 0)
		error = reserve_splits(vm, va, va + len);
	if (error != 0)
		return error;
	region_split(vm, va);
	region_split(vm, va + len);
	error = space_protect(vm->space, va, len, prot & ~(unsigned)MAP_W);
	for (i = region_find(vm, va); i < vm->regions && vm->region[i].start < va + len; i++)
		vm->region[i].prot = prot;
	while (i-- > 0 && vm->region[i].end >= va)
		region_join(vm, i + 1);
	return error;
}

int vm_protect(struct vm *vm, vaddr_t va, size_t len, unsigned prot)
{
	int error;

	if (!range_ok(va, len) || !prot_ok(prot))
		return E_INVAL;
	mutex_lock(&vm->lock);
	error = protect(vm, va, len, prot);
	mutex_unlock(&vm->lock);
	return error;
}

/* ---- faults ---- */

/* A new page at va; from NULL: of zeroes. */
static int new_page(struct vm *vm, vaddr_t va, unsigned prot, const void *from)
{
	struct page *pg = page_alloc(from == NULL ? PAGE_ZERO : 0);
	int error;

	if (pg == NULL)
		return E_NOMEM;
	if (from != NULL)
		memcpy(page_to_virt(pg), from, PAGE_SIZE);
	error = space_map_page(vm->space, va, page_to_phys(pg), prot);
	if (error == 0 && from == NULL)		/* a copy takes the place of what was there */
		error = charge_tables(vm);
	if (error == 0)
		return 0;
	if (from == NULL)
		(void)space_unmap(vm->space, va, PAGE_SIZE);
	page_put(pg);
	return error;
}

/* A page of private memory is not there, or shared and to be written. */
static int private_fault(struct vm *vm, const struct region *r, vaddr_t va, unsigned access)
{
	struct page *old;
	unsigned prot;
	paddr_t pa;
	int error;

	if (space_lookup(vm->space, va, &pa, &prot) != 0) {
		error = charge_tables(vm);
		if (error == 0)
			error = charge(vm, 1);
		if (error != 0)
			return error;
		error = new_page(vm, va, r->prot, NULL);
		if (error != 0)
			uncharge(vm, 1);
		return error;
	}
	if (!(access & PROT_W) || (prot & PROT_W))
		return 0;			/* another thread was quicker */
	old = phys_to_page(pa);
	if (READ_ONCE(old->refs) == 1)
		return space_map_page(vm->space, va, pa, r->prot);
	error = new_page(vm, va, r->prot, page_to_virt(old));
	if (error == 0)
		page_put(old);
	return error;
}

int vm_fault_locked(struct vm *vm, vaddr_t va, unsigned access)
{
	const struct region *r = region_at(vm, va);
	int error;

	if (r == NULL || (access & ~r->prot))
		return E_FAULT;
	if (r->mapping == NULL)
		return private_fault(vm, r, va, access);
	error = charge_tables(vm);
	if (error != 0)
		return error;
	error = memory_fault(vm, r, va);
	if (error == 0)
		error = charge_tables(vm);
	if (error != 0)
		(void)space_unmap(vm->space, va, PAGE_SIZE);
	return error;
}

int vm_fault(struct vm *vm, vaddr_t va, unsigned access)
{
	int error;

	mutex_lock(&vm->lock);
	error = vm_fault_locked(vm, ROUND_DOWN(va, PAGE_SIZE), access);
	mutex_unlock(&vm->lock);
	return error;
}

/* ---- a program's beginning ---- */

/* The page gets its contents before it gets into the tables: it may be code. */
static int load_page(struct vm *vm, vaddr_t va, size_t at, const void *from, size_t len)
{
	const struct region *r = region_at(vm, va);
	struct page *pg = page_alloc(PAGE_ZERO);
	int error = pg == NULL ? E_NOMEM : charge(vm, 1);

	if (error == 0) {
		memcpy((uint8_t *)page_to_virt(pg) + at, from, len);
		error = space_map_page(vm->space, va, page_to_phys(pg), r->prot);
		if (error == 0)
			error = charge_tables(vm);
		if (error == 0)
			return 0;
		(void)space_unmap(vm->space, va, PAGE_SIZE);
		uncharge(vm, 1);
	}
	if (pg != NULL)
		page_put(pg);
	return error;
}

int vm_load(struct vm *vm, vaddr_t to, const void *from, size_t len)
{
	int error = 0;

	while (len > 0 && error == 0) {
		size_t at = to & (PAGE_SIZE - 1), n = MIN(len, PAGE_SIZE - at);

		error = load_page(vm, to - at, at, from, n);
		to += n;
		from = (const uint8_t *)from + n;
		len -= n;
	}
	return error;
}
