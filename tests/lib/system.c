/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The system around: /proc and /sys, random numbers, clocks and timers, options of the boot.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>

#include "common.h"
#include "tap.h"

#define BOOT_MEMORY	(48ul << 20)

static size_t logged;
static char log_text[1 << 16];

static void keep_log(void *arg, const char *text, size_t len)
{
	(void)arg;
	if (len > sizeof(log_text) - 1 - logged)
		len = sizeof(log_text) - 1 - logged;
	memcpy(log_text + logged, text, len);
	logged += len;
}

/* In a process of the host of its own: 16 bytes of the donor's getrandom() through a pipe. */
static bool random_of_a_boot(char out[16])
{
	int fds[2], status;
	pid_t pid;
	bool good;

	if (pipe(fds))
		return false;
	pid = fork();
	if (pid == 0) {
		char buf[16] = "";

		boot(NULL);
		good = pillion_sys_getrandom(buf, sizeof(buf), 1) == sizeof(buf) &&
		    write(fds[1], buf, sizeof(buf)) == sizeof(buf);
		_exit(!good || pillion_shutdown() != 0);
	}
	close(fds[1]);
	good = read(fds[0], out, 16) == 16;
	close(fds[0]);
	return waitpid(pid, &status, 0) == pid && status == 0 && good;
}

static void test_random(void)
{
	char boots[4][16];
	int same = 0;

	for (int i = 0; i < 4; i++) {
		ok(random_of_a_boot(boots[i]), "random numbers at once after boot %d, without waiting", i);
		for (int k = 0; k < i; k++)
			same += !memcmp(boots[i], boots[k], 16);
	}
	is(same, 0, "differ from boot to boot");
}

/* Every readable file below dir is read whole; none hangs, crashes, or is a surprise. */
static long tree_errors;

static long read_tree(const char *dir, int depth)
{
	char buf[4096] __attribute__((aligned(8))), path[512];
	long n, files = 0, fd = pillion_sys_openat(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY, 0), r;

	if (fd < 0 || depth > 12)
		return 0;
	while ((n = pillion_sys_getdents64((int)fd, (void *)buf, sizeof(buf))) > 0)
		for (long at = 0; at < n;) {
			struct pillion_dirent64 *d = (void *)(buf + at);
			struct stat st;
			static char text[1 << 16];

			at += d->reclen;
			if (!strcmp(d->name, ".") || !strcmp(d->name, "..") || !strcmp(d->name, "kmsg"))
				continue;
			snprintf(path, sizeof(path), "%.250s/%.250s", dir, d->name);
			if (pillion_sys_newfstatat(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW))
				continue;
			if (S_ISDIR(st.st_mode))
				files += read_tree(path, depth + 1);
			if (!S_ISREG(st.st_mode))
				continue;
			files++;
			r = read_file(path, text, sizeof(text));
			if (r == -EFAULT || r == -ENOSYS || r == -ENOMEM) {
				diag("%s: %ld", path, r);
				tree_errors++;
			}
		}
	pillion_sys_close((int)fd);
	return n < 0 ? tree_errors++ : files;
}

static void test_proc_sys(void)
{
	char text[4096];
	long n;

	ok(read_file("/proc/cmdline", text, sizeof(text)) > 0 && strstr(text, "test.option=7"),
	    "the command line has what boot was given");
	ok(read_file("/proc/filesystems", text, sizeof(text)) > 0 && strstr(text, "\text4\n") &&
	    strstr(text, "\ttmpfs\n") && strstr(text, "\tproc\n"), "file systems");
	ok(read_file("/proc/mounts", text, sizeof(text)) > 0 && strstr(text, " /proc proc ") &&
	    strstr(text, " /sys sysfs ") && strstr(text, " /dev devtmpfs "), "what boot mounts");
	ok(read_file("/proc/self/status", text, sizeof(text)) > 0 && strstr(text, "Pid:\t1\n"), "self");
	ok(read_file("/proc/version", text, sizeof(text)) > 0 && !strncmp(text, "Linux version 6.1", 17),
	    "version");
	ok(read_file("/sys/kernel/mm/../../class/block/ram0/size", text, sizeof(text)) > 0 ||
	    read_file("/sys/block/ram0/size", text, sizeof(text)) > 0, "a block device in sysfs");
	is(write_file("/proc/sys/kernel/hostname", "somewhere", 9), 9, "a sysctl is written");
	ok(read_file("/proc/sys/kernel/hostname", text, sizeof(text)) == 10 &&
	    !strncmp(text, "somewhere", 9),
	    "and read");
	n = read_tree("/proc", 0);
	ok(n > 100, "every file of /proc is read (%ld)", n);
	n = read_tree("/sys", 0);
	ok(n > 100, "every file of /sys is read (%ld)", n);
	is(tree_errors, 0, "without surprises");
}

static void test_names(void)
{
	struct utsname u;
	struct sysinfo info;
	long total = meminfo_kb("MemTotal:");

	is(pillion_sys_uname(&u), 0, "uname");
	ok(!strcmp(u.sysname, "Linux") && !strncmp(u.release, "6.1", 3), "Linux 6.1 (%s)", u.release);
	is(pillion_sys_sysinfo(&info), 0, "sysinfo");
	ok((long)(info.totalram * info.mem_unit >> 10) == total, "agrees with /proc/meminfo");
	ok(total > (long)(BOOT_MEMORY >> 10) * 8 / 10 && total <= (long)(BOOT_MEMORY >> 10),
	    "memory is what boot was given (%ld KiB)", total);
	ok(strstr(log_text, "Linux version") != NULL, "the log goes to the callback");
	ok(strstr(pillion_version(), "pillion ") == pillion_version(), "%s", pillion_version());
	is(pillion_boot(NULL), -EBUSY, "a second boot is refused while this one runs");
}

