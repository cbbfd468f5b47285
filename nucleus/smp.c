/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The other CPUs. The interface is smp.h.
 *
 * There is one kind of interrupt between CPUs; what it is for stands in memory: a call, a run queue
 * that has changed, what cpu_poll() does, or the end.
 *
 * Locking: call_mutex for the call, which the CPU that runs it ends; noticed, by atomic exchange.
 */
#include <nucleus/board.h>
#include <nucleus/boot.h>
#include <nucleus/clock.h>
#include <nucleus/log.h>
#include <nucleus/smp.h>
#include <nucleus/space.h>
#include <nucleus/string.h>
#include <nucleus/thread.h>

#define START_WAIT	NSEC_PER_SEC
#define STOP_WAIT	(100 * NSEC_PER_MSEC)

/*
 * Locks are held for a few microseconds. Who waits for longer waits for a CPU that is virtual and
 * that its host has stopped, and lets the host have the processor meanwhile.
 */
#define SPIN_ROUNDS	64
#define SPIN_TIME	(20 * NSEC_PER_USEC)
#define REST_TIME	(200 * NSEC_PER_USEC)

unsigned cpu_count = 1;

static struct mutex call_mutex = MUTEX_INIT(call_mutex);
static struct {
	struct cpu	*cpu;		/* that is to run it; NULL: done */
	void		(*fn)(void *arg);
	void		*arg;
} call;

static bool online[CPU_MAX];
static bool noticed[CPU_MAX];		/* smp_notify(), and the CPU has not looked yet */
static uint64_t entered[CPU_MAX];	/* its counter when it began */
static struct cpu *stopper;		/* that panics */
static unsigned stopped;

/* ---- calls ---- */

void smp_call(struct cpu *cpu, void (*fn)(void *arg), void *arg)
{
	unsigned long flags = cpu_irq_save();
	bool here = cpu == cpu_self();

	if (here)
		fn(arg);
	cpu_irq_restore(flags);
	if (here)
		return;
	mutex_lock(&call_mutex);
	call.arg = arg;
	call.fn = fn;
	__atomic_store_n(&call.cpu, cpu, __ATOMIC_RELEASE);
	board_ipi(cpu->id);
	while (__atomic_load_n(&call.cpu, __ATOMIC_ACQUIRE) != NULL)
		cpu_pause();
	mutex_unlock(&call_mutex);
}

void smp_notify(struct cpu *cpu)
{
	if (!__atomic_exchange_n(&noticed[cpu->id], true, __ATOMIC_SEQ_CST))
		board_ipi(cpu->id);
}

/* Is it another CPU that panics? */
static void stop_if_asked(void)
{
	struct cpu *who = __atomic_load_n(&stopper, __ATOMIC_RELAXED);

	if (likely(who == NULL || who == cpu_self()))
		return;
	__atomic_add_fetch(&stopped, 1, __ATOMIC_RELEASE);
	cpu_halt();
}

void smp_interrupt(void)
{
	struct cpu *self = cpu_self();

	stop_if_asked();
	cpu_poll();
	if (__atomic_load_n(&call.cpu, __ATOMIC_ACQUIRE) == self) {
		call.fn(call.arg);
		__atomic_store_n(&call.cpu, NULL, __ATOMIC_RELEASE);
	}
	if (__atomic_exchange_n(&noticed[self->id], false, __ATOMIC_SEQ_CST))
		sched_notified();
}

void smp_spin(void)
{
	cpu_pause();
	stop_if_asked();
	cpu_poll();
}

void spin_wait(struct spinlock *lk)
{
	do {
		smp_spin();
	} while (READ_ONCE(lk->held) != 0 || !spin_take(lk));
}

static void rested(struct timer *tm)
{
	(void)tm;
}

static void rest(void)
{
	struct timer tm;

	timer_init(&tm, rested);
	cpu_irq_disable();
	timer_set(&tm, clock_now() + REST_TIME);
	cpu_idle();
	(void)timer_cancel(&tm);
}

