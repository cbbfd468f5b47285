/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ending the program, signals to processes, and taking the platform down.
 *
 * Interface: rumpuser_exit, rumpuser_kill; rumpuser_posix_exit_hook, _kill_hook, _fini.
 * Locking: the hooks are set before the donor runs.
 */
#include <stdlib.h>
#include <unistd.h>

#include "posix.h"
#include "rumpuser_posix.h"

static void (*killhook)(void *, int64_t, int);
static void *killarg;
static void (*exithook)(void *, int);
static void *exitarg;

void
rumpuser_posix_kill_hook(void (*hook)(void *, int64_t, int), void *arg)
{

	killhook = hook;
	killarg = arg;
}

void
rumpuser_posix_exit_hook(void (*hook)(void *, int), void *arg)
{

	exithook = hook;
	exitarg = arg;
}

int
rumpuser_kill(int64_t pid, int sig)
{

	/* A donor's signal never becomes one of the host's: the embedder decides. */
	if (killhook != NULL)
		killhook(killarg, pid, sig);
	return 0;
}

void
rumpuser_exit(int value)
{

	rumpuser__console_flush();
	if (exithook != NULL)
		exithook(exitarg, value);
	if (value == RUMPUSER_PANIC) {
		rumpuser_dprintf("rumpuser: the kernel panicked\n");
		rumpuser__console_flush();
		_exit(RUMPUSER_POSIX_PANIC_STATUS);
	}
	exit(value);
}

void
rumpuser_posix_fini(void)
{

	rumpuser__bio_fini();
	rumpuser__blk_fini();
	rumpuser__virtif_fini();
	rumpuser__vm_fini();
	rumpuser__fault_fini();
	rumpuser__console_flush();
	rumpuser__param_fini();
	rumpuser__hyp = (struct rumpuser_hyperup){ .hyp_schedule = NULL };
}
