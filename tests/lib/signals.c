/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signals of the donor: they interrupt, reach the callback, descriptors and waits of the donor,
 * and never the host.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>

#include <pillion/libc.h>

#include "common.h"
#include "tap.h"

static volatile sig_atomic_t host_signals;

static void host_handler(int sig)
{
	host_signals = host_signals * 100 + sig;
}

static void watch_host(void)
{
	struct sigaction sa = { .sa_handler = host_handler };

	for (int sig = 1; sig < 65; sig++)
		if (sig != SIGKILL && sig != SIGSTOP && sig != SIGALRM && sig != SIGSEGV &&
		    sig != SIGBUS && sig != 32 && sig != 33 && sig != SIGABRT)
			sigaction(sig, &sa, NULL);
}

static void set_action(int sig, void (*handler)(int))
{
	struct pillion_sigaction sa = { .handler = handler };

	pillion_sys_rt_sigaction(sig, &sa, NULL, sizeof(pillion_sigset_t));
}

static void set_blocked(int how, int sig)
{
	pillion_sigset_t set = PILLION_SIGMASK(sig);

	pillion_sys_rt_sigprocmask(how, &set, NULL, sizeof(set));
}

static void test_epipe(void)
{
	int fds[2], before = signals_seen(SIGPIPE);

	pillion_sys_pipe2(fds, 0);
	pillion_sys_close(fds[0]);
	is(pillion_sys_write(fds[1], "x", 1), -EPIPE, "write to a pipe that nobody reads: EPIPE");
	is(signals_seen(SIGPIPE), before + 1, "and the callback is told of SIGPIPE");
	is(signal_pid(SIGPIPE), pillion_sys_getpid(), "with the process");
	pillion_sys_close(fds[1]);
	pillion_sys_socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
	pillion_sys_close(fds[0]);
	is(pillion_sys_sendto(fds[1], "x", 1, MSG_NOSIGNAL, NULL, 0), -EPIPE, "send, MSG_NOSIGNAL: EPIPE");
	is(signals_seen(SIGPIPE), before + 1, "and no signal");
	is(pillion_sys_sendto(fds[1], "x", 1, 0, NULL, 0), -EPIPE, "send: EPIPE");
	is(signals_seen(SIGPIPE), before + 2, "and a signal");
	set_action(SIGPIPE, SIG_IGN);
	is(pillion_sys_sendto(fds[1], "x", 1, 0, NULL, 0), -EPIPE, "SIGPIPE ignored: EPIPE");
	is(signals_seen(SIGPIPE), before + 2, "and no callback");
	set_action(SIGPIPE, (void (*)(int))2);
	pillion_sys_close(fds[1]);
}

static int pipes[2];

static long in_read(void *arg)
{
	char c;

	(void)arg;
	return pillion_sys_read(pipes[0], &c, 1);
}

/* A child process with a thread that blocks; its pid in *arg. */
static long in_child(void *arg)
{
	*(_Atomic int *)arg = pillion_fork();
	return in_read(NULL);
}

static long in_deaf_child(void *arg)
{
	int pid = pillion_fork();

	set_action(SIGUSR1, SIG_IGN);
	*(_Atomic int *)arg = pid;
	return in_read(NULL);
}

static int mortal_signal;

static long in_mortal_child(void *arg)
{
	int pid = pillion_fork();

	set_action(mortal_signal, SIG_DFL);
	*(_Atomic int *)arg = pid;
	return in_read(NULL);
}

static void wait_pid(_Atomic int *pid, struct worker *w)
{
	while (!*pid && !w->done)
		pause_ms(1);
	/* It moved into another task since the worker noted its own. */
	for (int i = 0; i < 200 && task_state(*pid + 1) != 'S'; i++)
		pause_ms(5);
}

