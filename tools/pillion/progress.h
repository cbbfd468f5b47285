/* SPDX-License-Identifier: BSD-2-Clause */
/* Progress of a long copy: one line on standard error, rewritten, only when that is a terminal. */
#ifndef TOOL_PROGRESS_H
#define TOOL_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

bool progress_wanted(void);		/* standard error is a terminal */
void progress_total(uint64_t bytes);	/* 0: not known */
void progress_add(uint64_t bytes);	/* may be called by any thread; draws now and then */
void progress_clear(void);		/* before anything else is written there, and at the end */

#endif
