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
#define LOCALS		0x40000000
#define LOCALS_LEN	PAGE_SIZE

/* Usual lines, of the BCM2835's interrupt controller, which has basic ones behind its others. */
#define LINE_AUX	29		/* mini-UART, two SPIs */
#define LINE_UART0	57
#define LINES_BASIC	64
#define NO_LINE		(~0u)

enum device_name { IC, MAILBOX, POWER, RNG, GPIO, UART0, AUX, LOCAL };

unsigned devices_find(void);		/* in the device tree: how many it has */
bool device_there(enum device_name name);
paddr_t device_base(enum device_name name);
unsigned device_line(enum device_name name);
paddr_t core_release(unsigned core);	/* where a core waits for its first address */

static inline volatile uint32_t *peripheral(enum device_name name)
{
	return phys_to_virt(device_base(name));
}

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
