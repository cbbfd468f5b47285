/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * User mode on a host process: there is none. A donor that is configured for programs links here
 * all the same, is told so once, and starts none.
 *
 * Interface: rumpext_user.h. Locking: none.
 */
#include "posix.h"

#include <rump/rumpext_user.h>

int
rumpext_user_info(struct rumpext_user_info *info)
{

	(void)info;
	return RUMP_ENOTSUP;
}

int
rumpext_user_clock(struct rumpext_clock *clk)
{

	(void)clk;
	return RUMP_ENOTSUP;
}

/* What no donor calls after that answer. */

int
rumpext_space_create(struct rumpext_space **sp)
{

	(void)sp;
	return RUMP_ENOMEM;
}

void
rumpext_space_destroy(struct rumpext_space *s)
{

	(void)s;
}

int
rumpext_space_map(struct rumpext_space *s, uintptr_t va, size_t len, uint64_t off, unsigned prot)
{

	(void)s;
	(void)va;
	(void)len;
	(void)off;
	(void)prot;
	return RUMP_EINVAL;
}

void
rumpext_space_protect(struct rumpext_space *s, uintptr_t va, size_t len)
{

	(void)s;
	(void)va;
	(void)len;
}

void
rumpext_space_unmap(struct rumpext_space *s, uintptr_t va, size_t len)
{

	(void)s;
	(void)va;
	(void)len;
}

int
rumpext_user_create(struct rumpext_user **up)
{

	(void)up;
	return RUMP_ENOMEM;
}

void
rumpext_user_reset(struct rumpext_user *u, const struct rumpext_user *from)
{

	(void)u;
	(void)from;
}

void
rumpext_user_destroy(struct rumpext_user *u)
{

	(void)u;
}

void
rumpext_user_run(struct rumpext_user *u, struct rumpext_space *s, struct rumpext_regs *regs,
    const volatile unsigned *work, struct rumpext_trap *trap)
{

	(void)u;
	(void)s;
	(void)regs;
	(void)work;
	trap->kind = RUMPEXT_TRAP_WORK;
	trap->ran = 0;
}

void
rumpext_user_kick(struct rumpext_user *u)
{

	(void)u;
}

void
rumpext_user_fpget(struct rumpext_user *u, void *buf)
{

	(void)u;
	(void)buf;
}

int
rumpext_user_fpput(struct rumpext_user *u, const void *buf)
{

	(void)u;
	(void)buf;
	return RUMP_EINVAL;
}

void
rumpext_user_restart(void)
{

	rumpuser_exit(RUMPUSER_PANIC);
}
