/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Extension: user mode. Address spaces, the execution of user code in them, a clock that user code
 * reads by itself, and the upcalls by which a platform starts programs and borrows memory.
 * Version 1.
 *
 * Reason: the donor has all of a kernel's semantics of processes (exec, fork, page faults, signals,
 * futexes). What it lacks is a machine's user mode: page tables that a CPU walks, and the way down
 * to user code and back. rumpuser(3) has neither.
 *
 * Who uses it: a donor configured for programs. One that is not asks for none of this.
 *
 * How it fits together: a *program task* of the donor is the body of one platform thread, made by
 * rumpuser_thread_create(); its kernel stack is that thread's own (64 KiB at least). The thread
 * loops: give up the donor's CPU, rumpext_user_run(), take the donor's CPU, serve the trap. So a
 * thread in user mode holds nothing of the donor's, is preempted by the platform as any thread,
 * and others run in the donor meanwhile. The donor's own page tables are the truth; a space is a
 * cache of them, which the donor fills after page faults and empties where it would flush a TLB.
 * The donor never reaches user memory through a space, but through the arena.
 *
 * Words, error numbers and classes are those of <rump/rumpuser.h>; offsets are into the arena of
 * <rump/rumpext_vm.h>. Structures are the CPU's own byte order and C layout.
 *
 * Locking: see each function. Different spaces, and different users, never exclude each other.
 */
#ifndef RUMP_RUMPEXT_USER_H
#define RUMP_RUMPEXT_USER_H

#include <rump/rumptypes.h>

#define RUMPEXT_USER_VERSION 1

/*
 * rumpext_user_info: what the platform's user mode is. Called once, at the donor's boot.
 * [nonblocking] RUMP_ENOTSUP: there is none; the donor then starts no program and makes no other
 * call of this file.
 */
struct rumpext_user_info {
	uintptr_t	va_max;		/* user addresses are below it; whole pages */
	size_t		fp_size;	/* bytes of FP state, rumpext_user_fpget(): at most 8192 */
	uint64_t	fp_features;	/* x86_64: XCR0, or 3 without XSAVE; else 0 */
	unsigned long	hwcap;		/* for the auxiliary vector, AT_HWCAP and AT_HWCAP2: */
	unsigned long	hwcap2;		/* Linux's bits, of what a program may use here */
};
int rumpext_user_info(struct rumpext_user_info *info);

/*
 * Address spaces. An address space begins empty and is [0, va_max). All but rumpext_space_create
 * are called with a space that stays. All are [nonblocking], called holding the donor's CPU, so no
 * two at once; but threads may run in the space meanwhile.
 *
 * rumpext_space_create: RUMP_ENOMEM.
 * rumpext_space_destroy: with everything mapped in it. No thread runs in it or will; one that ran
 * in it and is now in the donor, or ends, may still have it loaded: that is the platform's to
 * undo. NULL is allowed.
 */
struct rumpext_space;
int rumpext_space_create(struct rumpext_space **sp);
void rumpext_space_destroy(struct rumpext_space *s);

/*
 * rumpext_space_map: user code that accesses [va, va+len) reaches the arena's bytes from off on,
 * with rights prot (READ always; WRITE and EXEC never without it, both together allowed; a right
 * that is not given is refused to user code by a trap). Replaces what was mapped there; where that
 * was another page, or had more rights, as rumpext_space_unmap() first. Whether a page was accessed
 * or written is not reported: the donor maps no page that it does not hold for accessed, and no
 * page writable that it does not hold for dirty.
 * DEVICE: off is a bus address as of rumpcomp_pci_map(), and accesses are not cached. Memory is no
 * device: RUMP_EINVAL.
 * RUMP_ENOMEM: no memory for page tables: some of the range may be mapped, the rest is as it was
 * (unmapped or mapped); the donor lets others run and tries again. RUMP_EINVAL: not whole pages,
 * beyond va_max, beyond the arena.
 *
 * rumpext_space_protect: take WRITE away from whatever is mapped in [va, va+len).
 * rumpext_space_unmap: nothing is mapped in [va, va+len). Both: gaps are no error, a range may be
 * the whole space, and on return no CPU has a translation with what was taken away. Page tables
 * that become empty may be kept until rumpext_space_destroy().
 */
