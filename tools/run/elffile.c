/* SPDX-License-Identifier: BSD-2-Clause */
/* ELF files of programs and libraries; see elffile.h. */
#include "elffile.h"

#include <elf.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_PHDRS 1024
#define MAX_DYNAMIC (1U << 20)		/* bytes */
#define MAX_STRINGS (64U << 20)
#define MAX_NEEDED 4096
#define USER_END 0x7ffffffff000ULL	/* of a program's address space */

struct image {
	int fd;
	uint64_t size;
	Elf64_Ehdr eh;
	Elf64_Phdr *ph;
	char *strings;			/* dynamic strings; NUL-terminated */
	size_t nstrings;
	const char *why;
};

static bool bad(struct image *img, const char *why)
{
	img->why = why;
	return false;
}

/* len bytes at off, with a NUL after them; NULL: why is set. */
static void *read_at(struct image *img, uint64_t off, uint64_t len, uint64_t max)
{
	char *buf;
	uint64_t got = 0;

	if (len > max) {
		bad(img, "a table of it is implausibly long");
		return NULL;
	}
	if (off > img->size || len > img->size - off) {
		bad(img, "it is truncated");
		return NULL;
	}
	buf = malloc(len + 1);
	while (buf && got < len) {
		ssize_t n = pread(img->fd, buf + got, len - got, (off_t)(off + got));

		if (n <= 0) {
			bad(img, n < 0 ? "it cannot be read" : "it is truncated");
			free(buf);
			return NULL;
		}
		got += (uint64_t)n;
	}
	if (buf)
		buf[len] = '\0';
	else
		bad(img, "out of memory");
	return buf;
}

static const char *machine_name(unsigned machine)
{
	static char text[64];
	const char *name = machine == EM_AARCH64 ? "64-bit ARM" : machine == EM_ARM ? "ARM" :
			   machine == EM_386 ? "32-bit x86" : machine == EM_RISCV ? "RISC-V" :
			   machine == EM_PPC64 ? "PowerPC" : machine == EM_S390 ? "s390" : NULL;

	if (name)
		snprintf(text, sizeof(text), "it is for another machine (%s), not x86-64", name);
	else
		snprintf(text, sizeof(text), "it is for another machine (ELF number %u), not x86-64",
			 machine);
	return text;
}

static bool check_header(struct image *img)
{
	const Elf64_Ehdr *eh = &img->eh;

	if (eh->e_ident[EI_DATA] != ELFDATA2LSB)
		return bad(img, "it is for a big-endian machine, not x86-64");
	if (eh->e_machine != EM_X86_64)
		return bad(img, machine_name(eh->e_machine));
	if (eh->e_ident[EI_CLASS] != ELFCLASS64)
		return bad(img, "it is for the x32 ABI, not x86-64");
	if (eh->e_type == ET_REL)
		return bad(img, "it is an object file: link it first");
	if (eh->e_type == ET_CORE)
		return bad(img, "it is a core dump");
	if (eh->e_type != ET_EXEC && eh->e_type != ET_DYN)
		return bad(img, "its ELF type is unknown");
	if (eh->e_phentsize != sizeof(Elf64_Phdr) || eh->e_phnum == 0)
		return bad(img, "it has no program headers");
	return true;
}

static bool check_segment(struct image *img, const Elf64_Phdr *ph)
{
	if (ph->p_filesz > ph->p_memsz)
		return bad(img, "a segment is longer in the file than in memory");
	if (ph->p_offset > img->size || ph->p_filesz > img->size - ph->p_offset)
		return bad(img, "it is truncated: a segment ends behind the file");
	if (ph->p_vaddr > USER_END || ph->p_memsz > USER_END - ph->p_vaddr)
		return bad(img, "a segment lies outside a program's address space");
	if (ph->p_align > 1 && (ph->p_align & (ph->p_align - 1)))
		return bad(img, "a segment's alignment is no power of two");
	if (ph->p_filesz && ((ph->p_vaddr ^ ph->p_offset) & 0xfff))
		return bad(img, "a segment cannot be mapped: its offset does not fit its address");
	return true;
}

