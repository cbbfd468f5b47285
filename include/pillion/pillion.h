/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pillion: a donor kernel's drivers as a library.
 *
 * Boot once a process, attach disks and network interfaces, then make system calls as functions.
 * Every function returns
 * 0 (or a count, a descriptor, ...) or a negative Linux errno of this instruction set; errno is
 * not touched. Any thread may call; a thread is attached to the donor's process 1 by its first
 * call, and detached when it ends. The thread needs 64 KiB of stack below the call.
 */
#ifndef PILLION_PILLION_H
#define PILLION_PILLION_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PILLION_API_VERSION 1
#if defined(__GNUC__)
#define PILLION_API __attribute__((visibility("default")))
#else
#define PILLION_API
#endif

/* Exit code of the process when the donor panics and no panic callback is set. */
#define PILLION_EXIT_PANIC 70

struct pillion_options {
	size_t size;			/* sizeof(struct pillion_options): for later versions */
	size_t memory;			/* bytes of memory for the donor; 0: 32 MiB; at least 16 MiB */
	const char *cmdline;		/* kernel command line to add, or NULL */
	int loglevel;			/* kernel messages below this level are logged, 0 none ... 8 all; -1: 4 */
	void (*log)(void *arg, const char *text, size_t len);	/* NULL: standard error */
	/* A donor signal reached a library task. Must not make calls. NULL: ignored. */
	void (*signal)(void *arg, int pid, int sig);
	void (*panic)(void *arg, const char *message);	/* before the process exits; may longjmp never */
	void *arg;			/* for the three callbacks */
};

PILLION_API int pillion_boot(const struct pillion_options *opt);	/* opt NULL: defaults */
/*
 * Sync, close, unmount everything, stop. Every other thread must have detached or ended: -EBUSY,
 * and nothing done, if not. A second boot in the same process is refused.
 */
PILLION_API int pillion_shutdown(void);

/*
 * Block devices. Each returns an id >= 0 and writes the device's name ("vda") to name; /dev/<name>
 * exists then, and /dev/<name>1... for its partitions.
 */
#define PILLION_DISK_RDONLY	0x1	/* the donor sees a read-only disk; not one byte changes */
#define PILLION_DISK_OVERLAY	0x2	/* writes go to a private overlay in memory, not to the medium */
#define PILLION_DISK_NOLOCK	0x4	/* no advisory lock (else: shared to read, exclusive to write) */
struct pillion_disk_ops {
	uint64_t size;			/* bytes */
	uint32_t sectsize;		/* 512 or 4096 */
	/* Each returns 0 or -errno, and is called from I/O threads, several at a time. */
	int (*read)(void *arg, void *buf, size_t len, uint64_t off);
	int (*write)(void *arg, const void *buf, size_t len, uint64_t off);	/* NULL: read-only */
	int (*flush)(void *arg);					/* NULL: writes are stable when done */
	int (*discard)(void *arg, uint64_t off, uint64_t len);		/* NULL: not supported */
};
PILLION_API int pillion_disk_path(const char *path, unsigned flags, char name[32]);
PILLION_API int pillion_disk_fd(int fd, unsigned flags, char name[32]);	/* fd is duplicated */
PILLION_API int pillion_disk_memory(void *base, size_t len, unsigned flags, char name[32]);
PILLION_API int pillion_disk_callbacks(const struct pillion_disk_ops *ops, void *arg,
    unsigned flags, char name[32]);
PILLION_API int pillion_disk_detach(int id);
/* 1: something was written to the overlay, so the donor may see what the medium does not have */
PILLION_API int pillion_disk_overlaid(int id);

/* Network interfaces: a tap of the host, by name or by an open descriptor of /dev/net/tun. */
PILLION_API int pillion_net_tap(const char *tapname, char name[32]);
PILLION_API int pillion_net_tap_fd(int fd, char name[32]);
/* addr: "192.0.2.1/24" or "2001:db8::1/64" (also brings the interface up); gateway NULL: none */
PILLION_API int pillion_net_address(const char *name, const char *addr, const char *gateway);
PILLION_API int pillion_net_up(const char *name);
PILLION_API int pillion_net_dhcp(const char *name, unsigned timeout_ms, char addr[64]);

/*
 * System calls: the numbers and layouts of Linux on this instruction set. pillion/syscalls.h
 * names them all.
 */
PILLION_API long pillion_syscall(long nr, long a, long b, long c, long d, long e, long f);

/* Threads and processes of the donor. */
struct pillion_task;
PILLION_API int pillion_thread_attach(int pid);		/* pid 0: process 1 */
PILLION_API void pillion_thread_detach(void);
PILLION_API struct pillion_task *pillion_self(void);
PILLION_API int pillion_fork(void);	/* the calling thread moves into a new process: its pid */
PILLION_API int pillion_interrupt(struct pillion_task *);	/* its blocked call returns -EINTR */
/* Its blocked call returns -EINTR and the task ends. */
PILLION_API int pillion_kill_task(struct pillion_task *);

/* What this library is: "pillion 0.1.0 (Linux 6.1.x, config default, x86_64)" */
PILLION_API const char *pillion_version(void);

#ifdef __cplusplus
}
#endif
#endif
