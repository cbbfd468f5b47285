/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The CPU's generic timer: its virtual counter is the clock, its virtual timer makes interrupts.
 * Locking: none; registers of the calling CPU.
 */
#include <nucleus/clock.h>
#include <nucleus/log.h>

#include "arm.h"

#define CTL_ON		1
#define CTL_MASKED	2

static uint64_t hz;

static uint64_t read_counter(void)
{
	return cpu_counter();
}

/* Rounded up, so that the deadline has passed when the interrupt comes. */
static void set(nsec_t delta)
{
	uint64_t ticks = delta / NSEC_PER_SEC * hz + delta % NSEC_PER_SEC * hz / NSEC_PER_SEC + 1;

	sysreg_write(cntv_cval_el0, cpu_counter() + ticks);
	sysreg_write(cntv_ctl_el0, CTL_ON);
	isb();
}

/* The interrupt stays until the timer is set again, or masked. */
void timer_interrupt(void)
{
	sysreg_write(cntv_ctl_el0, CTL_ON | CTL_MASKED);
	isb();
	clock_interrupt();
}

void timer_start_secondary(void)
{
	sysreg_write(cntv_ctl_el0, 0);
}

void timer_start(unsigned usual_hz)
{
	static const struct clock_timer timer = { "CPU's", set };

	hz = sysreg_read(cntfrq_el0);
	if (hz == 0)
		hz = usual_hz;
	sysreg_write(cntv_ctl_el0, 0);
	clock_source_set(&(struct clock_source) { "CPU's counter", read_counter, hz,
	    boot_info.entry_counter, CLOCK_COUNTER_CPU });
	clock_timer_set(&timer);
	log_info("clock: the CPU's counter, %llu kHz", (unsigned long long)(hz / 1000));
}
