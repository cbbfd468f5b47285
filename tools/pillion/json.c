/* SPDX-License-Identifier: BSD-2-Clause */
/* JSON on standard output; see json.h. */
#include "json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "term.h"

#define MAX_DEPTH 16

static struct {
	char close[MAX_DEPTH];		/* the bracket that ends each open level */
	bool some[MAX_DEPTH];		/* the level has a member already */
	int depth;
} json;

static void put_escaped(uint32_t cp)
{
	if (cp > 0xffff) {		/* as UTF-16 has it */
		cp -= 0x10000;
		printf("\\u%04x", (unsigned)(0xd800 + (cp >> 10)));
		cp = 0xdc00 + (cp & 0x3ff);
	}
	printf("\\u%04x", (unsigned)cp);
}

static void put_string(const char *s, size_t len)
{
	uint32_t cp = 0;

	putchar('"');
	for (size_t n; len > 0; s += n, len -= n) {
		n = utf8_decode(s, len, &cp);
		if (n == 0) {
			fputs("\\ufffd", stdout);
			n = 1;
		} else if (cp == '"' || cp == '\\') {
			printf("\\%c", (char)cp);
		} else if (term_obeys(cp)) {
			put_escaped(cp);
		} else {
			fwrite(s, 1, n, stdout);
		}
	}
	putchar('"');
}

static void member(const char *key)
{
	if (json.depth > 0) {
		if (json.some[json.depth - 1])
			putchar(',');
		json.some[json.depth - 1] = true;
		printf("\n%*s", 2 * json.depth, "");
	}
	if (key) {
		put_string(key, strlen(key));
		fputs(": ", stdout);
	}
}

void json_open(const char *key, char bracket)
{
	member(key);
	putchar(bracket);
	json.close[json.depth] = bracket == '{' ? '}' : ']';
	json.some[json.depth] = false;
	if (json.depth < MAX_DEPTH - 1)
		json.depth++;
}

void json_close(void)
{
	json.depth--;
	if (json.some[json.depth])
		printf("\n%*s", 2 * json.depth, "");
	putchar(json.close[json.depth]);
	if (json.depth == 0)
		putchar('\n');
}

void json_bytes(const char *key, const char *s, size_t len)
{
	member(key);
	put_string(s, len);
	if (key && !utf8_valid(s, len)) {
		char hexkey[64];

		snprintf(hexkey, sizeof(hexkey), "%s_hex", key);
		member(hexkey);
		putchar('"');
		for (size_t i = 0; i < len; i++)
			printf("%02x", (unsigned char)s[i]);
		putchar('"');
	}
}

void json_string(const char *key, const char *s)
{
	if (s)
		json_bytes(key, s, strlen(s));
	else
		json_null(key);
}

void json_uint(const char *key, uint64_t v)
{
	member(key);
	printf("%" PRIu64, v);
}

void json_bool(const char *key, bool v)
{
	member(key);
	fputs(v ? "true" : "false", stdout);
}

void json_null(const char *key)
{
	member(key);
	fputs("null", stdout);
}

void json_time(const char *key, int64_t sec, uint32_t ns)
{
	char t[40], all[64];

	format_time(t, sec);
	if (t[0] != '@')
		t[strcspn(t, " ")] = 'T';
	snprintf(all, sizeof(all), "%s.%09" PRIu32 "%s", t, ns, t[0] == '@' ? "" : "Z");
	json_string(key, all);
}
