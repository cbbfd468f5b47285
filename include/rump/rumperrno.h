/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Error numbers of the hypercall contract.
 *
 * Every error that crosses the border, in either direction, is one of these, whatever the host
 * and the donor call it themselves: rumpuser(3) fixes NetBSD's numbers, so that NetBSD's
 * components can be bound unchanged. They agree with Linux's for 1-34 except 11 (RUMP_EDEADLK
 * here, EAGAIN there), and not after.
 *
 * Interface: constants. Locking: none.
 */
#ifndef RUMP_RUMPERRNO_H
#define RUMP_RUMPERRNO_H

#define RUMP_EPERM		1	/* Operation not permitted */
#define RUMP_ENOENT		2	/* No such file or directory */
#define RUMP_ESRCH		3	/* No such process */
#define RUMP_EINTR		4	/* Interrupted */
#define RUMP_EIO		5	/* Input/output error */
#define RUMP_ENXIO		6	/* Device not configured */
#define RUMP_E2BIG		7	/* Argument or answer too long */
#define RUMP_ENOEXEC		8	/* Exec format error */
#define RUMP_EBADF		9	/* Bad file descriptor */
#define RUMP_ECHILD		10	/* No child processes */
#define RUMP_EDEADLK		11	/* Resource deadlock avoided */
#define RUMP_ENOMEM		12	/* Cannot allocate memory */
#define RUMP_EACCES		13	/* Permission denied */
#define RUMP_EFAULT		14	/* Bad address */
#define RUMP_ENOTBLK		15	/* Block device required */
#define RUMP_EBUSY		16	/* Device busy */
#define RUMP_EEXIST		17	/* File exists */
#define RUMP_EXDEV		18	/* Cross-device link */
#define RUMP_ENODEV		19	/* Operation not supported by device */
#define RUMP_ENOTDIR		20	/* Not a directory */
#define RUMP_EISDIR		21	/* Is a directory */
#define RUMP_EINVAL		22	/* Invalid argument */
#define RUMP_ENFILE		23	/* Too many open files in system */
#define RUMP_EMFILE		24	/* Too many open files */
#define RUMP_ENOTTY		25	/* Inappropriate ioctl */
#define RUMP_ETXTBSY		26	/* Text file busy */
#define RUMP_EFBIG		27	/* File too large */
#define RUMP_ENOSPC		28	/* No space left on device */
#define RUMP_ESPIPE		29	/* Illegal seek */
#define RUMP_EROFS		30	/* Read-only file system */
#define RUMP_EMLINK		31	/* Too many links */
#define RUMP_EPIPE		32	/* Broken pipe */
#define RUMP_EDOM		33	/* Argument out of domain */
#define RUMP_ERANGE		34	/* Result too large */
#define RUMP_EAGAIN		35	/* Try again */
#define RUMP_EINPROGRESS	36	/* Now in progress */
#define RUMP_EALREADY		37	/* Already in progress */
#define RUMP_ENOTSOCK		38	/* Not a socket */
#define RUMP_EDESTADDRREQ	39	/* Destination address required */
#define RUMP_EMSGSIZE		40	/* Message too long */
#define RUMP_EPROTOTYPE		41	/* Wrong protocol type */
#define RUMP_ENOPROTOOPT	42	/* Protocol option not available */
#define RUMP_EPROTONOSUPPORT	43	/* Unknown protocol */
#define RUMP_ESOCKTNOSUPPORT	44	/* Unknown socket type */
#define RUMP_EOPNOTSUPP		45	/* Operation not supported */
#define RUMP_EPFNOSUPPORT	46	/* Unknown protocol family */
#define RUMP_EAFNOSUPPORT	47	/* Unknown address family */
#define RUMP_EADDRINUSE		48	/* Address in use */
#define RUMP_EADDRNOTAVAIL	49	/* Address not available */
#define RUMP_ENETDOWN		50	/* Network down */
#define RUMP_ENETUNREACH	51	/* Network unreachable */
#define RUMP_ENETRESET		52	/* Connection dropped by reset */
#define RUMP_ECONNABORTED	53	/* Connection aborted */
#define RUMP_ECONNRESET		54	/* Connection reset */
#define RUMP_ENOBUFS		55	/* No buffer space */
#define RUMP_EISCONN		56	/* Already connected */
#define RUMP_ENOTCONN		57	/* Not connected */
#define RUMP_ESHUTDOWN		58	/* Sent after shutdown */
#define RUMP_ETOOMANYREFS	59	/* Too many references */
#define RUMP_ETIMEDOUT		60	/* Timed out */
#define RUMP_ECONNREFUSED	61	/* Connection refused */
#define RUMP_ELOOP		62	/* Too many symbolic links */
#define RUMP_ENAMETOOLONG	63	/* File name too long */
#define RUMP_EHOSTDOWN		64	/* Host is down */
#define RUMP_EHOSTUNREACH	65	/* No route to host */
#define RUMP_ENOTEMPTY		66	/* Directory not empty */
#define RUMP_EPROCLIM		67	/* Too many processes */
#define RUMP_EUSERS		68	/* Too many users */
#define RUMP_EDQUOT		69	/* Quota exceeded */
#define RUMP_ESTALE		70	/* Stale file handle */
#define RUMP_EREMOTE		71	/* Too many levels of remote */
#define RUMP_EBADRPC		72	/* RPC structure bad */
#define RUMP_ERPCMISMATCH	73	/* RPC version wrong */
#define RUMP_EPROGUNAVAIL	74	/* RPC program not available */
#define RUMP_EPROGMISMATCH	75	/* Program version wrong */
#define RUMP_EPROCUNAVAIL	76	/* Bad procedure */
#define RUMP_ENOLCK		77	/* No locks available */
#define RUMP_ENOSYS		78	/* Not implemented */
#define RUMP_EFTYPE		79	/* Inappropriate file type */
#define RUMP_EAUTH		80	/* Authentication error */
#define RUMP_ENEEDAUTH		81	/* Need authenticator */
#define RUMP_EIDRM		82	/* Identifier removed */
#define RUMP_ENOMSG		83	/* No such message */
#define RUMP_EOVERFLOW		84	/* Value too large */
#define RUMP_EILSEQ		85	/* Illegal byte sequence */
#define RUMP_ENOTSUP		86	/* Not supported */
#define RUMP_ECANCELED		87	/* Cancelled */
#define RUMP_EBADMSG		88	/* Bad message */
#define RUMP_ENODATA		89	/* No message available */
#define RUMP_ENOSR		90	/* No stream resources */
#define RUMP_ENOSTR		91	/* Not a stream */
#define RUMP_ETIME		92	/* Stream timed out */
#define RUMP_ENOATTR		93	/* Attribute not found */
#define RUMP_EMULTIHOP		94	/* Multihop attempted */
#define RUMP_ENOLINK		95	/* Link severed */
#define RUMP_EPROTO		96	/* Protocol error */

#define RUMP_EWOULDBLOCK	RUMP_EAGAIN
#define RUMP_ELAST		96

#endif /* RUMP_RUMPERRNO_H */
