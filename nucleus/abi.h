/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The native system calls: what servers, drivers and the programs of the boot archive see of the
 * nucleus. Shared by the nucleus and by user/; numbers and layouts are the interface.
 *
 * Registers:		number	arguments 0-5			result	callee-saved
 *   x86_64, syscall	rax	rdi rsi rdx r10 r8 r9		rax	kept; rcx, r11 are lost
 *   aarch64, svc #0	x8	x0-x5				x0	kept; x6, x7, x9-x17 are lost
 * A result from -ERROR_MAX to -1 is an error of error.h, negative. A call from 0 on has one result;
 * IPC has a message besides, see there.
 *
 * A handle is an index into the process's table of capabilities, from 1 on; 0 is none. A deadline
 * is an instant of SYS_CLOCK in nanoseconds; DEADLINE_NEVER waits for ever, and one that has passed
 * polls. Addresses and lengths of mappings are whole pages.
 */
#ifndef NUCLEUS_ABI_H
#define NUCLEUS_ABI_H

#define DEADLINE_NEVER	(~0ul)

/*
 * ---- messages ----
 *
 * A message is a tag and MESSAGE_WORDS words, in registers both ways:
 *		handle	tag	words 0-3	deadline	out: status	tag	words	badge
 *   x86_64	rdi	rsi	rdx r10 r8 r9	r12		rax	rsi	same	rdi
 *   aarch64	x0	x1	x2-x5		x6		x0	x1	same	x6
 * The deadline is looked at only if the tag has TAG_TIMED; otherwise DEADLINE_NEVER. With TAG_CAP
 * word 3 is a handle: the receiver gets a copy of that capability (which needs RIGHT_GRANT) and
 * finds its own handle for it in word 3, or 0 if its table has no room or it was revoked meanwhile.
 * Bits of the tag that are not flags are the label, the programs' own.
 * Larger messages are memory objects, passed on by TAG_CAP: nothing is copied.
 */
#define MESSAGE_WORDS	4
#define TAG_TIMED	(1ul << 63)
#define TAG_CAP		(1ul << 62)
#define TAG_NOTIFIED	(1ul << 61)	/* received: bits of the notification bound, in word 0 */
#define TAG_LABEL	0xfffffffful

/*
 * ---- calls ----
 *
 * Arguments as a C prototype; "handle" results are >= 1. Errors besides those of a bad argument
 * (E_INVAL, E_FAULT), of a handle that is none or of another kind (E_BADF), and of a right that it
 * lacks (E_PERM): E_NOMEM, beyond the limits of the process or its group, or none left.
 */
enum native_call {
	SYS_NULL,		/* (): 0 */

	/* ---- IPC: endpoints. Message registers. ---- */
	SYS_CALL,		/* (endpoint, message): send, wait for the reply. RIGHT_SEND. E_DEAD: no
				 * receiver any more, or it died with the call; E_TIMEDOUT; E_INTR */
	SYS_RECEIVE,		/* (endpoint): RIGHT_RECEIVE. The caller is remembered for the reply; one that
				 * was before is answered with E_DEAD. Or TAG_NOTIFIED */
	SYS_REPLY_RECEIVE,	/* (endpoint, message): answer the caller remembered, if there is one, then
				 * SYS_RECEIVE; TAG_TIMED concerns that */
	SYS_REPLY,		/* (reply or 0, message): answer it, or the caller remembered; never waits */
	SYS_REPLY_SAVE,		/* (): handle of a reply capability for the caller remembered, good once;
				 * when it is closed unused the caller gets E_DEAD */
	SYS_ENDPOINT,		/* (): handle; all rights */
	SYS_BIND,		/* (endpoint, notification): a receive on it also ends when the notification has
				 * bits (RIGHT_RECEIVE on both); notification 0 unbinds */

	/* ---- notifications: 64 bits that are set and waited for ---- */
	SYS_NOTIFICATION,	/* (): handle */
	SYS_NOTIFY,		/* (notification, bits): RIGHT_SEND; never waits */
	SYS_NOTIFY_WAIT,	/* (notification, deadline, bits *): wait for any, and clear them; stored at
				 * bits. RIGHT_RECEIVE. One that is bound: E_BUSY */

