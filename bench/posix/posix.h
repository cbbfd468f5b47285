/* SPDX-License-Identifier: BSD-2-Clause */
/* The suite of the library and the pillion command: its operands, its rows. */
#ifndef BENCH_POSIX_H
#define BENCH_POSIX_H

#include "../bench.h"

#define WORK	(options.operand[0])	/* the helper program, bench/work */
#define COMMAND	(options.operand[1])	/* the pillion command */

void rows_micro(void);		/* boot, memory, system calls: micro.c */
void rows_lo(void);		/* TCP over lo: micro.c */
void rows_tap(void);		/* TCP over tap: tap.c */
void rows_image(void);		/* the pillion command: image.c */

#endif
