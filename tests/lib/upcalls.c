/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The donor's upcalls as a platform makes them. Linked from the library's parts, because the
 * library does not show them.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <rump/rumperrno.h>
#include <rump/rumpext_task.h>
#include <rump/rumpuser.h>

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

int main(void)
{
	tap_begin();
	boot(NULL);
	test_errors();
	ok(pillion_shutdown() == 0, "shutdown");
	return tap_done();
}
