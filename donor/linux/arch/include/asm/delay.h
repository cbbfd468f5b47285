/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_DELAY_H
#define _ASM_PILLION_DELAY_H

/*
 * Busy waits against the platform's clock; interrupts that come meanwhile are taken if they are
 * enabled.
 */
void __ndelay(unsigned long nsecs);
#define ndelay(n)	__ndelay(n)
#define udelay(n)	__ndelay((n) * 1000UL)
#define __udelay(n)	udelay(n)
#define __const_udelay(n) udelay((n) / 4295)
void __delay(unsigned long loops);

#endif