	/* ---- capabilities ---- */
	SYS_CAP_COPY,		/* (handle, rights, badge): a derived one with at most these rights; an
				 * endpoint's badge can be set once, where it is 0 */
	SYS_CAP_CLOSE,		/* (handle): those derived from it stay */
	SYS_CAP_REVOKE,		/* (handle): all derived from it, in whatever process, cease; mappings made
				 * with them, too. RIGHT_REVOKE */
	SYS_CAP_INFO,		/* (handle, struct cap_info *) */
	SYS_CAP_INHERIT,	/* (handle, on): whether a fork passes it on, under the same handle */

	/* ---- memory ---- */
	SYS_MAP,		/* (address or 0, length, prot): private, demand-zero. The address */
	SYS_UNMAP,		/* (address, length): any part of what is mapped */
	SYS_PROTECT,		/* (address, length, prot) */
	SYS_MEMORY,		/* (length, flags MEMORY_*): a memory object's handle; zeroed */
	SYS_MEMORY_MAP,		/* (memory or device, offset, length, address or 0, prot): shared; the rights
				 * are RIGHT_READ, RIGHT_WRITE, RIGHT_EXEC. The address. After fork the child
				 * shares it if the capability is inheritable then, until this is revoked; else it
				 * has nothing there. One that is closed is as it was at the fork before, or when
				 * it was mapped */
	SYS_MEMORY_PHYS,	/* (memory, offset): the physical address, of MEMORY_DMA; RIGHT_PHYS */

	/* ---- processes and threads ---- */
	SYS_FORK,		/* (): in the parent a process's handle; in the child 0 */
	SYS_EXEC,		/* (name, arguments, length): a file of the boot archive takes over; arguments
				 * are strings, each with its 0. Capabilities stay. E_NOENT, E_NOEXEC */
	SYS_EXIT,		/* (status 0-255): of the process */
	SYS_WAIT,		/* (process or 0: any child, deadline, struct wait_info *): handle of the one
				 * that has ended, which stays until it is closed. RIGHT_WAIT. E_CHILD: none */
	SYS_KILL,		/* (process, reason): RIGHT_KILL */
	SYS_THREAD,		/* (entry, stack pointer, argument, priority or 0: own): thread id; entry(argument)
				 * begins with that stack. Priority at most the caller's own */
	SYS_THREAD_EXIT,	/* (): with the last, the process ends with status 0 */
	SYS_THREAD_TLS,		/* (value): of the thread register (x86_64 fs base, aarch64 tpidr_el0) */
	SYS_FUTEX_WAIT,		/* (uint32_t *, value, deadline): E_AGAIN: it is another value; E_TIMEDOUT */
	SYS_FUTEX_WAKE,		/* (uint32_t *, count): how many */
	SYS_YIELD,		/* () */
	SYS_PRIORITY,		/* (value): the calling thread's, and of those it begins; can only be lowered */
	SYS_LIMIT,		/* (enum limit, value): of the process and those it forks; can only be lowered.
				 * Of processes each is one: with 0 it cannot fork. Groups count all of theirs */
	SYS_GROUP,		/* (system, enum limit[] values): the caller leaves its group for a new one with
				 * these limits in all, with those it forks. RIGHT_CONTROL */

	/* ---- hardware ---- */
	SYS_IRQ_BIND,		/* (irq, notification, bits): when it occurs it is masked, and bits are set */
	SYS_IRQ_ACK,		/* (irq): unmask */
	SYS_PORT_READ,		/* (ports, offset, width 1|2|4): x86_64; RIGHT_READ */
	SYS_PORT_WRITE,		/* (ports, offset, width, value): RIGHT_WRITE */

	/* ---- the rest ---- */
	SYS_CLOCK,		/* (): nanoseconds since the start */
	SYS_LOG,		/* (text, length): a line on the kernel's console; up to LOG_MAX bytes */
	SYS_INFO,		/* (system, enum info, index, buffer, length): bytes stored; 0: none of that index
				 * or above. RIGHT_READ */
	SYS_PROCESS,		/* (system, process id): a handle for that process. RIGHT_CONTROL */
	SYS_DEVICE,		/* (system, kind CAP_*, start, length): handle for memory of devices, an
				 * interrupt, ports; never RAM. RIGHT_CONTROL */
	SYS_RESET,		/* (system, status): end of the machine. RIGHT_CONTROL */
	SYS_COUNT
};

