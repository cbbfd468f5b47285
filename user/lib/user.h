/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The library of native programs: system calls, messages, names, output, processes.
 *
 * A program defines main() and links the library; strings, memory functions and format() are the
 * nucleus's own (<nucleus/string.h>, <nucleus/log.h>). Results are those of <nucleus/abi.h>: an
 * error is negative. printf() and what is built on it is for one thread of a process at a time.
 */
#ifndef USER_H
#define USER_H

#include <nucleus/abi.h>
#include <nucleus/error.h>
#include <nucleus/types.h>

#define PAGE		4096ul		/* of all CPUs that there are */

int main(int argc, char **argv);
void exit(int status) NORETURN;		/* what was printed is written first */

/* ---- system calls: sys_NAME is SYS_NAME of abi.h ---- */

struct message {
	unsigned long	tag, word[MESSAGE_WORDS], badge;
};

#include "syscall.h"

static inline long sys_map(unsigned long addr, size_t len, unsigned prot)
{
	return syscall6(SYS_MAP, addr, len, prot, 0, 0, 0);
}

static inline long sys_unmap(unsigned long addr, size_t len)
{
	return syscall6(SYS_UNMAP, addr, len, 0, 0, 0, 0);
}

static inline long sys_protect(unsigned long addr, size_t len, unsigned prot)
{
	return syscall6(SYS_PROTECT, addr, len, prot, 0, 0, 0);
}

static inline long sys_memory(size_t len, unsigned flags)
{
	return syscall6(SYS_MEMORY, len, flags, 0, 0, 0, 0);
}

static inline long sys_memory_map(unsigned long memory, unsigned long offset, size_t len,
    unsigned long addr, unsigned prot)
{
	return syscall6(SYS_MEMORY_MAP, memory, offset, len, addr, prot, 0);
}

static inline long sys_memory_phys(unsigned long memory, unsigned long offset)
{
	return syscall6(SYS_MEMORY_PHYS, memory, offset, 0, 0, 0, 0);
}

static inline long sys_endpoint(void)
{
	return syscall6(SYS_ENDPOINT, 0, 0, 0, 0, 0, 0);
}

static inline long sys_bind(unsigned long endpoint, unsigned long notification)
{
	return syscall6(SYS_BIND, endpoint, notification, 0, 0, 0, 0);
}

static inline long sys_reply_save(void)
{
	return syscall6(SYS_REPLY_SAVE, 0, 0, 0, 0, 0, 0);
}

static inline long sys_notification(void)
{
	return syscall6(SYS_NOTIFICATION, 0, 0, 0, 0, 0, 0);
}

static inline long sys_notify(unsigned long notification, uint64_t bits)
{
	return syscall6(SYS_NOTIFY, notification, bits, 0, 0, 0, 0);
}

static inline long sys_notify_wait(unsigned long notification, unsigned long deadline,
    uint64_t *bits)
{
	return syscall6(SYS_NOTIFY_WAIT, notification, deadline, (unsigned long)bits, 0, 0, 0);
}

static inline long sys_cap_copy(unsigned long handle, unsigned rights, unsigned long badge)
{
	return syscall6(SYS_CAP_COPY, handle, rights, badge, 0, 0, 0);
}

static inline long sys_cap_close(unsigned long handle)
{
	return syscall6(SYS_CAP_CLOSE, handle, 0, 0, 0, 0, 0);
}

static inline long sys_cap_revoke(unsigned long handle)
{
	return syscall6(SYS_CAP_REVOKE, handle, 0, 0, 0, 0, 0);
}

static inline long sys_cap_info(unsigned long handle, struct cap_info *info)
{
	return syscall6(SYS_CAP_INFO, handle, (unsigned long)info, 0, 0, 0, 0);
}

static inline long sys_cap_inherit(unsigned long handle, bool on)
{
	return syscall6(SYS_CAP_INHERIT, handle, on, 0, 0, 0, 0);
}

long sys_fork(void);			/* entry.S */

static inline long sys_exec(const char *name, const char *args, size_t len)
{
	return syscall6(SYS_EXEC, (unsigned long)name, (unsigned long)args, len, 0, 0, 0);
}

