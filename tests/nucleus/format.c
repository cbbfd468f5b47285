/* SPDX-License-Identifier: BSD-2-Clause */
/* Formatted output, strings, memory functions. */
#include "tap.h"

static bool gives(const char *want, const char *fmt, ...) PRINTF(2, 3);

static bool gives(const char *want, const char *fmt, ...)
{
	char buf[100];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vformat(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	if (strcmp(buf, want) != 0)
		tap_note("got \"%s\", want \"%s\"", buf, want);
	return strcmp(buf, want) == 0 && n == (int)strlen(want);
}

/* Every length and alignment up to some, against byte loops; nothing beside is touched. */
static bool copies(void)
{
	static uint8_t src[1400], dst[1400], want[1400];

	for (unsigned i = 0; i < sizeof(src); i++)
		src[i] = (uint8_t)(i * 7 + i / 256);
	for (unsigned len = 0; len < 1100; len += len < 140 ? 1 : 61) {
		for (unsigned a = 0; a < 9; a++) {
			memset(dst, 0xee, sizeof(dst));
			memset(want, 0xee, sizeof(want));
			for (unsigned i = 0; i < len; i++)
				want[a + i] = src[16 - a + i];
			memcpy(dst + a, src + 16 - a, len);
			if (memcmp(dst, want, sizeof(dst)) != 0)
				return false;
			memset(dst, 0xee, sizeof(dst));
			if (copy_checked(dst + a, src + 16 - a, len) != 0 ||
			    memcmp(dst, want, sizeof(dst)) != 0)
				return false;
			memset(dst, 0xee, sizeof(dst));
			memset(dst + a, 0x55, len);
			for (unsigned i = 0; i < sizeof(dst); i++) {
				if (dst[i] != (i >= a && i < a + len ? 0x55 : 0xee))
					return false;
			}
		}
	}
	return true;
}

static bool moves(void)
{
	static uint8_t buf[600], want[600];

	for (unsigned len = 0; len < 200; len += 7) {
		for (unsigned from = 0; from < 40; from++) {
			for (unsigned to = 0; to < 40; to++) {
				for (unsigned i = 0; i < sizeof(buf); i++)
					buf[i] = want[i] = (uint8_t)i;
				for (unsigned i = 0; i < len; i++)
					want[to + i] = (uint8_t)(from + i);
				memmove(buf + to, buf + from, len);
				if (memcmp(buf, want, sizeof(buf)) != 0)
					return false;
			}
		}
	}
	return true;
}

void test_format(void)
{
	char small[4];

	ok(gives("-5 5 +5  5", "%d %u %+d % d", -5, 5u, 5, 5), "decimal");
	ok(gives("   42|42   |00042|  042", "%5d|%-5d|%05d|%5.3d", 42, 42, 42, 42), "width, precision");
	ok(gives("ff 0xff FF 017", "%x %#x %X %#o", 255u, 255u, 255u, 15u), "bases");
	ok(gives("18446744073709551615 -9223372036854775808", "%lu %ld", ~0ul, 1l << 63), "64 bits");
	ok(gives("-1 255", "%hhd %hhu", (signed char)-1, (unsigned char)255), "8 bits");
	ok(gives("abc|  abc|abc  |ab|x|%", "%s|%5s|%-5s|%.2s|%c|%%", "abc", "abc", "abc", "abc", 'x'),
	    "strings");
	ok(format(small, sizeof(small), "%s", "abcdef") == 6 && strcmp(small, "abc") == 0, "cut short");
	ok(copies(), "memcpy, memset, copy_checked");
	ok(moves(), "memmove");
	ok(memcmp("abcdefgh1", "abcdefgh2", 9) < 0 && memcmp("b", "a", 1) > 0 &&
	    memcmp("12345678", "12345679", 8) < 0 && memcmp("\xff", "\x01", 1) > 0, "memcmp");
	ok(string_number("0x1F@", NULL) == 31 && string_number("512", NULL) == 512, "numbers");
}
