/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The way from our standard input to the guest's serial port.
 *
 * A terminal is put into raw mode, so that each key is the guest's, ^C among them; three times ^]
 * within a second is ours, and ends the run. Anything else is a stream of bytes, which is quoted so
 * that every byte arrives, and so does the end.
 */
#ifndef RUN_CONSOLE_H
#define RUN_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>

struct console {
	bool terminal, ended;		/* ended: nothing more is to be read */
	int escapes;			/* ^] so far */
	double last_escape;
	unsigned char buf[8192];	/* what the guest did not take yet: [at, len) */
	size_t at, len;
};

void console_init(struct console *c);
void console_restore(void);		/* the terminal as it was; may be called at any time */
bool console_wants(const struct console *c);	/* is anything to be read now? */
/* Standard input is readable. false: the user asks to end. */
bool console_read(struct console *c);
/* Write what there is to fd (not blocking). false: nobody reads it. */
bool console_write(struct console *c, int fd);

#endif
