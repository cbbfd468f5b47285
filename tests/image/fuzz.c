/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every system call with wild pointers, lengths, numbers and descriptors, from a seed:
 *	fuzz SEED CHILDREN CALLS ADDRESS...
 * CHILDREN processes make CALLS calls each, in turns as root and as nobody. A child may end in any
 * way, or block: then it is killed. Nobody may call anything; root does not call what by right ends
 * or changes the machine, or the test. ADDRESS: the kernel's, which are thrown among others.
 *
 * What is checked: addresses that are not the program's are EFAULT, numbers that no call has are
 * ENOSYS, other processes' memory stays as it is, free memory comes back. The rest is fuzz.t's.
 *
 * Locking: the page that a child shares with its parent says how far it is; the parent reads.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

#include "meminfo.h"
#include "tap.h"

#define NOBODY		65534
#define LAST_CALL	450		/* of Linux 6.1 */
#define X32		0x40000000l
#define PAGE		4096
#define ROOM		"/fuzz"		/* a file system of its own */
#define STUCK_MS	60		/* without a call's end: it blocks */
#define DEAD_MS		10000		/* for a killed process to be gone */
#define CANARY_LEN	(4u << 20)
#define LISTS_KIB	2048		/* on a CPU's lists of pages at most: not counted as free */

struct progress {
	volatile long	calls, nr;
	volatile long	wrong_nr, wrong_result;	/* a call that does not exist, and what it said */
};

static struct progress *progress;
static unsigned long given[16];
static size_t ngiven;
static char area[65536] __attribute__((aligned(PAGE)));
static char *readonly, *edge, *none;
static uint64_t seed;

/* ---- what is thrown ---- */

static const unsigned long wild[] = {
	0, 1, 8, PAGE - 1, PAGE, 0xb8000, 0xfec00000, 0xfee00000, 0xfee000f0, 0xffffffff,
	0x100000000, 0x7fffffffe000, 0x7fffffffefff, 0x7ffffffff000, 0x7fffffffffff, 0x800000000000,
	0x800000000001, 0x8000000000001000, 0xffff7fffffffffff, 0xffff800000000000,
	0xffff800000100000, 0xffff888000000000, 0xffffc00000000000, 0xffffd00000000000,
	0xffffd00000001000, 0xffffffff80000000, 0xffffffff80200000, 0xffffffff81000000,
	0xffffffffff600000, -PAGE, -4095ul, -8ul, -1ul, 0x4141414141414141,
};

static const unsigned long lengths[] = {
	0, 1, 4, 8, 16, 63, 64, 128, PAGE - 1, PAGE, PAGE + 1, 65536, 1 << 20, 0x7fffffff, 0x7ffff000,
	0x80000000, 0xffffffff, 0x100000000, 1ul << 47, 1ul << 63, ~(1ul << 63), -PAGE, -2ul, -1ul,
};

static const char *const paths[] = {
	"", ".", "file", "dir", "dir/", "dir/../file", "link", "loop", "fifo", "none/none", "//",
	"proc/self/mem", "proc/self/maps", "proc/self/fd/3", "proc/self/exe", "proc/self/cwd",
	"proc/self/pagemap", "proc/self/stat", "proc/meminfo", "proc/self/oom_score_adj",
};

#define N(a)	(sizeof(a) / sizeof((a)[0]))

static unsigned long pointer(uint64_t *rng)
{
	uint64_t r = rng_next(rng), n = rng_next(rng);

	switch (r % 16) {
	case 0:
		return wild[n % N(wild)];
	case 1:
		return wild[n % N(wild)] + (n >> 32) % 64 - 32;
	case 2:
		return ngiven ? given[n % ngiven] + ((n >> 32) % 4 ? 0 : (n >> 40) % 8192) : n;
	case 3:
		return ngiven ? given[n % ngiven] + (n >> 20) % (64ul << 20) : n;
	case 4:
		return (unsigned long)edge - n % 64;
	case 5:
		return (unsigned long)readonly + n % PAGE;
	case 6:
		return (unsigned long)none + n % PAGE;
	case 7:
		return (unsigned long)area + sizeof(area) - n % 64;
	case 8:
		return (unsigned long)paths[n % N(paths)];
	case 9:
		return n;
	default:
		return (unsigned long)area + (n % (sizeof(area) / 8)) * 8;
	}
}

