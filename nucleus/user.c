/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * User execution: what does not depend on the CPU. The interface is user.h; the rest of it is
 * cpu/<isa>/user.c.
 *
 * Floating-point registers stay loaded for the user that they were loaded for, struct cpu.user,
 * until another user runs on the CPU: only then are they saved. The kernel itself does not use
 * them. A user knows the CPU that it is loaded on; another that needs its state calls there.
 *
 * A user also knows the CPU where it runs, ran last, or waits for its turn: a kick goes there. Who
 * changes that looks at the work word afterwards; who kicks has written the word before it looks.
 *
 * Locking: interrupts are off wherever a user's or the CPU's state of this kind is touched, which a
 * CPU does with its own alone; the last it does with a user that it has no more is to clear loaded.
 */
#include <nucleus/error.h>
#include <nucleus/heap.h>
#include <nucleus/smp.h>
#include <nucleus/string.h>
#include <nucleus/thread.h>
#include <nucleus/user.h>

#define FP_ALIGN	64

/* ---- floating-point state ---- */

/* On the CPU where a user is loaded, if it still is. */
static void save(void *arg)
{
	struct user *u = arg;

	if (cpu_self()->user == u && u->fp != NULL)
		cpu_fp_save(u->fp);
}

static void drop(void *arg)
{
	struct user *u = arg;

	if (cpu_self()->user == u) {
		cpu_self()->user = NULL;
		__atomic_store_n(&u->loaded, NULL, __ATOMIC_RELEASE);
	}
}

static void save_and_drop(void *arg)
{
	save(arg);
	drop(arg);
}

static void where_loaded(struct user *u, void (*fn)(void *))
{
	struct cpu *cpu = __atomic_load_n(&u->loaded, __ATOMIC_ACQUIRE);

	if (cpu != NULL)
		smp_call(cpu, fn, u);
}

void user_unload(void)
{
	struct cpu *cpu = cpu_self();
	struct user *old = cpu->user;

	if (old == NULL)
		return;
	if (old->fp != NULL)
		cpu_fp_save(old->fp);
	cpu->user = NULL;
	__atomic_store_n(&old->loaded, NULL, __ATOMIC_RELEASE);
}

void user_load(struct user *u)
{
	user_unload();
	cpu_fp_allow(u->fp != NULL);
	if (u->fp != NULL)
		cpu_fp_load(u->fp);
	cpu_self()->user = u;
	u->loaded = cpu_self();
}

static inline bool loaded_elsewhere(const struct user *u)
{
	struct cpu *cpu = __atomic_load_n(&u->loaded, __ATOMIC_ACQUIRE);

	return cpu != NULL && cpu != cpu_self();
}

/* While it is fetched the thread is as urgent as it is, and not as user code. */
void user_arrive(struct user *u)
{
	struct thread *t = thread_self();

	while (loaded_elsewhere(u)) {
		t->user = NULL;
		cpu_irq_enable();
		where_loaded(u, save_and_drop);
		cpu_irq_disable();
		t->user = u;
	}
	u->cpu = cpu_self();
	smp_fence();
}

size_t user_fp_size(void)
{
	return cpu_fp_size();
}

void user_fp_get(struct user *u, void *buf)
{
	where_loaded(u, save);
	memcpy(buf, u->fp, cpu_fp_size());
}

int user_fp_put(struct user *u, const void *buf, size_t len)
{
	if (len != cpu_fp_size() || !cpu_fp_valid(buf))
		return E_INVAL;
	where_loaded(u, drop);
	memcpy(u->fp, buf, len);
	cpu_fp_clean(u->fp);
	return 0;
}

/* ---- users ---- */

static bool fp_alloc(struct user *u)
{
	u->fp = heap_alloc_aligned(cpu_fp_size(), FP_ALIGN);
	return u->fp != NULL;
}

struct user *user_create(struct user *from)
{
	struct user *u = heap_zalloc(sizeof(*u));

	if (u == NULL)
		return NULL;
	if (!fp_alloc(u)) {
		heap_free(u);
		return NULL;
	}
	user_reset(u, from);
	return u;
}

void user_reset(struct user *u, struct user *from)
{
	where_loaded(u, drop);
	if (from != NULL)
		user_fp_get(from, u->fp);
	else
		cpu_fp_init(u->fp);
}

struct user *user_create_native(struct user *from)
{
	struct user *u = from != NULL && from->fp != NULL ? user_create(from) :
	    heap_zalloc(sizeof(*u));

	if (u != NULL)
		u->native = true;
	return u;
}

void user_reset_native(struct user *u)
{
	where_loaded(u, drop);
	heap_free(u->fp);
	u->fp = NULL;
}

int user_fp_begin(struct user *u)
{
	where_loaded(u, drop);
	if (!fp_alloc(u))
		return E_NOMEM;
	cpu_fp_init(u->fp);
	return 0;
}

void user_destroy(struct user *u)
{
	where_loaded(u, drop);
	heap_free(u->fp);
	heap_free(u);
}

/* On the calling CPU the caller is not user code, and who is waits for its turn. */
void user_kick(struct user *u)
{
	unsigned long flags = cpu_irq_save();
	struct cpu *cpu;

	smp_fence();
	cpu = READ_ONCE(u->cpu);
	if (cpu != NULL && cpu != cpu_self())
		smp_notify(cpu);
	else if (u->running)
		sched_notified();
	cpu_irq_restore(flags);
	if (cpu_resched_due())
		sched_preempt();
}

bool user_has_work(const struct user *u)
{
	return *u->work != 0;
}

void user_stop(struct user *u, uint64_t ran)
{
	u->stop = true;
	u->trap->ran = ran;
}
