/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text for a terminal: names from an image may hold escape sequences, bytes that are not UTF-8,
 * or characters that reorder the line. On a terminal they are shown as \n, \x1b, \xe2...;
 * elsewhere names are written as they are.
 */
#ifndef TOOL_TERM_H
#define TOOL_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * One character of UTF-8 at s (len > 0 bytes): its length, and the code point in *cp; 0 when
 * invalid.
 */
size_t utf8_decode(const char *s, size_t len, uint32_t *cp);
/* A character that moves the cursor, changes the order of what is shown, or shows nothing. */
bool term_obeys(uint32_t c);
bool utf8_valid(const char *s, size_t len);
/* A copy with everything escaped that a terminal might obey; NULL without memory. Free it. */
char *term_escape(const char *s, size_t len);
/* Write a name to out: escaped when standard output is a terminal, raw otherwise. */
void term_put(FILE *out, const char *s, size_t len);
void term_puts(FILE *out, const char *s);
bool term_is_utf8(void);	/* by LC_ALL, LC_CTYPE, LANG */

/* "2024-05-06 07:08:09" (UTC) of seconds since 1970; any value gives something printable. */
void format_time(char buf[40], int64_t sec);
/* "drwxr-xr-x" */
void format_mode(char buf[11], unsigned mode);
/* "1.5 MiB" */
void format_size(char buf[24], uint64_t bytes);
/* Finish standard output: false (and the status noted) when something could not be written. */
bool finish_output(void);

#endif