static unsigned long argument(uint64_t *rng)
{
	uint64_t r = rng_next(rng), n = rng_next(rng);

	switch (r % 8) {
	case 0:
		return n % 24;				/* a descriptor, a command, a small number */
	case 1:
		return lengths[n % N(lengths)];
	case 2:
		return n % 2 ? 1ul << (n >> 1) % 64 : -(n >> 1) % 300;
	case 3:
		return (n & 0xffff) | (n % 3 ? 0 : n << 32);
	default:
		return pointer(rng);
	}
}

/* Structures: words that are themselves arguments. */
static void fill_area(uint64_t *rng)
{
	for (size_t i = 0; i < sizeof(area); i += 8)
		*(unsigned long *)(area + i) = argument(rng);
}

/* Mostly a call that exists; else one beyond, of the x32 table, or negative. */
static long number(uint64_t *rng)
{
	uint64_t r = rng_next(rng), n = rng_next(rng);

	switch (r % 32) {
	case 0:
		return (long)(LAST_CALL + 1 + n % 64);
	case 1:
		return X32 | (long)(n % 600);
	case 2:
		return -(long)(n % 600) - 1;
	case 3:
		return (long)(n & 0x7fffffff) | 0x1000;
	default:
		return (long)(n % (LAST_CALL + 1));
	}
}

/* As the CPU's 32 bits are taken. 335 to 423 was never given out. */
static int exists(long nr)
{
	unsigned n = (unsigned)nr;

	return n <= LAST_CALL && !(n > 334 && n < 424);
}

static int blocks_or_ends(long nr)
{
	static const short out[] = { SYS_exit, SYS_exit_group, SYS_pause, SYS_rt_sigsuspend };

	for (size_t i = 0; i < N(out); i++)
		if (out[i] == nr)
			return 1;
	return 0;
}

/* What root would do to the machine, to the test, or to others. */
static int roots_right(long nr)
{
	static const short out[] = { SYS_reboot, SYS_kill, SYS_tkill, SYS_tgkill, SYS_rt_sigqueueinfo,
		SYS_rt_tgsigqueueinfo, SYS_pidfd_send_signal, SYS_vfork, SYS_fork, SYS_clone, SYS_clone3,
		SYS_mount, SYS_umount2, SYS_move_mount, SYS_mount_setattr, SYS_pivot_root, SYS_open_tree,
		SYS_fsmount, SYS_settimeofday, SYS_clock_settime, SYS_adjtimex, SYS_clock_adjtime,
		SYS_ptrace, SYS_process_vm_writev, SYS_prlimit64, SYS_setpriority, SYS_sched_setscheduler,
		SYS_sched_setparam, SYS_sched_setattr, SYS_ioprio_set, SYS_mlock, SYS_mlock2,
		SYS_mlockall, SYS_setrlimit, SYS_syslog, SYS_vhangup, SYS_sethostname,
		SYS_setdomainname };

	for (size_t i = 0; i < N(out); i++)
		if (out[i] == nr)
			return 1;
	return 0;
}

/* ---- a child ---- */

