/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Several CPUs: threads, locks, wake-ups, timers, page tables and users across them. "count=N" says
 * how many there are to be.
 */
#include <nucleus/smp.h>

#include "program.h"

#define TIMES	300
#define INCREMENTS	5000

static struct cpu *other(unsigned i)
{
	return &cpus[i % cpu_count];
}

static struct thread *start_on(unsigned cpu, unsigned prio, void (*fn)(void *), void *arg)
{
	return thread_create_on(other(cpu), "other", prio, 0, true, fn, arg);
}

static void join_all(struct thread *t[])
{
	for (unsigned i = 0; i < cpu_count; i++)
		thread_join(t[i]);
}

static void pause_ms(unsigned n)
{
	sleep_until(clock_now() + n * NSEC_PER_MSEC);
}

/* Until *p is at least n, or some seconds; the machine under QEMU may stand still for long. */
static bool reaches(const volatile uint64_t *p, uint64_t n)
{
	nsec_t end = clock_now() + 10 * NSEC_PER_SEC;

	while (*p < n && clock_now() < end)
		pause_ms(1);
	return *p >= n;
}

/* ---- threads ---- */

static unsigned ran_on[CPU_MAX];

static void say_where(void *arg)
{
	unsigned *p = arg;

	pause_ms(2);
	*p = cpu_self()->id;
}

static void say_id(void *arg)
{
	*(unsigned *)arg = cpu_self()->id;
}

static void test_where(void)
{
	struct thread *t[CPU_MAX];
	bool good = true;

	for (unsigned i = 0; i < cpu_count; i++)
		t[i] = start_on(i, PRIO_NORMAL, say_where, &ran_on[i]);
	join_all(t);
	for (unsigned i = 0; i < cpu_count; i++)
		good &= ran_on[i] == i;
	ok(good, "each thread runs where it is to, also after a sleep");
	for (unsigned i = 0; i < cpu_count; i++) {
		ran_on[i] = CPU_MAX;
		smp_call(&cpus[i], say_id, &ran_on[i]);
		good &= ran_on[i] == i;
	}
	ok(good, "calls on each");
}

/* ---- locks ---- */

static struct spinlock spin;
static struct mutex m = MUTEX_INIT(m);
static volatile unsigned by_spin, by_mutex;

static void increment(void *arg)
{
	(void)arg;
	for (unsigned i = 0; i < INCREMENTS; i++) {
		unsigned long flags = spin_lock(&spin);

		by_spin++;
		spin_unlock(&spin, flags);
		mutex_lock(&m);
		by_mutex++;
		mutex_unlock(&m);
	}
}

static struct cond cv[2];
static volatile unsigned turn;

static void ping(void *arg)
{
	unsigned me = (unsigned)(uintptr_t)arg;

	mutex_lock(&m);
	for (unsigned i = 0; i < TIMES; i++) {
		while (turn != me)
			(void)cond_wait(&cv[me], &m, NSEC_NEVER);
		turn = !me;
		cond_signal(&cv[!me]);
	}
	mutex_unlock(&m);
}

/* Signals that come with the mutex not held, while the waiter is on its way to sleep. */
static volatile uint64_t flag_set, flag_seen;

static void await_flag(void *arg)
{
	(void)arg;
	for (uint64_t i = 1; i <= TIMES; i++) {
		mutex_lock(&m);
		while (flag_set < i)
			(void)cond_wait(&cv[0], &m, NSEC_NEVER);
		mutex_unlock(&m);
		flag_seen = i;
	}
}

static volatile uint64_t is_held, is_waited_for, went_on;

static void hold(void *arg)
{
	unsigned long flags = spin_lock(&spin);
	nsec_t end = clock_now() + 10 * NSEC_PER_SEC;

	is_held = 1;
	while (went_on == 0 && clock_now() < end)
		cpu_pause();
	*(bool *)arg = went_on == 1;
	spin_unlock(&spin, flags);
}

