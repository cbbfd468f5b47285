/* SPDX-License-Identifier: BSD-2-Clause */
/* User execution. The only test that knows the CPU: its user code is in usercode.S. */
#include "tap.h"

#define CODE		0x400000ul
#define DATA		0x500000ul
#define STACK		0x7ffffff00000ul
#define EFLAGS_CARRY	0x1ul

extern const char user_code[], user_code_end[];
extern const char code_syscall[], code_read[], code_write[], code_jump[], code_spin[],
    code_privileged[], code_selector[], code_divide[], code_break[], code_undefined[], code_fp[],
    code_fpload[], code_fs[], code_flags[];

/* A program: its space with code, data and stack, and where it is. */
struct program {
	struct space	*space;
	struct page	*code, *data, *stack;
	struct user	*user;
	struct cpu_regs	regs;
	struct user_trap trap;
	volatile unsigned work;
	struct thread	*thread;
};

static bool program_create(struct program *p, const char *at)
{
	memset(p, 0, sizeof(*p));
	p->space = space_create();
	p->code = page_alloc(PAGE_ZERO);
	p->data = page_alloc(PAGE_ZERO);
	p->stack = page_alloc(PAGE_ZERO);
	p->user = user_create(NULL);
	memcpy(page_to_virt(p->code), user_code, (size_t)(user_code_end - user_code));
	p->regs.rip = CODE + (uint64_t)(at - user_code);
	p->regs.rsp = STACK + PAGE_SIZE;
	return space_map(p->space, CODE, page_to_phys(p->code), PAGE_SIZE, PROT_R | PROT_X) == 0 &&
	    space_map(p->space, DATA, page_to_phys(p->data), PAGE_SIZE, PROT_R | PROT_W) == 0 &&
	    space_map(p->space, STACK, page_to_phys(p->stack), PAGE_SIZE, PROT_R | PROT_W) == 0;
}

static void program_destroy(struct program *p)
{
	user_destroy(p->user);
	space_destroy(p->space);
	page_put(p->code);
	page_put(p->data);
	page_put(p->stack);
}

static void run(struct program *p)
{
	user_run(p->user, p->space, &p->regs, &p->work, &p->trap);
}

static uint64_t *data_of(struct program *p)
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
	p.regs.rdi = 11;
	p.regs.r10 = 44;
	p.regs.r15 = 15;
	run(&p);
	ok(p.trap.why == USER_SYSCALL && p.regs.orig_rax == 1 && p.regs.rdi == 11 && p.regs.r10 == 44 &&
	    p.regs.r15 == 15 && p.regs.rbx == 1 && p.regs.rsp == STACK + PAGE_SIZE, "a system call");
	ok(p.regs.rax == 1 && p.regs.rcx == p.regs.rip && p.regs.r11 == p.regs.eflags,
	    "the registers that the instruction uses");
	for (unsigned i = 2; i < 1000; i++) {
		p.regs.rax = i;
		if (i % 3 == 0)
			p.regs.r11 = ~0ul;		/* the other way back */
		run(&p);
		good &= p.trap.why == USER_SYSCALL && p.regs.orig_rax == i && p.regs.rbx == i;
	}
	ok(good, "a thousand of them, with the results in between");
	start = clock_now();
	for (unsigned i = 0; i < 1000; i++)
		run(&p);
	/* Under -icount shift=0 a nanosecond is an instruction. */
	tap_note("%llu ns a system call", (unsigned long long)(clock_now() - start) / 1000);
	p.regs.rbx = 999;
	p.work = 1;
	run(&p);
	ok(p.trap.why == USER_WORK && p.regs.rbx == 999, "with work nothing is run");
	p.work = 0;
	p.regs.rip = DIRECT_BASE;
	run(&p);
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
	p.regs.rdi = addr;
	run(&p);
	good = p.trap.why == USER_FAULT && p.trap.addr == addr && p.trap.access == access &&
	    p.regs.rdi == addr;
	if (!good)
		tap_note("why %u addr %#lx access %u", p.trap.why, p.trap.addr, p.trap.access);
	program_destroy(&p);
	return good;
}

