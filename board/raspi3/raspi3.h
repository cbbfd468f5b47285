/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Raspberry Pi 3's parts, among themselves. What they offer to others is <nucleus/board.h>.
 *
 * BCM2837: the peripherals of the BCM2835 at another address, and beside them the "local" ones of
 * the four cores (QA7). All stay mapped from the boot on, in the direct map.
 */
#ifndef BOARD_RASPI3_H
#define BOARD_RASPI3_H

#include <board/arm/arm.h>

#define PERIPHERALS	0x3f000000
#define PERIPHERALS_LEN	(16 * MIB)
#define LOCAL		0x40000000
#define LOCAL_LEN	PAGE_SIZE

enum {					/* offsets of peripherals */
	IC = 0xb200, MAILBOX = 0xb880, POWER = 0x100000, RNG = 0x104000, GPIO = 0x200000,
	UART0 = 0x201000, AUX = 0x215000,
};

static inline volatile uint32_t *peripheral(unsigned offset)
{
	return phys_to_virt(PERIPHERALS + offset);
}

/* Lines: those of the BCM2835's interrupt controller. */
#define LINE_AUX	29		/* mini-UART, two SPIs */
#define LINE_UART0	57

void irq_init(void);
void irq_init_secondary(void);

/*
 * Mini-UART: clock is the core's, from which its speed is made; 0: leave the speed as it is. regs
 * are those of all auxiliary devices.
 */
void miniuart_init(volatile uint32_t *regs, unsigned core_clock);

/*
 * The mailbox's property channel: one question to the firmware, tag, with nwords words of argument
 * that become the answer. False: it does not know.
 */
bool mailbox_property(uint32_t tag, uint32_t *words, unsigned nwords);
enum {
	TAG_BOARD_REVISION = 0x00010002, TAG_ARM_MEMORY = 0x00010005, TAG_CLOCK_RATE = 0x00030002,
	TAG_FB_ALLOCATE = 0x00040001, TAG_FB_SIZE = 0x00048003, TAG_FB_VIRTUAL_SIZE = 0x00048004,
	TAG_FB_DEPTH = 0x00048005, TAG_FB_PITCH = 0x00040008,
};

/* Several at once, with the mailbox's own headers (mailbox.c). False: not understood. */
bool mailbox_message(uint32_t *tags, unsigned nwords);
enum { CLOCK_UART = 2, CLOCK_CORE = 4 };

#endif /* BOARD_RASPI3_H */