#define RUMPEXT_SPACE_READ	1u
#define RUMPEXT_SPACE_WRITE	2u
#define RUMPEXT_SPACE_EXEC	4u
#define RUMPEXT_SPACE_DEVICE	8u
int rumpext_space_map(struct rumpext_space *s, uintptr_t va, size_t len, uint64_t off,
    unsigned prot);
void rumpext_space_protect(struct rumpext_space *s, uintptr_t va, size_t len);
void rumpext_space_unmap(struct rumpext_space *s, uintptr_t va, size_t len);

/*
 * Users: what of a user thread's CPU state is not in struct rumpext_regs: floating point, vectors.
 * A user is run by one thread, which need not be the one that created it.
 *
 * rumpext_user_create: with the state that a program begins with. RUMP_ENOMEM.
 * rumpext_user_reset: give u, which is not running, a copy of the state of from, which is the
 * calling thread's own and not in user mode; or, from NULL, the state that a program begins with.
 * rumpext_user_destroy: not running, and nobody kicks it.
 * All [nonblocking], by any thread, with or without the donor's CPU (reset: holding it).
 */
struct rumpext_user;
int rumpext_user_create(struct rumpext_user **up);
void rumpext_user_reset(struct rumpext_user *u, const struct rumpext_user *from);
void rumpext_user_destroy(struct rumpext_user *u);

/*
 * rumpext_user_run: run user code on the calling thread, in space s, from the registers *regs,
 * until it traps; *regs is then as at the trap, and *trap says why. struct rumpext_regs is the
 * instruction set's, in <rump/rumpext_regs.h> (include/cpu/<isa>/rump/), as is what a platform
 * makes of fields that user code could not have set itself. Called without the donor's CPU; makes
 * no upcall. [nowrap; as long as user code runs]
 *
 * work: looked at before user code runs, with interrupts off or an equal guarantee, and again
 * whenever the thread is about to return to user mode from an interrupt or from having been
 * preempted: if it is not 0, the result is RUMPEXT_TRAP_WORK. Another thread that sets it calls
 * rumpext_user_kick() afterwards (both sequentially consistent), so that no work is missed.
 *
 * The user's FP state is loaded; it stays the platform's to save when others need the registers
 * (the donor uses general registers only).
 *
 * ran: CPU time in user mode, in nanoseconds, that was not reported yet. A platform may count as
 * it likes (by its clock at each trap, or by ticks), and report late: 0 at most traps is best, for
 * a report costs the donor some work. But user code that makes no trap is sent back with
 * RUMPEXT_TRAP_WORK, *work or not, each 10 to 100 ms of its CPU time, so that the donor knows the
 * time and keeps limits and timers of CPU time.
 */
struct rumpext_regs;
struct rumpext_trap {
	unsigned	kind;		/* RUMPEXT_TRAP_* */
	unsigned	access;		/* FAULT: the one right meant, RUMPEXT_SPACE_* */
	unsigned	vector;		/* EXCEPTION: see <rump/rumpext_regs.h> */
	unsigned	code;		/* EXCEPTION and FAULT: the CPU's error code */
	uintptr_t	addr;		/* FAULT: to the byte where the CPU says it; else 0 */
	uint64_t	ran;
};
#define RUMPEXT_TRAP_SYSCALL	1	/* the system-call instruction; regs are behind it */
#define RUMPEXT_TRAP_FAULT	2	/* an access that the space does not allow, below va_max or not */
#define RUMPEXT_TRAP_EXCEPTION	3	/* any other exception that user code made */
#define RUMPEXT_TRAP_WORK	4	/* *work is not 0, or it is time to report */
void rumpext_user_run(struct rumpext_user *u, struct rumpext_space *s, struct rumpext_regs *regs,
    const volatile unsigned *work, struct rumpext_trap *trap);

