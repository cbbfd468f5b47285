/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Clocks and timers. The interface is clock.h.
 *
 * The parameters of the clock are in the structure that others may copy, and used from there. They
 * are written with params_lock held, with seq odd meanwhile.
 *
 * A CPU's timers are a pairing heap: a tree in which no timer is earlier than its parent. A node's
 * children are a list by next; prev is the sibling before it, or the parent for the first child.
 * Insertion is constant, removal logarithmic on average.
 *
 * Locking: each CPU's heap by its lock, which is not held while a timer's function runs.
 */
#include <nucleus/clock.h>
#include <nucleus/cpu.h>
#include <nucleus/smp.h>
#include <nucleus/sync.h>

struct timers {
	struct spinlock	lock;
	struct timer	*root;
	struct timer	*running;	/* whose function this CPU is in, or NULL */
	nsec_t		programmed;	/* what the hardware is set to; NSEC_NEVER: nothing */
};

/* Before a source is set mult is 0, and so is the time. */
struct clock_params clock_state = { .kind = CLOCK_COUNTER_CPU };
static struct spinlock params_lock;	/* who writes them */

static struct clock_source source;
static const struct clock_timer *hardware;
static struct timers timers[CPU_MAX];

/* ---- clocks ---- */

static inline uint64_t read_counter(void)
{
	return clock_state.kind == CLOCK_COUNTER_CPU ? cpu_counter() : source.read();
}

nsec_t clock_now(void)
{
	const struct clock_params *p = &clock_state;
	uint32_t seq;
	nsec_t now;

	do {
		seq = __atomic_load_n(&p->seq, __ATOMIC_ACQUIRE);
		now = p->base + (nsec_t)((unsigned __int128)(read_counter() - p->start) * p->mult >> CLOCK_SHIFT);
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while (unlikely((seq & 1) || seq != p->seq));
	return now;
}

static void (*params_changed)(void);

static unsigned long params_begin(void)
{
	unsigned long flags = spin_lock(&params_lock);

	clock_state.seq++;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return flags;
}

static void params_end(unsigned long flags)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	clock_state.seq++;
	if (params_changed != NULL)
		params_changed();
	spin_unlock(&params_lock, flags);
}

/*
 * With 32 significant bits: who has no more for it, and shifts by less, gets the same times. It is
 * more than 32 bits with a counter of less than 1 GHz.
 */
static uint64_t mult_for(uint64_t hz)
{
	uint64_t mult = (NSEC_PER_SEC << CLOCK_SHIFT) / hz;
	unsigned extra = 0;

	while (mult >> extra > UINT32_MAX)
		extra++;
	return mult >> extra << extra;
}

void clock_source_set(const struct clock_source *src)
{
	unsigned long flags = params_begin();

	source = *src;
	clock_state.kind = src->kind;
	clock_state.start = src->start;
	clock_state.shift = CLOCK_SHIFT;
	clock_state.mult = mult_for(src->hz);
	params_end(flags);
}

void clock_source_adjust(uint64_t hz)
{
	unsigned long flags = params_begin();
	uint64_t counter = read_counter();
	nsec_t now = clock_state.base + clock_length(counter - clock_state.start);

	clock_state.start = counter;
	clock_state.base = now;
	clock_state.mult = mult_for(hz);
	params_end(flags);
}

nsec_t clock_wall(void)
{
	return clock_now() + clock_state.wall_offset;
}

void clock_set_wall(nsec_t now)
{
	unsigned long flags = params_begin();

	clock_state.wall_offset = now - (clock_state.base +
	    clock_length(read_counter() - clock_state.start));
	params_end(flags);
}

void clock_delay(nsec_t len)
{
	nsec_t end = clock_now() + len;

	while (clock_now() < end)
		cpu_pause();
}

void clock_params_notify(void (*fn)(void))
{
	params_changed = fn;
}

const struct clock_params *clock_params(void)
{
	return &clock_state;
}

/* ---- the heap ---- */

static struct timer *meld(struct timer *a, struct timer *b)
{
	struct timer *t;

	if (a == NULL || b == NULL)
		return a != NULL ? a : b;
	if (b->deadline < a->deadline) {
		t = a;
		a = b;
		b = t;
	}
	b->prev = a;
	b->next = a->child;
	if (b->next != NULL)
		b->next->prev = b;
	a->child = b;
	a->next = a->prev = NULL;
	return a;
}

