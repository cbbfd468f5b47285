/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypercall contract as the port sees it. The rest of the donor is compiled with hidden
 * visibility; these are not.
 */
#ifndef _ASM_PILLION_RUMP_H
#define _ASM_PILLION_RUMP_H

#include <linux/errno.h>
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

/* Error numbers, positive, from this side of the border to the other and back: kernel/errno.c. */
int pillion_to_rump(int error);
int pillion_from_rump(int error);

#endif
