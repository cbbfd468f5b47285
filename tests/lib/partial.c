/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Buffers that are good at their begin and bad behind a page boundary: what Linux gives is what
 * the donor gives, a short count where something was done, EFAULT where nothing was.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "common.h"
#include "tap.h"

#define PAGE	4096

static char *edge;		/* the first byte that is bad */
static char data[4 * PAGE];

static void make_edge(void)
{
	edge = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	edge += PAGE;
	mprotect(edge, PAGE, PROT_NONE);
	fill_pattern(data, sizeof(data), 3, 0);
}

static void test_files(void)
{
	int fd = (int)pillion_sys_openat(AT_FDCWD, "/file", O_RDWR | O_CREAT, 0644);

	pillion_sys_write(fd, data, sizeof(data));
	is(pillion_sys_pread64(fd, edge - 100, 300, 0), 100, "read of a file: what fits");
	ok(!memcmp(edge - 100, data, 100), "is there");
	is(pillion_sys_pread64(fd, edge - 1, 300, 0), 1, "one byte fits");
	is(pillion_sys_pread64(fd, edge, 300, 0), -EFAULT, "none does");
	is(pillion_sys_pread64(fd, edge - PAGE, 3 * PAGE, 0), PAGE, "a page fits");
	pillion_sys_lseek(fd, 0, SEEK_SET);
	is(pillion_sys_read(fd, edge - 100, 300), 100, "read moves the position");
	is(pillion_sys_lseek(fd, 0, SEEK_CUR), 100, "by what was read");
	is(pillion_sys_read(fd, edge, 300), -EFAULT, "EFAULT");
	is(pillion_sys_lseek(fd, 0, SEEK_CUR), 100, "does not");
	memcpy(edge - 100, data, 100);
	is(pillion_sys_pwrite64(fd, edge - 100, 300, PAGE - 50), 100, "write of a file: what is good");
	is(pillion_sys_pwrite64(fd, edge, 300, 0), -EFAULT, "none is");
	is(pillion_sys_pread64(fd, data + PAGE, 300, PAGE - 50), 300, "read back");
	ok(!memcmp(data + PAGE, data, 100), "what was good is written");
	ok(check_pattern(data + PAGE + 100, 200, 3, PAGE + 50), "behind it nothing is changed");
	fill_pattern(data, sizeof(data), 3, 0);
	pillion_sys_close(fd);
}

static void test_vectors(void)
{
	int fd = (int)pillion_sys_openat(AT_FDCWD, "/file", O_RDWR, 0);
	char a[50], b[50];
	struct iovec v[3] = { { a, 50 }, { edge - 20, 50 }, { b, 50 } };
	struct iovec *w = (void *)(edge - sizeof(*w));

	is(pillion_sys_preadv(fd, v, 3, 0, 0), 70, "readv stops in the bad buffer");
	ok(!memcmp(a, data, 50) && !memcmp(edge - 20, data + 50, 20), "what came before is read");
	v[1].iov_base = edge;
	is(pillion_sys_preadv(fd, v, 3, 0, 0), 50, "or before it");
	v[0].iov_base = edge;
	is(pillion_sys_preadv(fd, v, 3, 0, 0), -EFAULT, "the first is bad");
	*w = (struct iovec){ a, 50 };
	is(pillion_sys_preadv(fd, w, 1, 0, 0), 50, "a vector at the edge");
	is(pillion_sys_preadv(fd, w, 2, 0, 0), -EFAULT, "over the edge");
	v[0] = (struct iovec){ a, 50 };
	v[1] = (struct iovec){ b, (size_t)-1 };
	is(pillion_sys_preadv(fd, v, 2, 0, 0), -EINVAL, "a length that is none");
	v[1] = (struct iovec){ (void *)0x7fffff000000, 0x7fffffffffff };
	ok(pillion_sys_preadv(fd, v, 2, 0, 0) != 0, "a length over the end of user space");
	is(pillion_sys_preadv(fd, v, 1025, 0, 0), -EINVAL, "too many");
	pillion_sys_close(fd);
}

