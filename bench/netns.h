/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Network namespaces of the benchmark's own, which end with their last descriptor and process.
 * Functions return 0, or -1 with the reason in failure(). Locking: none.
 */
#ifndef BENCH_NETNS_H
#define BENCH_NETNS_H

int netns_new(void);				/* a descriptor, or -1 */
int netns_ip(int netns, const char *arguments);	/* ip(8) in it; arguments with single blanks */
/* One with a tap that has this address (with /BITS) and takes offloaded packets. */
int netns_tap(int *netns, const char *tap, const char *address);
const char *netns_unable(void);			/* why there can be none with a tap, or NULL */

#endif
