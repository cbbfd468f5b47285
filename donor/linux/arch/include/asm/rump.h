/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypercall contract as the port sees it. The rest of the donor is compiled with hidden
 * visibility; these are not.
 */
#ifndef _ASM_PILLION_RUMP_H
#define _ASM_PILLION_RUMP_H

#include <linux/types.h>

#pragma GCC visibility push(default)
#include <rump/rumpuser.h>
#include <rump/rumpcomp_pci.h>
#include <rump/rumpcomp_virtif.h>
#include <rump/rumpext_vm.h>
#include <rump/rumpext_copy.h>
#include <rump/rumpext_block.h>
#include <rump/rumpext_virtif.h>
#include <rump/rumpext_bus.h>
#include <rump/rumpext_task.h>
#include <rump/rumpext_user.h>
#include <rump/rumperrno.h>
#pragma GCC visibility pop

#include <linux/errno.h>

/*
 * The two error spaces agree up to ERANGE but for EAGAIN; of what lies behind, this much crosses
 * the border.
 */
static inline int pillion_to_rump(int error)
{
	switch (error) {
	case EAGAIN:
		return RUMP_EAGAIN;
	case ETIMEDOUT:
		return RUMP_ETIMEDOUT;
	case EOPNOTSUPP:
		return RUMP_EOPNOTSUPP;
	default:
		return error <= ERANGE ? error : RUMP_EIO;
	}
}

static inline int pillion_from_rump(int error)
{
	switch (error) {
	case RUMP_EAGAIN:
		return EAGAIN;
	case RUMP_ETIMEDOUT:
		return ETIMEDOUT;
	case RUMP_EOPNOTSUPP:
		return EOPNOTSUPP;
	default:
		return error <= ERANGE ? error : EIO;
	}
}

#endif
