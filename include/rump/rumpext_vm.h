/* SPDX-License-Identifier: BSD-2-Clause */
/* Extension: the donor's physical memory and its kernel mappings (version 1). */
#ifndef RUMP_RUMPEXT_VM_H
#define RUMP_RUMPEXT_VM_H
#include <rump/rumptypes.h>
#define RUMPEXT_VM_VERSION 1
/*
 * Allocate the arena: size bytes of zeroed, contiguous memory for the donor to use as its physical
 * memory, aligned to align, followed directly by window bytes of reserved address space in which
 * rumpext_map() may place aliases.  *base gets the arena's address; window starts at *base + size.
 */
int rumpext_arena(size_t size, size_t window, size_t align, void **base);
/* Make [va, va+len) in the window an alias of the arena's bytes from off on. Page granular. */
int rumpext_map(void *va, size_t len, size_t off);
/* Remove the aliases in [va, va+len). */
int rumpext_unmap(void *va, size_t len);
#endif
