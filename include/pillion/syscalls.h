/* SPDX-License-Identifier: BSD-2-Clause */
/* System calls as functions: pillion_sys_NAME takes what Linux's NAME takes, with kernel (uapi) layouts, and returns
 * what the kernel returns (-errno on error). */
#ifndef PILLION_SYSCALLS_H
#define PILLION_SYSCALLS_H
#include <sys/syscall.h>
#include <pillion/pillion.h>
#define PILLION_L_(x) ((long)(x))
#define PILLION_SYS6(n, a, b, c, d, e, f) pillion_syscall(SYS_##n, PILLION_L_(a), PILLION_L_(b), PILLION_L_(c), \
	PILLION_L_(d), PILLION_L_(e), PILLION_L_(f))
#define pillion_sys_getpid() PILLION_SYS6(getpid, 0, 0, 0, 0, 0, 0)
#define pillion_sys_openat(dfd, path, fl, mode) PILLION_SYS6(openat, dfd, path, fl, mode, 0, 0)
#define pillion_sys_read(fd, buf, n) PILLION_SYS6(read, fd, buf, n, 0, 0, 0)
#define pillion_sys_write(fd, buf, n) PILLION_SYS6(write, fd, buf, n, 0, 0, 0)
#define pillion_sys_close(fd) PILLION_SYS6(close, fd, 0, 0, 0, 0, 0)
#define pillion_sys_mount(s, t, ty, fl, d) PILLION_SYS6(mount, s, t, ty, fl, d, 0)
#define pillion_sys_umount2(t, fl) PILLION_SYS6(umount2, t, fl, 0, 0, 0, 0)
#define pillion_sys_mkdirat(dfd, p, m) PILLION_SYS6(mkdirat, dfd, p, m, 0, 0, 0)
#endif
