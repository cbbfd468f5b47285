/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is done to a traced process (tracee.h). All on the tracer's thread; no locking.
 *
 * Spaces are made by a template that forks: a small process is copied sooner than the donor's.
 */
#define _GNU_SOURCE
#include <cpuid.h>
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>
#include <sys/rseq.h>

#include <rump/rumperrno.h>

#include "tracee.h"

_Static_assert(sizeof(struct rumpext_regs) == sizeof(struct user_regs_struct), "registers");

#define OPTIONS	(PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | \
		 PTRACE_O_TRACEFORK)
#define USER_CS	0x33
#define USER_SS	0x2b

static const uint8_t stub_code[] = { 0x0f, 0x05, 0xcc };	/* syscall; int3 */
static pid_t template;
static int arena_fd = -1;
size_t tracee_fp_host;
struct rumpext_user_info tracee_info;

static void die(const char *what)
{
	perror(what);
	abort();
}

/* The platform's arena is a memory file of that name. */
static int find_arena(void)
{
	char path[300], to[64];
	struct dirent *e;
	DIR *d = opendir("/proc/self/fd");
	ssize_t n;
	int fd = -1;

	while (d && fd < 0 && (e = readdir(d)) != NULL) {
		snprintf(path, sizeof(path), "/proc/self/fd/%s", e->d_name);
		n = readlink(path, to, sizeof(to) - 1);
		if (n > 0 && !strncmp(to, "/memfd:rump-arena", 17))
			fd = atoi(e->d_name);
	}
	if (d)
		closedir(d);
	return fd;
}

static int wait_stop(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, __WALL) != pid)
		if (errno != EINTR)
			return -1;
	return status;
}

/* A system call in a thread that stands stopped; it is left at the stub. */
long tracee_call(pid_t pid, long nr, long a, long b, long c, long d, long e, long f)
{
	struct user_regs_struct r = {
		.rip = STUB, .rax = nr, .orig_rax = -1, .rdi = a, .rsi = b, .rdx = c, .r10 = d, .r8 = e,
		.r9 = f, .cs = USER_CS, .ss = USER_SS, .eflags = 0x202,
	};
	int status;

	if (ptrace(PTRACE_SETREGS, pid, 0, &r) || ptrace(PTRACE_CONT, pid, 0, 0))
		return -ESRCH;
	for (;;) {
		status = wait_stop(pid);
		if (status < 0 || !WIFSTOPPED(status))
			return -ESRCH;
		if (WSTOPSIG(status) == SIGTRAP && status >> 16 == 0)
			break;
		if (ptrace(PTRACE_CONT, pid, 0, 0))
			return -ESRCH;
	}
	ptrace(PTRACE_GETREGS, pid, 0, &r);
	return r.rax;
}

