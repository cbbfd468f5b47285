/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finding linked-in components: the link sets of every object of the program, and their symbol
 * tables.
 *
 * Interface: rumpuser_dl_bootstrap. Locking: dl_iterate_phdr() holds the loader's lock; the
 * functions of the donor are called after it is released.
 *
 * Sets of the main program are known to the linker when it is linked with this library (the weak
 * symbols below). Those of a shared object are found by the symbols __start_link_set_*, if its
 * dynamic symbol table has them; a linker that made them itself hides them, and then the section
 * headers of its file tell. Nothing that an object's tables say is followed out of its own
 * segments.
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <sys/stat.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "posix.h"

#define MAXOBJ	256
#define NSET	2

extern const void *const __start_link_set_modules[] __attribute__((__weak__));
extern const void *const __stop_link_set_modules[] __attribute__((__weak__));
extern const void *const __start_link_set_rump_components[] __attribute__((__weak__));
extern const void *const __stop_link_set_rump_components[] __attribute__((__weak__));

static const char *const setname[NSET] = { "link_set_modules", "link_set_rump_components" };

struct set {
	uintptr_t	s_start, s_stop;
};

struct object {
	uintptr_t	o_base;
	uintptr_t	o_lo, o_hi;	/* its segments, from the first to behind the last */
	char		*o_path;
	const ElfW(Dyn)	*o_dyn;
	const ElfW(Sym)	*o_sym;
	size_t		o_nsym;
	const char	*o_str;
	size_t		o_strlen;
	struct set	o_set[NSET];
};

struct objects {
	struct object	ob[MAXOBJ];
	size_t		n;
};

static bool
inside(const struct object *o, uintptr_t addr, size_t len)
{

	return addr >= o->o_lo && addr <= o->o_hi && len <= o->o_hi - addr;
}

/* Addresses in a dynamic section have been relocated by some loaders and not by others. */
static uintptr_t
dynaddr(const struct object *o, uintptr_t v)
{

	return inside(o, v, 1) ? v : v + o->o_base;
}

/* The number of dynamic symbols, by a GNU hash table: the end of the furthest chain. */
static size_t
gnucount(const struct object *o, uintptr_t addr)
{
	const uint32_t *h = (const uint32_t *)addr, *bucket, *chain;
	uint32_t i, max = 0;
	size_t head;

	if (!inside(o, addr, 16) || h[0] > 0x100000 || h[2] > 0x100000)
		return 0;
	head = 16 + (size_t)h[2] * sizeof(ElfW(Addr)) + 4 * (size_t)h[0];
	if (!inside(o, addr, head))
		return 0;
	bucket = (const uint32_t *)(addr + head) - h[0];
	chain = (const uint32_t *)(addr + head);
	for (i = 0; i < h[0]; i++)
		if (bucket[i] > max)
			max = bucket[i];
	if (max < h[1])
		return h[1];
	for (; inside(o, (uintptr_t)&chain[max - h[1]], 4); max++)
		if (chain[max - h[1]] & 1)
			return (size_t)max + 1;
	return 0;
}

static void
symtab(struct object *o)
{
	uintptr_t sym = 0, str = 0, hash = 0, gnu = 0;
	const ElfW(Dyn) *d;
	size_t n = 0;

	for (d = o->o_dyn; d != NULL && inside(o, (uintptr_t)d, sizeof(*d)) && d->d_tag != DT_NULL;
	    d++)
		switch (d->d_tag) {
		case DT_SYMTAB:
			sym = dynaddr(o, d->d_un.d_ptr);
			break;
		case DT_STRTAB:
			str = dynaddr(o, d->d_un.d_ptr);
			break;
		case DT_STRSZ:
			o->o_strlen = d->d_un.d_val;
			break;
		case DT_HASH:
			hash = dynaddr(o, d->d_un.d_ptr);
			break;
		case DT_GNU_HASH:
			gnu = dynaddr(o, d->d_un.d_ptr);
			break;
		}
	if (hash != 0 && inside(o, hash, 8))
		n = ((const uint32_t *)hash)[1];
	else if (gnu != 0)
		n = gnucount(o, gnu);
	if (n == 0 || n > 0x1000000 || !inside(o, sym, n * sizeof(ElfW(Sym))) ||
	    o->o_strlen == 0 || !inside(o, str, o->o_strlen) ||
	    ((const char *)str)[o->o_strlen - 1] != '\0')
		return;
	o->o_sym = (const ElfW(Sym) *)sym;
	o->o_nsym = n;
	o->o_str = (const char *)str;
}

static uintptr_t
lookup(const struct object *o, const char *prefix, const char *name)
{
	size_t i, plen = strlen(prefix);
	const ElfW(Sym) *s;
	const char *p;

	for (i = 0; i < o->o_nsym; i++) {
		s = &o->o_sym[i];
		if (s->st_shndx == SHN_UNDEF || s->st_name >= o->o_strlen)
			continue;
		p = o->o_str + s->st_name;
		if (strncmp(p, prefix, plen) == 0 && strcmp(p + plen, name) == 0)
			return o->o_base + s->st_value;
	}
	return 0;
}

