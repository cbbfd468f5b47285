/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The regions of a vm: a sorted array, so that a fault finds its by bisection, and a fork copies
 * them at once. The interface is region.h.
 */
#include <nucleus/error.h>
#include <nucleus/heap.h>
#include <nucleus/memory.h>
#include <nucleus/region.h>
#include <nucleus/string.h>

#define ROOM_FIRST	16		/* regions */

/* Pages that a list with room for so many takes. The first is small, as a struct vm is. */
static size_t pages_for(unsigned room)
{
	return room <= ROOM_FIRST ? 0 : ROUND_UP(room * sizeof(struct region), PAGE_SIZE) >> PAGE_SHIFT;
}

unsigned region_find(const struct vm *vm, vaddr_t va)
{
	unsigned low = 0, high = vm->regions;

	while (low < high) {
		unsigned mid = (low + high) / 2;

		if (vm->region[mid].end > va)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

struct region *region_at(const struct vm *vm, vaddr_t va)
{
	unsigned i = region_find(vm, va);

	return i < vm->regions && vm->region[i].start <= va ? &vm->region[i] : NULL;
}

size_t region_pages(const struct vm *vm)
{
	return pages_for(vm->room);
}

int region_reserve(struct vm *vm, unsigned more)
{
	unsigned wanted = vm->regions + more, room;
	struct region *r;
	size_t pages;

	if (wanted <= vm->room)
		return 0;
	if (wanted > VM_REGIONS_MAX)
		return E_NOMEM;
	room = MIN(MAX(MAX(vm->room * 2, (unsigned)ROOM_FIRST), wanted), (unsigned)VM_REGIONS_MAX);
	pages = pages_for(room) - pages_for(vm->room);
	if (pages > 0 && account_charge(vm->account, LIMIT_PAGES, pages) != 0)
		return E_NOMEM;
	r = heap_alloc(room * sizeof(*r));
	if (r == NULL) {
		account_uncharge(vm->account, LIMIT_PAGES, pages);
		return E_NOMEM;
	}
	if (vm->regions > 0)
		memcpy(r, vm->region, vm->regions * sizeof(*r));
	heap_free(vm->region);
	vm->region = r;
	vm->room = room;
	return 0;
}

void region_insert(struct vm *vm, unsigned i, const struct region *r)
{
	memmove(&vm->region[i + 1], &vm->region[i], (vm->regions - i) * sizeof(*r));
	vm->region[i] = *r;
	vm->regions++;
}

void region_remove(struct vm *vm, unsigned i, unsigned n)
{
	memmove(&vm->region[i], &vm->region[i + n], (vm->regions - i - n) * sizeof(vm->region[0]));
	vm->regions -= n;
}

void region_join(struct vm *vm, unsigned i)
{
	struct region *r = &vm->region[i];

	if (i == 0 || i >= vm->regions || r[-1].end != r->start || r[-1].prot != r->prot ||
	    r[-1].mapping != r->mapping)
		return;
	if (r->mapping != NULL)
		mapping_put(r->mapping);	/* the other has it as well */
	r[-1].end = r->end;
	region_remove(vm, i, 1);
}

void region_split(struct vm *vm, vaddr_t va)
{
	unsigned i = region_find(vm, va);
	struct region low;

	if (i == vm->regions || vm->region[i].start >= va)
		return;
	low = vm->region[i];
	low.end = va;
	if (low.mapping != NULL)
		mapping_get(low.mapping);
	region_insert(vm, i, &low);
	vm->region[i + 1].offset += va - low.start;
	vm->region[i + 1].start = va;
}

vaddr_t region_room(const struct vm *vm, size_t len)
{
	vaddr_t va = VM_BASE;

	for (unsigned i = region_find(vm, va); i < vm->regions; i++) {
		if (vm->region[i].start >= va && vm->region[i].start - va >= len)
			return va;
		va = MAX(va, vm->region[i].end);
	}
	return len <= USER_END - va ? va : 0;
}
