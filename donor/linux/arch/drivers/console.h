/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the console's tty and the console as a stream. */
#ifndef PILLION_CONSOLE_H
#define PILLION_CONSOLE_H

#include <linux/types.h>

void pillion_console_put(const char *s, size_t n);

#ifdef CONFIG_PILLION_PROGRAMS
bool pillion_stream_wanted(void);	/* the console's input goes to the stream */
void pillion_stream_input(void);	/* there may be some. In an interrupt */
#else
static inline bool pillion_stream_wanted(void) { return false; }
static inline void pillion_stream_input(void) { }
#endif

#endif
