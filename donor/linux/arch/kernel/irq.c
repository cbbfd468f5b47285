// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts.
 *
 * pillion_irq_post() may be called by any host thread at any time. It sets a bit; whoever holds
 * the virtual CPU takes it at the next point where interrupts are enabled. If nobody does, the
 * interrupt thread is woken: a host thread without a task, which also waits for the timer's
 * deadline.
 *
 * Locking: pillion_irq_pending is atomic; deadline is written with the virtual CPU held and read
 * by the interrupt thread under its mutex.
 */
#include <linux/kernel.h>
#include <linux/irq.h>
#include <linux/irqdomain.h>
#include <linux/interrupt.h>
#include <linux/hardirq.h>
#include <linux/seq_file.h>
#include <asm/irq_regs.h>
#include <asm/rump.h>
#include <asm/vcpu.h>

unsigned long pillion_irq_enabled;
unsigned long pillion_irq_pending;

static struct pillion_hthread irq_thread;
static void *irq_thread_cookie;
static long long deadline = LLONG_MAX;		/* of the timer */
static long long sleeping_until;		/* what the interrupt thread waits for */
static bool stopping;
static bool checker_was_on;			/* between pillion_irq_begin() and _end() */

void __init init_IRQ(void)
{
	unsigned int i;

	for (i = 1; i < NR_IRQS; i++)
		irq_set_chip_and_handler(i, &dummy_irq_chip, handle_simple_irq);
}

/*
 * The lock checker's own idea of the flag, where it is on: an interrupt that is taken finds
 * interrupts off and leaves them as they were.
 */
static bool checker_irqs_off(void)
{
	bool was_on = lockdep_hardirqs_enabled();

	if (was_on)
		lockdep_hardirqs_off(_THIS_IP_);
	return was_on;
}

static void checker_irqs_back(bool was_on)
{
	if (was_on) {
		lockdep_hardirqs_on_prepare();
		lockdep_hardirqs_on(_THIS_IP_);
	}
}

/* What a thread that carries does as an interrupt would, other than taking posted ones. */
unsigned long pillion_irq_begin(void)
{
	unsigned long flags = arch_local_irq_save();

	checker_was_on = checker_irqs_off();
	irq_enter();
	return flags;
}

void pillion_irq_end(unsigned long flags)
{
	irq_exit();
	checker_irqs_back(checker_was_on);
	pillion_irq_enabled = flags;
}

/* Take what is pending. The virtual CPU is held and interrupts are enabled. */
void pillion_irq_run(void)
{
	/* Where the interrupt found the task is all that anybody asks of its registers. */
	static struct pt_regs in_user = { .user = 1 }, in_donor;
	bool user = current->thread.ht && pillion_vcpu.carrier != current->thread.ht;
	struct pt_regs *old = set_irq_regs(user ? &in_user : &in_donor);
	unsigned long bits;
	bool was_on;

	while ((bits = __atomic_exchange_n(&pillion_irq_pending, 0, __ATOMIC_SEQ_CST))) {
		arch_local_irq_disable();
		was_on = checker_irqs_off();
		irq_enter();
		while (bits) {
			unsigned int irq = __ffs(bits);

			bits &= bits - 1;
			generic_handle_irq(irq);
		}
		irq_exit();
		checker_irqs_back(was_on);
		pillion_irq_enabled = 1;
	}
	set_irq_regs(old);
}

/* Nobody is woken, so this may be called anywhere. False: nobody has the virtual CPU. */
bool pillion_irq_raise(unsigned int irq)
{
	__atomic_fetch_or(&pillion_irq_pending, 1UL << irq, __ATOMIC_SEQ_CST);
	return __atomic_load_n(&pillion_vcpu.lock, __ATOMIC_SEQ_CST);
}

void pillion_irq_post(unsigned int irq)
{
	if (!pillion_irq_raise(irq))
		pillion_ht_wake(&irq_thread);
}