static void await_lock(void *arg)
{
	(void)arg;
	is_waited_for = 1;
	spin_unlock(&spin, spin_lock(&spin));
}

static void go_on(void *arg)
{
	(void)arg;
	if (reaches(&is_waited_for, 1))
		pause_ms(10);
	went_on = 1;
}

/* Who waits for a spin lock keeps nobody from his CPU whom he did not keep before. */
static void test_lock_wait(void)
{
	struct thread *t[3];
	bool good = false;

	t[0] = start_on(1, PRIO_NORMAL, hold, &good);
	(void)reaches(&is_held, 1);
	t[1] = start_on(0, PRIO_NORMAL, await_lock, NULL);
	t[2] = start_on(0, PRIO_HIGH, go_on, NULL);
	for (unsigned i = 0; i < ARRAY_SIZE(t); i++)
		thread_join(t[i]);
	ok(good, "a thread that waits for a spin lock is interrupted, and preempted");
}

static void test_locks_across(void)
{
	struct thread *t[CPU_MAX], *a, *b;
	nsec_t start;

	for (unsigned i = 0; i < cpu_count; i++)
		t[i] = start_on(i, PRIO_NORMAL, increment, NULL);
	join_all(t);
	ok(by_spin == INCREMENTS * cpu_count && by_mutex == INCREMENTS * cpu_count,
	    "no increment is lost");

	cond_init(&cv[0]);
	cond_init(&cv[1]);
	start = clock_now();
	a = start_on(1, PRIO_NORMAL, ping, (void *)0);
	b = start_on(2, PRIO_NORMAL, ping, (void *)1);
	thread_join(a);
	thread_join(b);
	tap_note("%llu ns a wake-up of a thread on another CPU",
	    (unsigned long long)(clock_now() - start) / (2 * TIMES));
	ok(turn == 0, "two threads take turns");

	a = start_on(1, PRIO_NORMAL, await_flag, NULL);
	for (uint64_t i = 1; i <= TIMES; i++) {
		mutex_lock(&m);
		flag_set = i;
		mutex_unlock(&m);
		cond_signal(&cv[0]);
		while (flag_seen < i)
			cpu_pause();
	}
	thread_join(a);
	ok(flag_seen == TIMES, "no signal is lost");
}

/* ---- waits that race with their deadline ---- */

static struct waitq wq = WAITQ_INIT(wq);
static volatile bool ended;
static unsigned woken, timed_out, waits;

static void racer(void *arg)
{
	nsec_t end = clock_now() + 3 * NSEC_PER_SEC;

	(void)arg;
	for (; waits < TIMES && clock_now() < end; waits++) {
		unsigned long flags = spin_lock(&wq.lock);

		if (waitq_sleep(&wq, flags, clock_now() + 100 * NSEC_PER_USEC) == 0)
			woken++;
		else
			timed_out++;
	}
	ended = true;
}

static void test_deadlines(void)
{
	struct thread *t = start_on(1, PRIO_HIGH, racer, NULL);
	unsigned sent = 0;

	while (!ended) {
		unsigned long flags;

		clock_delay(95 * NSEC_PER_USEC);
		flags = spin_lock(&wq.lock);
		sent += waitq_wake_one(&wq);
		spin_unlock(&wq.lock, flags);
	}
	thread_join(t);
	tap_note("%u woken, %u timed out", woken, timed_out);
	ok(waits > 10 && woken == sent, "each wake-up is counted once");
}

/* ---- priorities on another CPU ---- */

static volatile bool stop, got_lock;
static volatile uint64_t turns[2];

static void spinner(void *arg)
{
	volatile uint64_t *n = arg;

	while (!stop)
		(*n)++;
}

static void holder(void *arg)
{
	(void)arg;
	mutex_lock(&m);
	got_lock = true;
	while (turns[0] < 1000)
		cpu_pause();
	clock_delay(NSEC_PER_MSEC);
	mutex_unlock(&m);
}

