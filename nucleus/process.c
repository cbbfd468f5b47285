/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Native processes: how they begin and end. The interface is process.h.
 *
 * A process's memory and capabilities are given back by its last task, which is in the kernel then
 * and on no lock.
 */
#include <nucleus/elf.h>
#include <nucleus/error.h>
#include <nucleus/heap.h>
#include <nucleus/log.h>
#include <nucleus/process.h>
#include <nucleus/regs.h>
#include <nucleus/string.h>

static struct spinlock process_lock;
static struct list processes = LIST_INIT(processes);
static uint32_t last_id;
static struct archive boot_archive;

/* ---- memory of a program ---- */

static int map_at(struct vm *vm, vaddr_t va, size_t len, unsigned prot)
{
	return vm_map(vm, &va, len, prot);
}

static int load_segments(struct vm *vm, const struct elf *e, const uint8_t *data)
{
	int error = 0;

	for (unsigned i = 0; i < e->segments && error == 0; i++) {
		const struct elf_segment *s = &e->segment[i];
		vaddr_t start = ROUND_DOWN(s->start, PAGE_SIZE);
		vaddr_t end = ROUND_UP(s->start + s->len, PAGE_SIZE);

		error = map_at(vm, start, end - start, s->prot);
		if (error == 0)
			error = vm_load(vm, s->start, data + s->offset, s->file);
	}
	return error;
}

/* Strings of [args, args + len) on the stack, and below them their addresses and number. */
static int push_args(struct vm *vm, const char *args, size_t len, vaddr_t *sp)
{
	vaddr_t strings = ROUND_DOWN(VM_STACK_END - len, 16), at;
	unsigned long n = 0, none = 0, address;
	int error;

	for (size_t i = 0; i < len; i++)
		n += args[i] == 0;
	*sp = at = ROUND_DOWN(strings - (n + 2) * sizeof(n), 16);
	error = vm_copy_out(vm, at, &n, sizeof(n));
	for (size_t i = 0; i < len && error == 0; i += strlen(args + i) + 1) {
		address = strings + i;
		at += sizeof(n);
		error = vm_copy_out(vm, at, &address, sizeof(address));
	}
	if (error == 0)
		error = vm_copy_out(vm, at + sizeof(n), &none, sizeof(none));
	return error != 0 ? error : vm_copy_out(vm, strings, args, len);
}

/* The memory with which a program begins. args end with a 0. */
static int load_program(struct vm *vm, const char *name, const char *args, size_t len,
    struct cpu_regs *regs)
{
	struct archive_file file;
	struct elf elf;
	vaddr_t sp;
	int error;

	if (!archive_find(&boot_archive, name, &file))
		return E_NOENT;
	error = elf_read(file.data, file.size, &elf);
	if (error == 0)
		error = load_segments(vm, &elf, file.data);
	if (error == 0)
		error = map_at(vm, VM_STACK_END - VM_STACK_MAX, VM_STACK_MAX, MAP_R | MAP_W);
	if (error == 0)
		error = push_args(vm, args, len, &sp);
	if (error == 0)
		regs_begin(regs, elf.entry, sp, 0);
	return error;
}

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
			waitq_interrupt(t->waits_in, t->thread);
			spin_release(&t->waits_in->lock);
			break;
		}
		spin_release(&t->lock);
		cpu_pause();
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
		t->user = user_create(from);
	if (t == NULL || t->user == NULL) {
		heap_free(t);
		account_uncharge(p->account, LIMIT_THREADS, 1);
		return NULL;
	}
	t->process = p;
	list_init(&t->link);
	return t;
}

static void task_free(struct task *t)
{
	user_destroy(t->user);
	account_uncharge(t->process->account, LIMIT_THREADS, 1);
	heap_free(t);
}

/* The task joins its process and begins to run. E_INTR: the process is ending. */
static int task_run(struct task *t, unsigned prio)
{
	struct process *p = t->process;
	unsigned long flags = spin_lock(&process_lock);
	bool ending = p->ending;

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

/* Nobody runs in p any more. */
static void process_release(struct process *p)
{
	unsigned long flags;

	vm_destroy(p->vm);
	p->vm = NULL;
	account_uncharge(p->account, LIMIT_PROCESSES, 1);
	account_put(p->account);
	p->account = NULL;
	flags = spin_lock(&p->gone_wait.lock);
	p->gone = true;
	waitq_wake_all(&p->gone_wait);
	spin_unlock(&p->gone_wait.lock, flags);
}

void task_leave(void)
{
	struct task *t = task_self();
	struct process *p = t->process;
	unsigned long flags = spin_lock(&process_lock);
	bool last;

	list_del(&t->link);
	last = list_empty(&p->tasks);
	if (last)
		p->ending = true;		/* perhaps just now: the last task of one that goes on */
	spin_unlock(&process_lock, flags);
	thread_tls(0) = NULL;
	task_free(t);
	if (last)
		process_release(p);
	thread_exit();
}

/* ---- processes ---- */

static struct process *process_create(const char *name, struct account *group)
{
	struct process *p = heap_zalloc(sizeof(*p));

	if (p == NULL)
		return NULL;
	p->account = account_create(group);
	if (p->account == NULL || account_charge(p->account, LIMIT_PROCESSES, 1) != 0) {
		if (p->account != NULL)
			account_put(p->account);
		heap_free(p);
		return NULL;
	}
	list_init(&p->tasks);
	waitq_init(&p->gone_wait);
	strlcpy(p->name, name, sizeof(p->name));
	return p;
}

static void process_publish(struct process *p, uint32_t parent)
{
	unsigned long flags = spin_lock(&process_lock);

	p->id = ++last_id;
	p->parent = parent;
	list_add_tail(&processes, &p->all_link);
	spin_unlock(&process_lock, flags);
}

static void process_free(struct process *p)
{
	unsigned long flags = spin_lock(&process_lock);

	list_del(&p->all_link);
	spin_unlock(&process_lock, flags);
	heap_free(p);
}

void process_end(struct process *p, enum end_reason reason, int status, uintptr_t address)
{
	unsigned long flags = spin_lock(&process_lock);
	struct task *t;

	if (!p->ending) {
		p->ending = true;
		p->ended = (struct wait_info) { p->id, reason, status, 0, address };
		list_for_each(t, &p->tasks, link) {
			t->work |= TASK_END;
			user_kick(t->user);
			interrupt(t);
		}
	}
	spin_unlock(&process_lock, flags);
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
	process_free(p);
}

int process_start(const struct archive *archive, const char *name, struct process **pp)
{
	struct process *p = process_create(name, NULL);
	struct task *t = p != NULL ? task_create(p, NULL) : NULL;
	int error;

	boot_archive = *archive;
	if (t == NULL)
		return E_NOMEM;
	p->vm = vm_create(p->account);
	if (p->vm == NULL)
		return E_NOMEM;
	error = load_program(p->vm, name, name, strlen(name) + 1, &t->regs);
	if (error != 0)
		return error;
	process_publish(p, 0);
	*pp = p;
	return task_run(t, PRIO_NORMAL);
}
