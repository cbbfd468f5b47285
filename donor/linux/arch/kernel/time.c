// SPDX-License-Identifier: GPL-2.0-only
/*
 * Clocks: the platform's monotonic clock is clocksource and sched_clock; the interrupt thread's
 * wait is the timer. Where the platform's clock page tells the time it is read from there, since it
 * is read a few times for each packet.
 */
#include <linux/kernel.h>
#include <linux/clockchips.h>
#include <linux/clocksource.h>
#include <linux/interrupt.h>
#include <linux/sched/clock.h>
#include <linux/timekeeping.h>
#include <linux/delay.h>
#include <asm/program.h>
#include <asm/rump.h>
#include <asm/vcpu.h>

#ifdef CONFIG_PILLION_PROGRAMS
#include <asm/clock_page.h>
#include <asm/vdso/vsyscall.h>

static const struct rumpext_clock *clock_page;	/* or NULL */
#endif

static noinline long long ask_now(void)
{
	int64_t sec;
	long nsec;

	rumpuser_clock_gettime(RUMPUSER_CLOCK_ABSMONO, &sec, &nsec);
	return sec * NSEC_PER_SEC + nsec;
}

static __always_inline u64 now(void)
{
#ifdef CONFIG_PILLION_PROGRAMS
	u64 ns = clock_page ? pillion_clock_page(clock_page, false) : ~0ULL;

	if (likely(ns != ~0ULL))
		return ns;
#endif
	return ask_now();
}

long long pillion_now(void)
{
	return now();
}

unsigned long long notrace sched_clock(void)
{
	return now();
}

void read_persistent_clock64(struct timespec64 *ts)
{
	int64_t sec;
	long nsec;

	rumpuser_clock_gettime(RUMPUSER_CLOCK_RELWALL, &sec, &nsec);
	ts->tv_sec = sec;
	ts->tv_nsec = nsec;
}

static u64 clock_read(struct clocksource *cs)
{
	return now();
}

static struct clocksource clocksource = {
	.name = "rumpuser",
	.rating = 400,
	.read = clock_read,
	.mask = CLOCKSOURCE_MASK(64),
	.flags = CLOCK_SOURCE_IS_CONTINUOUS | CLOCK_SOURCE_VALID_FOR_HRES,
};

static int timer_next(unsigned long delta, struct clock_event_device *dev)
{
	pillion_timer_arm(pillion_now() + delta);
	return 0;
}

static int timer_off(struct clock_event_device *dev)
{
	pillion_timer_arm(LLONG_MAX);
	return 0;
}

static struct clock_event_device timer = {
	.name = "rumpuser",
	.features = CLOCK_EVT_FEAT_ONESHOT,
	.rating = 400,
	.set_next_event = timer_next,
	.set_state_shutdown = timer_off,
	.set_state_oneshot_stopped = timer_off,
	.irq = PILLION_IRQ_TIMER,
};

static irqreturn_t timer_interrupt(int irq, void *dev)
{
	timer.event_handler(&timer);
	return IRQ_HANDLED;
}

void __init time_init(void)
{
	timer.cpumask = cpumask_of(0);
	if (request_irq(PILLION_IRQ_TIMER, timer_interrupt, IRQF_TIMER, "timer", NULL))
		panic("pillion: no timer interrupt");
#ifdef CONFIG_PILLION_PROGRAMS
	if (pillion_user_mode_init() && pillion_vdso_clock()) {
		clock_page = &pillion_vdso_data->arch_data.clock;
		clocksource.vdso_clock_mode = VDSO_CLOCKMODE_RUMP;
	}
#endif
	clocksource_register_hz(&clocksource, NSEC_PER_SEC);
	clockevents_config_and_register(&timer, NSEC_PER_SEC, 1000, LONG_MAX);
}

void __ndelay(unsigned long nsecs)
{
	long long until = pillion_now() + nsecs;

	while (pillion_now() < until)
		cpu_relax();
}

void __delay(unsigned long loops)
{
	__ndelay(loops);
}

void calibrate_delay(void)
{
	loops_per_jiffy = NSEC_PER_SEC / HZ;
}