static void test_priorities(void)
{
	struct thread *a, *b, *c;
	volatile uint64_t hi = 0;
	bool good = true;

	stop = false;
	a = start_on(1, PRIO_NORMAL, spinner, (void *)&turns[0]);
	b = start_on(1, PRIO_NORMAL, spinner, (void *)&turns[1]);
	for (unsigned i = 0; i < 10; i++)
		good &= reaches(&turns[i % 2], turns[i % 2] + 1);
	ok(good, "threads on another CPU take turns");
	c = start_on(1, PRIO_HIGH, spinner, (void *)&hi);
	ok(reaches(&hi, 1), "a more urgent one runs at once");
	stop = true;
	thread_join(a);
	thread_join(b);
	thread_join(c);

	/* A spinning thread stands between the holder of a mutex and us, on another CPU. */
	stop = false;
	turns[0] = 0;
	a = start_on(1, PRIO_LOW, holder, NULL);
	while (!got_lock)
		pause_ms(1);
	b = start_on(1, PRIO_NORMAL, spinner, (void *)&turns[0]);
	(void)reaches(&turns[0], 1000);
	mutex_lock(&m);
	mutex_unlock(&m);
	stop = true;
	thread_join(a);
	thread_join(b);
	ok(true, "the holder of a mutex inherits across CPUs");
}

/* Until *p is not n any more, or some seconds, without a sleep: this CPU stays busy. */
static bool leaves(const volatile uint64_t *p, uint64_t n)
{
	nsec_t end = clock_now() + 5 * NSEC_PER_SEC;

	while (*p == n && clock_now() < end)
		cpu_pause();
	return *p != n;
}

/* All CPUs are busy, and one comes that is more urgent than what runs on two of them. */
static void test_least_urgent(void)
{
	static volatile uint64_t busy[CPU_MAX], urgent;
	struct thread *t[CPU_MAX], *z;
	bool good = true;

	stop = false;
	for (unsigned i = 1; i < cpu_count; i++)
		t[i] = start_on(i, i == 1 ? PRIO_NORMAL - 1 : PRIO_LOW, spinner, (void *)&busy[i]);
	for (unsigned i = 1; i < cpu_count; i++)
		good &= reaches(&busy[i], 1);
	z = thread_create("urgent", PRIO_NORMAL, 0, true, spinner, (void *)&urgent);
	good &= leaves(&urgent, 0);
	ok(good && leaves(&busy[1], busy[1]), "the least urgent gives way to one that waits here");
	stop = true;
	for (unsigned i = 1; i < cpu_count; i++)
		thread_join(t[i]);
	thread_join(z);
}

/* Waits behind others on its CPU. */
static volatile bool waited;

static void say_ran(void *arg)
{
	(void)arg;
	waited = true;
}

static void make_waiting(void *arg)
{
	*(struct thread **)arg = thread_create("waiting", PRIO_NORMAL, 0, true, say_ran, NULL);
}

/* Something urgent runs on each CPU; then no more on the first, where something less so is left. */
static void become_less(void *arg)
{
	struct thread *maker, *waiting;
	nsec_t end;

	maker = start_on(1, PRIO_HIGH - 1, make_waiting, &waiting);
	while (!READ_ONCE(maker->gone))
		cpu_pause();
	end = clock_now() + 10 * NSEC_PER_SEC;
	while (!waited && clock_now() < end)
		pause_ms(20);
	*(bool *)arg = waited;
	stop = true;
	thread_join(maker);
	thread_join(waiting);
}

static void test_less_urgent(void)
{
	static volatile uint64_t spun[CPU_MAX];
	struct thread *t[CPU_MAX];
	bool good = false;

	stop = waited = false;
	for (unsigned i = 0; i < cpu_count; i++) {
		t[i] = start_on(i, i == 0 ? PRIO_LOW : PRIO_HIGH - 2, spinner, (void *)&spun[i]);
		(void)reaches(&spun[i], 1);
	}
	thread_join(start_on(0, PRIO_HIGH - 1, become_less, &good));
	join_all(t);
	ok(good, "when what a CPU runs becomes less urgent it takes who waits elsewhere");
}