void spin_lock_wait(struct spinlock *lk, unsigned long flags)
{
	nsec_t since;

	cpu_irq_restore(flags);
	if (!cpu_irqs_on()) {
		spin_wait(lk);
		return;
	}
	since = clock_now();
	for (unsigned n = 1; ; n++) {
		cpu_pause();
		if (READ_ONCE(lk->held) == 0) {
			cpu_irq_disable();
			if (spin_take(lk))
				return;
			cpu_irq_enable();
		}
		if (n % SPIN_ROUNDS == 0 && clock_now() - since > SPIN_TIME) {
			rest();
			since = clock_now();
		}
	}
}

/* Interrupts are off; one that has them off itself for ever is not waited for for ever. */
void smp_stop_others(void)
{
	struct cpu *self = cpu_self(), *first = NULL;
	nsec_t end = clock_now() + STOP_WAIT;

	if (cpu_count == 1)
		return;
	if (!__atomic_compare_exchange_n(&stopper, &first, self, false, __ATOMIC_SEQ_CST,
	    __ATOMIC_SEQ_CST)) {
		if (first == self)
			return;
		__atomic_add_fetch(&stopped, 1, __ATOMIC_RELEASE);
		cpu_halt();
	}
	for (unsigned i = 0; i < cpu_count; i++) {
		if (&cpus[i] != self)
			board_ipi(i);
	}
	while (__atomic_load_n(&stopped, __ATOMIC_ACQUIRE) < cpu_count - 1 && clock_now() < end)
		cpu_pause();
}

/* ---- start ---- */

/* Of the CPU that starts, one at a time: it has begun, or it is not waited for, who was first. */
enum { AWAITED, ENTERED, GIVEN_UP };
static unsigned arrival;

static bool arrive(unsigned how)
{
	unsigned awaited = AWAITED;

	return __atomic_compare_exchange_n(&arrival, &awaited, how, false, __ATOMIC_SEQ_CST,
	    __ATOMIC_SEQ_CST);
}

/*
 * A CPU that comes too late is not counted: nobody would ask it to flush, or wait for its timers.
 * So it must have no part in anything.
 */
void smp_enter(struct cpu *cpu)
{
	if (!arrive(ENTERED))
		cpu_halt();
	cpu_init(cpu);
	entered[cpu->id] = cpu_counter();
	sched_init();
	board_cpu_init();
	cpu_poll();			/* it has been asked, and could not be interrupted */
	__atomic_store_n(&online[cpu->id], true, __ATOMIC_RELEASE);
	sched_idle();
}

static bool start(unsigned id)
{
	char *stack = kva_alloc(STACK_DEFAULT);
	uint64_t before = cpu_counter();
	nsec_t end = clock_now() + START_WAIT;
	paddr_t entry;

	cpus[id].id = id;
	if (stack == NULL || !cpu_stacks(&cpus[id]))
		return false;
	entry = cpu_secondary(&cpus[id], (vaddr_t)stack + STACK_DEFAULT);
	arrival = AWAITED;
	if (entry == 0 || !board_cpu_start(id, entry))
		return false;
	while (!__atomic_load_n(&online[id], __ATOMIC_ACQUIRE)) {
		if (clock_now() > end && arrive(GIVEN_UP))
			return false;
		cpu_pause();
	}
	cpu_secondary_end();
	if (entered[id] < before || entered[id] > cpu_counter())
		log_warn("CPU %u: its clock differs", id);
	return true;
}

void smp_start(void)
{
	unsigned there = board_cpus(), n = MIN(MIN(there, image_cpus), CPU_MAX + 0u);
	char word[8];

	checked_init();
	if (boot_option("cpus", word, sizeof(word)) > 0)
		n = MIN(n, (unsigned)string_number(word, NULL));
	if (!cpu_stacks(cpu_self()))
		panic("no memory for stacks");
	while (cpu_count < n && start(cpu_count))
		cpu_count++;
	if (cpu_count < n)
		log_warn("CPU %u does not start", cpu_count);
	for (unsigned i = 0; i < cpu_count; i++)
		smp_notify(&cpus[i]);		/* they have begun to idle as if they were alone */
	log_info("%u of %u CPUs run", cpu_count, there);
}
