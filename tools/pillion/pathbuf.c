/* SPDX-License-Identifier: BSD-2-Clause */
/* The path of a tree walk; see pathbuf.h. */
#include "pathbuf.h"

#include <stdlib.h>
#include <string.h>

static char none[] = "";

void pathbuf_init(struct pathbuf *p, const char *start)
{
	p->text = strdup(start);
	p->len = p->text ? strlen(p->text) : 0;
	p->room = p->text ? p->len + 1 : 0;
	if (!p->text)
		p->text = none;
	/* one slash stays where it is all there is: "/", "disk.img:/" */
	while (p->len > 1 && p->text[p->len - 1] == '/' && p->text[p->len - 2] != ':')
		p->text[--p->len] = '\0';
	p->root = p->len;
}

bool pathbuf_push(struct pathbuf *p, const char *name)
{
	size_t n = strlen(name), need = p->len + 1 + n + 1;

	if (need > p->room) {
		char *more = realloc(p->room ? p->text : NULL, 2 * need);

		if (!more)
			return false;
		p->text = more;
		p->room = 2 * need;
	}
	if (p->len > 0 && p->text[p->len - 1] != '/')
		p->text[p->len++] = '/';
	memcpy(p->text + p->len, name, n + 1);
	p->len += n;
	return true;
}

void pathbuf_pop(struct pathbuf *p)
{
	/* names hold no slash: the last one is push()'s, unless the root ends in one */
	while (p->len > p->root && p->text[p->len - 1] != '/')
		p->len--;
	if (p->len > p->root)
		p->len--;
	if (p->room)
		p->text[p->len] = '\0';
}

void pathbuf_free(struct pathbuf *p)
{
	if (p->room)
		free(p->text);
}