void pillion_cpu_relax(void)
{
	pillion_cpu_pause();
	if (pillion_irq_enabled && __atomic_load_n(&pillion_irq_pending, __ATOMIC_RELAXED))
		pillion_irq_run();
}

struct pillion_hthread *pillion_irq_thread(void)
{
	return &irq_thread;
}

/* Called with the virtual CPU held. */
void pillion_timer_arm(long long when)
{
	struct pillion_hthread *ht = &irq_thread;

	__atomic_store_n(&deadline, when, __ATOMIC_SEQ_CST);
	if (when < __atomic_load_n(&sleeping_until, __ATOMIC_SEQ_CST))
		pillion_ht_wake(ht);
}

/* Sleep until there is an event, or the timer is due: true. */
static bool irq_thread_sleep(struct pillion_hthread *ht)
{
	long long when, now;
	bool due = false;

	rumpuser_mutex_enter_nowrap(ht->mtx);
	__atomic_store_n(&ht->sleeping, 1, __ATOMIC_SEQ_CST);
	while (!__atomic_load_n(&ht->event, __ATOMIC_SEQ_CST)) {
		when = __atomic_load_n(&deadline, __ATOMIC_SEQ_CST);
		__atomic_store_n(&sleeping_until, when, __ATOMIC_SEQ_CST);
		if (when != __atomic_load_n(&deadline, __ATOMIC_SEQ_CST))
			continue;
		now = pillion_now();
		if (now >= when) {
			due = true;
			break;
		}
		if (when == LLONG_MAX)
			rumpuser_cv_wait_nowrap(ht->cv, ht->mtx);
		else
			rumpuser_cv_timedwait(ht->cv, ht->mtx, (when - now) / NSEC_PER_SEC,
					      (when - now) % NSEC_PER_SEC);
	}
	__atomic_store_n(&ht->sleeping, 0, __ATOMIC_SEQ_CST);
	__atomic_store_n(&ht->event, 0, __ATOMIC_SEQ_CST);
	__atomic_store_n(&sleeping_until, 0, __ATOMIC_SEQ_CST);
	rumpuser_mutex_exit(ht->mtx);
	return due;
}

static void *irq_thread_main(void *arg)
{
	struct pillion_hthread *ht = &irq_thread;

	rumpuser_curlwpop(RUMPUSER_LWP_CREATE, (struct lwp *)ht);
	rumpuser_curlwpop(RUMPUSER_LWP_SET, (struct lwp *)ht);
	while (!__atomic_load_n(&stopping, __ATOMIC_SEQ_CST)) {
		if (irq_thread_sleep(ht)) {
			__atomic_store_n(&deadline, LLONG_MAX, __ATOMIC_SEQ_CST);
			__atomic_fetch_or(&pillion_irq_pending, 1UL << PILLION_IRQ_TIMER, __ATOMIC_SEQ_CST);
		}
		if (!pillion_irq_pending && !ht->queued && !ht->handed)
			continue;
		if (ht->queued || __atomic_load_n(&ht->handed, __ATOMIC_ACQUIRE))
			pillion_ht_acquire(ht);
		else if (!pillion_ht_try(ht))
			continue;	/* who holds it looks before and after it lets go */
		if (pillion_irq_enabled && pillion_irq_pending)
			pillion_irq_run();
		pillion_ht_schedule(ht);
	}
	return NULL;
}

int pillion_irq_thread_start(void)
{
	pillion_hthread_init(&irq_thread);
	return rumpuser_thread_create(irq_thread_main, NULL, "pillion-irq", 1, 0, -1, &irq_thread_cookie);
}

/* The caller does not hold the virtual CPU, and nothing is left that would need the thread. */
void pillion_irq_thread_stop(void)
{
	__atomic_store_n(&stopping, true, __ATOMIC_SEQ_CST);
	pillion_ht_wake(&irq_thread);
	rumpuser_thread_join(irq_thread_cookie);
}

int arch_show_interrupts(struct seq_file *p, int prec)
{
	return 0;
}
