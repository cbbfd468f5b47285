/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupt lines: GSIs of the I/O APICs (or the PIC's 16), then message-signalled ones.
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

#include "pc.h"

#define PIT_IRQ		0
#define MSI_ADDRESS	0xfee00000ull

static bool use_apic;
static unsigned ngsis = 16;
static bool msi_used[LINES];

bool irq_uses_apic(void)
{
	return use_apic;
}

void irq_init(void)
{
	char word[8];

	use_apic = boot_option("noapic", word, sizeof(word)) < 0 && apic_init();
	pic_init(use_apic ? VECTOR_UNUSED : VECTOR_LINES);
	if (use_apic)
		ngsis = MIN(ioapic_lines(), LINES - 64u);
	log_info("interrupts: %s, %u lines", use_apic ? "APIC" : "PIC", ngsis);
}

void board_interrupt(unsigned vector)
{
	unsigned n = vector - VECTOR_LINES;

	if (!use_apic) {
		if (n >= 16 || pic_spurious(n))
			return;
		if (n == PIT_IRQ)
			clock_interrupt();
		else
			irq_dispatch(n);
		pic_eoi(n);
		return;
	}
	if (vector == VECTOR_TIMER)
		clock_interrupt();
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
	if (use_apic && n < ngsis)
		ioapic_route(n, VECTOR_LINES + n, wish);
	*flags = wish;
	return 0;
}

static void set_mask(unsigned n, bool masked)
{
	if (!use_apic)
		pic_mask(n, masked);
	else if (n < ngsis)
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