static void test_streams(void)
{
	int pipe[2], pair[2], dgram[2];

	pillion_sys_pipe2(pipe, O_NONBLOCK);
	is(pillion_sys_write(pipe[1], data, 300), 300, "a pipe with 300 bytes");
	is(pillion_sys_read(pipe[0], edge, 300), -EFAULT, "read to a bad buffer");
	is(pillion_sys_read(pipe[0], data + PAGE, 300), 300, "takes nothing away");
	is(pillion_sys_write(pipe[1], edge, 300), -EFAULT, "write from a bad buffer");
	is(pillion_sys_read(pipe[0], data + PAGE, 300), -EAGAIN, "puts nothing in");
	pillion_sys_socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair);
	is(pillion_sys_write(pair[1], edge - 100, 300), -EFAULT, "a socket: write over the edge");
	is(pillion_sys_read(pair[0], data + PAGE, 300), -EAGAIN, "puts nothing in");
	pillion_sys_write(pair[1], data, 300);
	is(pillion_sys_read(pair[0], edge, 300), -EFAULT, "read to a bad buffer");
	is(pillion_sys_read(pair[0], data + PAGE, 300), 300, "takes nothing away");
	pillion_sys_socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, dgram);
	is(pillion_sys_sendto(dgram[1], edge - 100, 300, 0, NULL, 0), -EFAULT, "a datagram over the edge");
	is(pillion_sys_recvfrom(dgram[0], data + PAGE, 300, 0, NULL, NULL), -EAGAIN, "is not sent");
	fill_pattern(data, sizeof(data), 3, 0);
	for (int i = 0; i < 2; i++) {
		pillion_sys_close(pipe[i]);
		pillion_sys_close(pair[i]);
		pillion_sys_close(dgram[i]);
	}
}

static void test_strings(void)
{
	char *path = edge - 6;
	long fd;

	memcpy(path, "/file", 6);
	fd = pillion_sys_openat(AT_FDCWD, path, O_RDONLY, 0);
	ok(fd >= 0, "a path whose zero byte is the last good byte");
	pillion_sys_close((int)fd);
	memcpy(edge - 5, "/file", 5);
	is(pillion_sys_openat(AT_FDCWD, edge - 5, O_RDONLY, 0), -EFAULT, "a path without one");
	memset(edge - PAGE, 'x', PAGE);
	is(pillion_sys_openat(AT_FDCWD, edge - PAGE, O_RDONLY, 0), -ENAMETOOLONG,
	    "a page of it is too long");
	is(pillion_sys_openat(AT_FDCWD, edge - 1, O_RDONLY, 0), -EFAULT, "a byte of it");
	is(pillion_sys_openat(AT_FDCWD, edge, O_RDONLY, 0), -EFAULT, "none of it");
	path = edge - 9;
	memcpy(path, "far/away", 9);
	is(pillion_sys_symlinkat(path, AT_FDCWD, "/link"), 0, "a link's text at the edge");
	is(pillion_sys_readlinkat(AT_FDCWD, "/link", edge - 8, 100), 8, "read to where just it fits");
	ok(!memcmp(edge - 8, "far/away", 8), "it is that");
	is(pillion_sys_readlinkat(AT_FDCWD, "/link", edge - 7, 100), -EFAULT, "to where it does not");
}

static void test_unaligned(void)
{
	char buf[PAGE + 64];
	int fd = (int)pillion_sys_openat(AT_FDCWD, "/file", O_RDWR, 0), wrong = 0;

	for (int at = 0; at < 64; at++)
		for (int len = 0; len < 130; len += 13) {
			memset(buf, 0x55, sizeof(buf));
			wrong += pillion_sys_pread64(fd, buf + at, (size_t)len, len) != len;
			wrong += memcmp(buf + at, data + len, (size_t)len) != 0;
			for (int k = 0; k < at; k++)
				wrong += buf[k] != 0x55;
			for (int k = at + len; k < 300; k++)
				wrong += buf[k] != 0x55;
		}
	is(wrong, 0, "every alignment and length, nothing before and behind is touched");
	pillion_sys_close(fd);
}

int main(void)
{
	tap_begin();
	boot(NULL);
	make_edge();
	test_files();
	fill_pattern(data, sizeof(data), 3, 0);
	write_file("/file", data, sizeof(data));
	test_vectors();
	test_streams();
	test_strings();
	test_unaligned();
	ok(pillion_shutdown() == 0, "shutdown");
	return tap_done();
}
