/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Native system calls that are not about IPC. The interface is abi.h.
 * Locking: none of its own.
 */
#include <nucleus/board.h>
#include <nucleus/calls.h>
#include <nucleus/checked.h>
#include <nucleus/console.h>
#include <nucleus/error.h>
#include <nucleus/heap.h>
#include <nucleus/log.h>
#include <nucleus/memory.h>
#include <nucleus/regs.h>
#include <nucleus/smp.h>
#include <nucleus/string.h>

/* What programs get has no bytes between its fields, in which there would be something of ours. */
#define WORDS(n)	((n) * sizeof(unsigned long))
#define UNSIGNED(n)	((n) * sizeof(unsigned))
_Static_assert(sizeof(struct cap_info) == UNSIGNED(4) + WORDS(2), "padding");
_Static_assert(sizeof(struct wait_info) == UNSIGNED(4) + WORDS(1), "padding");
_Static_assert(sizeof(struct info_process) == UNSIGNED(4) + WORDS(2 * LIMITS + 2) + 40, "padding");
_Static_assert(sizeof(struct info_memory) == WORDS(4), "padding");
_Static_assert(sizeof(struct info_ipc) == WORDS(5), "padding");
_Static_assert(sizeof(struct info_cpu) == UNSIGNED(2) + WORDS(2), "padding");
_Static_assert(sizeof(struct info_file) == WORDS(1) + 56, "padding");
_Static_assert(sizeof(struct info_device) == 24 + WORDS(2) + UNSIGNED(6), "padding");

#define ARGS_MAX	(16 * KIB)
#define NAME_MAX	64

/* A new object's handle; the caller's reference is dropped. */
static long give(struct task *t, struct object *o, unsigned rights)
{
	long handle = cap_insert(&t->process->caps, o, rights, 0);

	object_put(o);
	return handle;
}

/* The capability for the system; no object comes with it. */
static int need_system(struct task *t, unsigned long handle, unsigned rights)
{
	struct object *o;
	int error = cap_get(&t->process->caps, handle, CAP_SYSTEM, rights, &o, NULL);

	if (error == 0)
		object_put(o);
	return error;
}

static long sys_null(struct task *t, const unsigned long a[6])
{
	(void)t;
	(void)a;
	return 0;
}

/* ---- memory ---- */

static long sys_map(struct task *t, const unsigned long a[6])
{
	vaddr_t va = a[0];
	int error = a[2] > UINT32_MAX ? E_INVAL : vm_map(t->process->vm, &va, a[1], (unsigned)a[2]);

	return error != 0 ? -error : (long)va;
}

static long sys_unmap(struct task *t, const unsigned long a[6])
{
	return -vm_unmap(t->process->vm, a[0], a[1]);
}

static long sys_protect(struct task *t, const unsigned long a[6])
{
	return a[2] > UINT32_MAX ? -E_INVAL :
	    -vm_protect(t->process->vm, a[0], a[1], (unsigned)a[2]);
}

static long sys_memory(struct task *t, const unsigned long a[6])
{
	struct memory *m;
	int error = a[1] > UINT32_MAX ? E_INVAL :
	    memory_create(a[0], (unsigned)a[1], t->process->account, &m);

	return error != 0 ? -error : give(t, &m->object, RIGHTS_ALL);
}

static long sys_memory_map(struct task *t, const unsigned long a[6])
{
	vaddr_t va = a[3];
	int error = a[4] > UINT32_MAX ? E_INVAL :
	    memory_map(t->process->vm, &t->process->caps, a[0], a[1], a[2], &va, (unsigned)a[4]);

	return error != 0 ? -error : (long)va;
}

static long sys_memory_phys(struct task *t, const unsigned long a[6])
{
	struct object *o;
	struct memory *m;
	long result = cap_get(&t->process->caps, a[0], CAP_MEMORY, RIGHT_PHYS, &o, NULL);

	if (result != 0)
		return -result;
	m = container_of(o, struct memory, object);
	result = m->base != 0 && a[1] < m->pages << PAGE_SHIFT ? (long)(m->base + a[1]) : -E_INVAL;
	object_put(o);
	return result;
}