static void test_kill(void)
{
	_Atomic int pid = 0;
	int before = signals_seen(SIGUSR1), status = -1;
	struct worker w;

	worker_start(&w, 0, in_child, (void *)&pid);
	wait_pid(&pid, &w);
	is(pillion_sys_kill(pid, SIGUSR1), 0, "kill() of another process");
	ok(worker_done(&w, 20000) && worker_join(&w) == -EINTR, "interrupts its blocked thread");
	ok(wait_signals(SIGUSR1, before + 1), "and reaches the callback");
	is(signal_pid(SIGUSR1), pid, "with that process's pid");
	is(pillion_sys_wait4(pid, &status, 0, NULL), pid, "it ends with its thread");
	ok(WIFEXITED(status), "by itself");
	is(pillion_sys_kill(12345, 0), -ESRCH, "kill() of nobody");
}

/* Signals that end a process, among them such as elsewhere write a core. */
static void test_default_action(void)
{
	static const int sigs[] = { SIGTERM, SIGQUIT, SIGABRT, SIGSEGV, SIGSYS };

	for (size_t i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++) {
		_Atomic int pid = 0;
		int sig = mortal_signal = sigs[i], before = signals_seen(sig), status = -1;
		struct worker w;

		worker_start(&w, 0, in_mortal_child, (void *)&pid);
		wait_pid(&pid, &w);
		is(pillion_sys_kill(pid, sig), 0, "a process that asked for SIG_DFL is sent signal %d", sig);
		if (!worker_done(&w, 20000))
			bail("it does not end");
		is(worker_join(&w), -EINTR, "its thread comes back");
		is(pillion_sys_wait4(pid, &status, 0, NULL), pid, "the process ends");
		ok(WIFSIGNALED(status) && WTERMSIG(status) == sig, "of the signal (status %x)", status);
		is(signals_seen(sig), before, "no callback");
	}
}

/* The calling thread's process ends soon, and the thread is where it was before. */
static bool leaves(int pid)
{
	for (int i = 0; i < 4000 && pillion_sys_getpid() == pid; i++)
		pause_ms(5);
	return pillion_sys_getpid() == 1;
}

/* To itself, and while it is blocked. */
static void test_own_default_action(void)
{
	int child = pillion_fork(), status = -1, before = signals_seen(SIGTERM);

	set_action(SIGQUIT, SIG_DFL);
	pillion_sys_kill(child, SIGQUIT);
	ok(leaves(child), "a thread is in process 1 after its process has sent itself SIGQUIT");
	is(pillion_sys_wait4(child, &status, 0, NULL), child, "which has ended");
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGQUIT, "of it (status %x)", status);
	child = pillion_fork();
	set_action(SIGTERM, SIG_DFL);
	set_blocked(SIG_BLOCK, SIGTERM);
	pillion_sys_tgkill(child, (int)pillion_sys_gettid(), SIGTERM);
	is(pillion_sys_getpid(), child, "SIGTERM to a thread waits while the thread blocks it");
	set_blocked(SIG_UNBLOCK, SIGTERM);
	ok(leaves(child), "and ends the process then");
	is(pillion_sys_wait4(child, &status, 0, NULL), child, "which can be waited for");
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM, "status %x", status);
	is(signals_seen(SIGTERM), before, "no callback");
	set_action(SIGQUIT, SIG_DFL);
	pillion_sys_kill(1, SIGQUIT);
	is(pillion_sys_getpid(), 1, "process 1 does not end");
	set_action(SIGQUIT, (void (*)(int))2);
}

static void test_ignored(void)
{
	_Atomic int pid = 0;
	int before = signals_seen(SIGUSR1);
	struct worker w;

	worker_start(&w, 0, in_deaf_child, (void *)&pid);
	wait_pid(&pid, &w);
	for (int i = 0; i < 20; i++)
		pillion_sys_kill(pid, SIGUSR1);
	for (int i = 0; i < 20; i++)
		pillion_sys_kill(pid, SIGCHLD);		/* ignored by default */
	for (int i = 0; i < 20; i++)
		pillion_sys_kill(pid, SIGWINCH);
	pause_ms(50);
	ok(!w.done, "ignored signals do not interrupt");
	pillion_sys_write(pipes[1], "x", 1);
	is(worker_join(&w), 1, "the call ends by itself");
	is(signals_seen(SIGUSR1), before, "no callback");
	pillion_sys_wait4(pid, NULL, 0, NULL);
}

