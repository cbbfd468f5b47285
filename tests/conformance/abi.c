/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Conformance: the binary interface, checked while compiling. Offsets, numbers and prototypes as
 * NetBSD's components of RUMPUSER_VERSION 17 were built with; the prototypes are stated once more
 * and have to agree.
 */
#include <stddef.h>
#include <stdint.h>

#include <rump/rumpcomp_pci.h>
#include <rump/rumpcomp_virtif.h>
#include <rump/rumpext_block.h>
#include <rump/rumpext_bus.h>
#include <rump/rumpext_copy.h>
#include <rump/rumpext_task.h>
#include <rump/rumpext_virtif.h>
#include <rump/rumpext_vm.h>
#include <rump/rumpuser.h>
#include <rump/rumpuser_component.h>

#define SAME(e) _Static_assert(e, #e)
#define HYP(m, n) SAME(offsetof(struct rumpuser_hyperup, hyp_##m) == (n) * sizeof(void *))

SAME(RUMPUSER_VERSION == 17);
HYP(schedule, 0);
HYP(unschedule, 1);
HYP(backend_unschedule, 2);
HYP(backend_schedule, 3);
HYP(lwproc_switch, 4);
HYP(lwproc_release, 5);
HYP(lwproc_rfork, 6);
HYP(lwproc_newlwp, 7);
HYP(lwproc_curlwp, 8);
HYP(syscall, 9);
HYP(lwpexit, 10);
HYP(execnotify, 11);
HYP(getpid, 12);
HYP(_extra, 13);
SAME(sizeof(struct rumpuser_hyperup) == 21 * sizeof(void *));

SAME(sizeof(struct rumpuser_iovec) == 2 * sizeof(void *));
SAME(offsetof(struct rumpuser_iovec, iov_len) == sizeof(void *));
SAME(sizeof(struct rumpcomp_pci_dmaseg) == 3 * sizeof(long));
SAME(offsetof(struct rumpcomp_pci_dmaseg, ds_len) == sizeof(long));
SAME(offsetof(struct rumpcomp_pci_dmaseg, ds_vacookie) == 2 * sizeof(long));

SAME(RUMPUSER_OPEN_RDONLY == 0 && RUMPUSER_OPEN_WRONLY == 1 && RUMPUSER_OPEN_RDWR == 2);
SAME(RUMPUSER_OPEN_CREATE == 4 && RUMPUSER_OPEN_EXCL == 8 && RUMPUSER_OPEN_BIO == 0x10);
SAME(RUMPUSER_FT_OTHER == 0 && RUMPUSER_FT_DIR == 1 && RUMPUSER_FT_REG == 2);
SAME(RUMPUSER_FT_BLK == 3 && RUMPUSER_FT_CHR == 4);
SAME(RUMPUSER_BIO_READ == 1 && RUMPUSER_BIO_WRITE == 2 && RUMPUSER_BIO_SYNC == 4);
SAME(RUMPUSER_CLOCK_RELWALL == 0 && RUMPUSER_CLOCK_ABSMONO == 1);
SAME(RUMPUSER_MTX_SPIN == 1 && RUMPUSER_MTX_KMUTEX == 2);
SAME(RUMPUSER_RW_READER == 0 && RUMPUSER_RW_WRITER == 1);
SAME(RUMPUSER_LWP_CREATE == 0 && RUMPUSER_LWP_DESTROY == 1 && RUMPUSER_LWP_SET == 2);
SAME(RUMPUSER_LWP_CLEAR == 3);
SAME(RUMPUSER_RANDOM_HARD == 1 && RUMPUSER_RANDOM_NOWAIT == 2);
SAME(RUMPUSER_PANIC == -1 && RUMPUSER_PID_SELF == -1 && RUMPUSER_IOV_NOSEEK == -1);
SAME(sizeof(RUMPUSER_PARAM_NCPU) == sizeof("_RUMPUSER_NCPU"));
SAME(sizeof(RUMPUSER_PARAM_HOSTNAME) == sizeof("_RUMPUSER_HOSTNAME"));

SAME(RUMP_EPERM == 1 && RUMP_EDEADLK == 11 && RUMP_ERANGE == 34 && RUMP_EAGAIN == 35);
SAME(RUMP_EOPNOTSUPP == 45 && RUMP_ENOBUFS == 55 && RUMP_ETIMEDOUT == 60 && RUMP_ELOOP == 62);
SAME(RUMP_ENOTEMPTY == 66 && RUMP_ENOSYS == 78 && RUMP_ENOTSUP == 86 && RUMP_EPROTO == 96);

/* The layouts of ours are part of the object's interface too. */
SAME(sizeof(struct rumpext_blkinfo) == 24 && offsetof(struct rumpext_blkinfo, bi_maxiov) == 20);
SAME(sizeof(struct rumpext_pktmeta) == 10 && offsetof(struct rumpext_pktmeta, pm_csum_offset) == 8);
SAME(sizeof(struct rumpext_platdev) == 56 && offsetof(struct rumpext_platdev, pd_base) == 32);
SAME(RUMPEXT_BLOCK_VERSION == 1 && RUMPEXT_BUS_VERSION == 1 && RUMPEXT_COPY_VERSION == 1);
SAME(RUMPEXT_TASK_VERSION == 1 && RUMPEXT_VIRTIF_VERSION == 1 && RUMPEXT_VM_VERSION == 1);