static void open_things(void)
{
	int p[2];

	for (int fd = 0; fd < 64; fd++)
		close(fd);
	open("/dev/null", O_RDWR);
	open("/dev/zero", O_RDWR);
	open("/dev/null", O_WRONLY);
	open(ROOM "/file", O_RDWR | O_CREAT, 0666);			/* 3 */
	open(ROOM "/dir", O_RDONLY | O_DIRECTORY);
	if (pipe2(p, O_NONBLOCK) || socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, p))
		_exit(1);
	socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);		/* 9 */
	socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK, 0);
	epoll_create(1);						/* 12 */
	eventfd(1, EFD_NONBLOCK);
	timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	inotify_init1(IN_NONBLOCK);
	memfd_create("fuzz", 0);					/* 16 */
	open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK);
	open("/proc/self/mem", O_RDWR);
	open("/proc/self/maps", O_RDONLY);
	open("/dev/urandom", O_RDONLY);					/* 20 */
	open("/proc", O_RDONLY | O_DIRECTORY);
	open(ROOM "/fifo", O_RDWR | O_NONBLOCK);
}

static void limit(int which, rlim_t n)
{
	struct rlimit rl = { n, n };

	setrlimit((unsigned)which, &rl);
}

static void drop_rights(void)
{
	if (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
	    setresuid(NOBODY, NOBODY, NOBODY))
		_exit(1);
}

/* A result as the kernel gives it: errno moves with the thread pointer, which a call may set. */
static long call(long nr, const unsigned long a[6])
{
	register unsigned long r10 __asm__("r10") = a[3], r8 __asm__("r8") = a[4],
	    r9 __asm__("r9") = a[5];
	long result;

	__asm__ volatile("syscall" : "=a"(result) : "0"(nr), "D"(a[0]), "S"(a[1]), "d"(a[2]),
			 "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
	return result;
}

static void child(uint64_t rng, long calls, int root)
{
	open_things();
	limit(RLIMIT_AS, 48 << 20);
	limit(RLIMIT_FSIZE, 256 << 10);
	limit(RLIMIT_NOFILE, 128);
	limit(RLIMIT_NPROC, 8);
	limit(RLIMIT_MSGQUEUE, 0);
	limit(RLIMIT_CORE, 0);
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	setsid();
	if (chroot(ROOM) || chdir("/"))
		_exit(1);
	if (!root)
		drop_rights();
	fill_area(&rng);
	for (long i = 0; i < calls; i++) {
		unsigned long a[6];
		long nr = number(&rng), result;

		for (int k = 0; k < 6; k++)
			a[k] = argument(&rng);
		if (blocks_or_ends(nr) || (root && roots_right(nr)))
			continue;
		progress->nr = nr;
		result = call(nr, a);
		progress->calls++;
		if (!exists(nr) && result != -ENOSYS) {
			progress->wrong_nr = nr;
			progress->wrong_result = result;
		}
	}
	_exit(0);
}

/* ---- the parent ---- */

/* False: it cannot be killed. */
static int bury(pid_t pid)
{
	long calls = -1, now;
	int status, still = 0, dead = 0;

	while (waitpid(pid, &status, WNOHANG) != pid) {
		usleep(2000);
		now = progress->calls;
		still = now == calls ? still + 2 : 0;
		calls = now;
		if (still <= STUCK_MS)
			continue;
		kill(pid, SIGKILL);
		dead += 2;
		if (dead > DEAD_MS) {
			diag("child %d cannot be killed; its call was %ld", pid, progress->nr);
			return 0;
		}
	}
	return 1;
}

/* What nobody's children may have left running. */
static void kill_nobodys(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (setresuid(NOBODY, NOBODY, NOBODY) == 0)
			kill(-1, SIGKILL);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

static void remove_all(const char *dir, int depth)
{
	char path[PATH_MAX + 1];
	struct dirent *e;
	DIR *d;

	chmod(dir, 0777);
	d = opendir(dir);
	while (d && (e = readdir(d))) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") ||
		    (depth == 0 && !strcmp(e->d_name, "proc")))
			continue;
		if (snprintf(path, sizeof(path), "%s/%s", dir, e->d_name) >= (int)sizeof(path))
			continue;
		if (unlink(path) && depth < 20) {
			remove_all(path, depth + 1);
			rmdir(path);
		}
	}
	if (d)
		closedir(d);
}

