/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hypercalls of rumpuser(3), ABI version 17: what a donor kernel asks of whatever it runs on.
 *
 * A platform implements every function of this file; a donor calls them. The binary interface
 * (names, argument types, numbers, the layout of struct rumpuser_hyperup) is NetBSD's, so that
 * NetBSD's own rump components bind to the same platform. The rumpuser_sp_* family (remote system
 * calls) is not part of it.
 *
 * Words and rules that hold for every function below:
 *
 * Errors. A function that returns int returns 0 or a RUMP_E* number of <rump/rumperrno.h>. Results
 *	come through pointers, which are written on success only. A function whose text names no
 *	error does not fail; it ends the program (see rumpuser_exit) if it cannot do its work.
 *
 * The donor's CPU. The donor's code runs while holding one of its virtual CPUs. Each function falls
 *	in one of three classes, named in its text:
 *	[nonblocking]	returns after a bounded time and makes no upcall.
 *	[wraps]		may block. Around the part that blocks it calls
 *			hyp_backend_unschedule(0, &n, interlock) and afterwards
 *			hyp_backend_schedule(n, interlock), once each, so that the donor's CPU
 *			serves others meanwhile. interlock is NULL unless stated. A call that is
 *			refused for its arguments may leave the pair out.
 *	[nowrap]	may block, makes no upcall: the caller does not hold a CPU of the donor,
 *			or wants to keep it.
 *	Where a text says "if it blocks", the pair of upcalls is made in that case only. Before
 *	rumpuser_init() has told the upcalls, none is made.
 *
 * Context. Any thread may call any function, whether or not rumpuser_thread_create() made the
 *	thread, except from a signal handler or an interrupt, unless stated. No function is a
 *	cancellation point.
 *
 * Ownership. Strings and structures passed in are the caller's and are not used after return,
 *	buffers under asynchronous I/O excepted. Objects made by an init or create function belong
 *	to the donor until it calls the matching destroy.
 *
 * Memory order. Mutexes, reader-writer locks, condition variables, thread creation and joining, and
 *	the calling of a completion function order memory as the C11 locks and threads do.
 *
 * Locking: stated for each object.
 */
#ifndef RUMP_RUMPUSER_H
#define RUMP_RUMPUSER_H

#include <rump/rumptypes.h>
#include <rump/rumperrno.h>

#define RUMPUSER_VERSION 17

struct lwp;
struct modinfo;
struct rump_component;

/*
 * Upcalls: what the donor tells the platform in rumpuser_init(). The platform copies the
 * structure. A pid is 32 bits. Offsets are fixed (tests/conformance/abi.c).
 */
struct rumpuser_hyperup {
	/*
	 * Enter and leave the donor: get, give up, a virtual CPU for the calling thread. A thread
	 * with no lwp of its own (hyp_lwproc_newlwp) gets a temporary one between the two.
	 */
	void	(*hyp_schedule)(void);
	void	(*hyp_unschedule)(void);
	/*
	 * The pair that a [wraps] hypercall makes. unschedule: gives up the CPU and as many
	 * recursive holds of the donor's big lock as it has, writes their number to *countp; the
	 * first argument is 0. schedule: takes both back. interlock: NULL, or the mutex a
	 * condition variable waits with.
	 */
	void	(*hyp_backend_unschedule)(int nlocks, int *countp, void *interlock);
	void	(*hyp_backend_schedule)(int nlocks, void *interlock);
	/* Thread contexts. The calling thread holds a CPU (hyp_schedule). */
	void	(*hyp_lwproc_switch)(struct lwp *);
	void	(*hyp_lwproc_release)(void);
	int	(*hyp_lwproc_rfork)(void *priv, int flags, const char *comm);
	int	(*hyp_lwproc_newlwp)(int32_t pid);
	struct lwp *(*hyp_lwproc_curlwp)(void);
	/* One system call by the donor's number, on the calling thread's lwp. */
	int	(*hyp_syscall)(int num, void *arg, long *retval);
	void	(*hyp_lwpexit)(void);
	void	(*hyp_execnotify)(const char *comm);
	int32_t	(*hyp_getpid)(void);
	void	*hyp__extra[8];
};

/*
 * rumpuser_init: the donor's first hypercall but rumpuser_dprintf, _putchar, _getparam and
 * _malloc. version: the ABI the donor was built against. hyp: the upcalls, copied; a donor that
 * calls again (a second boot in one process) replaces them. [nonblocking]
 * RUMP_EINVAL: the platform does not implement that version; nothing has changed.
 */
int rumpuser_init(int version, const struct rumpuser_hyperup *hyp);

