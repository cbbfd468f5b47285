/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupt lines: inputs of the I/O APICs, or of the PICs, then message-signalled ones.
 *
 * The lines are the I/O APICs' where it is known which inputs the pins of PCI devices are wired to:
 * the MP table says it, or there is no PCI. ACPI says it too, but in code. Otherwise they are the
 * PICs', to which the firmware has routed those pins: it wrote to each device which line is its
 * own. The local APIC is used either way, if there is one: PICs that come through it leave it the
 * timer and message-signalled interrupts.
 *
 * Interface: board_irq_*, board_msi_*, board_interrupt.
 * Locking: msi_used by the caller's (irq.c of the nucleus).
 */
#include <nucleus/board.h>
#include <nucleus/boot.h>
#include <nucleus/clock.h>
#include <nucleus/error.h>
#include <nucleus/irq.h>
#include <nucleus/log.h>
#include <nucleus/smp.h>

#include "pc.h"

#define PIT_IRQ		0
#define MSI_ADDRESS	0xfee00000ull

static bool use_apic, use_pic;
static unsigned ngsis = 16;
static bool msi_used[LINES];

bool irq_uses_apic(void)
{
	return use_apic;
}

bool irq_uses_pic(void)
{
	return use_pic;
}

static bool want_pic(void)
{
	char word[8];

	if (ioapic_lines() == 0 || boot_option("pic", word, sizeof(word)) >= 0)
		return true;
	return !mptable_init() && board_pci_config_size() > 0 && apic_has_pic();
}

void irq_init(void)
{
	char word[8];

	use_apic = boot_option("noapic", word, sizeof(word)) < 0 && apic_init();
	use_pic = !use_apic || want_pic();
	pic_init(use_pic ? VECTOR_LINES : VECTOR_UNUSED);
	if (!use_pic)
		ngsis = MIN(ioapic_lines(), LINES - 64u);
	else if (use_apic)
		apic_let_pic();
	log_info("interrupts: %s, %u lines", !use_pic ? "APIC" : use_apic ? "PIC and messages" : "PIC",
	    ngsis);
}

/* Of the PICs. */
static void pic_interrupt(unsigned n)
{
	if (n >= 16 || pic_spurious(n))
		return;
	if (n == PIT_IRQ && !use_apic)
		clock_interrupt();
	else
		irq_dispatch(n);
	pic_eoi(n);
}

void board_interrupt(unsigned vector)
{
	unsigned n = vector - VECTOR_LINES;

	if (!use_apic || (use_pic && n < 16)) {
		pic_interrupt(n);
		return;
	}
	if (vector == VECTOR_TIMER)
		clock_interrupt();
	else if (vector == VECTOR_CPUS)
		smp_interrupt();
	else if (vector >= VECTOR_LINES && vector < VECTOR_TIMER)
		irq_dispatch(n);
	else
		return;				/* spurious */
	apic_eoi();
}

unsigned board_irq_lines(void)
{
	return use_apic ? LINES : ngsis;
}

/* An ISA interrupt's line is as the firmware says; other GSIs are PCI's. */
static unsigned usual_flags(unsigned n)
{
	unsigned flags, line;

	if (n >= ngsis)
		return IRQ_EDGE | IRQ_HIGH;
	for (unsigned irq = 0; irq < 16; irq++) {
		line = isa_line(irq, &flags);
		if (line == n)
			return flags;
	}
	return IRQ_LEVEL | IRQ_LOW;
}

int board_irq_setup(unsigned n, unsigned *flags)
{
	unsigned usual, wish = *flags;

	if (n >= board_irq_lines())
		return E_INVAL;
	usual = usual_flags(n);
	if (!(wish & (IRQ_LEVEL | IRQ_EDGE)))
		wish |= usual & (IRQ_LEVEL | IRQ_EDGE);
	if (!(wish & (IRQ_LOW | IRQ_HIGH)))
		wish |= usual & (IRQ_LOW | IRQ_HIGH);
	if (n < ngsis && !use_pic)
		ioapic_route(n, VECTOR_LINES + n, wish);
	else if (n < ngsis && (wish & IRQ_LEVEL))
		pic_set_level(n);
	*flags = wish;
	return 0;
}

static void set_mask(unsigned n, bool masked)
{
	if (n >= ngsis)
		return;
	if (use_pic)
		pic_mask(n, masked);
	else
		ioapic_mask(n, masked);
}

void board_irq_mask(unsigned n)
{
	set_mask(n, true);
}

void board_irq_unmask(unsigned n)
{
	set_mask(n, false);
}

/* Vectors that differ in the low bits only, as a device with several messages needs them. */
int board_msi_alloc(unsigned count, unsigned *np, uint64_t *addrp, uint32_t *datap)
{
	if (!use_apic)
		return E_NODEV;
	for (unsigned v = ROUND_UP(VECTOR_LINES + ngsis, count); v + count <= VECTOR_TIMER; v += count) {
		unsigned n = v - VECTOR_LINES, i = 0;

		while (i < count && !msi_used[n + i])
			i++;
		if (i < count)
			continue;
		for (i = 0; i < count; i++)
			msi_used[n + i] = true;
		*np = n;
		*addrp = MSI_ADDRESS | (uint64_t)apic_id() << 12;
		*datap = v;
		return 0;
	}
	return E_NOSPC;
}

void board_msi_free(unsigned n, unsigned count)
{
	while (count-- > 0)
		msi_used[n++] = false;
}
