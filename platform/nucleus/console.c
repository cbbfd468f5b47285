/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Console: the nucleus's. Nothing is held back. Input is announced by a thread: the nucleus tells
 * of it in an interrupt, where the donor cannot be entered.
 *
 * Interface: rumpuser_putchar, rumpuser_dprintf; rumpext_console_read;
 * rumpuser_nucleus_console, _console_stop.
 * Locking: the wait queue's lock protects the flags.
 */
#include <nucleus/console.h>
#include <nucleus/log.h>
#include <nucleus/string.h>

#include <rump/rumpext_bus.h>

#include "platform.h"
#include "rumpuser_nucleus.h"

static struct waitq input = WAITQ_INIT(input);
static bool announced, stopping;
static struct thread *announcer;

void rump_ext_console_input(void) WEAK;

void rumpuser_putchar(int ch)
{
	char c = (char)ch;

	console_write(&c, 1);
}

void rumpuser_dprintf(const char *fmt, ...)
{
	char buf[512];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vformat(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	if (n > 0)
		console_write(buf, MIN((size_t)n, sizeof(buf) - 1));
}

size_t rumpext_console_read(char *buf, size_t len)
{
	return console_read(buf, len);
}

/* In an interrupt. */
static void notify(void)
{
	unsigned long flags = spin_lock(&input.lock);

	announced = true;
	(void)waitq_wake_one(&input);
	spin_unlock(&input.lock, flags);
}

static void announce(void *arg)
{
	unsigned long flags;

	(void)arg;
	for (;;) {
		flags = spin_lock(&input.lock);
		while (!announced && !stopping) {
			(void)waitq_sleep(&input, flags, NSEC_NEVER);
			flags = spin_lock(&input.lock);
		}
		announced = false;
		spin_unlock(&input.lock, flags);
		if (stopping)
			return;
		rump_ext_console_input();
	}
}

int rumpuser_nucleus_console(void)
{
	if (rump_ext_console_input == NULL)
		return 0;
	announcer = platform_thread("console", PRIO_HIGH, true, announce, NULL);
	if (announcer == NULL)
		return RUMP_ENOMEM;
	console_set_notify(notify);
	return 0;
}

void rumpuser_nucleus_console_stop(void)
{
	unsigned long flags;

	if (announcer == NULL)
		return;
	console_set_notify(NULL);
	flags = spin_lock(&input.lock);
	stopping = true;
	(void)waitq_wake_one(&input);
	spin_unlock(&input.lock, flags);
	thread_join(announcer);
	announcer = NULL;
}
