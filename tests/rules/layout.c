// SPDX-License-Identifier: BSD-2-Clause
/*
 * Rule 4, native ABI, the layouts: structures and flags as this instruction set's libc declares
 * them are what the donor reads and writes. Each check gives the donor values that differ in every
 * field that could be misplaced. TAP.
 *
 * Locking: none.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysinfo.h>
#include <sys/sysmacros.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include <pillion/pillion.h>
#include <pillion/syscalls.h>

#include "tap.h"

static int new_file(const char *path, unsigned mode)
{
	return (int)pillion_sys_openat(AT_FDCWD, path, O_CREAT | O_RDWR | O_TRUNC, mode);
}

static void t_stat(void)
{
	struct timespec times[2] = { { 1000000001, 111111111 }, { 2000000002, 222222222 } };
	struct stat st, guard[2];
	struct statx stx;
	int fd = new_file("/stat", 0600);

	pillion_sys_fchown(fd, 123, 456);
	pillion_sys_fchmod(fd, 04751);
	pillion_sys_ftruncate(fd, 12345678901);
	pillion_sys_linkat(AT_FDCWD, "/stat", AT_FDCWD, "/stat2", 0);
	is(pillion_sys_utimensat(fd, NULL, times, 0), 0, "utimensat");
	memset(guard, 0x5a, sizeof(guard));
	is(pillion_sys_fstat(fd, (void *)&guard[0]), 0, "fstat");
	st = guard[0];
	ok(st.st_mode == (S_IFREG | 04751) && st.st_nlink == 2, "st_mode, st_nlink");
	ok(st.st_uid == 123 && st.st_gid == 456, "st_uid, st_gid");
	ok(st.st_size == 12345678901 && st.st_blocks == 0, "st_size, st_blocks");
	ok(st.st_atim.tv_sec == 1000000001 && st.st_atim.tv_nsec == 111111111 &&
		st.st_mtim.tv_sec == 2000000002 && st.st_mtim.tv_nsec == 222222222,
	    "st_atim, st_mtim");
	ok(st.st_blksize >= 512 && st.st_blksize <= 65536, "st_blksize %ld", (long)st.st_blksize);
	ok(*(unsigned char *)&guard[1] == 0x5a, "nothing behind the structure was written");
	is(pillion_sys_statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, (void *)&stx), 0, "statx");
	ok(stx.stx_ino == st.st_ino && stx.stx_size == 12345678901u && stx.stx_gid == 456 &&
		stx.stx_mtime.tv_nsec == 222222222,
	    "and it agrees");
	is(pillion_sys_mknodat(AT_FDCWD, "/node", S_IFCHR | 0600, (unsigned)makedev(1, 3)), 0,
	    "mknod");
	pillion_sys_newfstatat(AT_FDCWD, "/node", (void *)&st, 0);
	ok(S_ISCHR(st.st_mode) && major(st.st_rdev) == 1 && minor(st.st_rdev) == 3, "st_rdev");
	pillion_sys_close(fd);
}

static void t_statfs(void)
{
	struct statfs fs;

	pillion_sys_mkdirat(AT_FDCWD, "/tmp", 0755);
	is(pillion_sys_mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NOEXEC, "size=1m"), 0,
	    "mount");
	is(pillion_sys_statfs("/tmp", (void *)&fs), 0, "statfs");
	ok(fs.f_type == 0x01021994 && fs.f_bsize * fs.f_blocks == 1 << 20 && fs.f_namelen == 255,
	    "f_type, f_bsize, f_blocks, f_namelen");
	ok((fs.f_flags & (MS_NOSUID | MS_NOEXEC | MS_NODEV)) == (MS_NOSUID | MS_NOEXEC), "f_flags");
}

static void t_epoll(void)
{
	struct epoll_event add = { .events = EPOLLIN, .data.u64 = 0x0123456789abcdef }, got[2];
	int ep = (int)pillion_sys_epoll_create1(0);
	int ev = (int)pillion_sys_eventfd2(1, EFD_NONBLOCK);

	is((long)sizeof(add),
	    sizeof(void *) == 8 && offsetof(struct epoll_event, data) == 4 ? 12 : 16,
	    "the size of epoll_event goes with its packing");
	is(pillion_sys_epoll_ctl(ep, EPOLL_CTL_ADD, ev, (void *)&add), 0, "epoll_ctl");
	ev = (int)pillion_sys_eventfd2(1, EFD_NONBLOCK);
	add.data.u64 = 0xfedcba9876543210;
	pillion_sys_epoll_ctl(ep, EPOLL_CTL_ADD, ev, (void *)&add);
	is(pillion_sys_epoll_pwait(ep, (void *)got, 2, 1000, NULL, 8), 2, "two events");
	ok((got[0].data.u64 ^ got[1].data.u64) == ~0ull && got[1].events == EPOLLIN,
	    "their data, in an array");
}

static void t_time(void)
{
	struct itimerspec set = { { 0, 30000000 }, { 0, 20000000 } }, get;
	struct timespec now, then;
	int fd = (int)pillion_sys_timerfd_create(CLOCK_MONOTONIC, 0);
	uint64_t n = 0;

	clock_gettime(CLOCK_REALTIME, &then);
	pillion_sys_clock_gettime(CLOCK_REALTIME, (void *)&now);
	ok(now.tv_sec - then.tv_sec <= 1 && now.tv_nsec < 1000000000, "timespec");
	is(pillion_sys_timerfd_settime(fd, 0, (void *)&set, NULL), 0, "timerfd_settime");
	is(pillion_sys_read(fd, &n, sizeof(n)), 8, "it goes off");
	pillion_sys_timerfd_gettime(fd, (void *)&get);
	ok(get.it_interval.tv_nsec == 30000000 && get.it_value.tv_nsec <= 30000000, "itimerspec");
}

static void t_messages(void)
{
	struct iovec iov[2] = { { "abc", 3 }, { "defgh", 5 } };
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { .header = { CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
	struct msghdr msg = { .msg_iov = iov,
		.msg_iovlen = 2,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	char in[16] = "";
	struct iovec into = { in, sizeof(in) };
	int sv[2], fd = new_file("/passed", 0600), got = -1;
	struct stat a, b;

	is(pillion_sys_socketpair(AF_UNIX, SOCK_DGRAM, 0, sv), 0, "socketpair");
	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	is(pillion_sys_sendmsg(sv[0], (void *)&msg, 0), 8, "sendmsg with a descriptor");
	memset(&control, 0, sizeof(control));
	msg.msg_name = &name;
	msg.msg_namelen = sizeof(name);
	msg.msg_iov = &into;
	msg.msg_iovlen = 1;
	is(pillion_sys_recvmsg(sv[1], (void *)&msg, 0), 8, "recvmsg");
	ok(!strcmp(in, "abcdefgh") && control.header.cmsg_type == SCM_RIGHTS,
	    "iovec, msghdr, cmsghdr");
	memcpy(&got, CMSG_DATA(&control.header), sizeof(got));
	pillion_sys_fstat(fd, (void *)&a);
	pillion_sys_fstat(got, (void *)&b);
	ok(got >= 0 && got != fd && a.st_ino == b.st_ino,
	    "the descriptor that came is the same file");
}

static void t_flags(void)
{
	char *page = aligned_alloc(4096, 4096);
	struct flock lock = { .l_type = F_WRLCK, .l_start = 5, .l_len = 10 };
	int fd = new_file("/flags", 0600);

	pillion_sys_symlinkat("flags", AT_FDCWD, "/alias");
	is(pillion_sys_openat(AT_FDCWD, "/flags", O_RDONLY | O_DIRECTORY, 0), -ENOTDIR,
	    "O_DIRECTORY");
	is(pillion_sys_openat(AT_FDCWD, "/alias", O_RDONLY | O_NOFOLLOW, 0), -ELOOP, "O_NOFOLLOW");
	is(pillion_sys_openat(AT_FDCWD, "/proc", O_RDWR | O_DIRECT, 0), -EISDIR,
	    "O_DIRECT is no other flag");
	is(pillion_sys_openat(AT_FDCWD, "/tmp", O_TMPFILE | O_RDWR, 0600) >= 0, 1, "O_TMPFILE");
	is(pillion_sys_fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK), 0, "F_SETFL");
	is(pillion_sys_fcntl(fd, F_GETFL, 0) & (O_APPEND | O_NONBLOCK | O_SYNC),
	    O_APPEND | O_NONBLOCK, "F_GETFL");
	is(pillion_sys_fcntl(fd, F_SETLK, (unsigned long)&lock), 0, "struct flock");
	lock.l_type = 99;
	is(pillion_sys_fcntl(fd, F_SETLK, (unsigned long)&lock), -EINVAL, "its l_type is read");
	free(page);
}

struct dirent64_head {
	uint64_t ino;
	int64_t off;
	unsigned short reclen;
	unsigned char type;
	char name[];
};

static void t_directory(void)
{
	char buf[4096];
	int fd, found = 0;
	long n, pos;

	pillion_sys_mkdirat(AT_FDCWD, "/d", 0755);
	pillion_sys_close(new_file("/d/one", 0600));
	pillion_sys_mkdirat(AT_FDCWD, "/d/two", 0755);
	fd = (int)pillion_sys_openat(AT_FDCWD, "/d", O_RDONLY | O_DIRECTORY, 0);
	n = pillion_sys_getdents64(fd, (void *)buf, sizeof(buf));
	for (pos = 0; pos < n;) {
		struct dirent64_head *d = (void *)(buf + pos);

		found += !strcmp(d->name, "one") && d->type == 8;
		found += !strcmp(d->name, "two") && d->type == 4;
		if (!d->reclen)
			break;
		pos += d->reclen;
	}
	ok(n > 0 && found == 2, "linux_dirent64");
}

static void t_system(void)
{
	struct rlimit set = { 77, 99 }, got = { 0, 0 };
	struct sysinfo info;
	struct utsname u;
	struct winsize ws = { 12, 34, 56, 78 }, ws2 = { 0 };
	unsigned long mask = 0;
	int pt;

	is(pillion_sys_prlimit64(0, RLIMIT_NOFILE, (void *)&set, NULL), 0, "prlimit");
	pillion_sys_prlimit64(0, RLIMIT_NOFILE, NULL, (void *)&got);
	ok(got.rlim_cur == 77 && got.rlim_max == 99, "struct rlimit");
	is(pillion_sys_sysinfo((void *)&info), 0, "sysinfo");
	ok(info.mem_unit > 0 && info.totalram * info.mem_unit > 8u << 20 &&
		info.freeram <= info.totalram,
	    "struct sysinfo");
	is(pillion_sys_uname((void *)&u), 0, "uname");
	ok(!strcmp(u.sysname, "Linux") && u.version[0] == '#', "struct utsname");
	is(pillion_sys_sched_getaffinity(0, sizeof(mask), (void *)&mask), sizeof(mask), "affinity");
	is((long)mask, 1, "one processor");
	pillion_sys_mkdirat(AT_FDCWD, "/dev/pts", 0755);
	is(pillion_sys_mount("devpts", "/dev/pts", "devpts", 0, "ptmxmode=666"), 0, "mount devpts");
	pt = (int)pillion_sys_openat(AT_FDCWD, "/dev/ptmx", O_RDWR, 0);
	is(pillion_sys_ioctl(pt, TIOCSWINSZ, (unsigned long)&ws), 0, "TIOCSWINSZ");
	is(pillion_sys_ioctl(pt, TIOCGWINSZ, (unsigned long)&ws2), 0, "TIOCGWINSZ");
	ok(!memcmp(&ws, &ws2, sizeof(ws)), "struct winsize");
}

int main(void)
{
	struct pillion_options opt = { .size = sizeof(opt) };

	tap_begin();
	opt.loglevel = (int)env_long("LOGLEVEL", 4);
	if (!is(pillion_boot(&opt), 0, "boot"))
		return tap_done();
	t_stat();
	t_statfs();
	t_epoll();
	t_time();
	t_messages();
	t_flags();
	t_directory();
	t_system();
	is(pillion_shutdown(), 0, "shutdown");
	return tap_done();
}
