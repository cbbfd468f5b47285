/* SPDX-License-Identifier: BSD-2-Clause */
/* Native programs: their registers. The contract is <nucleus/regs.h>. Locking: none. */
#include <nucleus/log.h>
#include <nucleus/regs.h>

void regs_begin(struct cpu_regs *regs, vaddr_t pc, vaddr_t sp, unsigned long argument)
{
	*regs = (struct cpu_regs) { .x[0] = argument, .pc = pc, .sp = sp };
}

unsigned long regs_call(const struct cpu_regs *regs)
{
	return regs->x[8];
}

void regs_args(const struct cpu_regs *regs, unsigned long a[6])
{
	for (unsigned i = 0; i < 6; i++)
		a[i] = regs->x[i];
}

void regs_result(struct cpu_regs *regs, long result)
{
	regs->x[0] = (uint64_t)result;
}

unsigned long regs_message(const struct cpu_regs *regs, unsigned long *tag, unsigned long *word)
{
	*tag = regs->x[1];
	for (unsigned i = 0; i < 4; i++)
		word[i] = regs->x[2 + i];
	return regs->x[6];
}

void regs_message_result(struct cpu_regs *regs, unsigned long tag, const unsigned long *word,
    unsigned long badge)
{
	regs->x[1] = tag;
	for (unsigned i = 0; i < 4; i++)
		regs->x[2 + i] = word[i];
	regs->x[6] = badge;
}

vaddr_t regs_pc(const struct cpu_regs *regs)
{
	return regs->pc;
}

void regs_set_tls(struct cpu_regs *regs, unsigned long value)
{
	regs->tls = value;
}

void regs_log(const struct cpu_regs *r)
{
	log_warn("  pc  %016lx  sp  %016lx  flags %lx", r->pc, r->sp, r->pstate);
	for (unsigned i = 0; i < 30; i += 3)
		log_warn("  x%-2u %016lx  x%-2u %016lx  x%-2u %016lx", i, r->x[i], i + 1, r->x[i + 1], i + 2,
		    r->x[i + 2]);
	log_warn("  x30 %016lx  tls %016lx", r->x[30], r->tls);
}
