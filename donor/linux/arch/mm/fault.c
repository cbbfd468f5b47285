// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page faults of programs, in user mode and where the donor copies on their behalf. Both find the
 * page by the process's tables; what is not there, or not allowed yet, is handle_mm_fault()'s.
 */
#include <linux/kernel.h>
#include <linux/hugetlb.h>
#include <linux/mm.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>
#include <asm/program.h>
#include <asm/rump.h>
#include "mm.h"

#define READ_ACCESS	RUMPEXT_SPACE_READ
#define WRITE_ACCESS	RUMPEXT_SPACE_WRITE
#define EXEC_ACCESS	RUMPEXT_SPACE_EXEC

/* Neighbours that are mapped along: what fault-around brings, and what a child finds after fork. */
#define AROUND		16UL

/* If the page may be used so, it is used now, which a CPU's page walk would note. */
static bool pte_use(pte_t *pte, unsigned int access)
{
	const unsigned long want = _PAGE_PRESENT | _PAGE_USER;

	if (!pte || (pte_val(*pte) & want) != want)
		return false;
	if (access == WRITE_ACCESS) {
		if (!pte_write(*pte))
			return false;
		set_pte(pte, pte_mkdirty(pte_mkyoung(*pte)));
		return true;
	}
	if (access == EXEC_ACCESS && !(pte_val(*pte) & _PAGE_EXEC))
		return false;
	set_pte(pte, pte_mkyoung(*pte));
	return true;
}

static bool allowed(const struct vm_area_struct *vma, unsigned int access)
{
	if (access == WRITE_ACCESS)
		return vma->vm_flags & VM_WRITE;
	if (access == EXEC_ACCESS)
		return vma->vm_flags & VM_EXEC;
	return vma->vm_flags & (VM_READ | VM_WRITE | VM_EXEC);
}

/*
 * The platform lacks memory for a process's tables, which others may give back: wait a little.
 * False: for too long, and the process is ended as the out-of-memory killer would.
 */
bool pillion_wait_for_memory(unsigned int *tries)
{
	if (fatal_signal_pending(current))
		return false;
	if (++*tries > HZ) {
		pr_err("Out of memory: Killed process %d (%s): no page tables\n", task_tgid_nr(current),
		       current->comm);
		force_fatal_sig(SIGKILL);
		return false;
	}
	schedule_timeout_killable(1);
	return true;
}

/* Into the space. */
static vm_fault_t fill(struct mm_struct *mm, unsigned long addr, unsigned long around)
{
	unsigned int tries = 0;
	int error;

	do {
		error = pillion_space_fill(mm, addr, around);
		if (!error)
			return 0;
		if (error != -ENOMEM)
			return VM_FAULT_SIGBUS;
	} while (pillion_wait_for_memory(&tries));
	return VM_FAULT_RETRY;
}

/*
 * Handle a fault of the current process's memory. 0, or VM_FAULT_* with *code for SIGSEGV. regs:
 * the program's, NULL if it is the donor's own access, for which the space is nothing.
 */
static vm_fault_t fault(struct pt_regs *regs, unsigned long addr, unsigned int access, int *code)
{
	unsigned int flags = FAULT_FLAG_DEFAULT | (regs ? FAULT_FLAG_USER : 0);
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	unsigned long around;
	vm_fault_t f;

	if (access == WRITE_ACCESS)
		flags |= FAULT_FLAG_WRITE;
	if (access == EXEC_ACCESS)
		flags |= FAULT_FLAG_INSTRUCTION;
again:
	*code = SEGV_MAPERR;
	vma = lock_mm_and_find_vma(mm, addr, NULL);
	if (!vma)
		return VM_FAULT_SIGSEGV;
	*code = SEGV_ACCERR;
	if (!allowed(vma, access)) {
		mmap_read_unlock(mm);
		return VM_FAULT_SIGSEGV;
	}
	around = vma->vm_file && access != WRITE_ACCESS ? AROUND : 1;
	f = handle_mm_fault(vma, addr, flags, regs);
	if (f & VM_FAULT_COMPLETED)
		return 0;
	if (f & VM_FAULT_RETRY) {
		if (fatal_signal_pending(current) || (regs && signal_pending(current)))
			return VM_FAULT_RETRY;
		flags |= FAULT_FLAG_TRIED;
		goto again;
	}
	mmap_read_unlock(mm);
	if (f & VM_FAULT_ERROR)
		return f;
	return regs ? fill(mm, addr, around) : 0;
}

/*
 * The donor's address of the byte at addr of the current program, for reading or writing up to the
 * end of its page, at once (until something sleeps). NULL: it is not the program's to name.
 */
void *pillion_user_page(unsigned long addr, bool write)
{
	unsigned int access = write ? WRITE_ACCESS : READ_ACCESS;
	struct mm_struct *mm = current->mm;
	pte_t *pte;
	int code;

	if (addr >= TASK_SIZE || !mm)
		return NULL;
	for (;;) {
		pte = pillion_user_pte(mm, addr);
		if (likely(pte_use(pte, access)))
			break;
		if (faulthandler_disabled() || fault(NULL, addr, access, &code))
			return NULL;
	}
	if (!pfn_valid(pte_pfn(*pte)))
		return NULL;		/* a device's memory */
	return pfn_to_virt(pte_pfn(*pte)) + offset_in_page(addr);
}

static void fault_signal(const struct rumpext_trap *trap, vm_fault_t f, int code)
{
	void __user *addr = (void __user *)trap->addr;

	if (f & VM_FAULT_RETRY)
		return;			/* a signal is pending */
	if (f & VM_FAULT_OOM) {
		pagefault_out_of_memory();
		return;
	}
	pillion_cpu_page_fault(trap);
	if (f & (VM_FAULT_HWPOISON | VM_FAULT_HWPOISON_LARGE))
		force_sig_mceerr(BUS_MCEERR_AR, addr, PAGE_SHIFT);
	else if (f & VM_FAULT_SIGBUS)
		force_sig_fault(SIGBUS, BUS_ADRERR, addr);
	else
		force_sig_fault(SIGSEGV, code, addr);
}

void pillion_user_fault(struct pt_regs *regs, struct rumpext_trap *trap)
{
	struct mm_struct *mm = current->mm;
	int code = SEGV_MAPERR;
	vm_fault_t f;

	if (trap->addr >= TASK_SIZE) {
		fault_signal(trap, VM_FAULT_SIGSEGV, code);
		return;
	}
	if (pte_use(pillion_user_pte(mm, trap->addr), trap->access)) {
		f = fill(mm, trap->addr, AROUND);
	} else {
		f = fault(regs, trap->addr, trap->access, &code);
	}
	if (f)
		fault_signal(trap, f, code);
}
