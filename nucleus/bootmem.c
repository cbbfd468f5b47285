/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Free memory before the page allocator: the memory map less what is in use.
 *
 * Interface: bootmem.h, boot_option, boot_module_data.
 * Invariant: bootmem_free is sorted by address, its ranges are whole pages, apart from each other.
 * Locking: none, boot only.
 */
#include <nucleus/bootmem.h>
#include <nucleus/cpu.h>
#include <nucleus/log.h>
#include <nucleus/string.h>

#define FREE_MAX	(2 * BOOT_MAX_RANGES + 2 * BOOT_MAX_MODULES)
#define BOOT_MAPPED	(4 * GIB)	/* the boot tables' direct map ends here */

struct boot_info boot_info;
struct boot_range bootmem_free[FREE_MAX];
unsigned bootmem_nfree;

extern const char image_start[], image_end[];

/* A module that was made part of the image after the link; who did that wrote where it is. */
extern const volatile struct {
	uint32_t	version, reserved;
	uint64_t	start, size;
} PACKED image_module;

static void insert(unsigned i, paddr_t start, paddr_t end)
{
	if (bootmem_nfree == FREE_MAX)
		return;
	memmove(&bootmem_free[i + 1], &bootmem_free[i],
	    (bootmem_nfree - i) * sizeof(bootmem_free[0]));
	bootmem_free[i] = (struct boot_range) { start, end, BOOT_RAM };
	bootmem_nfree++;
}

static void delete(unsigned i)
{
	bootmem_nfree--;
	memmove(&bootmem_free[i], &bootmem_free[i + 1],
	    (bootmem_nfree - i) * sizeof(bootmem_free[0]));
}

static void take_out(paddr_t start, paddr_t end)
{
	start = ROUND_DOWN(start, PAGE_SIZE);
	end = ROUND_UP(end, PAGE_SIZE);
	for (unsigned i = 0; i < bootmem_nfree; i++) {
		struct boot_range *r = &bootmem_free[i];
		paddr_t rest = r->end;

		if (end <= r->start || start >= r->end)
			continue;
		r->end = MAX(r->start, start);
		if (rest > end)
			insert(i + 1, end, rest);
		if (r->start == r->end)
			delete(i--);
	}
}

static void put_in(paddr_t start, paddr_t end)
{
	unsigned i = 0;

	start = ROUND_UP(start, PAGE_SIZE);
	end = ROUND_DOWN(end, PAGE_SIZE);
	while (i < bootmem_nfree && bootmem_free[i].start < start)
		i++;
	if (start < end)
		insert(i, start, end);
}

static void sort_ranges(struct boot_info *b)
{
	for (unsigned i = 1; i < b->nranges; i++) {
		struct boot_range r = b->range[i];
		unsigned j = i;

		for (; j > 0 && b->range[j - 1].start > r.start; j--)
			b->range[j] = b->range[j - 1];
		b->range[j] = r;
	}
}

/* What loaders say may overlap: of RAM each range keeps what none before it has. */
static void part_ranges(struct boot_info *b)
{
	paddr_t end = 0;

	sort_ranges(b);
	for (unsigned i = 0; i < b->nranges; i++) {
		struct boot_range *r = &b->range[i];

		if (r->kind != BOOT_RAM)
			continue;
		r->start = MAX(r->start, end);
		r->end = MAX(r->end, r->start);
		end = r->end;
	}
	sort_ranges(b);
}

static void add_image_module(struct boot_info *b)
{
	paddr_t start = image_module.start, size = image_module.size;

	if (size != 0 && start + size > start && b->nmodules < BOOT_MAX_MODULES)
		b->module[b->nmodules++] = (struct boot_module) { start, start + size, "" };
}

void bootmem_init(void)
{
	struct boot_info *b = &boot_info;

	add_image_module(b);
	part_ranges(b);
	for (unsigned i = 0; i < b->nranges; i++) {
		if (b->range[i].kind == BOOT_RAM)
			put_in(b->range[i].start, b->range[i].end);
	}
	for (unsigned i = 0; i < b->nranges; i++) {
		if (b->range[i].kind != BOOT_RAM)
			take_out(b->range[i].start, b->range[i].end);
	}
	for (unsigned i = 0; i < b->nmodules; i++)
		take_out(b->module[i].start, b->module[i].end);
	take_out(virt_to_phys(image_start), virt_to_phys(image_end));
	take_out(0, PAGE_SIZE);			/* pfn 0 means none */
}

/* From the end of the highest range that has it, so that what is left stays in one piece. */
paddr_t bootmem_alloc(size_t npages)
{
	size_t len = npages << PAGE_SHIFT;

	for (unsigned i = bootmem_nfree; i-- > 0; ) {
		struct boot_range *r = &bootmem_free[i];
		paddr_t end = MIN(r->end, BOOT_MAPPED);

		if (end > r->start && end - r->start >= len) {
			take_out(end - len, end);
			return end - len;
		}
	}
	panic("no memory: %zu pages are needed to start", npages);
}

int boot_option(const char *name, char *buf, size_t len)
{
	const char *s = boot_info.cmdline;
	size_t n = strlen(name), l;

	while (*s != '\0') {
		const char *end = s;

		while (*end != '\0' && *end != ' ')
			end++;
		if ((size_t)(end - s) >= n && memcmp(s, name, n) == 0 && (s + n == end || s[n] == '=')) {
			s += MIN((size_t)(end - s), n + 1);
			l = MIN((size_t)(end - s) + 1, len);
			strlcpy(buf, s, l);
			return (int)(l > 0 ? l - 1 : 0);
		}
		for (s = end; *s == ' '; s++)
			;
	}
	return -1;
}

const void *boot_module_data(unsigned i, size_t *lenp)
{
	*lenp = boot_info.module[i].end - boot_info.module[i].start;
	return phys_to_virt(boot_info.module[i].start);
}
