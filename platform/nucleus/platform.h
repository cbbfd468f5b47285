/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the nucleus platform share. Private to platform/nucleus.
 *
 * The nucleus's error numbers are the contract's, so they are passed on as they are.
 *
 * Locking: no upcall is made with a lock of the platform held.
 */
#ifndef PLATFORM_NUCLEUS_H
#define PLATFORM_NUCLEUS_H

#include <nucleus/error.h>
#include <nucleus/thread.h>
#include <nucleus/types.h>

#include <rump/rumpuser.h>
#include <rump/rumperrno.h>

#define WEAK __attribute__((__weak__))

/* upcall.c: set once by rumpuser_init(); NULL members until then. */
extern struct rumpuser_hyperup platform_hyp;

/* Give up the donor's CPU around something that blocks, and take it back. */
static inline int unsched(void *interlock)
{
	int nlocks = 0;

	if (likely(platform_hyp.hyp_backend_unschedule != NULL))
		platform_hyp.hyp_backend_unschedule(0, &nlocks, interlock);
	return nlocks;
}

static inline void resched(int nlocks, void *interlock)
{
	if (likely(platform_hyp.hyp_backend_schedule != NULL))
		platform_hyp.hyp_backend_schedule(nlocks, interlock);
}

/*
 * Which of a thread's pointers (thread_tls) are the platform's. LWP: the current lwp, directly
 * what rumpuser_curlwp() answers.
 */
#define TLS_LWP		0

/* memory.c: zeroed memory, or the end of the program. */
void *platform_zalloc(size_t len);

/* thread.c: a thread of the platform's own, which may enter the donor; NULL: no memory. */
struct thread *platform_thread(const char *name, unsigned prio, bool joinable, void (*fn)(void *),
    void *arg);

/* Stacks of threads that enter the donor. */
#define PLATFORM_STACK	(64 * KIB)

/*
 * arena.c. arena_phys: the physical address of len bytes of the arena from off on, which are
 * contiguous; false if they are not in it. arena_take: the offsets of up to n pages of the arena,
 * at most ARENA_BATCH, that are the nucleus's and free; they are no more.
 */
#define ARENA_BATCH	128
bool arena_phys(uint64_t off, size_t len, paddr_t *pap);
size_t arena_take(size_t n, size_t off[]);

/*
 * bus.c: lines of described devices have cookies from here on, those of PCI below.
 * platform_is_device: no page of [pa, pa + len), which is not empty, is RAM.
 */
#define COOKIE_LINE	0x10000u
bool platform_is_device(paddr_t pa, size_t len);

#endif /* PLATFORM_NUCLEUS_H */
