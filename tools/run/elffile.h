/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an ELF file asks for: its interpreter, its libraries, where they are.
 *
 * The file may be anything: every offset and length is checked against the file before it is used,
 * and nothing of it is executed. Only x86-64 files are read further than their header.
 */
#ifndef RUN_ELFFILE_H
#define RUN_ELFFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum elf_kind {
	ELF_NOT,		/* no ELF file */
	ELF_BAD,		/* one that the guest cannot use; *why says it */
	ELF_PROGRAM,		/* can be executed */
	ELF_LIBRARY,
};

struct elf_file {
	char *interp;			/* NULL: static */
	char **needed;
	size_t nneeded;
	char *rpath, *runpath;		/* NULL: none */
	bool resolves;			/* uses the name services of libc */
	bool unwinds;			/* ends threads: libc loads libgcc_s.so.1 for that */
	bool old_libc;			/* libc.so.6 before 2.34: name services are libraries */
};

/* Fills *out, to be freed with elf_free() whatever comes back. why is static storage. */
enum elf_kind elf_read(int fd, struct elf_file *out, const char **why);
void elf_free(struct elf_file *f);

#endif
