/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The test image: "test=NAME" on the command line runs a group of tests, "fault=KIND" provokes
 * what must end the kernel, "end=reset" ends the machine; "end=echo" writes what is typed, until
 * a "q". The exit status is 0 if all of the group passed.
 */
#include <nucleus/console.h>

#include "tap.h"

const size_t image_stack = 32 * KIB;
const unsigned image_cpus = CPU_MAX;

static const struct {
	const char	*name;
	void		(*fn)(void);
} groups[] = {
	{ "format", test_format },
	{ "memory", test_memory },
	{ "heap", test_heap },
	{ "space", test_space },
	{ "tables", test_tables },
	{ "threads", test_threads },
	{ "locks", test_locks },
	{ "time", test_time },
	{ "user", test_user },
	{ "cap", test_cap },
	{ "ipc", test_ipc },
	{ "vm", test_vm },
	{ "machine", test_machine },
	{ "cpus", test_cpus },
	{ "stress", test_stress },
	{ "cost", test_cost },
	{ "lines", test_lines },
	{ "console", test_console },
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

size_t free_pages(void)
{
	struct page_stats st;

	heap_drain();
	page_stats(&st);
	return st.free;
}

size_t heap_blocks(void)
{
	struct heap_stats st;

	heap_stats(&st);
	return st.blocks;
}

static struct waitq typed = WAITQ_INIT(typed);

static void on_input(void)
{
	unsigned long flags = spin_lock(&typed.lock);

	waitq_wake_all(&typed);
	spin_unlock(&typed.lock, flags);
}

static void echo(void)
{
	char c = '\0';

	console_set_notify(on_input);
	console_write("ready\n", 6);
	while (c != 'q') {
		unsigned long flags = spin_lock(&typed.lock);
		bool none = console_read(&c, 1) == 0;

		if (none) {
			(void)waitq_sleep(&typed, flags, NSEC_NEVER);
			continue;
		}
		spin_unlock(&typed.lock, flags);
		console_putc(c);
	}
	console_write("\nend\n", 5);
}

static void end(const char *how)
{
	if (strcmp(how, "reset") == 0)
		board_reset();
	if (strcmp(how, "echo") == 0)
		echo();
}

int image_main(void)
{
	char word[32], plan[16];

	if (boot_option("fault", word, sizeof(word)) > 0) {
		fault(word);
		return 1;
	}
	if (boot_option("end", word, sizeof(word)) > 0)
		end(word);
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
