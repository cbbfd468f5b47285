/* SPDX-License-Identifier: BSD-2-Clause */
/* The host's kernel. Interface: stack.h. Locking: none. */
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "stack.h"

static long result(long r)
{
	return r < 0 ? -errno : r;
}

static int host_start(const char *tap, const char *address)
{
	return tap || address ? -EINVAL : 0;
}

static void host_stop(void)
{
}

static long host_getpids(long n)
{
	long sum = 0;

	while (n-- > 0)
		sum += syscall(SYS_getpid);
	return sum;
}

static long host_socket(int domain, int type, int protocol)
{
	return result(socket(domain, type, protocol));
}

static long host_setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	return result(setsockopt(fd, level, name, value, len));
}

static long host_bind(int fd, const struct sockaddr *addr, socklen_t len)
{
	return result(bind(fd, addr, len));
}

static long host_getsockname(int fd, struct sockaddr *addr, socklen_t *len)
{
	return result(getsockname(fd, addr, len));
}

static long host_listen(int fd, int backlog)
{
	return result(listen(fd, backlog));
}

static long host_accept(int fd)
{
	return result(accept(fd, NULL, NULL));
}

static long host_connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	return result(connect(fd, addr, len));
}

static long host_read(int fd, void *buf, size_t len)
{
	return result(read(fd, buf, len));
}

static long host_write(int fd, const void *buf, size_t len)
{
	return result(write(fd, buf, len));
}

static long host_close(int fd)
{
	return result(close(fd));
}

const struct stack stack_host = {
	.start = host_start,
	.stop = host_stop,
	.getpids = host_getpids,
	.socket = host_socket,
	.setsockopt = host_setsockopt,
	.bind = host_bind,
	.getsockname = host_getsockname,
	.listen = host_listen,
	.accept = host_accept,
	.connect = host_connect,
	.read = host_read,
	.write = host_write,
	.close = host_close,
};
