/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Error numbers: the host's to the contract's and back, by name.
 *
 * Interface: rumpuser__errtrans(), rumpuser__errhost(), rumpuser_seterrno().
 * Locking: none, the tables are constant.
 */
#include "posix.h"

#define BOTH(X)	\
	X(EPERM) X(ENOENT) X(ESRCH) X(EINTR) X(EIO) X(ENXIO) X(E2BIG) X(ENOEXEC) \
	X(EBADF) X(ECHILD) X(EDEADLK) X(ENOMEM) X(EACCES) X(EFAULT) X(ENOTBLK) \
	X(EBUSY) X(EEXIST) X(EXDEV) X(ENODEV) X(ENOTDIR) X(EISDIR) X(EINVAL) X(ENFILE) \
	X(EMFILE) X(ENOTTY) X(ETXTBSY) X(EFBIG) X(ENOSPC) X(ESPIPE) X(EROFS) X(EMLINK) \
	X(EPIPE) X(EDOM) X(ERANGE) X(EAGAIN) X(EINPROGRESS) X(EALREADY) X(ENOTSOCK) \
	X(EDESTADDRREQ) X(EMSGSIZE) X(EPROTOTYPE) X(ENOPROTOOPT) X(EPROTONOSUPPORT) \
	X(ESOCKTNOSUPPORT) X(EOPNOTSUPP) X(EPFNOSUPPORT) X(EAFNOSUPPORT) X(EADDRINUSE) \
	X(EADDRNOTAVAIL) X(ENETDOWN) X(ENETUNREACH) X(ENETRESET) X(ECONNABORTED) \
	X(ECONNRESET) X(ENOBUFS) X(EISCONN) X(ENOTCONN) X(ESHUTDOWN) X(ETOOMANYREFS) \
	X(ETIMEDOUT) X(ECONNREFUSED) X(ELOOP) X(ENAMETOOLONG) X(EHOSTDOWN) \
	X(EHOSTUNREACH) X(ENOTEMPTY) X(EUSERS) X(EDQUOT) X(ESTALE) X(EREMOTE) \
	X(ENOLCK) X(ENOSYS) X(EIDRM) X(ENOMSG) X(EOVERFLOW) X(EILSEQ) X(ECANCELED) \
	X(EBADMSG) X(ENODATA) X(ENOSR) X(ENOSTR) X(ETIME) X(EMULTIHOP) X(ENOLINK) \
	X(EPROTO)

static const uint8_t to_rump[] = {
#define X(e) [e] = RUMP_##e,
	BOTH(X)
#undef X
};

static const uint8_t to_host[RUMP_ELAST + 1] = {
#define X(e) [RUMP_##e] = e,
	BOTH(X)
#undef X
	[RUMP_ENOTSUP] = ENOTSUP,
	[RUMP_ENOATTR] = ENODATA,
	[RUMP_EFTYPE] = EINVAL,
	[RUMP_EAUTH] = EACCES,
	[RUMP_ENEEDAUTH] = EACCES,
	[RUMP_EPROCLIM] = EAGAIN,
};

int
rumpuser__errtrans(int hosterr)
{

	if (hosterr == 0)
		return 0;
	if (hosterr < 0 || (size_t)hosterr >= sizeof(to_rump) || to_rump[hosterr] == 0)
		return RUMP_EIO;
	return to_rump[hosterr];
}

int
rumpuser__errhost(int rumperr)
{

	if (rumperr == 0)
		return 0;
	if (rumperr < 0 || rumperr > RUMP_ELAST || to_host[rumperr] == 0)
		return EIO;
	return to_host[rumperr];
}

void
rumpuser_seterrno(int error)
{

	errno = rumpuser__errhost(error);
}
