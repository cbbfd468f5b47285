/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rest of rumpuser on the example platform: upcalls, time, console, parameters, and files, of
 * which there are none.
 *
 * Interface: rumpuser_*, rumpuser_component_*. Locking: none.
 */
#include "example.h"

#include <rump/rumpuser_component.h>

#include <stdarg.h>

size_t strlen(const char *);
int memcmp(const void *, const void *, size_t);
void *memcpy(void *, const void *, size_t);

struct rumpuser_hyperup example_hyp;

int
rumpuser_init(int version, const struct rumpuser_hyperup *hyp)
{

	if (version != RUMPUSER_VERSION)
		return RUMP_EINVAL;
	example_hyp = *hyp;
	return 0;
}

/* Time */

int
rumpuser_clock_gettime(int clk, int64_t *sec, long *nsec)
{
	uint64_t ns = board_nanoseconds();

	/* No clock that runs while the machine is off: the wall clock begins in 2024. */
	if (clk == RUMPUSER_CLOCK_RELWALL)
		ns += 1704067200ull * 1000000000;
	else if (clk != RUMPUSER_CLOCK_ABSMONO)
		return RUMP_EINVAL;
	*sec = (int64_t)(ns / 1000000000);
	*nsec = (long)(ns % 1000000000);
	return 0;
}

int
rumpuser_clock_sleep(int clk, int64_t sec, long nsec)
{
	uint64_t until;
	int nlocks = 0;

	if ((clk != RUMPUSER_CLOCK_RELWALL && clk != RUMPUSER_CLOCK_ABSMONO) || nsec < 0 ||
	    nsec > 999999999 || (clk == RUMPUSER_CLOCK_RELWALL && sec < 0))
		return RUMP_EINVAL;
	until = sec < 0 ? 0 : (uint64_t)sec * 1000000000 + (uint64_t)nsec;
	if (clk == RUMPUSER_CLOCK_RELWALL)
		until += board_nanoseconds();
	if (example_hyp.hyp_backend_unschedule != NULL)
		example_hyp.hyp_backend_unschedule(0, &nlocks, NULL);
	while (board_nanoseconds() < until)
		continue;
	if (example_hyp.hyp_backend_schedule != NULL)
		example_hyp.hyp_backend_schedule(nlocks, NULL);
	return 0;
}

/* Parameters and random numbers */

static int
same(const char *a, const char *b)
{

	return strlen(a) == strlen(b) && memcmp(a, b, strlen(a)) == 0;
}

int
rumpuser_getparam(const char *name, void *buf, size_t blen)
{
	const char *value;

	if (same(name, RUMPUSER_PARAM_NCPU))
		value = "1";
	else if (same(name, RUMPUSER_PARAM_HOSTNAME))
		value = "example";
	else
		return strlen(name) >= 9 && memcmp(name, "_RUMPUSER", 9) == 0 ? RUMP_EINVAL :
		    RUMP_ENOENT;
	if (strlen(value) + 1 > blen)
		return RUMP_E2BIG;
	memcpy(buf, value, strlen(value) + 1);
	return 0;
}

int
rumpuser_getrandom(void *buf, size_t len, int flags, size_t *retp)
{

	if (flags & ~(RUMPUSER_RANDOM_HARD | RUMPUSER_RANDOM_NOWAIT))
		return RUMP_EINVAL;
	board_random(buf, len);
	*retp = len;
	return 0;
}

/* Console */

void
rumpuser_putchar(int ch)
{

	board_putc((char)ch);
}

static void
putnumber(unsigned long n, unsigned base)
{

	if (n >= base)
		putnumber(n / base, base);
	board_putc("0123456789abcdef"[n % base]);
}

