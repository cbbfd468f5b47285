/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The test image: "test=NAME" on the command line runs a group of tests, "fault=KIND" provokes
 * what must end the kernel, "end=reset" ends the machine. The exit status is 0 if all of the group passed.
 */
#include <nucleus/console.h>

#include "tap.h"

const size_t image_stack = 32 * KIB;

static const struct {
	const char	*name;
	void		(*fn)(void);
} groups[] = {
	{ "format", test_format },
	{ "memory", test_memory },
	{ "heap", test_heap },
	{ "space", test_space },
	{ "threads", test_threads },
	{ "locks", test_locks },
	{ "time", test_time },
	{ "user", test_user },
	{ "machine", test_machine },
};

static unsigned count, failed;

static void say(const char *fmt, va_list ap)
{
	char line[200];

	vformat(line, sizeof(line), fmt, ap);
	console_write(line, strlen(line));
	console_write("\n", 1);
}

bool tap_ok(bool cond, const char *fmt, ...)
{
	char head[32];
	va_list ap;

	count++;
	if (!cond)
		failed++;
	format(head, sizeof(head), "%sok %u - ", cond ? "" : "not ", count);
	console_write(head, strlen(head));
	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
	return cond;
}

void tap_note(const char *fmt, ...)
{
	va_list ap;

	console_write("# ", 2);
	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
}

int image_main(void)
{
	char word[32], plan[16];

	if (boot_option("fault", word, sizeof(word)) > 0) {
		fault(word);
		return 1;
	}
	if (boot_option("end", word, sizeof(word)) > 0)
		board_reset();
	if (boot_option("test", word, sizeof(word)) <= 0)
		word[0] = '\0';
	for (unsigned i = 0; i < ARRAY_SIZE(groups); i++) {
		if (word[0] == '\0' || strcmp(word, groups[i].name) == 0)
			groups[i].fn();
	}
	format(plan, sizeof(plan), "1..%u\n", count);
	console_write(plan, strlen(plan));
	return failed != 0 || count == 0;
}
