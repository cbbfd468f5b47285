/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The regions of a vm, ascending, of which adjacent ones differ. For vm.c and vm_copy.c.
 * Locking: the vm's lock is held.
 */
#ifndef NUCLEUS_REGION_H
#define NUCLEUS_REGION_H

#include <nucleus/vm.h>

/*
 * region_find: the first that ends above va; vm->regions if there is none.
 * region_at: that of va, or NULL.
 * region_room: the lowest room of len bytes from VM_BASE on; 0: none.
 */
unsigned region_find(const struct vm *vm, vaddr_t va);
struct region *region_at(const struct vm *vm, vaddr_t va);
vaddr_t region_room(const struct vm *vm, size_t len);

/*
 * region_reserve: room for more, charged; nothing has changed if there is none: E_NOMEM.
 * region_pages: how many pages are charged for the list.
 * region_insert: *r becomes region i; there is room. region_remove: n from i on.
 * region_join: region i with the one before it, where they can be one; i may be none.
 * region_split: where va lies within a region, that becomes two; there is room.
 */
int region_reserve(struct vm *vm, unsigned more);
size_t region_pages(const struct vm *vm);
void region_insert(struct vm *vm, unsigned i, const struct region *r);
void region_remove(struct vm *vm, unsigned i, unsigned n);
void region_join(struct vm *vm, unsigned i);
void region_split(struct vm *vm, vaddr_t va);

#endif /* NUCLEUS_REGION_H */
