/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Block requests: a queue and a few threads that serve it.
 *
 * Interface: rumpuser_bio, rumpext_biov; rumpuser_posix_bio_hook; rumpuser__bio_run,
 * rumpuser__req_consume, rumpuser__bio_fini.
 *
 * A small transfer is first tried on the caller's own thread, where the device can say that it
 * does not block (host page cache): a copy costs less than waking a thread. Everything else is
 * queued. One idle thread at a time looks for work for some microseconds before it sleeps, so
 * that a stream of requests needs no wake-ups; it counts as looking from before it calls done,
 * which does not block.
 *
 * Invariant: the stack of sleepers holds the threads that found the queue empty under q_lock and
 * have not been chosen since; who queues more than a looking thread takes chooses one of them and
 * wakes it, or makes a new thread.
 *
 * Locking: q_lock protects the queue, the counts and the free list. It is a leaf.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include <rump/rumpext_block.h>
#include <rump/rumpuser_component.h>

#include "../bio_check.h"
#include "posix.h"
#include "rumpuser_posix.h"
#include "cpu.h"

#define MAXTHREADS	16
#define MAXFREE		64

static struct plock q_lock;
static struct blkreq *q_head, **q_tail = &q_head;	/* q_head is also read without the lock */
static unsigned q_len;
struct sleeper {
	struct sleeper	*sl_next;
	uint32_t	 sl_go;		/* futex; gone with the sleeper's stack once 1 */
};
static struct sleeper *sleepers;
static unsigned nthreads;		/* made, or about to be */
static bool looking;			/* a thread is, or will be at once */
static unsigned long threads[MAXTHREADS];
static unsigned nmade;			/* of threads[]; to be joined */
static bool q_stop;
static struct blkreq *freelist;
static unsigned nfree;

static bool configured;
static unsigned maxthreads;
static uint64_t inlinemax;
static int64_t spin_ns;

static int (*faulthook)(void *, const struct rumpuser_posix_ioreq *);
static void *faultarg;

void
rumpuser_posix_bio_hook(int (*hook)(void *, const struct rumpuser_posix_ioreq *), void *arg)
{

	faultarg = arg;
	__atomic_store_n(&faulthook, hook, __ATOMIC_RELEASE);
}

static void
configure(void)
{
	char ncpu[16] = "1";
	long n;

	n = rumpuser__param_long("RUMPUSER_BIO_THREADS", 4);
	maxthreads = n < 1 ? 1 : n > MAXTHREADS ? MAXTHREADS : (unsigned)n;
	inlinemax = (uint64_t)rumpuser__param_long("RUMPUSER_BIO_INLINE", 65536);
	(void)rumpuser_getparam(RUMPUSER_PARAM_NCPU, ncpu, sizeof(ncpu));
	spin_ns = 1000 * rumpuser__param_long("RUMPUSER_BIO_SPIN", strcmp(ncpu, "1") == 0 ? 0 : 20);
	__atomic_store_n(&configured, true, __ATOMIC_RELEASE);
}

void
rumpuser__req_consume(struct blkreq *br, size_t n)
{
	size_t k;

	br->br_off += n;
	br->br_len -= n;
	br->br_moved += n;
	while (n > 0) {
		k = br->br_iov->iov_len < n ? br->br_iov->iov_len : n;
		br->br_iov->iov_base = (uint8_t *)br->br_iov->iov_base + k;
		br->br_iov->iov_len -= k;
		n -= k;
		if (br->br_iov->iov_len == 0) {
			br->br_iov++;
			br->br_iovcnt--;
		}
	}
}

static int
inject(struct blkreq *br)
{
	int (*hook)(void *, const struct rumpuser_posix_ioreq *);
	struct rumpuser_posix_ioreq io;

	hook = __atomic_load_n(&faulthook, __ATOMIC_ACQUIRE);
	if (likely(hook == NULL) || br->br_hooked)
		return 0;
	br->br_hooked = true;
	io.io_name = br->br_handle->bh_dev->bd_name;
	io.io_op = br->br_op;
	io.io_off = br->br_off;
	io.io_len = br->br_len;
	io.io_iov = br->br_iov;
	io.io_iovcnt = br->br_iovcnt;
	return hook(faultarg, &io);
}

int
rumpuser__bio_run(struct blkreq *br, bool quick)
{
	struct blkdev *bd = br->br_handle->bh_dev;
	const struct blkops *ops = bd->bd_ops;
	bool fua = (br->br_op & RUMPEXT_BIO_FUA) != 0;
	int error;

	error = inject(br);
	if (error != 0)
		return error;
	switch (BIO_OP(br->br_op)) {
	case RUMPEXT_BIO_READ:
	case RUMPEXT_BIO_WRITE:
		return ops->transfer(bd, br, quick);
	case RUMPEXT_BIO_FLUSH:
		return ops->flush(bd);
	case RUMPEXT_BIO_DISCARD:
		return ops->discard == NULL ? RUMP_EOPNOTSUPP :
		    ops->discard(bd, br->br_off, br->br_len);
	case RUMPEXT_BIO_ZEROES:
		return ops->zeroes == NULL ? RUMP_EOPNOTSUPP :
		    ops->zeroes(bd, br->br_off, br->br_len, fua);
	default:
		return RUMP_EINVAL;
	}
}

