/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines that are typed: backspace, ^U (nothing typed yet), ^C (another line), ^P or the up arrow
 * (the line before).
 */
#include <nucleus/string.h>

#include "shell.h"

#define CTRL(c)		((c) & 0x1f)
#define DEL		0x7f
#define BELL		"\a"

static char before[LINE_MAX];

static void echo(const char *s)
{
	(void)console_write(s, strlen(s));
}

static void erase(size_t *len)
{
	for (; *len > 0; (*len)--)
		echo("\b \b");
}

/*
 * One character; of an escape sequence its last, with the top bit set. A control character ends
 * what was one until then. Negative: no input.
 */
static int key(void)
{
	static bool escape, bracket;
	char c;

	for (;;) {
		if (console_read(&c, 1) != 1)
			return -1;
		if (c == '\033') {
			escape = true;
			bracket = false;
		} else if ((unsigned char)c < ' ') {
			escape = false;
			return c;
		} else if (escape && !bracket && (c == '[' || c == 'O')) {
			bracket = true;
		} else if (escape && bracket && c >= ' ' && c <= '?') {
			continue;		/* parameters */
		} else if (escape) {
			escape = false;
			return (unsigned char)c | 0x80;
		} else {
			return (unsigned char)c;
		}
	}
}

bool edit_line(const char *prompt, char *line)
{
	size_t len = 0;
	int c;

	echo(prompt);
	while ((c = key()) >= 0) {
		switch (c) {
		case '\r':
		case '\n':
			line[len] = '\0';
			echo("\n");
			if (len > 0)
				strlcpy(before, line, sizeof(before));
			return true;
		case '\b':
		case DEL:
			if (len > 0) {
				echo("\b \b");
				len--;
			}
			break;
		case CTRL('U'):
			erase(&len);
			break;
		case CTRL('C'):
			line[0] = '\0';
			echo("^C\n");
			return true;
		case CTRL('P'):
		case 'A' | 0x80:
			erase(&len);
			len = strlcpy(line, before, LINE_MAX);
			echo(before);
			break;
		default:
			if (c < ' ' || c > '~' || len == LINE_MAX - 1) {
				echo(c < ' ' || len == LINE_MAX - 1 ? BELL : "");
				break;
			}
			line[len++] = (char)c;
			(void)console_write(line + len - 1, 1);
		}
	}
	return false;
}
