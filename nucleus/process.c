/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Native processes: how they begin and end. The interface is process.h.
 *
 * A process's memory and capabilities are given back by its last task. What is left then is an
 * object, to which there may be capabilities: the parent's, with which it waits, and others.
 *
 * Locking: process_lock, as process.h says; a process's gone_wait for gone, and its parent's
 * child_ended. Of these only the last is ever taken with another held, process_lock.
 */
#include <nucleus/error.h>
#include <nucleus/heap.h>
#include <nucleus/log.h>
#include <nucleus/process.h>
#include <nucleus/regs.h>
#include <nucleus/smp.h>
#include <nucleus/string.h>

struct spinlock process_lock;
struct list processes = LIST_INIT(processes);
unsigned long process_ended_calls;
static uint32_t last_id, last_task;
static struct archive boot_archive;

/* ---- waiting, and being interrupted ---- */

int task_sleep(struct waitq *wq, unsigned long flags, nsec_t deadline)
{
	struct task *t = task_self();
	int error;

	spin_acquire(&t->lock);
	t->waits_in = wq;
	error = t->work & TASK_END ? E_INTR : 0;
	spin_release(&t->lock);
	if (error == 0)
		error = waitq_sleep(wq, flags, deadline);
	else
		spin_unlock(&wq->lock, flags);
	flags = spin_lock(&t->lock);
	t->waits_in = NULL;
	spin_unlock(&t->lock, flags);
	return error;
}

/*
 * While its lock is held the task does not return from task_sleep(), so the queue exists. Others
 * lock the queue first.
 */
static void interrupt(struct task *t)
{
	unsigned long flags = spin_lock(&t->lock);

	while (t->waits_in != NULL) {
		if (spin_try_acquire(&t->waits_in->lock)) {
			(void)waitq_end(t->waits_in, t->thread, E_INTR);
			spin_release(&t->waits_in->lock);
			break;
		}
		spin_release(&t->lock);
		smp_spin();
		spin_acquire(&t->lock);
	}
	spin_unlock(&t->lock, flags);
}

/* ---- tasks ---- */

static struct task *task_create(struct process *p, struct user *from)
{
	struct task *t;

	if (account_charge(p->account, LIMIT_THREADS, 1) != 0)
		return NULL;
	t = heap_zalloc(sizeof(*t));
	if (t != NULL)
		t->user = user_create_native(from);
	if (t == NULL || t->user == NULL) {
		heap_free(t);
		account_uncharge(p->account, LIMIT_THREADS, 1);
		return NULL;
	}
	t->process = p;
	list_init(&t->link);
	ipc_init(&t->ipc, NULL, &p->caps);
	return t;
}

static void task_free(struct task *t)
{
	user_destroy(t->user);
	account_uncharge(t->process->account, LIMIT_THREADS, 1);
	heap_free(t);
}

/* p is new, and known from here on. process_lock is held. */
static void publish(struct process *p)
{
	p->id = p->ended.id = ++last_id;
	if (p->parent != NULL)
		list_add_tail(&p->parent->children, &p->sibling);
	list_add_tail(&processes, &p->all_link);
}

/*
 * The task joins its process and begins to run; the reference to a process that begins with it is
 * its own from then on. E_INTR: the process is ending.
 */
static int task_run(struct task *t, unsigned prio)
{
	struct process *p = t->process;
	unsigned long flags = spin_lock(&process_lock);
	bool ending = p->ending;

	if (list_empty(&p->all_link))
		publish(p);
	if (!ending)
		list_add_tail(&p->tasks, &t->link);
	spin_unlock(&process_lock, flags);
	if (ending)
		return E_INTR;
	if (thread_create(p->name, prio, 0, false, task_main, t) != NULL)
		return 0;
	flags = spin_lock(&process_lock);
	list_del(&t->link);
	spin_unlock(&process_lock, flags);
	return E_NOMEM;
}

/* ---- the end ---- */

static void wake_all(struct waitq *wq)
{
	unsigned long flags = spin_lock(&wq->lock);

	waitq_wake_all(wq);
	spin_unlock(&wq->lock, flags);
}

/* p leaves its children. Its own parent, with a reference; NULL: it is gone. */
static struct process *leave_family(struct process *p)
{
	unsigned long flags = spin_lock(&process_lock);
	struct process *parent = p->parent, *child, *next;

