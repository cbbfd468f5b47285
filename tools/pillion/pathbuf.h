/* SPDX-License-Identifier: BSD-2-Clause */
/* The path of a tree walk, for messages only: files are reached by descriptors. */
#ifndef TOOL_PATHBUF_H
#define TOOL_PATHBUF_H

#include <stdbool.h>
#include <stddef.h>

struct pathbuf {
	char *text;		/* never NULL after init */
	size_t len, room;
	size_t root;		/* the length to which pop() never goes below */
};

void pathbuf_init(struct pathbuf *p, const char *start);
bool pathbuf_push(struct pathbuf *p, const char *name);	/* false: no memory, nothing pushed */
void pathbuf_pop(struct pathbuf *p);
void pathbuf_free(struct pathbuf *p);

#endif