int rumpuser_init(int, const struct rumpuser_hyperup *);
int rumpuser_malloc(size_t, int, void **);
void rumpuser_free(void *, size_t);
int rumpuser_anonmmap(void *, size_t, int, int, void **);
void rumpuser_unmap(void *, size_t);
int rumpuser_open(const char *, int, int *);
int rumpuser_close(int);
int rumpuser_getfileinfo(const char *, uint64_t *, int *);
void rumpuser_bio(int, int, void *, size_t, int64_t, void (*)(void *, size_t, int), void *);
int rumpuser_iovread(int, struct rumpuser_iovec *, size_t, int64_t, size_t *);
int rumpuser_iovwrite(int, const struct rumpuser_iovec *, size_t, int64_t, size_t *);
int rumpuser_syncfd(int, int, uint64_t, uint64_t);
int rumpuser_clock_gettime(int, int64_t *, long *);
int rumpuser_clock_sleep(int, int64_t, long);
int rumpuser_getparam(const char *, void *, size_t);
void rumpuser_putchar(int);
void rumpuser_dprintf(const char *, ...);
int rumpuser_kill(int64_t, int);
void rumpuser_exit(int);
void rumpuser_seterrno(int);
int rumpuser_getrandom(void *, size_t, int, size_t *);
int rumpuser_thread_create(void *(*)(void *), void *, const char *, int, int, int, void **);
void rumpuser_thread_exit(void);
int rumpuser_thread_join(void *);
void rumpuser_mutex_init(struct rumpuser_mtx **, int);
void rumpuser_mutex_enter(struct rumpuser_mtx *);
void rumpuser_mutex_enter_nowrap(struct rumpuser_mtx *);
int rumpuser_mutex_tryenter(struct rumpuser_mtx *);
void rumpuser_mutex_exit(struct rumpuser_mtx *);
void rumpuser_mutex_owner(struct rumpuser_mtx *, struct lwp **);
void rumpuser_mutex_destroy(struct rumpuser_mtx *);
void rumpuser_rw_init(struct rumpuser_rw **);
void rumpuser_rw_enter(int, struct rumpuser_rw *);
int rumpuser_rw_tryenter(int, struct rumpuser_rw *);
int rumpuser_rw_tryupgrade(struct rumpuser_rw *);
void rumpuser_rw_downgrade(struct rumpuser_rw *);
void rumpuser_rw_exit(struct rumpuser_rw *);
void rumpuser_rw_held(int, struct rumpuser_rw *, int *);
void rumpuser_rw_destroy(struct rumpuser_rw *);
void rumpuser_cv_init(struct rumpuser_cv **);
void rumpuser_cv_destroy(struct rumpuser_cv *);
void rumpuser_cv_wait(struct rumpuser_cv *, struct rumpuser_mtx *);
void rumpuser_cv_wait_nowrap(struct rumpuser_cv *, struct rumpuser_mtx *);
int rumpuser_cv_timedwait(struct rumpuser_cv *, struct rumpuser_mtx *, int64_t, int64_t);
void rumpuser_cv_signal(struct rumpuser_cv *);
void rumpuser_cv_broadcast(struct rumpuser_cv *);
void rumpuser_cv_has_waiters(struct rumpuser_cv *, int *);
void rumpuser_curlwpop(int, struct lwp *);
struct lwp *rumpuser_curlwp(void);
void rumpuser_dl_bootstrap(void (*)(const struct modinfo *const *, size_t),
    int (*)(void *, uint64_t, char *, uint64_t), void (*)(const struct rump_component *));
int rumpuser_daemonize_begin(void);
int rumpuser_daemonize_done(int);

struct lwp *rumpuser_component_curlwp(void);
int rumpuser_component_errtrans(int);
void rumpuser_component_kthread(void);
void rumpuser_component_kthread_release(void);
void rumpuser_component_schedule(void *);
void rumpuser_component_switchlwp(struct lwp *);
void *rumpuser_component_unschedule(void);

int rumpcomp_pci_confread(unsigned, unsigned, unsigned, int, unsigned int *);
int rumpcomp_pci_confwrite(unsigned, unsigned, unsigned, int, unsigned int);
void rumpcomp_pci_dmafree(unsigned long, size_t);
int rumpcomp_pci_dmalloc(size_t, size_t, unsigned long *, unsigned long *);
int rumpcomp_pci_dmamem_map(struct rumpcomp_pci_dmaseg *, size_t, size_t, void **);
int rumpcomp_pci_iospace_init(void);
void *rumpcomp_pci_irq_establish(unsigned, int (*)(void *), void *);
int rumpcomp_pci_irq_map(unsigned, unsigned, unsigned, int, unsigned);
void *rumpcomp_pci_map(unsigned long, unsigned long);
unsigned long rumpcomp_pci_virt_to_mach(void *);
int rumpcomp_virt_create(const char *, struct virtif_sc *, uint8_t *, struct virtif_user **);
void rumpcomp_virt_destroy(struct virtif_user *);
int rumpcomp_virt_dying(struct virtif_user *);
void rumpcomp_virt_send(struct virtif_user *, struct iovec *, size_t);
void rump_virtif_virt_deliverpkt(struct virtif_sc *, struct iovec *, size_t);