/* %s %c %d %u %x %p, l or z before the integers; anything else stands for itself. */
void
rumpuser_dprintf(const char *fmt, ...)
{
	const char *s;
	va_list ap;
	long n;
	int l;

	va_start(ap, fmt);
	for (; *fmt != '\0'; fmt++) {
		if (*fmt != '%') {
			board_putc(*fmt);
			continue;
		}
		for (l = 0, fmt++; *fmt == 'l' || *fmt == 'z'; fmt++)
			l = 1;
		if (*fmt == '\0')
			break;
		if (*fmt == 's')
			for (s = va_arg(ap, const char *); *s != '\0'; s++)
				board_putc(*s);
		else if (*fmt == 'c')
			board_putc((char)va_arg(ap, int));
		else if (*fmt == 'd') {
			n = l ? va_arg(ap, long) : va_arg(ap, int);
			if (n < 0)
				board_putc('-');
			putnumber(n < 0 ? -(unsigned long)n : (unsigned long)n, 10);
		} else if (*fmt == 'u' || *fmt == 'x')
			putnumber(l ? va_arg(ap, unsigned long) : va_arg(ap, unsigned),
			    *fmt == 'u' ? 10 : 16);
		else if (*fmt == 'p')
			putnumber((unsigned long)(uintptr_t)va_arg(ap, void *), 16);
		else
			board_putc(*fmt);
	}
	va_end(ap);
}

/* Ending */

void
rumpuser_exit(int value)
{

	board_stop(value);
}

int
rumpuser_kill(int64_t pid, int sig)
{

	(void)pid;
	(void)sig;
	return RUMP_ESRCH;
}

void
rumpuser_seterrno(int error)
{

	(void)error;	/* no C library that would have an errno */
}

int
rumpuser_daemonize_begin(void)
{

	return RUMP_ENOTSUP;
}

int
rumpuser_daemonize_done(int error)
{

	(void)error;
	return RUMP_EINVAL;
}

/* Components are called by the program that is linked with them; there is nothing to look up. */
void
rumpuser_dl_bootstrap(rump_modinit_fn modinit, rump_symload_fn symload, rump_compload_fn compload)
{

	(void)modinit;
	(void)symload;
	(void)compload;
}

/* Files: none */

int
rumpuser_open(const char *name, int flags, int *fdp)
{

	(void)name;
	(void)flags;
	(void)fdp;
	return RUMP_ENOENT;
}

int
rumpuser_close(int fd)
{

	(void)fd;
	return RUMP_EBADF;
}

int
rumpuser_getfileinfo(const char *name, uint64_t *sizep, int *typep)
{

	(void)name;
	(void)sizep;
	(void)typep;
	return RUMP_ENOENT;
}

void
rumpuser_bio(int fd, int op, void *data, size_t len, int64_t off, rump_biodone_fn done, void *arg)
{

	(void)fd;
	(void)op;
	(void)data;
	(void)len;
	(void)off;
	done(arg, 0, RUMP_EBADF);
}

int
rumpuser_iovread(int fd, struct rumpuser_iovec *iov, size_t iovcnt, int64_t off, size_t *retp)
{

	(void)fd;
	(void)iov;
	(void)iovcnt;
	(void)off;
	(void)retp;
	return RUMP_EBADF;
}

int
rumpuser_iovwrite(int fd, const struct rumpuser_iovec *iov, size_t iovcnt, int64_t off,
    size_t *retp)
{

	(void)fd;
	(void)iov;
	(void)iovcnt;
	(void)off;
	(void)retp;
	return RUMP_EBADF;
}

int
rumpuser_syncfd(int fd, int flags, uint64_t start, uint64_t len)
{

	(void)fd;
	(void)flags;
	(void)start;
	(void)len;
	return RUMP_EBADF;
}

/* For I/O hypercalls with threads of their own, of which there are none */

void *
rumpuser_component_unschedule(void)
{
	int nlocks = 0;

	if (example_hyp.hyp_backend_unschedule != NULL)
		example_hyp.hyp_backend_unschedule(0, &nlocks, NULL);
	return (void *)(intptr_t)nlocks;
}

void
rumpuser_component_schedule(void *cookie)
{

	if (example_hyp.hyp_backend_schedule != NULL)
		example_hyp.hyp_backend_schedule((int)(intptr_t)cookie, NULL);
}

void
rumpuser_component_kthread(void)
{
}

void
rumpuser_component_kthread_release(void)
{
}

struct lwp *
rumpuser_component_curlwp(void)
{

	return rumpuser_curlwp();
}

void
rumpuser_component_switchlwp(struct lwp *l)
{

	example_hyp.hyp_lwproc_switch(l);
}

int
rumpuser_component_errtrans(int hosterr)
{

	return hosterr;
}
