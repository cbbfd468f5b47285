/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals: handlers and what they see, signal stacks, interrupted calls, faults, timers. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>

#include "tap.h"

static volatile sig_atomic_t got, count;
static siginfo_t info;
static void *volatile handler_sp;
static sigjmp_buf back;

static void handler(int sig, siginfo_t *si, void *uc)
{
	int here;

	(void)uc;
	info = *si;
	handler_sp = &here;
	got = sig;
	count++;
}

static void jump(int sig, siginfo_t *si, void *uc)
{
	handler(sig, si, uc);
	siglongjmp(back, 1);
}

static void on(int sig, void (*fn)(int, siginfo_t *, void *), int flags)
{
	struct sigaction sa = { .sa_sigaction = fn, .sa_flags = SA_SIGINFO | flags };

	sigemptyset(&sa.sa_mask);
	if (sigaction(sig, &sa, NULL))
		bail("sigaction");
	got = count = 0;
	memset(&info, 0, sizeof(info));
}

static void test_basic(void)
{
	union sigval value = { .sival_int = 77 };
	sigset_t set, old;

	on(SIGUSR1, handler, 0);
	raise(SIGUSR1);
	ok(got == SIGUSR1 && info.si_pid == getpid(), "a handler, and who sent the signal");
	on(SIGRTMIN + 1, handler, 0);
	sigqueue(getpid(), SIGRTMIN + 1, value);
	ok(got == SIGRTMIN + 1 && info.si_code == SI_QUEUE && info.si_value.sival_int == 77,
	   "a queued signal has its value");
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	on(SIGUSR1, handler, 0);
	sigprocmask(SIG_BLOCK, &set, &old);
	raise(SIGUSR1);
	is(count, 0, "a blocked signal waits");
	sigpending(&set);
	ok(sigismember(&set, SIGUSR1), "and is pending");
	sigsuspend(&old);
	is(count, 1, "until sigsuspend");
	sigprocmask(SIG_SETMASK, &old, NULL);
	on(SIGUSR1, handler, SA_RESETHAND);
	raise(SIGUSR1);
	ok(signal(SIGUSR1, SIG_IGN) == SIG_DFL, "SA_RESETHAND");
}

static void test_stack(void)
{
	static char stack[65536] __attribute__((aligned(16)));
	stack_t ss = { .ss_sp = stack, .ss_size = sizeof(stack) }, have;

	ok(sigaltstack(&ss, NULL) == 0, "sigaltstack");
	on(SIGUSR2, handler, SA_ONSTACK);
	raise(SIGUSR2);
	ok((char *)handler_sp > stack && (char *)handler_sp < stack + sizeof(stack),
	   "the handler runs on it");
	sigaltstack(NULL, &have);
	ok(have.ss_sp == stack && !(have.ss_flags & SS_ONSTACK), "and the stack is free after");
}

/* Overflow the stack; the handler has another. */
static __attribute__((noinline)) int deep(int n)
{
	volatile char frame[4096];

	frame[0] = (char)n;
	return n > 1 << 24 ? frame[0] : deep(n + 1) + frame[0];
}

