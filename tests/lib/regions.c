/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Addresses that a program must not name to the donor. See regions.h.
 *
 * The donor's arena and window are found in /proc/self/maps, its variables by the symbol table of
 * this program, and a page of a donor's file in the arena by its contents.
 *
 * Locking: none; one thread.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "common.h"
#include "regions.h"
#include "tap.h"

#define PAGE	4096ul

static uint8_t remembered[MAX_BAD][512];

/* The first mapping is the arena, those behind it with gaps are pieces of the window. */
void regions_arena(uintptr_t *base, size_t *arena, size_t *whole)
{
	FILE *f = fopen("/proc/self/maps", "r");
	unsigned long lo, hi;
	char line[512];

	*base = *arena = *whole = 0;
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx", &lo, &hi) != 2)
			continue;
		if (!*base && strstr(line, "rump-arena")) {
			*base = lo;
			*arena = hi - lo;
			*whole = hi - lo;
		} else if (*base && *base + *whole == lo &&
		    (strstr(line, "rump-arena") || strstr(line, "---p 00000000 00:00 0"))) {
			*whole = hi - *base;
		}
	}
	if (f)
		fclose(f);
}

/* A mapped piece of the window. */
static uintptr_t in_window(uintptr_t base, size_t arena)
{
	FILE *f = fopen("/proc/self/maps", "r");
	unsigned long lo, hi;
	char line[512];
	uintptr_t found = 0;

	while (f && !found && fgets(line, sizeof(line), f))
		if (sscanf(line, "%lx-%lx", &lo, &hi) == 2 && lo >= base + arena &&
		    strstr(line, "rump-arena"))
			found = lo;
	if (f)
		fclose(f);
	return found;
}

static uintptr_t load_bias;

static int first_object(struct dl_phdr_info *info, size_t size, void *arg)
{
	(void)size;
	*(uintptr_t *)arg = info->dlpi_addr;
	return 1;
}

/* The address of a (local) symbol of this program, 0 if there is none. */
static uintptr_t symbol(const char *name)
{
	static const uint8_t *elf;
	const ElfW(Ehdr) *eh;
	const ElfW(Shdr) *sh;
	struct stat st;

	if (!elf) {
		int fd = open("/proc/self/exe", O_RDONLY);

		if (fd < 0 || fstat(fd, &st))
			return 0;
		elf = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		close(fd);
		if (elf == MAP_FAILED)
			return 0;
		dl_iterate_phdr(first_object, &load_bias);
	}
	eh = (const void *)elf;
	sh = (const void *)(elf + eh->e_shoff);
	for (int i = 0; i < eh->e_shnum; i++) {
		const ElfW(Sym) *s = (const void *)(elf + sh[i].sh_offset);
		const char *text = (const void *)(elf + sh[sh[i].sh_link].sh_offset);

		for (size_t k = 0; sh[i].sh_type == SHT_SYMTAB && k < sh[i].sh_size / sizeof(*s); k++)
			if (s[k].st_shndx && !strcmp(text + s[k].st_name, name))
				return load_bias + s[k].st_value;
	}
	return 0;
}

/* Where the arena holds the page of a file with these contents. */
static void *page_of_file(uintptr_t base, size_t arena)
{
	char *page = malloc(PAGE), *found = NULL;

	fill_pattern(page, PAGE, 0xcafe, 0);
	write_file("/canary", page, PAGE);
	for (size_t at = 0; at < arena && !found; at += PAGE)
		if (!memcmp((char *)base + at, page, PAGE))
			found = (char *)base + at;
	free(page);
	return found;
}

static int add(struct bad *bad, int n, const char *name, uintptr_t addr, int kind, size_t watch)
{
	if (addr)
		bad[n++] = (struct bad){ name, addr, kind, watch ? (void *)addr : NULL, watch };
	return n;
}

