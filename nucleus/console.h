/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console: bytes out to every sink (serial line, screen), bytes in from every source (serial
 * line, keyboard).
 *
 * Locking: a mutex and a spin lock for output, a spin lock for input. Any context.
 */
#ifndef NUCLEUS_CONSOLE_H
#define NUCLEUS_CONSOLE_H

#include <nucleus/list.h>

extern bool console_raw;		/* output is a stream of bytes: not for a person */

/*
 * console_write: len bytes. A thread that may sleep does so while a device takes its time, for ever
 * if somebody has stopped the line; in atomic context what does not go in a while is lost.
 * console_flush: sleep until all of it has left the devices.
 */
void console_putc(int c);
void console_write(const char *s, size_t len);
void console_flush(void);

/*
 * console_read: up to len bytes that were typed, 0 if none; does not wait.
 * console_set_notify: fn() is called, in an interrupt, when there is input where there was none;
 * NULL: nobody. If there is input already it is called at once.
 */
size_t console_read(char *buf, size_t len);
void console_set_notify(void (*fn)(void));

/* ---- for board/ ---- */

/*
 * A place for output. write is called with the console's lock held, for a few bytes; "\n" is to be
 * a new line, but for a sink that passes bytes on while console_raw: those go as they are.
 * step, which may be NULL: after each write, again and again as long as it says true, with the
 * lock held but free in between: a part of what takes long (to draw a line, to see whether there
 * is room again). busy, which may be NULL: a device of its own still has some of it.
 */
struct console_sink {
	const char	*name;
	void		(*write)(struct console_sink *sink, const char *s, size_t len);
	bool		(*step)(struct console_sink *sink);
	bool		(*busy)(struct console_sink *sink);
	struct list	link;
};

void console_add_sink(struct console_sink *sink);	/* gets what is written from now on */
void console_input(const char *s, size_t len);	/* bytes that were typed; what is too much is lost */

/*
 * For a source that can hold bytes back: true: there is room for one at least. False: fn() is
 * called once there is, in any context. Of several sources the last that asked is told. fn NULL:
 * it only asks.
 */
bool console_wait_room(void (*fn)(void));

/* From now on no lock is taken: the kernel panics. */
void console_break_lock(void);

#endif /* NUCLEUS_CONSOLE_H */
