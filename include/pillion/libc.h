/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System calls of the donor with a libc's structures, where those differ from the kernel's
 * (<pillion/types.h>). For all others pillion_sys_*() takes the libc's structures as they are.
 *
 * Results are the kernel's: -errno on error. Locking: none; these are only conversions.
 */
#ifndef PILLION_LIBC_H
#define PILLION_LIBC_H

#include <signal.h>
#include <string.h>
#include <termios.h>

#include <pillion/syscalls.h>

#ifdef __cplusplus
extern "C" {
#endif

static inline pillion_sigset_t pillion_from_sigset(const sigset_t *set)
{
	pillion_sigset_t out = 0;

	for (int sig = 1; sig <= 64; sig++)
		if (sigismember(set, sig) == 1)
			out |= PILLION_SIGMASK(sig);
	return out;
}

static inline void pillion_to_sigset(sigset_t *set, pillion_sigset_t in)
{
	sigemptyset(set);
	for (int sig = 1; sig <= 64; sig++)
		if (in & PILLION_SIGMASK(sig))
			sigaddset(set, sig);
}

/*
 * SIG_IGN: the signal is dropped and interrupts nothing. SIG_DFL: what the donor does by default,
 * which for most is to end the process. A handler is never called; it stands for what each such
 * signal does from the start: it interrupts, and goes to pillion_options.signal.
 */
static inline long pillion_sigaction(int sig, const struct sigaction *act, struct sigaction *old)
{
	struct pillion_sigaction kact = { 0 }, kold = { 0 };
	long r;

	if (act) {
		kact.handler = act->sa_handler;
		kact.flags = (unsigned)act->sa_flags;
		kact.mask = pillion_from_sigset(&act->sa_mask);
	}
	r = pillion_sys_rt_sigaction(sig, act ? &kact : NULL, &kold, sizeof(pillion_sigset_t));
	if (r == 0 && old) {
		memset(old, 0, sizeof(*old));
		old->sa_handler = kold.handler;
		old->sa_flags = (int)kold.flags;
		pillion_to_sigset(&old->sa_mask, kold.mask);
	}
	return r;
}

static inline long pillion_sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
	pillion_sigset_t kset = set ? pillion_from_sigset(set) : 0, kold = 0;
	long r = pillion_sys_rt_sigprocmask(how, set ? &kset : NULL, &kold, sizeof(kset));

	if (r == 0 && old)
		pillion_to_sigset(old, kold);
	return r;
}

static inline long pillion_signalfd(int fd, const sigset_t *set, int flags)
{
	pillion_sigset_t kset = pillion_from_sigset(set);

	return pillion_sys_signalfd4(fd, &kset, sizeof(kset), flags);
}

/* ioctl numbers of TCGETS and TCSETS: the same on x86_64 and aarch64. */
static inline long pillion_tcgetattr(int fd, struct termios *t)
{
	struct pillion_termios k;
	long r = pillion_sys_ioctl(fd, 0x5401, (unsigned long)&k);

	if (r == 0) {
		memset(t, 0, sizeof(*t));
		t->c_iflag = k.iflag;
		t->c_oflag = k.oflag;
		t->c_cflag = k.cflag;
		t->c_lflag = k.lflag;
		t->c_line = k.line;
		memcpy(t->c_cc, k.cc, PILLION_NCCS);
	}
	return r;
}

/* when: TCSANOW, TCSADRAIN, TCSAFLUSH */
static inline long pillion_tcsetattr(int fd, int when, const struct termios *t)
{
	struct pillion_termios k;

	memset(&k, 0, sizeof(k));
	k.iflag = t->c_iflag;
	k.oflag = t->c_oflag;
	k.cflag = t->c_cflag;
	k.lflag = t->c_lflag;
	k.line = t->c_line;
	memcpy(k.cc, t->c_cc, PILLION_NCCS);
	return pillion_sys_ioctl(fd, 0x5402 + (unsigned)when, (unsigned long)&k);
}

#ifdef __cplusplus
}
#endif
#endif
