/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copies between the kernel and the memory of processes. The interface is vm.h.
 *
 * Locking: the vm's mutex, for what is not there when it is copied; else none: pages that leave the
 * tables are free only when no CPU has a translation.
 */
#include <nucleus/error.h>
#include <nucleus/memory.h>
#include <nucleus/region.h>
#include <nucleus/string.h>
#include <nucleus/thread.h>
#include <nucleus/vm.h>

/* The page at va is there, at *pa, and as access wants it; vm->lock is held. */
static int page_for(struct vm *vm, vaddr_t va, unsigned access, paddr_t *pa, unsigned *prot)
{
	int error = 0;

	while (error == 0 && (space_lookup(vm->space, va, pa, prot) != 0 || (access & ~*prot)))
		error = vm_fault_locked(vm, va, access);
	return error;
}

/* Within a page, by the program's addresses: how many bytes are left. */
static inline size_t copy_now(struct vm *vm, vaddr_t va, uint8_t *p, size_t len, unsigned access)
{
	size_t left;

	preempt_disable();
	cpu_pt_need(&vm->space->pt);
	left = access == PROT_W ? cpu_copy_out(va, p, len) : cpu_copy_in(p, va, len);
	preempt_enable();
	return left;
}

/* What is left of a page: it was not there, or not as access wants it. */
static NOINLINE int copy_rest(struct vm *vm, vaddr_t va, uint8_t *p, size_t len, unsigned access)
{
	unsigned prot;
	paddr_t pa;
	int error;

	mutex_lock(&vm->lock);
	error = page_for(vm, ROUND_DOWN(va, PAGE_SIZE), access, &pa, &prot);
	if (error == 0 && copy_now(vm, va, p, len, access) > 0)
		error = E_FAULT;		/* no memory: a device that does not take it so */
	mutex_unlock(&vm->lock);
	return error;
}

/*
 * By the program's addresses, page by page, so that others do not wait long for this CPU. Where
 * that fails the page is made and the rest copied with the lock held, so that a thread which takes
 * it away all the time cannot keep us here.
 */
static int copy(struct vm *vm, vaddr_t va, void *buf, size_t len, unsigned access)
{
	uint8_t *p = buf;
	int error = 0;

	if (va >= USER_END || len > USER_END - va)
		return E_FAULT;
	while (len > 0 && error == 0) {
		size_t n = MIN(len, PAGE_SIZE - (va & (PAGE_SIZE - 1)));
		size_t left = copy_now(vm, va, p, n, access);

		va += n;
		p += n;
		len -= n;
		if (unlikely(left > 0))
			error = copy_rest(vm, va - left, p - left, left, access);
	}
	return error;
}

int vm_copy_in(struct vm *vm, void *to, vaddr_t from, size_t len)
{
	return copy(vm, from, to, len, PROT_R);
}

int vm_copy_out(struct vm *vm, vaddr_t to, const void *from, size_t len)
{
	return copy(vm, to, (void *)from, len, PROT_W);
}

long vm_copy_string(struct vm *vm, char *to, vaddr_t from, size_t len)
{
	size_t done = 0, n, got;
	int error;

	for (; done < len; done += n) {
		n = MIN(len - done, PAGE_SIZE - ((from + done) & (PAGE_SIZE - 1)));
		error = vm_copy_in(vm, to + done, from + done, n);
		if (error != 0)
			return -error;
		got = strnlen(to + done, n);
		if (got < n)
			return (long)(done + got + 1);
	}
	return -E_INVAL;
}

int vm_lock_word(struct vm *vm, vaddr_t va, const uint32_t **word, const void **identity,
    size_t *offset)
{
	vaddr_t at = va & (PAGE_SIZE - 1);
	const struct region *r;
	unsigned prot;
	paddr_t pa;
	int error;

	if (va >= USER_END)
		return E_FAULT;
	mutex_lock(&vm->lock);
	error = page_for(vm, va - at, PROT_R, &pa, &prot);
	if (error == 0 && (prot & (PROT_DEVICE | PROT_WC)))
		error = E_FAULT;		/* the direct map has no such memory */
	if (error != 0) {
		mutex_unlock(&vm->lock);
		return error;
	}
	r = region_at(vm, va);
	*identity = r->mapping != NULL ? mapping_identity(r->mapping) : vm;
	*offset = r->mapping != NULL ? r->offset + (va - r->start) : va;
	*word = phys_to_virt(pa + at);
	return 0;
}

void vm_unlock(struct vm *vm)
{
	mutex_unlock(&vm->lock);
}