/* In the new process: nothing but system calls. */
static void child_main(void)
{
	char *thread = __builtin_thread_pointer();

	if (__rseq_size)
		syscall(SYS_rseq, thread + __rseq_offset, 32, RSEQ_FLAG_UNREGISTER, 0x53053053);
	if (ptrace(PTRACE_TRACEME, 0, 0, 0) || mmap((void *)STUB, PAGE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		_exit(1);
	memcpy((void *)STUB, stub_code, sizeof(stub_code));
	mprotect((void *)STUB, PAGE, PROT_READ | PROT_EXEC);
	syscall(SYS_kill, getpid(), SIGSTOP);
	_exit(1);
}

/* Bytes of FP state that are shown: those of the components that the contract names. */
static size_t fp_size(uint64_t features)
{
	unsigned a, b, c, d, i;
	size_t size = 576;

	for (i = 2; i < 8; i++)
		if (features & 1u << i && __get_cpuid_count(0xd, i, &a, &b, &c, &d) && a + b > size)
			size = a + b;
	return size;
}

static int learn_fp(void)
{
	uint8_t buf[FP_MOST];
	struct iovec iov = { buf, sizeof(buf) };

	if (ptrace(PTRACE_GETREGSET, template, NT_X86_XSTATE, &iov))
		return -1;
	tracee_fp_host = iov.iov_len;
	memcpy(&tracee_info.fp_features, buf + 464, 8);
	tracee_info.fp_features &= 0xe7;
	tracee_info.fp_size = fp_size(tracee_info.fp_features);
	return 0;
}

int tracee_init(void)
{
	tracee_info.va_max = VA_MAX;
	tracee_info.hwcap = getauxval(AT_HWCAP);
	tracee_info.hwcap2 = getauxval(AT_HWCAP2);
	template = fork();
	if (template == 0)
		child_main();
	if (template < 0 || wait_stop(template) < 0 || ptrace(PTRACE_SETOPTIONS, template, 0, OPTIONS))
		return -1;
	tracee_call(template, SYS_munmap, 0, STUB, 0, 0, 0, 0);
	if (tracee_call(template, SYS_munmap, STUB + PAGE, VA_MAX - STUB - PAGE, 0, 0, 0, 0))
		return -1;
	return learn_fp();
}

/* A clone of the thread at, seen by its first stop. */
static pid_t clone_of(pid_t at, long flags)
{
	long pid = tracee_call(at, SYS_clone, flags, 0, 0, 0, 0, 0);

	if (pid > 0 && wait_stop((pid_t)pid) < 0)
		return -1;
	return (pid_t)pid;
}

int tracee_space_new(struct rumpext_space *s)
{
	if (arena_fd < 0)
		arena_fd = find_arena();
	s->pid = clone_of(template, CLONE_PARENT | SIGCHLD);
	if (s->pid <= 0)
		return -1;
	/* A group of its own, by which all its threads can be waited for. */
	return tracee_call(s->pid, SYS_setpgid, 0, 0, 0, 0, 0, 0) ? -1 : 0;
}

void tracee_space_kill(struct rumpext_space *s)
{
	kill(s->pid, SIGKILL);
	while (waitpid(-s->pid, NULL, __WALL) > 0 || errno == EINTR)
		;
	free(s->pages.slot);
}

int tracee_thread_new(struct rumpext_space *s, pid_t *tid)
{
	*tid = clone_of(s->pid, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
			CLONE_SYSVSEM);
	return *tid > 0 ? 0 : -1;
}

void tracee_thread_end(pid_t tid)
{
	tracee_call(tid, SYS_exit, 0, 0, 0, 0, 0, 0);
}

static int host_prot(unsigned prot)
{
	return PROT_READ | (prot & RUMPEXT_SPACE_WRITE ? PROT_WRITE : 0) |
	       (prot & RUMPEXT_SPACE_EXEC ? PROT_EXEC : 0);
}

int tracee_map(struct rumpext_space *s, uintptr_t va, size_t len, uint64_t off, unsigned prot)
{
	uintptr_t at;
	long ret;

	if (va < STUB + PAGE && va + len > STUB)
		die("a page of the stub's is mapped");
	ret = tracee_call(s->pid, SYS_mmap, (long)va, (long)len, host_prot(prot), MAP_SHARED | MAP_FIXED,
			  arena_fd, (long)off);
	if (ret != (long)va)
		return RUMP_ENOMEM;
	for (at = va; at < va + len; at += PAGE)
		pages_set(&s->pages, at, prot);
	return 0;
}

void tracee_protect(struct rumpext_space *s, uintptr_t va, size_t len)
{
	size_t i;

	for (i = 0; i < s->pages.size; i++) {
		uintptr_t at = s->pages.slot[i] & ~(PAGE - 1);
		unsigned prot = (unsigned)(s->pages.slot[i] & (PAGE - 1)) >> 1;

		if (at - va >= len || !(prot & RUMPEXT_SPACE_WRITE))
			continue;
		prot &= ~RUMPEXT_SPACE_WRITE;
		if (tracee_call(s->pid, SYS_mprotect, (long)at, PAGE, host_prot(prot), 0, 0, 0))
			die("mprotect");
		pages_set(&s->pages, at, prot);
	}
}

void tracee_unmap(struct rumpext_space *s, uintptr_t va, size_t len)
{
	uintptr_t end = va + len;

	pages_clear(&s->pages, va, len);
	if (va < STUB)
		tracee_call(s->pid, SYS_munmap, (long)va, (long)((end < STUB ? end : STUB) - va), 0, 0, 0, 0);
	if (va < STUB + PAGE)
		va = STUB + PAGE;
	if (va < end)
		tracee_call(s->pid, SYS_munmap, (long)va, (long)(end - va), 0, 0, 0, 0);
}

int tracee_fp_get(pid_t tid, void *buf)
{
	struct iovec iov = { buf, tracee_fp_host };

	return ptrace(PTRACE_GETREGSET, tid, NT_X86_XSTATE, &iov) ? -1 : 0;
}

int tracee_fp_set(pid_t tid, const void *buf)
{
	struct iovec iov = { (void *)(uintptr_t)buf, tracee_fp_host };

	return ptrace(PTRACE_SETREGSET, tid, NT_X86_XSTATE, &iov) ? -1 : 0;
}

/* ---- why a thread has stopped ---- */

/*
 * The host does not say what kind of access it was, but whether the page was mapped then: one
 * that was not was to be read (or will fault once more, mapped). Whether it is mapped now says
 * nothing: another thread may have come first.
 */
static void page_fault(struct rumpext_user *u, uintptr_t addr, bool mapped)
{
	unsigned have = pages_get(&u->in->pages, addr);
	struct rumpext_trap *t = u->trap;

	t->kind = RUMPEXT_TRAP_FAULT;
	t->addr = addr;
	t->code = 4;
	if (addr - u->regs->rip < 16 && !(have & RUMPEXT_SPACE_EXEC) &&
	    (addr == u->regs->rip || pages_get(&u->in->pages, u->regs->rip))) {
		t->access = RUMPEXT_SPACE_EXEC;
		t->code |= 16;
	} else {
		t->access = mapped ? RUMPEXT_SPACE_WRITE : RUMPEXT_SPACE_READ;
		t->code |= mapped ? 3 : 0;
	}
}

static void exception(struct rumpext_user *u, const siginfo_t *si)
{
	struct rumpext_trap *t = u->trap;

	t->kind = RUMPEXT_TRAP_EXCEPTION;
	switch (si->si_signo) {
	case SIGFPE:
		t->vector = si->si_code == FPE_INTDIV ? 0 : 19;
		break;
	case SIGILL:
		t->vector = 6;
		break;
	case SIGTRAP:
		t->vector = si->si_code == SI_KERNEL ? 3 : 1;
		t->addr = t->vector == 1 ? 1u << 14 : 0;
		break;
	case SIGBUS:
		t->vector = 17;
		break;
	default:
		t->vector = 13;
	}
}

void tracee_trap(struct rumpext_user *u, int status)
{
	struct rumpext_trap *t = u->trap;
	siginfo_t si;

	ptrace(PTRACE_GETREGS, u->tid, 0, u->regs);
	if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
		t->kind = RUMPEXT_TRAP_SYSCALL;
		u->regs->rax = u->regs->orig_rax;
		return;
	}
	u->regs->orig_rax = (uint64_t)-1;
	if (ptrace(PTRACE_GETSIGINFO, u->tid, 0, &si))
		memset(&si, 0, sizeof(si));
	if (WSTOPSIG(status) == SIGSEGV && si.si_code > 0 && si.si_code != SI_KERNEL)
		page_fault(u, (uintptr_t)si.si_addr, si.si_code == SEGV_ACCERR);
	else if (WSTOPSIG(status) == SIGBUS && si.si_code == BUS_ADRERR)
		page_fault(u, (uintptr_t)si.si_addr, true);
	else if (si.si_code > 0 && WSTOPSIG(status) != SIGURG)
		exception(u, &si);
	else
		t->kind = RUMPEXT_TRAP_WORK;
}
