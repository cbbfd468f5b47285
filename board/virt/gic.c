/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arm's interrupt controller, version 2 (registers in memory) or 3 (system registers for the CPU's
 * interface, and a "redistributor" for each CPU's own interrupts). All interrupts have one
 * priority.
 *
 * Locking: none. Masks and ends are written one bit at a time, by registers made for that; what is
 * read first and then written is so at boot, and by irq_attach() for a line that nobody has yet.
 */
#include <nucleus/log.h>
#include <nucleus/space.h>

#include "virt.h"

enum {					/* of the distributor; those with n are arrays of words */
	D_CTLR = 0x000, D_TYPER = 0x004, D_GROUP = 0x080, D_ENABLE = 0x100, D_DISABLE = 0x180,
	D_PRIORITY = 0x400, D_TARGETS = 0x800, D_CONFIG = 0xc00, D_SEND = 0xf00, D_ROUTE = 0x6000,
};
#define CTLR_GROUP0	0x01
#define CTLR_GROUP1	0x02
#define CTLR_ARE	0x10		/* affinity routing: version 3 as such */
#define CTLR_PENDING	0x80000000u	/* a write is not in effect yet */

enum { C_CTLR = 0x00, C_PMR = 0x04, C_IAR = 0x0c, C_EOIR = 0x10 };	/* version 2's, for a CPU */

enum { R_TYPER = 0x08, R_WAKER = 0x14, R_SGI = 0x10000 };	/* of the redistributor; R_SGI: as D_ */
#define FRAME		0x20000		/* a redistributor */
#define WAKER_SLEEP	0x2
#define WAKER_ASLEEP	0x4

#define PRIORITY	0xa0		/* of all, in the middle */
#define WAIT_MAX	1000000

#define ICC_PMR		s3_0_c4_c6_0
#define ICC_IAR1	s3_0_c12_c12_0
#define ICC_SGI1R	s3_0_c12_c11_5
#define ICC_EOIR1	s3_0_c12_c12_1
#define ICC_SRE		s3_0_c12_c12_5
#define ICC_IGRPEN1	s3_0_c12_c12_7

static volatile uint32_t *dist;
static volatile uint32_t *cpuif;	/* version 2: of the CPU that looks */
static volatile uint32_t *frames, *redist[CPU_MAX];	/* version 3: all; that of each CPU */
static uint64_t address[CPU_MAX];	/* of each CPU, for gic_send() */
static unsigned numbers;

/* The registers for interrupt n, and its bit there. */
static volatile uint32_t *bank(unsigned n)
{
	return frames != NULL && n < GIC_SHARED ? redist[cpu_self()->id] + R_SGI / 4 : dist;
}

static void write_bit(unsigned n, unsigned reg)
{
	bank(n)[reg / 4 + n / 32] = 1u << n % 32;
}

unsigned gic_numbers(void)
{
	return numbers;
}

void gic_mask(unsigned n, bool masked)
{
	write_bit(n, masked ? D_DISABLE : D_ENABLE);
	/* Masked means that it does not come any more. */
	for (unsigned i = 0; masked && frames != NULL && n >= GIC_SHARED && i < WAIT_MAX; i++) {
		if (!(dist[D_CTLR / 4] & CTLR_PENDING))
			break;
	}
	dsb();
}

void gic_set_edge(unsigned n, bool edge)
{
	volatile uint32_t *p = &bank(n)[D_CONFIG / 4 + n / 16];
	uint32_t bit = 2u << n % 16 * 2;

	*p = edge ? *p | bit : *p & ~bit;
}

unsigned gic_ack(void)
{
	unsigned ack;

	if (frames == NULL)
		return cpuif[C_IAR / 4];
	ack = (unsigned)sysreg_read(ICC_IAR1);
	dsb();
	return ack;
}

/* Version 2 has the CPU that sent it above. */
unsigned gic_number(unsigned ack)
{
	return ack & (frames == NULL ? 0x3ff : 0xffffff);
}

void gic_eoi(unsigned ack)
{
	if (frames == NULL) {
		cpuif[C_EOIR / 4] = ack;
	} else {
		sysreg_write(ICC_EOIR1, ack);
		isb();
	}
}

void gic_send(unsigned id)
{
	dsb();
	if (frames == NULL) {
		dist[D_SEND / 4] = (uint32_t)address[id];
	} else {
		sysreg_write(ICC_SGI1R, address[id]);
		isb();
	}
}

