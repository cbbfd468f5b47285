/* SPDX-License-Identifier: BSD-2-Clause */
/* Standard input for the guest; see console.h. */
#include "console.h"

#include <errno.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define ESCAPE 0x1d			/* ^] */
#define ESCAPES 3
#define END 0x04			/* of a stream: <pillion/image.h> */
#define QUOTE 0x16

static struct termios saved;
static bool changed;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void console_init(struct console *c)
{
	struct termios raw;

	memset(c, 0, sizeof(*c));
	c->terminal = isatty(STDIN_FILENO);
	/* in the background the terminal is somebody else's */
	if (!c->terminal || tcgetpgrp(STDIN_FILENO) != getpgrp() ||
	    tcgetattr(STDIN_FILENO, &saved) != 0)
		return;
	raw = saved;
	cfmakeraw(&raw);
	changed = tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0;
}

void console_restore(void)
{
	if (changed)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &saved);
	changed = false;
}

/* Of a terminal always: ^] must reach us also where the guest takes nothing. */
bool console_wants(const struct console *c)
{
	return !c->ended && (c->terminal || c->at == c->len);
}

/* A stream has room; who types ahead too far loses the rest, as at any terminal. */
static void put(struct console *c, unsigned char byte)
{
	if (c->len < sizeof(c->buf))
		c->buf[c->len++] = byte;
}

static void put_quoted(struct console *c, unsigned char byte)
{
	if (byte == QUOTE || byte == END)
		put(c, QUOTE);
	put(c, byte);
}

static bool escaped(struct console *c, unsigned char byte)
{
	double t = now();

	if (byte != ESCAPE || t - c->last_escape > 1)
		c->escapes = 0;
	if (byte != ESCAPE)
		return false;
	c->last_escape = t;
	return ++c->escapes == ESCAPES;
}

bool console_read(struct console *c)
{
	unsigned char in[sizeof(c->buf) / 2];
	ssize_t n = read(STDIN_FILENO, in, sizeof(in));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	memmove(c->buf, c->buf + c->at, c->len - c->at);
	c->len -= c->at;
	c->at = 0;
	if (n <= 0 && c->terminal) {
		c->ended = true;	/* it was hung up */
		return true;
	}
	if (n <= 0) {
		put(c, END);
		c->ended = true;
	}
	for (ssize_t i = 0; i < n; i++) {
		if (!c->terminal)
			put_quoted(c, in[i]);
		else if (escaped(c, in[i]))
			return false;
		else
			put(c, in[i]);
	}
	return true;
}

bool console_write(struct console *c, int fd)
{
	while (c->at < c->len) {
		ssize_t n = write(fd, c->buf + c->at, c->len - c->at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN;
		c->at += (size_t)n;
	}
	return true;
}
