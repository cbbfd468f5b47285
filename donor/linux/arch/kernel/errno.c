// SPDX-License-Identifier: GPL-2.0-only
/*
 * Error numbers: the donor's to the contract's (include/rump/rumperrno.h) and back, by name.
 *
 * Locking: none, the tables are constant.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <asm/rump.h>

#define ERRORS(X)	\
	X(EPERM) X(ENOENT) X(ESRCH) X(EINTR) X(EIO) X(ENXIO) X(E2BIG) X(ENOEXEC) X(EBADF) \
	X(ECHILD) X(EDEADLK) X(ENOMEM) X(EACCES) X(EFAULT) X(ENOTBLK) X(EBUSY) X(EEXIST) \
	X(EXDEV) X(ENODEV) X(ENOTDIR) X(EISDIR) X(EINVAL) X(ENFILE) X(EMFILE) X(ENOTTY) \
	X(ETXTBSY) X(EFBIG) X(ENOSPC) X(ESPIPE) X(EROFS) X(EMLINK) X(EPIPE) X(EDOM) X(ERANGE) \
	X(EAGAIN) X(EINPROGRESS) X(EALREADY) X(ENOTSOCK) X(EDESTADDRREQ) X(EMSGSIZE) \
	X(EPROTOTYPE) X(ENOPROTOOPT) X(EPROTONOSUPPORT) X(ESOCKTNOSUPPORT) X(EOPNOTSUPP) \
	X(EPFNOSUPPORT) X(EAFNOSUPPORT) X(EADDRINUSE) X(EADDRNOTAVAIL) X(ENETDOWN) \
	X(ENETUNREACH) X(ENETRESET) X(ECONNABORTED) X(ECONNRESET) X(ENOBUFS) X(EISCONN) \
	X(ENOTCONN) X(ESHUTDOWN) X(ETOOMANYREFS) X(ETIMEDOUT) X(ECONNREFUSED) X(ELOOP) \
	X(ENAMETOOLONG) X(EHOSTDOWN) X(EHOSTUNREACH) X(ENOTEMPTY) X(EUSERS) X(EDQUOT) \
	X(ESTALE) X(EREMOTE) X(ENOLCK) X(ENOSYS) X(EIDRM) X(ENOMSG) X(EOVERFLOW) X(EILSEQ) \
	X(ECANCELED) X(EBADMSG) X(ENODATA) X(ENOSR) X(ENOSTR) X(ETIME) X(EMULTIHOP) X(ENOLINK) \
	X(EPROTO)

static const u8 to_rump[] = {
#define X(e) [e] = RUMP_##e,
	ERRORS(X)
#undef X
};

static const u8 from_rump[RUMP_ELAST + 1] = {
#define X(e) [RUMP_##e] = e,
	ERRORS(X)
#undef X
	/* The contract's that have no namesake here. */
	[RUMP_ENOTSUP] = EOPNOTSUPP,
	[RUMP_ENOATTR] = ENODATA,
	[RUMP_EPROCLIM] = EAGAIN,
};

/* What a table does not have is EIO. */
int pillion_to_rump(int error)
{
	switch (error) {
	case 0:
		return 0;
	case ERESTARTSYS:	/* whoever asked is no system call that could be made again */
	case ERESTARTNOINTR:
	case ERESTARTNOHAND:
	case ERESTART_RESTARTBLOCK:
		return RUMP_EINTR;
	}
	if (error < 0 || error >= ARRAY_SIZE(to_rump) || !to_rump[error])
		return RUMP_EIO;
	return to_rump[error];
}

int pillion_from_rump(int error)
{
	if (!error)
		return 0;
	if (error < 0 || error > RUMP_ELAST || !from_rump[error])
		return EIO;
	return from_rump[error];
}
