/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * JSON on standard output, written as it is made.
 *
 * Commas and indentation come by themselves. A string that is not UTF-8 is written with U+FFFD
 * for each bad byte, and a second member, the key with "_hex" appended, holds the exact bytes.
 * Characters that a terminal obeys are escaped.
 */
#ifndef TOOL_JSON_H
#define TOOL_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* key is NULL inside an array and at the top */
void json_open(const char *key, char bracket);	/* '{' or '[' */
void json_close(void);
void json_string(const char *key, const char *s);
void json_bytes(const char *key, const char *s, size_t len);
void json_uint(const char *key, uint64_t v);
void json_bool(const char *key, bool v);
void json_null(const char *key);
/* "2024-05-06T07:08:09.123456789Z" */
void json_time(const char *key, int64_t sec, uint32_t ns);

#endif
