/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Local APIC and I/O APICs, as the MADT describes them; without one, the usual addresses.
 *
 * Locking: ioapic_lock for an I/O APIC's register pair. The local APIC is the CPU's own.
 */
#include <nucleus/irq.h>
#include <nucleus/log.h>
#include <nucleus/space.h>
#include <nucleus/sync.h>

#include "pc.h"

#define MSR_APIC_BASE	0x1b
#define BASE_ENABLED	0x800
#define BASE_X2APIC	0x400
#define MSR_X2APIC	0x800
#define MSR_DEADLINE	0x6e0

enum {
	APIC_ID = 0x20, APIC_TPR = 0x80, APIC_EOI = 0xb0, APIC_SPURIOUS = 0xf0, APIC_LVT_TIMER = 0x320,
	APIC_ICR = 0x300, APIC_ICR_TO = 0x310,
	APIC_LVT_LINT0 = 0x350, APIC_LVT_LINT1 = 0x360, APIC_LVT_ERROR = 0x370,
	APIC_TIMER_COUNT = 0x380, APIC_TIMER_LEFT = 0x390, APIC_TIMER_DIVIDE = 0x3e0,
};
#define LVT_MASKED	0x10000
#define LVT_NMI		0x00400
#define LVT_EXTINT	0x00700
#define LVT_DEADLINE	0x40000
#define DIVIDE_BY_1	0x0b
#define ICR_BUSY	0x01000
#define ICR_WAIT	100000		/* looks at it */

#define MADT_HAS_PIC	1
#define IOAPICS_MAX	8
#define IOAPIC_USUAL	0xfec00000
#define RTE_LOW		0x02000		/* active low */
#define RTE_LEVEL	0x08000
#define RTE_MASKED	0x10000

struct madt {
	struct acpi_header header;
	uint32_t	apic_base, flags;
} PACKED;

enum { MADT_CPU = 0, MADT_IOAPIC = 1, MADT_OVERRIDE = 2, MADT_X2CPU = 9 };
#define CPU_ENABLED	1

struct madt_entry {
	uint8_t		type, length;
	union {
		struct {
			uint8_t		number, id;
			uint32_t	flags;
		} PACKED cpu;
		struct {
			uint16_t	reserved;
			uint32_t	id, flags;
		} PACKED x2cpu;
		struct {
			uint8_t		id, reserved;
			uint32_t	address, gsi_base;
		} PACKED ioapic;
		struct {
			uint8_t		bus, irq;
			uint32_t	gsi;
			uint16_t	flags;
		} PACKED override;
	};
} PACKED;

struct ioapic {
	paddr_t		address;
	volatile uint32_t *regs;	/* index at 0, data at 0x10 */
	unsigned	base, count;
};

static volatile uint32_t *apic;		/* NULL: by MSRs */
static uint32_t boot_id;		/* of the CPU to which devices' interrupts go */
static struct ioapic ioapics[IOAPICS_MAX];
static unsigned nioapics;
static struct spinlock ioapic_lock;
static bool has_pic = true;
static struct {
	uint8_t		gsi;
	uint8_t		flags;
} isa[16];

/* ---- the local APIC ---- */

static uint32_t apic_read(unsigned reg)
{
	return apic != NULL ? apic[reg / 4] : (uint32_t)rdmsr(MSR_X2APIC + reg / 16);
}

static void apic_write(unsigned reg, uint32_t value)
{
	if (apic != NULL)
		apic[reg / 4] = value;
	else
		wrmsr(MSR_X2APIC + reg / 16, value);
}

uint32_t apic_id(void)
{
	return boot_id;
}

/* The MSR takes both words at once, but does not wait until memory has been written. */
void apic_send(uint32_t id, uint32_t command)
{
	unsigned long flags;

	if (apic == NULL) {
		__asm__ volatile("mfence" ::: "memory");
		wrmsr(MSR_X2APIC + APIC_ICR / 16, (uint64_t)id << 32 | command);
		return;
	}
	flags = cpu_irq_save();
	for (unsigned i = 0; (apic_read(APIC_ICR) & ICR_BUSY) && i < ICR_WAIT; i++)
		cpu_pause();
	apic_write(APIC_ICR_TO, id << 24);
	apic_write(APIC_ICR, command);
	cpu_irq_restore(flags);
}

