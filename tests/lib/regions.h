/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Addresses that a program must not name to the donor: bad ones of its own, and the donor's.
 */
#ifndef TESTS_LIB_REGIONS_H
#define TESTS_LIB_REGIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What may be done with an address. */
enum { BAD_ALWAYS, BAD_TO_WRITE, BAD_BEHIND };

struct bad {
	const char *name;
	uintptr_t addr;
	int kind;	/* BAD_TO_WRITE: readable memory; BAD_BEHIND: a few good bytes, then none */
	const void *watch;	/* memory that must not change, or NULL */
	size_t watch_len;
};

#define MAX_BAD	32

/* After boot. Returns how many; the donor's own are among them. */
int regions_find(struct bad bad[MAX_BAD]);

/* Remember, and compare: the name of what changed, or NULL. Watched is what is quiet. */
void regions_watch(struct bad *bad, int n);
const char *regions_changed(const struct bad *bad, int n);

/* Lowest and highest address of the arena with its window. */
void regions_arena(uintptr_t *base, size_t *arena, size_t *whole);

#endif
