/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How threads come to other CPUs. The interface is in runq.h.
 *
 * A CPU takes a thread that waits in another's queue and is more urgent than what it runs itself:
 * when it has nothing to do, when what it runs becomes less urgent, and when it is told to look.
 * Who leaves a thread waiting tells a CPU that has nothing to do, or else the one that runs what is
 * least urgent. So the most urgent threads run; that those that are equally urgent have equal
 * shares is not promised.
 *
 * A thread that waits for the answer of another brings it to its own CPU when that is asleep:
 * partners stay together, which makes messages between them fast.
 *
 * A CPU says that it is idle, or of what level, before it looks for the last time, and who has put
 * a thread into a queue looks at that afterwards: one of them sees the other.
 *
 * Locking: as in runq.h. idle_cpus by atomic operations: a CPU sets its bit, and it or who tells it
 * to look clears it. A queue's level and length, and what is ready, are read without its lock, to
 * choose; what is done about it is decided with the lock.
 */
#include <nucleus/runq.h>
#include <nucleus/smp.h>
#include <nucleus/space.h>
#include <nucleus/user.h>

static uint32_t idle_cpus;		/* bit i: cpus[i] has nothing to do, and looks for nothing */

static inline uint32_t bit_of(const struct cpu *cpu)
{
	return 1u << cpu->id;
}

/* False: it was not set. */
static inline bool idle_clear(uint32_t bit)
{
	return (READ_ONCE(idle_cpus) & bit) != 0 &&
	    (__atomic_fetch_and(&idle_cpus, ~bit, __ATOMIC_SEQ_CST) & bit) != 0;
}

/* An idle CPU that nobody else has told yet, but cpu; NULL. */
static struct cpu *claim_idle(const struct cpu *cpu)
{
	uint32_t idle;

	while ((idle = READ_ONCE(idle_cpus) & ~bit_of(cpu)) != 0) {
		idle &= -idle;
		if (idle_clear(idle))
			return &cpus[__builtin_ctz(idle)];
	}
	return NULL;
}

/* ---- telling ---- */

/* The CPU that runs what is least urgent, but cpu; NULL: none below level. */
static struct cpu *find_least(const struct cpu *cpu, unsigned level)
{
	struct cpu *least = NULL;

	for (unsigned i = 0; i < cpu_count; i++) {
		unsigned l = READ_ONCE(runqs[i].level);

		if (l < level && &cpus[i] != cpu) {
			level = l;
			least = &cpus[i];
		}
	}
	return least;
}

void balance_tell(const struct cpu *cpu, unsigned level)
{
	struct cpu *best;

	smp_fence();
	best = claim_idle(cpu);
	if (best == NULL)
		best = find_least(cpu, level);
	if (best != NULL)
		smp_notify(best);
}

struct cpu *sched_place(void)
{
	struct cpu *self = cpu_self(), *idle = cpu_count > 1 ? claim_idle(self) : NULL;

	return idle != NULL ? idle : self;
}

/* ---- moving ---- */

/* Two queues' locks, from another CPU's and this one's. Interrupts off. */
static void lock_with(struct cpu *other)
{
	struct cpu *self = cpu_self();

	spin_acquire(&runq_of(other < self ? other : self)->lock);
	spin_acquire(&runq_of(other < self ? self : other)->lock);
}

static void unlock_with(struct cpu *other)
{
	spin_release(&runq_of(cpu_self())->lock);
	spin_release(&runq_of(other)->lock);
}

/* Of work that a user is given meanwhile either its giver knows the new CPU, or we see it. */
static void set_cpu(struct thread *t, struct cpu *to)
{
	t->cpu = to;
	if (t->user == NULL)
		return;
	t->user->cpu = to;
	smp_fence();
	t->kicked |= user_has_work(t->user);
}

/* The most urgent that may leave that CPU, if it is more urgent than level. */
static struct thread *find_movable(const struct cpu *cpu, unsigned level)
{
	struct thread *t;

	for (uint32_t ready = cpu->ready; ready >> (level + 1) != 0; ) {
		unsigned prio = 31 - (unsigned)__builtin_clz(ready);

		list_for_each(t, &runq_of(cpu)->queue[prio], run_link) {
			if (t != cpu->thread && !t->pinned)
				return t;
		}
		ready &= ~(1u << prio);
	}
	return NULL;
}

static bool take_from(struct cpu *from, unsigned level)
{
	struct cpu *self = cpu_self();
	struct thread *t;

	lock_with(from);
	t = find_movable(from, level);
	if (t != NULL) {
		dequeue(from, t);
		set_cpu(t, self);
		enqueue(self, t, false);
		sched_notice_here(runq_of(self), thread_level(t));
	}
	unlock_with(from);
	return t != NULL;
}

/* Of the CPUs that are not tried yet the one where the most urgent wait; of equals, the most. */
static struct cpu *find_busiest(uint32_t tried, unsigned level)
{
	struct cpu *busiest = NULL;
	uint32_t most = 0;
	unsigned length = 0;

	for (unsigned i = 0; i < cpu_count; i++) {
		uint32_t ready = READ_ONCE(cpus[i].ready);

		if ((tried >> i & 1) || ready >> (level + 1) == 0)
			continue;
		ready = 31 - (uint32_t)__builtin_clz(ready);
		if (ready > most || (ready == most && READ_ONCE(runqs[i].length) > length)) {
			busiest = &cpus[i];
			most = ready;
			length = READ_ONCE(runqs[i].length);
		}
	}
	return busiest;
}

void balance_level(struct cpu *cpu, unsigned level)
{
	struct runq *rq = runq_of(cpu);
	bool lower = level < rq->level;

	rq->level = (uint8_t)level;
	if (!lower)
		return;
	smp_fence();
	if (find_busiest(bit_of(cpu), level) != NULL)
		smp_notify(cpu);
}

/* The idle thread looks by itself. */
void balance_switch(struct cpu *cpu, const struct thread *next)
{
	if (next == cpu->idle) {
		runq_of(cpu)->level = PRIO_IDLE;
	} else {
		(void)idle_clear(bit_of(cpu));
		balance_level(cpu, thread_level(next));
	}
	if (cpu->ready != 0)
		balance_tell(cpu, 31 - (unsigned)__builtin_clz(cpu->ready));
}

bool balance_take(unsigned level)
{
	uint32_t tried = bit_of(cpu_self());
	struct cpu *from;

	if (level >= PRIO_MAX)
		return false;
	while ((from = find_busiest(tried, level)) != NULL) {
		if (take_from(from, level))
			return true;
		tried |= bit_of(from);
	}
	return false;
}

void balance_idle(void)
{
	cpu_pt_use(&kernel_space.pt);		/* nobody need ask this CPU to flush a program's */
	__atomic_fetch_or(&idle_cpus, bit_of(cpu_self()), __ATOMIC_SEQ_CST);
	smp_fence();		/* on AArch64 the operation does not keep later reads behind it */
	(void)balance_take(PRIO_IDLE);
}

void balance_fetch(struct thread *t)
{
	struct cpu *from = READ_ONCE(t->cpu);

	if (from == cpu_self())
		return;
	lock_with(from);
	if (t->cpu == from && t->parked && t != from->thread && !t->pinned)
		set_cpu(t, cpu_self());
	unlock_with(from);
}
