/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Power cuts. One run of work on an ext4 image is recorded below the block layer: each write with
 * its data, each flush, and what was fsync'ed when. Then the disk is made as a power cut could
 * have left it, many times: all that was written before the last flush (or with FUA) is there; of
 * what came after it each 4 KiB is there or not, in any order. On each such disk the journal must
 * recover, all that was fsync'ed be there, and e2fsck -fn find nothing.
 *
 * One I/O thread and no short cuts, so that the order of the record is the order of completion.
 *
 * TEST_CUTS: how many (400). TEST_STEPS: of work (120). TEST_SEED.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <rump/rumpuser.h>
#include <rump/rumpext_block.h>
#include <rumpuser_posix.h>

#include "common.h"
#include "image.h"
#include "tap.h"
#include "work.h"

#define RECORD_MAX	(192ul << 20)
#define MAX_EVENTS	100000
#define UNIT		4096u

enum { WRITE, WRITE_FUA, ZEROES, ZEROES_FUA, FLUSH, NOTE };

struct event {
	int kind;
	uint32_t len;
	uint64_t off;		/* on the disk */
	uint64_t data;		/* in the record */
	struct note note;
};

/* Written by the child that is recorded, read after it. */
static struct record {
	atomic_flag busy;
	uint32_t count;
	uint64_t used;
	struct event events[MAX_EVENTS];
	char data[];
} *rec;

static struct event *new_event(int kind)
{
	struct event *e;

	while (atomic_flag_test_and_set(&rec->busy))
		;
	if (rec->count == MAX_EVENTS)
		_exit(7);
	e = &rec->events[rec->count++];
	memset(e, 0, sizeof(*e));
	e->kind = kind;
	return e;
}

static int record_io(void *arg, const struct rumpuser_posix_ioreq *r)
{
	int op = r->io_op & ~RUMPEXT_BIO_FUA, fua = (r->io_op & RUMPEXT_BIO_FUA) != 0;
	struct event *e;

	(void)arg;
	if (op == RUMPEXT_BIO_READ || op == RUMPEXT_BIO_DISCARD)
		return 0;
	e = new_event(op == RUMPEXT_BIO_WRITE ? WRITE + fua : op == RUMPEXT_BIO_ZEROES ? ZEROES + fua :
	    FLUSH);
	e->off = r->io_off;
	e->len = (uint32_t)r->io_len;
	e->data = rec->used;
	if (rec->used + r->io_len > RECORD_MAX)
		_exit(8);
	for (size_t i = 0; op == RUMPEXT_BIO_WRITE && i < r->io_iovcnt; i++) {
		memcpy(rec->data + rec->used, r->io_iov[i].iov_base, r->io_iov[i].iov_len);
		rec->used += r->io_iov[i].iov_len;
	}
	atomic_flag_clear(&rec->busy);
	return 0;
}

static void record_note(void *arg, const struct note *n)
{
	struct event *e = new_event(NOTE);

	(void)arg;
	e->note = *n;
	atomic_flag_clear(&rec->busy);
}

static int do_work(void *arg)
{
	int r;

	rumpuser_posix_param_set("RUMPUSER_BIO_THREADS", "1");
	rumpuser_posix_param_set("RUMPUSER_BIO_INLINE", "0");
	rumpuser_posix_bio_hook(record_io, NULL);
	r = mount_fd(*(int *)arg, NULL);
	if (!r)
		r = work_do((uint64_t)env_long("TEST_SEED", 1), (int)env_long("TEST_STEPS", 120),
		    record_note, NULL);
	if (r)
		diag("the work fails: %d", r);
	_exit(r != 0);		/* no shutdown: the record ends in the middle of life */
}

/* Some of a write's units, or all. */
static void apply(int fd, const struct event *e, uint64_t *rng)
{
	static const char zeroes[UNIT];
	uint32_t len;

	for (uint32_t at = 0; at < e->len; at += len) {
		len = e->len - at < UNIT ? e->len - at : UNIT;
		if (rng && rng_next(rng) % 3 == 0)
			continue;
		if (pwrite(fd, e->kind >= ZEROES ? zeroes : rec->data + e->data + at, len,
		    (off_t)(e->off + at)) != (ssize_t)len)
			bail("disk image");
	}
}

static struct work state;
static uint32_t cut, flushed;

/* What the disk is after events [0, cut): the choices are the seed's. */
static void make_disk(int fd, uint64_t seed)
{
	bool lose_all = rng_next(&seed) % 8 == 0, keep_all = rng_next(&seed) % 8 == 0;

	memset(&state, 0, sizeof(state));
	flushed = 0;
	for (uint32_t i = 0; i < cut; i++)
		if (rec->events[i].kind == FLUSH)
			flushed = i;
	for (uint32_t i = 0; i < cut; i++) {
		const struct event *e = &rec->events[i];
		bool safe = i < flushed || e->kind == WRITE_FUA || e->kind == ZEROES_FUA;

		if (e->kind == NOTE)
			work_note(&state, &e->note);
		else if (e->kind != FLUSH && (safe || keep_all))
			apply(fd, e, NULL);
		else if (e->kind != FLUSH && !lose_all)
			apply(fd, e, &seed);
	}
}

static int judge(void *arg)
{
	int r = mount_fd(*(int *)arg, NULL);

	if (r) {
		diag("mount after the cut: %d", r);
		return 1;
	}
	if (!work_check(&state))
		return 2;
	return unmount() ? 3 : 0;
}

static bool one_cut(const char *path, uint64_t seed)
{
	uint64_t rng = seed;
	int fd = image_load(path), status;
	bool good;

	cut = (uint32_t)(rng_next(&rng) % rec->count) + 1;
	make_disk(fd, rng);
	status = in_child(judge, &fd);
	good = status == 0 && image_check_fd(fd) == 0;
	if (!good)
		diag("seed %lu: cut after %u of %u events, last flush %u: status %x", (unsigned long)seed,
		    cut, rec->count, flushed, status);
	close(fd);
	return good;
}

int main(void)
{
	uint64_t seed = (uint64_t)env_long("TEST_SEED", 1);
	long cuts = env_long("TEST_CUTS", 400), bad = 0, writes = 0, flushes = 0, fua = 0;
	char path[64];
	int fd;

	setenv("TEST_TIMEOUT", "2400", 0);
	tap_begin();
	rec = mmap(NULL, sizeof(*rec) + RECORD_MAX, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (rec == MAP_FAILED)
		bail("no memory for the record");
	image_make(path, 24, "-b 4096 -J size=4");
	fd = image_load(path);
	is(in_child(do_work, &fd), 0, "work on a disk whose writes are recorded");
	close(fd);
	for (uint32_t i = 0; i < rec->count; i++) {
		writes += rec->events[i].kind < FLUSH;
		fua += rec->events[i].kind == WRITE_FUA;
		flushes += rec->events[i].kind == FLUSH;
	}
	ok(writes > 100 && flushes > 20, "%ld writes, %ld of them FUA, %ld flushes", writes, fua, flushes);
	for (long i = 0; i < cuts && bad < 5; i++)
		bad += !one_cut(path, seed * 1000003 + (uint64_t)i);
	is(bad, 0, "%ld power cuts: all that was fsync'ed is there, e2fsck -fn is clean", cuts);
	unlink(path);
	return tap_done();
}
