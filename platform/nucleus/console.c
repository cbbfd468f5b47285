/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Console: the nucleus's. Nothing is held back. Input is announced by a thread: the nucleus tells
 * of it in an interrupt, where the donor cannot be entered.
 *
 * Interface: rumpuser_putchar, rumpuser_dprintf; rumpext_console_read; rumpuser_nucleus_console.
 * Locking: the wait queue's lock protects the flag.
 */
#include <nucleus/console.h>
#include <nucleus/log.h>
#include <nucleus/string.h>

#include <rump/rumpext_bus.h>

#include "platform.h"
#include "rumpuser_nucleus.h"

static struct waitq input = WAITQ_INIT(input);
static bool announced;

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
		while (!announced) {
			(void)waitq_sleep(&input, flags, NSEC_NEVER);
			flags = spin_lock(&input.lock);
		}
		announced = false;
		spin_unlock(&input.lock, flags);
		rump_ext_console_input();
	}
}

int rumpuser_nucleus_console(void)
{
	if (rump_ext_console_input == NULL)
		return 0;
	if (platform_thread("console", PRIO_HIGH, false, announce, NULL) == NULL)
		return RUMP_ENOMEM;
	console_set_notify(notify);
	return 0;
}