static void furnish(void)
{
	umask(0);
	remove_all(ROOM, 0);
	mkdir(ROOM "/dir", 0777);
	if (symlink("file", ROOM "/link") || symlink("loop", ROOM "/loop") ||
	    mkfifo(ROOM "/fifo", 0666))
		diag("the room: %s", strerror(errno));
}

/* What outlives the processes that made it. */
static void remove_ipc(void)
{
	struct shmid_ds ds;
	struct msqid_ds q;
	int id;

	for (int i = 0; i < 4096; i++) {
		id = shmctl(i, SHM_STAT, &ds);
		if (id >= 0)
			shmctl(id, IPC_RMID, NULL);
		id = msgctl(i, MSG_STAT, &q);
		if (id >= 0)
			msgctl(id, IPC_RMID, NULL);
		id = semctl(i, 0, SEM_STAT, &q);
		if (id >= 0)
			semctl(id, 0, IPC_RMID);
	}
}

static int rounds(long from, long to, long calls, int *wrong)
{
	int ended = 0;
	pid_t pid;

	for (long i = from; i < to; i++) {
		furnish();
		memset(progress, 0, sizeof(*progress));
		pid = fork();
		if (pid == 0)
			child(seed * 1000003 + (uint64_t)i, calls, i % 2);
		ended += bury(pid);
		if (progress->wrong_nr) {
			diag("child %ld: call %#lx says %ld", i, progress->wrong_nr, progress->wrong_result);
			++*wrong;
		}
		kill_nobodys();
	}
	return ended;
}

/* KiB that could be used, caches given up; lent pages are not the donor's. */
static long memory_free(void)
{
	FILE *f;

	remove_ipc();
	remove_all(ROOM, 0);
	f = fopen("/proc/sys/vm/drop_caches", "w");
	if (f) {
		fputs("3\n", f);
		fclose(f);
	}
	usleep(300000);
	return meminfo("MemFree:");
}

/* ---- addresses that are not the program's ---- */

/* Each takes an address where it may not have one. */
static long call_with(unsigned which, unsigned long p)
{
	static int zero, null, pipes[2];
	struct iovec iov = { (void *)p, 8 };
	long a = (long)p;

	if (zero == 0) {
		zero = open("/dev/zero", O_RDONLY);
		null = open(ROOM "/file", O_RDWR | O_CREAT, 0600);
		if (pipe2(pipes, O_NONBLOCK) || write(pipes[1], "12345678", 8) != 8)
			bail("pipe");
	}
	switch (which) {
	case 0: return syscall(SYS_read, zero, a, 8);
	case 1: return syscall(SYS_write, null, a, 8);
	case 2: return syscall(SYS_readv, zero, &iov, 1);
	case 3: return syscall(SYS_writev, null, &iov, 1);
	case 4: return syscall(SYS_pread64, zero, a, 8, 0);
	case 5: return syscall(SYS_read, pipes[0], a, 8);
	case 6: return syscall(SYS_write, pipes[1], a, 8);
	case 7: return syscall(SYS_open, a, O_RDONLY);
	case 8: return syscall(SYS_stat, "/", a);
	case 9: return syscall(SYS_getcwd, a, 64);
	case 10: return syscall(SYS_uname, a);
	case 11: return syscall(SYS_pipe, a);
	case 12: return syscall(SYS_clock_gettime, 1, a);
	case 13: return syscall(SYS_nanosleep, a, 0);
	case 14: return syscall(SYS_rt_sigaction, SIGUSR1, a, 0, 8);
	case 15: return syscall(SYS_rt_sigprocmask, SIG_SETMASK, 0, a, 8);
	case 16: return syscall(SYS_getrlimit, RLIMIT_STACK, a);
	case 17: return syscall(SYS_sysinfo, a);
	case 18: return syscall(SYS_getrandom, a, 8, 0);
	case 19: return syscall(SYS_execve, a, 0, 0);
	case 20: return syscall(SYS_execve, "/proc/self/exe", a, 0);
	case 21: return syscall(SYS_futex, a & ~3l, 0, 0, 0, 0, 0);
	case 22: return syscall(SYS_times, a);
	case 23: return syscall(SYS_getrusage, 0, a);
	case 24: return syscall(SYS_poll, a, 1, 0);
	case 25: return syscall(SYS_gettimeofday, a, 0);
	case 26: return syscall(SYS_sigaltstack, a, 0);
	case 27: return syscall(SYS_vmsplice, pipes[1], &iov, 1, 0);
	}
	return 1;
}
#define CALLS_WITH 28