/* To one's own process, with nobody inside; to one's own thread. */
static void test_self(void)
{
	int before = signals_seen(SIGUSR2);

	is(pillion_sys_kill((int)pillion_sys_getpid(), SIGUSR2), 0, "kill() of the own process");
	ok(wait_signals(SIGUSR2, before + 1), "callback");
	is(pillion_sys_tgkill((int)pillion_sys_getpid(), (int)pillion_sys_gettid(), SIGUSR2), 0,
	    "tgkill() of the own thread");
	ok(wait_signals(SIGUSR2, before + 2), "callback");
	set_blocked(SIG_BLOCK, SIGUSR2);
	pillion_sys_tgkill((int)pillion_sys_getpid(), (int)pillion_sys_gettid(), SIGUSR2);
	pillion_sys_getpid();
	is(signals_seen(SIGUSR2), before + 2, "none while it is blocked");
	set_blocked(SIG_UNBLOCK, SIGUSR2);
	ok(wait_signals(SIGUSR2, before + 3), "but when it is let through");
}

static long in_getpid(void *arg)
{
	(void)arg;
	return pillion_sys_getpid();
}

static long in_kill_storm(void *arg)
{
	while (!*(_Atomic bool *)arg)
		pillion_sys_kill(1, SIGUSR2);
	return 0;
}

/* Threads that join a process for which a signal is pending. */
static void test_join(void)
{
	int before = signals_seen(SIGUSR1), bad = 0;
	_Atomic bool stop = false;
	struct worker w, storm;

	set_blocked(SIG_BLOCK, SIGUSR1);
	pillion_sys_kill((int)pillion_sys_getpid(), SIGUSR1);
	worker_start(&w, 0, in_getpid, NULL);
	is(worker_join(&w), 1, "a thread joins while a signal is pending that all others block");
	set_blocked(SIG_UNBLOCK, SIGUSR1);
	ok(wait_signals(SIGUSR1, before + 1), "which is not lost");
	worker_start(&storm, 0, in_kill_storm, (void *)&stop);
	for (int i = 0; i < 500; i++) {
		worker_start(&w, 0, in_getpid, NULL);
		bad += worker_join(&w) != 1;
	}
	stop = true;
	worker_join(&storm);
	is(bad, 0, "500 threads join in a storm of signals");
}

static void test_timers(void)
{
	struct itimerval it = { { 0, 0 }, { 0, 20000 } };
	struct timespec forever = { 1000, 0 };
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN };
	struct itimerspec its = { { 0, 5000000 }, { 0, 5000000 } };
	int before = signals_seen(SIGALRM), timer = -1;

	is(pillion_sys_setitimer(ITIMER_REAL, &it, NULL), 0, "an interval timer");
	is(pillion_sys_nanosleep(&forever, NULL), -EINTR, "interrupts a sleep");
	ok(wait_signals(SIGALRM, before + 1), "SIGALRM goes to the callback");
#ifdef SYS_alarm
	is(pillion_sys_alarm(1), 0, "alarm");
	is(pillion_sys_nanosleep(&forever, NULL), -EINTR, "interrupts a sleep");
	ok(wait_signals(SIGALRM, before + 2), "SIGALRM goes to the callback");
#endif
	before = signals_seen(SIGRTMIN);
	is(pillion_sys_timer_create(CLOCK_MONOTONIC, &ev, &timer), 0, "a POSIX timer");
	is(pillion_sys_timer_settime(timer, 0, &its, NULL), 0, "that repeats");
	ok(wait_signals(SIGRTMIN, before + 3), "reaches the callback with nobody inside");
	is(pillion_sys_timer_delete(timer), 0, "until it is deleted");
}

