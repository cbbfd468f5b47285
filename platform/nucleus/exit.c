/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of the program, which is the end of the machine; signals, errno, and the background, of
 * which there is none here.
 *
 * Interface: rumpuser_exit, _kill, _seterrno, _daemonize_*; rumpuser_nucleus_exit_hook.
 * Locking: the hook is set before the donor runs.
 */
#include <nucleus/board.h>

#include <pillion/image.h>

#include "platform.h"
#include "rumpuser_nucleus.h"

static void (*exit_hook)(int value);

void rumpuser_nucleus_exit_hook(void (*hook)(int value))
{
	exit_hook = hook;
}

void rumpuser_exit(int value)
{
	if (exit_hook != NULL)
		exit_hook(value);
	machine_exit(value == RUMPUSER_PANIC ? PILLION_STATUS_PANIC : value & 0xff);
}

/* The donor's processes are its own: there is no program around it that a signal could reach. */
int rumpuser_kill(int64_t pid, int sig)
{
	(void)pid;
	(void)sig;
	return 0;
}

/* There is no C library that would have an errno. */
void rumpuser_seterrno(int error)
{
	(void)error;
}

int rumpuser_daemonize_begin(void)
{
	return RUMP_ENOTSUP;
}

int rumpuser_daemonize_done(int error)
{
	(void)error;
	return RUMP_EINVAL;
}
