/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Console: output by lines to the embedder's sink or standard error; input from the embedder.
 *
 * Interface: rumpuser_putchar, rumpuser_dprintf, rumpext_console_read; rumpuser_posix_console_*.
 *
 * Locking: out_lock protects the line and orders the writes. A panic may come with the lock held,
 * even by the panicking thread, so the wait for it is bounded; after that, garbled output is
 * better than none. linelen is therefore atomic, and every value stored to it is checked: it is
 * always less than the size of the line. in_lock protects the input ring.
 */
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <rump/rumpext_bus.h>

#include "posix.h"
#include "rumpuser_posix.h"

static char line[512];
static size_t linelen;
static struct plock out_lock;
static void (*sink)(void *, const char *, size_t);
static void *sinkarg;

static char ring[4096];
static size_t ringhead, ringlen;
static struct plock in_lock;

void rump_ext_console_input(void) __attribute__((__weak__));

static bool
outlock(void)
{
	int i;

	for (i = 0; i < 10000; i++) {
		if (plock_try(&out_lock))
			return true;
		sched_yield();
	}
	return false;
}

static void
outunlock(bool held)
{

	if (held)
		punlock(&out_lock);
}

static void
emit(const char *buf, size_t len)
{
	int saved = errno;
	ssize_t n;

	if (len == 0)
		return;
	if (sink != NULL) {
		sink(sinkarg, buf, len);
		return;
	}
	while (len > 0) {
		n = write(STDERR_FILENO, buf, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		buf += n;
		len -= (size_t)n;
	}
	errno = saved;
}

static void
put(char ch)
{
	size_t n = __atomic_load_n(&linelen, __ATOMIC_RELAXED);
	bool whole;

	line[n++] = ch;
	whole = ch == '\n' || n == sizeof(line);
	/* Before the sink is called, which may itself print. */
	__atomic_store_n(&linelen, whole ? 0 : n, __ATOMIC_RELAXED);
	if (whole)
		emit(line, n);
}

void
rumpuser_posix_console_sink(void (*fn)(void *, const char *, size_t), void *arg)
{
	bool held;

	rumpuser__console_flush();
	held = outlock();
	sink = fn;
	sinkarg = arg;
	outunlock(held);
}

void
rumpuser__console_write(const char *buf, size_t len)
{
	bool held = outlock();

	while (len-- > 0)
		put(*buf++);
	outunlock(held);
}

void
rumpuser__console_flush(void)
{
	bool held = outlock();

	emit(line, __atomic_exchange_n(&linelen, 0, __ATOMIC_RELAXED));
	outunlock(held);
}

void
rumpuser_putchar(int ch)
{
	bool held = outlock();

	put((char)ch);
	outunlock(held);
}

void
rumpuser_dprintf(const char *fmt, ...)
{
	char buf[1024];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	if (n > 0)
		rumpuser__console_write(buf,
		    (size_t)n < sizeof(buf) ? (size_t)n : sizeof(buf) - 1);
}

size_t
rumpuser_posix_console_input(const char *buf, size_t len)
{
	size_t i;

	plock(&in_lock);
	for (i = 0; i < len && ringlen < sizeof(ring); i++, ringlen++)
		ring[(ringhead + ringlen) % sizeof(ring)] = buf[i];
	punlock(&in_lock);
	if (i > 0 && rump_ext_console_input != NULL)
		rump_ext_console_input();
	return i;
}

size_t
rumpext_console_read(char *buf, size_t len)
{
	size_t i;

	rumpuser__console_flush();
	plock(&in_lock);
	for (i = 0; i < len && ringlen > 0; i++, ringlen--) {
		buf[i] = ring[ringhead];
		ringhead = (ringhead + 1) % sizeof(ring);
	}
	punlock(&in_lock);
	return i;
}