static long sys_device(struct task *t, const unsigned long a[6])
{
	struct captable *caps = &t->process->caps;
	struct account *account = t->process->account;
	struct memory *m;
	int error = need_system(t, a[0], RIGHT_CONTROL);

	if (error != 0)
		return -error;
	if (a[1] == CAP_IRQ)
		return a[2] > UINT32_MAX ? -E_INVAL : irq_object_create(caps, account, (unsigned)a[2]);
	if (a[1] == CAP_PORTS)
		return ports_create(caps, account, a[2], a[3]);
	if (a[1] != CAP_DEVICE)
		return -E_INVAL;
	error = memory_create_device(a[2], a[3], account, &m);
	return error != 0 ? -error : give(t, &m->object, RIGHTS_ALL);
}

/* ---- capabilities ---- */

static long sys_cap_copy(struct task *t, const unsigned long a[6])
{
	struct captable *caps = &t->process->caps;

	return cap_copy(caps, a[0], caps, (unsigned)a[1] & RIGHTS_ALL, a[2]);
}

static long sys_cap_close(struct task *t, const unsigned long a[6])
{
	return -cap_close(&t->process->caps, a[0]);
}

static long sys_cap_revoke(struct task *t, const unsigned long a[6])
{
	return -cap_revoke(&t->process->caps, a[0]);
}

static long sys_cap_inherit(struct task *t, const unsigned long a[6])
{
	return -cap_inherit(&t->process->caps, a[0], a[1] != 0);
}

static long sys_cap_info(struct task *t, const unsigned long a[6])
{
	struct cap_info info = { 0 };
	struct object *o;
	int error = cap_info(&t->process->caps, a[0], &info);

	if (error == 0 && (info.kind == CAP_MEMORY || info.kind == CAP_DEVICE) &&
	    cap_get(&t->process->caps, a[0], info.kind, 0, &o, NULL) == 0) {
		info.size = container_of(o, struct memory, object)->pages << PAGE_SHIFT;
		object_put(o);
	}
	if (error == 0)
		error = vm_copy_out(t->process->vm, a[1], &info, sizeof(info));
	return -error;
}

/* ---- processes and threads ---- */

static long sys_fork(struct task *t, const unsigned long a[6])
{
	(void)a;
	return process_fork(t);
}

/* The strings end within their length. */
static long sys_exec(struct task *t, const unsigned long a[6])
{
	struct vm *vm = t->process->vm;
	char name[NAME_MAX], *args;
	long error = vm_copy_string(vm, name, a[0], sizeof(name));

	if (error < 0)
		return error == -E_INVAL ? -E_NOENT : error;
	if (a[2] == 0 || a[2] > ARGS_MAX)
		return -E_INVAL;
	args = heap_alloc(a[2]);
	if (args == NULL)
		return -E_NOMEM;
	error = vm_copy_in(vm, args, a[1], a[2]);
	if (error == 0 && args[a[2] - 1] != 0)
		error = E_INVAL;
	if (error == 0)
		error = process_exec(t, name, args, a[2]);
	heap_free(args);
	return error == 0 ? NATIVE_NO_RESULT : -error;
}

static long sys_exit(struct task *t, const unsigned long a[6])
{
	process_end(t->process, END_EXIT, a[0] & 0xff, 0);
	return 0;
}

static long sys_wait(struct task *t, const unsigned long a[6])
{
	struct wait_info info;
	long handle = process_wait(t->process, a[0], a[1], &info);
	int error = handle > 0 ? vm_copy_out(t->process->vm, a[2], &info, sizeof(info)) : 0;

	return error != 0 ? -error : handle;
}

static long sys_kill(struct task *t, const unsigned long a[6])
{
	struct object *o;
	int error = cap_get(&t->process->caps, a[0], CAP_PROCESS, RIGHT_KILL, &o, NULL);

	if (error != 0)
		return -error;
	process_end(container_of(o, struct process, object), END_KILL, (int)a[1], 0);
	object_put(o);
	return 0;
}

static long sys_thread(struct task *t, const unsigned long a[6])
{
	unsigned own = t->thread->base_prio;

	if (a[3] > own)
		return -E_INVAL;
	return process_thread(t, a[0], a[1], a[2], a[3] != 0 ? (unsigned)a[3] : own);
}

static long sys_thread_exit(struct task *t, const unsigned long a[6])
{
	(void)a;
	t->work |= TASK_END;
	return 0;
}

static long sys_thread_tls(struct task *t, const unsigned long a[6])
{
	if (a[0] >= USER_END)
		return -E_INVAL;
	regs_set_tls(&t->regs, a[0]);
	return 0;
}