static inline void NORETURN sys_exit(int status)
{
	for (;;)
		(void)syscall6(SYS_EXIT, (unsigned long)status, 0, 0, 0, 0, 0);
}

static inline long sys_wait(unsigned long process, unsigned long deadline, struct wait_info *info)
{
	return syscall6(SYS_WAIT, process, deadline, (unsigned long)info, 0, 0, 0);
}

static inline long sys_kill(unsigned long process, int reason)
{
	return syscall6(SYS_KILL, process, (unsigned long)reason, 0, 0, 0, 0);
}

static inline void NORETURN sys_thread_exit(void)
{
	for (;;)
		(void)syscall6(SYS_THREAD_EXIT, 0, 0, 0, 0, 0, 0);
}

static inline long sys_thread_tls(unsigned long value)
{
	return syscall6(SYS_THREAD_TLS, value, 0, 0, 0, 0, 0);
}

static inline long sys_futex_wait(uint32_t *word, uint32_t value, unsigned long deadline)
{
	return syscall6(SYS_FUTEX_WAIT, (unsigned long)word, value, deadline, 0, 0, 0);
}

static inline long sys_futex_wake(uint32_t *word, unsigned count)
{
	return syscall6(SYS_FUTEX_WAKE, (unsigned long)word, count, 0, 0, 0, 0);
}

static inline void sys_yield(void)
{
	(void)syscall6(SYS_YIELD, 0, 0, 0, 0, 0, 0);
}

static inline long sys_limit(enum limit which, unsigned long value)
{
	return syscall6(SYS_LIMIT, which, value, 0, 0, 0, 0);
}

static inline long sys_group(unsigned long system, const unsigned long values[LIMITS])
{
	return syscall6(SYS_GROUP, system, (unsigned long)values, 0, 0, 0, 0);
}

static inline long sys_irq_bind(unsigned long irq, unsigned long notification, uint64_t bits)
{
	return syscall6(SYS_IRQ_BIND, irq, notification, bits, 0, 0, 0);
}

static inline long sys_irq_ack(unsigned long irq)
{
	return syscall6(SYS_IRQ_ACK, irq, 0, 0, 0, 0, 0);
}

static inline long sys_port_read(unsigned long ports, unsigned offset, unsigned width)
{
	return syscall6(SYS_PORT_READ, ports, offset, width, 0, 0, 0);
}

static inline long sys_port_write(unsigned long ports, unsigned offset, unsigned width,
    uint32_t value)
{
	return syscall6(SYS_PORT_WRITE, ports, offset, width, value, 0, 0);
}

static inline unsigned long sys_clock(void)
{
	return (unsigned long)syscall6(SYS_CLOCK, 0, 0, 0, 0, 0, 0);
}

static inline long sys_log(const char *text, size_t len)
{
	return syscall6(SYS_LOG, (unsigned long)text, len, 0, 0, 0, 0);
}

static inline long sys_info(unsigned long system, enum info what, unsigned long idx, void *buf,
    size_t len)
{
	return syscall6(SYS_INFO, system, what, idx, (unsigned long)buf, len, 0);
}

static inline long sys_process(unsigned long system, unsigned id)
{
	return syscall6(SYS_PROCESS, system, id, 0, 0, 0, 0);
}

static inline long sys_device(unsigned long system, enum cap_kind kind, unsigned long start,
    unsigned long len)
{
	return syscall6(SYS_DEVICE, system, kind, start, len, 0, 0);
}

static inline long sys_reset(unsigned long system, int status)
{
	return syscall6(SYS_RESET, system, (unsigned long)status, 0, 0, 0, 0);
}

/* ---- messages ---- */

static inline long ipc_call(unsigned long endpoint, struct message *m)
{
	return syscall_message(SYS_CALL, endpoint, m, 0);
}

static inline long ipc_call_timed(unsigned long endpoint, struct message *m, unsigned long deadline)
{
	m->tag |= TAG_TIMED;
	return syscall_message(SYS_CALL, endpoint, m, deadline);
}

static inline long ipc_receive(unsigned long endpoint, struct message *m)
{
	m->tag = 0;
	return syscall_message(SYS_RECEIVE, endpoint, m, 0);
}

