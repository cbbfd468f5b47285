/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Confinement of the process: the drivers parse data that may be hostile.
 *
 * Once the images are open and the donor has booted, seccomp leaves the system calls that the
 * donor's host side and the tool need: no execve, no sockets, no new executable memory, no
 * signals to others. Commands that copy to or from the host also keep the file calls; for them
 * Landlock, where the kernel has it, leaves writing only below the destination.
 */
#ifndef TOOL_SANDBOX_H
#define TOOL_SANDBOX_H

enum sandbox {
	SANDBOX_OFF,
	SANDBOX_STREAMS,	/* standard input and output, images */
	SANDBOX_FILES,		/* and files of the host */
};

/*
 * Before the boot, while the process has one thread: from now on the host's files are written
 * only below the directory dest (an O_PATH descriptor), or nowhere for -1. Images that are open
 * already stay writable.
 */
void sandbox_limit_writes(int dest);
/* After the boot: confine all threads. 0, or -1 reported. */
int sandbox_enter(enum sandbox kind);

#endif
