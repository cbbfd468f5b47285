/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Error numbers. Those of the hypercall contract (include/rump/rumperrno.h), so that a platform
 * on the nucleus passes them on as they are.
 */
#ifndef NUCLEUS_ERROR_H
#define NUCLEUS_ERROR_H

enum {
	E_PERM		= 1,
	E_NOENT		= 2,
	E_INTR		= 4,
	E_IO		= 5,
	E_NXIO		= 6,
	E_NOEXEC	= 8,
	E_BADF		= 9,
	E_CHILD		= 10,
	E_NOMEM		= 12,
	E_FAULT		= 14,
	E_BUSY		= 16,
	E_EXIST		= 17,
	E_NODEV		= 19,
	E_INVAL		= 22,
	E_NOSPC		= 28,
	E_DEAD		= 32,		/* the contract's EPIPE: nobody is at the other end */
	E_RANGE		= 34,
	E_AGAIN		= 35,
	E_TIMEDOUT	= 60,
	E_NOSYS		= 78,
	ERROR_MAX	= 95,
};

#endif /* NUCLEUS_ERROR_H */