static long sys_futex_wait(struct task *t, const unsigned long a[6])
{
	return futex_wait(t, a[0], (uint32_t)a[1], a[2]);
}

static long sys_futex_wake(struct task *t, const unsigned long a[6])
{
	return futex_wake(t, a[0], a[1]);
}

static long sys_yield(struct task *t, const unsigned long a[6])
{
	(void)t;
	(void)a;
	thread_yield();
	return 0;
}

static long sys_priority(struct task *t, const unsigned long a[6])
{
	if (a[0] == 0 || a[0] > t->thread->base_prio)
		return -E_INVAL;
	thread_set_prio(t->thread, (unsigned)a[0]);
	ipc_prio_changed(&t->ipc);
	return 0;
}

static long sys_limit(struct task *t, const unsigned long a[6])
{
	if (a[0] >= LIMITS)
		return -E_INVAL;
	account_lower(t->process->account, (enum limit)a[0], a[1]);
	return 0;
}

static long sys_group(struct task *t, const unsigned long a[6])
{
	unsigned long limit[LIMITS];
	struct account *group;
	int error = need_system(t, a[0], RIGHT_CONTROL);

	if (error == 0)
		error = vm_copy_in(t->process->vm, limit, a[1], sizeof(limit));
	if (error != 0)
		return -error;
	group = account_create(NULL);
	if (group == NULL)
		return -E_NOMEM;
	memcpy(group->limit, limit, sizeof(limit));
	error = account_move(t->process->account, group);
	account_put(group);
	return -error;
}

static long sys_process(struct task *t, const unsigned long a[6])
{
	int error = need_system(t, a[0], RIGHT_CONTROL);
	struct process *p;

	if (error != 0)
		return -error;
	p = a[1] <= UINT32_MAX ? process_find((uint32_t)a[1]) : NULL;
	return p == NULL ? -E_NOENT : give(t, &p->object, RIGHTS_ALL);
}

/* ---- the rest ---- */

static long sys_clock(struct task *t, const unsigned long a[6])
{
	(void)t;
	(void)a;
	return (long)clock_now();
}

/* A line without what a terminal may take for more than text. */
static long sys_log(struct task *t, const unsigned long a[6])
{
	char text[LOG_MAX + 1];
	int error;

	if (a[1] > LOG_MAX)
		return -E_INVAL;
	error = vm_copy_in(t->process->vm, text, a[0], a[1]);
	if (error != 0)
		return -error;
	for (size_t i = 0; i < a[1]; i++) {
		if (((uint8_t)text[i] < ' ' && text[i] != '\t') || (uint8_t)text[i] > '~')
			text[i] = '?';
	}
	text[a[1]] = '\n';
	console_write(text, a[1] + 1);
	return 0;
}

union info_any {
	struct info_process	process;
	struct info_memory	memory;
	struct info_ipc		ipc;
	struct info_cpu		cpu;
	struct info_file	file;
	struct info_device	device;
	struct info_lock	lock;
};

static size_t info_memory(struct info_memory *info)
{
	struct page_stats pages;
	struct heap_stats heap;

	heap_stats(&heap);		/* first: it gives pages back */
	page_stats(&pages);
	*info = (struct info_memory) { pages.total + pages.reserved, pages.free,
	    pages.reserved + heap.pages, heap.blocks };
	return sizeof(*info);
}

static size_t info_ipc(struct info_ipc *info)
{
	ipc_stats(info);
	info->fast = process_fast_calls();
	info->calls += info->fast;
	return sizeof(*info);
}

static size_t info_cpu(unsigned long index, struct info_cpu *info)
{
	if (index >= cpu_count)
		return 0;
	*info = (struct info_cpu) { .id = (unsigned)index, .idle = thread_run_time(cpus[index].idle),
	    .switches = READ_ONCE(cpus[index].switches) };
	return sizeof(*info);
}

static size_t info_file(unsigned long index, struct info_file *info)
{
	struct archive_file f;
	size_t at = 0;

	do {
		if (archive_next(process_archive(), &at, &f) != 0)
			return 0;
	} while (!archive_is_file(&f) || index-- > 0);
	*info = (struct info_file) { .size = f.size };
	strlcpy(info->name, f.name, sizeof(info->name));
	return sizeof(*info);
}

