/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Recovery for the copy routines of cpu/<isa>/copy.S: a handler of SIGSEGV and SIGBUS, and with
 * them SIGFPE, SIGILL and SIGTRAP (what a compiler's trap instruction raises differs), that moves
 * a fault of theirs to its fixup, tells the donor of its own, and hands everything else to the
 * action that was there before.
 *
 * Interface: rumpuser__fault_init, _fini; rumpuser_posix_fault_init.
 * Locking: init_lock for installing; `old' is written before the handler can run.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "posix.h"
#include "rumpuser_posix.h"

struct fixup {
	int32_t	fx_start, fx_end, fx_go;	/* each relative to its own address */
};
extern const struct fixup rumpuser__fixups[], rumpuser__fixups_end[];

static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP };
#define NSIGNALS (sizeof(signals) / sizeof(signals[0]))
static struct sigaction old[NSIGNALS];
static bool installed[NSIGNALS];
static struct plock init_lock;

/* A donor that wants to know of its own faults. */
extern int rump_ext_fault(const char *, uintptr_t, uintptr_t, uintptr_t) __attribute__((__weak__));

static size_t
indexof(int sig)
{
	size_t i;

	for (i = 0; signals[i] != sig; i++)
		;
	return i;
}

static inline uintptr_t
rel(const int32_t *p)
{

	return (uintptr_t)p + (uintptr_t)(intptr_t)*p;
}

/* The default action of a fault, or of a signal that somebody sent. */
static void
dfl(int sig)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = SIG_DFL;
	sigemptyset(&sa.sa_mask);
	(void)sigaction(sig, &sa, NULL);
	/* Pending until this handler returns; a fault would come again by itself. */
	(void)raise(sig);
}

static void
chain(int sig, siginfo_t *si, void *uctx)
{
	struct sigaction *sa = &old[indexof(sig)];
	sigset_t mask, saved;

	if (!(sa->sa_flags & SA_SIGINFO)) {
		/* No host lets a fault be ignored; a signal that somebody sent, yes. */
		if (sa->sa_handler == SIG_IGN && si->si_code <= 0)
			return;
		if (sa->sa_handler == SIG_DFL || sa->sa_handler == SIG_IGN) {
			dfl(sig);
			return;
		}
	}
	mask = sa->sa_mask;
	if (sa->sa_flags & SA_NODEFER) {
		sigset_t self;

		sigemptyset(&self);
		sigaddset(&self, sig);
		(void)pthread_sigmask(SIG_UNBLOCK, &self, NULL);
	}
	(void)pthread_sigmask(SIG_BLOCK, &mask, &saved);
	if (sa->sa_flags & SA_SIGINFO) {
		void (*fn)(int, siginfo_t *, void *) = sa->sa_sigaction;

		if (sa->sa_flags & SA_RESETHAND) {
			sa->sa_flags &= ~SA_SIGINFO;
			sa->sa_handler = SIG_DFL;
		}
		fn(sig, si, uctx);
	} else {
		void (*fn)(int) = sa->sa_handler;

		if (sa->sa_flags & SA_RESETHAND)
			sa->sa_handler = SIG_DFL;
		fn(sig);
	}
	(void)pthread_sigmask(SIG_SETMASK, &saved, NULL);
}

static const char *
what(int sig)
{

	switch (sig) {
	case SIGFPE:
		return "arithmetic fault";
	case SIGILL:
		return "undefined instruction";
	case SIGTRAP:
		return "trap instruction";
	default:
		return "bad memory access";
	}
}

/* Tell the donor, which looks around on the stack with rumpext_copy(): that may fault in turn. */
static void
tell(int sig, siginfo_t *si, void *uctx, uintptr_t pc)
{
	sigset_t faults, saved;

	if (rump_ext_fault == NULL)
		return;
	sigemptyset(&faults);
	sigaddset(&faults, SIGSEGV);
	sigaddset(&faults, SIGBUS);
	(void)pthread_sigmask(SIG_UNBLOCK, &faults, &saved);
	(void)rump_ext_fault(what(sig), pc, rumpuser__cpu_getfp(uctx), (uintptr_t)si->si_addr);
	(void)pthread_sigmask(SIG_SETMASK, &saved, NULL);
}

static void
handler(int sig, siginfo_t *si, void *uctx)
{
	const struct fixup *fx;
	uintptr_t pc;
	int saved = errno;

	pc = rumpuser__cpu_getpc(uctx);
	/* cppcheck-suppress comparePointers ; both bound the same section */
	for (fx = rumpuser__fixups; si->si_code > 0 && fx < rumpuser__fixups_end; fx++)
		if (pc >= rel(&fx->fx_start) && pc < rel(&fx->fx_end)) {
			rumpuser__cpu_setpc(uctx, rel(&fx->fx_go));
			return;
		}
	if (si->si_code > 0)
		tell(sig, si, uctx, pc);
	chain(sig, si, uctx);
	errno = saved;
}

static int
install(size_t i)
{
	int sig = signals[i];
	struct sigaction sa;

	if (installed[i])
		return 0;
	memset(&sa, 0, sizeof(sa));
	sa.sa_sigaction = handler;
	sa.sa_flags = SA_SIGINFO | SA_ONSTACK;
	sigemptyset(&sa.sa_mask);
	/* Ask first: from the moment the handler is in place it may need the old action. */
	if (sigaction(sig, NULL, &old[i]) != 0 || sigaction(sig, &sa, NULL) != 0)
		return rumpuser__errtrans(errno);
	installed[i] = true;
	return 0;
}

int
rumpuser__fault_init(void)
{
	int error = 0;
	size_t i;

	plock(&init_lock);
	for (i = 0; i < NSIGNALS && error == 0; i++)
		error = install(i);
	punlock(&init_lock);
	return error;
}

int
rumpuser_posix_fault_init(void)
{

	return rumpuser__fault_init();
}

static void
putback(size_t i)
{
	int sig = signals[i];
	struct sigaction sa;

	/* Somebody who came after us may still pass signals on: then we stay. */
	if (installed[i] && sigaction(sig, NULL, &sa) == 0 && (sa.sa_flags & SA_SIGINFO) &&
	    sa.sa_sigaction == handler) {
		(void)sigaction(sig, &old[i], NULL);
		installed[i] = false;
	}
}

void
rumpuser__fault_fini(void)
{

	size_t i;

	plock(&init_lock);
	for (i = 0; i < NSIGNALS; i++)
		putback(i);
	punlock(&init_lock);
}
