/* SPDX-License-Identifier: BSD-2-Clause */
/* Native programs: their registers. The contract is <nucleus/regs.h>. Locking: none. */
#include <nucleus/log.h>
#include <nucleus/regs.h>

void regs_begin(struct cpu_regs *regs, vaddr_t pc, vaddr_t sp, unsigned long argument)
{
	*regs = (struct cpu_regs) { .rip = pc, .rsp = sp, .rdi = argument };
}

unsigned long regs_call(const struct cpu_regs *regs)
{
	return regs->orig_rax;
}

void regs_args(const struct cpu_regs *regs, unsigned long a[6])
{
	a[0] = regs->rdi;
	a[1] = regs->rsi;
	a[2] = regs->rdx;
	a[3] = regs->r10;
	a[4] = regs->r8;
	a[5] = regs->r9;
}

void regs_result(struct cpu_regs *regs, long result)
{
	regs->rax = (uint64_t)result;
}

unsigned long regs_message(const struct cpu_regs *regs, unsigned long *tag, unsigned long *word)
{
	*tag = regs->rsi;
	word[0] = regs->rdx;
	word[1] = regs->r10;
	word[2] = regs->r8;
	word[3] = regs->r9;
	return regs->r12;
}

void regs_message_result(struct cpu_regs *regs, unsigned long tag, const unsigned long *word,
    unsigned long badge)
{
	regs->rsi = tag;
	regs->rdx = word[0];
	regs->r10 = word[1];
	regs->r8 = word[2];
	regs->r9 = word[3];
	regs->rdi = badge;
}

vaddr_t regs_pc(const struct cpu_regs *regs)
{
	return regs->rip;
}

void regs_set_tls(struct cpu_regs *regs, unsigned long value)
{
	regs->fs_base = value;
}

void regs_log(const struct cpu_regs *r)
{
	log_warn("  rip %016lx  rsp %016lx  flags %lx", r->rip, r->rsp, r->eflags);
	log_warn("  rax %016lx  rbx %016lx  rcx %016lx", r->rax, r->rbx, r->rcx);
	log_warn("  rdx %016lx  rsi %016lx  rdi %016lx", r->rdx, r->rsi, r->rdi);
	log_warn("  rbp %016lx  r8  %016lx  r9  %016lx", r->rbp, r->r8, r->r9);
	log_warn("  r10 %016lx  r11 %016lx  r12 %016lx", r->r10, r->r11, r->r12);
	log_warn("  r13 %016lx  r14 %016lx  r15 %016lx", r->r13, r->r14, r->r15);
}