/* The sections named as sets in an object's file, mapped at f. */
static void
sections(struct object *o, const uint8_t *f, size_t len)
{
	const ElfW(Ehdr) *eh = (const void *)f;
	const ElfW(Shdr) *sh, *names;
	const char *name;
	int i, k;

	if (len < sizeof(*eh) || memcmp(eh->e_ident, ELFMAG, SELFMAG) != 0 ||
	    eh->e_ident[EI_CLASS] != (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32) ||
	    eh->e_shentsize != sizeof(*sh) || eh->e_shoff > len ||
	    eh->e_shoff % sizeof(long) != 0 ||
	    eh->e_shnum > (len - eh->e_shoff) / sizeof(*sh) || eh->e_shstrndx >= eh->e_shnum)
		return;
	sh = (const void *)(f + eh->e_shoff);
	names = &sh[eh->e_shstrndx];
	if (names->sh_offset > len || names->sh_size > len - names->sh_offset ||
	    names->sh_size == 0 || f[names->sh_offset + names->sh_size - 1] != '\0')
		return;
	for (i = 0; i < eh->e_shnum; i++) {
		if (sh[i].sh_name >= names->sh_size || !(sh[i].sh_flags & SHF_ALLOC))
			continue;
		name = (const char *)f + names->sh_offset + sh[i].sh_name;
		for (k = 0; k < NSET; k++)
			if (strcmp(name, setname[k]) == 0) {
				o->o_set[k].s_start = o->o_base + sh[i].sh_addr;
				o->o_set[k].s_stop = o->o_set[k].s_start + sh[i].sh_size;
			}
	}
}

static void
fromfile(struct object *o)
{
	struct stat st;
	void *f;
	int fd;

	fd = open(o->o_path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return;
	if (fstat(fd, &st) == 0 && st.st_size > 0) {
		f = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (f != MAP_FAILED) {
			sections(o, f, (size_t)st.st_size);
			(void)munmap(f, (size_t)st.st_size);
		}
	}
	(void)close(fd);
}

static int
collect(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct objects *os = arg;
	struct object *o;
	const ElfW(Phdr) *ph;
	uintptr_t a;
	int i;

	(void)size;
	if (os->n == MAXOBJ)
		return 1;
	o = &os->ob[os->n];
	memset(o, 0, sizeof(*o));
	o->o_base = info->dlpi_addr;
	o->o_lo = UINTPTR_MAX;
	for (i = 0; i < info->dlpi_phnum; i++) {
		ph = &info->dlpi_phdr[i];
		a = o->o_base + ph->p_vaddr;
		if (ph->p_type == PT_DYNAMIC)
			o->o_dyn = (const void *)a;
		if (ph->p_type != PT_LOAD)
			continue;
		if (a < o->o_lo)
			o->o_lo = a;
		if (a + ph->p_memsz > o->o_hi)
			o->o_hi = a + ph->p_memsz;
	}
	if (o->o_hi == 0)
		return 0;
	o->o_path = strdup(info->dlpi_name != NULL ? info->dlpi_name : "");
	if (o->o_path != NULL)
		os->n++;
	return 0;
}

static void
findsets(struct object *o, bool main)
{
	int k;

	symtab(o);
	if (main) {
		o->o_set[0] = (struct set){ (uintptr_t)__start_link_set_modules,
		    (uintptr_t)__stop_link_set_modules };
		o->o_set[1] = (struct set){ (uintptr_t)__start_link_set_rump_components,
		    (uintptr_t)__stop_link_set_rump_components };
		return;
	}
	for (k = 0; k < NSET; k++) {
		o->o_set[k].s_start = lookup(o, "__start_", setname[k]);
		o->o_set[k].s_stop = lookup(o, "__stop_", setname[k]);
	}
	if (o->o_set[0].s_start == 0 && o->o_set[1].s_start == 0 && o->o_path[0] == '/')
		fromfile(o);
}

static size_t
setlen(const struct object *o, int k)
{
	const struct set *s = &o->o_set[k];

	if (s->s_start == 0 || s->s_stop <= s->s_start || s->s_start % sizeof(void *) != 0 ||
	    !inside(o, s->s_start, s->s_stop - s->s_start))
		return 0;
	return (s->s_stop - s->s_start) / sizeof(void *);
}

/* A copy of the symbol table with absolute addresses; the donor keeps it. */
static void
loadsyms(const struct object *o, rump_symload_fn symload)
{
	size_t i, n = 0;
	ElfW(Sym) *copy;
	char *str;

	copy = malloc(o->o_nsym * sizeof(*copy) + 1);
	str = malloc(o->o_strlen + 1);
	if (copy == NULL || str == NULL || o->o_nsym == 0) {
		free(copy);
		free(str);
		return;
	}
	memcpy(str, o->o_str, o->o_strlen);
	for (i = 0; i < o->o_nsym; i++) {
		if (o->o_sym[i].st_shndx == SHN_UNDEF || o->o_sym[i].st_name >= o->o_strlen)
			continue;
		copy[n] = o->o_sym[i];
		copy[n++].st_value += o->o_base;
	}
	(void)symload(copy, n * sizeof(*copy), str, o->o_strlen);
}

void
rumpuser_dl_bootstrap(rump_modinit_fn modinit, rump_symload_fn symload, rump_compload_fn compload)
{
	struct objects *os;
	struct object *o;
	const struct rump_component *const *rc;
	size_t i, k, n;

	os = rumpuser__alloc(sizeof(*os));
	(void)dl_iterate_phdr(collect, os);
	for (i = 0; i < os->n; i++) {
		o = &os->ob[i];
		findsets(o, i == 0);	/* the main program comes first */
		if (symload != NULL)
			loadsyms(o, symload);
		n = setlen(o, 0);
		if (modinit != NULL && n > 0)
			modinit((const struct modinfo *const *)o->o_set[0].s_start, n);
		n = setlen(o, 1);
		rc = (const struct rump_component *const *)o->o_set[1].s_start;
		for (k = 0; compload != NULL && k < n; k++)
			compload(rc[k]);
	}
	for (i = 0; i < os->n; i++)
		free(os->ob[i].o_path);
	free(os);
}
