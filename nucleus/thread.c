/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads: their beginning and end. The interface is thread.h.
 *
 * Locking: threads_lock for the list of all threads and the cache of stacks. A thread that has
 * ended is freed by who joins it, or by the thread that runs next on its CPU (thread_gone).
 */
#include <nucleus/heap.h>
#include <nucleus/log.h>
#include <nucleus/space.h>
#include <nucleus/string.h>
#include <nucleus/thread.h>

#define STACKS_KEPT	8		/* of one size, the size last freed */

struct start {
	void		(*fn)(void *);
	void		*arg;
};

static struct spinlock threads_lock;
static struct list threads = LIST_INIT(threads);
static uint32_t last_id;

static vaddr_t kept_stack[STACKS_KEPT];
static unsigned nkept;
static size_t kept_size;

static vaddr_t stack_alloc(size_t size)
{
	unsigned long flags = spin_lock(&threads_lock);
	vaddr_t stack = 0;

	if (nkept > 0 && size == kept_size)
		stack = kept_stack[--nkept];
	spin_unlock(&threads_lock, flags);
	return stack != 0 ? stack : (vaddr_t)kva_alloc(size);
}

/* threads_lock is held. False: it is not kept. */
static bool stack_keep(vaddr_t stack, size_t size)
{
	if (nkept == 0)
		kept_size = size;
	if (nkept == STACKS_KEPT || size != kept_size)
		return false;
	kept_stack[nkept++] = stack;
	return true;
}

/* The start structure lies at the top of the new thread's stack. */
static void begin(void *arg)
{
	struct start *st = arg;

	sched_begin();
	st->fn(st->arg);
	thread_exit();
}

/* cpu NULL: anywhere. */
static struct thread *create(struct cpu *cpu, const char *name, unsigned prio, size_t stack,
    bool joinable, void (*fn)(void *), void *arg)
{
	struct thread *t = heap_zalloc(sizeof(*t));
	struct start *st;
	unsigned long flags;

	if (t == NULL)
		return NULL;
	t->stack_size = stack != 0 ? ROUND_UP(stack, PAGE_SIZE) : STACK_DEFAULT;
	t->stack = stack_alloc(t->stack_size);
	if (t->stack == 0) {
		heap_free(t);
		return NULL;
	}
	strlcpy(t->name, name, sizeof(t->name));
	t->base_prio = t->prio = (uint8_t)MIN(MAX(prio, PRIO_IDLE + 1u), PRIO_MAX + 0u);
	t->joinable = joinable;
	t->state = THREAD_SLEEPING;
	t->cpu = cpu != NULL ? cpu : sched_place();
	t->pinned = cpu != NULL;
	list_init(&t->run_link);
	list_init(&t->wait_link);
	list_init(&t->owned);
	waitq_init(&t->ended);
	timer_init(&t->wait_timer, NULL);

	st = (struct start *)(t->stack + t->stack_size) - 1;
	*st = (struct start) { fn, arg };
	cpu_context_init(&t->context, (vaddr_t)st, begin, st);

	flags = spin_lock(&threads_lock);
	t->id = ++last_id;
	list_add_tail(&threads, &t->all_link);
	spin_unlock(&threads_lock, flags);
	sched_wake(t);
	return t;
}

struct thread *thread_create(const char *name, unsigned prio, size_t stack, bool joinable,
    void (*fn)(void *), void *arg)
{
	return create(NULL, name, prio, stack, joinable, fn, arg);
}

struct thread *thread_create_on(struct cpu *cpu, const char *name, unsigned prio, size_t stack,
    bool joinable, void (*fn)(void *), void *arg)
{
	return create(cpu, name, prio, stack, joinable, fn, arg);
}

void thread_exit(void)
{
	struct thread *t = thread_self();

	assert(list_empty(&t->owned));
	cpu_irq_disable();
	t->state = THREAD_ENDED;
	sched_sleep();
	panic("an ended thread runs");
}

static void thread_free(struct thread *t)
{
	unsigned long flags = spin_lock(&threads_lock);
	bool kept;

	list_del(&t->all_link);
	kept = stack_keep(t->stack, t->stack_size);
	spin_unlock(&threads_lock, flags);
	if (!kept)
		kva_free((void *)t->stack, t->stack_size);
	heap_free(t);
}

void thread_gone(struct thread *t)
{
	unsigned long flags;

	if (!t->joinable) {
		thread_free(t);
		return;
	}
	flags = spin_lock(&t->ended.lock);
	t->gone = true;
	waitq_wake_all(&t->ended);
	spin_unlock(&t->ended.lock, flags);
}

void thread_join(struct thread *t)
{
	unsigned long flags = spin_lock(&t->ended.lock);

	assert(t->joinable && t != thread_self());
	while (!t->gone) {
		(void)waitq_sleep(&t->ended, flags, NSEC_NEVER);
		flags = spin_lock(&t->ended.lock);
	}
	spin_unlock(&t->ended.lock, flags);
	thread_free(t);
}

void thread_set_prio(struct thread *t, unsigned prio)
{
	t->base_prio = (uint8_t)MIN(MAX(prio, PRIO_IDLE + 1u), PRIO_MAX + 0u);
	mutex_update_prio(t);
}

void thread_for_each(void (*fn)(struct thread *t, void *arg), void *arg)
{
	unsigned long flags = spin_lock(&threads_lock);
	struct thread *t;

	list_for_each(t, &threads, all_link)
		fn(t, arg);
	spin_unlock(&threads_lock, flags);
}
