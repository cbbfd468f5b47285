/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Port layer of the conformance suite for the nucleus platform: an image whose body is the suite.
 * TAP on the console, a scratch disk in memory; and tests of what only this platform has: a
 * machine.
 */
#include <nucleus/board.h>
#include <nucleus/boot.h>
#include <nucleus/console.h>
#include <nucleus/page.h>

#include <rump/rumpcomp_pci.h>
#include <rump/rumpext_bus.h>

#include "conf.h"
#include "rumpuser_nucleus.h"

#define SCRATCH	((size_t)4 << 20)	/* as much as any test asks for */

const size_t image_stack = 256 * KIB;
const unsigned image_cpus = 1;

extern uint8_t *conf_arena;		/* vm.c: 4 MiB, once its tests have run */

void port_print(const char *line)
{
	console_write(line, strlen(line));
	console_putc('\n');
}

void port_exit(int status)
{
	machine_exit(status);
}

bool port_scratch(uint64_t size, char name[64])
{
	static bool made;
	struct page *pg;

	if (!made && size <= SCRATCH) {
		pg = page_alloc_contig(SCRATCH / PAGE_SIZE, PAGE_SIZE, PAGE_ANYWHERE, PAGE_ZERO);
		made = pg != NULL &&
		    rumpuser_nucleus_disk("scratch", page_to_virt(pg), SCRATCH, 0) == 0;
	}
	memcpy(name, "scratch", 8);
	return made && size <= SCRATCH;
}

/* What the suite uses of C's and the compiler's libraries, and the nucleus has not. */
void *memchr(const void *s, int c, size_t n)
{
	const unsigned char *p = s;

	for (; n > 0; n--, p++)
		if (*p == (unsigned char)c)
			return (void *)p;
	return NULL;
}

int __popcountdi2(long v);

int __popcountdi2(long v)
{
	unsigned long u = (unsigned long)v;
	int n = 0;

	for (; u != 0; u &= u - 1)
		n++;
	return n;
}

/* ---- memory and devices ---- */

static void
arena_contiguous(void)
{
	unsigned long first = rumpcomp_pci_virt_to_mach(conf_arena);
	size_t i;

	CHECK(first != 0);
	for (i = 0; i < (size_t)4 << 20; i += 4096)
		CHECK(rumpcomp_pci_virt_to_mach(conf_arena + i) == first + i);
	CHECK(rumpcomp_pci_virt_to_mach(conf_arena + 4097) == first + 4097);
	CHECK(first + ((unsigned long)4 << 20) <= 0x100000000ul);
}

static void
mach_others(void)
{
	void *p;

	CHECK(rumpuser_malloc(100, 0, &p) == 0);
	CHECK(rumpcomp_pci_virt_to_mach(p) != 0);
	rumpuser_free(p, 100);
	CHECK(rumpcomp_pci_virt_to_mach((void *)8) == 0);
	CHECK(rumpcomp_pci_virt_to_mach(conf_arena + ((size_t)4 << 20)) == 0);
}

static void
dma_memory(void)
{
	static const size_t sizes[] = { 1, 4096, 12288, 65536, 1 << 20 };
	struct rumpcomp_pci_dmaseg seg;
	unsigned long pa, va;
	size_t i;
	void *p;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		CHECK_NOUPCALL(rumpcomp_pci_dmalloc(sizes[i], 65536, &pa, &va) == 0);
		CHECK(pa % 65536 == 0 && pa + sizes[i] <= 0x100000000ul);
		seg = (struct rumpcomp_pci_dmaseg){ pa, sizes[i], va };
		CHECK(rumpcomp_pci_dmamem_map(&seg, 1, sizes[i], &p) == 0);
		memset(p, 0x5a, sizes[i]);
		CHECK(rumpcomp_pci_virt_to_mach(p) == pa);
		rumpcomp_pci_dmafree(va, sizes[i]);
	}
	CHECK(rumpcomp_pci_dmalloc((size_t)1 << 40, 4096, &pa, &va) == RUMP_ENOMEM);
}

