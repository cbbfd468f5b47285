/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * User mode of the example platform: none. rumpext_user_info() says so, and a donor makes no
 * other call of these; a port that has address spaces replaces the file as a whole.
 *
 * Interface: rumpext_user.h. Locking: none.
 */
#include "example.h"

#include <rump/rumpext_user.h>

#define UNUSED __attribute__((__unused__))

int
rumpext_user_info(struct rumpext_user_info *info UNUSED)
{

	return RUMP_ENOTSUP;
}

int
rumpext_user_clock(struct rumpext_clock *clk UNUSED)
{

	return RUMP_ENOTSUP;
}

int
rumpext_space_create(struct rumpext_space **sp UNUSED)
{

	return RUMP_ENOMEM;
}

void
rumpext_space_destroy(struct rumpext_space *s UNUSED)
{
}

int
rumpext_space_map(struct rumpext_space *s UNUSED, uintptr_t va UNUSED, size_t len UNUSED,
    uint64_t off UNUSED, unsigned prot UNUSED)
{

	return RUMP_EINVAL;
}

void
rumpext_space_protect(struct rumpext_space *s UNUSED, uintptr_t va UNUSED, size_t len UNUSED)
{
}

void
rumpext_space_unmap(struct rumpext_space *s UNUSED, uintptr_t va UNUSED, size_t len UNUSED)
{
}

int
rumpext_user_create(struct rumpext_user **up UNUSED)
{

	return RUMP_ENOMEM;
}

void
rumpext_user_reset(struct rumpext_user *u UNUSED, const struct rumpext_user *from UNUSED)
{
}

void
rumpext_user_destroy(struct rumpext_user *u UNUSED)
{
}

void
rumpext_user_run(struct rumpext_user *u UNUSED, struct rumpext_space *s UNUSED,
    struct rumpext_regs *regs UNUSED, const volatile unsigned *work UNUSED,
    struct rumpext_trap *trap)
{

	trap->kind = RUMPEXT_TRAP_WORK;
	trap->ran = 0;
}

void
rumpext_user_kick(struct rumpext_user *u UNUSED)
{
}

void
rumpext_user_fpget(struct rumpext_user *u UNUSED, void *buf UNUSED)
{
}

int
rumpext_user_fpput(struct rumpext_user *u UNUSED, const void *buf UNUSED)
{

	return RUMP_EINVAL;
}

void
rumpext_user_restart(void)
{

	rumpuser_exit(RUMPUSER_PANIC);
}
