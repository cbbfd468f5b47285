/* SPDX-License-Identifier: GPL-2.0-only */
/* The hypercall contract as the port sees it. The rest of the donor is compiled with hidden visibility; these are not. */
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
#pragma GCC visibility pop

#endif
