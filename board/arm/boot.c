/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the loader said. By the boot protocol x0 is the device tree; a loader that has none may have
 * left ATAGs there instead, as for 32-bit kernels: QEMU does so on its Raspberry Pis.
 *
 * Locking: none, boot only.
 */
#include <nucleus/log.h>
#include <nucleus/random.h>
#include <nucleus/string.h>

#include "arm.h"
#include "fdt.h"

enum { ATAG_NONE = 0, ATAG_CORE = 0x54410001, ATAG_MEM = 0x54410002, ATAG_INITRD2 = 0x54420005,
	ATAG_CMDLINE = 0x54410009 };
#define ATAGS_MAX	(64 * KIB)

extern uint64_t boot_tree, boot_counter;

void boot_add_range(paddr_t start, paddr_t end, enum boot_memory kind)
{
	struct boot_info *b = &boot_info;

	start = MAX(start, PAGE_SIZE);		/* pfn 0 means none, and is not mapped */
	if (start >= end)
		return;
	if (b->nranges == BOOT_MAX_RANGES)
		panic("too many ranges of memory");
	b->range[b->nranges++] = (struct boot_range) { start, end, kind };
}

static void add_module(paddr_t start, paddr_t end)
{
	struct boot_info *b = &boot_info;

	if (start < end && b->nmodules < BOOT_MAX_MODULES)
		b->module[b->nmodules++] = (struct boot_module) { start, end, "" };
}

static void parse_chosen(const struct fdt_walk *w)
{
	const char *line = fdt_string(w, "bootargs");
	uint64_t start = 0, end = 0;
	const void *seed;
	uint32_t len = 0;

	if (line != NULL)
		strlcpy(boot_info.cmdline, line, BOOT_CMDLINE);
	seed = fdt_prop(w, "rng-seed", &len);
	if (seed != NULL)
		random_add(seed, len, MIN(len, 32u) * 8);
	/* One or two cells each. */
	(void)fdt_prop(w, "linux,initrd-start", &len);
	if (fdt_number(w, "linux,initrd-start", 0, len / 4 == 1 ? 1 : 2, &start) &&
	    fdt_number(w, "linux,initrd-end", 0, len / 4 == 1 ? 1 : 2, &end))
		add_module(start, end);
}

static void parse_tree(void)
{
	struct fdt_walk w = { 0 };
	bool in_reserved = false;
	paddr_t start, len;
	const char *type;

	boot_info.loader = "device tree";
	boot_info.tables = boot_tree;
	boot_add_range(boot_tree, boot_tree + fdt_size(), BOOT_TABLES);
	for (unsigned i = 0; fdt_reserved(i, &start, &len); i++)
		boot_add_range(start, start + len, BOOT_RESERVED);
	while (fdt_next(&w)) {
		in_reserved = w.depth > 2 ? in_reserved : fdt_is(&w, 2, "reserved-memory");
		type = fdt_string(&w, "device_type");
		if (fdt_is(&w, 2, "chosen"))
			parse_chosen(&w);
		for (unsigned i = 0; w.depth == 2 && type != NULL && strcmp(type, "memory") == 0 &&
		    fdt_reg(&w, i, &start, &len); i++)
			boot_add_range(start, start + len, BOOT_RAM);
		for (unsigned i = 0; w.depth == 3 && in_reserved && fdt_reg(&w, i, &start, &len); i++)
			boot_add_range(start, start + len, BOOT_RESERVED);
	}
}

static void parse_atags(const uint32_t *t)
{
	const uint32_t *end = t + ATAGS_MAX / 4;

	if (t[1] != ATAG_CORE)
		return;
	boot_info.loader = "ATAGs";
	for (; t[1] != ATAG_NONE && t[0] >= 2 && t[0] < (size_t)(end - t); t += t[0]) {
		if (t[1] == ATAG_MEM && t[0] >= 4)
			boot_add_range(t[3], (paddr_t)t[3] + t[2], BOOT_RAM);
		else if (t[1] == ATAG_INITRD2 && t[0] >= 4)
			add_module(t[2], (paddr_t)t[2] + t[3]);
		else if (t[1] == ATAG_CMDLINE)
			strlcpy(boot_info.cmdline, (const char *)(t + 2),
			    MIN((t[0] - 2) * 4, (uint32_t)BOOT_CMDLINE));
	}
}

static bool has_ram(void)
{
	for (unsigned i = 0; i < boot_info.nranges; i++) {
		if (boot_info.range[i].kind == BOOT_RAM)
			return true;
	}
	return false;
}

static const void *message;		/* where no tree can be: NULL */

void boot_open(void)
{
	if (boot_tree % 4 != 0 || boot_tree >= 4 * GIB - FDT_MAX)
		return;
	message = cpu_boot_map(boot_tree, FDT_MAX, false);
	(void)fdt_open(message, FDT_MAX);
}

void boot_parse(paddr_t usual_start, paddr_t usual_end)
{
	boot_info.entry_counter = boot_counter;
	boot_info.loader = "nobody";
	if (fdt_size() != 0)
		parse_tree();
	else if (message != NULL)
		parse_atags(message);
	if (!has_ram())
		boot_add_range(usual_start, usual_end, BOOT_RAM);
	for (unsigned i = 0; i < boot_info.nranges; i++) {
		const struct boot_range *r = &boot_info.range[i];

		if (r->kind == BOOT_RAM)
			(void)cpu_boot_map(r->start, r->end - r->start, false);
	}
}
