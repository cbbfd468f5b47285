/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hypercalls of <rump/rumpext_user.h> for tests, on a Linux host by ptrace (tracee.h).
 *
 * Not complete: a fault does not say read or write at first (see page_fault()); device memory is
 * not mapped; a page at 0x10000 is not the program's.
 * Locking: the tracer's thread does everything; callers wait for it.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#include <rump/rumperrno.h>

#include "tracee.h"

#define MXCSR_INITIAL	0x1f80u
#define FCW_INITIAL	0x37fu

struct range {
	struct rumpext_space *space;
	uintptr_t va;
	size_t len;
	uint64_t off;
	unsigned prot;
};

struct fp {
	struct rumpext_user *user;
	const struct rumpext_user *from;
	void *get;
	const void *put;
};

int rumpext_user_info(struct rumpext_user_info *info)
{
	if (tracer_start())
		return RUMP_ENOTSUP;
	*info = tracee_info;
	return 0;
}

/* ---- spaces ---- */

static long space_new(void *arg)
{
	return tracee_space_new(arg);
}

int rumpext_space_create(struct rumpext_space **sp)
{
	struct rumpext_space *s = calloc(1, sizeof(*s));

	if (!s || tracer_do(space_new, s)) {
		free(s);
		return RUMP_ENOMEM;
	}
	*sp = s;
	return 0;
}

static long space_kill(void *arg)
{
	tracee_space_kill(arg);
	return 0;
}

void rumpext_space_destroy(struct rumpext_space *s)
{
	if (!s)
		return;
	tracer_do(space_kill, s);
	s->pid = 0;		/* users that ran in it may still name it: it is not freed */
}

static long range_map(void *arg)
{
	struct range *r = arg;

	return tracee_map(r->space, r->va, r->len, r->off, r->prot);
}

static long range_protect(void *arg)
{
	struct range *r = arg;

	tracee_protect(r->space, r->va, r->len);
	return 0;
}

static long range_unmap(void *arg)
{
	struct range *r = arg;

	tracee_unmap(r->space, r->va, r->len);
	return 0;
}

int rumpext_space_map(struct rumpext_space *s, uintptr_t va, size_t len, uint64_t off,
    unsigned prot)
{
	struct range r = { s, va, len, off, prot };

	if (prot & RUMPEXT_SPACE_DEVICE || (va | len | off) & (PAGE - 1) || len > VA_MAX - va)
		return RUMP_EINVAL;
	return (int)tracer_do(range_map, &r);
}

void rumpext_space_protect(struct rumpext_space *s, uintptr_t va, size_t len)
{
	struct range r = { s, va, len, 0, 0 };

	tracer_do(range_protect, &r);
}

void rumpext_space_unmap(struct rumpext_space *s, uintptr_t va, size_t len)
{
	struct range r = { s, va, len, 0, 0 };

	tracer_do(range_unmap, &r);
}

/* ---- users ---- */

static bool has_thread(const struct rumpext_user *u)
{
	return u->tid && u->space && u->space->pid;
}

static void initial(struct rumpext_user *u)
{
	uint32_t mxcsr = MXCSR_INITIAL;
	uint16_t fcw = FCW_INITIAL;

	memset(u->fp, 0, sizeof(u->fp));
	memcpy(u->fp, &fcw, sizeof(fcw));
	memcpy(u->fp + 24, &mxcsr, sizeof(mxcsr));
	u->fp_valid = u->fp_load = true;
}

/* Make u->fp what the thread has. */
static void fetch(struct rumpext_user *u)
{
	if (u->fp_valid)
		return;
	if (has_thread(u))
		tracee_fp_get(u->tid, u->fp);
	else
		initial(u);
	u->fp_valid = true;
}

int rumpext_user_create(struct rumpext_user **up)
{
	struct rumpext_user *u = aligned_alloc(64, sizeof(*u));

	if (!u)
		return RUMP_ENOMEM;
	memset(u, 0, sizeof(*u));
	initial(u);
	*up = u;
	return 0;
}