/* A list of siblings becomes one tree: pairs from the left, then all from the right. */
static struct timer *meld_list(struct timer *list)
{
	struct timer *pairs = NULL, *root = NULL;

	while (list != NULL) {
		struct timer *a = list, *b = a->next;

		list = b != NULL ? b->next : NULL;
		a = meld(a, b);
		a->next = pairs;
		pairs = a;
	}
	while (pairs != NULL) {
		struct timer *a = pairs;

		pairs = a->next;
		a->next = NULL;
		root = meld(root, a);
	}
	return root;
}

static void heap_remove(struct timers *ts, struct timer *t)
{
	struct timer *below = meld_list(t->child);

	if (t == ts->root) {
		ts->root = below;
	} else {
		if (t->prev->child == t)
			t->prev->child = t->next;
		else
			t->prev->next = t->next;
		if (t->next != NULL)
			t->next->prev = t->prev;
		ts->root = meld(ts->root, below);
	}
	if (ts->root != NULL)
		ts->root->prev = ts->root->next = NULL;
	t->child = t->next = t->prev = NULL;
	t->cpu = NULL;
}

/* ---- timers ---- */

static void program(struct timers *ts)
{
	nsec_t now;

	if (ts->root == NULL || ts->root->deadline >= ts->programmed || hardware == NULL)
		return;
	now = clock_now();
	ts->programmed = ts->root->deadline;
	hardware->set(ts->programmed > now ? ts->programmed - now : 0);
}

void timer_init(struct timer *t, void (*fn)(struct timer *t))
{
	*t = (struct timer) { .fn = fn };
}

/* Whether it was set. Interrupts off. */
static bool take_out(struct timer *t)
{
	bool was_set = false;
	struct cpu *cpu;

	while (!was_set && (cpu = __atomic_load_n(&t->cpu, __ATOMIC_ACQUIRE)) != NULL) {
		struct timers *ts = &timers[cpu->id];

		spin_acquire(&ts->lock);
		if (t->cpu == cpu) {			/* it has not moved meanwhile */
			heap_remove(ts, t);
			was_set = true;
		}
		spin_release(&ts->lock);
	}
	return was_set;
}

void timer_set(struct timer *t, nsec_t deadline)
{
	unsigned long flags = cpu_irq_save();
	struct timers *ts;

	if (t->cpu != NULL)
		(void)take_out(t);
	ts = &timers[cpu_self()->id];
	spin_acquire(&ts->lock);
	t->deadline = deadline;
	t->cpu = cpu_self();
	ts->root = meld(ts->root, t);
	program(ts);
	spin_release(&ts->lock);
	cpu_irq_restore(flags);
}

static bool is_under_way(const struct timer *t)
{
	for (unsigned i = 0; i < cpu_count; i++) {
		if (&cpus[i] != cpu_self() && __atomic_load_n(&timers[i].running, __ATOMIC_ACQUIRE) == t)
			return true;
	}
	return false;
}

/* fn may set the timer again before it returns. */
bool timer_cancel(struct timer *t)
{
	unsigned long flags = cpu_irq_save();
	bool was_set;

	while (!(was_set = take_out(t)) && (is_under_way(t) || READ_ONCE(t->cpu) != NULL))
		smp_spin();
	cpu_irq_restore(flags);
	return was_set;
}

void clock_timer_set(const struct clock_timer *tm)
{
	for (unsigned i = 0; i < CPU_MAX; i++)
		timers[i].programmed = NSEC_NEVER;
	hardware = tm;
}

void clock_interrupt(void)
{
	struct timers *ts = &timers[cpu_self()->id];
	struct timer *t;

	spin_acquire(&ts->lock);
	ts->programmed = NSEC_NEVER;
	while ((t = ts->root) != NULL && t->deadline <= clock_now()) {
		ts->running = t;
		__atomic_thread_fence(__ATOMIC_RELEASE);	/* timer_cancel() looks first at t */
		heap_remove(ts, t);
		spin_release(&ts->lock);
		t->fn(t);
		__atomic_store_n(&ts->running, NULL, __ATOMIC_RELEASE);
		spin_acquire(&ts->lock);
	}
	program(ts);
	spin_release(&ts->lock);
}