static void test_faults(void)
{
	volatile int zero = 0;
	void *volatile page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd;

	on(SIGSEGV, jump, SA_ONSTACK);
	if (!sigsetjmp(back, 1))
		*(volatile int *)0x1234 = 1;
	ok(got == SIGSEGV && info.si_addr == (void *)0x1234 && info.si_code == SEGV_MAPERR,
	   "SIGSEGV: the address, nothing there");
	on(SIGSEGV, jump, SA_ONSTACK);
	if (!sigsetjmp(back, 1))
		*((volatile char *)page + 5) = 1;
	ok(got == SIGSEGV && info.si_addr == (char *)page + 5 && info.si_code == SEGV_ACCERR,
	   "SIGSEGV: not writable");
	on(SIGSEGV, jump, SA_ONSTACK);
	if (!sigsetjmp(back, 1))
		((void (*)(void))page)();
	ok(got == SIGSEGV && info.si_addr == page && info.si_code == SEGV_ACCERR,
	   "SIGSEGV: not executable");
	on(SIGSEGV, jump, SA_ONSTACK);
	if (!sigsetjmp(back, 1))
		*(volatile char *)0xffff800000000000ul = 1;
	is(got, SIGSEGV, "SIGSEGV: an address of the kernel's half");
	on(SIGSEGV, jump, SA_ONSTACK);
	if (!sigsetjmp(back, 1))
		deep(0);
	is(got, SIGSEGV, "SIGSEGV: a stack that is full, on the signal stack");
	on(SIGFPE, jump, 0);
	if (!sigsetjmp(back, 1))
		zero = 7 / zero;
	ok(got == SIGFPE && info.si_code == FPE_INTDIV, "SIGFPE: division by zero");
	on(SIGILL, jump, 0);
	if (!sigsetjmp(back, 1))
		__builtin_trap();
	is(got, SIGILL, "SIGILL");
	on(SIGTRAP, handler, 0);
	__asm__ volatile("int3");
	is(got, SIGTRAP, "SIGTRAP: a breakpoint, and on behind it");
	fd = open("/tmp/short", O_RDWR | O_CREAT | O_TRUNC, 0600);
	page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	on(SIGBUS, jump, 0);
	if (!sigsetjmp(back, 1))
		zero = *(volatile int *)page;
	ok(got == SIGBUS && info.si_code == BUS_ADRERR, "SIGBUS: behind the end of a file");
	close(fd);
}

/* One signal might come before the call that it is to interrupt. */
static void alarm_every(int ms)
{
	struct timeval time = { .tv_usec = ms * 1000 };
	struct itimerval it = { .it_value = time, .it_interval = time };

	setitimer(ITIMER_REAL, &it, NULL);
}

static void *write_later(void *arg)
{
	while (count < 4)
		usleep(1000);
	return write(*(int *)arg, "x", 1) == 1 ? arg : NULL;
}

static void test_interrupted(void)
{
	struct timespec ts = { 100, 0 }, left = { 0, 0 };
	int pipes[2];
	pthread_t t;
	sigset_t set, old;
	char c;

	if (pipe(pipes))
		bail("pipe");
	on(SIGALRM, handler, 0);
	alarm_every(20);
	is(read(pipes[0], &c, 1) == -1 ? errno : 0, EINTR, "a read is interrupted");
	alarm_every(0);
	ok(count > 0, "by its handler");
	/* The thread that writes must not get the alarm. */
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &set, &old);
	on(SIGALRM, handler, SA_RESTART);
	pthread_create(&t, NULL, write_later, &pipes[1]);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	alarm_every(10);
	is(read(pipes[0], &c, 1), 1, "with SA_RESTART it goes on");
	ok(count >= 4, "after the handler");
	pthread_join(t, NULL);
	ok(nanosleep(&ts, &left) == -1 && errno == EINTR && left.tv_sec > 0 && left.tv_sec < 100,
	   "nanosleep tells what is left");
	alarm_every(0);
	close(pipes[0]);
	close(pipes[1]);
}

static void test_spinning(void)
{
	volatile double x = 1.5, y = 2.25;
	volatile unsigned long n = 0;

	on(SIGALRM, handler, 0);
	alarm_every(30);
	while (!count) {
		n++;
		x = x * 1.0 + 0.0;
	}
	alarm_every(0);
	ok(n > 0 && x == 1.5 && y == 2.25, "a handler runs in a program that makes no calls");
}

static void clobber(int sig)
{
	volatile double d[16];
	int i;

	for (i = 0; i < 16; i++)
		d[i] = sig * 3.25 + i;
	__asm__ volatile("pxor %%xmm15, %%xmm15; pcmpeqb %%xmm14, %%xmm14" ::: "xmm14", "xmm15");
	got = (int)d[3];
	kill(getpid(), SIGUSR2);
}

static void test_fp(void)
{
	uint64_t in = 0x123456789abcdef0u, out = 0;

	signal(SIGUSR1, clobber);
	signal(SIGUSR2, SIG_IGN);
	__asm__ volatile(
		"movq %2, %%xmm14\n\tmovq %2, %%xmm15\n\t"
		"mov $39, %%eax\n\tsyscall\n\t"		/* getpid */
		"mov %%eax, %%edi\n\tmov $10, %%esi\n\tmov $62, %%eax\n\tsyscall\n\t"	/* kill, SIGUSR1 */
		"movq %%xmm14, %0\n\tmovq %%xmm15, %1\n\txor %1, %0"
		: "=&r" (out), "=&r" (in) : "r" (in) : "rax", "rcx", "rdx", "rdi", "rsi", "r8", "r9", "r10",
		"r11", "xmm14", "xmm15", "memory");
	ok(out == 0 && in == 0x123456789abcdef0u, "vector registers survive a handler that uses them");
}

