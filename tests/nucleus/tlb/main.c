/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tlb [NUMBERS [STEPS]]: the page tables of x86_64 and who flushes what, with threads of the host
 * as CPUs, each with a model of a TLB that keeps whatever it may (tlb.h): no CPU ever uses a
 * translation that is not true any more, nor a table that is free.
 *
 * Spaces are loaded, changed, ended and made anew by all CPUs at random; there are more than
 * numbers. What a page is mapped to has a history: at a change's beginning what comes is noted, at
 * its end that what was before is not to be seen again.
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nucleus/asid.h>
#include <nucleus/boot.h>
#include <nucleus/board.h>
#include <nucleus/page.h>
#include <nucleus/smp.h>
#include <nucleus/sync.h>

#include <pte.h>
#include <tlb.h>

#define SPACES		72u
#define NUMBERS		64u
#define KERNEL		SPACES		/* its index */
#define HISTORY		32u
#define SEEN		(PTE_P | PTE_W | PTE_ADDR)

struct tested {
	struct pagetable pt;
	struct spinlock	lock;
	bool		alive;
	unsigned	begun[TLB_PAGES], settled[TLB_PAGES];
	uint64_t	state[TLB_PAGES][HISTORY];
};

unsigned char host_memory[HOST_PAGES * 4096ul] ALIGNED(4096);
char host_pages[HOST_PAGES * sizeof(struct page)] ALIGNED(16);
struct cpu_features cpu_features;
struct boot_info boot_info;
struct cpu cpus[CPU_MAX];
unsigned cpu_count = CPU_MAX;

static struct tested spaces[SPACES + 1];
static int running[CPU_MAX];		/* a space whose addresses the CPU uses; -1 */
static struct spinlock page_lock, call_lock;
static struct {
	struct cpu	*cpu;
	void		(*fn)(void *);
	void		*arg;
} call;
static uint64_t next_pa = HOST_PAGES;
static unsigned long steps, checks, loads, kept, wrong;
static _Thread_local struct cpu *self;
static _Thread_local unsigned seed;
static _Thread_local struct {
	unsigned long checks, loads, kept, wrong;
} mine;

static unsigned roll(unsigned n)
{
	return (unsigned)rand_r(&seed) % n;
}

/* ---- what the page tables need ---- */

struct cpu *cpu_self(void)
{
	return self;
}

bool cpu_set_bit(uint32_t *word, unsigned bit)
{
	bool was;

	if (roll(8) == 0)
		sched_yield();
	was = __atomic_fetch_or(word, 1u << bit, __ATOMIC_SEQ_CST) >> bit & 1;
	mine.loads++;
	mine.kept += was && cpu_features.pcid;
	if (roll(8) == 0)
		sched_yield();
	return was;
}

void spin_wait(struct spinlock *lk)
{
	do {
		smp_spin();
	} while (!spin_try_acquire(lk));
}

void spin_lock_wait(struct spinlock *lk, unsigned long flags)
{
	(void)flags;
	spin_wait(lk);
}

void sched_preempt(void)
{
}

void smp_spin(void)
{
	sched_yield();
	cpu_poll();
}

void board_ipi(unsigned cpu)
{
	(void)cpu;
}

static void interrupt(void)
{
	cpu_poll();
	if (__atomic_load_n(&call.cpu, __ATOMIC_ACQUIRE) == self) {
		call.fn(call.arg);
		__atomic_store_n(&call.cpu, NULL, __ATOMIC_RELEASE);
	}
}

/* Where a CPU waits with interrupts on. */
static void lock(struct spinlock *lk)
{
	while (!spin_try_acquire(lk)) {
		interrupt();
		sched_yield();
	}
}

void smp_call(struct cpu *cpu, void (*fn)(void *arg), void *arg)
{
	if (cpu == self) {
		fn(arg);
		return;
	}
	lock(&call_lock);
	call.fn = fn;
	call.arg = arg;
	__atomic_store_n(&call.cpu, cpu, __ATOMIC_RELEASE);
	while (__atomic_load_n(&call.cpu, __ATOMIC_ACQUIRE) != NULL) {
		interrupt();
		sched_yield();
	}
	spin_release(&call_lock);
}

