/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The donor's upcalls as a platform makes them. Linked from the library's parts, because the
 * library does not show them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include <rump/rumperrno.h>
#include <rump/rumpext_task.h>
#include <rump/rumpuser.h>
#include <rump/rumpuser_component.h>
#include <rumpuser_posix.h>

#include "common.h"
#include "tap.h"

/* What the donor gave to rumpuser_init(). */
static struct rumpuser_hyperup up;

int __real_rumpuser_init(int version, const struct rumpuser_hyperup *hyp);
int __wrap_rumpuser_init(int version, const struct rumpuser_hyperup *hyp);

int __wrap_rumpuser_init(int version, const struct rumpuser_hyperup *hyp)
{
	up = *hyp;
	return __real_rumpuser_init(version, hyp);
}

/* Errors go both ways through the donor, and come out as the contract's. */
static void test_errors(void)
{
	char loop[] = "/tmp/pillion-loop-XXXXXX", path[1100], name[32];
	long args[6] = { AT_FDCWD, 0, O_RDONLY }, value = 77;
	int id;

	if (!mkdtemp(loop))
		bail("no directory: %s", strerror(errno));
	snprintf(path, sizeof(path), "%s/self", loop);
	if (symlink("self", path))
		bail("no link: %s", strerror(errno));
	is(rump_ext_blk_attach(path, 0, name, &id), RUMP_ELOOP, "a disk that is a link to itself");
	unlink(path);
	is(rump_ext_blk_attach(path, 0, name, &id), RUMP_ENOENT, "a disk that is not there");
	rmdir(loop);
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	is(rump_ext_blk_attach(path, 0, name, &id), RUMP_ENAMETOOLONG, "a name of 1099 bytes");

	args[1] = (long)path;
	is(up.hyp_syscall(SYS_openat, args, &value), RUMP_ENAMETOOLONG, "the same of a system call");
	is(value, 77, "which has no value");
	is(up.hyp_syscall(SYS_getpid, args, &value), 0, "a system call that succeeds");
	is(value, 1, "has one");
	is(up.hyp_syscall(9999, args, &value), RUMP_ENOSYS, "one that there is not");
	up.hyp_execnotify("program");
	ok(1, "execnotify is there");
}

/* ---- threads that are the platform's ---- */

static struct lwp *main_lwp;

/* Run fn on a thread that the donor does not know. Its result; -1 if it does not come back. */
static long on_a_thread(void *(*fn)(void *))
{
	struct timespec until;
	void *result;
	pthread_t t;

	if (pthread_create(&t, NULL, fn, NULL))
		bail("no thread");
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 20;
	if (pthread_timedjoin_np(t, &result, &until))
		bail("a thread does not come back");
	return (long)result;
}

#define MUST(what) do { if (!(what)) { diag("line %d: %s", __LINE__, #what); return (void *)1; } \
	} while (0)

/* The CPU is free if another thread can have it. */
static void *kthread(void *arg)
{
	void *cookie;

	rumpuser_component_kthread();
	for (int i = 0; i < 100; i++) {
		rumpuser_component_schedule(NULL);
		MUST(!up.hyp_lwproc_curlwp() && up.hyp_getpid() == 0);
		cookie = rumpuser_component_unschedule();	/* a hypercall that blocks */
		rumpuser_component_schedule(cookie);
		rumpuser_component_unschedule();
		up.hyp_schedule();
		up.hyp_unschedule();
	}
	rumpuser_component_kthread_release();
	return arg;
}

static void *visits(void *arg)
{
	for (int i = 0; i < 100; i++) {
		up.hyp_schedule();
		up.hyp_unschedule();
		rumpuser_component_schedule(NULL);
		rumpuser_component_unschedule();
	}
	MUST(!rumpuser_curlwp());
	return arg;
}

/* Contexts, all while the CPU is held. */
static void *contexts(void *arg)
{
	long args[6] = { 0 }, value = 0;
	struct lwp *first, *second;

	up.hyp_schedule();
	MUST(up.hyp_lwproc_newlwp(30000) == RUMP_ESRCH);
	MUST(up.hyp_lwproc_newlwp(1) == 0 && up.hyp_getpid() == 1);
	MUST(up.hyp_lwproc_newlwp(1) == RUMP_EBUSY);
	first = up.hyp_lwproc_curlwp();
	MUST(up.hyp_lwproc_rfork(NULL, 0, "child") == 0 && up.hyp_getpid() > 1);
	second = up.hyp_lwproc_curlwp();
	MUST(first && second && first != second);
	up.hyp_lwproc_switch(first);
	MUST(up.hyp_getpid() == 1);
	up.hyp_lwproc_switch(second);
	MUST(up.hyp_getpid() > 1);
	MUST(up.hyp_syscall(SYS_getpid, args, &value) == 0 && value == up.hyp_getpid());
	up.hyp_unschedule();
	MUST(pillion_sys_getpid() == value);
	up.hyp_schedule();
	up.hyp_lwproc_release();
	MUST(up.hyp_getpid() == 0);
	up.hyp_unschedule();
	MUST(!rumpuser_curlwp());
	MUST(pillion_sys_wait4(-1, NULL, 0, NULL) > 1);		/* as a new task of process 1 */
	up.hyp_schedule();
	up.hyp_lwpexit();
	up.hyp_unschedule();
	MUST(!rumpuser_curlwp());
	return arg;
}

