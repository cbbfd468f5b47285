/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's log. The interface is log.h.
 *
 * Locking: log_lock for the buffer; messages go to the console after it is released.
 */
#include <nucleus/clock.h>
#include <nucleus/console.h>
#include <nucleus/log.h>
#include <nucleus/sync.h>

#define LOG_SIZE	8192u		/* a power of two */
#define LOG_LINE	256

static struct spinlock log_lock;
static char buffer[LOG_SIZE] __attribute__((__used__));	/* gdb.py reads it */
static uint64_t written;		/* bytes so far */
static bool broken;
static enum log_level console_level = LOG_WARN;

void log_set_level(enum log_level level)
{
	console_level = level;
}

void log_break_lock(void)
{
	broken = true;
}

static unsigned long lock(void)
{
	return broken ? 0 : spin_lock(&log_lock);
}

static void unlock(unsigned long flags)
{
	if (!broken)
		spin_unlock(&log_lock, flags);
}

void log_print(enum log_level level, const char *fmt, ...)
{
	nsec_t now = clock_now();
	char line[LOG_LINE];
	unsigned long flags;
	size_t len;
	va_list ap;

	len = (size_t)format(line, sizeof(line), "[%3u.%06u] ", (unsigned)(now / NSEC_PER_SEC),
	    (unsigned)(now % NSEC_PER_SEC / NSEC_PER_USEC));
	va_start(ap, fmt);
	len += (size_t)vformat(line + len, sizeof(line) - len, fmt, ap);
	va_end(ap);
	len = MIN(len, sizeof(line) - 2);
	line[len++] = '\n';

	flags = lock();
	for (size_t i = 0; i < len; i++)
		buffer[written++ % LOG_SIZE] = line[i];
	unlock(flags);
	if (level <= console_level)
		console_write(line, len);
}