static inline long ipc_receive_timed(unsigned long endpoint, struct message *m,
    unsigned long deadline)
{
	m->tag = TAG_TIMED;
	return syscall_message(SYS_RECEIVE, endpoint, m, deadline);
}

static inline long ipc_reply_receive(unsigned long endpoint, struct message *m)
{
	return syscall_message(SYS_REPLY_RECEIVE, endpoint, m, 0);
}

/* reply 0: the caller remembered */
static inline long ipc_reply(unsigned long reply, struct message *m)
{
	return syscall_message(SYS_REPLY, reply, m, 0);
}

/*
 * The label of a request says what is wanted, and how many bytes of text the words hold; that of
 * an answer is 0 or an error of error.h, or, where the answer is text, its bytes.
 */
#define TEXT_MAX	(MESSAGE_WORDS * sizeof(unsigned long))
#define LABEL(op, bytes)	((op) | (unsigned long)(bytes) << 8)
#define LABEL_OP(tag)	((unsigned)(tag) & 0xff)
#define LABEL_BYTES(tag)	((unsigned)(tag) >> 8 & 0xff)

/* ---- names: init keeps the endpoints of servers ---- */

#define HANDLE_NAMES	3		/* to call init with, inherited by all */
#define NAME_MAX	24
enum { NAMES_LOOKUP = 1 };		/* words 0-2: the name; word 3 of the answer: the handle */

long name_lookup(const char *name);	/* a handle of the caller's own, for all BADGE_ALL; E_NOENT */

#define BADGE_ALL	1

/* ---- the console's server, "console" ---- */

enum {
	CONSOLE_WRITE = 1,		/* text; may wait for room. Answer: 0 */
	CONSOLE_READ,			/* waits for input; answer: text. Whose badge is not
					 * BADGE_CONTROL gets some only while CONSOLE_INTERRUPT is on */
	CONSOLE_WATCH,			/* word 0: a position in all that was written; waits until there is
					 * more. Answer: text; the position is what fits into a watcher's
					 * count: if the text is lost already, CONSOLE_LOST is in the label */
	CONSOLE_INTERRUPT,		/* of BADGE_CONTROL. On: word 3 (TAG_CAP) is a notification, told
					 * by bit 0 when ^C is typed; what was typed before is forgotten.
					 * Off: without one; ^C is input then. So it is when the server is
					 * started again. */
};
#define CONSOLE_LOST	0x80		/* then word 0 is the position to go on with, and no text */
#define BADGE_CONTROL	2		/* of the shell's handle */

/*
 * These call the server again when it has died meanwhile, or has no room for one more that waits,
 * and end with the error if there is none. When it dies, what it has not sent yet is lost; what it
 * was just being asked to write may come twice. console_read: at least one byte; how many.
 */
long console_write(const char *s, size_t len);
long console_read(char *buf, size_t len);
long console_call(struct message *m);	/* any other call of the console's */
void console_use(unsigned long handle);	/* from now on this one; 0: the one that the name has */

/* Lines are written when they are complete, or by print_flush(). What is longer is cut. */
#define PRINT_MAX	255
int printf(const char *fmt, ...) PRINTF(1, 2);
void print_flush(void);

/* ---- processes and threads ---- */

/*
 * exec_program: exec of a program of the archive with these arguments, argv[0] its name and NULL
 * the end; an error, or it does not return.
 * spawn: fork, and that in the child: a process's handle. before(arg), if there is one, is called
 * by the child first; what it cannot do it says by a negative result. The child says what has
 * failed.
 */
long exec_program(char *const argv[]);
long spawn(char *const argv[], long (*before)(void *arg), void *arg);

/* A thread of the same process, with a stack of its own that ends with the process; its id. */
long thread_create(void (*fn)(void *arg), void *arg, unsigned priority);

void lock(uint32_t *word);		/* 0 at first; between threads of a process */
void unlock(uint32_t *word);

/* ---- memory in pieces: any thread; freeing what is no piece in use ends the program ---- */

void *malloc(size_t len) __attribute__((__malloc__));	/* at a multiple of 16; NULL */
void *calloc(size_t n, size_t len) __attribute__((__malloc__));
void *realloc(void *p, size_t len);
void free(void *p);

void sleep_ns(unsigned long len);
const char *error_text(long error);	/* of a negative result */

#endif /* USER_H */
