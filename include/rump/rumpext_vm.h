/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Extension: the donor's physical memory and its kernel mappings. Version 1.
 *
 * Reason: a donor with its memory management on has physical memory as one range with numbers for
 * its pages, and makes scattered pages contiguous by mapping them once more. rumpuser_malloc()
 * has neither.
 *
 * Words, error numbers and classes are those of <rump/rumpuser.h>. All are [nonblocking].
 * Locking: calls on disjoint ranges may be made at once.
 */
#ifndef RUMP_RUMPEXT_VM_H
#define RUMP_RUMPEXT_VM_H

#include <rump/rumptypes.h>

#define RUMPEXT_VM_VERSION 1

/*
 * rumpext_arena: size bytes of memory for the donor to use as its physical memory, of which nobody
 * knows what it contains, contiguous (for devices too, where there are any), at a multiple of align
 * (a power of two), followed directly by window bytes of address space in which rumpext_map() may
 * place aliases and which is inaccessible until then. *basep: the arena's address; the window
 * starts at *basep + size. size and window are whole pages, window may be 0. Memory may be taken
 * from the platform at first touch. There is one arena until the program ends. RUMP_ENOMEM;
 * RUMP_EINVAL: size, window, align; RUMP_EBUSY: there is one.
 */
int rumpext_arena(size_t size, size_t window, size_t align, void **basep);

/*
 * rumpext_map: make [va, va+len), in the window, another address of the arena's bytes from off
 * on: what is written through one is read through the other at once. Replaces what was mapped
 * there. Page granular.
 * rumpext_unmap: make [va, va+len) inaccessible; what of it is not mapped is no error.
 * RUMP_EINVAL: not whole pages, not within the window, the arena; RUMP_ENOMEM: no room for the
 * bookkeeping (a host limits how many pieces there can be).
 */
int rumpext_map(void *va, size_t len, size_t off);
int rumpext_unmap(void *va, size_t len);

#endif /* RUMP_RUMPEXT_VM_H */
