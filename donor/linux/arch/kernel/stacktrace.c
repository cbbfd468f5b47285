// SPDX-License-Identifier: GPL-2.0-only
/*
 * Backtraces, by frame pointers, and names from a table of our own: kallsyms does not survive the
 * link into one relocatable object. The build (donor/linux/symtab.pl) links the table in after it
 * has seen where everything in .text is.
 */
#include <linux/kernel.h>
#include <linux/export.h>
#include <linux/sched.h>
#include <linux/sched/debug.h>
#include <linux/sched/task_stack.h>
#include <linux/stacktrace.h>
#include <linux/panic.h>
#include <asm/sections.h>
#include <asm/rump.h>
#include <asm/vcpu.h>
#include <asm/stacktrace.h>

/*
 * Filled in by the final link; a donor without the table has addresses only. pillion_symtab:
 * offsets from _stext, ascending. Names: one byte that says how many characters it shares with
 * the one before, the rest, a null byte; the index has where every 16th begins, which shares none.
 */
#define BLOCK 16
#define NAME_MAX_LEN 128
extern const u32 pillion_symtab_count __weak;
extern const u32 pillion_symtab[] __weak;
extern const u32 pillion_symtab_index[] __weak;
extern const char pillion_symtab_names[] __weak;

static void symbol_name(u32 n, char *name)
{
	const char *p = pillion_symtab_names + pillion_symtab_index[n / BLOCK];
	u32 i;

	for (i = n / BLOCK * BLOCK; i <= n; i++) {
		u8 shared = *p++;

		if (shared < NAME_MAX_LEN)
			strscpy(name + shared, p, NAME_MAX_LEN - shared);
		p += strlen(p) + 1;
	}
}

const char *pillion_symbol(unsigned long pc, unsigned long *offset)
{
	static char name[NAME_MAX_LEN];
	unsigned long off = pc - (unsigned long)_stext;
	u32 lo = 0, hi, mid;

	if (off >= (unsigned long)(_etext - _stext) || !&pillion_symtab_count)
		return NULL;
	for (hi = pillion_symtab_count; lo < hi; ) {
		mid = lo + (hi - lo) / 2;
		if (pillion_symtab[mid] <= off)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (!lo)
		return NULL;
	symbol_name(lo - 1, name);
	*offset = off - pillion_symtab[lo - 1];
	return name;
}

/* From frame pointer fp on. */
static void unwind_frames(unsigned long fp, bool (*fn)(void *, unsigned long), void *arg)
{
	unsigned long frame[2], prev;
	unsigned int depth;

	for (depth = 0; fp && depth < 64; depth++) {
		if (fp % sizeof(long) || rumpext_copy(frame, (void *)fp, sizeof(frame)) || !frame[1])
			return;
		if (!fn(arg, frame[1]))
			return;
		prev = fp;
		fp = frame[0];
		if (fp <= prev)
			return;
	}
}

void pillion_unwind(struct task_struct *task, bool (*fn)(void *, unsigned long), void *arg)
{
	unsigned long fp;

	if (!task || task == current) {
		fp = (unsigned long)__builtin_frame_address(0);
	} else if (!task->thread.ht && task->thread.sp) {
		fp = pillion_ctx_frame_fp(task->thread.sp);
		if (!fn(arg, pillion_ctx_frame_pc(task->thread.sp)))
			return;
	} else {
		return;		/* on its own host thread's stack: not known */
	}
	unwind_frames(fp, fn, arg);
}

struct show {
	const char *loglvl;
	bool seen;		/* a function of the donor's */
};

static bool show_frame(void *arg, unsigned long pc)
{
	struct show *s = arg;
	unsigned long offset;
	const char *name = pillion_symbol(pc, &offset);

	if (name)
		printk("%s  [<%016lx>] %s+0x%lx\n", s->loglvl, pc, name, offset);
	else
		printk("%s  [<%016lx>] (not the donor's)\n", s->loglvl, pc);
	s->seen |= name != NULL;
	return name || !s->seen;	/* what it called, and what called it */
}

void show_stack(struct task_struct *task, unsigned long *sp, const char *loglvl)
{
	struct show s = { loglvl };

	printk("%sCall trace:\n", loglvl);
	pillion_unwind(task, show_frame, &s);
}

/*
 * A processor fault. The donor's if it happened in its text, or anywhere on the thread that
 * carries the virtual CPU.
 */
int rump_ext_fault(const char *what, uintptr_t pc, uintptr_t fp, uintptr_t addr)
{
	static bool faulting;
	struct pillion_hthread *ht = (void *)rumpuser_curlwp();
	struct show s = { KERN_EMERG };
	unsigned long offset;

	if (faulting || (!pillion_symbol(pc, &offset) && !(ht && pillion_vcpu.carrier == ht)))
		return RUMP_ESRCH;
	faulting = true;
	bust_spinlocks(1);
	pr_emerg("pillion: %s in the donor, address %016lx, task %s/%d\n", what, (unsigned long)addr,
		 current->comm, current->pid);
	if (show_frame(&s, pc))
		unwind_frames(fp, show_frame, &s);
	panic("%s in the donor", what);
}

#ifdef CONFIG_STACKTRACE
static bool save_frame(void *arg, unsigned long pc)
{
	struct stack_trace *trace = arg;

	if (trace->skip > 0) {
		trace->skip--;
		return true;
	}
	if (trace->nr_entries >= trace->max_entries)
		return false;
	trace->entries[trace->nr_entries++] = pc;
	return true;
}

void save_stack_trace_tsk(struct task_struct *task, struct stack_trace *trace)
{
	pillion_unwind(task, save_frame, trace);
}
EXPORT_SYMBOL_GPL(save_stack_trace_tsk);

void save_stack_trace(struct stack_trace *trace)
{
	save_stack_trace_tsk(current, trace);
}
EXPORT_SYMBOL_GPL(save_stack_trace);
#endif
