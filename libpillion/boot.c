/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Start, end and threads of the donor in a Linux process.
 *
 * Interface: include/pillion/pillion.h.
 * Locking: state is atomic; boot and shutdown exclude each other by it. While a shutdown is tried
 * (ENDING) it may still be refused: threads that are tasks go on, others wait outside or are turned
 * away. ending is held for writing then, and for reading by a thread that gives up its task, which
 * must be either before it or know how it ended. A thread's own flag is thread-local.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/mount.h>
#include <pillion/pillion.h>
#include <pillion/syscalls.h>
#include <rump/rumpuser.h>
#include <rump/rumpext_task.h>
#include <rumpuser_posix.h>

#include "lib.h"
#include "net.h"

enum { DOWN, BOOTING, UP, ENDING, ENDED };
static _Atomic int state = DOWN;
static pthread_rwlock_t ending = PTHREAD_RWLOCK_INITIALIZER;
static struct pillion_options options;
static pthread_key_t thread_key;
static __thread int attached __attribute__((tls_model("initial-exec")));

static void leave(void)
{
	if (!attached)
		return;
	pthread_rwlock_rdlock(&ending);
	if (atomic_load(&state) == UP)
		rump_ext_detach();
	pthread_rwlock_unlock(&ending);
	attached = 0;
}

static void thread_end(void *arg)
{
	(void)arg;
	leave();
	rumpuser_posix_altstack(0);
}

/*
 * In a child of fork() there is no donor: its memory stays with the parent. What the child has of
 * the platform's (descriptors, locks held) goes with it.
 */
static void in_forked_child(void)
{
	atomic_store(&state, ENDED);
	attached = 0;
}

/* Remember that this thread is (about to be) a task, so that its end releases it. */
static void thread_begin(void)
{
	attached = 1;
	rumpuser_posix_altstack(1);
	pthread_setspecific(thread_key, &attached);
}

int pillion__ready(void)
{
	int now = atomic_load(&state);

	if (now == ENDING && attached && rump_ext_curlwp())
		return 0;	/* its task is why the donor will not end */
	if (now != UP)
		return -ENODEV;
	if (!attached)
		thread_begin();
	return 0;
}

static void signal_hook(void *arg, int64_t pid, int sig)
{
	(void)arg;
	if (options.signal)
		options.signal(options.arg, (int)pid, sig);
}

static void exit_hook(void *arg, int value)
{
	(void)arg;
	if (value != RUMPUSER_PANIC)
		return;
	if (options.panic)
		options.panic(options.arg, "the donor kernel has panicked; its log says why");
	_exit(PILLION_EXIT_PANIC);
}

static int set_params(void)
{
	char memory[32], cmdline[4096];
	int level = options.loglevel < 0 ? 4 : options.loglevel;

	if (options.memory && options.memory < (16u << 20))
		return -EINVAL;
	snprintf(memory, sizeof(memory), "%zu", options.memory ? options.memory : (size_t)32 << 20);
	if (snprintf(cmdline, sizeof(cmdline), "loglevel=%d%s%s", level, options.cmdline ? " " : "",
	    options.cmdline ? options.cmdline : "") >= (int)sizeof(cmdline))
		return -E2BIG;
	rumpuser_posix_param_noenv(1);
	rumpuser_posix_param_set("RUMP_MEMLIMIT", memory);
	rumpuser_posix_param_set("PILLION_CMDLINE", cmdline);
	rumpuser_posix_console_sink(options.log, options.arg);
	rumpuser_posix_kill_hook(signal_hook, NULL);
	rumpuser_posix_exit_hook(exit_hook, NULL);
	return 0;
}

static int mount_at(const char *type, const char *dir)
{
	long error = pillion_sys_mkdirat(-100, dir, 0755);

	if (error && error != -EEXIST)
		return (int)error;
	return (int)pillion_sys_mount(type, dir, type, 0, NULL);
}

int pillion_boot(const struct pillion_options *opt)
{
	int expected = DOWN, error;

	if (!atomic_compare_exchange_strong(&state, &expected, BOOTING))
		return expected == ENDED ? -ESHUTDOWN : -EBUSY;
	memset(&options, 0, sizeof(options));
	options.loglevel = -1;
	if (opt)
		memcpy(&options, opt, opt->size && opt->size < sizeof(options) ? opt->size : sizeof(options));
	error = set_params();
	if (!error)
		error = -pthread_key_create(&thread_key, thread_end);
	if (!error)
		error = -pthread_atfork(NULL, NULL, in_forked_child);
	if (error) {
		atomic_store(&state, DOWN);
		return error;
	}
	thread_begin();
	error = -pillion_platform_errno(rump_init());
	if (error) {
		atomic_store(&state, ENDED);
		attached = 0;
		return error;
	}
	atomic_store(&state, UP);
	error = mount_at("devtmpfs", "/dev");
	if (!error)
		error = mount_at("proc", "/proc");
	if (!error)
		error = mount_at("sysfs", "/sys");
	if (!error)
		(void)pillion__net_init();	/* a donor without a network is one, too */
	return error;
}

int pillion_shutdown(void)
{
	int expected = UP, error;

	/* Only a task can halt the donor. */
	if (pillion_sys_getpid() < 0)
		return -EINVAL;
	pthread_rwlock_wrlock(&ending);
	if (!atomic_compare_exchange_strong(&state, &expected, ENDING)) {
		pthread_rwlock_unlock(&ending);
		return -EINVAL;
	}
	error = -pillion_platform_errno(rump_ext_halt());
	atomic_store(&state, error ? UP : ENDED);
	pthread_rwlock_unlock(&ending);
	if (error)
		return error;
	rumpuser_posix_fini();
	pthread_key_delete(thread_key);
	rumpuser_posix_altstack(0);
	attached = 0;
	return 0;
}

long pillion_syscall(long nr, long a, long b, long c, long d, long e, long f)
{
	/* Attached, it still may have lost its task, and the donor gone without it. */
	if (__builtin_expect(!attached || atomic_load(&state) != UP, 0)) {
		int error = pillion__ready();

		if (error)
			return error;
	}
	return rump_ext_syscall(nr, a, b, c, d, e, f);
}

int pillion_thread_attach(int pid)
{
	if (pillion__ready())
		return -ENODEV;
	return -pillion_platform_errno(rump_ext_attach(pid));
}

void pillion_thread_detach(void)
{
	leave();
}

struct pillion_task *pillion_self(void)
{
	return attached ? (struct pillion_task *)rump_ext_curlwp() : NULL;
}

int pillion_fork(void)
{
	int pid, error = pillion__ready();

	if (error)
		return error;
	error = -pillion_platform_errno(rump_ext_rfork(&pid));
	return error ? error : pid;
}

int pillion_interrupt(struct pillion_task *task)
{
	int error = pillion__ready();

	if (error)
		return error;
	return -pillion_platform_errno(rump_ext_interrupt((struct lwp *)task));
}

int pillion_kill_task(struct pillion_task *task)
{
	int error = pillion__ready();

	if (error)
		return error;
	return -pillion_platform_errno(rump_ext_kill((struct lwp *)task));
}
