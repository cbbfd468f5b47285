/* SPDX-License-Identifier: BSD-2-Clause */
/* What the server in the guests and the load on the host agree on. */
#ifndef BENCH_PORTS_H
#define BENCH_PORTS_H

#define PORT_ECHO	7
#define PORT_WEB	80
#define PORT_SINK	5001	/* reads to the end, then answers with a byte */
#define PORT_SOURCE	5002	/* writes until the connection is closed */
#define PORT_DISK	5003	/* a byte, d: direct, else buffered; the answer is a line: bytes */

#define WEB_BYTES	1024	/* of a page */

#endif
