/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What libpillion's network code needs of a C library, and no more: IPv4 addresses as text, a
 * clock, numbers, snprintf. And names of Linux's error numbers.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <nucleus/clock.h>

#include <pillion/pillion.h>
#include <rump/rumpext_task.h>

#include "image.h"

/* <pillion/syscalls.h> makes all calls by this name. */
long pillion_syscall(long nr, long a, long b, long c, long d, long e, long f)
{
	return rump_ext_syscall(nr, a, b, c, d, e, f);
}

int clock_gettime(clockid_t clock, struct timespec *ts)
{
	nsec_t now = clock == CLOCK_REALTIME ? clock_wall() : clock_now();

	ts->tv_sec = (time_t)(now / NSEC_PER_SEC);
	ts->tv_nsec = (long)(now % NSEC_PER_SEC);
	return 0;
}

int snprintf(char *buf, size_t len, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vformat(buf, len, fmt, ap);
	va_end(ap);
	return n;
}

size_t strcspn(const char *s, const char *reject)
{
	size_t n = 0;

	while (s[n] != '\0' && strchr(reject, s[n]) == NULL)
		n++;
	return n;
}

/* Decimal, which is what is asked for. */
unsigned long strtoul(const char *s, char **end, int base)
{
	unsigned long n = 0;

	(void)base;
	for (; *s >= '0' && *s <= '9'; s++)
		n = n > 1000000000 ? n : n * 10 + (unsigned long)(*s - '0');
	*end = (char *)s;
	return n;
}

/* IPv4 alone. */
int inet_pton(int family, const char *text, void *buf)
{
	uint8_t *p = buf;
	unsigned long n;
	char *end;

	if (family != AF_INET)
		return 0;
	for (unsigned i = 0; i < 4; i++) {
		n = strtoul(text, &end, 10);
		if (end == text || n > 255 || *end != (i < 3 ? '.' : '\0'))
			return 0;
		p[i] = (uint8_t)n;
		text = end + 1;
	}
	return 1;
}

const char *inet_ntop(int family, const void *address, char *buf, socklen_t len)
{
	const uint8_t *p = address;

	if (family != AF_INET || format(buf, len, "%u.%u.%u.%u", p[0], p[1], p[2], p[3]) >= (int)len)
		return NULL;
	return buf;
}

const char *error_name(int error)
{
	static const struct {
		int		number;
		const char	*name;
	} names[] = {
		{ EPERM, "Operation not permitted" }, { ENOENT, "No such file or directory" },
		{ EIO, "Input/output error" }, { ENXIO, "No such device or address" },
		{ E2BIG, "Argument list too long" }, { ENOEXEC, "Exec format error" },
		{ ENOMEM, "Cannot allocate memory" }, { EACCES, "Permission denied" },
		{ EBUSY, "Device or resource busy" }, { EEXIST, "File exists" },
		{ ENODEV, "No such device" }, { ENOTDIR, "Not a directory" },
		{ EISDIR, "Is a directory" }, { EINVAL, "Invalid argument" },
		{ EFBIG, "File too large" }, { ENOSPC, "No space left on device" },
		{ EROFS, "Read-only file system" }, { ENAMETOOLONG, "File name too long" },
		{ ENOSYS, "Function not implemented" }, { ELOOP, "Too many levels of symbolic links" },
		{ ELIBBAD, "Accessing a corrupted shared library" },
		{ ETIMEDOUT, "Connection timed out" }, { EADDRNOTAVAIL, "Cannot assign requested address" },
	};
	static char text[24];

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].number == error)
			return names[i].name;
	format(text, sizeof(text), "error %d", error);
	return text;
}