/* ---- page tables ---- */

static volatile uint64_t generation;	/* odd: the page is mapped; very large: who knows */
static uint64_t *window;
static unsigned stale, reads;

static void reader(void *arg)
{
	(void)arg;
	while (!stop) {
		uint64_t g = generation, v;
		bool read;

		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		read = copy_checked(&v, window, sizeof(v)) == 0;
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		if (g != generation || g > 1u << 30)
			continue;
		__atomic_add_fetch(&reads, 1, __ATOMIC_RELAXED);
		if (read != (g & 1) || (read && v != g))
			__atomic_add_fetch(&stale, 1, __ATOMIC_RELAXED);
	}
}

/* Between two generations, the tables are between two states. */
static void test_mappings(void)
{
	struct page *pg[2] = { page_alloc(0), page_alloc(0) };
	nsec_t end = clock_now() + 2 * NSEC_PER_SEC;
	struct thread *t[CPU_MAX];

	window = (uint64_t *)kva_reserve(PAGE_SIZE, PAGE_SIZE);
	stop = false;
	for (unsigned i = 0; i < cpu_count; i++)
		t[i] = start_on(i, PRIO_NORMAL, reader, NULL);
	for (uint64_t g = 1; g < 1000 && clock_now() < end; g++) {
		struct page *p = pg[g / 2 % 2];

		generation = g << 32;
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		if (g & 1) {
			*(uint64_t *)page_to_virt(p) = g;
			(void)space_map(&kernel_space, (vaddr_t)window, page_to_phys(p), PAGE_SIZE, PROT_R);
		} else {
			(void)space_unmap(&kernel_space, (vaddr_t)window, PAGE_SIZE);
		}
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		generation = g;
		sleep_until(clock_now() + 50 * NSEC_PER_USEC);
	}
	stop = true;
	join_all(t);
	tap_note("%u reads", reads);
	ok(stale == 0 && reads > 1000, "what is unmapped is unmapped on all CPUs");
	kva_release((vaddr_t)window, PAGE_SIZE);
	page_put(pg[0]);
	page_put(pg[1]);
}

/* ---- users ---- */

static void runner(void *arg)
{
	program_run(arg);
}

static void kick_out(struct program *p)
{
	p->work = 1;
	user_kick(p->user);
	thread_join(p->thread);
}

/* As many programs as there are CPUs in one space, and one more that waits for its turn. */
static void test_users(void)
{
	static struct program p[CPU_MAX + 1];
	size_t before = free_pages();
	bool good = true;
	nsec_t start;

	for (unsigned i = 0; i <= cpu_count; i++) {
		good &= program_create(&p[i], code_spin);
		REG_A(&p[i].regs) = DATA;
		p[i].thread = start_on(i == cpu_count ? 1 : i, PRIO_NORMAL, runner, &p[i]);
	}
	for (unsigned i = 0; i <= cpu_count; i++)
		good &= reaches(data_of(&p[i]), 1000);
	ok(good, "programs run on all CPUs");
	start = clock_now();
	for (unsigned i = 0; i <= cpu_count; i++) {
		kick_out(&p[i]);
		good &= p[i].trap.why == USER_WORK;
	}
	tap_note("%llu us for each to leave user mode",
	    (unsigned long long)(clock_now() - start) / NSEC_PER_USEC / (cpu_count + 1));
	ok(good, "and are kicked out");
	for (unsigned i = 0; i <= cpu_count; i++)
		program_destroy(&p[i]);
	/* Stacks of threads are kept, up to a number. */
	ok(free_pages() + 8 * 5 >= before, "page tables that another CPU had loaded are freed");
}

