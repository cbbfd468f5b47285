/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Futexes: tasks that wait until somebody says that a word of their memory has changed. The
 * interface is process.h.
 *
 * A waiter is in one of some queues, which its word's identity chooses. Who changes a word and then
 * wakes finds a waiter that has seen the word as it was before: that one looked with its queue
 * locked, and was in it when that was unlocked.
 *
 * Locking: the vm's mutex, then a queue's lock.
 */
#include <nucleus/error.h>
#include <nucleus/process.h>

#define QUEUES		64

static struct waitq queues[QUEUES];

static struct waitq *queue_of(const void *identity, size_t offset)
{
	uint64_t hash = ((uintptr_t)identity >> 4 ^ offset >> 2) * 0x9e3779b97f4a7c15ul;
	struct waitq *wq = &queues[hash >> 58];

	/* Zeroes are a free lock, but no empty list. */
	if (unlikely(READ_ONCE(wq->waiters.next) == NULL)) {
		unsigned long flags = spin_lock(&wq->lock);

		if (wq->waiters.next == NULL) {
			wq->waiters.prev = &wq->waiters;
			WRITE_ONCE(wq->waiters.next, &wq->waiters);
		}
		spin_unlock(&wq->lock, flags);
	}
	return wq;
}

long futex_wait(struct task *t, vaddr_t va, uint32_t value, nsec_t deadline)
{
	struct vm *vm = t->process->vm;
	const uint32_t *word;
	unsigned long flags;
	struct waitq *wq;
	int error;

	if (va % sizeof(*word) != 0)
		return -E_INVAL;
	error = vm_lock_word(vm, va, &word, &t->futex, &t->futex_offset);
	if (error != 0)
		return -error;
	wq = queue_of(t->futex, t->futex_offset);
	flags = spin_lock(&wq->lock);
	if (__atomic_load_n(word, __ATOMIC_SEQ_CST) != value) {
		spin_unlock(&wq->lock, flags);
		vm_unlock(vm);
		return -E_AGAIN;
	}
	vm_unlock(vm);
	return -task_sleep(wq, flags, deadline);
}

long futex_wake(struct task *t, vaddr_t va, unsigned long count)
{
	struct vm *vm = t->process->vm;
	struct thread *thread, *next;
	const uint32_t *word;
	const void *identity;
	unsigned long flags, woken = 0;
	size_t offset;
	struct waitq *wq;
	int error;

	if (va % sizeof(*word) != 0)
		return -E_INVAL;
	error = vm_lock_word(vm, va, &word, &identity, &offset);
	if (error != 0)
		return -error;
	vm_unlock(vm);
	wq = queue_of(identity, offset);
	flags = spin_lock(&wq->lock);
	list_for_each_safe(thread, next, &wq->waiters, wait_link) {
		const struct task *waiter = thread->tls[0];

		if (woken < count && waiter->futex == identity && waiter->futex_offset == offset)
			woken += waitq_end(wq, thread, 0);
	}
	spin_unlock(&wq->lock, flags);
	return (long)woken;
}
