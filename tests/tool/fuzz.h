/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Shared by the fuzzer of the pillion command (fuzz.c) and what damages images for it (mutate.c).
 *
 * An image is in memory twice: as it was made, and as the file for the command should be now. They
 * differ in blocks that are marked dirty, and in their ends. Blocks that hold nothing but zeroes in
 * both are holes of the file.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SECTOR	512u
#define BLOCK	4096u		/* of the marks */

struct image {
	const char	*name;
	unsigned char	*good, *bad;
	size_t		size, bad_size;	/* in bytes */
	bool		*used, *dirty;	/* by block: good has something there; bad is another */
	uint32_t	*sectors;	/* those that are not all zero in good */
	size_t		nsectors;
};

/* Damage bad, which is as good, in a way that the seed decides; words for what was done. */
void damage(struct image *m, uint64_t seed, char *words, size_t len);

#endif /* FUZZ_H */