static long fp_reset(void *arg)
{
	struct fp *f = arg;

	if (f->from) {
		fetch((struct rumpext_user *)(uintptr_t)f->from);
		memcpy(f->user->fp, f->from->fp, sizeof(f->user->fp));
		f->user->fp_valid = f->user->fp_load = true;
	} else {
		initial(f->user);
	}
	return 0;
}

void rumpext_user_reset(struct rumpext_user *u, const struct rumpext_user *from)
{
	struct fp f = { .user = u, .from = from };

	tracer_do(fp_reset, &f);
}

static long user_end(void *arg)
{
	struct rumpext_user *u = arg;

	if (has_thread(u))
		tracee_thread_end(u->tid);
	return 0;
}

void rumpext_user_destroy(struct rumpext_user *u)
{
	tracer_do(user_end, u);
	free(u);
}

void rumpext_user_run(struct rumpext_user *u, struct rumpext_space *s, struct rumpext_regs *regs,
    const volatile unsigned *work, struct rumpext_trap *trap)
{
	if (u->tid && !u->space->pid)
		u->tid = 0;		/* went with its space */
	u->in = s;
	u->regs = regs;
	u->work = work;
	u->trap = trap;
	tracer_run(u);
}

void rumpext_user_kick(struct rumpext_user *u)
{
	pid_t tid = u->tid;

	if (tid)
		syscall(SYS_tgkill, u->pid, tid, SIGURG);
}

static long fp_get(void *arg)
{
	struct fp *f = arg;
	uint64_t present;

	fetch(f->user);
	memcpy(f->get, f->user->fp, tracee_info.fp_size);
	memset((char *)f->get + 464, 0, 48);
	memcpy(&present, (char *)f->get + 512, sizeof(present));
	present &= tracee_info.fp_features;
	memcpy((char *)f->get + 512, &present, sizeof(present));
	return 0;
}

void rumpext_user_fpget(struct rumpext_user *u, void *buf)
{
	struct fp f = { .user = u, .get = buf };

	tracer_do(fp_get, &f);
}

static long fp_put(void *arg)
{
	struct fp *f = arg;
	uint8_t old[FP_MOST];
	uint64_t present;

	memcpy(&present, (const char *)f->put + 512, sizeof(present));
	if (present & ~tracee_info.fp_features)
		return RUMP_EINVAL;
	fetch(f->user);
	memcpy(old, f->user->fp, sizeof(old));
	memcpy(f->user->fp, f->put, tracee_info.fp_size);
	if (has_thread(f->user) && tracee_fp_set(f->user->tid, f->user->fp)) {
		memcpy(f->user->fp, old, sizeof(old));
		return RUMP_EINVAL;
	}
	f->user->fp_load = true;
	return 0;
}

int rumpext_user_fpput(struct rumpext_user *u, const void *buf)
{
	struct fp f = { .user = u, .put = buf };

	return (int)tracer_do(fp_put, &f);
}

/* ---- the clock: measured against the host's, now and then ---- */

static uint64_t host_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static void *clock_main(void *arg)
{
	struct rumpext_clock *clk = arg;
	uint64_t ns0 = host_ns(), count0 = __rdtsc(), ns, count;

	for (;;) {
		usleep(20000);
		ns = host_ns();
		count = __rdtsc();
		__atomic_fetch_add(&clk->seq, 1, __ATOMIC_SEQ_CST);
		clk->shift = 31;
		clk->mult = (uint32_t)((((unsigned __int128)(ns - ns0)) << 31) / (count - count0));
		clk->base_count = count;
		clk->base_ns = ns;
		__atomic_fetch_add(&clk->seq, 1, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

int rumpext_user_clock(struct rumpext_clock *clk)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, clock_main, clk))
		return RUMP_ENOTSUP;
	return 0;
}

/* ---- the end ---- */

/* Nothing to restart here: a status that says it was asked for. */
void rumpext_user_restart(void)
{
	fprintf(stderr, "host: restart\n");
	_exit(98);
}