/* All masked, of group 1 where there is a choice, level-triggered, to the first CPU. */
static void init_distributor(void)
{
	dist[D_CTLR / 4] = 0;
	numbers = MIN(((dist[D_TYPER / 4] & 0x1f) + 1) * 32, GIC_NONE + 0u);
	for (unsigned n = GIC_SHARED; n < numbers; n += 32) {
		dist[D_DISABLE / 4 + n / 32] = ~0u;
		if (frames != NULL)
			dist[D_GROUP / 4 + n / 32] = ~0u;
	}
	for (unsigned n = GIC_SHARED; n < numbers; n += 16)
		dist[D_CONFIG / 4 + n / 16] = 0;
	for (unsigned n = GIC_SHARED; n < numbers; n += 4) {
		dist[D_PRIORITY / 4 + n / 4] = PRIORITY * 0x01010101u;
		if (frames == NULL)
			dist[D_TARGETS / 4 + n / 4] = 0x01010101u;
	}
	if (frames == NULL) {
		dist[D_CTLR / 4] = CTLR_GROUP0;
		return;
	}
	dist[D_CTLR / 4] = CTLR_ARE | CTLR_GROUP1;
	for (unsigned n = GIC_SHARED; n < numbers; n++) {
		dist[D_ROUTE / 4 + n * 2] = sysreg_read(mpidr_el1) & 0xffffff;
		dist[D_ROUTE / 4 + n * 2 + 1] = sysreg_read(mpidr_el1) >> 32 & 0xff;
	}
}

/* The calling CPU's redistributor: the frame that has its address. */
static volatile uint32_t *find_frame(uint64_t mpidr)
{
	uint32_t affinity = (uint32_t)((mpidr & 0xffffff) | (mpidr >> 8 & 0xff000000));
	volatile uint32_t *r = frames;

	for (unsigned i = 0; i < CPU_MAX; i++, r += FRAME / 4) {
		if (r[R_TYPER / 4 + 1] == affinity)
			return r;
	}
	panic("the interrupt controller does not know CPU %#x", affinity);
}

static void init_own(void)
{
	uint64_t mpidr = sysreg_read(mpidr_el1);
	unsigned id = cpu_self()->id;
	volatile uint32_t *b, *r;

	if (frames != NULL) {
		r = redist[id] = find_frame(mpidr);
		r[R_WAKER / 4] &= ~(uint32_t)WAKER_SLEEP;
		for (unsigned i = 0; (r[R_WAKER / 4] & WAKER_ASLEEP) && i < WAIT_MAX; i++)
			cpu_pause();
		bank(0)[D_GROUP / 4] = ~0u;
		address[id] = (mpidr >> 32 & 0xff) << 48 | (mpidr >> 16 & 0xff) << 32 |
		    (mpidr >> 8 & 0xff) << 16 | 1u << (mpidr & 0xf);
	} else {
		address[id] = (dist[D_TARGETS / 4] & 0xff) << 16;
	}
	b = bank(0);
	b[D_DISABLE / 4] = ~0u;
	for (unsigned n = 0; n < GIC_SHARED; n += 4)
		b[D_PRIORITY / 4 + n / 4] = PRIORITY * 0x01010101u;
	b[D_ENABLE / 4] = 1;			/* what gic_send() sends */
	if (frames == NULL) {
		cpuif[C_PMR / 4] = 0xff;
		cpuif[C_CTLR / 4] = 1;
		return;
	}
	sysreg_write(ICC_SRE, 1);
	isb();
	sysreg_write(ICC_PMR, 0xff);
	sysreg_write(ICC_IGRPEN1, 1);
	isb();
}

static volatile uint32_t *map(const struct fdt_walk *w, unsigned i, size_t most)
{
	paddr_t base, len;

	if (!fdt_reg(w, i, &base, &len))
		return NULL;
	return device_map(base, MIN(len, most), PROT_R | PROT_W | PROT_DEVICE);
}

void gic_init(void)
{
	struct fdt_walk w = { 0 };

	while (fdt_next(&w) && dist == NULL) {
		if (fdt_compatible(&w, "arm,gic-v3")) {
			dist = map(&w, 0, 64 * KIB);
			frames = map(&w, 1, CPU_MAX * FRAME);
		} else if (fdt_compatible(&w, "arm,cortex-a15-gic") || fdt_compatible(&w, "arm,gic-400")) {
			dist = map(&w, 0, 64 * KIB);
			cpuif = map(&w, 1, 64 * KIB);
		}
	}
	if (dist == NULL || (frames == NULL && cpuif == NULL))
		panic("no interrupt controller that is known");
	init_distributor();
	init_own();
	log_info("interrupts: GICv%u, %u numbers", frames != NULL ? 3 : 2, numbers);
}

void gic_init_secondary(void)
{
	init_own();
}