/*
 * Memory.
 *
 * rumpuser_malloc: len bytes, not zeroed, at a multiple of alignment (a power of two; 0: good for
 * any C object), to *memp. len 0 gives a valid pointer for rumpuser_free(). [nonblocking]
 * RUMP_ENOMEM; RUMP_EINVAL: alignment is not a power of two.
 * rumpuser_free: gives back what rumpuser_malloc gave; len is what was asked for. NULL is
 * allowed.
 */
int rumpuser_malloc(size_t len, int alignment, void **memp);
void rumpuser_free(void *mem, size_t len);

/*
 * rumpuser_anonmmap: size bytes (rounded up to pages) of zeroed memory in whole pages to *memp,
 * aligned to 1 << alignbit bytes (0: a page); prefaddr is a wish, NULL for none. exec != 0: code
 * may be run there.
 * Physical memory is taken at first touch where the platform can. The platform may keep an
 * inaccessible page below the memory, so that a stack that overflows faults. [nonblocking]
 * RUMP_ENOMEM; RUMP_EINVAL: size 0, alignbit not within 0..(bits of an address - 1); RUMP_EACCES:
 * the platform allows no memory both writable and executable.
 * rumpuser_unmap: gives back one whole mapping of rumpuser_anonmmap, mem and len as they were
 * then. (Also serves mappings of I/O hypercalls that say so.) [nonblocking]
 */
int rumpuser_anonmmap(void *prefaddr, size_t size, int alignbit, int exec, void **memp);
void rumpuser_unmap(void *mem, size_t len);

/*
 * Files and block I/O.
 *
 * Names are the platform's: host paths, names of attached devices. off and sizes are bytes.
 *
 * rumpuser_open: one of RDONLY, WRONLY, RDWR; CREATE makes a missing regular file; with EXCL an
 * existing one is RUMP_EEXIST. BIO: for rumpuser_bio() and rumpext_biov(); the platform sees to
 * it that no two users have the same thing open for writing with BIO, across processes too where
 * the host can. The result is closed over exec. [wraps]
 * RUMP_ENOENT, RUMP_EACCES, RUMP_EROFS, RUMP_EINVAL (flags), RUMP_EBUSY (BIO: in use),
 * RUMP_EMFILE, RUMP_ENOMEM, others of the host.
 * rumpuser_close: no I/O on fd may be outstanding. RUMP_EBADF. [wraps]
 */
#define RUMPUSER_OPEN_RDONLY	0x0000
#define RUMPUSER_OPEN_WRONLY	0x0001
#define RUMPUSER_OPEN_RDWR	0x0002
#define RUMPUSER_OPEN_ACCMODE	0x0003
#define RUMPUSER_OPEN_CREATE	0x0004
#define RUMPUSER_OPEN_EXCL	0x0008
#define RUMPUSER_OPEN_BIO	0x0010
int rumpuser_open(const char *name, int flags, int *fdp);
int rumpuser_close(int fd);

/*
 * rumpuser_getfileinfo: size in bytes (block devices: of the medium) and type of a name; sizep
 * and typep may each be NULL. A symbolic link is followed. [wraps] Errors as rumpuser_open.
 */
#define RUMPUSER_FT_OTHER	0
#define RUMPUSER_FT_DIR		1
#define RUMPUSER_FT_REG		2
#define RUMPUSER_FT_BLK		3
#define RUMPUSER_FT_CHR		4
int rumpuser_getfileinfo(const char *name, uint64_t *sizep, int *typep);

/*
 * rumpuser_bio: start a transfer of len bytes at off and return; does not block on the medium.
 * op: READ or WRITE, and with WRITE perhaps SYNC: stable on the medium before done is called.
 * Exactly one call of done(arg, bytes, error) follows, from a thread of the platform that holds a
 * CPU of the donor for the call (hyp_schedule before, hyp_unschedule after; the thread has an lwp
 * of process 0). bytes is the number transferred: len, unless error, or a read at or past the end
 * of the medium. Transfers may be done in any order. data is untouched by the donor until done.
 * Also called holding the donor's CPU. error: RUMP_EBADF (fd not for this), RUMP_EIO, RUMP_EROFS,
 * RUMP_ENOSPC, RUMP_EINVAL (op, off), ...
 */
#define RUMPUSER_BIO_READ	0x01
#define RUMPUSER_BIO_WRITE	0x02
#define RUMPUSER_BIO_SYNC	0x04
typedef void (*rump_biodone_fn)(void *arg, size_t bytes, int error);
void rumpuser_bio(int fd, int op, void *data, size_t len, int64_t off, rump_biodone_fn done,
    void *arg);

