/* SPDX-License-Identifier: BSD-2-Clause */
/* Output: interrupts are not off while a device takes its time, and lines of threads stay whole. */
#include <nucleus/console.h>

#include "tap.h"

#define LINE		150
#define LINES		40

static unsigned steps;
static volatile bool fired, slow, recording;
static char record[2 * LINES * (LINE + 1) + 1];
static size_t recorded;

static void on_timer(struct timer *t)
{
	(void)t;
	fired = true;
}

static void sink_write(struct console_sink *sink, const char *s, size_t len)
{
	(void)sink;
	for (; recording && len > 0 && recorded < sizeof(record); len--)
		record[recorded++] = *s++;
}

/* A device that is slow until the timer's interrupt has come. */
static bool sink_step(struct console_sink *sink)
{
	(void)sink;
	if (!slow)
		return false;
	steps++;
	if (fired || steps == 10000000)
		slow = false;
	return slow;
}

static void writer(void *arg)
{
	char line[LINE + 1];

	memset(line, *(const char *)arg, LINE);
	line[LINE] = '\n';
	for (unsigned i = 0; i < LINES; i++)
		console_write(line, sizeof(line));
}

static bool whole_lines(void)
{
	for (size_t i = 0; i < recorded; i++) {
		size_t column = i % (LINE + 1);

		if (column == LINE ? record[i] != '\n' : record[i] != record[i - column])
			return false;
	}
	return recorded == sizeof(record) - 1;
}

void test_console(void)
{
	static struct console_sink sink = { .name = "test", .write = sink_write, .step = sink_step };
	static struct timer timer;
	struct thread *a, *b;

	console_add_sink(&sink);
	timer_init(&timer, on_timer);
	timer_set(&timer, clock_now() + NSEC_PER_MSEC);
	slow = true;
	console_write("# a slow device\n", 16);
	ok(fired && steps > 1, "an interrupt comes while a device is slow, after %u steps", steps);

	recording = true;
	a = thread_create("a", PRIO_NORMAL, 0, true, writer, "a");
	b = thread_create("b", PRIO_NORMAL, 0, true, writer, "b");
	thread_join(a);
	thread_join(b);
	recording = false;
	ok(whole_lines(), "lines of two threads are whole");
}