static void test_signalfd(void)
{
	pillion_sigset_t set = PILLION_SIGMASK(SIGUSR1) | PILLION_SIGMASK(SIGCHLD);
	int fd, child, before = signals_seen(SIGUSR1), status;
	struct signalfd_siginfo info;

	pillion_sys_rt_sigprocmask(SIG_BLOCK, &set, NULL, sizeof(set));
	fd = (int)pillion_sys_signalfd4(-1, &set, sizeof(set), SFD_NONBLOCK);
	ok(fd >= 0, "signalfd");
	is(pillion_sys_read(fd, &info, sizeof(info)), -EAGAIN, "is empty");
	child = pillion_fork();
	pillion_sys_kill(pillion_sys_getppid(), SIGUSR1);
	pillion_sys_exit_group(3);
	is(pillion_sys_read(fd, &info, sizeof(info)), sizeof(info), "it has a signal");
	ok(info.ssi_signo == SIGUSR1 && info.ssi_pid == (unsigned)child, "the child's");
	is(pillion_sys_wait4(child, &status, 0, NULL), child, "the child ends");
	is(pillion_sys_read(fd, &info, sizeof(info)), sizeof(info), "there is another");
	ok(info.ssi_signo == SIGCHLD && info.ssi_pid == (unsigned)child && info.ssi_status == 3,
	    "SIGCHLD, with its exit code (%d %d %d)", info.ssi_signo, info.ssi_pid, info.ssi_status);
	is(signals_seen(SIGUSR1), before, "no callback for what a signalfd takes");
	pillion_sys_rt_sigprocmask(SIG_UNBLOCK, &set, NULL, sizeof(set));
	pillion_sys_close(fd);
}

static void test_sigwait(void)
{
	pillion_sigset_t set = PILLION_SIGMASK(SIGRTMIN + 1), pending = 0;
	struct timespec soon = { 0, 10000000 };
	siginfo_t info = { .si_code = SI_QUEUE };

	pillion_sys_rt_sigprocmask(SIG_BLOCK, &set, NULL, sizeof(set));
	is(pillion_sys_rt_sigtimedwait(&set, &info, &soon, sizeof(set)), -EAGAIN, "sigtimedwait: none");
	for (int i = 1; i <= 3; i++) {
		memset(&info, 0, sizeof(info));
		info.si_code = SI_QUEUE;
		info.si_signo = SIGRTMIN + 1;
		info.si_value.sival_int = i;
		pillion_sys_rt_sigqueueinfo((int)pillion_sys_getpid(), SIGRTMIN + 1, &info);
	}
	is(pillion_sys_rt_sigpending(&pending, sizeof(pending)), 0, "sigpending");
	ok((pending & set) != 0, "knows of it");
	for (int i = 1; i <= 3; i++)
		ok(pillion_sys_rt_sigtimedwait(&set, &info, &soon, sizeof(set)) == SIGRTMIN + 1 &&
		    info.si_value.sival_int == i, "queued signals in order, value %d", i);
	pillion_sys_rt_sigprocmask(SIG_UNBLOCK, &set, NULL, sizeof(set));
}

/* The libc's forms. */
static void test_libc(void)
{
	struct sigaction sa = { .sa_handler = SIG_IGN }, old = { .sa_handler = SIG_IGN };
	sigset_t set, was;

	is(pillion_sigaction(SIGHUP, &sa, &old), 0, "sigaction of a libc");
	ok(old.sa_handler != SIG_IGN, "says what was");
	pillion_sigaction(SIGHUP, &old, &sa);
	ok(sa.sa_handler == SIG_IGN, "and what is");
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	pillion_sigprocmask(SIG_BLOCK, &set, NULL);
	pillion_sigprocmask(SIG_UNBLOCK, &set, &was);
	ok(sigismember(&was, SIGHUP) == 1 && sigismember(&was, SIGINT) == 0, "masks convert");
}

static long fault_call(void *arg)
{
	return pillion_sys_write(pipes[1], arg, 1);
}

int main(void)
{
	struct worker w;

	tap_begin();
	watch_host();
	boot(NULL);
	pillion_sys_pipe2(pipes, 0);
	test_epipe();
	test_kill();
	test_default_action();
	test_own_default_action();
	test_ignored();
	test_self();
	test_join();
	test_timers();
	test_signalfd();
	test_sigwait();
	test_libc();
	worker_start(&w, 0, fault_call, (void *)8);
	is(worker_join(&w), -EFAULT, "a bad pointer is EFAULT");
	ok(host_signals == 0, "no signal reached the host (%d)", (int)host_signals);
	ok(pillion_shutdown() == 0, "shutdown");
	return tap_done();
}
