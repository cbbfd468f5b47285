/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Damage an image in a way that a seed decides: mutate SEED FILE
 *
 * The damage goes where there is something: the sectors that are not all zero are found first,
 * and most changes are in the first of them, where superblocks and tables are. Prints what it
 * did.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECTOR 512

static uint64_t state;

static uint64_t rnd(uint64_t below)	/* splitmix64 */
{
	uint64_t z = (state += 0x9e3779b97f4a7c15ULL);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return below ? (z ^ z >> 31) % below : 0;
}

static size_t used_sectors(const unsigned char *p, size_t size, uint32_t *list)
{
	static const unsigned char zero[SECTOR];
	size_t n = 0;

	for (size_t s = 0; s + SECTOR <= size; s += SECTOR) {
		if (memcmp(p + s, zero, SECTOR) != 0)
			list[n++] = (uint32_t)(s / SECTOR);
	}
	return n;
}

/* A place in a used sector; half of the time one of the first 64. */
static size_t place(const uint32_t *list, size_t n)
{
	size_t among = rnd(2) && n > 64 ? 64 : n;

	return (size_t)list[rnd(among)] * SECTOR + rnd(SECTOR);
}

static void change(unsigned char *p, size_t size, const uint32_t *list, size_t n)
{
	static const uint32_t extreme[] = { 0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0xffff };
	size_t at = place(list, n), len = 1 + rnd(64);

	if (at + 4 * SECTOR > size)
		return;
	switch (rnd(6)) {
	case 0:
		p[at] ^= (unsigned char)(1U << rnd(8));
		printf(" flip@%zu", at);
		break;
	case 1:
		memcpy(p + (at & ~3UL), &extreme[rnd(6)], 4);
		printf(" extreme@%zu", at & ~3UL);
		break;
	case 2:
		memset(p + at, 0, len);
		printf(" zero@%zu+%zu", at, len);
		break;
	case 3:
		for (size_t i = 0; i < len; i++)
			p[at + i] = (unsigned char)rnd(256);
		printf(" random@%zu+%zu", at, len);
		break;
	case 4:
		memmove(p + (at & ~511UL), p + (place(list, n) & ~511UL), SECTOR);
		printf(" move@%zu", at & ~511UL);
		break;
	default:
		memset(p + (at & ~511UL), 0, SECTOR);
		printf(" wipe@%zu", at & ~511UL);
		break;
	}
}

int main(int argc, char **argv)
{
	struct stat st;
	unsigned char *p;
	uint32_t *list;
	size_t size, n;
	int fd;

	if (argc != 3)
		return 2;
	state = strtoull(argv[1], NULL, 10) * 0x2545f4914f6cdd1dULL + 1;
	fd = open(argv[2], O_RDWR);
	if (fd < 0 || fstat(fd, &st) != 0 || st.st_size < 8 * SECTOR)
		return 1;
	size = (size_t)st.st_size;
	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	list = calloc(size / SECTOR + 1, sizeof(*list));
	if (p == MAP_FAILED || !list)
		return 1;
	n = used_sectors(p, size, list);
	if (n == 0)
		return 1;
	for (uint64_t i = 1 + rnd(rnd(2) ? 4 : 40); i > 0; i--)
		change(p, size, list, n);
	if (rnd(8) == 0) {
		size_t cut = rnd(2) ? rnd(size) : size - size / 8 - rnd(size / 2);

		printf(" truncate@%zu", cut);
		if (ftruncate(fd, (off_t)cut) != 0)
			return 1;
	}
	putchar('\n');
	return 0;
}