/* One user on a CPU after the other: its floating-point registers come along. */
static void test_travel(void)
{
	static struct program p, q;
	static uint8_t area[16384];
	bool good;

	good = program_create(&p, code_fp) && program_create(&q, code_fp);
	REG_A(&p.regs) = 4711;
	REG_B(&p.regs) = DATA;
	REG_A(&q.regs) = 815;
	REG_B(&q.regs) = DATA;
	for (unsigned i = 0; i < 3 * cpu_count; i++) {
		uint64_t seen = *data_of(&p);

		p.work = q.work = 0;
		p.thread = start_on(i, PRIO_NORMAL, runner, &p);
		q.thread = start_on(i + 1, PRIO_NORMAL, runner, &q);
		good &= reaches(data_of(&p), seen + 1000);
		kick_out(&p);
		kick_out(&q);
		good &= p.trap.why == USER_WORK && q.trap.why == USER_WORK;
	}
	ok(good, "a program's floating-point registers come along to other CPUs");
	user_fp_get(p.user, area);
	p.work = 0;
	REG_PC(&p.regs) = CODE_AT(code_fpload);
	program_run(&p);
	ok(p.trap.why == USER_SYSCALL && REG_CALL(&p.regs) == 4711, "and back");
	program_destroy(&p);
	program_destroy(&q);
}

/* ---- threads that move ---- */

static volatile uint64_t seen[CPU_MAX];

static void look_around(void *arg)
{
	(void)arg;
	while (!stop) {
		unsigned long flags = cpu_irq_save();

		seen[cpu_self()->id]++;
		cpu_irq_restore(flags);
	}
}

/* More than there are CPUs, begun on one of them, then programs; as some end others take over. */
static void test_moves(void)
{
	static struct program p[2 * CPU_MAX];
	struct thread *t[2 * CPU_MAX];
	unsigned n = 2 * cpu_count;
	bool good = true;

	stop = false;
	for (unsigned i = 0; i < n; i++)
		t[i] = thread_create("mover", PRIO_NORMAL, 0, true, look_around, NULL);
	for (unsigned i = 0; i < cpu_count; i++)
		good &= reaches(&seen[i], 1);
	stop = true;
	for (unsigned i = 0; i < n; i++)
		thread_join(t[i]);
	ok(good, "threads spread over all CPUs");

	for (unsigned i = 0; i < n; i++) {
		good &= program_create(&p[i], code_fp);
		REG_A(&p[i].regs) = 1000 + i;
		REG_B(&p[i].regs) = DATA;
		p[i].thread = thread_create("program", PRIO_NORMAL, 0, true, runner, &p[i]);
	}
	for (unsigned i = 0; i < n; i++) {
		good &= reaches(data_of(&p[i]), 100);
		kick_out(&p[i]);
		good &= p[i].trap.why == USER_WORK;
		if (i + 1 < n)
			good &= reaches(data_of(&p[n - 1]), *data_of(&p[n - 1]) + 100);
	}
	ok(good, "so do programs, and they are kicked out wherever they are");
	good = true;
	for (unsigned i = 0; i < n; i++) {
		p[i].work = 0;
		REG_PC(&p[i].regs) = CODE_AT(code_fpload);
		program_run(&p[i]);
		good &= p[i].trap.why == USER_SYSCALL && REG_CALL(&p[i].regs) == 1000 + i;
		program_destroy(&p[i]);
	}
	ok(good, "with their floating-point registers");
}

void test_cpus(void)
{
	char word[8];

	tap_note("%u CPUs", cpu_count);
	if (boot_option("count", word, sizeof(word)) > 0)
		ok(cpu_count == string_number(word, NULL), "%u CPUs", cpu_count);
	if (cpu_count == 1)
		return;
	test_where();
	test_locks_across();
	test_lock_wait();
	test_deadlines();
	test_priorities();
	if (cpu_count > 2)
		test_least_urgent();
	test_less_urgent();
	test_mappings();
	test_users();
	test_travel();
	test_moves();
}
