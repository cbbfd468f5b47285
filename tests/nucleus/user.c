/* SPDX-License-Identifier: BSD-2-Clause */
/* User execution, as far as it is the same on all CPUs; the rest is in cpu/<isa>. */
#include "program.h"

bool program_create(struct program *p, const char *at)
{
	memset(p, 0, sizeof(*p));
	p->space = space_create();
	p->code = page_alloc(PAGE_ZERO);
	p->data = page_alloc(PAGE_ZERO);
	p->stack = page_alloc(PAGE_ZERO);
	p->user = user_create(NULL);
	memcpy(page_to_virt(p->code), user_code, (size_t)(user_code_end - user_code));
	REG_PC(&p->regs) = CODE_AT(at);
	REG_SP(&p->regs) = STACK + PAGE_SIZE;
	return space_map(p->space, CODE, page_to_phys(p->code), PAGE_SIZE, PROT_R | PROT_X) == 0 &&
	    space_map(p->space, DATA, page_to_phys(p->data), PAGE_SIZE, PROT_R | PROT_W) == 0 &&
	    space_map(p->space, STACK, page_to_phys(p->stack), PAGE_SIZE, PROT_R | PROT_W) == 0;
}

void program_destroy(struct program *p)
{
	user_destroy(p->user);
	space_destroy(p->space);
	page_put(p->code);
	page_put(p->data);
	page_put(p->stack);
}

void program_run(struct program *p)
{
	user_run(p->user, p->space, &p->regs, &p->work, &p->trap);
}

uint64_t *data_of(struct program *p)
{
	return page_to_virt(p->data);
}

/* ---- ways out ---- */

static void test_syscalls(void)
{
	struct program p;
	bool good = true;
	nsec_t start;

	ok(program_create(&p, code_syscall), "a program");
	REG_A(&p.regs) = 11;
	REG_KEPT(&p.regs) = 15;
	program_run(&p);
	ok(p.trap.why == USER_SYSCALL && REG_CALL(&p.regs) == 1 && REG_A(&p.regs) == 11 &&
	    REG_KEPT(&p.regs) == 15 && REG_COUNT(&p.regs) == 1 && REG_SP(&p.regs) == STACK + PAGE_SIZE,
	    "a system call");
	for (unsigned i = 2; i < 1000; i++) {
		REG_RESULT(&p.regs) = i;
		program_run(&p);
		good &= p.trap.why == USER_SYSCALL && REG_CALL(&p.regs) == i && REG_COUNT(&p.regs) == i;
	}
	ok(good, "a thousand of them, with the results in between");
	start = clock_now();
	for (unsigned i = 0; i < 1000; i++)
		program_run(&p);
	/* Under -icount shift=0 a nanosecond is an instruction. */
	tap_note("%llu ns a system call", (unsigned long long)(clock_now() - start) / 1000);
	REG_COUNT(&p.regs) = 999;
	p.work = 1;
	program_run(&p);
	ok(p.trap.why == USER_WORK && REG_COUNT(&p.regs) == 999, "with work nothing is run");
	p.work = 0;
	REG_PC(&p.regs) = DIRECT_BASE;
	program_run(&p);
	ok(p.trap.why == USER_FAULT && p.trap.access == PROT_X && p.trap.addr == DIRECT_BASE,
	    "code in the kernel's half");
	program_destroy(&p);
}

static bool faults(const char *at, uint64_t addr, unsigned access)
{
	struct program p;
	bool good;

	if (!program_create(&p, at))
		return false;
	REG_A(&p.regs) = addr;
	program_run(&p);
	good = p.trap.why == USER_FAULT && p.trap.addr == addr && p.trap.access == access &&
	    REG_A(&p.regs) == addr;
	if (!good)
		tap_note("why %u addr %#lx access %u", p.trap.why, p.trap.addr, p.trap.access);
	program_destroy(&p);
	return good;
}

bool program_raises(const char *at, unsigned vector)
{
	struct program p;
	bool good;

	if (!program_create(&p, at))
		return false;
	program_run(&p);
	good = p.trap.why == USER_EXCEPTION && p.trap.vector == vector;
	program_destroy(&p);
	return good;
}

static void test_faults(void)
{
	struct program p;

	ok(faults(code_read, 0x12345678, PROT_R), "a read of nothing");
	ok(faults(code_read, 0, PROT_R), "a read of null");
	ok(faults(code_write, 0x12345678, PROT_W), "a write of nothing");
	ok(faults(code_write, CODE, PROT_W), "a write to code");
	ok(faults(code_jump, DATA, PROT_X), "execution of data");
	ok(faults(code_read, (uint64_t)user_code, PROT_R), "a read of the kernel");
	ok(faults(code_write, (uint64_t)phys_to_virt(0x100000), PROT_W), "a write to the kernel");
	ok(program_raises(code_privileged, VECTOR_PRIVILEGED), "a privileged instruction");
	ok(program_raises(code_break, VECTOR_BREAK), "a breakpoint");
	ok(program_raises(code_undefined, VECTOR_UNDEFINED), "an undefined instruction");

	ok(program_create(&p, code_read), "a program");
	REG_A(&p.regs) = DATA + 16 * PAGE_SIZE;
	program_run(&p);
	data_of(&p)[0] = 0x1122334455667788;
	(void)space_map(p.space, DATA + 16 * PAGE_SIZE, page_to_phys(p.data), PAGE_SIZE, PROT_R);
	program_run(&p);
	ok(p.trap.why == USER_SYSCALL && REG_CALL(&p.regs) == 0x1122334455667788,
	    "a fault is repaired, and the instruction done");
	REG_PC(&p.regs) = CODE_AT(code_write);
	program_run(&p);
	ok(p.trap.why == USER_FAULT && p.trap.access == PROT_W, "read only");
	program_destroy(&p);
}

