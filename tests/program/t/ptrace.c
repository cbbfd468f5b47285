/* SPDX-License-Identifier: BSD-2-Clause */
/* One program traces another: calls, registers, memory, single steps, signals, attaching. */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "tap.h"

#ifndef NT_FPREGSET
#define NT_FPREGSET NT_PRFPREG
#endif
#define TRAP_FLAG 0x100

static volatile long word = 1234;
static struct user_regs_struct regs;

/* ptrace()'s prototype differs between C libraries. */
static long trace(int request, pid_t pid, unsigned long addr, const void *data)
{
	long value, ret = syscall(SYS_ptrace, request, (long)pid, addr, data ? data : &value);

	return ret;
}

static long peek(pid_t pid, const volatile void *addr)
{
	long value = -1;

	syscall(SYS_ptrace, PTRACE_PEEKDATA, (long)pid, addr, &value);
	return value;
}

static int go(int request, pid_t pid, int sig)
{
	int status = -1;

	if (syscall(SYS_ptrace, request, (long)pid, 0, (long)sig))
		return -1;
	waitpid(pid, &status, __WALL);
	return status;
}

static int stopped_by(int status)
{
	return status >= 0 && WIFSTOPPED(status) ? WSTOPSIG(status) : -1;
}

/* A child that has stopped and is traced, and will call body(). */
static pid_t tracee(void (*body)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		body();
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid || stopped_by(status) != SIGSTOP)
		bail("no tracee");
	syscall(SYS_ptrace, PTRACE_SETOPTIONS, (long)pid, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, __WALL) != pid)
		;
}

static void calls(void)
{
	long a = syscall(SYS_getppid), b = syscall(SYS_getppid), c = syscall(SYS_getppid);

	_exit(a == getppid() && b == 77 && c == -1 && word == 4321 ? 5 : 6);
}

/* To the entry of the tracee's next getppid; what it calls before is the C library's affair. */
static void to_getppid(pid_t pid)
{
	int n;

	for (n = 0; n < 20; n++) {
		if (stopped_by(go(PTRACE_SYSCALL, pid, 0)) != (SIGTRAP | 0x80))
			break;
		trace(PTRACE_GETREGS, pid, 0, &regs);
		if (regs.orig_rax == SYS_getppid && (long)regs.rax == -ENOSYS)
			return;
	}
	regs.orig_rax = 0;
}

static void test_calls(void)
{
	struct __ptrace_syscall_info info;
	pid_t pid = tracee(calls);
	int status;

	is(peek(pid, &word), 1234, "memory is read");
	is(syscall(SYS_ptrace, PTRACE_POKEDATA, (long)pid, &word, 4321l), 0, "and written");
	to_getppid(pid);
	ok(regs.orig_rax == SYS_getppid && (long)regs.rax == -ENOSYS, "stopped before a call");
	memset(&info, 0, sizeof(info));
	ok(trace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) > 0 &&
	   info.op == PTRACE_SYSCALL_INFO_ENTRY && info.entry.nr == SYS_getppid &&
	   info.instruction_pointer == regs.rip, "the call's particulars");
	is(stopped_by(go(PTRACE_SYSCALL, pid, 0)), SIGTRAP | 0x80, "and behind it");
	trace(PTRACE_GETREGS, pid, 0, &regs);
	is((long)regs.rax, getpid(), "its result");
	to_getppid(pid);
	go(PTRACE_SYSCALL, pid, 0);
	trace(PTRACE_GETREGS, pid, 0, &regs);
	regs.rax = 77;
	is(trace(PTRACE_SETREGS, pid, 0, &regs), 0, "a result is changed");
	to_getppid(pid);
	regs.orig_rax = (unsigned long)-1;
	regs.rax = (unsigned long)-EPERM;
	trace(PTRACE_SETREGS, pid, 0, &regs);
	is(stopped_by(go(PTRACE_SYSCALL, pid, 0)), SIGTRAP | 0x80, "a call is left out");
	status = go(PTRACE_CONT, pid, 0);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 5, "the tracee saw all of it");
}

static void trap_with_fp(void)
{
	uint64_t in = 0x1122334455667788, out;

	__asm__ volatile("movq %1, %%xmm9; int3; movq %%xmm9, %0" : "=r" (out) : "r" (in) : "xmm9");
	_exit(out == 0x99aa ? 7 : 8);
}

