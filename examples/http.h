/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One HTTP/1.1 connection of the example server: requests in, answers out, never blocking. The
 * sockets, the files and the clock are the donor's.
 *
 * Locking: none; a connection belongs to the thread that drives it.
 */
#ifndef EXAMPLES_HTTP_H
#define EXAMPLES_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_REQUEST_MAX 8192	/* request line and headers */

struct http_conn {
	struct http_conn *next, **prev;	/* the server's list */
	int fd;
	int64_t active;			/* when something last happened: the server's */
	char in[HTTP_REQUEST_MAX];	/* what has come and is not used up */
	size_t in_len;
	char *out;			/* what goes out first: header, and a body that is made up */
	size_t out_len, out_pos;
	int file;			/* then this much of a file; -1: none */
	int64_t off, left;
	bool close;			/* after the answer */
	bool drain;			/* closed from our side: what still comes is thrown away */
};

enum http_state { HTTP_READ, HTTP_WRITE, HTTP_DONE };

void http_init(struct http_conn *c, int fd);
void http_fini(struct http_conn *c);
/*
 * Do what can be done: returns what to wait for, room to write or something to read, or that
 * the connection is over. root is a directory of the donor; no name leads out of it.
 */
enum http_state http_drive(struct http_conn *c, int root);

#endif