struct page *page_alloc(unsigned flags)
{
	struct page *pg = NULL;

	spin_acquire(&page_lock);
	for (size_t i = 1; i < HOST_PAGES && pg == NULL; i++) {
		if (pfn_to_page(i)->use != PAGE_USED)
			pg = pfn_to_page(i);
	}
	if (pg != NULL)
		*pg = (struct page) { .refs = 1, .use = PAGE_USED };
	spin_release(&page_lock);
	if (pg != NULL && (flags & PAGE_ZERO))
		memset(page_to_virt(pg), 0, PAGE_SIZE);
	return pg;
}

/* What a CPU that still walks it cannot take for a table. */
void page_put(struct page *pg)
{
	memset(page_to_virt(pg), 0xff, PAGE_SIZE);
	spin_acquire(&page_lock);
	if (pg->use != PAGE_USED || pg->refs != 1)
		abort();
	pg->use = PAGE_FREE;
	spin_release(&page_lock);
}

void page_release(struct page *pg)
{
	(void)pg;
}

/* ---- the test ---- */

static vaddr_t at(unsigned s, unsigned page)
{
	return (s == KERNEL ? TLB_KERNEL : TLB_USER) + page * PAGE_SIZE;
}

static void expect(struct tested *s, unsigned page, uint64_t state)
{
	s->state[page][(s->begun[page] + 1) % HISTORY] = state;
	__atomic_store_n(&s->begun[page], s->begun[page] + 1, __ATOMIC_RELEASE);
}

static uint64_t now(const struct tested *s, unsigned page)
{
	return s->state[page][s->begun[page] % HISTORY];
}

/* [page, page + n): mapped to something new, made read-only, or unmapped. */
static void change(unsigned i, unsigned page, unsigned n)
{
	struct tested *s = &spaces[i];
	unsigned what = roll(3), align = n == PT_ENTRIES && roll(2) ? n : 1;
	uint64_t pfn = __atomic_fetch_add(&next_pa, 2ul * PT_ENTRIES, __ATOMIC_RELAXED);
	vaddr_t va = at(i, page);

	pfn = ROUND_UP(pfn, align);
	for (unsigned p = page; p < page + n; p++) {
		expect(s, p, what == 0 ? PTE_P | PTE_W | (pfn + p - page) << PAGE_SHIFT :
		    what == 1 ? now(s, p) & ~PTE_W : 0);
	}
	if (what == 0 ? pt_map(&s->pt, va, pfn << PAGE_SHIFT, n * PAGE_SIZE, PROT_R | PROT_W) :
	    what == 1 ? pt_readonly(&s->pt, &va, va + n * PAGE_SIZE) : pt_unmap(&s->pt, va, n * PAGE_SIZE))
		abort();
	for (unsigned p = page; p < page + n; p++)
		__atomic_store_n(&s->settled[p], s->begun[p], __ATOMIC_RELEASE);
}

static void check(unsigned i, unsigned page)
{
	struct tested *s = &spaces[i];
	unsigned from = __atomic_load_n(&s->settled[page], __ATOMIC_ACQUIRE), to;
	uint64_t e = tlb_translate(at(i, page));

	e &= SEEN;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	to = __atomic_load_n(&s->begun[page], __ATOMIC_ACQUIRE);
	mine.checks++;
	if (to - from >= HISTORY / 2)
		return;				/* much has happened meanwhile */
	for (unsigned v = from; v <= to; v++) {
		if (s->state[page][v % HISTORY] == e)
			return;
	}
	mine.wrong++;
}

static bool is_run(unsigned i)
{
	for (unsigned c = 0; c < CPU_MAX; c++) {
		if (__atomic_load_n(&running[c], __ATOMIC_SEQ_CST) == (int)i)
			return true;
	}
	return false;
}

/* Its lock is held. Whoever is to run it needs the lock first. */
static void begin_anew(unsigned i)
{
	struct tested *s = &spaces[i];

	if (s->alive)
		pt_destroy(&s->pt);
	for (unsigned p = 0; p < TLB_PAGES; p++) {
		expect(s, p, 0);
		s->settled[p] = s->begun[p];
	}
	s->alive = pt_create(&s->pt) == 0;
	if (!s->alive)
		abort();
}

