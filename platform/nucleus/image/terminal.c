/* SPDX-License-Identifier: BSD-2-Clause */
/* The console as a terminal, or as a stream of bytes. See image.h. */
#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <fcntl.h>
#include <linux/termios.h>

#include "../rumpuser_nucleus.h"
#include "image.h"

int terminal_setup(const struct config *c)
{
	struct winsize size = { .ws_row = (unsigned short)c->rows, .ws_col = (unsigned short)c->cols };
	int fd = (int)pillion_sys_openat(AT_FDCWD, TERMINAL, O_RDWR | O_NOCTTY | O_CLOEXEC, 0);
	struct termios t;
	long error;

	if (fd < 0)
		return fd;
	error = pillion_sys_ioctl(fd, TCGETS, (unsigned long)&t);
	if (c->stdin_stream)
		t.c_lflag &= ~(unsigned)(ECHO | ECHOE | ECHOK | ECHOKE | ECHOCTL);
	if (c->stdout_stream)
		t.c_oflag &= ~(unsigned)OPOST;
	if (error == 0)
		error = pillion_sys_ioctl(fd, TCSETS, (unsigned long)&t);
	if (error == 0 && c->rows != 0)
		error = pillion_sys_ioctl(fd, TIOCSWINSZ, (unsigned long)&size);
	pillion_sys_close(fd);
	return (int)error;
}

void terminal_input(void)
{
	if (rumpuser_nucleus_console() != 0)
		log_error("no memory to read the console");
}
