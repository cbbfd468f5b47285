/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Private to libpillion: the two error spaces. Upcalls and the platform's functions answer with
 * the contract's RUMP_E* (positive), which differ from Linux's from 35 on; system calls with
 * Linux's. The platform knows how to tell.
 */
#ifndef PILLION_LIB_H
#define PILLION_LIB_H

/* 0 if the donor is up, and the calling thread is remembered as one that uses it; or -ENODEV. */
int pillion__ready(void);

int rumpuser__errhost(int rumperr);
int rumpuser__errtrans(int hosterr);
#define pillion_platform_errno(error)	rumpuser__errhost(error)
#define pillion_contract_errno(error)	rumpuser__errtrans(error)

#endif
