/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pillion/syscalls.h: every function compiles, and some dozens do in the donor what they say, with
 * the libc's structures where the header says that these fit.
 *
 * syscalls_all.h is made from the header (syscalls-check.pl list). One thread, but for the wrappers
 * that need a second.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysinfo.h>
#include <sys/times.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <pillion/libc.h>
#include <pillion/pillion.h>
#include <pillion/syscalls.h>

#include "tap.h"

typedef void (*anyfn)(void);
#define REF(name) (anyfn)(void *)pillion_sys_##name,
static const anyfn all[] = {
#include "syscalls_all.h"
};

static int last_signal;

static void on_signal(void *arg, int pid, int sig)
{
	(void)arg;
	(void)pid;
	last_signal = sig;
}

static void files(void)
{
	struct iovec iov[2] = { { (char *)"ab", 2 }, { (char *)"cd", 2 } };
	struct stat st;
	struct statx stx;
	struct statfs sf;
	struct timespec ts[2] = { { 1000, 5 }, { 2000, 7 } };
	char buf[64], dents[1024];
	int64_t off = 1;
	long fd, fd2;

	fd = pillion_sys_openat(AT_FDCWD, "/f", O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	ok(fd >= 0, "openat");
	is(pillion_sys_writev(fd, iov, 2), 4, "writev");
	is(pillion_sys_pwrite64(fd, "ef", 2, 4), 2, "pwrite64");
	is(pillion_sys_lseek(fd, 2, SEEK_SET), 2, "lseek");
	memset(buf, 0, sizeof(buf));
	ok(pillion_sys_read(fd, buf, sizeof(buf)) == 4 && !strcmp(buf, "cdef"), "read");
	is(pillion_sys_fstat(fd, &st), 0, "fstat");
	ok(st.st_size == 6 && (st.st_mode & 07777) == 0640 && S_ISREG(st.st_mode),
	    "struct stat is the libc's");
	is(pillion_sys_utimensat(AT_FDCWD, "/f", ts, 0), 0, "utimensat");
	is(pillion_sys_statx(AT_FDCWD, "/f", 0, STATX_BASIC_STATS, &stx), 0, "statx");
	ok(stx.stx_mtime.tv_sec == 2000 && stx.stx_mtime.tv_nsec == 7, "struct statx is the libc's");
	ok(pillion_sys_newfstatat(AT_FDCWD, "/f", &st, 0) == 0 && st.st_atim.tv_nsec == 5,
	    "newfstatat");
	is(pillion_sys_fallocate(fd, 0, 0, 100), 0, "fallocate");
	is(pillion_sys_ftruncate(fd, 6), 0, "ftruncate");
	ok(pillion_sys_statfs("/", &sf) == 0 && sf.f_bsize > 0, "statfs");
	fd2 = pillion_sys_memfd_create("x", 0);
	ok(fd2 >= 0, "memfd_create");
	is(pillion_sys_sendfile(fd2, fd, &off, 3), 3, "sendfile");
	is(off, 4, "sendfile moves its offset");
	ok(pillion_sys_pread64(fd2, buf, 3, 0) == 3 && !memcmp(buf, "bcd", 3), "pread64");
	is(pillion_sys_dup3(fd, fd2, O_CLOEXEC), fd2, "dup3");
	is(pillion_sys_fcntl(fd2, F_GETFD, 0), FD_CLOEXEC, "fcntl");
	is(pillion_sys_close(fd2), 0, "close");
	is(pillion_sys_close(fd2), -EBADF, "close again: -EBADF, errno untouched");
	is(pillion_sys_fsetxattr(fd, "trusted.a", "v", 1, 0), 0, "fsetxattr");
	is(pillion_sys_getxattr("/f", "trusted.a", buf, sizeof(buf)), 1, "getxattr");
	pillion_sys_close(fd);

	is(pillion_sys_mkdirat(AT_FDCWD, "/d", 0755), 0, "mkdirat");
	is(pillion_sys_symlinkat("../f", AT_FDCWD, "/d/l"), 0, "symlinkat");
	ok(pillion_sys_readlinkat(AT_FDCWD, "/d/l", buf, sizeof(buf)) == 4 && !memcmp(buf, "../f", 4),
	    "readlinkat");
	fd = pillion_sys_openat(AT_FDCWD, "/d", O_RDONLY | O_DIRECTORY, 0);
	{
		long n = pillion_sys_getdents64(fd, dents, sizeof(dents));
		int found = 0;

		for (long i = 0; i < n;) {
			struct pillion_dirent64 *d = (void *)(dents + i);

			found += !strcmp(d->name, "l") && d->type == 10;
			i += d->reclen;
		}
		is(found, 1, "getdents64 and struct pillion_dirent64");
	}
	is(pillion_sys_fchdir(fd), 0, "fchdir");
	ok(pillion_sys_getcwd(buf, sizeof(buf)) == 3 && !strcmp(buf, "/d"), "getcwd returns a length");
	pillion_sys_chdir("/");
	pillion_sys_close(fd);
	is(pillion_sys_unlinkat(AT_FDCWD, "/d/l", 0), 0, "unlinkat");
	is(pillion_sys_renameat2(AT_FDCWD, "/d", AT_FDCWD, "/e", 0), 0, "renameat2");
	is(pillion_sys_unlinkat(AT_FDCWD, "/e", AT_REMOVEDIR), 0, "unlinkat of a directory");
	is(pillion_sys_faccessat(AT_FDCWD, "/e", F_OK), -ENOENT, "faccessat");
	is(pillion_sys_mount("none", "/nowhere", "tmpfs", 0, NULL), -ENOENT, "mount");
#ifdef SYS_open
	fd = pillion_sys_open("/f", O_RDONLY, 0);
	ok(fd >= 0 && pillion_sys_stat("/f", &st) == 0 && st.st_size == 6, "open, stat: older forms");
	pillion_sys_close(fd);
	is(pillion_sys_unlink("/f"), 0, "unlink");
#endif
}

static void events(void)
{
	struct itimerspec it = { .it_value = { 0, 1000000 } };
	struct epoll_event ev[3] = { { .events = EPOLLIN, .data.u64 = 0x1122334455667788 } };
	struct timespec zero = { 0, 0 };
	struct pollfd pfd;
	uint64_t count = 0;
	int pipes[2];
	long ep, e, t;

	ep = pillion_sys_epoll_create1(0);
	e = pillion_sys_eventfd2(3, EFD_NONBLOCK);
	is(pillion_sys_epoll_ctl(ep, EPOLL_CTL_ADD, e, &ev[0]), 0, "epoll_ctl");
	memset(ev, 0, sizeof(ev));
	is(pillion_sys_epoll_pwait(ep, ev, 3, 0, NULL, 0), 1, "epoll_pwait");
	ok(ev[0].data.u64 == 0x1122334455667788, "struct epoll_event is the libc's");
	ok(pillion_sys_read(e, &count, 8) == 8 && count == 3, "eventfd2");
	t = pillion_sys_timerfd_create(CLOCK_MONOTONIC, 0);
	is(pillion_sys_timerfd_settime(t, 0, &it, NULL), 0, "timerfd_settime");
	ok(pillion_sys_read(t, &count, 8) == 8 && count >= 1, "a timerfd expires");
	is(pillion_sys_pipe2(pipes, 0), 0, "pipe2");
	pfd = (struct pollfd){ pipes[0], POLLIN, 0 };
	is(pillion_sys_ppoll(&pfd, 1, &zero, NULL, 0), 0, "ppoll with nothing there");
	pillion_sys_write(pipes[1], "x", 1);
	ok(pillion_sys_ppoll(&pfd, 1, NULL, NULL, 0) == 1 && pfd.revents == POLLIN, "ppoll");
	pillion_sys_close(pipes[0]);
	last_signal = 0;
	is(pillion_sys_write(pipes[1], "x", 1), -EPIPE, "write to a pipe without reader");
	is(last_signal, SIGPIPE, "its signal goes to the callback");
	pillion_sys_close(pipes[1]);
	pillion_sys_close(t);
	pillion_sys_close(e);
	pillion_sys_close(ep);
}

static void signals(void)
{
	struct sigaction ign = { .sa_handler = SIG_IGN }, old;
	struct termios tio;
	sigset_t set, before;
	uint32_t word = 1;
	char info[128];
	long fd, pty;

	sigemptyset(&ign.sa_mask);
	sigaddset(&ign.sa_mask, SIGUSR2);
	is(pillion_sigaction(SIGUSR1, &ign, &old), 0, "pillion_sigaction");
	ok(old.sa_handler != SIG_IGN, "it was not ignored before");
	is(pillion_sigaction(SIGUSR1, NULL, &old), 0, "pillion_sigaction, read only");
	ok(old.sa_handler == SIG_IGN && sigismember(&old.sa_mask, SIGUSR2) == 1 &&
	    !sigismember(&old.sa_mask, SIGUSR1), "struct sigaction survives the way there and back");
	last_signal = 0;
	is(pillion_sys_tgkill(pillion_sys_getpid(), pillion_sys_gettid(), SIGUSR1), 0, "tgkill");
	is(last_signal, 0, "an ignored signal calls nobody");
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	is(pillion_sigprocmask(SIG_BLOCK, &set, &before), 0, "pillion_sigprocmask");
	ok(!sigismember(&before, SIGUSR2), "it was not blocked before");
	fd = pillion_signalfd(-1, &set, SFD_NONBLOCK);
	ok(fd >= 0, "pillion_signalfd");
	pillion_sys_tgkill(pillion_sys_getpid(), pillion_sys_gettid(), SIGUSR2);
	ok(pillion_sys_read(fd, info, sizeof(info)) == 128 && *(int *)(void *)info == SIGUSR2,
	    "a blocked signal is read from a signalfd");
	is(last_signal, 0, "and calls nobody");
	pillion_sys_close(fd);
	pillion_sigprocmask(SIG_SETMASK, &before, NULL);
	is(pillion_sys_futex(&word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0), -EAGAIN, "futex");

	pillion_sys_mkdirat(AT_FDCWD, "/dev/pts", 0755);
	pillion_sys_mount("devpts", "/dev/pts", "devpts", 0, "ptmxmode=0666");
	pty = pillion_sys_openat(AT_FDCWD, "/dev/pts/ptmx", O_RDWR | O_NOCTTY, 0);
	ok(pty >= 0, "open a pty");
	is(pillion_tcgetattr(pty, &tio), 0, "pillion_tcgetattr");
	ok((tio.c_lflag & ECHO) && tio.c_cc[VINTR] == 3, "struct termios is converted");
	tio.c_lflag &= ~(unsigned)ECHO;
	tio.c_line = 7;
	is(pillion_tcsetattr(pty, TCSANOW, &tio), 0, "pillion_tcsetattr");
	tio.c_line = 0;
	pillion_tcgetattr(pty, &tio);
	ok(!(tio.c_lflag & ECHO) && tio.c_line == 7, "and back");
	pillion_sys_close(pty);
}

static void rest(void)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct iovec iov = { (char *)"m", 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct mq_attr attr = { .mq_maxmsg = 2, .mq_msgsize = 8 };
	unsigned len = sizeof(un), ruid, euid, suid;
	struct timespec ts = { -1, -1 };
	struct rlimit64 rl;
	struct utsname uts;
	struct sysinfo si;
	struct timex tx;
	struct tms tms;
	char buf[8];
	int sv[2];
	long q;

	is(pillion_sys_socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0, "socketpair");
	is(pillion_sys_sendmsg(sv[0], &msg, 0), 1, "sendmsg: struct msghdr is the libc's");
	is(pillion_sys_recvfrom(sv[1], buf, sizeof(buf), 0, NULL, NULL), 1, "recvfrom");
	ok(pillion_sys_getsockname(sv[0], (struct sockaddr *)&un, &len) == 0 && len == 2, "getsockname");
	is(pillion_sys_shutdown(sv[0], SHUT_RDWR), 0, "shutdown");
	pillion_sys_close(sv[0]);
	pillion_sys_close(sv[1]);
	ok(pillion_sys_clock_gettime(CLOCK_MONOTONIC, &ts) == 0 && ts.tv_nsec >= 0, "clock_gettime");
	ts = (struct timespec){ 0, 1000 };
	is(pillion_sys_clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL), 0, "clock_nanosleep");
	memset(&tx, 0, sizeof(tx));
	ok(pillion_sys_adjtimex(&tx) >= 0 && tx.tick == 10000, "adjtimex: struct timex is the libc's");
	ok(pillion_sys_times(&tms) != 0, "times");
	is(pillion_sys_getpid(), 1, "getpid");
	is(pillion_sys_getresuid(&ruid, &euid, &suid), 0, "getresuid");
	ok(pillion_sys_prlimit64(0, RLIMIT_NOFILE, NULL, &rl) == 0 && rl.rlim_cur >= 1024, "prlimit64");
	ok(pillion_sys_uname(&uts) == 0 && !strcmp(uts.sysname, "Linux"), "uname");
#if defined(PILLION_ISA)
	ok(!strcmp(uts.machine, PILLION_ISA), "uname's machine is %s", PILLION_ISA);
#endif
	ok(pillion_sys_sysinfo(&si) == 0 && si.totalram > 0, "sysinfo");
	is(pillion_sys_getrandom(buf, sizeof(buf), 0), 8, "getrandom");
	is(pillion_sys_sched_yield(), 0, "sched_yield");
	is(pillion_sys_getpriority(0, 0), 20, "getpriority returns 20 - nice");
	q = pillion_sys_mq_open("q", O_RDWR | O_CREAT, 0600, &attr);
	ok(q >= 0, "mq_open");
	is(pillion_sys_mq_timedsend(q, "hi", 2, 1, NULL), 0, "mq_timedsend");
	is(pillion_sys_mq_timedreceive(q, buf, sizeof(buf), NULL, NULL), 2, "mq_timedreceive");
	pillion_sys_close(q);
	is(pillion_syscall(100000, 0, 0, 0, 0, 0, 0), -ENOSYS, "no such call");
	is(pillion_syscall(-1, 0, 0, 0, 0, 0, 0), -ENOSYS, "nor a negative one");
}

int main(void)
{
	struct pillion_options opt = { .size = sizeof(opt), .loglevel = 3, .signal = on_signal };

	ok(sizeof(all) / sizeof(all[0]) > 200, "%zu functions compile", sizeof(all) / sizeof(all[0]));
	is(pillion_sys_getpid(), -ENODEV, "no call before boot");
	is(pillion_boot(&opt), 0, "boot");
	errno = 12345;
	files();
	events();
	signals();
	rest();
	ok(errno == 12345, "errno was not touched");
	is(pillion_shutdown(), 0, "shutdown");
	return tap_done();
}