/* Loadable segments in order, and the entry point in one that is executable. */
static bool check_segments(struct image *img, bool program)
{
	uint64_t end = 0;
	bool any = false, entry = false;

	for (unsigned i = 0; i < img->eh.e_phnum; i++) {
		const Elf64_Phdr *ph = &img->ph[i];

		if (ph->p_type != PT_LOAD)
			continue;
		if (!check_segment(img, ph))
			return false;
		if (any && ph->p_vaddr < end)
			return bad(img, "its segments overlap or are out of order");
		any = true;
		end = ph->p_vaddr + ph->p_memsz;
		if ((ph->p_flags & PF_X) && img->eh.e_entry >= ph->p_vaddr &&
		    img->eh.e_entry < end)
			entry = true;
	}
	if (!any)
		return bad(img, "it has nothing to load");
	if (program && !entry)
		return bad(img, "its entry point is not in executable memory");
	return true;
}

static const Elf64_Phdr *find_segment(const struct image *img, unsigned type)
{
	for (unsigned i = 0; i < img->eh.e_phnum; i++) {
		if (img->ph[i].p_type == type)
			return &img->ph[i];
	}
	return NULL;
}

static bool read_interp(struct image *img, struct elf_file *out)
{
	const Elf64_Phdr *ph = find_segment(img, PT_INTERP);

	if (!ph)
		return true;
	out->interp = read_at(img, ph->p_offset, ph->p_filesz, PATH_MAX);
	if (!out->interp)
		return false;
	if (ph->p_filesz < 2 || out->interp[ph->p_filesz - 1] != '\0' || out->interp[0] != '/')
		return bad(img, "the name of its interpreter is malformed");
	return true;
}

static bool file_offset(const struct image *img, uint64_t vaddr, uint64_t *off)
{
	for (unsigned i = 0; i < img->eh.e_phnum; i++) {
		const Elf64_Phdr *ph = &img->ph[i];

		if (ph->p_type == PT_LOAD && vaddr >= ph->p_vaddr &&
		    vaddr - ph->p_vaddr < ph->p_filesz) {
			*off = ph->p_offset + (vaddr - ph->p_vaddr);
			return true;
		}
	}
	return false;
}

static bool read_strings(struct image *img, const Elf64_Dyn *dyn, size_t n)
{
	uint64_t addr = 0, size = 0, off;

	for (size_t i = 0; i < n && dyn[i].d_tag != DT_NULL; i++) {
		if (dyn[i].d_tag == DT_STRTAB)
			addr = dyn[i].d_un.d_ptr;
		else if (dyn[i].d_tag == DT_STRSZ)
			size = dyn[i].d_un.d_val;
	}
	if (!size || !file_offset(img, addr, &off))
		return bad(img, "it has no table of dynamic strings");
	img->strings = read_at(img, off, size, MAX_STRINGS);
	img->nstrings = img->strings ? (size_t)size : 0;
	return img->strings != NULL;
}

/* The string at off, copied; NULL: malformed. */
static char *string_at(struct image *img, uint64_t off)
{
	char *copy;

	if (off >= img->nstrings) {
		bad(img, "a name of it lies outside the table of strings");
		return NULL;
	}
	/* there is a NUL behind the table */
	if (strlen(img->strings + off) >= PATH_MAX) {
		bad(img, "a name of it is too long");
		return NULL;
	}
	copy = strdup(img->strings + off);
	if (!copy)
		bad(img, "out of memory");
	return copy;
}

static bool add_needed(struct image *img, struct elf_file *out, uint64_t off)
{
	char **more, *name = string_at(img, off);

	if (!name)
		return false;
	if (!*name || out->nneeded >= MAX_NEEDED) {
		free(name);
		return bad(img, "its list of libraries is malformed");
	}
	more = reallocarray(out->needed, out->nneeded + 1, sizeof(*more));
	if (!more) {
		free(name);
		return bad(img, "out of memory");
	}
	out->needed = more;
	more[out->nneeded++] = name;
	return true;
}

static bool add_entry(struct image *img, struct elf_file *out, const Elf64_Dyn *d)
{
	switch (d->d_tag) {
	case DT_NEEDED:
		return add_needed(img, out, d->d_un.d_val);
	case DT_RPATH:
		free(out->rpath);
		out->rpath = string_at(img, d->d_un.d_val);
		return out->rpath != NULL;
	case DT_RUNPATH:
		free(out->runpath);
		out->runpath = string_at(img, d->d_un.d_val);
		return out->runpath != NULL;
	default:
		return true;
	}
}