/* How many bytes there are; 0: none of that index. */
static size_t info(unsigned long what, unsigned long index, union info_any *any)
{
	switch (what) {
	case INFO_PROCESS:
		return index <= UINT32_MAX && process_info((uint32_t)index, &any->process) ?
		    sizeof(any->process) : 0;
	case INFO_MEMORY:
		return index == 0 ? info_memory(&any->memory) : 0;
	case INFO_IPC:
		return index == 0 ? info_ipc(&any->ipc) : 0;
	case INFO_CPU:
		return info_cpu(index, &any->cpu);
	case INFO_FILE:
		return info_file(index, &any->file);
	case INFO_DEVICE:
		return index <= UINT32_MAX && board_resource((unsigned)index, &any->device) == 0 ?
		    sizeof(any->device) : 0;
	case INFO_LOCK:
		return index <= UINT32_MAX && checked_lock((unsigned)index, &any->lock) ?
		    sizeof(any->lock) : 0;
	default:
		return 0;
	}
}

static long sys_info(struct task *t, const unsigned long a[6])
{
	union info_any any;
	size_t len;
	int error = need_system(t, a[0], RIGHT_READ);

	if (error != 0)
		return -error;
	memset(&any, 0, sizeof(any));
	len = MIN(info(a[1], a[2], &any), a[4]);
	error = vm_copy_out(t->process->vm, a[3], &any, len);
	return error != 0 ? -error : (long)len;
}

static long sys_reset(struct task *t, const unsigned long a[6])
{
	int error = need_system(t, a[0], RIGHT_CONTROL);

	if (error != 0)
		return -error;
	machine_exit(a[1] & 0xff);
}

native_fn *const native_calls[NATIVE_FAST] = {
	[SYS_NULL]		= sys_null,
	[SYS_CALL]		= calls_call,
	[SYS_RECEIVE]		= calls_receive,
	[SYS_REPLY_RECEIVE]	= calls_reply_receive,
	[SYS_REPLY]		= calls_reply,
	[SYS_REPLY_SAVE]	= calls_reply_save,
	[SYS_ENDPOINT]		= calls_endpoint,
	[SYS_BIND]		= calls_bind,
	[SYS_NOTIFICATION]	= calls_notification,
	[SYS_NOTIFY]		= calls_notify,
	[SYS_NOTIFY_WAIT]	= calls_notify_wait,
	[SYS_CAP_COPY]		= sys_cap_copy,
	[SYS_CAP_CLOSE]		= sys_cap_close,
	[SYS_CAP_REVOKE]	= sys_cap_revoke,
	[SYS_CAP_INFO]		= sys_cap_info,
	[SYS_CAP_INHERIT]	= sys_cap_inherit,
	[SYS_MAP]		= sys_map,
	[SYS_UNMAP]		= sys_unmap,
	[SYS_PROTECT]		= sys_protect,
	[SYS_MEMORY]		= sys_memory,
	[SYS_MEMORY_MAP]	= sys_memory_map,
	[SYS_MEMORY_PHYS]	= sys_memory_phys,
	[SYS_FORK]		= sys_fork,
	[SYS_EXEC]		= sys_exec,
	[SYS_EXIT]		= sys_exit,
	[SYS_WAIT]		= sys_wait,
	[SYS_KILL]		= sys_kill,
	[SYS_THREAD]		= sys_thread,
	[SYS_THREAD_EXIT]	= sys_thread_exit,
	[SYS_THREAD_TLS]	= sys_thread_tls,
	[SYS_FUTEX_WAIT]	= sys_futex_wait,
	[SYS_FUTEX_WAKE]	= sys_futex_wake,
	[SYS_YIELD]		= sys_yield,
	[SYS_PRIORITY]		= sys_priority,
	[SYS_LIMIT]		= sys_limit,
	[SYS_GROUP]		= sys_group,
	[SYS_IRQ_BIND]		= calls_irq_bind,
	[SYS_IRQ_ACK]		= calls_irq_ack,
	[SYS_PORT_READ]		= calls_port_read,
	[SYS_PORT_WRITE]	= calls_port_write,
	[SYS_CLOCK]		= sys_clock,
	[SYS_LOG]		= sys_log,
	[SYS_INFO]		= sys_info,
	[SYS_PROCESS]		= sys_process,
	[SYS_DEVICE]		= sys_device,
	[SYS_RESET]		= sys_reset,
};