/*
 * Report and release. The handle may be closed as soon as done has been called. A worker passes
 * lookp and is told if it is to look for work now.
 */
static void
complete(struct blkreq *br, int error, bool *lookp)
{
	struct blkreq r = *br;

	/* With nothing wrong and bytes left the medium ended, which only rumpuser_bio() can say. */
	if (error == 0 && br->br_len > 0 && br->br_classicdone == NULL &&
	    BIO_OP(br->br_op) <= RUMPEXT_BIO_WRITE)
		error = RUMP_EIO;
	if (br->br_handle != NULL)
		__atomic_sub_fetch(&br->br_handle->bh_inflight, 1, __ATOMIC_RELEASE);
	free(br->br_iovalloc);
	plock(&q_lock);
	if (lookp != NULL && r.br_classicdone == NULL && spin_ns > 0 && !looking)
		*lookp = looking = true;
	if (nfree < MAXFREE) {
		br->br_next = freelist;
		freelist = br;
		nfree++;
		br = NULL;
	}
	punlock(&q_lock);
	free(br);
	if (r.br_classicdone == NULL)
		r.br_done(r.br_arg, error);
	else {
		if (rumpuser__hyp.hyp_schedule != NULL)
			rumpuser__hyp.hyp_schedule();
		r.br_classicdone(r.br_arg, r.br_moved, error);
		if (rumpuser__hyp.hyp_unschedule != NULL)
			rumpuser__hyp.hyp_unschedule();
	}
}

static int64_t
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static struct blkreq *
take(void)
{
	struct blkreq *br = q_head;

	if (br != NULL) {
		__atomic_store_n(&q_head, br->br_next, __ATOMIC_RELAXED);
		if (q_head == NULL)
			q_tail = &q_head;
		q_len--;
	}
	return br;
}

/* Look for work until there is some, for a short time. */
static void
look(void)
{
	int64_t until;
	int i;

	until = now() + spin_ns;
	do
		for (i = 0; i < 50; i++) {
			if (__atomic_load_n(&q_head, __ATOMIC_RELAXED) != NULL)
				return;
			cpu_relax();
		}
	while (now() < until);
}

/* The next request; mine: this thread counts as looking. NULL: time to end. */
static struct blkreq *
nextreq(bool mine)
{
	struct sleeper sl;
	struct blkreq *br;

	if (mine)
		look();
	plock(&q_lock);
	if (mine)
		looking = false;
	while ((br = take()) == NULL && !q_stop) {
		sl.sl_go = 0;
		sl.sl_next = sleepers;
		sleepers = &sl;
		punlock(&q_lock);
		while (__atomic_load_n(&sl.sl_go, __ATOMIC_ACQUIRE) == 0)
			(void)rumpuser__futex_wait(&sl.sl_go, 0, NULL);
		plock(&q_lock);
	}
	punlock(&q_lock);
	return br;
}

static void *
worker(void *arg)
{
	bool kthread = false, mine = false;
	struct blkreq *br;
	int error;

	(void)arg;
	while ((br = nextreq(mine)) != NULL) {
		if (br->br_classicdone != NULL && !kthread) {
			rumpuser_component_kthread();
			kthread = true;
		}
		mine = false;
		error = br->br_error != 0 ? br->br_error : rumpuser__bio_run(br, false);
		complete(br, error, &mine);
	}
	if (kthread)
		rumpuser_component_kthread_release();
	return NULL;
}

/* Wake the last who fell asleep, if any. q_lock is held and, if there was one, released. */
static bool
wakeone(void)
{
	struct sleeper *sl = sleepers;

	if (sl == NULL)
		return false;
	sleepers = sl->sl_next;
	punlock(&q_lock);
	__atomic_store_n(&sl->sl_go, 1, __ATOMIC_RELEASE);
	rumpuser__futex_wake(&sl->sl_go, 1);
	return true;
}

/* See that somebody serves the queue. q_lock is held and released. */
static void
kick(void)
{
	unsigned long tid;
	bool last;

	if (q_len <= looking) {
		punlock(&q_lock);
		return;
	}
	if (wakeone())
		return;
	if (nthreads == maxthreads) {
		punlock(&q_lock);
		return;
	}
	nthreads++;
	punlock(&q_lock);
	if (rumpuser__thread(&tid, worker, NULL, "bio") == 0) {
		plock(&q_lock);
		threads[nmade++] = tid;
		punlock(&q_lock);
		return;
	}
	plock(&q_lock);
	last = --nthreads == 0;
	punlock(&q_lock);
	if (last) {
		rumpuser_dprintf("rumpuser: cannot create an I/O thread\n");
		rumpuser_exit(RUMPUSER_PANIC);
	}
}

static void
submit(struct blkreq *br)
{

	br->br_next = NULL;
	plock(&q_lock);
	__atomic_store_n(q_tail, br, __ATOMIC_RELAXED);
	q_tail = &br->br_next;
	q_len++;
	kick();
}

