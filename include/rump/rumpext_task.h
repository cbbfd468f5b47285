/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Extension: upcalls into the donor beside struct rumpuser_hyperup. Version 1. All of them are
 * the donor's to implement and the embedder's to call.
 *
 * Reason: rumpuser(3)'s upcalls serve the platform's hypercalls. An embedder also boots and halts
 * the donor, makes system calls by their native numbers, interrupts or ends a task that is
 * blocked in one, and attaches devices while it runs.
 *
 * Results: 0 or RUMP_E* unless stated. Words are those of <rump/rumpuser.h>. A caller does not
 * hold the donor's CPU; these functions take it and give it back, and may wait for it.
 * "Attached": the calling thread has a task of the donor.
 * Locking: any thread may call any of them at any time after rump_init(), unless stated.
 */
#ifndef RUMP_RUMPEXT_TASK_H
#define RUMP_RUMPEXT_TASK_H

#include <rump/rumptypes.h>

#define RUMPEXT_TASK_VERSION 1

struct lwp;

/*
 * rump_init: boot. Called once in a process, on any thread, which becomes a thread of process 1.
 * The donor asks rumpuser_getparam() for RUMP_MEMLIMIT (bytes of its arena), PILLION_CMDLINE (its
 * command line) and what its own documentation names. RUMP_EINVAL: a parameter; RUMP_ENOMEM;
 * RUMP_EBUSY: booted before. What the donor cannot recover from ends in
 * rumpuser_exit(RUMPUSER_PANIC).
 */
int rump_init(void);

/*
 * rump_ext_halt: sync, unmount, stop every thread of the donor. Called on an attached thread,
 * which is detached by it; others must be detached. On return no hypercall is made any more and
 * none is under way. RUMP_EBUSY: another thread is attached, nothing has happened. Whether all
 * could be written back, syncfs() says, before.
 */
int rump_ext_halt(void);

/*
 * rump_ext_syscall: one system call by the number and with the structures of the instruction
 * set's native
 * Linux ABI. Returns its result, or -errno with the donor's own number (Linux's), like the call
 * itself. The thread is attached to process 1 if it was not. May block, as the call may.
 */
long rump_ext_syscall(long nr, long a0, long a1, long a2, long a3, long a4, long a5);

/*
 * rump_ext_attach: make the calling thread, which is not attached, a new task of process pid, 1
 * for 0. RUMP_ESRCH: no such process; RUMP_EBUSY: attached already; RUMP_EAGAIN, RUMP_ENOMEM.
 * rump_ext_detach: end the calling thread's task; the last one of a process ends that (1
 * excepted). A thread that ends is detached. Nothing if it is not attached.
 * rump_ext_rfork: a new process, child of the caller's, with copies of its descriptors, working
 * directory and credentials. The calling thread leaves its own task parked and becomes the new
 * process's only one; rump_ext_switch() goes back. *pidp: its process id. RUMP_EAGAIN,
 * RUMP_ENOMEM.
 */
int rump_ext_attach(int pid);
void rump_ext_detach(void);
int rump_ext_rfork(int *pidp);

/*
 * rump_ext_curlwp: the calling thread's task, NULL if none. rump_ext_switch: make another task
 * that the same thread has parked its current one, the present one is parked. RUMP_EINVAL: not a
 * parked task.
 */
struct lwp *rump_ext_curlwp(void);
int rump_ext_switch(struct lwp *l);

/*
 * From any thread, attached or not. l must exist until the call returns.
 * rump_ext_interrupt: the call that l is in, or if it is in none its next call, ends early with
 * EINTR where it would block. One that does not block takes no notice and uses the interruption up.
 * rump_ext_kill: ends the task even if it is blocked: its call returns -EINTR, and it is released
 * then; a parked one is released when its thread next comes in. RUMP_ESRCH: no such task.
 */
int rump_ext_interrupt(struct lwp *l);
int rump_ext_kill(struct lwp *l);

/*
 * rump_ext_blk_attach: open path with rumpuser_open(RUMPUSER_OPEN_BIO) and make it the block
 * device /dev/<name>; the donor chooses the name. *idp: its device number. Partitions are looked
 * for before it returns.
 * rump_ext_blk_detach: take it away. RUMP_EBUSY: in use; RUMP_ENXIO: no such device; those of
 * rumpuser_open().
 */
#define RUMPEXT_BLKATTACH_RDONLY 1
int rump_ext_blk_attach(const char *path, unsigned flags, char name[32], int *idp);
int rump_ext_blk_detach(int id);

/*
 * rump_ext_virtif_attach: make a network interface over rumpcomp_virt_create(devstr); the donor
 * chooses the name. Those of rumpcomp_virt_create(); RUMP_ENOMEM.
 */
int rump_ext_virtif_attach(const char *devstr, char name[32]);

/*
 * Network cards that boot does not wait for: the donor's command line has "network_later". An
 * attached thread calls rump_ext_network_probe, in which drivers begin to drive the cards, gives
 * the interfaces addresses, and calls rump_ext_network_ready, whatever came of it. A program that
 * makes a socket other than AF_UNIX's waits until then; the embedder's threads do not. RUMP_ENOMEM.
 */
int rump_ext_network_probe(void);
int rump_ext_network_ready(void);

/*
 * rump_ext_fault: from the platform's handler of a processor fault (an access to memory that is
 * not there, a division by zero, an undefined instruction), on the thread that faulted, whether
 * or not it holds the donor's CPU. pc, fp: the program counter and the frame pointer at the
 * fault; addr: the address that was accessed, if any; what: the kind, in words. RUMP_ESRCH: not
 * in the donor, the platform does what it does with such faults. Otherwise it prints what it
 * knows and does not return: rumpuser_exit(RUMPUSER_PANIC).
 */
int rump_ext_fault(const char *what, uintptr_t pc, uintptr_t fp, uintptr_t addr);

#endif /* RUMP_RUMPEXT_TASK_H */