static bool raises(const char *at, unsigned vector)
{
	struct program p;
	bool good;

	if (!program_create(&p, at))
		return false;
	run(&p);
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
	ok(raises(code_privileged, 13), "a privileged instruction");
	ok(raises(code_selector, 13), "there is no LDT");
	ok(raises(code_divide, 0), "division by zero");
	ok(raises(code_break, 3), "a breakpoint");
	ok(raises(code_undefined, 6), "an undefined instruction");

	ok(program_create(&p, code_read), "a program");
	p.regs.rdi = DATA + 16 * PAGE_SIZE;
	run(&p);
	data_of(&p)[0] = 0x1122334455667788;
	(void)space_map(p.space, DATA + 16 * PAGE_SIZE, page_to_phys(p.data), PAGE_SIZE, PROT_R);
	run(&p);
	ok(p.trap.why == USER_SYSCALL && p.regs.orig_rax == 0x1122334455667788,
	    "a fault is repaired, and the instruction done");
	p.regs.rip = CODE + (uint64_t)(code_write - user_code);
	run(&p);
	ok(p.trap.why == USER_FAULT && p.trap.access == PROT_W, "read only");
	program_destroy(&p);

	ok(program_create(&p, code_syscall), "a program");
	p.regs.eflags = EFLAGS_TF;
	run(&p);
	ok(p.trap.why == USER_EXCEPTION && p.trap.vector == 1 &&
	    p.regs.rip == CODE + (uint64_t)(code_syscall - user_code) + 5, "a single step");
	program_destroy(&p);

	ok(program_create(&p, code_flags), "a program");
	p.regs.eflags = ~0ul & ~EFLAGS_TF;
	run(&p);
	ok(p.trap.why == USER_SYSCALL && (p.regs.eflags & EFLAGS_IOPL) == 0 &&
	    (p.regs.eflags & EFLAGS_CARRY) && (p.regs.eflags & EFLAGS_AC),
	    "flags are kept, but for privileged ones");
	program_destroy(&p);
}

/* ---- preemption, kicks, state ---- */

static void runner(void *arg)
{
	run(arg);
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
	a.regs.rdi = b.regs.rdi = DATA;
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
	ok(b.trap.why == USER_WORK && b.regs.rip - CODE < PAGE_SIZE, "and the other");
	program_destroy(&a);
	program_destroy(&b);
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
		p[i].regs.rdi = 1000 + i;
		p[i].regs.rsi = DATA;
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
	ok(memcmp(area, copy, 288) == 0, "a copy has the same");
	ok(user_fp_put(p[2].user, area, size) == 0, "put");
	p[2].work = 0;
	p[2].regs.rip = CODE + (uint64_t)(code_fpload - user_code);
	run(&p[2]);
	ok(p[2].trap.why == USER_SYSCALL && p[2].regs.orig_rax == 1001, "and it is loaded");
	ok(user_fp_put(p[2].user, area, size - 1) == E_INVAL, "not with another length");
	memset(area + 464, 0xff, 48);
	memset(copy, 0, 512);
	good = user_fp_put(p[2].user, area, size) == 0;
	user_fp_get(p[2].user, area);
	ok(good && memcmp(area + 464, copy + 464, 48) == 0,
	    "bytes that are not the CPU's are not kept");
	memset(area + 24, 0xff, 4);
	ok(user_fp_put(p[2].user, area, size) == E_INVAL, "not with reserved bits in MXCSR");
	user_destroy(child);
	for (unsigned i = 0; i < 3; i++)
		program_destroy(&p[i]);
}

static void test_bases(void)
{
	static struct program a, b;
	bool good = true;

	ok(program_create(&a, code_fs) && program_create(&b, code_fs), "two programs");
	data_of(&a)[1] = 100;
	data_of(&a)[2] = 200;
	data_of(&b)[1] = 300;
	a.regs.fs_base = b.regs.fs_base = DATA + 8;
	a.regs.gs_base = DATA + 16;
	b.regs.gs_base = DATA + 8;
	for (unsigned i = 0; i < 10; i++) {
		a.regs.rip = b.regs.rip = CODE + (uint64_t)(code_fs - user_code);
		run(&a);
		run(&b);
		good &= a.trap.why == USER_SYSCALL && a.regs.orig_rax == 100 && a.regs.rbx == 200 &&
		    b.regs.orig_rax == 300 && b.regs.rbx == 300;
	}
	ok(good, "segment bases are a program's own");
	program_destroy(&a);
	program_destroy(&b);
}

void test_user(void)
{
	struct page_stats before, after;
	struct heap_stats hb, ha;
	struct program p;

	test_syscalls();
	test_faults();
	test_preemption();
	test_fp();
	test_bases();
	page_stats(&before);
	heap_stats(&hb);
	for (unsigned i = 0; i < 50; i++) {
		(void)program_create(&p, code_fp);
		p.regs.rdi = 5;
		p.regs.rsi = DATA + PAGE_SIZE;
		run(&p);
		program_destroy(&p);
	}
	page_stats(&after);
	heap_stats(&ha);
	ok(p.trap.why == USER_FAULT && ha.blocks == hb.blocks && after.free == before.free,
	    "fifty programs leave nothing behind");
}