static struct blkreq *
newreq(const struct rumpuser_iovec *iov, size_t iovcnt)
{
	struct blkreq *br;

	if (unlikely(!__atomic_load_n(&configured, __ATOMIC_ACQUIRE)))
		configure();
	plock(&q_lock);
	br = freelist;
	if (br != NULL) {
		freelist = br->br_next;
		nfree--;
	}
	punlock(&q_lock);
	if (br == NULL && (br = malloc(sizeof(*br))) == NULL)
		return NULL;
	br->br_hooked = false;
	br->br_error = 0;
	br->br_moved = 0;
	br->br_iovalloc = NULL;
	br->br_iov = br->br_iov0;
	br->br_classicdone = NULL;
	if (iovcnt > REQ_NIOV) {
		br->br_iovalloc = malloc(iovcnt * sizeof(*iov));
		if (br->br_iovalloc == NULL) {
			free(br);
			return NULL;
		}
		br->br_iov = br->br_iovalloc;
	}
	br->br_iovcnt = iovcnt;
	if (iovcnt > 0)
		memcpy(br->br_iov, iov, iovcnt * sizeof(*iov));
	return br;
}

static int
check(const struct blkhandle *bh, int op, const struct rumpuser_iovec *iov, size_t iovcnt,
    uint64_t off, uint64_t len)
{

	if (bh == NULL)
		return RUMP_EBADF;
	return bio_check(bh->bh_read, bh->bh_write, bh->bh_dev->bd_size, op, iov, iovcnt, off, len);
}

void
rumpext_biov(int fd, int op, const struct rumpuser_iovec *iov, size_t iovcnt, uint64_t off,
    uint64_t len, rumpext_biodone_fn done, void *arg)
{
	struct blkhandle *bh = rumpuser__blk_handle(fd);
	struct blkreq *br = NULL;
	int error;

	error = check(bh, op, iov, iovcnt, off, len);
	if (error == 0 && (br = newreq(iov, BIO_OP(op) <= RUMPEXT_BIO_WRITE ? iovcnt : 0)) == NULL)
		error = RUMP_ENOMEM;
	if (error != 0) {
		done(arg, error);
		return;
	}
	br->br_handle = bh;
	br->br_op = op;
	br->br_off = off;
	br->br_len = len;
	br->br_done = done;
	br->br_arg = arg;
	__atomic_add_fetch(&bh->bh_inflight, 1, __ATOMIC_RELAXED);
	if (len <= inlinemax && BIO_OP(op) <= RUMPEXT_BIO_WRITE && !(op & RUMPEXT_BIO_FUA)) {
		error = rumpuser__bio_run(br, true);
		if (error != RUMP_EAGAIN) {
			complete(br, error, NULL);
			return;
		}
	}
	submit(br);
}

void
rumpuser_bio(int fd, int op, void *data, size_t len, int64_t off, rump_biodone_fn done, void *arg)
{
	struct rumpuser_iovec iov = { .iov_base = data, .iov_len = len };
	struct blkhandle *bh = rumpuser__blk_handle(fd);
	struct blkreq *br;
	int xop, error;

	xop = op & RUMPUSER_BIO_READ ? RUMPEXT_BIO_READ : RUMPEXT_BIO_WRITE;
	if (xop == RUMPEXT_BIO_WRITE && (op & RUMPUSER_BIO_SYNC))
		xop |= RUMPEXT_BIO_FUA;
	error = off < 0 ? RUMP_EINVAL : check(bh, xop, &iov, 1, (uint64_t)off, len);
	/* A read over the end is for the device to cut short. */
	if (error == RUMP_EINVAL && off >= 0 && xop == RUMPEXT_BIO_READ)
		error = 0;
	if ((op & ~7) != 0 || (op & 3) == 0 || (op & 3) == 3)
		error = RUMP_EINVAL;
	br = newreq(&iov, 1);
	if (br == NULL) {
		done(arg, 0, RUMP_ENOMEM);	/* the caller holds the CPU */
		return;
	}
	/* Errors too come from a thread of ours: the caller may hold a lock that done takes. */
	br->br_error = error;
	br->br_handle = error == 0 ? bh : NULL;
	br->br_op = xop;
	br->br_off = (uint64_t)off;
	br->br_len = len;
	br->br_classicdone = done;
	br->br_arg = arg;
	if (error == 0)
		__atomic_add_fetch(&bh->bh_inflight, 1, __ATOMIC_RELAXED);
	submit(br);
}

void
rumpuser__bio_fini(void)
{
	struct blkreq *br;
	unsigned i, n;

	plock(&q_lock);
	q_stop = true;
	n = nmade;
	while (wakeone())
		plock(&q_lock);
	punlock(&q_lock);
	for (i = 0; i < n; i++)
		rumpuser__thread_wait(threads[i]);
	plock(&q_lock);
	nthreads = nmade = 0;
	q_stop = false;
	configured = false;
	while ((br = freelist) != NULL) {
		freelist = br->br_next;
		free(br);
	}
	nfree = 0;
	punlock(&q_lock);
}
