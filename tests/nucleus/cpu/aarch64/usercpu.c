/* SPDX-License-Identifier: BSD-2-Clause */
/* User execution: what AArch64 has and others have not. */
#include "program.h"

extern const char code_system[], code_tls[], code_counter[], code_exclusive[];

#define CARRY		0x20000000ul
#define EC_PC_ALIGN	0x22
#define EC_STEP		0x32

static void test_exceptions(void)
{
	struct program p;

	ok(program_raises(code_system, VECTOR_PRIVILEGED) ||
	    program_raises(code_system, VECTOR_UNDEFINED), "a register of the kernel's");
	ok(program_raises(code_syscall + 2, EC_PC_ALIGN), "code that is not aligned");

	ok(program_create(&p, code_syscall), "a program");
	p.regs.pstate = PSTATE_SS;
	program_run(&p);
	ok(p.trap.why == USER_EXCEPTION && p.trap.vector == EC_STEP &&
	    p.regs.pc == CODE_AT(code_syscall) + 4 && p.regs.x[8] == 1, "a single step");
	program_destroy(&p);

	ok(program_create(&p, code_call), "a program");
	p.regs.pstate = ~0ul & ~PSTATE_SS;
	program_run(&p);
	ok(p.trap.why == USER_SYSCALL && p.regs.pstate == PSTATE_NZCV,
	    "flags are kept, but for privileged ones");
	program_destroy(&p);
}

static void test_registers(void)
{
	struct program p;
	bool good = true;

	ok(program_create(&p, code_call), "a program");
	for (unsigned i = 0; i < 31; i++)
		p.regs.x[i] = 100 + i;
	p.regs.tls = 200;
	program_run(&p);
	for (unsigned i = 0; i < 31; i++)
		good &= p.regs.x[i] == 100 + i;
	ok(good && p.trap.why == USER_SYSCALL && p.regs.sp == STACK + PAGE_SIZE &&
	    p.regs.pc == CODE_AT(code_call) + 4 && p.regs.tls == 200, "a system call changes no register");
	p.regs.pc = CODE_AT(code_counter);
	program_run(&p);
	ok(p.trap.why == USER_SYSCALL && p.regs.x[8] != 0 && p.regs.x[8] <= cpu_counter(),
	    "a program can read the counter");
	program_destroy(&p);
}

static void test_tls(void)
{
	static struct program a, b;
	bool good = true;

	ok(program_create(&a, code_tls) && program_create(&b, code_tls), "two programs");
	a.regs.tls = 100;
	b.regs.tls = 300;
	for (unsigned i = 0; i < 10; i++) {
		a.regs.pc = b.regs.pc = CODE_AT(code_tls);
		program_run(&a);
		program_run(&b);
		good &= a.trap.why == USER_SYSCALL && a.regs.x[8] == 100 + i && b.regs.x[8] == 300 + i &&
		    a.regs.tls == 101 + i;
	}
	ok(good, "the thread pointer is a program's own");
	program_destroy(&a);
	program_destroy(&b);
}

/* A reservation is lost with each way into the kernel. */
static void test_exclusive(void)
{
	struct program p;

	ok(program_create(&p, code_exclusive), "a program");
	p.regs.x[0] = DATA;
	program_run(&p);
	data_of(&p)[0] = 5;
	program_run(&p);
	ok(p.trap.why == USER_SYSCALL && p.regs.x[8] == 1 && data_of(&p)[0] == 5,
	    "an exclusive store fails after another store");
	program_destroy(&p);
}

static void test_fp_area(void)
{
	static uint8_t area[528];
	struct user *u = user_create(NULL);

	user_fp_get(u, area);
	memset(area + 516, 0xff, 4);
	ok(user_fp_put(u, area, sizeof(area)) == E_INVAL, "not with reserved bits in FPCR");
	user_destroy(u);
}

/* More spaces than there are numbers for them, each with another page at one address. */
static void test_numbers(void)
{
	static struct program p[300];
	bool good = true;

	for (unsigned i = 0; i < ARRAY_SIZE(p); i++) {
		good &= program_create(&p[i], code_read);
		p[i].regs.x[0] = DATA;
		data_of(&p[i])[0] = i;
	}
	for (unsigned n = 0; n < 3; n++) {
		for (unsigned i = 0; i < ARRAY_SIZE(p); i++) {
			p[i].regs.pc = CODE_AT(code_read);
			program_run(&p[i]);
			good &= p[i].trap.why == USER_SYSCALL && p[i].regs.x[8] == i;
		}
	}
	for (unsigned i = 0; i < ARRAY_SIZE(p); i++)
		program_destroy(&p[i]);
	ok(good, "300 programs see their own memory");
}

void test_user_cpu(void)
{
	test_exceptions();
	test_registers();
	test_tls();
	test_exclusive();
	test_fp_area();
	test_numbers();
}