/*
 * rumpuser_iovread, rumpuser_iovwrite: transfer between the iovcnt pieces of iov and fd at off,
 * or at fd's own position for RUMPUSER_IOV_NOSEEK (which it advances). *retp: bytes transferred,
 * which is less than asked only at the end of a file or where the host transfers in units
 * (terminals, pipes). [wraps] RUMP_EBADF, RUMP_EINVAL (iovcnt, off), RUMP_EFAULT, RUMP_EIO,
 * RUMP_ENOSPC, RUMP_ESPIPE, ...
 */
struct rumpuser_iovec {
	void	*iov_base;
	size_t	iov_len;
};
#define RUMPUSER_IOV_NOSEEK	(-1)
int rumpuser_iovread(int fd, struct rumpuser_iovec *iov, size_t iovcnt, int64_t off, size_t *retp);
int rumpuser_iovwrite(int fd, const struct rumpuser_iovec *iov, size_t iovcnt, int64_t off,
    size_t *retp);

/*
 * rumpuser_syncfd: order the I/O on bytes [start, start+len) of fd (len 0: to the end). flags:
 * READ or WRITE or both, the kinds meant; BARRIER: earlier ones happen before later ones; SYNC:
 * earlier writes are stable on return. A platform may do more than asked. [wraps]
 * RUMP_EINVAL: neither kind named; RUMP_EBADF; RUMP_EIO.
 */
#define RUMPUSER_SYNCFD_READ	0x01
#define RUMPUSER_SYNCFD_WRITE	0x02
#define RUMPUSER_SYNCFD_BOTH	(RUMPUSER_SYNCFD_READ | RUMPUSER_SYNCFD_WRITE)
#define RUMPUSER_SYNCFD_BARRIER	0x04
#define RUMPUSER_SYNCFD_SYNC	0x08
int rumpuser_syncfd(int fd, int flags, uint64_t start, uint64_t len);

/*
 * Time.
 *
 * RELWALL: the wall clock, seconds since 1970 UTC; a sleep on it is a length of time. ABSMONO: a
 * clock that never goes back, from an arbitrary start; a sleep on it is until an instant of that
 * clock (in the past: return at once). nsec is 0..999999999.
 *
 * rumpuser_clock_gettime: RUMP_EINVAL: unknown clock. [nonblocking; tens of nanoseconds]
 * rumpuser_clock_sleep: not earlier than asked. RUMP_EINVAL: unknown clock, nsec out of range,
 * sec < 0
 * with RELWALL. [wraps]
 */
#define RUMPUSER_CLOCK_RELWALL	0
#define RUMPUSER_CLOCK_ABSMONO	1
int rumpuser_clock_gettime(int clk, int64_t *sec, long *nsec);
int rumpuser_clock_sleep(int clk, int64_t sec, long nsec);

/*
 * rumpuser_getparam: the value of a parameter as a NUL-terminated string in buf of blen bytes.
 * Names that begin with _RUMPUSER are the platform's to answer, always; of the rest it knows what
 * its user has set (a command line, the environment). [nonblocking]
 * RUMP_ENOENT: not set; RUMP_EINVAL: an unknown _RUMPUSER name; RUMP_E2BIG: buf is too small.
 */
#define RUMPUSER_PARAM_NCPU	"_RUMPUSER_NCPU"	/* CPUs it may use, decimal */
#define RUMPUSER_PARAM_HOSTNAME	"_RUMPUSER_HOSTNAME"	/* a host name for this kernel */
int rumpuser_getparam(const char *name, void *buf, size_t blen);

/*
 * Console output. Both may be called in any state, also while the donor panics; the bytes are
 * kept in order and may be held back until a newline. [nonblocking as far as the console allows]
 * rumpuser_putchar: one byte. rumpuser_dprintf: diagnostics, printf's conventions less floating
 * point.
 */
void rumpuser_putchar(int ch);
void rumpuser_dprintf(const char *fmt, ...) __attribute__((__format__(__printf__, 1, 2)));

/*
 * rumpuser_kill: the donor sends a signal (NetBSD's or its own number: the platform's
 * documentation says) to a process of the platform, RUMPUSER_PID_SELF for the one it runs in.
 * What that does is the platform's policy; doing nothing is allowed. RUMP_ESRCH, RUMP_EINVAL.
 * [nonblocking]
 * rumpuser_exit: end the program with value 0..255, or RUMPUSER_PANIC: abnormally, so that it can
 * be told from any value. Console output is complete. Never returns.
 */
#define RUMPUSER_PID_SELF	((int64_t)-1)
int rumpuser_kill(int64_t pid, int sig);
#define RUMPUSER_PANIC		(-1)
void rumpuser_exit(int value) __attribute__((__noreturn__));