	list_for_each_safe(child, next, &p->children, sibling) {
		list_del(&child->sibling);
		child->parent = NULL;
	}
	if (parent != NULL)
		object_get(&parent->object);
	spin_unlock(&process_lock, flags);
	return parent;
}

/* Nobody runs in p any more, or has begun to. */
static void process_release(struct process *p)
{
	struct process *parent;
	unsigned long flags;

	captable_destroy(&p->caps);
	if (p->vm != NULL)
		vm_destroy(p->vm);
	p->vm = NULL;
	parent = leave_family(p);
	account_uncharge(p->account, LIMIT_PROCESSES, 1);
	flags = spin_lock(&p->gone_wait.lock);
	p->gone = true;
	waitq_wake_all(&p->gone_wait);
	spin_unlock(&p->gone_wait.lock, flags);
	if (parent != NULL) {
		wake_all(&parent->child_ended);
		object_put(&parent->object);
	}
	object_put(&p->object);
}

static void process_destroy(struct object *o)
{
	struct process *p = container_of(o, struct process, object);
	unsigned long flags = spin_lock(&process_lock);

	list_del(&p->all_link);
	list_del(&p->sibling);
	spin_unlock(&process_lock, flags);
	account_put(p->account);
	object_fini(o);
	heap_free(p);
}

const struct object_type process_type = { .kind = CAP_PROCESS, .destroy = process_destroy };

void task_leave(void)
{
	struct task *t = task_self();
	struct process *p = t->process;
	nsec_t time = thread_run_time(t->thread);
	unsigned long flags;
	bool last;

	ipc_exit(&t->ipc);
	object_get(&p->object);			/* the last task may leave before we are done */
	flags = spin_lock(&process_lock);
	list_del(&t->link);
	p->time += time;
	p->calls += t->ipc.calls + t->ipc.fast_calls;
	process_ended_calls += t->ipc.fast_calls;
	last = list_empty(&p->tasks);
	if (last)
		p->ending = true;		/* perhaps just now: it was the last to leave */
	spin_unlock(&process_lock, flags);
	thread_tls(0) = NULL;
	task_free(t);
	if (last)
		process_release(p);
	object_put(&p->object);
	thread_exit();
}

void process_end(struct process *p, enum end_reason reason, int status, uintptr_t address)
{
	unsigned long flags = spin_lock(&process_lock);
	struct task *t, *self = task_self();

	if (!p->ending) {
		p->ending = true;
		p->ended = (struct wait_info) { p->id, reason, status, 0, address };
		list_for_each(t, &p->tasks, link) {
			t->work |= TASK_END;
			if (t == self)
				continue;	/* it looks when it leaves this call */
			interrupt(t);
			ipc_interrupt(&t->ipc);
			user_kick(t->user);	/* last: fastpath.c does not look at work */
		}
	}
	spin_unlock(&process_lock, flags);
}

/* ---- the beginning ---- */

/* In the parent's group, and with its limits. The object is charged to the parent. */
static struct account *account_like(struct process *parent)
{
	struct account *group = parent != NULL ? account_group(parent->account) : NULL;
	struct account *a = account_create(group);

	if (group != NULL)
		account_put(group);
	for (unsigned i = 0; a != NULL && parent != NULL && i < LIMITS; i++)
		a->limit[i] = parent->account->limit[i];
	return a;
}

/* With nothing but its accounts, and on no list of processes. */
static struct process *process_create(const char *name, struct process *parent)
{
	struct process *p = heap_zalloc(sizeof(*p));
	bool good;

	if (p == NULL)
		return NULL;
	list_init(&p->tasks);
	list_init(&p->children);
	list_init(&p->sibling);
	list_init(&p->all_link);
	waitq_init(&p->child_ended);
	waitq_init(&p->gone_wait);
	strlcpy(p->name, name, sizeof(p->name));
	p->parent = parent;
	p->account = account_like(parent);
	good = p->account != NULL && account_charge(p->account, LIMIT_PROCESSES, 1) == 0;
	if (good && object_init(&p->object, &process_type, parent != NULL ? parent->account : NULL) == 0) {
		captable_init(&p->caps, p->account);
		return p;
	}
	if (good)
		account_uncharge(p->account, LIMIT_PROCESSES, 1);
	if (p->account != NULL)
		account_put(p->account);
	heap_free(p);
	return NULL;
}

