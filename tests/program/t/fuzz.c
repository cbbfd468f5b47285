/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random system calls, from a seed (SEED) and bounded (ROUNDS children of CALLS calls): pointers
 * good and bad, lengths, numbers, descriptors. A child may end in any way; the donor goes on.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "tap.h"

static char area[65536] __attribute__((aligned(4096)));

static long argument(uint64_t *rng)
{
	uint64_t r = rng_next(rng);

	switch (r % 12) {
	case 0:
		return (long)(r >> 60);
	case 1:
		return (long)(r >> 8) & 0xfff;
	case 2:
		return -(long)((r >> 8) & 0xff);
	case 3:
		return (long)0xffff888000000000 + (long)(r & 0xffffff8);
	case 4:
		return (long)0xffffffff80000000 + (long)(r >> 40);
	case 5:
		return 1l << (r >> 58);
	case 6:
		return (long)r;
	case 7:
		return 0x7fffffffe000 + (long)(r >> 50);
	case 8:
		return (long)"/tmp/fuzz";
	default:
		return (long)(area + (r >> 32) % sizeof(area));
	}
}

/* What would end the test, or the machine. */
static int left_out(long nr)
{
	static const long out[] = { SYS_reboot, SYS_kill, SYS_tkill, SYS_tgkill, SYS_pause,
		SYS_rt_sigsuspend, SYS_vfork, SYS_fork, SYS_clone, SYS_clone3, SYS_umount2,
		SYS_settimeofday, SYS_clock_settime, SYS_syslog, SYS_rt_sigqueueinfo,
		SYS_rt_tgsigqueueinfo, SYS_chroot, SYS_pivot_root, SYS_vhangup, SYS_exit,
		SYS_exit_group, SYS_setsid, SYS_ptrace, SYS_setpriority, SYS_sched_setscheduler,
		SYS_sched_setparam, SYS_sched_setattr, SYS_unlink, SYS_rmdir, SYS_rename };
	size_t i;

	for (i = 0; i < sizeof(out) / sizeof(out[0]); i++)
		if (out[i] == nr)
			return 1;
	return 0;
}

static void child(uint64_t seed, long calls)
{
	struct rlimit rl = { 32 << 20, 32 << 20 };
	uint64_t rng = seed;
	long nr, i;

	setrlimit(RLIMIT_AS, &rl);
	rl.rlim_cur = rl.rlim_max = 1 << 20;
	setrlimit(RLIMIT_FSIZE, &rl);
	signal(SIGXFSZ, SIG_IGN);
	for (i = 0; i < (long)sizeof(area); i += 8)
		*(uint64_t *)(area + i) = rng_next(&rng);
	signal(SIGALRM, SIG_DFL);
	alarm(1);
	for (i = 0; i < calls; i++) {
		nr = (long)(rng_next(&rng) % 460);
		if (!left_out(nr))
			syscall(nr, argument(&rng), argument(&rng), argument(&rng), argument(&rng), argument(&rng),
				argument(&rng));
	}
	_exit(0);
}

/* Wait for a child, which may have blocked all signals but SIGKILL. */
static int reap(pid_t pid)
{
	int status, ms;

	for (ms = 0; ms < 20000; ms += 10) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return 1;
		if (ms > 1500)
			kill(pid, SIGKILL);
		usleep(10000);
	}
	diag("child %d cannot be killed", pid);
	return 0;
}

int main(void)
{
	uint64_t seed = (uint64_t)env_long("SEED", 1);
	long rounds = env_long("ROUNDS", 30), calls = env_long("CALLS", 200), i;
	int status, ended = 0;
	pid_t pid;

	tap_begin();
	diag("SEED=%lu ROUNDS=%ld CALLS=%ld", (unsigned long)seed, rounds, calls);
	for (i = 0; i < rounds; i++) {
		pid = fork();
		if (pid == 0) {
			close(0);
			close(1);
			close(2);
			setsid();
			child(seed + (uint64_t)i, calls);
		}
		ended += reap(pid);
	}
	is(ended, rounds, "%ld children of %ld random calls each", rounds, calls);
	pid = fork();
	if (pid == 0)
		_exit(5);
	waitpid(pid, &status, 0);
	is(WEXITSTATUS(status), 5, "the donor is well after it");
	return tap_done();
}
