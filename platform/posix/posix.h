/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the POSIX platform share. Private to platform/posix.
 *
 * Interface: the donor's upcalls and the two wrappers around blocking work; a small lock and
 * futex calls; errno translation; each file's internal entry points.
 * Locking: struct plock is a leaf lock; no upcall is made with one held.
 */
#ifndef POSIX_POSIX_H
#define POSIX_POSIX_H

#include <sys/types.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <rump/rumpuser.h>
#include <rump/rumperrno.h>

#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)

_Static_assert(sizeof(off_t) == 8 && sizeof(time_t) == 8,
    "offsets and times of the contract fit into the host's: see posix.mk");

/* upcall.c: set once by rumpuser_init(); NULL members until then */
extern struct rumpuser_hyperup rumpuser__hyp;

/* Give up the donor's CPU around something that blocks, and take it back. */
static inline int
unsched(void *interlock)
{
	int nlocks = 0;

	if (likely(rumpuser__hyp.hyp_backend_unschedule != NULL))
		rumpuser__hyp.hyp_backend_unschedule(0, &nlocks, interlock);
	return nlocks;
}

static inline void
resched(int nlocks, void *interlock)
{

	if (likely(rumpuser__hyp.hyp_backend_schedule != NULL))
		rumpuser__hyp.hyp_backend_schedule(nlocks, interlock);
}

/*
 * futex.c. futex_wait returns 0 or a host errno (EAGAIN: value differed, EINTR, ETIMEDOUT);
 * deadline is absolute, CLOCK_MONOTONIC, NULL for none. Private to the process.
 */
int	rumpuser__futex_wait(uint32_t *word, uint32_t value, const struct timespec *deadline);
void	rumpuser__futex_wake(uint32_t *word, int count);

/*
 * A lock of three states: 0 free, 1 held, 2 held and perhaps waited for. Zero-initialised is
 * free.
 */
struct plock {
	uint32_t	pl_state;
};
#define PLOCK_INITIALIZER { 0 }
void	rumpuser__plock_slow(struct plock *);

static inline bool
plock_try(struct plock *pl)
{
	uint32_t zero = 0;

	return __atomic_compare_exchange_n(&pl->pl_state, &zero, 1, false, __ATOMIC_ACQUIRE,
	    __ATOMIC_RELAXED);
}

static inline void
plock(struct plock *pl)
{

	if (unlikely(!plock_try(pl)))
		rumpuser__plock_slow(pl);
}

static inline void
punlock(struct plock *pl)
{

	if (unlikely(__atomic_exchange_n(&pl->pl_state, 0, __ATOMIC_RELEASE) == 2))
		rumpuser__futex_wake(&pl->pl_state, 1);
}

/* sync.c: zeroed memory, or the end of the program */
void	*rumpuser__alloc(size_t);

/* errno.c: host errno to the contract's, and back */
int	rumpuser__errtrans(int hosterr);
int	rumpuser__errhost(int rumperr);

/* thread.c: a thread of the platform's own, joinable, signals blocked; host errno */
int	rumpuser__thread(unsigned long *tid, void *(*)(void *), void *arg, const char *name);
void	rumpuser__thread_wait(unsigned long tid);

/* console.c: bytes to the sink or standard error now; give out a line that is held back */
void	rumpuser__console_write(const char *, size_t);
void	rumpuser__console_flush(void);

/* copy.c: install the fault handler; put the old ones back where ours are still installed */
int	rumpuser__fault_init(void);
void	rumpuser__fault_fini(void);
uintptr_t rumpuser__cpu_getpc(const void *uctx);
uintptr_t rumpuser__cpu_getfp(const void *uctx);
void	rumpuser__cpu_setpc(void *uctx, uintptr_t pc);

/* param.c: a number that is not negative, or the default */
long	rumpuser__param_long(const char *name, long dflt);
void	rumpuser__param_fini(void);

/* take down: bio.c, blkdev.c, vm.c, virtif.c */
void	rumpuser__bio_fini(void);
void	rumpuser__blk_fini(void);
void	rumpuser__virtif_fini(void);
void	rumpuser__vm_fini(void);

/*
 * Block devices. blkdev.c keeps names and handles (what rumpuser_open() with BIO returns, from
 * HANDLE_BASE on, so that they are never a host descriptor); bio.c queues and runs requests;
 * blkfile.c, overlay.c and blkmem.c are the kinds of device.
 */