void apic_eoi(void)
{
	apic_write(APIC_EOI, 0);
}

void apic_timer_mode(bool deadline)
{
	apic_write(APIC_TIMER_DIVIDE, DIVIDE_BY_1);
	apic_write(APIC_LVT_TIMER, VECTOR_TIMER | (deadline ? LVT_DEADLINE : 0));
	/* A write to memory, after which one to a register: they are not in order by themselves. */
	__asm__ volatile("mfence" ::: "memory");
}

void apic_timer_start(uint32_t count)
{
	apic_write(APIC_TIMER_COUNT, count);
}

uint32_t apic_timer_left(void)
{
	return apic_read(APIC_TIMER_LEFT);
}

void apic_timer_deadline(uint64_t counter)
{
	wrmsr(MSR_DEADLINE, counter);
}

/* The calling CPU's: what comes are its timer, messages, and what other CPUs send. */
static void local_init(void)
{
	apic_write(APIC_TPR, 0);
	apic_write(APIC_LVT_TIMER, LVT_MASKED);
	apic_write(APIC_LVT_LINT0, LVT_MASKED);
	apic_write(APIC_LVT_LINT1, LVT_NMI);
	apic_write(APIC_LVT_ERROR, LVT_MASKED);
	apic_write(APIC_SPURIOUS, 0x100 | VECTOR_SPURIOUS);
	apic_eoi();
}

static bool boot_local_init(void)
{
	uint64_t base = rdmsr(MSR_APIC_BASE);

	wrmsr(MSR_APIC_BASE, base | BASE_ENABLED);
	if (!(base & BASE_X2APIC)) {
		apic = device_map(base & cpu_features.phys_mask & ~(uint64_t)0xfff, PAGE_SIZE,
		    PROT_R | PROT_W | PROT_DEVICE);
		if (apic == NULL)
			return false;
	}
	boot_id = apic != NULL ? apic_read(APIC_ID) >> 24 : apic_read(APIC_ID);
	local_init();
	return true;
}

/* In the mode that the boot CPU's is in. */
void apic_init_secondary(void)
{
	wrmsr(MSR_APIC_BASE, rdmsr(MSR_APIC_BASE) | BASE_ENABLED | (apic == NULL ? BASE_X2APIC : 0));
	local_init();
}

/* ---- I/O APICs ---- */

static uint32_t ioapic_read(const struct ioapic *io, unsigned reg)
{
	io->regs[0] = reg;
	return io->regs[4];
}

static void ioapic_write(const struct ioapic *io, unsigned reg, uint32_t value)
{
	io->regs[0] = reg;
	io->regs[4] = value;
}

static void ioapic_add(paddr_t address, unsigned base)
{
	struct ioapic *io = &ioapics[nioapics];

	if (nioapics == IOAPICS_MAX)
		return;
	io->regs = device_map(address, 0x20, PROT_R | PROT_W | PROT_DEVICE);
	if (io->regs == NULL)
		return;
	io->address = address;
	io->base = base;
	io->count = (ioapic_read(io, 1) >> 16 & 0xff) + 1;
	for (unsigned i = 0; i < io->count; i++)
		ioapic_write(io, 0x10 + 2 * i, RTE_MASKED);
	nioapics++;
}

int ioapic_base(paddr_t address)
{
	for (unsigned i = 0; i < nioapics; i++) {
		if (ioapics[i].address == address)
			return (int)ioapics[i].base;
	}
	return -1;
}

static const struct ioapic *ioapic_of(unsigned gsi)
{
	for (unsigned i = 0; i < nioapics; i++) {
		if (gsi >= ioapics[i].base && gsi < ioapics[i].base + ioapics[i].count)
			return &ioapics[i];
	}
	return NULL;
}