static void test_sets(void)
{
	static char fp[8192] __attribute__((aligned(64)));
	struct iovec iov = { &regs, sizeof(regs) };
	pid_t pid = tracee(trap_with_fp);
	uint64_t xmm9;
	int status;

	is(stopped_by(go(PTRACE_CONT, pid, 0)), SIGTRAP, "a breakpoint");
	is(trace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov), 0, "NT_PRSTATUS");
	ok(iov.iov_len == sizeof(regs) && (peek(pid, (void *)(regs.rip - 1)) & 0xff) == 0xcc,
	   "its rip is behind the breakpoint");
	is(trace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &iov), 0, "and it is set");
	iov = (struct iovec){ fp, sizeof(fp) };
	ok(trace(PTRACE_GETREGSET, pid, NT_FPREGSET, &iov) == 0 && iov.iov_len == 512, "NT_FPREGSET");
	memcpy(&xmm9, fp + 160 + 16 * 9, 8);
	ok(xmm9 == 0x1122334455667788, "a vector register");
	xmm9 = 0x99aa;
	memcpy(fp + 160 + 16 * 9, &xmm9, 8);
	is(trace(PTRACE_SETREGSET, pid, NT_FPREGSET, &iov), 0, "is set");
	iov = (struct iovec){ fp, sizeof(fp) };
	if (trace(PTRACE_GETREGSET, pid, NT_X86_XSTATE, &iov) && errno == ENODEV) {
		skip("NT_X86_XSTATE", "the CPU has no XSAVE");
	} else {
		memcpy(&xmm9, fp + 160 + 16 * 9, 8);
		ok(iov.iov_len >= 576 && xmm9 == 0x99aa, "NT_X86_XSTATE: %lu bytes", (long)iov.iov_len);
	}
	is(peek(pid, NULL), -1, "no memory there");
	status = -1;
	syscall(SYS_ptrace, PTRACE_PEEKUSER, (long)pid, offsetof(struct user_regs_struct, rip), &xmm9);
	is((long)xmm9, (long)regs.rip, "PTRACE_PEEKUSER");
	regs.fs_base = 0xffff800000000000;
	ok(trace(PTRACE_SETREGS, pid, 0, &regs) == -1 && errno == EIO, "a base of the kernel's half: EIO");
	status = go(PTRACE_CONT, pid, 0);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 7, "the tracee has the register");
}

extern const char step_begin[], step_end[];

static void steps(void)
{
	__asm__ volatile("int3\nstep_begin: nop; nop; nop; nop\n mov $39, %%eax; syscall\n nop; nop\n"
			 "pushf; pop %%rax\nstep_end: nop" ::: "rax", "rcx", "r11", "memory");
}

static void test_steps(void)
{
	pid_t pid = tracee(steps);
	int n = 0, bad = 0;
	siginfo_t si;

	go(PTRACE_CONT, pid, 0);
	do {
		bad += stopped_by(go(PTRACE_SINGLESTEP, pid, 0)) != SIGTRAP;
		trace(PTRACE_GETREGS, pid, 0, &regs);
		bad += (regs.eflags & TRAP_FLAG) != 0;
		n++;
	} while (regs.rip != (unsigned long)step_end && n < 50);
	is(n, 10, "single steps to the end, over a call too");
	is(bad, 0, "each a trap, and no flag to be seen");
	memset(&si, 0, sizeof(si));
	trace(PTRACE_GETSIGINFO, pid, 0, &si);
	ok(si.si_signo == SIGTRAP && si.si_code == TRAP_TRACE, "PTRACE_GETSIGINFO");
	ok(WIFEXITED(go(PTRACE_CONT, pid, 0)), "and on");
}

static void count_usr1(int sig)
{
	(void)sig;
	word++;
}

static void signalled(void)
{
	signal(SIGUSR1, count_usr1);
	word = 0;
	raise(SIGUSR1);
	raise(SIGUSR1);
	if (fork() == 0)
		_exit(0);
	_exit((int)word);
}

static void test_signals(void)
{
	pid_t pid = tracee(signalled), child = 0;
	unsigned long message = 0;
	siginfo_t si;
	int status;

	is(stopped_by(go(PTRACE_CONT, pid, 0)), SIGUSR1, "a signal is the tracer's first");
	trace(PTRACE_GETSIGINFO, pid, 0, &si);
	ok(si.si_signo == SIGUSR1 && si.si_pid == pid, "its sender");
	is(stopped_by(go(PTRACE_CONT, pid, 0)), SIGUSR1, "left out, the next");
	status = go(PTRACE_CONT, pid, SIGUSR1);
	is(status >> 8, SIGTRAP | PTRACE_EVENT_FORK << 8, "a fork is an event");
	trace(PTRACE_GETEVENTMSG, pid, 0, &message);
	child = (pid_t)message;
	waitpid(child, &status, __WALL);
	is(stopped_by(status), SIGSTOP, "the child is traced");
	syscall(SYS_ptrace, PTRACE_DETACH, (long)child, 0, 0);
	do
		status = go(PTRACE_CONT, pid, 0);
	while (stopped_by(status) == SIGCHLD);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 1, "the handler ran once");
}

static void test_attach(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		for (;;)
			word++;
	usleep(20000);
	is(syscall(SYS_ptrace, PTRACE_ATTACH, (long)pid, 0, 0), 0, "attach to a program that spins");
	waitpid(pid, &status, 0);
	is(stopped_by(status), SIGSTOP, "it stops");
	is(peek(pid, &word), peek(pid, &word), "and stands still");
	is(syscall(SYS_ptrace, PTRACE_DETACH, (long)pid, 0, 0), 0, "detach");
	is(waitpid(pid, &status, WNOHANG), 0, "it runs again");
	end(pid);
}

int main(void)
{
	tap_begin();
	test_calls();
	test_sets();
	test_steps();
	test_signals();
	test_attach();
	return tap_done();
}
