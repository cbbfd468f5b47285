/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Work on a file system whose state after a crash can be judged.
 *
 * A few files, each with a version and a length, are written anew, overwritten in place, appended
 * to or replaced by rename. Before a change it is told what is about to be (begun), after the
 * fsync that it is (kept). Invariant after a crash: of each file at least the kept length is
 * there, and each 4 KiB block of it is of the kept version or of the one begun since.
 */
#ifndef TESTS_FAULTS_WORK_H
#define TESTS_FAULTS_WORK_H

#include <stdbool.h>
#include <stdint.h>

#define WORK_FILES	16

struct note {
	uint32_t file;
	uint32_t kept;		/* 0: begun, 1: kept */
	uint32_t version, length;
};

/* The files of one moment: what the notes up to it say. */
struct work {
	struct { uint32_t version, length; } kept[WORK_FILES], begun[WORK_FILES];
};
void work_note(struct work *w, const struct note *n);

/* Do steps of work on /mnt (0: for ever), telling of each. 0, or -errno of the call that failed. */
int work_do(uint64_t seed, int steps, void (*tell)(void *arg, const struct note *n), void *arg);

/* Does /mnt hold what it must? Says what is wrong. */
bool work_check(const struct work *w);

#endif
