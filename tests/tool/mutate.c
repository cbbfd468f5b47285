/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Damage an image; see fuzz.h. The damage goes where there is something, most of it to the first
 * used sectors, where superblocks and tables are. Locking: none, a process has one seed at a time.
 */
#include "fuzz.h"

#include <stdio.h>
#include <string.h>

static uint64_t state;

static uint64_t rnd(uint64_t below)	/* splitmix64 */
{
	uint64_t z = (state += 0x9e3779b97f4a7c15ULL);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return below ? (z ^ z >> 31) % below : 0;
}

/* A place in a used sector; half of the time one of the first 64. */
static size_t place(const struct image *m)
{
	size_t among = rnd(2) && m->nsectors > 64 ? 64 : m->nsectors;

	return (size_t)m->sectors[rnd(among)] * SECTOR + rnd(SECTOR);
}

static void touch(struct image *m, size_t at, size_t len)
{
	for (size_t b = at / BLOCK; b * BLOCK < at + len; b++)
		m->dirty[b] = true;
}

static const char *change_at(struct image *m, size_t at)
{
	static const uint32_t extreme[] = { 0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0xffff };
	size_t len = 1 + rnd(64), sector = at & ~(size_t)(SECTOR - 1);
	unsigned char *p = m->bad;

	switch (rnd(6)) {
	case 0:
		p[at] ^= (unsigned char)(1U << rnd(8));
		return "flip";
	case 1:
		memcpy(p + (at & ~3UL), &extreme[rnd(6)], 4);
		return "extreme";
	case 2:
		memset(p + at, 0, len);
		return "zero";
	case 3:
		for (size_t i = 0; i < len; i++)
			p[at + i] = (unsigned char)rnd(256);
		return "random";
	case 4:
		memmove(p + sector, p + (place(m) & ~(size_t)(SECTOR - 1)), SECTOR);
		return "move";
	default:
		memset(p + sector, 0, SECTOR);
		return "wipe";
	}
}

/* A part of the image, up to a quarter of what is used, is gone. */
static size_t wipe_range(struct image *m)
{
	size_t from = rnd(m->nsectors), n = 1 + rnd(m->nsectors / 4 + 1);

	for (size_t i = from; i < from + n && i < m->nsectors; i++) {
		memset(m->bad + (size_t)m->sectors[i] * SECTOR, 0, SECTOR);
		touch(m, (size_t)m->sectors[i] * SECTOR, SECTOR);
	}
	return n;
}

void damage(struct image *m, uint64_t seed, char *words, size_t len)
{
	FILE *f = fmemopen(words, len, "w");

	state = seed * 0x2545f4914f6cdd1dULL + 1;
	for (uint64_t i = 1 + rnd(rnd(2) ? 4 : 40); i > 0; i--) {
		size_t at = place(m);

		if (at + 4 * SECTOR > m->size)
			continue;
		fprintf(f, " %s@%zu", change_at(m, at), at);
		touch(m, at & ~(size_t)(SECTOR - 1), 2 * SECTOR);
	}
	if (rnd(16) == 0)
		fprintf(f, " gone:%zu", wipe_range(m));
	if (rnd(8) == 0) {
		m->bad_size = rnd(2) ? rnd(m->size) : m->size - m->size / 8 - rnd(m->size / 2);
		fprintf(f, " truncate@%zu", m->bad_size);
	}
	fclose(f);
}
