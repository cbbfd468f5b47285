/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * User mode: the nucleus's spaces and users under the contract's names.
 *
 * Interface: rumpext_user.h. A rumpext_space is a struct space, a rumpext_user a struct user. A
 * program's thread has the donor's priority (thread.c), which counts as PRIO_USER in user mode.
 *
 * A space is a cache of the donor's page tables. So where the nucleus lacks the memory to unmap a
 * part of a large page, more is unmapped.
 *
 * CPU time in user mode is sampled: a timer, which runs until it finds the CPU idle, so that no
 * user code waits for it, charges the thread that it finds in user mode with the whole time since
 * it was set, also for others that had a part of it, and sends it back to report. Its period has no
 * common factor with a time slice, so that threads that take turns are all found.
 *
 * Locking: the nucleus's own; who finds ticking false sets the timer.
 */
#include <nucleus/board.h>
#include <nucleus/clock.h>
#include <nucleus/page.h>
#include <nucleus/space.h>
#include <nucleus/user.h>

#include <rump/rumpext_regs.h>
#include <rump/rumpext_user.h>

#include "platform.h"

_Static_assert(sizeof(struct rumpext_regs) == sizeof(struct cpu_regs), "registers");
_Static_assert(sizeof(struct rumpext_trap) == sizeof(struct user_trap) &&
    offsetof(struct rumpext_trap, kind) == offsetof(struct user_trap, why) &&
    offsetof(struct rumpext_trap, access) == offsetof(struct user_trap, access) &&
    offsetof(struct rumpext_trap, vector) == offsetof(struct user_trap, vector) &&
    offsetof(struct rumpext_trap, code) == offsetof(struct user_trap, code) &&
    offsetof(struct rumpext_trap, addr) == offsetof(struct user_trap, addr) &&
    offsetof(struct rumpext_trap, ran) == offsetof(struct user_trap, ran), "a trap");
_Static_assert(RUMPEXT_TRAP_SYSCALL == USER_SYSCALL && RUMPEXT_TRAP_FAULT == USER_FAULT &&
    RUMPEXT_TRAP_EXCEPTION == USER_EXCEPTION && RUMPEXT_TRAP_WORK == USER_WORK, "kinds of it");
_Static_assert(RUMPEXT_SPACE_READ == PROT_R && RUMPEXT_SPACE_WRITE == PROT_W &&
    RUMPEXT_SPACE_EXEC == PROT_X, "rights");

#define RIGHTS	(PROT_R | PROT_W | PROT_X)
#define LARGEST	GIB			/* a page, of those that the nucleus uses */

static inline struct space *of_space(struct rumpext_space *s)
{
	return (struct space *)s;
}

static inline struct user *of_user(const struct rumpext_user *u)
{
	return (struct user *)u;
}

int rumpext_user_info(struct rumpext_user_info *info)
{
	struct user_features f;

	user_features(&f);
	info->va_max = USER_END;
	info->fp_size = user_fp_size();
	info->fp_features = f.fp_components;
	info->hwcap = f.hwcap;
	info->hwcap2 = f.hwcap2;
	return 0;
}

/* ---- spaces ---- */

int rumpext_space_create(struct rumpext_space **sp)
{
	struct space *s = space_create();

	if (s == NULL)
		return RUMP_ENOMEM;
	*sp = (struct rumpext_space *)s;
	return 0;
}

void rumpext_space_destroy(struct rumpext_space *s)
{
	if (s == NULL)
		return;
	space_destroy(of_space(s));
}

int rumpext_space_map(struct rumpext_space *s, uintptr_t va, size_t len, uint64_t off,
    unsigned prot)
{
	paddr_t pa = off;

	if (prot & RUMPEXT_SPACE_DEVICE) {
		/* No memory but the arena's is for programs, whatever the donor has come to believe. */
		if (!platform_is_device(pa, len))
			return RUMP_EINVAL;
		return space_map(of_space(s), va, pa, len, (prot & RIGHTS) | PROT_DEVICE);
	}
	if (!arena_phys(off, len, &pa))
		return RUMP_EINVAL;
	return space_map(of_space(s), va, pa, len, prot & RIGHTS);
}

