/* SPDX-License-Identifier: BSD-2-Clause */
/* Text for a terminal; see term.h. */
#include "term.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "report.h"

size_t utf8_decode(const char *str, size_t len, uint32_t *cp)
{
	const unsigned char *s = (const unsigned char *)str;
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc0 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 :
		   s[0] < 0xf8 ? 4 : 0;
	uint32_t c;

	if (n == 0 || n > len)
		return 0;
	c = n == 1 ? s[0] : s[0] & (0xffU >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*cp = c;
	return n;
}

bool utf8_valid(const char *s, size_t len)
{
	uint32_t cp;

	for (size_t n; len > 0; s += n, len -= n) {
		n = utf8_decode(s, len, &cp);
		if (n == 0)
			return false;
	}
	return true;
}

bool term_obeys(uint32_t c)
{
	static const struct { uint32_t first, last; } range[] = {
		{ 0, 0x1f }, { 0x7f, 0x9f },		/* C0, DEL, C1 */
		{ 0xad, 0xad }, { 0x61c, 0x61c },	/* soft hyphen, Arabic letter mark */
		{ 0x180e, 0x180e },
		{ 0x200b, 0x200f },			/* zero width, direction marks */
		{ 0x2028, 0x202e },			/* separators, embeddings and overrides */
		{ 0x2060, 0x206f },			/* joiner, isolates, deprecated controls */
		{ 0xfeff, 0xfeff }, { 0xfff9, 0xfffb }, { 0xfffe, 0xffff },
		{ 0xe0000, 0xe0fff },			/* tags */
	};

	for (size_t i = 0; i < sizeof(range) / sizeof(range[0]); i++) {
		if (c >= range[i].first && c <= range[i].last)
			return true;
	}
	return false;
}

bool term_is_utf8(void)
{
	static int known = -1;

	if (known < 0) {
		const char *names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
		const char *v = NULL;

		for (int i = 0; i < 3 && !(v && *v); i++)
			v = getenv(names[i]);
		known = v && (strcasestr(v, "UTF-8") || strcasestr(v, "utf8"));
	}
	return known;
}

char *term_escape(const char *s, size_t len)
{
	bool utf8 = term_is_utf8();
	char *out = malloc(4 * len + 1), *o = out;
	uint32_t cp = 0;

	if (!out)
		return NULL;
	for (size_t n; len > 0; s += n, len -= n) {
		n = utf8_decode(s, len, &cp);
		if (n > 0 && !term_obeys(cp) && (utf8 || cp < 0x80)) {
			memcpy(o, s, n);
			o += n;
			continue;
		}
		if (n == 0)
			n = 1;
		for (size_t i = 0; i < n; i++)
			o += s[i] == '\n' ? sprintf(o, "\\n") : s[i] == '\t' ? sprintf(o, "\\t") :
			     sprintf(o, "\\x%02x", (unsigned char)s[i]);
	}
	*o = '\0';
	return out;
}

void term_put(FILE *out, const char *s, size_t len)
{
	static int tty = -1;
	char *clean;

	if (tty < 0)
		tty = isatty(STDOUT_FILENO);
	if (!tty) {
		fwrite(s, 1, len, out);
		return;
	}
	clean = term_escape(s, len);
	fputs(clean ? clean : "?", out);
	free(clean);
}

void term_puts(FILE *out, const char *s)
{
	term_put(out, s, strlen(s));
}

void format_time(char buf[40], int64_t sec)
{
	time_t t = (time_t)sec;
	struct tm tm;

	if (!gmtime_r(&t, &tm) || strftime(buf, 40, "%Y-%m-%d %H:%M:%S", &tm) == 0)
		snprintf(buf, 40, "@%" PRId64, sec);
}

void format_mode(char buf[11], unsigned mode)
{
	static const char types[] = "?pc?d?b?-?l?s???";
	static const char bits[] = "rwxrwxrwx";

	buf[0] = types[(mode & S_IFMT) >> 12];
	for (int i = 0; i < 9; i++)
		buf[1 + i] = (mode & (0400U >> i)) ? bits[i] : '-';
	if (mode & S_ISUID)
		buf[3] = buf[3] == 'x' ? 's' : 'S';
	if (mode & S_ISGID)
		buf[6] = buf[6] == 'x' ? 's' : 'S';
	if (mode & S_ISVTX)
		buf[9] = buf[9] == 'x' ? 't' : 'T';
	buf[10] = '\0';
}

void format_size(char buf[24], uint64_t bytes)
{
	static const char *const unit[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	double v = (double)bytes;
	int u = 0;

	while (v >= 1024 && u < 6) {
		v /= 1024;
		u++;
	}
	snprintf(buf, 24, u == 0 || v >= 100 ? "%.0f %s" : "%.1f %s", v, unit[u]);
}

bool finish_output(void)
{
	bool bad = ferror(stdout) != 0;

	errno = 0;
	if (fflush(stdout) != 0)
		bad = true;
	if (!bad)
		return true;
	/* the reader has gone, or the user has had enough */
	if (errno == EPIPE || errno == EINTR)
		report_status(EXIT_OPERAND);
	else
		report_fail(EXIT_OPERAND, errno ? -errno : -EIO, "standard output");
	return false;
}