static int64_t donor_ns(int clock)
{
	struct timespec ts;

	return pillion_sys_clock_gettime(clock, &ts) ? -1 : ts.tv_sec * 1000000000ll + ts.tv_nsec;
}

static int64_t host_ns(int clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1000000000ll + ts.tv_nsec;
}

/* Between two looks at the host's clock the donor's must lie, give or take a millisecond. */
static void test_clocks(void)
{
	int64_t before, mid, after, last, steps = 0, back = 0, host, donor;

	before = host_ns(CLOCK_REALTIME);
	mid = donor_ns(CLOCK_REALTIME);
	after = host_ns(CLOCK_REALTIME);
	ok(mid >= before - 20000000 && mid <= after + 20000000, "the wall clock is the host's (%ld us)",
	    (long)(mid - before) / 1000);
	host = host_ns(CLOCK_MONOTONIC);
	donor = donor_ns(CLOCK_MONOTONIC);
	pause_ms(300);
	host = host_ns(CLOCK_MONOTONIC) - host;
	donor = donor_ns(CLOCK_MONOTONIC) - donor;
	ok(donor > host - 5000000 && donor < host + 200000000, "the monotonic clock runs as the host's "
	    "(%ld us off)", (long)(donor - host) / 1000);
	last = donor_ns(CLOCK_MONOTONIC);
	for (int i = 0; i < 100000; i++) {
		int64_t now = donor_ns(CLOCK_MONOTONIC);

		back += now < last;
		steps += now > last;
		last = now;
	}
	is(back, 0, "it never goes back");
	ok(steps > 50000, "and is fine (%ld steps of 100000)", (long)steps);
	ok(donor_ns(CLOCK_BOOTTIME) > 0 && donor_ns(CLOCK_MONOTONIC_RAW) > 0 &&
	    donor_ns(CLOCK_REALTIME_COARSE) > 0 && donor_ns(CLOCK_THREAD_CPUTIME_ID) >= 0 &&
	    donor_ns(CLOCK_PROCESS_CPUTIME_ID) >= 0, "the other clocks");
	is(donor_ns(99), -1, "no clock 99");
}

static void test_set_clock(void)
{
	struct timespec ts = { 1000000000, 0 };
	int64_t host = host_ns(CLOCK_REALTIME);

	is(pillion_sys_clock_settime(CLOCK_REALTIME, &ts), 0, "the donor's wall clock can be set");
	ok(donor_ns(CLOCK_REALTIME) / 1000000000 - 1000000000 < 100, "and is");
	ok(host_ns(CLOCK_REALTIME) - host < 100000000000ll, "the host's is not");
	ts.tv_sec = host_ns(CLOCK_REALTIME) / 1000000000;
	pillion_sys_clock_settime(CLOCK_REALTIME, &ts);
}

static void test_sleep(void)
{
	static const long lengths[] = { 1000, 50000, 100000, 1000000, 4000000, 30000000 };

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct timespec ts = { 0, lengths[i] };
		int64_t best = INT64_MAX, least = INT64_MAX;

		for (int n = 0; n < 15; n++) {
			int64_t begin = now_ns(), took;

			pillion_sys_nanosleep(&ts, NULL);
			took = now_ns() - begin - lengths[i];
			least = took < least ? took : least;
			best = took < best && took >= 0 ? took : best;
		}
		ok(least >= 0, "a sleep of %ld us is never shorter", lengths[i] / 1000);
		ok(best < 20000000, "and at best %ld us longer", (long)best / 1000);
	}
}

static long sleeper(void *arg)
{
	struct timespec ts = { 0, 1000000 + (long)arg % 10 * 1000000 };

	return pillion_sys_nanosleep(&ts, NULL);
}

static void test_many_sleepers(void)
{
	static struct worker w[100];
	int good = 1;

	for (long i = 0; i < 100; i++)
		worker_start(&w[i], 0, sleeper, (void *)i);
	for (int i = 0; i < 100; i++)
		good &= worker_join(&w[i]) == 0;
	ok(good, "100 threads that sleep");
}

/* Whoever has the right to end a machine does not have it here. */
static void test_reboot(void)
{
	static const unsigned commands[] = { 0x01234567, 0xcdef0123, 0x4321fedc, 0 };

	for (int i = 0; i < 4; i++)
		is(pillion_syscall(SYS_reboot, 0xfee1dead, 672274793, commands[i], 0, 0, 0), -EPERM,
		    "reboot with command %#x", commands[i]);
	is(pillion_sys_getpid(), 1, "all goes on");
}

int main(void)
{
	struct pillion_options opt = {
		.size = sizeof(opt), .memory = BOOT_MEMORY, .cmdline = "test.option=7", .loglevel = 8,
		.log = keep_log,
	};

	tap_begin();
	is(pillion_sys_getpid(), -ENODEV, "before boot there is no device to ask");
	is(pillion_fork(), -ENODEV, "nor a process");
	is(pillion_shutdown(), -EINVAL, "nor anything to shut down");
	test_random();
	boot(&opt);
	test_proc_sys();
	test_names();
	test_clocks();
	test_set_clock();
	test_sleep();
	test_many_sleepers();
	test_reboot();
	ok(pillion_shutdown() == 0, "shutdown");
	is(pillion_sys_getpid(), -ENODEV, "then there is no device again");
	is(pillion_boot(NULL), -ESHUTDOWN, "and no second boot in this process");
	return tap_done();
}
