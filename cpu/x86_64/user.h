/* SPDX-License-Identifier: BSD-2-Clause */
/* Floating-point state: user.c's interface to cpu.c. */
#ifndef CPU_USER_H
#define CPU_USER_H

void user_init(void);		/* size of the state; on each CPU */

#endif /* CPU_USER_H */