static int strictly(unsigned long p)
{
	int wrong = 0;
	long result;

	for (unsigned i = 0; i < CALLS_WITH; i++) {
		result = call_with(i, p);
		if (result == -1 && errno == EFAULT)
			continue;
		diag("call %u with %#lx: %ld, %s", i, p, result, strerror(errno));
		wrong++;
	}
	return wrong;
}

/* Addresses of the kernel's half and such as the CPU does not have; 0 is null's page. */
static void addresses(void)
{
	int wrong = 0;
	uint64_t rng = seed;

	for (size_t i = 0; i < N(wild); i++)
		if (wild[i] >= 0x7ffffffff000 || (wild[i] > 0 && wild[i] < PAGE))
			wrong += strictly(wild[i]);
	for (size_t i = 0; i < ngiven; i++) {
		wrong += strictly(given[i]);
		for (int k = 0; k < 20; k++)
			wrong += strictly(given[i] + rng_next(&rng) % (16 << 20));
	}
	wrong += strictly((unsigned long)none);
	is(wrong, 0, "addresses that are not the program's are EFAULT");
}

/* ---- */

/* Somebody looks at the machine from outside, and then types a line. */
static void look(int n)
{
	char c;

	diag("look %d", n);
	while (read(0, &c, 1) == 1 && c != '\n')
		;
}

static uint32_t canary_sum(const uint32_t *p)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < CANARY_LEN / 4; i++)
		sum = sum * 31 + p[i];
	return sum;
}

static void prepare(void)
{
	char *p;

	mkdir(ROOM, 0777);
	if (mount("tmpfs", ROOM, "tmpfs", 0, "size=8m") || mkdir(ROOM "/proc", 0555) ||
	    mount("proc", ROOM "/proc", "proc", 0, NULL))
		bail("mount: %s", strerror(errno));
	progress = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	readonly = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	none = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	p = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	edge = p + 2 * PAGE;
	munmap(edge, PAGE);
}

int main(int argc, char **argv)
{
	uint32_t *canary = malloc(CANARY_LEN), sum;
	long children, calls, before, after;
	int wrong = 0, ended;

	if (argc < 4)
		return 2;
	seed = strtoull(argv[1], NULL, 0);
	children = atol(argv[2]);
	calls = atol(argv[3]);
	for (int i = 4; i < argc && ngiven < N(given); i++)
		given[ngiven++] = strtoul(argv[i], NULL, 0);
	tap_begin();
	diag("seed %lu: %ld children of %ld calls", (unsigned long)seed, children, calls);
	prepare();
	for (size_t i = 0; i < CANARY_LEN / 4; i++)
		canary[i] = (uint32_t)i * 2654435761u;
	sum = canary_sum(canary);
	addresses();
	/* Tables grow at first. */
	ended = rounds(0, children / 4, calls, &wrong);
	before = memory_free();
	look(1);
	ended += rounds(children / 4, children, calls, &wrong);
	after = memory_free();
	is(ended, children, "%ld children of %ld calls each came to an end", children, calls);
	is(wrong, 0, "numbers that no call has are ENOSYS");
	ok(canary_sum(canary) == sum, "another process's memory is as it was");
	ok(after > before - LISTS_KIB, "free memory: %ld KiB before, %ld KiB after", before, after);
	look(2);
	return tap_done();
}
