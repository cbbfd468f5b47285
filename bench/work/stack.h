/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The system calls that a workload makes, so that one workload runs on the host's kernel and on
 * Pillion. Results are those of the kernel: -errno on error.
 *
 * start() is called once, before any other; tap and address NULL: no network but lo.
 */
#ifndef BENCH_STACK_H
#define BENCH_STACK_H

#include <stddef.h>
#include <sys/socket.h>

struct stack {
	int (*start)(const char *tap, const char *address);
	void (*stop)(void);
	long (*getpids)(long n);	/* getpid n times */
	long (*socket)(int domain, int type, int protocol);
	long (*setsockopt)(int fd, int level, int name, const void *value, socklen_t len);
	long (*bind)(int fd, const struct sockaddr *addr, socklen_t len);
	long (*getsockname)(int fd, struct sockaddr *addr, socklen_t *len);
	long (*listen)(int fd, int backlog);
	long (*accept)(int fd);
	long (*connect)(int fd, const struct sockaddr *addr, socklen_t len);
	long (*read)(int fd, void *buf, size_t len);
	long (*write)(int fd, const void *buf, size_t len);
	long (*close)(int fd);
};

extern const struct stack stack_host, stack_pillion;

#endif