/* rumpuser_seterrno: store error, as the host's number, where the host's C keeps errno. */
void rumpuser_seterrno(int error);

/*
 * rumpuser_getrandom: unpredictable bytes, at most len, to buf; *retp is how many, at least 1 if
 * len is not 0. HARD: from the best source, at whatever cost. NOWAIT: RUMP_EAGAIN rather than
 * blocking
 * (then [nonblocking]). RUMP_EINVAL: unknown flags. [wraps, if it blocks]
 */
#define RUMPUSER_RANDOM_HARD	0x01
#define RUMPUSER_RANDOM_NOWAIT	0x02
int rumpuser_getrandom(void *buf, size_t len, int flags, size_t *retp);

/*
 * Threads.
 *
 * rumpuser_thread_create: run f(arg) on a new thread. name: for people, copied, may be cut short.
 * mustjoin != 0: the thread stays until rumpuser_thread_join(*cookiep); else it is gone when it
 * ends, and cookiep may be NULL. priority and cpuidx are wishes, -1: none. The thread starts
 * without an lwp and without the donor's CPU, and no signal of the host is delivered to it.
 * [nonblocking] RUMP_EAGAIN, RUMP_ENOMEM.
 * rumpuser_thread_exit: end the calling thread, which rumpuser_thread_create made; returning from
 * f does the same.
 * rumpuser_thread_join: wait until the thread has ended; cookie is spent. RUMP_EINVAL: cookie
 * NULL. [wraps]
 */
int rumpuser_thread_create(void *(*f)(void *), void *arg, const char *name, int mustjoin,
    int priority, int cpuidx, void **cookiep);
void rumpuser_thread_exit(void) __attribute__((__noreturn__));
int rumpuser_thread_join(void *cookie);

/*
 * Mutexes. Not recursive. Not held across the end of a thread.
 *
 * rumpuser_mutex_init: SPIN: rumpuser_mutex_enter() never gives up the donor's CPU for it.
 * KMUTEX: it stands for a mutex of the donor, and its owner is known. Both may be given.
 * rumpuser_mutex_enter: KMUTEX without SPIN: [wraps] if it blocks, without upcalls otherwise.
 * Else as rumpuser_mutex_enter_nowrap [nowrap].
 * rumpuser_mutex_tryenter: RUMP_EBUSY if it is held. [nonblocking]
 * rumpuser_mutex_exit: called by the thread that entered. [nonblocking]
 * rumpuser_mutex_owner: the lwp (rumpuser_curlwp() of its owner when it entered), NULL if not
 * held. Meaningful for KMUTEX only; exact when the answer is the caller's own lwp or the caller
 * holds it.
 * rumpuser_mutex_destroy: not held, nobody waits.
 */
#define RUMPUSER_MTX_SPIN	0x01
#define RUMPUSER_MTX_KMUTEX	0x02
struct rumpuser_mtx;
void rumpuser_mutex_init(struct rumpuser_mtx **mtxp, int flags);
void rumpuser_mutex_enter(struct rumpuser_mtx *mtx);
void rumpuser_mutex_enter_nowrap(struct rumpuser_mtx *mtx);
int rumpuser_mutex_tryenter(struct rumpuser_mtx *mtx);
void rumpuser_mutex_exit(struct rumpuser_mtx *mtx);
void rumpuser_mutex_owner(struct rumpuser_mtx *mtx, struct lwp **lp);
void rumpuser_mutex_destroy(struct rumpuser_mtx *mtx);

/*
 * Reader-writer locks. Not recursive, neither way: a reader that enters again may wait for ever
 * behind a writer.
 *
 * rumpuser_rw_enter: [wraps] if it blocks, without upcalls otherwise.
 * rumpuser_rw_tryenter: RUMP_EBUSY if it would block. [nonblocking]
 * rumpuser_rw_tryupgrade: a reader becomes the writer; RUMP_EBUSY, and still a reader, if there
 * are others.
 * rumpuser_rw_downgrade: the writer becomes a reader, nobody writes in between.
 * rumpuser_rw_exit: either kind.
 * rumpuser_rw_held: WRITER: *heldp != 0 if the caller's lwp is the writer; READER: if any reader
 * holds it.
 */
