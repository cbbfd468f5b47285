/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bad pointers in every argument of every system call: unmapped, read-only, of the kernel's half,
 * at the ends of things. Each call is made in a child, which may die of some signals but not of
 * anything else; some calls are known to say EFAULT.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

#include "tap.h"

#define CALLS 451

static char *readonly, *edge;

static const unsigned long fixed[] = {
	0, 8, 0x1000, 0x7ffffffff000, 0x7fffffffffff, 0x800000000000, 0xffff800000000000,
	0xffff888000000000, 0xffffffff80000000, 0xffffffff81000000, -4096ul, -8ul, -1ul,
	0x4141414141414141,
};
#define FIXED (sizeof(fixed) / sizeof(fixed[0]))

static unsigned long bad(unsigned n)
{
	if (n < FIXED)
		return fixed[n];
	return n == FIXED ? (unsigned long)readonly : (unsigned long)edge;
}

/* Calls that end the caller, wait for ever or change the machine for the tests that follow. */
static int left_out(long nr)
{
	static const long out[] = { SYS_exit, SYS_exit_group, SYS_pause, SYS_rt_sigsuspend, SYS_vfork,
		SYS_fork, SYS_clone, SYS_clone3, SYS_reboot, SYS_kill, SYS_tkill, SYS_tgkill,
		SYS_sync, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_vhangup,
		SYS_rt_sigreturn, SYS_settimeofday, SYS_clock_settime, SYS_close_range, SYS_mount,
		SYS_mount_setattr, SYS_move_mount, SYS_setns, SYS_unshare };
	size_t i;

	for (i = 0; i < sizeof(out) / sizeof(out[0]); i++)
		if (out[i] == nr)
			return 1;
	return 0;
}

static void all_calls(void)
{
	int status, bad_ends = 0;
	unsigned n;
	long nr;
	pid_t pid;

	for (nr = 0; nr < CALLS; nr++) {
		if (left_out(nr))
			continue;
		pid = fork();
		if (pid == 0) {
			/* 0, 1 and 2 stay as they are; a file, to get past the first check. */
			int fd = open("/tmp/pointers", O_RDWR | O_CREAT, 0600);

			signal(SIGALRM, SIG_DFL);
			alarm(2);
			for (n = 0; n < FIXED + 2; n++) {
				syscall(nr, bad(n), bad(n), bad(n), bad(n), bad(n), bad(n));
				syscall(nr, fd, bad(n), 64, bad(n), bad(n), bad(n));
				syscall(nr, bad(n), 1, bad(n), 0, 0, 0);
			}
			_exit(0);
		}
		while (waitpid(pid, &status, 0) != pid)
			;
		if (WIFSIGNALED(status) && WTERMSIG(status) != SIGALRM && WTERMSIG(status) != SIGSEGV &&
		    WTERMSIG(status) != SIGPIPE && WTERMSIG(status) != SIGKILL) {
			diag("call %ld: signal %d", nr, WTERMSIG(status));
			bad_ends++;
		}
	}
	is(bad_ends, 0, "every call with bad pointers everywhere");
}

static void known_calls(void)
{
	struct { const char *name; long nr, a[6]; int at; } calls[] = {
		{ "read", SYS_read, { 0, 0, 64 }, 1 },
		{ "write", SYS_write, { 1, 0, 64 }, 1 },
		{ "open", SYS_open, { 0, O_RDONLY }, 0 },
		{ "stat", SYS_stat, { (long)"/", 0 }, 1 },
		{ "getcwd", SYS_getcwd, { 0, 64 }, 0 },
		{ "pipe", SYS_pipe, { 0 }, 0 },
		{ "nanosleep", SYS_nanosleep, { 0, 0 }, 0 },
		{ "clock_gettime", SYS_clock_gettime, { 1, 0 }, 1 },
		{ "rt_sigaction", SYS_rt_sigaction, { 10, 0, 0, 8 }, 1 },
		{ "uname", SYS_uname, { 0 }, 0 },
		{ "writev", SYS_writev, { 1, 0, 1 }, 1 },
		{ "getrlimit", SYS_getrlimit, { 3, 0 }, 1 },
		{ "getrandom", SYS_getrandom, { 0, 64, 0 }, 0 },
		{ "futex", SYS_futex, { 0, 128, 0, 0, 0, 0 }, 0 },
	};
	size_t i;
	unsigned n;
	long ret;
	int wrong;
	int zero = open("/dev/zero", O_RDONLY);

	calls[0].a[0] = zero;
	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		wrong = 0;
		for (n = 1; n < FIXED; n++) {
			long a[6];

			memcpy(a, calls[i].a, sizeof(a));
			a[calls[i].at] = (long)fixed[n];
			if (calls[i].nr == SYS_futex && fixed[n] & 3)
				continue;	/* EINVAL comes first */
			ret = syscall(calls[i].nr, a[0], a[1], a[2], a[3], a[4], a[5]);
			if (ret != -1 || errno != EFAULT) {
				diag("%s with %#lx: %ld, %s", calls[i].name, fixed[n], ret, strerror(errno));
				wrong++;
			}
		}
		is(wrong, 0, "%s says EFAULT", calls[i].name);
	}
	close(zero);
}

static void edges(void)
{
	int fd = open("/dev/zero", O_RDONLY), null = open("/tmp/e", O_RDWR | O_CREAT | O_TRUNC, 0600);
	struct iovec iov[2] = { { edge - 8, 8 }, { edge, 8 } };
	char path[16] = "/tmp/edge";

	is(read(fd, readonly, 1) == -1 ? errno : 0, EFAULT, "read into read-only memory");
	is(read(fd, edge - 10, 20), 10, "a read up to the end of memory");
	is(write(null, edge - 10, 20), 10, "a write from it");
	is(writev(null, iov, 2), 8, "writev up to the bad part");
	memcpy(edge - sizeof("/tmp/edge"), path, sizeof("/tmp/edge"));
	fd = open(edge - sizeof("/tmp/edge"), O_CREAT | O_RDWR, 0600);
	ok(fd >= 0, "a name that ends where memory ends");
	memset(edge - 8, 'x', 8);
	is(open(edge - 8, O_RDONLY) == -1 ? errno : 0, EFAULT, "one that does not end");
	is(write(null, (void *)0x7ffffffff000, 1ul << 62) == -1 ? errno : 0, EFAULT,
	   "a length beyond all");
	is(read(null, (void *)0x1000, 0), 0, "no byte of no memory");
	is(write(null, (void *)fixed[6], 4096) == -1 ? errno : 0, EFAULT, "the kernel's half");
}

int main(void)
{
	char *p;

	tap_begin();
	readonly = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	edge = p + 4096;
	munmap(edge, 4096);
	known_calls();
	edges();
	all_calls();
	return tap_done();
}
