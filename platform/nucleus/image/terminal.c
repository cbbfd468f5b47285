/* SPDX-License-Identifier: BSD-2-Clause */
/* The console as a terminal, or as a stream of bytes. See image.h. */
#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <fcntl.h>
#include <linux/termios.h>

#include "../rumpuser_nucleus.h"
#include "image.h"

/* Descriptor fd of process 1 is the stream: the program inherits it. */
static long give_stream(int fd, int flags)
{
	long got = pillion_sys_openat(AT_FDCWD, STREAM, flags, 0), error = 0;

	if (got < 0 || got == fd)
		return MIN(got, 0);
	error = pillion_sys_dup3((unsigned)got, (unsigned)fd, 0);
	pillion_sys_close((unsigned)got);
	return MIN(error, 0);
}

/* Process 1 has the console as all three: what is not a stream becomes the program's terminal. */
static long setup_streams(const struct config *c)
{
	long error = 0;

	for (int fd = 0; fd <= 2; fd++)
		(void)pillion_sys_fcntl(fd, F_SETFD, FD_CLOEXEC);
	if (c->stdin_stream)
		error = give_stream(0, O_RDONLY);
	for (int fd = 1; fd <= 2 && c->stdout_stream && error == 0; fd++)
		error = give_stream(fd, O_WRONLY);
	return error;
}

int terminal_setup(const struct config *c)
{
	struct winsize size = { .ws_row = (unsigned short)c->rows, .ws_col = (unsigned short)c->cols };
	int fd = (int)pillion_sys_openat(AT_FDCWD, TERMINAL, O_RDWR | O_NOCTTY | O_CLOEXEC, 0);
	struct termios t;
	long error;

	if (fd < 0)
		return fd;
	error = pillion_sys_ioctl(fd, TCGETS, (unsigned long)&t);
	if (c->stdout_stream)
		t.c_oflag &= ~(unsigned)OPOST;
	if (error == 0)
		error = pillion_sys_ioctl(fd, TCSETS, (unsigned long)&t);
	if (error == 0 && c->rows != 0)
		error = pillion_sys_ioctl(fd, TIOCSWINSZ, (unsigned long)&size);
	pillion_sys_close(fd);
	return error != 0 ? (int)error : (int)setup_streams(c);
}

void terminal_input(void)
{
	if (rumpuser_nucleus_console() != 0)
		log_error("no memory to read the console");
}
