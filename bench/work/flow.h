/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TCP workloads. Each returns 0 and its figure, or -errno. The same calls with the same sizes on
 * every stack; no socket option but TCP_NODELAY.
 */
#ifndef BENCH_FLOW_H
#define BENCH_FLOW_H

#include "stack.h"

#define FLOW_CHUNK	(128 << 10)	/* of a write and a read in bulk */

/* 1 byte there and back between two threads over 127.0.0.1, for so long: microseconds each. */
int flow_rr(const struct stack *s, double seconds, double *us);

/* One thread writes, one reads, over 127.0.0.1, for so long: gigabytes (1e9) a second. */
int flow_bulk(const struct stack *s, double seconds, double *gbytes);

/*
 * The same as two programs. The sink prints "ready" when it listens; its figure is of what it
 * read, from the first byte to the end. Gigabits (1e9) a second.
 */
int flow_sink(const struct stack *s, int port, double *gbits);
int flow_source(const struct stack *s, const char *host, int port, double seconds);

double now(void);		/* seconds, monotonic, of the host */

#endif
