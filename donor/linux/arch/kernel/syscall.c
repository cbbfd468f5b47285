// SPDX-License-Identifier: GPL-2.0-only
/*
 * The system-call upcall: the table has the numbers of the instruction set's own Linux.
 */
#include <linux/kernel.h>
#include <linux/syscalls.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <linux/uaccess.h>
#include <linux/unistd.h>
#include <asm/rump.h>
#include <asm/vcpu.h>
#include <asm/syscall.h>

/*
 * Called by rump_ext_syscall() for a thread that is not a task yet, or cannot come in on the
 * short way.
 */
static noinline int enter(struct pillion_hthread **htp)
{
	struct pillion_hthread *ht = *htp;

	if (!ht || !ht->task) {
		ht = pillion_hthread_self();
		if (!ht)
			return -ENOMEM;
		*htp = ht;
		pillion_ht_acquire(ht);
		return pillion_attach(ht, 0);
	}
	pillion_enter_slow(ht);
	return 0;
}

static bool library_task(void)
{
	return current->thread.ht && !pillion_is_program(current);
}

/*
 * The pages behind a library task's memory are the host's, so that a shared futex could not be told
 * from them: all its futexes are private to its process.
 */
long pillion_sys_futex(u32 __user *uaddr, int op, u32 val, const void __user *timeout,
		       u32 __user *uaddr2, u32 val3)
{
	if (library_task())
		op |= FUTEX_PRIVATE_FLAG;
	return sys_futex(uaddr, op, val, timeout, uaddr2, val3);
}

/*
 * The same for many: the flags are in the caller's array, so that the call gets a copy. It has to
 * be memory of the host's, as all that a library task points to.
 */
long pillion_sys_futex_waitv(struct futex_waitv __user *waiters, unsigned int n, unsigned int flags,
			     struct __kernel_timespec __user *timeout, clockid_t clock)
{
	struct futex_waitv *copy;
	unsigned int i;
	void *mem;
	long ret;

	if (!library_task() || !waiters || !n || n > FUTEX_WAITV_MAX)
		return sys_futex_waitv(waiters, n, flags, timeout, clock);
	if (rumpuser_malloc(n * sizeof(*copy), 0, &mem))
		return -ENOMEM;
	copy = mem;
	if (copy_from_user(copy, waiters, n * sizeof(*copy))) {
		ret = -EFAULT;
	} else {
		for (i = 0; i < n; i++)
			copy[i].flags |= FUTEX_PRIVATE_FLAG;
		ret = sys_futex_waitv((void __user __force *)copy, n, flags, timeout, clock);
	}
	rumpuser_free(mem, n * sizeof(*copy));
	return ret;
}

/* The donor ends in rump_ext_halt(). A halt ends its caller, which a host thread cannot be. */
long pillion_sys_reboot(int magic1, int magic2, unsigned int cmd, void __user *arg)
{
	if (library_task())
		return -EPERM;
	return sys_reboot(magic1, magic2, cmd, arg);
}

/*
 * exit and exit_group end the task, not the host thread. Process 1 stays: there exit_group is
 * exit.
 */
static noinline long exit_call(struct pillion_hthread *ht, long nr, long code)
{
	if (nr == __NR_exit_group && !is_global_init(current->group_leader))
		pillion_group_exit((code & 0xff) << 8);
	pillion_detach(ht, (code & 0xff) << 8);
	return 0;
}

static noinline long leave(struct pillion_hthread *ht, long nr, long ret, bool *again)
{
	*again = false;
	if (read_task_thread_flags(current) & _TIF_WORK_MASK) {
		*again = pillion_exit_work(ht, &ret);
		if (*again)
			return ret;
		if (fatal_signal_pending(current)) {
			int pid = current->tgid;

			pillion_detach(ht, SIGKILL);
			pillion_deliver_signals(ht, pid);
			return ret;
		}
	}
	pillion_leave_slow(ht);
	if (unlikely(ht->nsignals))
		pillion_deliver_signals(ht, ht->task->tgid);
	return ret;
}

long rump_ext_syscall(long nr, long a, long b, long c, long d, long e, long f)
{
	struct pillion_hthread *ht = (void *)rumpuser_curlwp();
	unsigned int free = 0;
	bool again;
	long ret;

	if (likely(ht && ht->task &&
		   __atomic_compare_exchange_n(&pillion_vcpu.lock, &free, 1, false,
					       __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))) {
		pillion_vcpu.carrier = ht;
		if (unlikely(current != ht->task))
			pillion_enter_held(ht);
	} else {
		ret = enter(&ht);
		if (ret)
			return ret;
	}
	do {
		if (unlikely(nr == __NR_exit || nr == __NR_exit_group))
			return exit_call(ht, nr, a);
		if (likely((unsigned long)nr < NR_syscalls))
			ret = sys_call_table[nr](a, b, c, d, e, f);
		else
			ret = -ENOSYS;
		ret = leave(ht, nr, ret, &again);
	} while (unlikely(again));
	return ret;
}
