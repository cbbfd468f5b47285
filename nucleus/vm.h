/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory of a process: what is mapped where, over a space's page tables.
 *
 * A region is a range of whole pages of one kind and with the same rights. Private memory appears
 * when it is touched, zeroed; a fork shares its pages, which are copied when one side writes.
 * Nothing has both MAP_W and MAP_X.
 *
 * Pages of private memory, of page tables and of a long list of regions are charged to the vm's
 * account; a mapping is one of its objects.
 *
 * Locking: a mutex a vm inside; everything here may sleep.
 */
#ifndef NUCLEUS_VM_H
#define NUCLEUS_VM_H

#include <nucleus/account.h>
#include <nucleus/space.h>

/*
 * Where memory is mapped if the program does not say; a process's first stack, which ends at the
 * first address where the program leaves room, so that one table of pages has it all, or at the
 * other.
 */
#define VM_BASE		0x200000ul
#define VM_STACK_LOW	0x200000ul
#define VM_STACK_HIGH	0x40000000ul
#define VM_STACK_MAX	(1 * MIB)		/* with an unmapped page below */
#define VM_REGIONS_MAX	1024

struct captable;
struct mapping;

struct region {
	vaddr_t		start, end;
	unsigned	prot;			/* MAP_* */
	struct mapping	*mapping;		/* memory.h; NULL: private memory */
	size_t		offset;			/* in what is mapped */
};

struct vm {
	struct space	*space;			/* NULL: destroyed */
	struct account	*account;
	struct captable	*caps;			/* of the process; of origins of mappings */
	struct mutex	lock;			/* all below */
	unsigned	refs;			/* atomic: the process's, mappings' */
	unsigned	regions, room;
	struct region	*region;		/* ascending; adjacent ones differ */
	size_t		pages, tables;		/* charged */
};

/* Nothing is mapped. caps: the process's capabilities, or NULL. NULL: no memory. */
struct vm *vm_create(struct account *account, struct captable *caps);

/*
 * vm_destroy: no thread runs in it any more; all is unmapped, and the caller's reference dropped.
 * vm_get, vm_put: references to the struct.
 */
void vm_destroy(struct vm *vm);
void vm_get(struct vm *vm);
void vm_put(struct vm *vm);

/*
 * A copy of a vm for another process. Mapped objects are passed on as their capabilities say, and
 * caps gets those that are inherited. NULL: no memory, or beyond the limits of account.
 */
struct vm *vm_fork(struct vm *from, struct account *account, struct captable *caps);

/*
 * Private memory. vm_map: at *va, or if that is 0 where there is room, which *va says then.
 * E_EXIST: something is there. vm_unmap and vm_protect concern any part of what is mapped; what is
 * not is no error for vm_unmap, and E_FAULT for vm_protect. All: E_INVAL, not whole pages below
 * USER_END, or prot; E_NOMEM.
 */
int vm_map(struct vm *vm, vaddr_t *va, size_t len, unsigned prot);
int vm_unmap(struct vm *vm, vaddr_t va, size_t len);
int vm_protect(struct vm *vm, vaddr_t va, size_t len, unsigned prot);

/*
 * A program has touched va: access is PROT_R, PROT_W or PROT_X. 0: it can go on. E_FAULT: not
 * mapped so; E_NOMEM.
 */
int vm_fault(struct vm *vm, vaddr_t va, unsigned access);
int vm_fault_locked(struct vm *vm, vaddr_t va, unsigned access);	/* va: of a page */

/*
 * Copies between the kernel and a program's memory, as the program could read or write it. E_FAULT
 * and E_NOMEM as vm_fault(): a part may have been copied. vm_load: into private memory whatever its
 * prot; for a program's beginning.
 */
int vm_copy_in(struct vm *vm, void *to, vaddr_t from, size_t len);
int vm_copy_out(struct vm *vm, vaddr_t to, const void *from, size_t len);
int vm_load(struct vm *vm, vaddr_t to, const void *from, size_t len);

/* A string, its 0 included: its length, or a negative error. E_INVAL: more than len bytes. */
long vm_copy_string(struct vm *vm, char *to, vaddr_t from, size_t len);

/*
 * For memory.c. vm_map_shared: as vm_map(), from offset of what m is a mapping of; vm->lock is
 * held, m's region is counted already, and given back in case of an error. vm_drop_mapping: no
 * region has m any more.
 */
int vm_map_shared(struct vm *vm, vaddr_t *va, size_t len, unsigned prot, struct mapping *m,
    size_t offset);
void vm_drop_mapping(struct vm *vm, struct mapping *m);

/*
 * For futex.c. The word at va, a multiple of 4, can be read, and what it is known by: *identity and
 * *offset, the same to all that share it. *word is good, and the same, while the lock is held,
 * which is so on return unless there is an error: as vm_copy_in().
 */
int vm_lock_word(struct vm *vm, vaddr_t va, const uint32_t **word, const void **identity,
    size_t *offset);
void vm_unlock(struct vm *vm);

#endif /* NUCLEUS_VM_H */