int process_start(const struct archive *archive, const char *args, size_t len,
    struct process **pp)
{
	struct process *p = process_create(args, NULL);
	struct task *t = p != NULL ? task_create(p, NULL) : NULL;
	long handle;
	int error;

	boot_archive = *archive;
	if (t == NULL)
		return E_NOMEM;
	p->vm = vm_create(p->account, &p->caps);
	if (p->vm == NULL)
		return E_NOMEM;
	error = program_load(p->vm, args, args, len, &t->regs);
	handle = cap_insert(&p->caps, &system_object, RIGHTS_ALL, 0);
	if (error != 0 || handle != HANDLE_SYSTEM)
		return error != 0 ? error : E_NOMEM;
	object_get(&p->object);
	*pp = p;
	return task_run(t, PRIO_NORMAL);
}

void process_join(struct process *p, struct wait_info *info)
{
	unsigned long flags = spin_lock(&p->gone_wait.lock);

	while (!p->gone) {
		(void)waitq_sleep(&p->gone_wait, flags, NSEC_NEVER);
		flags = spin_lock(&p->gone_wait.lock);
	}
	spin_unlock(&p->gone_wait.lock, flags);
	*info = p->ended;
	object_put(&p->object);
}

/* The parent's handle comes first: from then on the child is an object that is just not gone. */
static long fork(struct task *t, struct process *child)
{
	struct process *p = t->process;
	struct task *copy = task_create(child, t->user);
	int error;
	long handle = -E_NOMEM;

	if (copy != NULL)
		child->vm = vm_fork(p->vm, child->account, &child->caps);
	if (child->vm != NULL)
		handle = cap_insert(&p->caps, &child->object, RIGHTS_ALL, 0);
	if (handle < 0) {
		if (copy != NULL)
			task_free(copy);
		return handle;
	}
	child->handle = (unsigned long)handle;
	copy->regs = t->regs;
	regs_result(&copy->regs, 0);
	error = task_run(copy, t->thread->base_prio);
	if (error == 0)
		return handle;
	task_free(copy);
	(void)cap_close(&p->caps, (unsigned long)handle);
	return -error;
}

long process_fork(struct task *t)
{
	struct process *child = process_create(t->process->name, t->process);
	long handle;

	if (child == NULL)
		return -E_NOMEM;
	handle = fork(t, child);
	if (handle < 0)
		process_release(child);
	return handle;
}

/* Of the program's name what is behind the last slash. */
static void set_name(struct process *p, const char *name)
{
	for (const char *s = name; *s != 0; s++) {
		if (*s == '/')
			name = s + 1;
	}
	strlcpy(p->name, name, sizeof(p->name));
	strlcpy(thread_self()->name, p->name, sizeof(thread_self()->name));
}

int process_exec(struct task *t, const char *name, const char *args, size_t len)
{
	struct process *p = t->process;
	struct cpu_regs regs;
	struct vm *vm, *old = p->vm;
	int error;

	if (p->tasks.next->next != &p->tasks)
		return E_BUSY;
	vm = vm_create(p->account, &p->caps);
	if (vm == NULL)
		return E_NOMEM;
	error = program_load(vm, name, args, len, &regs);
	if (error != 0) {
		vm_destroy(vm);
		return error;
	}
	p->vm = vm;
	vm_destroy(old);
	t->regs = regs;
	user_reset_native(t->user);
	set_name(p, name);
	return 0;
}

long process_thread(struct task *t, vaddr_t entry, vaddr_t sp, unsigned long argument,
    unsigned prio)
{
	struct task *new = task_create(t->process, NULL);
	int error;

	if (new == NULL)
		return -E_NOMEM;
	regs_begin(&new->regs, entry, sp, argument);
	new->id = __atomic_add_fetch(&last_task, 1, __ATOMIC_RELAXED);
	error = task_run(new, prio);
	if (error != 0)
		task_free(new);
	return error != 0 ? -error : (long)new->id;
}

const struct archive *process_archive(void)
{
	return &boot_archive;
}

static void system_destroy(struct object *o)
{
	(void)o;				/* it has a reference of its own */
}

static const struct object_type system_type = { .kind = CAP_SYSTEM, .destroy = system_destroy };
struct object system_object = {
	.type = &system_type, .refs = 1, .caps = LIST_INIT(system_object.caps),
};
