/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The other CPUs: by the local APICs' messages, in the order in which the tables name them.
 *
 * Interface: board_cpus, board_cpu_start, board_cpu_init, board_ipi; cpus_found.
 * Locking: none; the tables are read at boot.
 */
#include <nucleus/board.h>
#include <nucleus/clock.h>

#include "pc.h"

#define ICR_INIT	0x4500		/* messages: reset; begin in a page, whose number is below */
#define ICR_STARTUP	0x4600
#define LOW_END		0x100000	/* where that page can be */
#define BROADCAST	0xff		/* and more, as a number, is not to be had in 8 bits */
#define PAUSE		(200 * NSEC_PER_USEC)

static uint32_t apic_ids[CPU_MAX];	/* of number i; 0 is the boot CPU */
static unsigned others;			/* that there are, even if there is no room for them */

void cpus_found(uint32_t id)
{
	if (id == apic_id() || id >= BROADCAST)
		return;
	for (unsigned i = 1; i <= others && i < CPU_MAX; i++) {
		if (apic_ids[i] == id)
			return;			/* a table may have two kinds of entries for one */
	}
	if (++others < CPU_MAX)
		apic_ids[others] = id;
}

unsigned board_cpus(void)
{
	return irq_uses_apic() ? others + 1 : 1;
}

/* One that has begun takes no notice of the second message. */
bool board_cpu_start(unsigned id, paddr_t entry)
{
	if (entry >= LOW_END)
		return false;
	apic_send(apic_ids[id], ICR_INIT);
	clock_delay(PAUSE);
	for (unsigned i = 0; i < 2; i++) {
		apic_send(apic_ids[id], ICR_STARTUP | (uint32_t)(entry >> PAGE_SHIFT));
		clock_delay(PAUSE);
	}
	return true;
}

void board_cpu_init(void)
{
	apic_init_secondary();
	time_init_secondary();
}

void board_ipi(unsigned id)
{
	apic_send(id == 0 ? apic_id() : apic_ids[id], VECTOR_CPUS);
}
