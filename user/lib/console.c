/* SPDX-License-Identifier: BSD-2-Clause */
/* The console's client, and formatted output through it. Before there is a server: the log. */
#include <nucleus/log.h>
#include <nucleus/string.h>
#include <user.h>

#define TRIES	10			/* calls of servers that die meanwhile */

static long server;			/* handle, or 0 */
static char line[128];
static size_t used;

static bool again(long error)
{
	return error == -E_DEAD || error == -E_INTR;
}

void console_use(unsigned long handle)
{
	server = (long)handle;
}

long console_call(struct message *m)
{
	const struct message request = *m;
	long error = 0;

	if (server <= 0)
		server = name_lookup("console");
	for (unsigned tries = 0; server > 0 && tries < TRIES; ) {
		*m = request;
		error = ipc_call((unsigned long)server, m);
		if (error == 0 && LABEL_OP(m->tag) == E_BUSY)
			sleep_ns((unsigned long)NSEC_PER_MSEC);
		else if (again(error))
			tries++;
		else
			break;
	}
	return server <= 0 ? server : error;
}

long console_write(const char *s, size_t len)
{
	while (len > 0) {
		size_t n = MIN(len, TEXT_MAX);
		struct message m = { .tag = LABEL(CONSOLE_WRITE, n) };
		long error;

		memcpy(m.word, s, n);
		error = console_call(&m);
		if (error != 0)
			return error;
		s += n;
		len -= n;
	}
	return 0;
}

long console_read(char *buf, size_t len)
{
	struct message m = { .tag = LABEL(CONSOLE_READ, MIN(len, TEXT_MAX)) };
	long error = console_call(&m);
	size_t n = MIN(LABEL_BYTES(m.tag), MIN(len, TEXT_MAX));

	if (error != 0)
		return error;
	memcpy(buf, m.word, n);
	return (long)n;
}

void print_flush(void)
{
	size_t n = used;

	used = 0;
	if (n > 0 && console_write(line, n) != 0)
		(void)sys_log(line, n - (line[n - 1] == '\n'));
}

int printf(const char *fmt, ...)
{
	static const char cut[] = "...\n";
	char text[PRINT_MAX + 1];
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vformat(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (len >= (int)sizeof(text))
		memcpy(text + sizeof(text) - sizeof(cut), cut, sizeof(cut));
	for (const char *s = text; *s != '\0'; s++) {
		line[used++] = *s;
		if (*s == '\n' || used == sizeof(line))
			print_flush();
	}
	return len;
}
