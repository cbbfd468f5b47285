/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copies between the kernel and the memory of processes. The interface is vm.h.
 *
 * Locking: the vm's mutex, for what is not there when it is copied; else none: pages that leave the
 * tables are free only when no CPU has a translation.
 */
#include <nucleus/error.h>
#include <nucleus/memory.h>
#include <nucleus/page.h>
#include <nucleus/region.h>
#include <nucleus/string.h>
#include <nucleus/thread.h>
#include <nucleus/vm.h>

/* The page at va in the direct map, there and as access wants it; vm->lock is held. */
static int page_for(struct vm *vm, vaddr_t va, unsigned access, uint8_t **page)
{
	unsigned prot;
	paddr_t pa;
	int error;

	while (space_lookup(vm->space, va, &pa, &prot) != 0 || (access & ~prot)) {
		error = vm_fault_locked(vm, va, access);
		if (error != 0)
			return error;
	}
	if (prot & (PROT_DEVICE | PROT_WC))
		return E_FAULT;
	*page = phys_to_virt(pa);
	return 0;
}

/* What is left of a page: it was not there, or not as access wants it. */
static NOINLINE int copy_rest(struct vm *vm, vaddr_t va, uint8_t *p, size_t len, unsigned access)
{
	size_t at = va & (PAGE_SIZE - 1);
	uint8_t *page;
	int error;

	mutex_lock(&vm->lock);
	error = page_for(vm, va - at, access, &page);
	if (error == 0 && access == PROT_W)
		memcpy(page + at, p, len);
	else if (error == 0)
		memcpy(p, page + at, len);
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
		size_t n = MIN(len, PAGE_SIZE - (va & (PAGE_SIZE - 1))), left;

		preempt_disable();
		cpu_pt_need(&vm->space->pt);
		left = access == PROT_W ? cpu_copy_out(va, p, n) : cpu_copy_in(p, va, n);
		preempt_enable();
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
	uint8_t *page;
	int error;

	if (va >= USER_END)
		return E_FAULT;
	mutex_lock(&vm->lock);
	error = page_for(vm, va - at, PROT_R, &page);
	if (error != 0) {
		mutex_unlock(&vm->lock);
		return error;
	}
	r = region_at(vm, va);
	*identity = r->mapping != NULL ? mapping_identity(r->mapping) : vm;
	*offset = r->mapping != NULL ? r->offset + (va - r->start) : va;
	*word = (const uint32_t *)(page + at);
	return 0;
}

void vm_unlock(struct vm *vm)
{
	mutex_unlock(&vm->lock);
}
