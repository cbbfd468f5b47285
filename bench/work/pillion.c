/* SPDX-License-Identifier: BSD-2-Clause */
/* The donor's kernel in this process. Interface: stack.h. Locking: none. */
#include <pillion/pillion.h>
#include <pillion/syscalls.h>

#include "stack.h"

static int lib_start(const char *tap, const char *address)
{
	char name[32];
	int error = pillion_boot(NULL);

	if (!error && tap)
		error = pillion_net_tap(tap, name);
	if (!error && tap && address)
		error = pillion_net_address(name, address, NULL);
	return error;
}

static void lib_stop(void)
{
	(void)pillion_shutdown();
}

static long lib_getpids(long n)
{
	long sum = 0;

	while (n-- > 0)
		sum += pillion_sys_getpid();
	return sum;
}

static long lib_socket(int domain, int type, int protocol)
{
	return pillion_sys_socket(domain, type, protocol);
}

static long lib_setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	return pillion_sys_setsockopt(fd, level, name, value, len);
}

static long lib_bind(int fd, const struct sockaddr *addr, socklen_t len)
{
	return pillion_sys_bind(fd, addr, len);
}

static long lib_getsockname(int fd, struct sockaddr *addr, socklen_t *len)
{
	return pillion_sys_getsockname(fd, addr, len);
}

static long lib_listen(int fd, int backlog)
{
	return pillion_sys_listen(fd, backlog);
}

static long lib_accept(int fd)
{
	return pillion_sys_accept(fd, NULL, NULL);
}

static long lib_connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	return pillion_sys_connect(fd, addr, len);
}

static long lib_read(int fd, void *buf, size_t len)
{
	return pillion_sys_read(fd, buf, len);
}

static long lib_write(int fd, const void *buf, size_t len)
{
	return pillion_sys_write(fd, buf, len);
}

static long lib_close(int fd)
{
	return pillion_sys_close(fd);
}

const struct stack stack_pillion = {
	.start = lib_start,
	.stop = lib_stop,
	.getpids = lib_getpids,
	.socket = lib_socket,
	.setsockopt = lib_setsockopt,
	.bind = lib_bind,
	.getsockname = lib_getsockname,
	.listen = lib_listen,
	.accept = lib_accept,
	.connect = lib_connect,
	.read = lib_read,
	.write = lib_write,
	.close = lib_close,
};