static int host_regions(struct bad *bad, int n)
{
	char *m = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	mprotect(m + PAGE, PAGE, PROT_NONE);
	mprotect(m + 3 * PAGE, PAGE, PROT_READ);
	mprotect(m + 5 * PAGE, PAGE, PROT_NONE);
	n = add(bad, n, "NULL + 8", 8, BAD_ALWAYS, 0);
	n = add(bad, n, "no access", (uintptr_t)m + PAGE, BAD_ALWAYS, 0);
	n = add(bad, n, "no access, odd", (uintptr_t)m + PAGE + 3, BAD_ALWAYS, 0);
	n = add(bad, n, "read-only", (uintptr_t)m + 3 * PAGE + 8, BAD_TO_WRITE, 64);
	n = add(bad, n, "the last byte of a page", (uintptr_t)m + 5 * PAGE - 1, BAD_BEHIND, 0);
	n = add(bad, n, "the last 4 bytes of a page", (uintptr_t)m + 5 * PAGE - 4, BAD_BEHIND, 0);
	m = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(m, PAGE);
	n = add(bad, n, "unmapped", (uintptr_t)m, BAD_ALWAYS, 0);
	n = add(bad, n, "the end of user space", 0x7ffffffff000, BAD_ALWAYS, 0);
	n = add(bad, n, "non-canonical", 0x800000000000, BAD_ALWAYS, 0);
	n = add(bad, n, "non-canonical, high", 0xff00000000000000, BAD_ALWAYS, 0);
	n = add(bad, n, "the host's kernel", 0xffff888000000000, BAD_ALWAYS, 0);
	n = add(bad, n, "the last page", 0xfffffffffffff000, BAD_ALWAYS, 0);
	n = add(bad, n, "the last byte but 3", 0xfffffffffffffffc, BAD_ALWAYS, 0);
	return n;
}

int regions_find(struct bad bad[MAX_BAD])
{
	uintptr_t base, page;
	size_t arena, whole;
	int n = host_regions(bad, 0);

	regions_arena(&base, &arena, &whole);
	if (!base)
		bail("the donor's arena is not in /proc/self/maps");
	page = (uintptr_t)page_of_file(base, arena);
	n = add(bad, n, "a page of a file in the arena", page, BAD_ALWAYS, 512);
	n = add(bad, n, "inside that page, odd", page ? page + 1027 : 0, BAD_ALWAYS, 512);
	n = add(bad, n, "the arena's begin", base, BAD_ALWAYS, 0);
	n = add(bad, n, "4 bytes before the arena", base - 4, BAD_BEHIND, 0);
	n = add(bad, n, "the arena's end", base + arena - 8, BAD_ALWAYS, 0);
	n = add(bad, n, "the window's begin", base + arena, BAD_ALWAYS, 0);
	n = add(bad, n, "the window, mapped", in_window(base, arena), BAD_ALWAYS, 0);
	n = add(bad, n, "the window's end", base + whole - 8, BAD_ALWAYS, 0);
	n = add(bad, n, "the donor's code", symbol("schedule"), BAD_ALWAYS, 64);
	n = add(bad, n, "the donor's system-call table", symbol("sys_call_table"), BAD_ALWAYS, 512);
	n = add(bad, n, "the donor's constants", symbol("linux_banner"), BAD_ALWAYS, 32);
	n = add(bad, n, "the donor's data", symbol("init_uts_ns"), BAD_ALWAYS, 64);
	n = add(bad, n, "the donor's own bounds", symbol("pillion_guard_lo"), BAD_ALWAYS, 16);
	n = add(bad, n, "the donor's first task", symbol("init_task"), BAD_ALWAYS, 0);
	return n;
}

void regions_watch(struct bad *bad, int n)
{
	for (int i = 0; i < n; i++)
		if (bad[i].watch)
			memcpy(remembered[i], bad[i].watch, bad[i].watch_len);
}

const char *regions_changed(const struct bad *bad, int n)
{
	for (int i = 0; i < n; i++)
		if (bad[i].watch && memcmp(remembered[i], bad[i].watch, bad[i].watch_len))
			return bad[i].name;
	return NULL;
}