/* ---- preemption, kicks, state ---- */

static void runner(void *arg)
{
	program_run(arg);
}

static void program_start(struct program *p)
{
	p->thread = thread_create("program", PRIO_NORMAL, 0, true, runner, p);
}

/* Until it has counted to n; the machine under QEMU may stand still for long. */
static bool counts_to(struct program *p, uint64_t n)
{
	nsec_t end = clock_now() + 5 * NSEC_PER_SEC;

	while (READ_ONCE(*data_of(p)) < n && clock_now() < end)
		sleep_until(clock_now() + 5 * NSEC_PER_MSEC);
	return READ_ONCE(*data_of(p)) >= n;
}

static void program_stop(struct program *p)
{
	p->work = 1;
	user_kick(p->user);
	thread_join(p->thread);
}

static void test_preemption(void)
{
	static struct program a, b;
	nsec_t ran[2];

	ok(program_create(&a, code_spin) && program_create(&b, code_spin), "two programs that spin");
	REG_A(&a.regs) = REG_A(&b.regs) = DATA;
	program_start(&a);
	program_start(&b);
	ok(counts_to(&a, 1000) && counts_to(&b, 1000), "both run");
	sleep_until(clock_now() + 200 * NSEC_PER_MSEC);
	ran[0] = thread_run_time(a.thread);
	ran[1] = thread_run_time(b.thread);
	ok(ran[0] < 4 * ran[1] && ran[1] < 4 * ran[0], "about as long");
	program_stop(&a);
	ok(a.trap.why == USER_WORK, "work ends one");
	program_stop(&b);
	ok(b.trap.why == USER_WORK && REG_PC(&b.regs) - CODE < PAGE_SIZE, "and the other");
	program_destroy(&a);
	program_destroy(&b);
}

/* As urgent as we are, but not to run user code: all wait to begin with that when we go on. */
static void test_waiting(void)
{
	static struct program p[3];
	bool good = true;

	for (unsigned i = 0; i < 3; i++) {
		good &= program_create(&p[i], code_spin);
		REG_A(&p[i].regs) = DATA;
		p[i].thread = thread_create("program", PRIO_HIGH, 0, true, runner, &p[i]);
	}
	thread_yield();
	for (unsigned i = 0; i < 3; i++) {
		p[i].work = 1;
		user_kick(p[i].user);
	}
	for (unsigned i = 0; i < 3; i++) {
		thread_join(p[i].thread);
		good &= p[i].trap.why == USER_WORK;
		program_destroy(&p[i]);
	}
	ok(good, "work sends back three that wait to run");
}

static void test_fp(void)
{
	static struct program p[3];
	static uint8_t area[16384], copy[16384];
	struct user *child;
	bool good = true;
	size_t size = user_fp_size();

	for (unsigned i = 0; i < 3; i++) {
		good &= program_create(&p[i], code_fp);
		REG_A(&p[i].regs) = 1000 + i;
		REG_B(&p[i].regs) = DATA;
		program_start(&p[i]);
	}
	for (unsigned i = 0; i < 3; i++)
		good &= counts_to(&p[i], 1000);
	sleep_until(clock_now() + 60 * NSEC_PER_MSEC);
	for (unsigned i = 0; i < 3; i++) {
		program_stop(&p[i]);
		good &= p[i].trap.why == USER_WORK;
	}
	ok(good, "three programs keep their floating-point registers");

	/* The same through get, put and copies. */
	tap_note("floating-point state: %zu bytes", size);
	ok(size >= 512 && size <= sizeof(area), "its size");
	user_fp_get(p[1].user, area);
	child = user_create(p[1].user);
	user_fp_get(child, copy);
	ok(memcmp(area, copy, FP_PLAIN) == 0, "a copy has the same");
	ok(user_fp_put(p[2].user, area, size) == 0, "put");
	p[2].work = 0;
	REG_PC(&p[2].regs) = CODE_AT(code_fpload);
	program_run(&p[2]);
	ok(p[2].trap.why == USER_SYSCALL && REG_CALL(&p[2].regs) == 1001, "and it is loaded");
	ok(user_fp_put(p[2].user, area, size - 1) == E_INVAL, "not with another length");
	user_destroy(child);
	for (unsigned i = 0; i < 3; i++)
		program_destroy(&p[i]);
}

void test_user(void)
{
	size_t blocks, pages;
	struct program p;

	test_syscalls();
	test_faults();
	test_preemption();
	test_waiting();
	test_fp();
	test_user_cpu();
	blocks = heap_blocks();
	pages = free_pages();
	for (unsigned i = 0; i < 50; i++) {
		(void)program_create(&p, code_fp);
		REG_A(&p.regs) = 5;
		REG_B(&p.regs) = DATA + PAGE_SIZE;
		program_run(&p);
		program_destroy(&p);
	}
	ok(p.trap.why == USER_FAULT && heap_blocks() == blocks && free_pages() == pages,
	    "fifty programs leave nothing behind");
}