static void test_contexts(void)
{
	is(on_a_thread(kthread), 0, "a kernel thread of the platform's comes, blocks, and goes");
	is(on_a_thread(visits), 0, "so does a thread that is none, and is unknown then");
	is(on_a_thread(contexts), 0, "contexts: newlwp, rfork, switch, release, lwpexit");
	is(pillion_sys_getpid(), 1, "the CPU is free");
}

static void *stranger(void *arg)
{
	rump_ext_interrupt(main_lwp);
	MUST(rump_ext_kill((struct lwp *)30000l) == RUMP_ESRCH);
	MUST(!rumpuser_curlwp());
	return arg;
}

static void *guest(void *arg)
{
	rumpuser_component_kthread();
	rumpuser_component_kthread_release();
	MUST(!rumpuser_curlwp());
	return arg;
}

/* Threads that are nobody's, many of them, are forgotten. */
static void test_nothing_stays(void)
{
	static void *(*const kinds[])(void *) = { stranger, guest, visits };
	size_t before = 0, after;
	long bad = 0;

	main_lwp = rump_ext_curlwp();
	for (int i = 0; i < 3000; i++) {
		if (i == 300)
			before = mallinfo2().uordblks;
		bad += on_a_thread(kinds[i % 3]) != 0;
	}
	after = mallinfo2().uordblks;
	is(bad, 0, "3000 threads interrupt, visit, are kernel threads");
	ok(after < before + 16384, "and leave no memory taken (%ld bytes)", (long)(after - before));
}

/* ---- disks that come and go at once ---- */

#define DISKS 4

static atomic_int ids_bad, names_bad;
static atomic_int owner[DISKS];		/* of an id: at most so many are there */

static int read_nothing(void *arg, const struct rumpuser_iovec *iov, size_t n, uint64_t off,
    uint64_t len)
{
	(void)arg, (void)off, (void)len;
	for (size_t i = 0; i < n; i++)
		memset(iov[i].iov_base, 0, iov[i].iov_len);
	return 0;
}

static long attach_and_detach(void *arg)
{
	/* Functions: requests take a while, so that there is time for the others. */
	static const struct rumpuser_posix_blkops ops = { .read = read_nothing };
	char mine[32], name[32], device[48];
	int id, me = *(int *)arg;

	snprintf(mine, sizeof(mine), "test:disk%d", me);
	if (rumpuser_posix_blk_cb(mine, &ops, NULL, 1 << 20, 512, RUMPUSER_POSIX_BLK_RDONLY))
		return -1;
	for (int i = 0; i < 300; i++) {
		int error = rump_ext_blk_attach(mine, RUMPEXT_BLKATTACH_RDONLY, name, &id), none = 0;

		if (error)
			return error;
		if (id < 0 || id >= DISKS || !atomic_compare_exchange_strong(&owner[id], &none, me + 1)) {
			atomic_fetch_add(&ids_bad, 1);
			continue;
		}
		snprintf(device, sizeof(device), "/dev/%s", name);
		names_bad += pillion_sys_faccessat(AT_FDCWD, device, 0) != 0;
		atomic_store(&owner[id], 0);
		while ((error = rump_ext_blk_detach(id)) == RUMP_EBUSY)
			;		/* somebody looks at the partitions */
		if (error)
			return error;
	}
	return rumpuser_posix_blk_remove(mine);
}

static void test_disks(void)
{
	struct worker w[DISKS];
	int number[DISKS];

	for (int i = 0; i < DISKS; i++) {
		number[i] = i;
		worker_start(&w[i], 0, attach_and_detach, &number[i]);
	}
	for (int i = 0; i < DISKS; i++)
		is(worker_join(&w[i]), 0, "a thread attaches and detaches a disk 300 times");
	is(ids_bad, 0, "no two have one id");
	is(names_bad, 0, "each has its name");
	is(rump_ext_blk_detach(0), RUMP_ENXIO, "none is left");
	is(rump_ext_blk_detach(-1), RUMP_ENXIO, "an id that cannot be");
}

int main(void)
{
	tap_begin();
	boot(NULL);
	test_errors();
	test_contexts();
	test_nothing_stays();
	test_disks();
	ok(pillion_shutdown() == 0, "shutdown");
	return tap_done();
}
