/* SPDX-License-Identifier: BSD-2-Clause */
/* What must end the kernel, by name. */
#include <nucleus/smp.h>

#include "program.h"

extern const char image_text[];
static const int constant = 1;
static unsigned data_word = RETURN_CODE;

static void __attribute__((__noinline__)) bottom(volatile int *p)
{
	*p = 1;
}

static unsigned __attribute__((__noinline__)) dig(unsigned n)
{
	volatile char room[512];

	room[0] = (char)n;
	return n == 0 ? 0 : dig(n - 1) + (unsigned)room[0];
}

static void overflow(void *arg)
{
	(void)arg;
	(void)dig(1000000);
}

static void overflow_timer(struct timer *t)
{
	overflow(t);
}

/* In an interrupt, on the stack of the idle thread. */
static void overflow_idle(void *arg)
{
	static struct timer timer;

	(void)arg;
	timer_init(&timer, overflow_timer);
	timer_set(&timer, clock_now() + 10 * NSEC_PER_MSEC);
	thread_park(clock_now() + NSEC_PER_SEC);
}

static void __attribute__((__noinline__)) smash(size_t n)
{
	char room[16];
	volatile char *p = room;

	for (size_t i = 0; i < n; i++)
		p[i] = 'x';
}

static void jump(const volatile void *p, volatile int *after)
{
	((void (*)(void))(uintptr_t)p)();
	*after = 1;			/* so that it is a call */
}

/* A user space becomes the current one by running in it; then the kernel touches it. */
static uintptr_t user_page(void)
{
	static struct program p;

	(void)program_create(&p, code_call);
	program_run(&p);
	return p.trap.why == USER_SYSCALL ? REG_PC(&p.regs) : 0;
}

void fault(const char *kind)
{
	volatile int zero = 0;
	void *p;

	if (strcmp(kind, "null") == 0)
		bottom((volatile int *)8);
	else if (strcmp(kind, "text") == 0)
		bottom((volatile int *)(uintptr_t)image_text);
	else if (strcmp(kind, "alias") == 0)
		bottom(phys_to_virt(virt_to_phys(image_text)));
	else if (strcmp(kind, "rodata") == 0)
		bottom((volatile int *)(uintptr_t)&constant);
	else if (strcmp(kind, "data") == 0)
		jump(&data_word, &zero);
	else if (strcmp(kind, "heap") == 0)
		jump(heap_zalloc(64), &zero);
	else if (strcmp(kind, "stack") == 0)
		thread_join(thread_create("digger", PRIO_NORMAL, 0, true, overflow, NULL));
	else if (strcmp(kind, "elsewhere") == 0)
		thread_join(thread_create_on(&cpus[cpu_count - 1], "digger", PRIO_NORMAL, 0, true, overflow,
		    NULL));
	else if (strcmp(kind, "idle") == 0)
		overflow_idle(NULL);
	else if (strcmp(kind, "idle-elsewhere") == 0)
		thread_join(thread_create_on(&cpus[cpu_count - 1], "starter", PRIO_NORMAL, 0, true,
		    overflow_idle, NULL));
	else if (strcmp(kind, "smash") == 0)
		smash(100);
	else if (strcmp(kind, "division") == 0)
		zero = 7 / zero;
	else if (strcmp(kind, "assert") == 0)
		assert(zero == 1);
	else if (strcmp(kind, "user") == 0)
		zero = *(volatile int *)user_page();
	else if (strcmp(kind, "userexec") == 0)
		jump((void *)user_page(), &zero);
	else if (strcmp(kind, "wild") == 0)
		bottom((volatile int *)0x123456789abcdef0);
	else if (strcmp(kind, "twice") == 0) {
		p = heap_alloc(40);
		heap_free(p);
		heap_free(p);
	} else if (strcmp(kind, "deadlock") == 0) {
		static struct mutex m = MUTEX_INIT(m);

		mutex_lock(&m);
		mutex_lock(&m);
	}
}
