/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The bytes of one file, from side to side.
 *
 * Large files out of an image: by the host, where that is possible (direct.h). Otherwise, small
 * files: read, write; large ones: a second thread reads ahead into a ring of buffers while this
 * one writes, so that host and donor work at the same time. Locking: pipe.lock guards the ring.
 * Invariant: head - tail buffers are full; the reader writes only free ones, the writer reads only
 * full ones.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "copy.h"
#include "fstype.h"
#include "progress.h"
#include "stop.h"
#include "sys.h"

#define CHUNK (1U << 20)
#define RING 4U
#define DIRECT_MIN (1U << 20)	/* below this the page cache is as good */
#define PIPE_MIN (8U << 20)	/* below this a thread costs more than it brings */

struct chunk {
	char *data;
	ssize_t len;		/* 0: end of file; < 0: -errno */
	off_t off;
};

struct pipe {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct chunk ring[RING];
	unsigned head, tail;	/* counts of chunks read and written */
	bool abandoned;		/* by the writer */
	const struct side *from;
	int in;
	bool sparse;
};

/* Move *off to the next data at or after it; false: only a hole is left. */
static bool next_data(const struct side *s, int fd, off_t *off, off_t *end)
{
	off_t data = sys_lseek(s, fd, *off, SEEK_DATA), hole;

	if (data == -ENXIO)
		return false;
	if (data < 0) {			/* no such lseek here: all of it is data */
		*end = INT64_MAX;
		return true;
	}
	hole = sys_lseek(s, fd, data, SEEK_HOLE);
	*off = data;
	*end = hole > data ? hole : INT64_MAX;
	return true;
}

/* Read the chunk after the one that ended at *off. */
static void read_chunk(const struct side *s, int fd, bool sparse, off_t *off, off_t *end,
		       struct chunk *c)
{
	size_t want = CHUNK;

	c->len = 0;
	if (sparse && *off >= *end && !next_data(s, fd, off, end))
		return;
	if (sparse && *end - *off < (off_t)want)
		want = (size_t)(*end - *off);
	c->off = *off;
	c->len = stop_requested() ? -EINTR : sys_pread(s, fd, c->data, want, *off);
	if (c->len > 0)
		*off += c->len;
}

static int copy_simple(struct copier *c, int in, int out, bool sparse, bool *read_failed)
{
	struct chunk chunk = { .data = c->buf };
	off_t off = 0, end = 0;
	int r;

	for (;;) {
		read_chunk(c->from, in, sparse, &off, &end, &chunk);
		if (chunk.len <= 0) {
			*read_failed = chunk.len < 0;
			return (int)chunk.len;
		}
		r = sys_pwrite_all(c->to, out, chunk.data, (size_t)chunk.len, chunk.off);
		if (r < 0)
			return r;
		progress_add((uint64_t)chunk.len);
		/* a file smaller than the buffer is done: its end need not be read again */
		if (!sparse && chunk.len < (ssize_t)CHUNK && chunk.off == 0)
			return 0;
	}
}

static void *reader(void *arg)
{
	struct pipe *p = arg;
	off_t off = 0, end = 0;
	bool more = true;

	stop_join_current_thread();
	while (more) {
		struct chunk *c;

		pthread_mutex_lock(&p->lock);
		while (p->head - p->tail == RING && !p->abandoned)
			pthread_cond_wait(&p->changed, &p->lock);
		more = !p->abandoned;
		c = &p->ring[p->head % RING];
		pthread_mutex_unlock(&p->lock);
		if (!more)
			break;
		read_chunk(p->from, p->in, p->sparse, &off, &end, c);
		more = c->len > 0;
		pthread_mutex_lock(&p->lock);
		p->head++;
		pthread_cond_broadcast(&p->changed);
		pthread_mutex_unlock(&p->lock);
	}
	stop_leave_current_thread();
	return NULL;
}

static int drain(struct copier *c, struct pipe *p, int out, bool *read_failed)
{
	for (;;) {
		const struct chunk *chunk;
		int r;

		pthread_mutex_lock(&p->lock);
		while (p->head == p->tail)
			pthread_cond_wait(&p->changed, &p->lock);
		chunk = &p->ring[p->tail % RING];
		pthread_mutex_unlock(&p->lock);
		if (chunk->len <= 0) {
			*read_failed = chunk->len < 0;
			return (int)chunk->len;
		}
		r = sys_pwrite_all(c->to, out, chunk->data, (size_t)chunk->len, chunk->off);
		if (r < 0)
			return r;
		progress_add((uint64_t)chunk->len);
		pthread_mutex_lock(&p->lock);
		p->tail++;
		pthread_cond_broadcast(&p->changed);
		pthread_mutex_unlock(&p->lock);
	}
}

static int copy_piped(struct copier *c, int in, int out, bool sparse, bool *read_failed)
{
	struct pipe p = {
		.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER,
		.from = c->from, .in = in, .sparse = sparse,
	};
	char *memory = aligned_alloc(4096, (size_t)RING * CHUNK);
	pthread_t thread;
	int r;

	for (unsigned i = 0; memory && i < RING; i++)
		p.ring[i].data = memory + (size_t)i * CHUNK;
	if (!memory || pthread_create(&thread, NULL, reader, &p) != 0) {
		free(memory);
		return copy_simple(c, in, out, sparse, read_failed);
	}
	r = drain(c, &p, out, read_failed);
	pthread_mutex_lock(&p.lock);
	p.abandoned = true;
	pthread_cond_broadcast(&p.changed);
	pthread_mutex_unlock(&p.lock);
	pthread_join(thread, NULL);
	free(memory);
	return r;
}

bool size_plausible(const struct side *s, int fd, const struct statx *st, const struct fstype *fs)
{
	struct statfs sf;
	off_t hole;

	if (!fs || (fs->flags & FS_COMPRESSES) || sys_fstatfs(s, fd, &sf) < 0 ||
	    st->stx_size / (uint64_t)sf.f_bsize <= sf.f_blocks)
		return true;
	hole = sys_lseek(s, fd, 0, SEEK_HOLE);
	sys_lseek(s, fd, 0, SEEK_SET);
	return hole >= 0 && (uint64_t)hole < st->stx_size;
}

int copy_data(struct copier *c, int in, int out, const struct statx *st, bool *read_failed)
{
	/* fewer blocks than bytes: there are holes (or compression, for which it does no harm) */
	bool sparse = st->stx_blocks * 512 < st->stx_size;
	int r;

	*read_failed = false;
	if (c->medium.fd >= 0 && c->to->host && st->stx_size >= DIRECT_MIN) {
		r = direct_copy(&c->medium, in, out, st->stx_size, &c->direct);
		if (r != 0)
			return r < 0 ? r : sys_ftruncate(c->to, out, (off_t)st->stx_size);
	}
	if (st->stx_size >= PIPE_MIN)
		r = copy_piped(c, in, out, sparse, read_failed);
	else
		r = copy_simple(c, in, out, sparse, read_failed);
	if (r == 0 && sparse)
		r = sys_ftruncate(c->to, out, (off_t)st->stx_size);
	return r;
}
