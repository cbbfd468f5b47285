/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Futex calls, and the slow path of the platform's own lock.
 *
 * Locking: none of its own.
 */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <sys/syscall.h>
#include <limits.h>
#include <unistd.h>

#include "posix.h"
#include "cpu.h"

/* The call with times of 64 bits: another one where the host's own are narrower. */
#ifndef SYS_futex_time64
#define SYS_futex_time64 SYS_futex
#endif

int
rumpuser__futex_wait(uint32_t *word, uint32_t value, const struct timespec *deadline)
{
	int saved = errno, error;

	/* The BITSET form takes an absolute time of CLOCK_MONOTONIC. */
	if (syscall(SYS_futex_time64, word, FUTEX_WAIT_BITSET_PRIVATE, value, deadline, NULL,
	    FUTEX_BITSET_MATCH_ANY) == 0)
		return 0;
	error = errno;
	errno = saved;
	return error;
}

void
rumpuser__futex_wake(uint32_t *word, int count)
{
	int saved = errno;

	/* The word may be gone by now (a lock freed by whom it let in): then nobody waits. */
	(void)syscall(SYS_futex_time64, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
	errno = saved;
}

void
rumpuser__plock_slow(struct plock *pl)
{
	int i;

	for (i = 0; i < 100; i++) {
		if (__atomic_load_n(&pl->pl_state, __ATOMIC_RELAXED) == 0 && plock_try(pl))
			return;
		cpu_relax();
	}
	while (__atomic_exchange_n(&pl->pl_state, 2, __ATOMIC_ACQUIRE) != 0)
		(void)rumpuser__futex_wait(&pl->pl_state, 2, NULL);
}
