/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Clocks and timers. Tickless: the hardware timer is set to the earliest deadline, or not at all.
 *
 * Locking: timers by a spin lock for each CPU. clock_now() takes none.
 */
#ifndef NUCLEUS_CLOCK_H
#define NUCLEUS_CLOCK_H

#include <nucleus/cpu.h>

/* Monotonic time since boot. Any context; tens of nanoseconds. */
nsec_t clock_now(void);

/* Wall clock: nanoseconds since 1970 UTC, from the board's real-time clock at boot, or as set. */
nsec_t clock_wall(void);
void clock_set_wall(nsec_t now);

/* Busy wait, for device setup. */
void clock_delay(nsec_t len);

/*
 * One-shot timers. fn(t) is called in an interrupt handler, once, not before the deadline, on the
 * CPU that set the timer. It may set the timer again.
 */
struct timer {
	nsec_t		deadline;
	void		(*fn)(struct timer *t);
	struct timer	*child, *next, *prev;	/* pairing heap; see clock.c */
	struct cpu	*cpu;			/* NULL: not set */
};

void timer_init(struct timer *t, void (*fn)(struct timer *t));
void timer_set(struct timer *t, nsec_t deadline);	/* moves it if it is set */

/*
 * True: it was set, and fn will not be called. False: it was not, or fn was called, and has
 * returned, unless the caller is in it. So t may go. The caller holds no lock that fn takes.
 */
bool timer_cancel(struct timer *t);

/*
 * What user code needs to read clock_now() and clock_wall() without a trap; a platform passes it
 * on. While seq is odd, or changes during the reading, the reading does not count.
 *	now = base + (((counter - start) * mult) >> shift); wall = now + wall_offset
 * with a product of 128 bits. kind: CLOCK_COUNTER_CPU: counter is the CPU's user-readable counter
 * (x86_64: rdtsc); NONE: make a system call.
 */
struct clock_params {
	volatile uint32_t seq;
	uint32_t	kind;
	uint64_t	start, base;
	uint64_t	mult, shift;
	uint64_t	wall_offset;
};
#define CLOCK_COUNTER_NONE	0
#define CLOCK_COUNTER_CPU	1
const struct clock_params *clock_params(void);

/* fn() is called after each change of it, interrupts off, before user code sees it. */
void clock_params_notify(void (*fn)(void));

/*
 * For lengths of time, cheaper: the CPU's counter, and how many nanoseconds pass while it advances
 * so far; 0 before the clock is set.
 */
extern struct clock_params clock_state;		/* clock.c writes it */
#define CLOCK_SHIFT	32

static inline uint64_t clock_ticks(void)
{
	return cpu_counter();
}

static inline nsec_t clock_length(uint64_t ticks)
{
	return (nsec_t)((unsigned __int128)ticks * clock_state.mult >> CLOCK_SHIFT);
}

/* ---- for board/ and cpu/ ---- */

/*
 * The board's counter: 64 bits, increasing at hz; kind as above. Set once at boot, with start the
 * counter at time 0; before that clock_now() is 0. It advances as cpu_counter() does, whatever kind
 * says.
 */
struct clock_source {
	const char	*name;
	uint64_t	(*read)(void);
	uint64_t	hz, start;
	uint32_t	kind;
};
void clock_source_set(const struct clock_source *src);

/* The source's frequency has been measured better: hz from now on, without a step. */
void clock_source_adjust(uint64_t hz);

/*
 * The board's one-shot timer of the calling CPU: set(delta) makes an interrupt after about delta
 * ns, earlier if delta is beyond what it can; the handler calls clock_interrupt().
 */
struct clock_timer {
	const char	*name;
	void		(*set)(nsec_t delta);
};
void clock_timer_set(const struct clock_timer *tm);
void clock_interrupt(void);

#endif /* NUCLEUS_CLOCK_H */
