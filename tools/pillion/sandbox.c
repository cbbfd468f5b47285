/* SPDX-License-Identifier: BSD-2-Clause */
/* Confinement by Landlock and seccomp; see sandbox.h. */
#include "sandbox.h"

#include <errno.h>
#include <linux/fs.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "report.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* What the library kernel, libc and streams need. */
static const int base_calls[] = {
	SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev), SCMP_SYS(pread64),
	SCMP_SYS(pwrite64), SCMP_SYS(preadv), SCMP_SYS(pwritev), SCMP_SYS(preadv2),
	SCMP_SYS(pwritev2), SCMP_SYS(lseek), SCMP_SYS(close), SCMP_SYS(fstat), SCMP_SYS(newfstatat),
	SCMP_SYS(fdatasync), SCMP_SYS(fsync), SCMP_SYS(fallocate), SCMP_SYS(ftruncate),
	SCMP_SYS(sync_file_range), SCMP_SYS(fadvise64), SCMP_SYS(fcntl), SCMP_SYS(dup),
	SCMP_SYS(flock), SCMP_SYS(sysinfo), SCMP_SYS(memfd_create), SCMP_SYS(munmap),
	SCMP_SYS(madvise), SCMP_SYS(mremap),
	SCMP_SYS(brk), SCMP_SYS(futex), SCMP_SYS(set_robust_list), SCMP_SYS(rseq),
	SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity), SCMP_SYS(membarrier),
	SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(clock_nanosleep),
	SCMP_SYS(nanosleep), SCMP_SYS(gettimeofday), SCMP_SYS(timer_create),
	SCMP_SYS(timer_settime), SCMP_SYS(timer_delete), SCMP_SYS(timerfd_create),
	SCMP_SYS(timerfd_settime), SCMP_SYS(eventfd2), SCMP_SYS(poll), SCMP_SYS(ppoll),
	SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait),
	SCMP_SYS(getrandom), SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getuid),
	SCMP_SYS(geteuid), SCMP_SYS(getegid), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(rt_sigtimedwait), SCMP_SYS(rt_sigsuspend), SCMP_SYS(sigaltstack),
	SCMP_SYS(restart_syscall), SCMP_SYS(exit), SCMP_SYS(exit_group),
	/* the connection to qemu-nbd, and its end */
	SCMP_SYS(sendto), SCMP_SYS(recvfrom), SCMP_SYS(shutdown), SCMP_SYS(wait4),
};

static const int file_calls[] = {
	SCMP_SYS(openat), SCMP_SYS(statx), SCMP_SYS(getdents64), SCMP_SYS(readlinkat),
	SCMP_SYS(symlinkat), SCMP_SYS(linkat), SCMP_SYS(mkdirat), SCMP_SYS(mknodat),
	SCMP_SYS(unlinkat), SCMP_SYS(renameat2), SCMP_SYS(fchmod), SCMP_SYS(fchmodat), SCMP_SYS(fchownat),
	SCMP_SYS(utimensat), SCMP_SYS(fchdir), SCMP_SYS(flistxattr), SCMP_SYS(fgetxattr),
	SCMP_SYS(fsetxattr), SCMP_SYS(llistxattr), SCMP_SYS(lgetxattr), SCMP_SYS(lsetxattr),
	SCMP_SYS(prlimit64), SCMP_SYS(copy_file_range), SCMP_SYS(sendfile),
};

static const unsigned long ioctls[] = {
	TCGETS, BLKGETSIZE64, BLKSSZGET, BLKPBSZGET, BLKROGET, BLKDISCARD, BLKZEROOUT,
};

/* A call that the filter refuses is a bug here, or an attack: either way it has not happened. */
static void refused(int sig, siginfo_t *info, void *context)
{
	static char text[] = "pillion: system call 0000 is refused by the sandbox: please report "
			     "this (--no-sandbox runs without it)\n";
	char *digit = strstr(text, "0000") + 3;

	(void)sig;
	(void)context;
	for (int nr = info->si_syscall, i = 0; i < 4; i++, nr /= 10)
		*digit-- = (char)('0' + nr % 10);
	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(EXIT_OPERAND);
	_exit(EXIT_OPERAND);
}

static int allow(scmp_filter_ctx ctx, const int *calls, size_t n)
{
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		/* negative: a call that this machine does not have */
		if (calls[i] >= 0)
			r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, calls[i], 0);
	}
	return r;
}

/* Calls that are harmless only with some arguments. */
static int allow_some(scmp_filter_ctx ctx)
{
	const scmp_datum_t thread = CLONE_VM | CLONE_THREAD | CLONE_SIGHAND;
	int r = 0;

	r |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
			      SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	r |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
			      SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	r |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
			      SCMP_A0(SCMP_CMP_MASKED_EQ, thread, thread));
	/* its flags are behind a pointer; libc falls back to clone() */
	r |= seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	r |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
			      SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));
	r |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
			      SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME));
	r |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
			      SCMP_A0(SCMP_CMP_EQ, PR_SET_TIMERSLACK));
	for (size_t i = 0; i < COUNT(ioctls); i++)
		r |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
				      SCMP_A1(SCMP_CMP_EQ, ioctls[i]));
	return r;
}

int sandbox_enter(enum sandbox kind)
{
	struct sigaction act = { .sa_sigaction = refused, .sa_flags = SA_SIGINFO };
	scmp_filter_ctx ctx;
	int r = -ENOMEM;

	if (kind == SANDBOX_OFF)
		return 0;
	sigaction(SIGSYS, &act, NULL);
	ctx = seccomp_init(SCMP_ACT_TRAP);
	if (ctx) {
		seccomp_attr_set(ctx, SCMP_FLTATR_CTL_TSYNC, 1);
		seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
		r = allow(ctx, base_calls, COUNT(base_calls));
		if (r == 0 && kind == SANDBOX_FILES)
			r = allow(ctx, file_calls, COUNT(file_calls));
		if (r == 0)
			r = allow_some(ctx) ? -EINVAL : seccomp_load(ctx);
		seccomp_release(ctx);
	}
	if (r == 0)
		return 0;
	report_fail(EXIT_OPERAND, r, "cannot confine the process (--no-sandbox runs without)");
	return -1;
}

void sandbox_limit_writes(int dest)
{
	uint64_t writes = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |
		LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
		LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |
		LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
		LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |
		LANDLOCK_ACCESS_FS_MAKE_SYM;
	struct landlock_ruleset_attr attr;
	struct landlock_path_beneath_attr below = { .parent_fd = dest };
	int version = (int)syscall(SYS_landlock_create_ruleset, NULL, 0,
				   LANDLOCK_CREATE_RULESET_VERSION), rules;

	if (version < 1)
		return;		/* a host without Landlock: the copy itself stays below dest, too */
	if (version >= 2)
		writes |= LANDLOCK_ACCESS_FS_REFER;	/* hard links between directories */
	attr = (struct landlock_ruleset_attr){ .handled_access_fs = writes };
	below.allowed_access = writes & ~(uint64_t)LANDLOCK_ACCESS_FS_EXECUTE;
	rules = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (rules < 0)
		return;
	if (dest < 0 || syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &below,
				0) == 0) {
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		syscall(SYS_landlock_restrict_self, rules, 0);
	}
	close(rules);
}
