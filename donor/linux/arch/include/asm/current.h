/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_CURRENT_H
#define _ASM_PILLION_CURRENT_H

struct task_struct;
/* The task that the one virtual CPU runs, or ran last if it is free (see kernel/vcpu.c). */
extern struct task_struct *pillion_current;

#define get_current()	(pillion_current)
#define current		get_current()

#endif
