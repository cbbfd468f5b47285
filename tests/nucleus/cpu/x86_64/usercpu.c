/* SPDX-License-Identifier: BSD-2-Clause */
/* User execution: what x86_64 has and others have not. */
#include "program.h"

#define EFLAGS_CARRY	0x1ul

#define FP_XMM7		(160 + 7 * 16)	/* in XSAVE's area */
#define FP_XSTATE_BV	512

extern const char code_selector[], code_divide[], code_fs[], code_flags[];

static void test_registers(void)
{
	struct program p;
	bool good = true;

	ok(program_create(&p, code_syscall), "a program");
	p.regs.r10 = 44;
	program_run(&p);
	ok(p.regs.rax == 1 && p.regs.r10 == 44 && p.regs.rcx == p.regs.rip &&
	    p.regs.r11 == p.regs.eflags, "the registers that the instruction uses");
	for (unsigned i = 2; i < 100; i++) {
		p.regs.rax = i;
		if (i % 3 == 0)
			p.regs.r11 = ~0ul;		/* the other way back */
		program_run(&p);
		good &= p.trap.why == USER_SYSCALL && p.regs.orig_rax == i && p.regs.rbx == i;
	}
	ok(good, "both ways back to user mode");
	program_destroy(&p);
}

static void test_exceptions(void)
{
	struct program p;

	ok(program_raises(code_selector, 13), "there is no LDT");
	ok(program_raises(code_divide, 0), "division by zero");

	ok(program_create(&p, code_syscall), "a program");
	p.regs.eflags = EFLAGS_TF;
	program_run(&p);
	ok(p.trap.why == USER_EXCEPTION && p.trap.vector == 1 &&
	    p.regs.rip == CODE_AT(code_syscall) + 5, "a single step");
	program_destroy(&p);

	ok(program_create(&p, code_flags), "a program");
	p.regs.eflags = ~0ul & ~EFLAGS_TF;
	program_run(&p);
	ok(p.trap.why == USER_SYSCALL && (p.regs.eflags & EFLAGS_IOPL) == 0 &&
	    (p.regs.eflags & EFLAGS_CARRY) && (p.regs.eflags & EFLAGS_AC),
	    "flags are kept, but for privileged ones");
	program_destroy(&p);
}

static void test_fp_area(void)
{
	static uint8_t area[16384], zero[48];
	struct user *u = user_create(NULL);
	size_t size = user_fp_size();
	bool good;

	user_fp_get(u, area);
	memset(area + 464, 0xff, 48);
	good = user_fp_put(u, area, size) == 0;
	user_fp_get(u, area);
	ok(good && memcmp(area + 464, zero, 48) == 0, "bytes that are not the CPU's are not kept");
	memset(area + 24, 0xff, 4);
	ok(user_fp_put(u, area, size) == E_INVAL, "not with reserved bits in MXCSR");
	user_destroy(u);
}

/* A program to which the registers are closed, right after one that has something in them. */
static void test_fp_closed(void)
{
	static uint8_t area[16384];
	static struct program a, b;
	unsigned long flags, cr0;
	uint64_t left = 1;
	bool good;

	ok(program_create(&a, code_fpload) && program_create(&b, code_fpload), "two programs");
	user_fp_get(a.user, area);
	memset(area + FP_XMM7, 0x77, 16);
	area[FP_XSTATE_BV] |= 2;
	good = user_fp_put(a.user, area, user_fp_size()) == 0;
	program_run(&a);
	ok(good && REG_CALL(&a.regs) == 0x7777777777777777, "one has a secret in a register");
	user_destroy(b.user);
	b.user = user_create_native(NULL);
	program_run(&b);
	flags = cpu_irq_save();
	__asm__ volatile("movq %%cr0, %0; clts" : "=r"(cr0));
	__asm__ volatile("movq %%xmm7, %0" : "=r"(left));
	__asm__ volatile("movq %0, %%cr0" :: "r"(cr0));
	cpu_irq_restore(flags);
	ok(b.trap.why == USER_FP && (cr0 & 8) != 0 && left == 0,
	    "closed to the other, it has nothing in it (%lx)", left);
	program_destroy(&a);
	program_destroy(&b);
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
		a.regs.rip = b.regs.rip = CODE_AT(code_fs);
		program_run(&a);
		program_run(&b);
		good &= a.trap.why == USER_SYSCALL && a.regs.orig_rax == 100 && a.regs.rbx == 200 &&
		    b.regs.orig_rax == 300 && b.regs.rbx == 300;
	}
	ok(good, "segment bases are a program's own");
	program_destroy(&a);
	program_destroy(&b);
}

void test_user_cpu(void)
{
	test_registers();
	test_exceptions();
	test_fp_area();
	test_fp_closed();
	test_bases();
}