/* fn on the range, as far as it is a program's; where there is no memory for that, unmap more. */
static void take_away(struct rumpext_space *s, uintptr_t va, size_t len,
    int (*fn)(struct space *s, vaddr_t va, size_t len))
{
	vaddr_t end = MIN(va + len, USER_END);

	va = MAX(va, PAGE_SIZE);
	if (va >= end || fn(of_space(s), va, end - va) == 0)
		return;
	va = MAX(ROUND_DOWN(va, LARGEST), PAGE_SIZE);
	end = MIN(ROUND_UP(end, LARGEST), USER_END);
	if (space_unmap(of_space(s), va, end - va) != 0) {
		rumpuser_dprintf("rumpuser: cannot unmap a program's pages\n");
		rumpuser_exit(RUMPUSER_PANIC);
	}
}

void rumpext_space_unmap(struct rumpext_space *s, uintptr_t va, size_t len)
{
	take_away(s, va, len, space_unmap);
}

void rumpext_space_protect(struct rumpext_space *s, uintptr_t va, size_t len)
{
	take_away(s, va, len, space_readonly);
}

/* ---- users ---- */

int rumpext_user_create(struct rumpext_user **up)
{
	struct user *u = user_create(NULL);

	if (u == NULL)
		return RUMP_ENOMEM;
	*up = (struct rumpext_user *)u;
	return 0;
}

void rumpext_user_reset(struct rumpext_user *u, const struct rumpext_user *from)
{
	user_reset(of_user(u), of_user(from));
}

void rumpext_user_destroy(struct rumpext_user *u)
{
	user_destroy(of_user(u));
}

void rumpext_user_kick(struct rumpext_user *u)
{
	user_kick(of_user(u));
}

/* ---- running ---- */

#define TICK	(17 * NSEC_PER_MSEC)

static void on_tick(struct timer *tm);

static struct timer tick = { .fn = on_tick };
static bool ticking;
static nsec_t tick_set;

static void set_tick(void)
{
	tick_set = clock_now();
	timer_set(&tick, tick_set + TICK);
}

/* In an interrupt. */
static void on_tick(struct timer *tm)
{
	struct thread *self = thread_self();

	(void)tm;
	if (self->user != NULL)
		user_stop(self->user, clock_now() - tick_set);
	ticking = self != cpu_self()->idle;
	if (ticking)
		set_tick();
}

static NOINLINE void start_tick(void)
{
	ticking = true;
	set_tick();
}

void rumpext_user_run(struct rumpext_user *u, struct rumpext_space *s, struct rumpext_regs *regs,
    const volatile unsigned *work, struct rumpext_trap *trap)
{
	if (unlikely(!READ_ONCE(ticking)))
		start_tick();
	user_run(of_user(u), of_space(s), (struct cpu_regs *)regs, work, (struct user_trap *)trap);
}

void rumpext_user_fpget(struct rumpext_user *u, void *buf)
{
	user_fp_get(of_user(u), buf);
}

int rumpext_user_fpput(struct rumpext_user *u, const void *buf)
{
	return user_fp_put(of_user(u), buf, user_fp_size());
}

/* ---- the clock ---- */

static struct rumpext_clock *user_clock;

/* Interrupts off. */
static void update_clock(void)
{
	const struct clock_params *p = clock_params();
	struct rumpext_clock *clk = user_clock;
	uint64_t mult = p->kind == CLOCK_COUNTER_CPU ? p->mult : 0;
	uint32_t shift = p->shift;

	/* A counter of less than 1 GHz needs more than the contract's 32 bits. */
	for (; mult > UINT32_MAX; mult >>= 1)
		shift--;
	WRITE_ONCE(clk->seq, clk->seq + 1);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	clk->mult = (uint32_t)mult;
	clk->shift = shift;
	clk->base_count = p->start;
	clk->base_ns = p->base;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	WRITE_ONCE(clk->seq, clk->seq + 1);
}

int rumpext_user_clock(struct rumpext_clock *clk)
{
	unsigned long flags;

	if (clock_params()->kind != CLOCK_COUNTER_CPU)
		return RUMP_ENOTSUP;
	flags = cpu_irq_save();
	user_clock = clk;
	update_clock();
	clock_params_notify(update_clock);
	cpu_irq_restore(flags);
	return 0;
}

/* ---- the end ---- */

void rumpext_user_restart(void)
{
	board_reset();
}
