/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The records that a guest sends: how far the boot has come, how the program ended. The guest may
 * send anything; what is shown of it is escaped.
 */
#ifndef RUN_RECORD_H
#define RUN_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include <pillion/image.h>

#define MAX_PHASES 64

struct records {
	char line[PILLION_RECORD_MAX];
	size_t len;
	bool show;			/* the phases, at the end */
	bool input;			/* the guest takes input */
	int status;			/* -1: not yet told */
	double begin;			/* of the run, by our clock */
	struct phase {
		char name[40];
		unsigned long long ns;	/* since the guest's entry */
		double at;		/* since begin, when we heard of it */
	} phase[MAX_PHASES];
	size_t nphases;
};

void records_init(struct records *r, bool show);
void records_take(struct records *r, const char *text, size_t len);
/* false: the guest has not said how the program ended. */
bool records_status(const struct records *r, int *status);
void records_end(struct records *r);

#endif
