/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the boot loader said: PVH's start information or multiboot2's tags become boot_info.
 * Everything is copied, so that the loader's memory can be used.
 *
 * Locking: none, boot only. Addresses are below 4 GiB, where the boot tables map all.
 */
#include <nucleus/boot.h>
#include <nucleus/log.h>
#include <nucleus/string.h>

#include "pc.h"

#define MB2_MAGIC	0x36d76289
#define PVH_MAGIC	0x336ec578

extern uint64_t boot_counter, boot_data;
extern uint32_t boot_magic;

static unsigned dropped;		/* ranges for which there was no room */
static char module_text[BOOT_MAX_MODULES][128];

static void add_range(paddr_t start, paddr_t len, unsigned e820_type)
{
	struct boot_info *b = &boot_info;
	enum boot_memory kind = e820_type == 1 ? BOOT_RAM :
	    e820_type == 3 || e820_type == 4 ? BOOT_TABLES : BOOT_RESERVED;

	if (len == 0 || start + len < start)
		return;
	if (b->nranges == BOOT_MAX_RANGES) {
		dropped++;
		return;
	}
	b->range[b->nranges++] = (struct boot_range) { start, start + len, kind };
}

static void add_module(paddr_t start, paddr_t end, const char *text)
{
	struct boot_info *b = &boot_info;

	if (b->nmodules == BOOT_MAX_MODULES || end <= start)
		return;
	strlcpy(module_text[b->nmodules], text, sizeof(module_text[0]));
	b->module[b->nmodules] = (struct boot_module) { start, end, module_text[b->nmodules] };
	b->nmodules++;
}

/* ---- PVH ---- */

struct pvh_start {
	uint32_t	magic, version, flags, nmodules;
	uint64_t	modules, cmdline, rsdp, memmap;
	uint32_t	nmemmap, reserved;
};

struct pvh_module {
	uint64_t	start, size, cmdline, reserved;
};

struct pvh_memory {
	uint64_t	start, size;
	uint32_t	type, reserved;
};

static void parse_pvh(const struct pvh_start *s)
{
	const struct pvh_module *m = phys_to_virt(s->modules);
	const struct pvh_memory *r = phys_to_virt(s->memmap);

	boot_info.loader = "pvh";
	boot_info.tables = s->rsdp;
	if (s->cmdline != 0)
		strlcpy(boot_info.cmdline, phys_to_virt(s->cmdline), BOOT_CMDLINE);
	for (uint32_t i = 0; i < s->nmodules; i++) {
		add_module(m[i].start, m[i].start + m[i].size,
		    m[i].cmdline != 0 ? phys_to_virt(m[i].cmdline) : "");
	}
	for (uint32_t i = 0; s->version >= 1 && i < s->nmemmap; i++)
		add_range(r[i].start, r[i].size, r[i].type);
}

/* ---- multiboot2 ---- */

enum {
	MB2_END = 0, MB2_CMDLINE = 1, MB2_LOADER = 2, MB2_MODULE = 3, MB2_MEMORY = 6,
	MB2_FRAMEBUFFER = 8, MB2_RSDP1 = 14, MB2_RSDP2 = 15,
};

struct mb2_tag {
	uint32_t	type, size;
};

struct mb2_module {
	uint32_t	type, size, start, end;
	char		cmdline[];
};

struct mb2_memory {
	uint32_t	type, size, entry_size, entry_version;
};

struct mb2_range {
	uint64_t	start, size;
	uint32_t	type, reserved;
};

struct mb2_framebuffer {
	uint32_t	type, size;
	uint64_t	base;
	uint32_t	pitch, width, height;
	uint8_t		bpp, kind;
	uint16_t	reserved;
	uint8_t		red_shift, red_bits, green_shift, green_bits, blue_shift, blue_bits;
};

static void parse_framebuffer(const struct mb2_framebuffer *f)
{
	if (f->kind != 1 || (f->bpp != 32 && f->bpp != 24) || f->red_bits != 8)
		return;				/* not direct colour, or not one that we draw */
	boot_info.fb = (struct boot_framebuffer) {
		.base = f->base, .width = f->width, .height = f->height, .pitch = f->pitch,
		.bpp = f->bpp, .red_shift = f->red_shift, .green_shift = f->green_shift,
		.blue_shift = f->blue_shift,
	};
}

static void parse_memory(const struct mb2_memory *m)
{
	const char *p = (const char *)(m + 1), *end = (const char *)m + m->size;

	for (; m->entry_size >= sizeof(struct mb2_range) && p + m->entry_size <= end; p += m->entry_size) {
		const struct mb2_range *r = (const struct mb2_range *)p;

		add_range(r->start, r->size, r->type);
	}
}

static void parse_tag(const struct mb2_tag *t)
{
	static uint8_t rsdp[36] ALIGNED(16);
	const struct mb2_module *m = (const struct mb2_module *)t;

	switch (t->type) {
	case MB2_CMDLINE:
		strlcpy(boot_info.cmdline, (const char *)(t + 1), BOOT_CMDLINE);
		break;
	case MB2_MODULE:
		add_module(m->start, m->end, m->cmdline);
		break;
	case MB2_MEMORY:
		parse_memory((const struct mb2_memory *)t);
		break;
	case MB2_FRAMEBUFFER:
		parse_framebuffer((const struct mb2_framebuffer *)t);
		break;
	case MB2_RSDP1:
	case MB2_RSDP2:
		memcpy(rsdp, t + 1, MIN(t->size - sizeof(*t), sizeof(rsdp)));
		boot_info.tables = virt_to_phys(rsdp);
		break;
	}
}

static void parse_mb2(const uint32_t *info)
{
	const char *p = (const char *)info + 8, *end = (const char *)info + info[0];
	const struct mb2_tag *t;

	boot_info.loader = "multiboot2";
	for (; p + sizeof(*t) <= end; p += ROUND_UP(t->size, 8u)) {
		t = (const struct mb2_tag *)p;
		if (t->type == MB2_END || t->size < sizeof(*t) || t->size > (size_t)(end - p))
			break;
		parse_tag(t);
	}
}

void boot_parse(void)
{
	const void *data = phys_to_virt(boot_data);

	boot_info.entry_counter = boot_counter;
	add_range(0, 64 * KIB, 2);		/* the firmware's scratch memory, in any case */
	if (boot_magic == MB2_MAGIC)
		parse_mb2(data);
	else if (*(const uint32_t *)data == PVH_MAGIC)
		parse_pvh(data);
	else
		panic("unknown boot loader");
	if (boot_info.nranges == 1)
		panic("the boot loader (%s) gave no memory map", boot_info.loader);
	if (dropped > 0)
		log_warn("memory map: %u ranges too many are not used", dropped);
}
