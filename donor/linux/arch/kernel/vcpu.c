// SPDX-License-Identifier: GPL-2.0-only
/*
 * The virtual CPU.
 *
 * The donor is one virtual CPU. Whichever host thread holds pillion_vcpu.lock *carries* it;
 * "current" is the task that runs, or ran last. There are two kinds of tasks:
 *
 *  - a *library task* is the body of one host thread: its kernel stack is that thread's own
 *    stack, and only that thread runs it;
 *  - every other task (kernel threads, idle, process leaders) has a stack of the donor's and runs
 *    on whichever host thread carries the virtual CPU when the scheduler picks it. Switching to
 *    one is a change of stack pointer, not of host threads.
 *
 * A library task that is outside the donor (in its program's code) stays current until somebody
 * else needs the virtual CPU: it is *parked*, and coming back is one compare-and-swap. To the
 * scheduler a parked task that was moved off is blocked (TASK_PARKED, which nothing else wakes);
 * its next system call wakes it. So a library task is runnable only while its host thread is
 * inside.
 *
 * A carrier that has to stop carrying (the scheduler picked another host thread's task, or idle)
 * goes *home*: back to the point on its own stack where it began to carry. What must happen only
 * then, because until then it stands on a stack that somebody else may continue, is noted in its
 * hthread (grant_to, release) and done on landing.
 *
 * Going idle releases the virtual CPU with the idle task suspended in arch_cpu_idle(); who takes
 * the CPU next continues it. The interrupt thread (kernel/irq.c) is a host thread without a task:
 * it carries for interrupts that find nobody inside.
 *
 * On the way out with other tasks runnable, a library task does not switch to them: it parks,
 * lets go of the virtual CPU and asks one of the host threads concerned to take over. If it is
 * back first it simply goes on, so that a thread that makes many short calls is not stopped by a
 * wake-up of the host's at each.
 *
 * Locking: lock is taken by compare-and-swap, with the waiters' list and their wake-up behind
 * wait_mtx. Everything else in this file is touched with the virtual CPU held, but for the
 * atomics: event, granted, irq_pending.
 */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/sched/signal.h>
#include <linux/sched/stat.h>
#include <linux/sched/task_stack.h>
#include <linux/cpu.h>
#include <linux/irqflags.h>
#include <asm/program.h>
#include <asm/rump.h>
#include <asm/vcpu.h>

struct task_struct *pillion_current = &init_task;
struct pillion_vcpu pillion_vcpu;

static struct rumpuser_mtx *wait_mtx;
static LIST_HEAD(wait_list);		/* want the virtual CPU */
static LIST_HEAD(spare_list);		/* records of ended host threads */
static LIST_HEAD(inside_list);		/* library tasks blocked in the donor */
static unsigned int wait_count;
static unsigned int bypassed;		/* releases since the first of them came to wait */
static long long spin_ns;

#define SPIN_NS		20000
#define SPIN_LEAST	1000
#define SPIN_RETRY	64

/* Who comes back before a woken waiter has got up may go ahead of it, but not for ever. */
#define BYPASS_LIMIT	64

enum pillion_turn { TURN_GRANTED, TURN_TOOK, TURN_FAILED };

static void kick_others(void);

/*
 * Takeovers run on a stack of their own, which is abandoned each time. One at a time: the virtual
 * CPU is held.
 */
static char takeover_stack[THREAD_SIZE] __aligned(16);

/* ---- the lock ---- */

