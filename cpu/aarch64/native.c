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

vaddr_t regs_pc(const struct cpu_regs *regs)
{
	return regs->pc;
}

void regs_set_tls(struct cpu_regs *regs, unsigned long value)
{
	regs->tls = value;
}

void regs_format(const struct cpu_regs *r, char *buf, size_t len)
{
	int at = format(buf, len, "  pc  %016lx  sp  %016lx  flags %lx  tls %lx", r->pc, r->sp,
	    r->pstate, r->tls);

	for (unsigned i = 0; i < 31; i++)
		at += format(buf + at, len - (size_t)at, "%sx%-2u %016lx", i % 4 == 0 ? "\n  " : "  ", i,
		    r->x[i]);
}
