/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * User mode for tests, on a Linux host: a space is a traced process with next to nothing mapped, a
 * user a thread of it. hostuser.c has the hypercalls, tracer.c the one thread that traces, tracee.c
 * what it does to a traced process.
 *
 * A traced process keeps one page for itself, at STUB: a system-call instruction and a breakpoint.
 * Its first thread stays there, stopped, and is made to map and unmap; it never runs user code.
 */
#ifndef TESTS_PROGRAM_TRACEE_H
#define TESTS_PROGRAM_TRACEE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <rump/rumpext_user.h>
#include <rump/rumpext_regs.h>

#define STUB		0x10000UL
#define PAGE		0x1000UL
#define VA_MAX		((1UL << 47) - PAGE)
#define FP_MOST		16384

/* What is mapped in a space: page -> rights, a hash table with open addressing. */
struct pages {
	uint64_t *slot;		/* va | rights; 0: free, 1: was used */
	size_t size, used, live;
};

struct rumpext_space {
	pid_t pid;
	struct pages pages;
};

struct rumpext_user {
	struct rumpext_space *space;	/* where tid is */
	pid_t pid, tid;			/* 0: no thread yet */
	bool fp_valid, fp_load;		/* fp is newer than, or to be put into, the thread's state */
	uint8_t fp[FP_MOST] __attribute__((aligned(64)));
	/* the run under way */
	struct rumpext_user *next;
	struct rumpext_space *in;
	struct rumpext_regs *regs;
	const volatile unsigned *work;
	struct rumpext_trap *trap;
	uint64_t since;
	int done;
};

/* tracee.c; all on the tracer's thread */
int tracee_init(void);
int tracee_space_new(struct rumpext_space *s);
void tracee_space_kill(struct rumpext_space *s);
long tracee_call(pid_t pid, long nr, long a, long b, long c, long d, long e, long f);
int tracee_thread_new(struct rumpext_space *s, pid_t *tid);
void tracee_thread_end(pid_t tid);
int tracee_map(struct rumpext_space *s, uintptr_t va, size_t len, uint64_t off, unsigned prot);
void tracee_protect(struct rumpext_space *s, uintptr_t va, size_t len);
void tracee_unmap(struct rumpext_space *s, uintptr_t va, size_t len);
int tracee_fp_get(pid_t tid, void *buf);
int tracee_fp_set(pid_t tid, const void *buf);
void tracee_trap(struct rumpext_user *u, int status);

/* pages.c */
unsigned pages_get(const struct pages *p, uintptr_t va);
void pages_set(struct pages *p, uintptr_t va, unsigned rights);
void pages_clear(struct pages *p, uintptr_t va, size_t len);

/* FP state: the host's bytes, of which the first fp_size, less other components, are shown. */
extern size_t tracee_fp_host;
extern struct rumpext_user_info tracee_info;

/* tracer.c */
int tracer_start(void);
long tracer_do(long (*fn)(void *arg), void *arg);
void tracer_run(struct rumpext_user *u);

#endif
