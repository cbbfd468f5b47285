/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console. The interface is console.h.
 *
 * Output by a thread goes in pieces, with interrupts on in between; while a device takes its time
 * the thread waits, however long that is. A mutex keeps the pieces of one call together. In an
 * interrupt, with a lock held or in a panic all goes at once, and may be lost.
 *
 * Locking: writer, then out_lock for the sinks and while they write; in_lock for the input buffer.
 * notify() is called with none of them.
 */
#include <nucleus/clock.h>
#include <nucleus/console.h>
#include <nucleus/log.h>
#include <nucleus/thread.h>

#define PIECE		64
#define SPIN		1000		/* steps before a thread sleeps in between */
#define STEPS_MAX	100000		/* where it cannot: then the rest is left */
#define INPUT_SIZE	1024		/* a power of two */

static struct spinlock out_lock, in_lock;
static struct mutex writer = MUTEX_INIT(writer);
static struct list sinks = LIST_INIT(sinks);
static bool broken;
bool console_raw;

static char input[INPUT_SIZE];
static unsigned in_head, in_tail;	/* count up for ever; head is written next, tail read next */
static void (*notify)(void);
static void (*resume)(void);	/* a source that waits for room */

void console_break_lock(void)
{
	broken = true;
}

/* One piece to each sink; or without one, a step of what a sink has left: true: there is more. */
static bool out(const char *s, size_t len)
{
	unsigned long flags = broken ? 0 : spin_lock(&out_lock);
	struct console_sink *sink;
	bool more = false;

	list_for_each(sink, &sinks, link) {
		if (s != NULL)
			sink->write(sink, s, len);
		else if (!more && sink->step != NULL)
			more = sink->step(sink);
	}
	if (!broken)
		spin_unlock(&out_lock, flags);
	return more;
}

void console_write(const char *s, size_t len)
{
	bool calm = !broken && cpu_irqs_on() && thread_self()->preempt == 0;

	if (calm)
		mutex_lock(&writer);
	while (len > 0) {
		size_t n = MIN(len, (size_t)PIECE);

		(void)out(s, n);
		for (unsigned step = 0; (calm || step < STEPS_MAX) && out(NULL, 0); step++) {
			if (calm && step >= SPIN)
				sleep_until(clock_now() + NSEC_PER_MSEC);
		}
		s += n;
		len -= n;
	}
	if (calm)
		mutex_unlock(&writer);
}

static bool busy(void)
{
	unsigned long flags = spin_lock(&out_lock);
	struct console_sink *sink;
	bool any = false;

	list_for_each(sink, &sinks, link)
		any = any || (sink->busy != NULL && sink->busy(sink));
	spin_unlock(&out_lock, flags);
	return any;
}

void console_flush(void)
{
	while (busy())
		sleep_until(clock_now() + NSEC_PER_MSEC);
}

void console_putc(int c)
{
	char ch = (char)c;

	console_write(&ch, 1);
}

void console_add_sink(struct console_sink *sink)
{
	unsigned long flags = spin_lock(&out_lock);

	list_add_tail(&sinks, &sink->link);
	spin_unlock(&out_lock, flags);
}

void console_input(const char *s, size_t len)
{
	unsigned long flags = spin_lock(&in_lock);
	bool was_empty = in_head == in_tail;
	void (*fn)(void) = notify;

	while (len-- > 0 && in_head - in_tail < INPUT_SIZE)
		input[in_head++ % INPUT_SIZE] = *s++;
	spin_unlock(&in_lock, flags);
	if (was_empty && fn != NULL)
		fn();
}

size_t console_read(char *buf, size_t len)
{
	unsigned long flags = spin_lock(&in_lock);
	void (*fn)(void) = NULL;
	size_t n = 0;

	while (n < len && in_tail != in_head)
		buf[n++] = input[in_tail++ % INPUT_SIZE];
	if (in_head == in_tail) {
		fn = resume;
		resume = NULL;
	}
	spin_unlock(&in_lock, flags);
	if (fn != NULL)
		fn();
	return n;
}

bool console_wait_room(void (*fn)(void))
{
	unsigned long flags = spin_lock(&in_lock);
	bool room = in_head - in_tail < INPUT_SIZE;

	if (!room && fn != NULL)
		resume = fn;
	spin_unlock(&in_lock, flags);
	return room;
}

void console_set_notify(void (*fn)(void))
{
	unsigned long flags = spin_lock(&in_lock);
	bool input_there = in_head != in_tail;

	notify = fn;
	spin_unlock(&in_lock, flags);
	if (fn != NULL && input_there)
		fn();
}