enum cap_kind {
	CAP_NONE, CAP_ENDPOINT, CAP_REPLY, CAP_NOTIFICATION, CAP_MEMORY, CAP_DEVICE, CAP_IRQ, CAP_PORTS,
	CAP_PROCESS, CAP_SYSTEM
};

#define RIGHT_READ	0x001
#define RIGHT_WRITE	0x002
#define RIGHT_EXEC	0x004
#define RIGHT_PHYS	0x008
#define RIGHT_SEND	0x010
#define RIGHT_RECEIVE	0x020
#define RIGHT_GRANT	0x040		/* may be passed on in a message */
#define RIGHT_REVOKE	0x080
#define RIGHT_WAIT	0x100
#define RIGHT_KILL	0x200
#define RIGHT_CONTROL	0x400
#define RIGHTS_ALL	0x7ff

#define MEMORY_DMA	0x1		/* physically contiguous, stays where it is */

#define MAP_R		0x1
#define MAP_W		0x2
#define MAP_X		0x4		/* with MAP_W: E_INVAL */

#define LOG_MAX		256

enum limit { LIMIT_PAGES, LIMIT_OBJECTS, LIMIT_THREADS, LIMIT_PROCESSES, LIMITS };

struct cap_info {
	unsigned	kind, rights, inherit, reserved;
	unsigned long	badge;
	unsigned long	size;			/* of memory, bytes */
};

struct wait_info {
	unsigned	id;			/* of the process */
	unsigned	reason;			/* enum end_reason */
	int		status;			/* END_EXIT: of SYS_EXIT; END_KILL: the killer's reason */
	unsigned	reserved;
	unsigned long	address;		/* END_FAULT: where */
};

enum end_reason { END_EXIT, END_KILL, END_FAULT, END_EXCEPTION, END_NOMEM };

enum info {
	INFO_PROCESS, INFO_MEMORY, INFO_IPC, INFO_CPU, INFO_FILE, INFO_DEVICE, INFO_LOCK
};

struct info_process {			/* index: least process id */
	unsigned	id, parent, threads, priority;
	unsigned long	used[LIMITS], limit[LIMITS];
	unsigned long	time;			/* nanoseconds on a CPU */
	unsigned long	calls;			/* IPC calls made */
	char		name[24], state[16];
};

struct info_memory {
	unsigned long	total, free;		/* pages of RAM */
	unsigned long	kernel;			/* of those used: image, boot archive, heap */
	unsigned long	blocks;			/* of the kernel's heap, in use */
};

struct info_ipc {
	unsigned long	calls, fast;		/* since the start; of them by the fast path, both ways */
	unsigned long	notifications, transfers, deaths;
};

struct info_cpu {			/* index: CPU */
	unsigned	id, reserved;
	unsigned long	idle, switches;		/* nanoseconds, count */
};

struct info_file {			/* index: of the boot archive */
	unsigned long	size;
	char		name[56];
};

struct info_lock {			/* index: class of locks; in a checked build, else none */
	unsigned long	taken, waited;		/* how often; of that, how often not at once */
	char		name[64];
};

/*
 * A device that has no driver in the kernel beside the console's; what SYS_DEVICE takes, and what
 * else its driver must know: "framebuffer": width, height, bytes a line, bits a pixel.
 */
struct info_device {
	char		name[24];		/* "pl011", "mini-uart", "16550", "framebuffer" */
	unsigned long	start, length;
	unsigned	kind, irq;		/* CAP_DEVICE or CAP_PORTS; INFO_NO_IRQ: none */
	unsigned	values[4];
};
#define INFO_NO_IRQ	(~0u)

/*
 * A process begins at its ELF entry with a stack whose pointer points to: argument count, that many
 * pointers, a null, and a random number, all words; the first argument is the program's name. The
 * first process (/init of the archive) begins with handle 1: CAP_SYSTEM, all rights.
 */
#define HANDLE_SYSTEM	1

#endif /* NUCLEUS_ABI_H */