/* Is there a string that is one of the words? */
static bool has_string(const struct image *img, const char *const *words)
{
	for (; *words; words++) {
		size_t len = strlen(*words) + 1;
		const char *at = img->strings, *end = at + img->nstrings + 1;

		while ((at = memmem(at, (size_t)(end - at), *words, len))) {
			/* a suffix of another string may be shared, so this is a guess: it errs
			 * on the side of packing a library too many */
			if (at == img->strings || at[-1] == '\0')
				return true;
			at++;
		}
	}
	return false;
}

static bool read_dynamic(struct image *img, struct elf_file *out)
{
	static const char *const resolver[] = {
		"getaddrinfo", "getnameinfo", "gethostbyname", "gethostbyname2", "gethostbyname_r",
		"gethostbyaddr", "getpwnam", "getpwuid", "getpwnam_r", "getpwuid_r", "getgrnam",
		"getgrgid", "getgrnam_r", "getservbyname", "initgroups", NULL
	};
	static const char *const unwinder[] = {
		"pthread_exit", "pthread_cancel", "thrd_exit", "backtrace", NULL
	};
	static const char *const new_libc[] = { "GLIBC_2.34", NULL };
	const Elf64_Phdr *ph = find_segment(img, PT_DYNAMIC);
	Elf64_Dyn *dyn;
	size_t n;
	bool ok;

	if (!ph)
		return true;
	dyn = read_at(img, ph->p_offset, ph->p_filesz, MAX_DYNAMIC);
	if (!dyn)
		return false;
	n = ph->p_filesz / sizeof(*dyn);
	ok = read_strings(img, dyn, n);
	for (size_t i = 0; ok && i < n && dyn[i].d_tag != DT_NULL; i++)
		ok = add_entry(img, out, &dyn[i]);
	free(dyn);
	if (ok) {
		out->resolves = has_string(img, resolver);
		out->unwinds = has_string(img, unwinder);
		out->old_libc = !has_string(img, new_libc);
	}
	return ok;
}

static bool read_all(struct image *img, struct elf_file *out, bool *program)
{
	if (!check_header(img))
		return false;
	if (img->eh.e_phnum > MAX_PHDRS)
		return bad(img, "it has implausibly many program headers");
	img->ph = read_at(img, img->eh.e_phoff, (uint64_t)img->eh.e_phnum * sizeof(Elf64_Phdr),
			  MAX_PHDRS * sizeof(Elf64_Phdr));
	if (!img->ph)
		return false;
	/* A shared library has, as a rule, no entry point; a position-independent program has. */
	*program = img->eh.e_type == ET_EXEC || find_segment(img, PT_INTERP) || img->eh.e_entry;
	return check_segments(img, *program) && read_interp(img, out) && read_dynamic(img, out);
}

enum elf_kind elf_read(int fd, struct elf_file *out, const char **why)
{
	struct image img = { .fd = fd };
	struct stat st;
	bool program = false, ok;
	ssize_t n;

	memset(out, 0, sizeof(*out));
	*why = "it cannot be read";
	n = pread(fd, &img.eh, sizeof(img.eh), 0);
	if (n < 0 || fstat(fd, &st) != 0)
		return ELF_BAD;
	if (n < SELFMAG || memcmp(img.eh.e_ident, ELFMAG, SELFMAG) != 0)
		return ELF_NOT;
	*why = "it is truncated: not even its header is whole";
	/* the header of a 32-bit file is shorter, and says so before that matters */
	if (n < (ssize_t)sizeof(Elf32_Ehdr))
		return ELF_BAD;
	if (n < (ssize_t)sizeof(Elf64_Ehdr) && img.eh.e_ident[EI_CLASS] == ELFCLASS64)
		return ELF_BAD;
	img.size = (uint64_t)st.st_size;
	ok = read_all(&img, out, &program);
	free(img.ph);
	free(img.strings);
	*why = img.why;
	return !ok ? ELF_BAD : program ? ELF_PROGRAM : ELF_LIBRARY;
}

void elf_free(struct elf_file *f)
{
	free(f->interp);
	for (size_t i = 0; i < f->nneeded; i++)
		free(f->needed[i]);
	free(f->needed);
	free(f->rpath);
	free(f->runpath);
	memset(f, 0, sizeof(*f));
}