#define HANDLE_BASE	(1 << 20)

struct blkdev;
struct blkreq;

/*
 * A kind of device. Each function does the whole of one request on the calling thread and returns
 * 0 or an errno of the contract; all but a quick transfer may block. transfer: consumes the
 * request as bytes move (rumpuser__req_consume); 0 with some left means the end of the medium.
 * quick: only what can be done without blocking; RUMP_EAGAIN if something is left. NULL: not
 * supported.
 */
struct blkops {
	int	(*transfer)(struct blkdev *, struct blkreq *, bool quick);
	int	(*flush)(struct blkdev *);
	int	(*discard)(struct blkdev *, uint64_t off, uint64_t len);
	int	(*zeroes)(struct blkdev *, uint64_t off, uint64_t len, bool fua);
	void	(*free)(struct blkdev *);
};

/*
 * A device: what handles refer to. Counted: one for the name table if it is registered, one for
 * each handle.
 */
struct blkdev {
	const struct blkops *bd_ops;
	struct blkdev	*bd_next;	/* registered ones */
	char		*bd_name;
	void		*bd_priv;	/* the kind's own */
	uint64_t	 bd_size;
	uint32_t	 bd_sect, bd_phys;
	uint32_t	 bd_flags;	/* RUMPEXT_BLK_* */
	uint32_t	 bd_nonowait;	/* ops the host cannot try without blocking: 1 << op */
	int		 bd_fd;		/* host descriptor, or -1 */
	int		 bd_refs;
	int		 bd_writers;	/* handles open for writing */
	bool		 bd_ownfd;
	bool		 bd_locked;	/* bd_fd holds our lock */
	bool		 bd_isblk;	/* a host block device */
	bool		 bd_nodsync;	/* no RWF_DSYNC here */
	bool		 bd_gone;	/* not in the table (any more) */
};

/* One open. */
struct blkhandle {
	struct blkdev	*bh_dev;
	bool		 bh_read, bh_write;
	uint32_t	 bh_inflight;	/* atomic */
};

/* One request. The iov is the request's own copy and shrinks as bytes move. */
#define REQ_NIOV 4
struct blkreq {
	struct blkreq	*br_next;
	struct blkhandle *br_handle;
	int		 br_op;		/* RUMPEXT_BIO_*, FUA included */
	bool		 br_hooked;	/* the fault hook has seen it */
	int		 br_error;	/* found wrong before it was queued */
	uint64_t	 br_off, br_len;
	size_t		 br_moved;
	size_t		 br_iovcnt;
	struct rumpuser_iovec *br_iov;
	struct rumpuser_iovec *br_iovalloc;	/* if more than REQ_NIOV */
	rump_biodone_fn	 br_classicdone;	/* of rumpuser_bio(), else NULL */
	void		(*br_done)(void *, int);
	void		*br_arg;
	struct rumpuser_iovec br_iov0[REQ_NIOV];
};

/* blkdev.c */
struct blkhandle *rumpuser__blk_handle(int fd);
int	rumpuser__blk_open(const char *name, int flags, int *fdp);
int	rumpuser__blk_close(int fd);
int	rumpuser__blk_named(const char *name, uint64_t *sizep);	/* or RUMP_ENOENT */
struct blkdev *rumpuser__blk_new(const char *name, const struct blkops *);
int	rumpuser__blk_register(struct blkdev *);	/* takes it over, also when it fails */
void	rumpuser__blk_unref(struct blkdev *);

/* blkfile.c: a device over a descriptor (owned: closed on failure too); over a path */
int	rumpuser__blkfile(const char *name, int fd, unsigned flags, struct blkdev **);
int	rumpuser__blkfile_open(const char *path, int flags, struct blkdev **);
/* overlay.c: put a memory overlay over a device */
int	rumpuser__overlay(struct blkdev *);
bool	rumpuser__overlaid(const struct blkdev *);	/* has it one, written to? */

/* bio.c: advance a request; run one here and now (through the fault hook) */
void	rumpuser__req_consume(struct blkreq *, size_t n);
int	rumpuser__bio_run(struct blkreq *, bool quick);

#endif /* POSIX_POSIX_H */