/*
 * rumpext_user_kick: if u's thread is in user mode, on whatever CPU or waiting for one, it looks at
 * its work word soon (within an interrupt's time, not a time slice's). Nothing if it is not. Any
 * thread or the donor's interrupts, with or without the donor's CPU. [nonblocking]
 */
void rumpext_user_kick(struct rumpext_user *u);

/*
 * The FP state as bytes, in the layout that the instruction set's Linux has in a signal frame
 * (<rump/rumpext_regs.h>). u is not in rumpext_user_run(); any thread, holding the donor's CPU.
 * [nonblocking]
 *
 * rumpext_user_fpget: fp_size bytes to buf, at a multiple of 64; bytes that mean nothing are 0.
 * rumpext_user_fpput: the opposite; what no program could have loaded by itself is refused with
 * RUMP_EINVAL, and the state is unchanged then.
 */
void rumpext_user_fpget(struct rumpext_user *u, void *buf);
int rumpext_user_fpput(struct rumpext_user *u, const void *buf);

/*
 * The clock that user code reads without a trap.
 *
 * rumpext_user_clock: from now on and for ever the platform keeps *clk true: at any time,
 *	now = base_ns + ((count - base_count) * mult >> shift), the product taken in 128 bits,
 * is what rumpuser_clock_gettime(RUMPUSER_CLOCK_ABSMONO) would say, in nanoseconds, where count is
 * the CPU's counter as user code reads it (x86_64: rdtsc; aarch64: cntvct_el0), on all CPUs alike.
 * seq is odd while the others change: a reader takes it before and after, and tries again. *clk is
 * zeroed memory of the donor's (in the arena), which the donor maps for programs to read. Called
 * once, at boot, by a donor that has user mode. [nonblocking]
 * RUMP_ENOTSUP: there is no such counter; *clk stays 0, and mult 0 tells programs to trap.
 */
struct rumpext_clock {
	uint32_t	seq;
	uint32_t	mult;
	uint32_t	shift;
	uint32_t	spare;
	uint64_t	base_count;
	uint64_t	base_ns;
};
int rumpext_user_clock(struct rumpext_clock *clk);

/*
 * rumpext_user_restart: a program that may has restarted the machine (reboot(2); halt and power off
 * are rumpuser_exit(0)). Does not return: the machine begins anew, or where that cannot be, whoever
 * started it is told that it was reset.
 */
#ifdef __GNUC__
__attribute__((__noreturn__))
#endif
void rumpext_user_restart(void);

/*
 * Upcalls. The caller does not hold the donor's CPU.
 *
 * rump_ext_spawn: a new process, child of the calling thread's (of process 1 if it is not
 * attached, and it is then), that executes path, a file of the donor's, with argv and envp, both
 * NULL-terminated (envp may be NULL). It has copies of the caller's descriptors, working directory
 * and credentials, and no signal blocked or with a handler. tty: NULL, or a terminal device
 * ("/dev/ttyR0"): the process then begins a session of its own with that as controlling terminal
 * and as those of descriptors 0, 1 and 2 that are not open or close on exec. Returns when the
 * program is about to run its first instruction: its process id, or -errno with the donor's own
 * numbers, and there is no process. The caller learns of its end by the system call wait4, which
 * process 1 also owes to orphans (wait for any).
 * May block. -ENOSYS: the donor is not configured for programs, or the platform has no user mode.
 *
 * rump_ext_pages_take: take at most n of the donor's free pages away, the arena offsets of which
 * go to off[]; returns how many. wait != 0: the donor may give up cached data for it and block: the
 * calling thread is attached. Else what is free and not needed urgently, at once.
 * rump_ext_pages_give: give n pages back; their content does not matter. Does not block.
 * Any thread may call both, also at once; not from within a hypercall.
 */
long rump_ext_spawn(const char *path, char *const argv[], char *const envp[], const char *tty);
size_t rump_ext_pages_take(size_t n, size_t off[], int wait);
void rump_ext_pages_give(size_t n, const size_t off[]);

#endif /* RUMP_RUMPEXT_USER_H */
