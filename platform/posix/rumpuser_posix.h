/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an embedder (libpillion) sets up at the POSIX platform. Not part of the hypercall
 * contract, and not for donors. Errors are RUMP_E* numbers unless said otherwise.
 *
 * Locking: set up before rump_init() unless stated; the hooks may be called from any thread.
 */
#ifndef RUMPUSER_POSIX_H
#define RUMPUSER_POSIX_H

#include <stddef.h>
#include <stdint.h>

struct rumpuser_iovec;

/*
 * Parameters. Set name for rumpuser_getparam(), before the environment's; NULL value: unset
 * again. noenv != 0: from now on the environment is not looked at. The platform itself reads
 *	RUMPUSER_BIO_THREADS	most I/O threads (4)
 *	RUMPUSER_BIO_SPIN	microseconds for which an idle one looks for work before it sleeps
 *				(20; 0 when there is one CPU)
 *	RUMPUSER_BIO_INLINE	most bytes of a transfer that is tried on the caller's own thread,
 *				where the host can tell that it would not block (65536; 0: never)
 *	RUMPUSER_ARENA_POPULATE	bytes of the arena, from its start, backed by memory at once (0)
 *	RUMPUSER_TIMERSLACK	nanoseconds of timer slack of the donor's threads (1000)
 *	RUMPUSER_READ_LOCK	0: opening for reading takes no lock (1)
 */
int rumpuser_posix_param_set(const char *name, const char *value);
void rumpuser_posix_param_noenv(int noenv);

/*
 * Console output goes to sink, a line at a time (or as much as there is when the donor waits for
 * input or ends), or to standard error without one. Input: bytes that the donor can read with
 * rumpext_console_read(); returns how many were taken (the rest found no room).
 */
void rumpuser_posix_console_sink(void (*sink)(void *arg, const char *buf, size_t len), void *arg);
size_t rumpuser_posix_console_input(const char *buf, size_t len);

/*
 * rumpuser_kill() calls the hook, and does nothing without one: never a signal of the host.
 * rumpuser_exit(value) calls the hook (value RUMPUSER_PANIC: -1) and, if it returns or there is
 * none, ends the process: exit(value), or for a panic _exit(RUMPUSER_POSIX_PANIC_STATUS) after a
 * message.
 */
#define RUMPUSER_POSIX_PANIC_STATUS	134
void rumpuser_posix_kill_hook(void (*hook)(void *arg, int64_t pid, int sig), void *arg);
void rumpuser_posix_exit_hook(void (*hook)(void *arg, int value), void *arg);

/*
 * Named block devices, for rumpuser_open() with RUMPUSER_OPEN_BIO. A name hides a path that is
 * spelled the same. May be called at any time. RUMP_EEXIST: the name is taken. remove: RUMP_EBUSY
 * while it is open.
 *
 * mem: len bytes at base, the caller's until removed.
 * fd: an open file or block device, the caller's until removed; with OWNFD the platform's, which
 *	closes it on failure too. Read-only if the descriptor is.
 *	OVERLAY: writes go to memory of the process, over the file, which gets not one byte; the
 *	descriptor may be read-only while the device is writable. NOLOCK: take no lock; otherwise
 *	RUMP_EBUSY while another process (or another open) writes it, or, for a writable one,
 *	reads it.
 * cb: functions of the embedder's, called from I/O threads, several at once; each returns 0 or
 *	RUMP_E*, having done the whole. flush, discard, zeroes may be NULL. write NULL: read-only.
 */
#define RUMPUSER_POSIX_BLK_RDONLY	0x01
#define RUMPUSER_POSIX_BLK_OVERLAY	0x02
#define RUMPUSER_POSIX_BLK_NOLOCK	0x04
#define RUMPUSER_POSIX_BLK_OWNFD	0x08
struct rumpuser_posix_blkops {
	int	(*read)(void *arg, const struct rumpuser_iovec *iov, size_t iovcnt,
		    uint64_t off, uint64_t len);
	int	(*write)(void *arg, const struct rumpuser_iovec *iov, size_t iovcnt,
		    uint64_t off, uint64_t len, int fua);
	int	(*flush)(void *arg);
	int	(*discard)(void *arg, uint64_t off, uint64_t len);
	int	(*zeroes)(void *arg, uint64_t off, uint64_t len, int fua);
};
int rumpuser_posix_blk_mem(const char *name, void *base, uint64_t len, unsigned flags);
int rumpuser_posix_blk_fd(const char *name, int fd, unsigned flags);
int rumpuser_posix_blk_cb(const char *name, const struct rumpuser_posix_blkops *ops, void *arg,
    uint64_t size, uint32_t sectsize, unsigned flags);
int rumpuser_posix_blk_remove(const char *name);
/* Has name an overlay that something was written to? 1, 0; -1: no such device. */
int rumpuser_posix_blk_overlaid(const char *name);

/*
 * For tests: called before each request is carried out, on the thread that does it. A result
 * other than 0 (a RUMP_E*) fails the request without doing it. op: RUMPEXT_BIO_* with FUA. iov:
 * the data of a write.
 */
struct rumpuser_posix_ioreq {
	const char	*io_name;
	int		 io_op;
	uint64_t	 io_off, io_len;
	const struct rumpuser_iovec *io_iov;
	size_t		 io_iovcnt;
};
void rumpuser_posix_bio_hook(int (*hook)(void *arg, const struct rumpuser_posix_ioreq *),
    void *arg);

/*
 * Name an open tap descriptor (IFF_TAP | IFF_NO_PI | IFF_VNET_HDR, TUNSETIFF done) for
 * rumpcomp_virt_create(), which takes it over. Without one a devstr is the name of a tap
 * interface, or N for tapN.
 */
int rumpuser_posix_tap_fd(const char *name, int fd);

/*
 * Install the handler for SIGSEGV and SIGBUS that rumpext_copy() relies on (rumpuser_init() does
 * it too). It takes faults of the copy routine only and passes everything else to the action that
 * was there before. An application that installs a handler later must pass on what is not its own
 * in the same way, and must not block either signal in a thread that enters the donor.
 */
int rumpuser_posix_fault_init(void);

/*
 * Give the calling thread (on) a stack for signal handlers of its own, so that a donor's stack
 * overflow can be told, or take it away again before the thread ends. Nothing if it has one that
 * is not from here.
 */
void rumpuser_posix_altstack(int on);

/*
 * After the donor has halted: join the platform's threads, free the arena, the devices and the
 * parameters, put the signal actions back. Everything can be set up again after it.
 */
void rumpuser_posix_fini(void);

#endif /* RUMPUSER_POSIX_H */
