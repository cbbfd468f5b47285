/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupt lines: the 64 of the BCM2835's controller, then its 8 "basic" ones. The controller is
 * one input of the first core's in the local peripherals (QA7), as are the core's own timers.
 *
 * Interface: board_irq_*, board_ipi, board_interrupt.
 * Locking: none; masks are written one bit at a time, by registers made for that.
 */
#include <nucleus/board.h>
#include <nucleus/error.h>
#include <nucleus/irq.h>
#include <nucleus/smp.h>

#include "raspi3.h"

#define BASIC		LINES_BASIC
#define LINES		(BASIC + 8)

/* The controller's registers. Of a basic word only the low bits are lines. */
enum { BASIC_PENDING = 0x00 / 4, PENDING = 0x04 / 4, ENABLE = 0x10 / 4, BASIC_ENABLE = 0x18 / 4,
	DISABLE = 0x1c / 4, BASIC_DISABLE = 0x24 / 4 };

/*
 * Local registers; from the timer's on one word for each core, and four, one for each of its
 * mailboxes, at the last two.
 */
enum { L_CONTROL = 0x00 / 4, L_PRESCALER = 0x08 / 4, L_GPU_ROUTE = 0x0c / 4, L_TIMER = 0x40 / 4,
	L_MAILBOX = 0x50 / 4, L_SOURCE = 0x60 / 4, L_SEND = 0x80 / 4, L_TAKEN = 0xc0 / 4 };
#define SOURCE_TIMER	(1u << 3)	/* the virtual timer */
#define SOURCE_MAILBOX	(1u << 4)	/* the first, which others send to */
#define SOURCE_GPU	(1u << 8)
#define PRESCALER_ONE	0x80000000u

static volatile uint32_t *local(void)
{
	return peripheral(LOCAL);
}

static void dispatch(uint32_t pending, unsigned first)
{
	while (pending != 0) {
		unsigned bit = (unsigned)__builtin_ctz(pending);

		pending &= pending - 1;
		irq_dispatch(first + bit);
	}
}

void board_interrupt(unsigned vector)
{
	unsigned id = cpu_self()->id;
	uint32_t source = local()[L_SOURCE + id];
	volatile uint32_t *ic = peripheral(IC);

	(void)vector;
	if (source & SOURCE_TIMER)
		timer_interrupt();
	if (source & SOURCE_MAILBOX) {
		local()[L_TAKEN + id * 4] = ~0u;
		dsb();
		smp_interrupt();
	}
	if (source & SOURCE_GPU) {
		dispatch(ic[PENDING], 0);
		dispatch(ic[PENDING + 1], 32);
		dispatch(ic[BASIC_PENDING] & 0xff, BASIC);
	}
}

unsigned board_irq_lines(void)
{
	return LINES;
}

int board_irq_setup(unsigned n, unsigned *flags)
{
	if (n >= LINES || (*flags & (IRQ_LOW | IRQ_EDGE)))
		return E_INVAL;
	*flags |= IRQ_LEVEL | IRQ_HIGH;
	return 0;
}

void board_irq_mask(unsigned n)
{
	peripheral(IC)[n < BASIC ? DISABLE + n / 32 : BASIC_DISABLE] = 1u << n % 32;
	dsb();
}

void board_irq_unmask(unsigned n)
{
	peripheral(IC)[n < BASIC ? ENABLE + n / 32 : BASIC_ENABLE] = 1u << n % 32;
}

void irq_init(void)
{
	volatile uint32_t *ic = peripheral(IC);

	ic[DISABLE] = ic[DISABLE + 1] = ~0u;
	ic[BASIC_DISABLE] = 0xff;
	local()[L_CONTROL] = 0;			/* the counter runs from the crystal, by ones */
	local()[L_PRESCALER] = PRESCALER_ONE;
	local()[L_GPU_ROUTE] = 0;		/* to the first core */
	irq_init_secondary();
}

/* The calling CPU's own: its timer, and its mailbox. */
void irq_init_secondary(void)
{
	unsigned id = cpu_self()->id;

	local()[L_TAKEN + id * 4] = ~0u;
	local()[L_TIMER + id] = SOURCE_TIMER;
	local()[L_MAILBOX + id] = 1;
}

void board_ipi(unsigned id)
{
	dsb();
	local()[L_SEND + id * 4] = 1;
}
