/* SPDX-License-Identifier: BSD-2-Clause */
/* Extension: upcalls into the donor beside struct rumpuser_hyperup (version 1). All are the donor's to implement. */
#ifndef RUMP_RUMPEXT_TASK_H
#define RUMP_RUMPEXT_TASK_H
#include <rump/rumptypes.h>
#define RUMPEXT_TASK_VERSION 1
struct lwp;
/* Boot. Called once, on any thread, which becomes a thread of process 1. 0 or an errno.
 * Asks rumpuser_getparam for RUMP_MEMLIMIT, PILLION_CMDLINE, ... */
int rump_init(void);
/* Sync, unmount, stop every kernel thread. Called on an attached thread, others must be detached. */
int rump_ext_halt(void);
/* One system call of the ISA's native Linux ABI: result or -errno. The thread is attached if it was not. */
long rump_ext_syscall(long nr, long, long, long, long, long, long);
/* Attach the calling host thread to process pid (1 if 0) as a new task; release: detach, task ends.
 * rfork: a new process, child of the caller's, with copies of descriptors, cwd and credentials; the calling thread
 * leaves its own task parked and becomes the new process's: *pid. */
int rump_ext_attach(int pid);
void rump_ext_detach(void);
int rump_ext_rfork(int *pid);
/* The calling thread's task (NULL if none); make another task of the same thread current */
struct lwp *rump_ext_curlwp(void);
int rump_ext_switch(struct lwp *);
/* From any thread: make the call in which lwp is blocked (or the next it makes that would block) return EINTR. */
int rump_ext_interrupt(struct lwp *);
/* From any thread: end the task even if blocked: its call returns EINTR, and it is released then. */
int rump_ext_kill(struct lwp *);
/* Attach block device path (for rumpuser_open) as /dev/<name>; name chosen by the donor is written. dev_t returned.*/
#define RUMPEXT_BLKATTACH_RDONLY 1
int rump_ext_blk_attach(const char *path, unsigned flags, char name[32], int *id);
int rump_ext_blk_detach(int id);
/* Create a network interface over rumpcomp_virt_create(devstr). */
int rump_ext_virtif_attach(const char *devstr, char name[32]);
#endif