static unsigned pick(void)
{
	return roll(4) != 0 ? roll(6) : roll(SPACES);
}

static unsigned pick_page(void)
{
	return roll(2) * PT_ENTRIES + roll(24);
}

static void step(void)
{
	unsigned i = pick(), what = roll(16), page = pick_page();
	int *run = &running[self->id];

	if (what < 6) {
		__atomic_store_n(run, -1, __ATOMIC_SEQ_CST);
		lock(&spaces[i].lock);
		__atomic_store_n(run, (int)i, __ATOMIC_SEQ_CST);
		spin_release(&spaces[i].lock);
		cpu_pt_use(&spaces[i].pt);
	} else if (what < 14) {
		i = what == 13 ? KERNEL : *run >= 0 && roll(2) ? (unsigned)*run : i;
		lock(&spaces[i].lock);
		if (roll(8) != 0)
			change(i, page, 1 + roll(3));
		else if (roll(2))
			change(i, page, 30 + roll(10));
		else
			change(i, ROUND_DOWN(page, PT_ENTRIES), PT_ENTRIES);
		spin_release(&spaces[i].lock);
	} else if (what == 14) {
		__atomic_store_n(run, -1, __ATOMIC_SEQ_CST);
		lock(&spaces[i].lock);
		if (!is_run(i))
			begin_anew(i);
		spin_release(&spaces[i].lock);
	}
	for (unsigned n = 0; n < 8; n++) {
		if (*run >= 0)
			check((unsigned)*run, pick_page());
		else
			(void)tlb_translate(at(0, pick_page()));	/* ahead of its time */
		check(KERNEL, pick_page());
	}
}

static void *cpu_main(void *arg)
{
	static unsigned here, done;
	unsigned long n;

	self = arg;
	seed = self->id + 1;
	if (self->id != 0)
		pt_init_secondary();
	__atomic_add_fetch(&here, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&here, __ATOMIC_SEQ_CST) < CPU_MAX)
		interrupt();
	for (n = 0; n < steps; n++) {
		interrupt();
		step();
	}
	running[self->id] = -1;
	__atomic_add_fetch(&done, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&done, __ATOMIC_SEQ_CST) < CPU_MAX)
		interrupt();
	__atomic_add_fetch(&checks, mine.checks, __ATOMIC_RELAXED);
	__atomic_add_fetch(&loads, mine.loads, __ATOMIC_RELAXED);
	__atomic_add_fetch(&kept, mine.kept, __ATOMIC_RELAXED);
	__atomic_add_fetch(&wrong, mine.wrong, __ATOMIC_RELAXED);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t thread[CPU_MAX];
	unsigned numbers = argc > 1 ? (unsigned)atoi(argv[1]) : NUMBERS;

	steps = argc > 2 ? strtoul(argv[2], NULL, 0) : 20000;
	cpu_features = (struct cpu_features) { .pge = true, .pcid = numbers != 0,
	    .phys_mask = (1ul << 46) - 1 };
	for (unsigned i = 0; i < CPU_MAX; i++) {
		cpus[i].self = &cpus[i];
		cpus[i].id = i;
		running[i] = -1;
	}
	self = &cpus[0];
	if (pt_boot(&spaces[KERNEL].pt) != 0)
		abort();
	asid_init(numbers);
	cpu_pt_use(&spaces[KERNEL].pt);
	for (unsigned i = 0; i < SPACES; i++)
		begin_anew(i);
	for (unsigned i = 0; i < CPU_MAX; i++)
		pthread_create(&thread[i], NULL, cpu_main, &cpus[i]);
	for (unsigned i = 0; i < CPU_MAX; i++)
		pthread_join(thread[i], NULL);
	printf("# %lu translations, %lu loads of tables, %lu of which kept what was there\n", checks,
	    loads, kept);
	printf("%lu old translations\n", wrong);
	return wrong != 0;
}