static inline bool vcpu_try(struct pillion_hthread *ht)
{
	unsigned int free = 0;

	if (!__atomic_compare_exchange_n(&pillion_vcpu.lock, &free, 1, false,
					 __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
		return false;
	pillion_vcpu.carrier = ht;
	return true;
}

/*
 * Make a thread look around. Costs a wake-up of the host's only if it sleeps and nobody has told
 * it yet: event and sleeping are written before the other is read, on both sides. Taking the
 * mutex waits until a sleeper is really asleep. The platform looks at event itself before it
 * runs user code, and after a kick.
 */
void pillion_ht_wake(struct pillion_hthread *ht)
{
	unsigned int where;

	if (__atomic_exchange_n(&ht->event, 1, __ATOMIC_SEQ_CST))
		return;
	where = __atomic_load_n(&ht->sleeping, __ATOMIC_SEQ_CST);
	if (where == HT_AWAKE)
		return;
#ifdef CONFIG_PILLION_PROGRAMS
	if (where == HT_USER) {
		rumpext_user_kick(ht->user);
		return;
	}
#endif
	rumpuser_mutex_enter_nowrap(ht->mtx);
	rumpuser_mutex_exit(ht->mtx);
	rumpuser_cv_signal(ht->cv);
}

/* Put ht on the list of those that want the virtual CPU; it may already be there. */
static void wait_add(struct pillion_hthread *ht)
{
	rumpuser_mutex_enter_nowrap(wait_mtx);
	if (!ht->queued) {
		ht->queued = 1;
		list_add_tail(&ht->waiters, &wait_list);
		__atomic_add_fetch(&wait_count, 1, __ATOMIC_SEQ_CST);
	}
	rumpuser_mutex_exit(wait_mtx);
}

static void wait_del(struct pillion_hthread *ht)
{
	if (!__atomic_load_n(&ht->queued, __ATOMIC_RELAXED))
		return;
	rumpuser_mutex_enter_nowrap(wait_mtx);
	if (ht->queued) {
		ht->queued = 0;
		list_del(&ht->waiters);
		__atomic_sub_fetch(&wait_count, 1, __ATOMIC_SEQ_CST);
	}
	rumpuser_mutex_exit(wait_mtx);
}

/*
 * Give the virtual CPU, which is held, to the first waiter: true, and it is held by that one now.
 */
static bool wait_hand_over(void)
{
	struct pillion_hthread *ht;

	if (bypassed < BYPASS_LIMIT)
		return false;
	bypassed = 0;
	rumpuser_mutex_enter_nowrap(wait_mtx);
	ht = list_first_entry_or_null(&wait_list, struct pillion_hthread, waiters);
	if (ht) {
		ht->queued = 0;
		list_del(&ht->waiters);
		__atomic_sub_fetch(&wait_count, 1, __ATOMIC_SEQ_CST);
	}
	rumpuser_mutex_exit(wait_mtx);
	if (!ht)
		return false;
	pillion_vcpu.carrier = ht;
	__atomic_store_n(&ht->handed, 1, __ATOMIC_SEQ_CST);
	pillion_ht_wake(ht);
	return true;
}

static void wait_wake_one(void)
{
	struct pillion_hthread *ht;

	rumpuser_mutex_enter_nowrap(wait_mtx);
	ht = list_first_entry_or_null(&wait_list, struct pillion_hthread, waiters);
	rumpuser_mutex_exit(wait_mtx);
	if (ht)
		pillion_ht_wake(ht);	/* the record stays, even if the thread is gone */
}

/* ---- sleeping ---- */

void pillion_ht_sleep(struct pillion_hthread *ht)
{
	rumpuser_mutex_enter_nowrap(ht->mtx);
	__atomic_store_n(&ht->sleeping, HT_ASLEEP, __ATOMIC_SEQ_CST);
	while (!__atomic_load_n(&ht->event, __ATOMIC_SEQ_CST))
		rumpuser_cv_wait_nowrap(ht->cv, ht->mtx);
	__atomic_store_n(&ht->sleeping, HT_AWAKE, __ATOMIC_SEQ_CST);
	__atomic_store_n(&ht->event, 0, __ATOMIC_SEQ_CST);
	rumpuser_mutex_exit(ht->mtx);
}

/*
 * How long to spin before sleeping. It pays where another core works for us meanwhile: a wake-up
 * of the host's costs more than most calls into the donor. It costs twice where the other thread
 * needs this very core. So the time halves when it was in vain, doubles when not, and is tried
 * again now and then after it came down to nothing.
 */
static long long spin_begin(struct pillion_hthread *ht)
{
	if (!spin_ns)
		return 0;
	if (!ht->spin && ++ht->unspun % SPIN_RETRY)
		return 0;
	if (!ht->spin)
		ht->spin = SPIN_LEAST;
	return pillion_now() + ht->spin;
}

static void spin_end(struct pillion_hthread *ht, bool paid)
{
	if (paid)
		ht->spin = min(2 * ht->spin, spin_ns);
	else
		ht->spin = ht->spin / 2 < SPIN_LEAST ? 0 : ht->spin / 2;
}

/* Wait for something to do. */
static enum pillion_turn ht_wait(struct pillion_hthread *ht)
{
	long long until = spin_begin(ht);
	bool spun = until;
	enum pillion_turn turn;
	unsigned int n = 0;

	for (;;) {
		if (__atomic_load_n(&ht->granted, __ATOMIC_ACQUIRE)) {
			ht->granted = 0;
			turn = TURN_GRANTED;
			break;
		}
		if (__atomic_load_n(&ht->handed, __ATOMIC_ACQUIRE)) {
			ht->handed = 0;
			turn = TURN_TOOK;
			break;
		}
		if (__atomic_load_n(&ht->queued, __ATOMIC_RELAXED) && vcpu_try(ht)) {
			bypassed = 0;
			turn = TURN_TOOK;
			break;
		}
		if (__atomic_load_n(&ht->error, __ATOMIC_ACQUIRE)) {
			turn = TURN_FAILED;
			break;
		}
		if (until) {
			pillion_cpu_pause();
			if (++n % 16 == 0 && pillion_now() >= until)
				until = 0;
			continue;
		}
		pillion_ht_sleep(ht);
	}
	if (spun)
		spin_end(ht, until);
	wait_del(ht);
	return turn;
}

/* ---- switching ---- */

/* Prepare a context on stack [base, base + size) that begins in fn(arg). */
void *pillion_ctx_make(void *base, size_t size, void (*fn)(void *), void *arg)
{
	unsigned long top = ((unsigned long)base + size - 32) & ~15UL;
	struct pillion_ctx_frame *f = (void *)(top - sizeof(*f));

	pillion_ctx_frame_init(f, pillion_ctx_start, fn, arg);
	return f;
}

static void grant(struct pillion_hthread *ht, struct pillion_hthread *to)
{
	pillion_vcpu.carrier = to;
	__atomic_store_n(&to->granted, 1, __ATOMIC_SEQ_CST);
	if (to != ht)
		pillion_ht_wake(to);
}

/* The current task's thread may be in user mode, and its task have got work (a signal). */
static void notify_parked(void)
{
	struct pillion_hthread *ht = current->thread.ht;

	if (__atomic_load_n(&ht->sleeping, __ATOMIC_SEQ_CST) == HT_USER &&
	    read_task_thread_flags(current) & _TIF_WORK_MASK)
		pillion_ht_wake(ht);
}

/*
 * With the virtual CPU held and interrupts pending: take them. Returns whether it is still held.
 */
static bool serve(struct pillion_hthread *ht)
{
	struct pillion_hthread *to;

	if (current->thread.ht) {
		pillion_irq_run();
		kick_others();
		notify_parked();
		return true;
	}
	pillion_ctx_switch(&ht->home, current->thread.sp);	/* idle takes them */
	to = ht->grant_to;
	ht->grant_to = NULL;
	ht->release = false;
	if (!to)
		return true;
	grant(ht, to);
	return false;
}

/*
 * Let go of the virtual CPU. An interrupt that was posted while it was held, but too late for the
 * last look, is this thread's to take if nobody else does: poster and releaser both look after
 * they have written (sequentially consistent).
 */
static void release(struct pillion_hthread *ht)
{
	do {
		if (unlikely(__atomic_load_n(&wait_count, __ATOMIC_RELAXED))) {
			bypassed++;
			if (wait_hand_over())
				return;
		}
		pillion_vcpu.carrier = NULL;
		__atomic_store_n(&pillion_vcpu.lock, 0, __ATOMIC_SEQ_CST);
		if (unlikely(__atomic_load_n(&wait_count, __ATOMIC_SEQ_CST)))
			wait_wake_one();
		if (likely(!__atomic_load_n(&pillion_irq_pending, __ATOMIC_SEQ_CST)))
			return;
	} while (vcpu_try(ht) && serve(ht));
}

/* Back on the thread's own stack: what the context that was left behind could not do itself. */
static void ht_landed(struct pillion_hthread *ht)
{
	struct pillion_hthread *to = ht->grant_to;

	if (to) {
		ht->grant_to = NULL;
		grant(ht, to);
	} else if (ht->release) {
		ht->release = false;
		release(ht);
	}
}

/* Carry another context; returns when this thread is home again. */
void pillion_carry(struct pillion_hthread *ht, void *ctx)
{
	pillion_ctx_switch(&ht->home, ctx);
	ht_landed(ht);
}

/*
 * The state in which a parked task is moved off: one that nobody else sets. A task in user mode has
 * to be woken by a signal, too; if there is one already, its thread is told now.
 */
static unsigned int parked_state(struct pillion_hthread *ht)
{
	if (__atomic_load_n(&ht->sleeping, __ATOMIC_SEQ_CST) != HT_USER)
		return TASK_PARKED;
	if (read_task_thread_flags(current) & _TIF_WORK_MASK) {
		pillion_ht_wake(ht);
		return TASK_PARKED;
	}
	return TASK_PARKED | TASK_INTERRUPTIBLE;
}

static void takeover_main(void *arg)
{
	/*
	 * As if the parked task went to sleep outside. Nobody comes back here: it resumes in its own
	 * thread. Unless it got a signal just now and would not sleep: then once more.
	 */
	for (;;) {
		pillion_vcpu.takeover = true;
		WRITE_ONCE(current->__state, parked_state(current->thread.ht));
		schedule();
	}
}

/*
 * The virtual CPU is held and current is not what should run: let the scheduler choose. current
 * is idle (suspended in arch_cpu_idle: continue it) or a parked library task (move it off).
 * Returns at home, without the virtual CPU, or with it granted.
 */
void pillion_ht_schedule(struct pillion_hthread *ht)
{
	if (current->thread.ht)
		pillion_carry(ht, pillion_ctx_make(takeover_stack, sizeof(takeover_stack), takeover_main, NULL));
	else
		pillion_carry(ht, current->thread.sp);
}

/*
 * Wait until the thread runs its task; if it is asked to take the virtual CPU meanwhile, it
 * schedules.
 */
int pillion_ht_wait_turn(struct pillion_hthread *ht)
{
	enum pillion_turn turn;

	while ((turn = ht_wait(ht)) == TURN_TOOK) {
		if (pillion_irq_enabled && pillion_irq_pending)
			pillion_irq_run();
		pillion_ht_schedule(ht);
	}
	return turn == TURN_FAILED ? -ht->error : 0;
}

/* A library task blocks (or is preempted) inside the donor, on its own thread's stack. */
static void block_in_place(struct pillion_hthread *ht, struct pillion_hthread *to, void *ctx)
{
	list_add_tail(&ht->inside, &inside_list);
	if (to) {
		ht->grant_to = to;
		ht_landed(ht);
	} else {
		pillion_carry(ht, ctx);
	}
	pillion_ht_wait_turn(ht);
	list_del(&ht->inside);
}

#ifdef CONFIG_PILLION_PROGRAMS
/* The last switch away from a program task, on its own thread's stack: that thread ends. */
static void __noreturn program_gone(struct pillion_hthread *ht, struct task_struct *dead,
				    struct pillion_hthread *to, void *ctx)
{
	list_del_init(&dead->thread.tasks);
	ht->task = NULL;
	if (to) {
		ht->grant_to = to;
		ht_landed(ht);
	} else {
		pillion_carry(ht, ctx);
	}
	pillion_program_end(ht);
}
#endif

/* Called by the scheduler's context_switch(), interrupts off. */
struct task_struct *__switch_to(struct task_struct *prev, struct task_struct *next)
{
	struct pillion_hthread *ht = pillion_vcpu.carrier;
	struct pillion_hthread *to = next->thread.ht;
	bool takeover = pillion_vcpu.takeover;
	void *abandoned;

	pillion_vcpu.takeover = false;
	pillion_vcpu.last = prev;
	pillion_current = next;

#ifdef CONFIG_PILLION_PROGRAMS
	if (prev->thread.program && prev->thread.ht && READ_ONCE(prev->__state) == TASK_DEAD)
		program_gone(ht, prev, to, next->thread.sp);
#endif
	if (prev->thread.ht && !takeover) {
		block_in_place(ht, to, next->thread.sp);
		return pillion_vcpu.last;
	}
	if (to)
		ht->grant_to = to;
	pillion_ctx_switch(takeover ? &abandoned : &prev->thread.sp, to ? ht->home : next->thread.sp);
	return pillion_vcpu.last;
}

/*
 * Idle, interrupts off: release the virtual CPU and wait, which is: go home, until somebody
 * continues idle.
 */
void arch_cpu_idle(void)
{
	struct pillion_hthread *ht = pillion_vcpu.carrier;

	if (!pillion_irq_pending && !need_resched()) {
		ht->release = true;
		pillion_ctx_switch(&current->thread.sp, ht->home);
	}
	raw_local_irq_enable();
}

/* ---- coming in and going out ---- */

/*
 * Choose one of the host threads concerned to take over what is runnable beside current. The
 * virtual CPU is held; who releases it wakes the thread then: earlier, it would only find the
 * virtual CPU taken and sleep again.
 */
static void kick(void)
{
	struct pillion_hthread *ht;

	if (wait_count)
		return;		/* somebody is on the way in already, and will schedule */
	list_for_each_entry(ht, &inside_list, inside)
		if (task_is_running(ht->task))
			goto found;
	ht = pillion_irq_thread();
found:
	wait_add(ht);
}

static void kick_others(void)
{
	if (unlikely(!single_task_running()))
		kick();
}

static enum pillion_turn acquire(struct pillion_hthread *ht)
{
	if (vcpu_try(ht)) {
		wait_del(ht);
		return TURN_TOOK;
	}
	wait_add(ht);
	return ht_wait(ht);
}

/* Take the virtual CPU as a mere carrier: current is whatever it is, parked or idle. */
void pillion_ht_acquire(struct pillion_hthread *ht)
{
	acquire(ht);
}

bool pillion_ht_try(struct pillion_hthread *ht)
{
	return vcpu_try(ht);
}

/* Undo it: if something became runnable, carry it as far as it goes. */
void pillion_ht_leave(struct pillion_hthread *ht)
{
	if (!current->thread.ht && (need_resched() || pillion_irq_pending)) {
		pillion_ht_schedule(ht);
		return;
	}
	if (current->thread.ht) {
		if (pillion_irq_pending)
			pillion_irq_run();
		kick_others();
		notify_parked();
	}
	release(ht);
}

/* The virtual CPU is held, and current is not ht's task: make it so. */
void pillion_enter_held(struct pillion_hthread *ht)
{
	wake_up_state(ht->task, TASK_PARKED);
	pillion_ht_schedule(ht);
	pillion_ht_wait_turn(ht);
	schedule_tail(pillion_vcpu.last);
}

/* Come in as ht's task. */
void pillion_enter_slow(struct pillion_hthread *ht)
{
	pillion_ht_acquire(ht);
	if (current != ht->task)
		pillion_enter_held(ht);
}

#ifdef CONFIG_PILLION_PROGRAMS
/* release(), where nobody waits and nothing is pending, which is nearly always. */
static __always_inline void release_quickly(struct pillion_hthread *ht)
{
	if (unlikely(__atomic_load_n(&wait_count, __ATOMIC_RELAXED))) {
		release(ht);
		return;
	}
	pillion_vcpu.carrier = NULL;
	__atomic_store_n(&pillion_vcpu.lock, 0, __ATOMIC_SEQ_CST);
	if (unlikely(__atomic_load_n(&wait_count, __ATOMIC_SEQ_CST)))
		wait_wake_one();
	if (unlikely(__atomic_load_n(&pillion_irq_pending, __ATOMIC_SEQ_CST)) && vcpu_try(ht) &&
	    serve(ht))
		release(ht);
}

/*
 * A program task goes to user mode, where its thread can be woken, and comes back. True if nothing
 * else ran meanwhile; else the task was moved off, or even picked again.
 *
 * What is written here without an order of its own is ordered by the lock: the release comes before
 * the platform's look at event, and on the way back the clearing of event before the taking.
 */
bool pillion_user_run(struct pillion_hthread *ht, struct rumpext_space *space,
		      struct rumpext_regs *regs, struct rumpext_trap *trap)
{
	if (unlikely(pillion_irq_pending)) {
		pillion_irq_run();
		if (read_thread_flags() & _TIF_WORK_MASK) {
			*trap = (struct rumpext_trap){ .kind = RUMPEXT_TRAP_WORK };
			return true;
		}
	}
	kick_others();
	__atomic_store_n(&ht->sleeping, HT_USER, __ATOMIC_RELAXED);
	release_quickly(ht);
	rumpext_user_run(ht->user, space, regs, &ht->event, trap);
	__atomic_store_n(&ht->sleeping, HT_AWAKE, __ATOMIC_RELAXED);
	__atomic_store_n(&ht->event, 0, __ATOMIC_RELAXED);
	if (unlikely(acquire(ht) == TURN_GRANTED)) {
		schedule_tail(pillion_vcpu.last);
		return false;
	}
	if (likely(current == ht->task))
		return true;
	pillion_enter_held(ht);
	return false;
}
#endif

/* Go out; the task stays parked. */
void pillion_leave_slow(struct pillion_hthread *ht)
{
	if (pillion_irq_pending)
		pillion_irq_run();
	kick_others();
	release(ht);
}

void pillion_vcpu_init(void)
{
	int ncpu = 1;
	char buf[16];

	rumpuser_mutex_init(&wait_mtx, RUMPUSER_MTX_SPIN);
	if (rumpuser_getparam(RUMPUSER_PARAM_NCPU, buf, sizeof(buf)) == 0)
		ncpu = buf[0] == '1' && !buf[1] ? 1 : 2;
	spin_ns = ncpu > 1 ? SPIN_NS : 0;
}

void pillion_hthread_init(struct pillion_hthread *ht)
{
	memset(ht, 0, sizeof(*ht));
	INIT_LIST_HEAD(&ht->tasks);
	rumpuser_mutex_init(&ht->mtx, RUMPUSER_MTX_SPIN);
	rumpuser_cv_init(&ht->cv);
}

/*
 * Records of host threads that ended are kept for the next: who granted or woke a thread may
 * still be about to signal its cv when the thread is long gone. A late signal to the next owner
 * is only a look around.
 */
struct pillion_hthread *pillion_hthread_get(void)
{
	struct pillion_hthread *ht = NULL;
	void *mem;

	rumpuser_mutex_enter_nowrap(wait_mtx);
	if (!list_empty(&spare_list)) {
		ht = list_first_entry(&spare_list, struct pillion_hthread, waiters);
		list_del(&ht->waiters);
	}
	rumpuser_mutex_exit(wait_mtx);
	if (!ht) {
		if (rumpuser_malloc(sizeof(*ht), 0, &mem))
			return NULL;
		ht = mem;
		pillion_hthread_init(ht);
	}
	return ht;
}

void pillion_hthread_put(struct pillion_hthread *ht)
{
	wait_del(ht);
	rumpuser_mutex_enter_nowrap(wait_mtx);
	list_add(&ht->waiters, &spare_list);
	rumpuser_mutex_exit(wait_mtx);
}

static void hthread_fini(struct pillion_hthread *ht)
{
#ifdef CONFIG_PILLION_PROGRAMS
	if (ht->user)
		rumpext_user_destroy(ht->user);
#endif
	rumpuser_cv_destroy(ht->cv);
	rumpuser_mutex_destroy(ht->mtx);
}

/* Nobody is left but the caller. */
void pillion_vcpu_fini(void)
{
	struct pillion_hthread *ht, *next;

	list_for_each_entry_safe(ht, next, &spare_list, waiters) {
		hthread_fini(ht);
		rumpuser_free(ht, sizeof(*ht));
	}
	hthread_fini(pillion_irq_thread());
	rumpuser_mutex_destroy(wait_mtx);
}