static void
device_memory(void)
{
	void *p;

	CHECK(rumpuser_malloc(100, 0, &p) == 0);
	CHECK(rumpcomp_pci_map(rumpcomp_pci_virt_to_mach(p), 64) == NULL);
	CHECK(rumpcomp_pci_map(rumpcomp_pci_virt_to_mach(conf_arena), 4096) == NULL);
	CHECK(rumpcomp_pci_map(0xfee00000ul, 0) == NULL);
	rumpuser_free(p, 100);
	p = rumpcomp_pci_map(0xfee00000ul, 4096);	/* the local APIC is on every PC */
	CHECK(p != NULL);
	CHECK(rumpcomp_pci_map(0xfee00030ul, 4) == (char *)p + 0x30);
}

static void
config_space(void)
{
	unsigned id, v, dev, found = 0;

	if (rumpcomp_pci_confread(0, 0, 0, 0, &id) == RUMP_ENODEV)
		SKIP("no PCI");
	for (dev = 0; dev < 32; dev++)
		if (rumpcomp_pci_confread(0, dev, 0, 0, &id) == 0 && id != ~0u)
			found++;
	CHECK(found > 0);
	CHECK(rumpcomp_pci_confread(0, 0, 0, 2, &v) == RUMP_EINVAL);
	CHECK(rumpcomp_pci_confread(0, 0, 0, -4, &v) == RUMP_EINVAL);
	CHECK(rumpcomp_pci_confread(0, 0, 0, 4096, &v) == RUMP_EINVAL);
	CHECK(rumpcomp_pci_confwrite(0, 0, 0, 1, 0) == RUMP_EINVAL);
	CHECK(rumpcomp_pci_confread(0, 31, 7, 0, &v) == 0 && v == ~0u);
	CHECK(rumpcomp_pci_confwrite(0, 31, 7, 0x10, 0) == 0);
	CHECK(rumpext_pci_confwrite(0, 0, 0, 5, 2, 0) == RUMP_EINVAL);
	CHECK(rumpext_pci_confwrite(0, 0, 0, 4, 3, 0) == RUMP_EINVAL);
	CHECK(rumpext_pci_confwrite(0, 31, 7, 0x10, 1, 0) == 0);
}

static int
no_interrupt(void *arg)
{

	ADD((int *)arg, 1);
	return 1;
}

static void
messages(void)
{
	void *args[32], *msi[8];
	uint64_t addr;
	uint32_t data;
	int error, calls = 0;
	unsigned i, n;

	for (i = 0; i < 32; i++)
		args[i] = &calls;
	CHECK(rumpext_msi_alloc(1, 3, no_interrupt, args, &addr, &data, &msi[0]) == RUMP_EINVAL);
	CHECK(rumpext_msi_alloc(1, 64, no_interrupt, args, &addr, &data, &msi[0]) == RUMP_EINVAL);
	error = rumpext_msi_alloc(1, 1, no_interrupt, args, &addr, &data, &msi[0]);
	if (error == RUMP_ENODEV)
		SKIP("no message-signalled interrupts");
	CHECK(error == 0 && addr != 0);
	rumpext_msi_free(msi[0]);
	/* What was given back is there to be had again. */
	for (i = 0; i < 100; i++) {
		for (n = 0; n < 4; n++) {
			CHECK(rumpext_msi_alloc(1, 4, no_interrupt, args, &addr, &data, &msi[n]) == 0);
			CHECK(data % 4 == 0);
		}
		while (n > 0)
			rumpext_msi_free(msi[--n]);
	}
	CHECK(calls == 0);
}

static void
ports(void)
{

	/* A port where nothing is; the delay port of a PC, which takes anything. */
	CHECK(rumpext_pio_read(0x8fff, 1) == 0xff && rumpext_pio_read(0x8ff8, 4) == 0xffffffffu);
	rumpext_pio_write(0x80, 1, 0);
}

static const struct test nucleus_tests[] = {
	{ "virt_to_mach: the arena is contiguous, below 4 GiB", arena_contiguous },
	{ "virt_to_mach: heap, and addresses where nothing is", mach_others },
	{ "dmalloc: aligned, reachable by 32 bits", dma_memory },
	{ "map: device memory, and no RAM", device_memory },
	{ "configuration space: bounds, devices that are not there", config_space },
	{ "msi: counts, given back and had again", messages },
	{ "ports", ports },
	{ NULL, NULL },
};

const struct test *const port_tables[] = { nucleus_tests, NULL };

int image_main(void)
{
	conf_main();
	return 1;
}