unsigned ioapic_lines(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < nioapics; i++)
		n = MAX(n, ioapics[i].base + ioapics[i].count);
	return n;
}

void ioapic_route(unsigned gsi, unsigned vector, unsigned flags)
{
	const struct ioapic *io = ioapic_of(gsi);
	unsigned long irqs = spin_lock(&ioapic_lock);

	if (io != NULL) {
		ioapic_write(io, 0x11 + 2 * (gsi - io->base), boot_id << 24);
		ioapic_write(io, 0x10 + 2 * (gsi - io->base), vector | RTE_MASKED |
		    (flags & IRQ_LEVEL ? RTE_LEVEL : 0) | (flags & IRQ_LOW ? RTE_LOW : 0));
	}
	spin_unlock(&ioapic_lock, irqs);
}

void ioapic_mask(unsigned gsi, bool masked)
{
	const struct ioapic *io = ioapic_of(gsi);
	unsigned long irqs = spin_lock(&ioapic_lock);
	uint32_t low;

	if (io != NULL) {
		low = ioapic_read(io, 0x10 + 2 * (gsi - io->base));
		low = masked ? low | RTE_MASKED : low & ~(uint32_t)RTE_MASKED;
		ioapic_write(io, 0x10 + 2 * (gsi - io->base), low);
	}
	spin_unlock(&ioapic_lock, irqs);
}

unsigned isa_line(unsigned irq, unsigned *flags)
{
	if (irq_uses_pic()) {
		*flags = pic_level(irq) ? IRQ_LEVEL | IRQ_LOW : IRQ_EDGE | IRQ_HIGH;
		return irq;
	}
	*flags = isa[irq].flags;
	return isa[irq].gsi;
}

/* ---- the MADT ---- */

static void parse_override(unsigned irq, unsigned gsi, unsigned flags)
{
	if (irq >= ARRAY_SIZE(isa))
		return;
	isa[irq].gsi = (uint8_t)gsi;
	isa[irq].flags = ((flags & 3) == 3 ? IRQ_LOW : IRQ_HIGH) |
	    ((flags >> 2 & 3) == 3 ? IRQ_LEVEL : IRQ_EDGE);
}

static void parse_madt(const struct madt *madt)
{
	const char *p = (const char *)(madt + 1), *end = (const char *)madt + madt->header.length;
	const struct madt_entry *e;

	has_pic = madt->flags & MADT_HAS_PIC;
	for (; p + 2 <= end; p += e->length) {
		e = (const struct madt_entry *)p;
		if (e->length < 2 || p + e->length > end)
			break;
		if (e->type == MADT_CPU && e->length >= 8 && (e->cpu.flags & CPU_ENABLED))
			cpus_found(e->cpu.id);
		else if (e->type == MADT_X2CPU && e->length >= 12 && (e->x2cpu.flags & CPU_ENABLED))
			cpus_found(e->x2cpu.id);
		else if (e->type == MADT_IOAPIC && e->length >= 12)
			ioapic_add(e->ioapic.address, e->ioapic.gsi_base);
		else if (e->type == MADT_OVERRIDE && e->length >= 10)
			parse_override(e->override.irq, e->override.gsi, e->override.flags);
	}
}

bool apic_init(void)
{
	const struct madt *madt = acpi_table("APIC");

	if (!cpu_features.apic || !boot_local_init())
		return false;
	for (unsigned i = 0; i < ARRAY_SIZE(isa); i++)
		parse_override(i, i, 0);
	if (madt != NULL) {
		parse_madt(madt);
	} else {
		ioapic_add(IOAPIC_USUAL, 0);
		mptable_cpus();
	}
	return true;
}

bool apic_has_pic(void)
{
	return has_pic;
}

void apic_let_pic(void)
{
	apic_write(APIC_LVT_LINT0, LVT_EXTINT);
}