static unsigned seen_mxcsr, seen_cw;

static void look_at_control(int sig)
{
	uint16_t cw;

	(void)sig;
	__asm__ volatile("stmxcsr %0" : "=m" (seen_mxcsr));
	__asm__ volatile("fnstcw %0" : "=m" (cw));
	seen_cw = cw;
}

/* What the program has made of the control words is not the handler's, but its own again after. */
static void test_fp_control(void)
{
	unsigned mxcsr = 0x7f80, after_mxcsr, old_mxcsr;
	uint16_t cw = 0x0f7f, after_cw, old_cw;

	signal(SIGUSR1, look_at_control);
	__asm__ volatile("stmxcsr %0; fnstcw %1" : "=m" (old_mxcsr), "=m" (old_cw));
	__asm__ volatile("ldmxcsr %0; fldcw %1" :: "m" (mxcsr), "m" (cw));
	raise(SIGUSR1);
	__asm__ volatile("stmxcsr %0; fnstcw %1" : "=m" (after_mxcsr), "=m" (after_cw));
	__asm__ volatile("ldmxcsr %0; fldcw %1" :: "m" (old_mxcsr), "m" (old_cw));
	is(seen_mxcsr, 0x1f80, "a handler begins with MXCSR as a program does");
	is(seen_cw, 0x37f, "and with the x87 control word");
	is(after_mxcsr, 0x7f80, "the program has its own again");
	is(after_cw, 0x0f7f, "both");
}

static void test_child(void)
{
	sigset_t set, old;
	int status;
	pid_t pid;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, &old);
	on(SIGCHLD, handler, 0);
	pid = fork();
	if (pid == 0)
		_exit(3);
	while (!count)
		sigsuspend(&old);
	sigprocmask(SIG_SETMASK, &old, NULL);
	signal(SIGCHLD, SIG_DFL);
	ok(info.si_pid == pid && info.si_code == CLD_EXITED && info.si_status == 3,
	   "SIGCHLD tells who and how");
	waitpid(pid, &status, 0);
	pid = fork();
	if (pid == 0)
		for (;;)
			pause();
	kill(pid, SIGSTOP);
	ok(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status), "a child is stopped");
	kill(pid, SIGCONT);
	ok(waitpid(pid, &status, WCONTINUED) == pid && WIFCONTINUED(status), "and continued");
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
}

static void change_context(int sig, siginfo_t *si, void *arg)
{
	ucontext_t *uc = arg;

	(void)sig;
	(void)si;
	uc->uc_mcontext.gregs[REG_RIP] += 2;	/* over ud2 */
	uc->uc_mcontext.gregs[REG_RBX] = 4711;
}

static void test_context(void)
{
	long rbx = 0;

	on(SIGILL, change_context, 0);
	__asm__ volatile("xor %%ebx, %%ebx; ud2; mov %%rbx, %0" : "=r" (rbx) :: "rbx");
	is(rbx, 4711, "a handler changes the context");
	signal(SIGILL, SIG_DFL);
}

static void *target(void *arg)
{
	while (!*(volatile int *)arg)
		;
	return (void *)(long)got;
}

static void test_thread_directed(void)
{
	volatile int stop = 0;
	pthread_t t;
	void *ret;

	on(SIGUSR1, handler, 0);
	pthread_create(&t, NULL, target, (void *)&stop);
	usleep(5000);
	pthread_kill(t, SIGUSR1);
	while (!count)
		usleep(1000);
	stop = 1;
	pthread_join(t, &ret);
	is((long)ret, SIGUSR1, "a signal for another thread, that spins");
}

int main(void)
{
	tap_begin();
	test_basic();
	test_stack();
	test_faults();
	test_interrupted();
	test_spinning();
	test_fp();
	test_fp_control();
	test_child();
	test_context();
	test_thread_directed();
	return tap_done();
}
