// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tracing programs' system calls to the console: "strace" on the kernel's command line. One line
 * a call, when it returns: process, name, arguments, result; one more when it begins, if it is a
 * call that may not return. Names and numbers of arguments are the donor's own (cpu/<isa>/).
 */
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/unistd.h>
#include <asm/program.h>
#include <asm/rump.h>
#include <asm/syscall.h>

bool pillion_strace;

static int __init strace_setup(char *arg)
{
	pillion_strace = true;
	return 1;
}
__setup("strace", strace_setup);

static const struct call {
	const char *name;
	signed char args;
} calls[NR_syscalls] = {
#include <asm/syscall_names.h>
};

static const char *name_of(unsigned int nr)
{
	return nr < NR_syscalls && calls[nr].name ? calls[nr].name : "?";
}

static size_t call_text(char *buf, size_t size, unsigned int nr, const unsigned long *a)
{
	unsigned int i, args = nr < NR_syscalls && calls[nr].name ? calls[nr].args : 6;
	size_t n = scnprintf(buf, size, "[%d] %s(", task_pid_nr(current), name_of(nr));

	for (i = 0; i < args; i++)
		n += scnprintf(buf + n, size - n, a[i] < 4096 ? "%s%lu" : "%s%#lx", i ? ", " : "", a[i]);
	return n + scnprintf(buf + n, size - n, ")");
}

/* Nothing comes after these, or not what was called. */
static bool no_return(unsigned int nr)
{
	return nr == __NR_exit || nr == __NR_exit_group || nr == __NR_execve || nr == __NR_rt_sigreturn;
}

void pillion_strace_enter(struct pt_regs *regs)
{
	unsigned int nr = syscall_get_nr(current, regs);
	unsigned long a[6];
	char buf[160];

	if (!no_return(nr))
		return;
	syscall_get_arguments(current, regs, a);
	call_text(buf, sizeof(buf), nr, a);
	rumpuser_dprintf("%s ...\n", buf);
}

void pillion_strace_exit(struct pt_regs *regs, unsigned int nr, const unsigned long *a, long ret)
{
	char buf[160];

	call_text(buf, sizeof(buf), nr, a);
	if (IS_ERR_VALUE(ret))
		rumpuser_dprintf("%s = -%ld\n", buf, -ret);
	else
		rumpuser_dprintf(ret >= 0 && ret < 1 << 20 ? "%s = %ld\n" : "%s = %#lx\n", buf, ret);
}
