/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The page tables that are loaded, entry by entry: what nobody may write, execute or see. And the
 * pages below stacks; and spaces for which there is no number.
 */
#include <nucleus/asid.h>

#include <pte.h>

#include "program.h"

#define KERNEL_TOP	0xffff000000000000ul	/* of all addresses of the kernel's half */

extern const char image_text[], image_text_end[], image_rodata_end[], boot_guard[];

struct audit {
	bool		kernel;
	unsigned long	entries, code, both, users, elsewhere, fixed, null;
};

static void look_at(struct audit *a, vaddr_t va, uint64_t e, unsigned level)
{
	paddr_t pa = pte_addr(e) & ~(pt_level_size(level) - 1), end = pa + pt_level_size(level);
	bool x = ENTRY_EXECUTABLE(e), w = pte_prot(e) & PROT_W;

	a->entries++;
	a->code += x;
	a->both += w && x;
	a->null += va < PAGE_SIZE || va == DIRECT_BASE;
	if (!a->kernel) {
		a->users += !ENTRY_USER(e);
		return;
	}
	a->users += ENTRY_USER(e);
	a->elsewhere += va < DIRECT_BASE || (x && (va < (vaddr_t)image_text ||
	    va + pt_level_size(level) > (vaddr_t)image_text_end));
	a->fixed += w && pa < virt_to_phys(image_rodata_end) && end > virt_to_phys(image_text);
}

static void walk(struct audit *a, const uint64_t *t, unsigned level, vaddr_t va)
{
	for (unsigned i = 0; i < PT_ENTRIES; i++, va += pt_level_size(level)) {
		if (!a->kernel && va >= USER_END)
			break;			/* the kernel's half, of a program's tables */
		if (!pte_valid(t[i]))
			continue;
		if (pte_is_table(t[i], level)) {
			a->users += a->kernel && ENTRY_USER(t[i]);
			walk(a, phys_to_virt(pte_addr(t[i])), level - 1, va);
		} else {
			look_at(a, va, t[i], level);
		}
	}
}

static struct audit audit(const struct pagetable *pt)
{
	struct audit a = { .kernel = !pt->user };

	walk(&a, phys_to_virt(pt->root), PT_TOP, pt->user ? 0 : KERNEL_TOP);
	tap_note("%lu entries, %lu of code", a.entries, a.code);
	return a;
}

static void test_kernel(void)
{
	struct audit a = audit(&kernel_space.pt);

	ok(a.entries > 10 && a.code > 0, "the kernel's tables");
	ok(a.both == 0, "nothing is writable and executable (%lu)", a.both);
	ok(a.users == 0, "nothing is a program's (%lu)", a.users);
	ok(a.elsewhere == 0, "code is at its own addresses only (%lu)", a.elsewhere);
	ok(a.fixed == 0, "no address allows to write to code or constants (%lu)", a.fixed);
	ok(a.null == 0, "a null address is none, nor is the direct map's of it (%lu)", a.null);
}

static void test_program(void)
{
	static struct program p;
	bool ran = program_create(&p, code_call);
	struct audit a;

	program_run(&p);
	a = audit(&p.space->pt);
	ok(ran && p.trap.why == USER_SYSCALL && a.entries == 3 && a.code == 1 && a.both == 0 &&
	    a.null == 0, "a program's tables: code, data, stack");
	ok(a.users == 0, "all of it is the program's");
	program_destroy(&p);
}

/* Two programs with different data at one address, in turns. */
static bool take_turns(void)
{
	static struct program p[2];
	unsigned good = 0;

	for (unsigned i = 0; i < 2; i++) {
		if (!program_create(&p[i], code_read) || p[i].space->pt.asid != 0)
			return false;
		*data_of(&p[i]) = 100 + i;
	}
	for (unsigned i = 0; i < 20; i++) {
		struct program *now = &p[i & 1];

		REG_PC(&now->regs) = CODE_AT(code_read);
		REG_A(&now->regs) = DATA;
		program_run(now);
		good += now->trap.why == USER_SYSCALL && REG_CALL(&now->regs) == 100 + (i & 1);
	}
	program_destroy(&p[0]);
	program_destroy(&p[1]);
	return good == 20;
}

static void test_numbers(void)
{
	static bool taken[ASID_MAX];
	unsigned n, count = 0;

	for (; (n = asid_alloc()) != 0; count++)
		taken[n] = true;
	tap_note("%u numbers of address spaces", count);
	ok(take_turns(), "spaces without a number");
	for (n = 1; n < ASID_MAX; n++) {
		if (taken[n])
			asid_free(n);
	}
	n = asid_alloc();
	ok((n != 0) == (count != 0), "numbers come back");
	asid_free(n);
}

static bool is_there(vaddr_t va)
{
	char c;

	return copy_checked(&c, (const void *)va, sizeof(c)) == 0;
}

struct stacks {
	unsigned	threads, bad;
};

static void look_at_stack(struct thread *t, void *arg)
{
	struct stacks *s = arg;

	s->threads++;
	s->bad += t->stack == 0 || !is_there(t->stack) || !is_there(t->stack + t->stack_size - 1) ||
	    is_there(t->stack - 1) || is_there(t->stack - PAGE_SIZE);
}

void test_tables(void)
{
	struct stacks s = { 0, 0 };

	test_kernel();
	test_program();
	test_numbers();
	thread_for_each(look_at_stack, &s);
	ok(s.threads > 0 && s.bad == 0, "below each stack lies nothing (%u of %u)", s.bad, s.threads);
	ok(!is_there((vaddr_t)boot_guard) && is_there((vaddr_t)boot_guard + PAGE_SIZE),
	    "nor below the first one");
}
