/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every number of the system-call table, with arguments that are no use: each call is there, or
 * answers ENOSYS and is listed here as one that is left out.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "tap.h"

#define LAST	450		/* set_mempolicy_home_node, the last of Linux 6.1 */
#define MANY	512

/* x32's numbers, and those that Linux has never given, or has taken away. */
static int reserved(long nr)
{
	static const short gone[] = { SYS_uselib, SYS__sysctl, SYS_create_module, SYS_get_kernel_syms,
		SYS_query_module, SYS_nfsservctl, SYS_getpmsg, SYS_putpmsg, SYS_afs_syscall,
		SYS_tuxcall, SYS_security, SYS_set_thread_area, SYS_get_thread_area,
		SYS_lookup_dcookie, SYS_epoll_ctl_old, SYS_epoll_wait_old, SYS_vserver };
	size_t i;

	for (i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
		if (gone[i] == nr)
			return 1;
	return (nr > 334 && nr < 424) || nr > LAST;
}

/*
 * What the configuration leaves out: segments and ports, modules and other kernels, swap, quotas,
 * keys, NUMA, tracing of the kernel, sandboxes, asynchronous rings, other processes' memory but for
 * ptrace's.
 */
#ifndef SYS_quotactl_fd
#define SYS_quotactl_fd 443
#endif
#ifndef SYS_memfd_secret
#define SYS_memfd_secret 447
#endif
#ifndef SYS_set_mempolicy_home_node
#define SYS_set_mempolicy_home_node 450
#endif
static const short left_out[] = {
#define OUT(name) SYS_##name
	OUT(modify_ldt), OUT(iopl), OUT(ioperm), OUT(sysfs), OUT(acct), OUT(swapon),
	OUT(swapoff), OUT(init_module), OUT(delete_module), OUT(finit_module), OUT(kexec_load),
	OUT(kexec_file_load), OUT(quotactl), OUT(quotactl_fd), OUT(mbind), OUT(set_mempolicy),
	OUT(get_mempolicy), OUT(migrate_pages), OUT(move_pages), OUT(set_mempolicy_home_node),
	OUT(add_key), OUT(request_key), OUT(keyctl), OUT(perf_event_open), OUT(fanotify_init),
	OUT(fanotify_mark), OUT(process_vm_readv), OUT(process_vm_writev), OUT(kcmp),
	OUT(seccomp), OUT(bpf), OUT(userfaultfd), OUT(pkey_mprotect), OUT(pkey_alloc),
	OUT(pkey_free), OUT(rseq), OUT(io_uring_setup), OUT(io_uring_enter),
	OUT(io_uring_register), OUT(landlock_create_ruleset), OUT(landlock_add_rule),
	OUT(landlock_restrict_self), OUT(memfd_secret),
#undef OUT
};

static int is_left_out(long nr)
{
	size_t i;

	for (i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++)
		if (left_out[i] == nr)
			return 1;
	return 0;
}

/* 1: the call is there. */
static int there(long nr)
{
	pid_t parent = getpid(), pid = fork();
	int status, ms;

	if (pid == 0) {
		long ret;

		setsid();
		close(0);
		close(1);
		close(2);
		/* futex(2) answers ENOSYS to an operation that it does not know. */
		ret = syscall(nr, -1, nr == SYS_futex ? 0 : -1, -1, -1, -1, -1);
		_exit(getppid() == parent && ret == -1 && errno == ENOSYS ? 38 : 0);
	}
	for (ms = 0; waitpid(pid, &status, WNOHANG) != pid; ms++) {
		if (ms == 200)
			kill(pid, SIGKILL);	/* it blocks: there it is */
		usleep(1000);
	}
	return !WIFEXITED(status) || WEXITSTATUS(status) != 38;
}

int main(void)
{
	long nr, works = 0, unexpected = 0;

	tap_begin();
	for (nr = 0; nr < MANY; nr++) {
		int here = there(nr);

		works += here;
		if (here != (!reserved(nr) && !is_left_out(nr))) {
			unexpected++;
			diag("call %ld %s", nr, here ? "is there" : "answers ENOSYS");
		}
	}
	is(unexpected, 0, "every call works or is known to be left out");
	ok(works > 280, "%ld calls are there", works);
	return tap_done();
}