#define RUMPUSER_RW_READER	0
#define RUMPUSER_RW_WRITER	1
struct rumpuser_rw;
void rumpuser_rw_init(struct rumpuser_rw **rwp);
void rumpuser_rw_enter(int kind, struct rumpuser_rw *rw);
int rumpuser_rw_tryenter(int kind, struct rumpuser_rw *rw);
int rumpuser_rw_tryupgrade(struct rumpuser_rw *rw);
void rumpuser_rw_downgrade(struct rumpuser_rw *rw);
void rumpuser_rw_exit(struct rumpuser_rw *rw);
void rumpuser_rw_held(int kind, struct rumpuser_rw *rw, int *heldp);
void rumpuser_rw_destroy(struct rumpuser_rw *rw);

/*
 * Condition variables. All waiters of one at one time use one mutex. Waits may end early, without
 * a signal: callers loop over their condition. A signal reaches a thread that was waiting when it
 * was sent.
 *
 * rumpuser_cv_wait: release mtx and wait, as one step with respect to holders of mtx; take it
 * again.
 * [wraps] with interlock mtx: unschedules while it still holds mtx. On the way back a mutex that
 * is both SPIN and KMUTEX is taken after hyp_backend_schedule(), any other before.
 * rumpuser_cv_wait_nowrap: the same. [nowrap]
 * rumpuser_cv_timedwait: for at most sec seconds and nsec nanoseconds from now; RUMP_ETIMEDOUT
 * then, mtx held all the same. Not early. nsec may be any value that is not negative. [wraps] as
 * rumpuser_cv_wait.
 * rumpuser_cv_signal, _broadcast: wake one, all, of those that wait now; with or without the
 * mutex held.
 * [nonblocking; without a waiter a few instructions]
 * rumpuser_cv_has_waiters: *np != 0 if there is one; exact while the mutex is held.
 * rumpuser_cv_destroy: nobody waits; threads already woken may still be on their way out.
 */
struct rumpuser_cv;
void rumpuser_cv_init(struct rumpuser_cv **cvp);
void rumpuser_cv_wait(struct rumpuser_cv *cv, struct rumpuser_mtx *mtx);
void rumpuser_cv_wait_nowrap(struct rumpuser_cv *cv, struct rumpuser_mtx *mtx);
int rumpuser_cv_timedwait(struct rumpuser_cv *cv, struct rumpuser_mtx *mtx, int64_t sec,
    int64_t nsec);
void rumpuser_cv_signal(struct rumpuser_cv *cv);
void rumpuser_cv_broadcast(struct rumpuser_cv *cv);
void rumpuser_cv_has_waiters(struct rumpuser_cv *cv, int *np);
void rumpuser_cv_destroy(struct rumpuser_cv *cv);

/*
 * The current lwp: one pointer a thread, NULL in a new one, which the platform keeps and does not
 * look into. [nonblocking; rumpuser_curlwp is on the donor's fastest paths]
 *
 * rumpuser_curlwpop: CREATE, DESTROY: l begins, ends, to exist (DESTROY: it is current nowhere).
 * SET: l becomes the calling thread's; it has none. CLEAR: the calling thread's, which is l,
 * becomes NULL.
 */
#define RUMPUSER_LWP_CREATE	0
#define RUMPUSER_LWP_DESTROY	1
#define RUMPUSER_LWP_SET	2
#define RUMPUSER_LWP_CLEAR	3
void rumpuser_curlwpop(int op, struct lwp *l);
struct lwp *rumpuser_curlwp(void);

/*
 * rumpuser_dl_bootstrap: present the components that the program has linked. For every object of
 * it (the main program, each shared object): its symbol table through symload(symtab, symbytes,
 * strtab, strbytes) where it has one at run time, addresses absolute, both tables the donor's for
 * good; the entries of its link set "modules" through modinit(array, count); each entry of its
 * link set "rump_components" through compload(component). A link set NAME is the array of
 * pointers in section link_set_NAME, or between __start_link_set_NAME and __stop_link_set_NAME.
 * Any of the functions may be NULL. [nonblocking]
 */
typedef void (*rump_modinit_fn)(const struct modinfo *const *, size_t);
typedef int (*rump_symload_fn)(void *, uint64_t, char *, uint64_t);
typedef void (*rump_compload_fn)(const struct rump_component *);
void rumpuser_dl_bootstrap(rump_modinit_fn modinit, rump_symload_fn symload,
    rump_compload_fn compload);

/*
 * Going to the background. begin, before any thread exists: from here on the program is a child;
 * its parent waits. done(error): tells the parent, which exits with status 0, or error if it is
 * not 0; with 0 the program leaves its terminal and session and its standard files go nowhere.
 * RUMP_EINVAL: done without begin, begin twice. RUMP_ENOTSUP: this platform has no background.
 * Host errors.
 */
int rumpuser_daemonize_begin(void);
int rumpuser_daemonize_done(int error);

#endif /* RUMP_RUMPUSER_H */
