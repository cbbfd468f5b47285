/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Static ELF programs: what is to be mapped where. The file may be anything; what elf_read()
 * accepts lies within the file and within a program's addresses.
 *
 * Locking: none.
 */
#ifndef NUCLEUS_ELF_H
#define NUCLEUS_ELF_H

#include <nucleus/types.h>

#define ELF_SEGMENTS	8

/* [start, start + len) holds file bytes at offset, then zeroes. Pages of two do not overlap. */
struct elf_segment {
	vaddr_t		start;
	size_t		len, offset, file;	/* file <= len */
	unsigned	prot;			/* MAP_*; never both MAP_W and MAP_X */
};

struct elf {
	vaddr_t		entry;			/* in an executable segment */
	unsigned	segments;		/* ascending */
	struct elf_segment segment[ELF_SEGMENTS];
};

/* E_NOEXEC: not a static program for this CPU, or one that is damaged. */
int elf_read(const void *data, size_t len, struct elf *e);

#endif /* NUCLEUS_ELF_H */
