/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Waiting for the end of native processes, and what can be known of them. The interface is
 * process.h.
 *
 * Locking: as in process.c.
 */
#include <nucleus/error.h>
#include <nucleus/process.h>
#include <nucleus/string.h>

/* ---- waiting for processes ---- */

/* A reference to what is on a list, unless the last was dropped. process_lock is held. */
static bool get_live(struct process *p)
{
	uint32_t refs = READ_ONCE(p->object.refs);

	while (refs != 0) {
		if (__atomic_compare_exchange_n(&p->object.refs, &refs, refs + 1, true, __ATOMIC_RELAXED,
		    __ATOMIC_RELAXED))
			return true;
	}
	return false;
}

/* Whether a handle is still the one for a child. */
static bool is_handle_of(struct process *p, struct process *child)
{
	struct object *o;
	bool good;

	if (cap_get(&p->caps, child->handle, CAP_PROCESS, RIGHT_WAIT, &o, NULL) != 0)
		return false;
	good = o == &child->object;
	object_put(o);
	return good;
}

/*
 * A child that is gone, and of which the parent was not told: *found, with a reference, or NULL.
 * False: there is none to wait for. process_lock is held.
 */
static bool look_for_child(struct process *p, struct process **found)
{
	struct process *child;
	bool any = false;

	*found = NULL;
	list_for_each(child, &p->children, sibling) {
		if (READ_ONCE(child->waited))
			continue;
		any = true;
		if (READ_ONCE(child->gone) && get_live(child)) {
			child->waited = true;
			*found = child;
			break;
		}
	}
	return any;
}

static long wait_any(struct process *p, nsec_t deadline, struct wait_info *info)
{
	struct process *child;
	unsigned long flags;
	long handle;
	int error = 0;
	bool any;

	for (;;) {
		flags = spin_lock(&process_lock);
		spin_acquire(&p->child_ended.lock);
		any = look_for_child(p, &child);
		spin_release(&process_lock);
		if (!any) {
			spin_unlock(&p->child_ended.lock, flags);
			return -E_CHILD;
		}
		if (child == NULL && error != 0) {
			spin_unlock(&p->child_ended.lock, flags);
			return -error;
		}
		if (child == NULL) {
			error = task_sleep(&p->child_ended, flags, deadline);
			continue;
		}
		spin_unlock(&p->child_ended.lock, flags);
		handle = is_handle_of(p, child) ? (long)child->handle : 0;
		*info = child->ended;
		object_put(&child->object);
		if (handle != 0)
			return handle;
	}
}

static long wait_one(struct process *p, unsigned long handle, nsec_t deadline,
    struct wait_info *info)
{
	struct process *child;
	struct object *o;
	unsigned long flags;
	int error = cap_get(&p->caps, handle, CAP_PROCESS, RIGHT_WAIT, &o, NULL);

	if (error != 0)
		return -error;
	child = container_of(o, struct process, object);
	flags = spin_lock(&child->gone_wait.lock);
	while (!child->gone && error == 0) {
		error = task_sleep(&child->gone_wait, flags, deadline);
		flags = spin_lock(&child->gone_wait.lock);
	}
	if (child->gone)
		error = 0;
	spin_unlock(&child->gone_wait.lock, flags);
	if (error == 0) {
		*info = child->ended;
		if (READ_ONCE(child->parent) == p)
			WRITE_ONCE(child->waited, true);	/* p runs: it is its parent as long */
	}
	object_put(o);
	return error != 0 ? -error : (long)handle;
}

long process_wait(struct process *p, unsigned long handle, nsec_t deadline, struct wait_info *info)
{
	return handle != 0 ? wait_one(p, handle, deadline, info) : wait_any(p, deadline, info);
}

/* ---- about processes ---- */

struct process *process_find(uint32_t id)
{
	unsigned long flags = spin_lock(&process_lock);
	struct process *p, *found = NULL;

	list_for_each(p, &processes, all_link) {
		if (p->id == id) {
			found = get_live(p) ? p : NULL;
			break;
		}
	}
	spin_unlock(&process_lock, flags);
	return found;
}

static void fill_info(struct process *p, struct info_process *info)
{
	const char *state = p->gone ? "ended" : p->ending ? "ending" : "sleeping";
	struct task *t;

	*info = (struct info_process) { .id = p->id, .time = p->time, .calls = p->calls };
	info->parent = p->parent != NULL ? p->parent->id : 0;
	list_for_each(t, &p->tasks, link) {
		info->threads++;
		info->calls += READ_ONCE(t->ipc.calls) + READ_ONCE(t->ipc.fast_calls);
		if (t->thread == NULL)
			continue;
		info->time += thread_run_time(t->thread);
		info->priority = MAX(info->priority, t->thread->base_prio);
		if (!p->ending && t->thread->state != THREAD_SLEEPING)
			state = "running";
	}
	for (unsigned i = 0; i < LIMITS; i++) {
		info->used[i] = p->account->used[i];
		info->limit[i] = p->account->limit[i];
	}
	strlcpy(info->name, p->name, sizeof(info->name));
	strlcpy(info->state, state, sizeof(info->state));
}

/* The list is in order of ids. */
bool process_info(uint32_t least, struct info_process *info)
{
	unsigned long flags = spin_lock(&process_lock);
	struct process *p;
	bool found = false;

	list_for_each(p, &processes, all_link) {
		if (p->id >= least) {
			fill_info(p, info);
			found = true;
			break;
		}
	}
	spin_unlock(&process_lock, flags);
	return found;
}

unsigned long process_fast_calls(void)
{
	unsigned long flags = spin_lock(&process_lock), calls = process_ended_calls;
	struct process *p;
	struct task *t;

	list_for_each(p, &processes, all_link) {
		list_for_each(t, &p->tasks, link)
			calls += READ_ONCE(t->ipc.fast_calls);
	}
	spin_unlock(&process_lock, flags);
	return calls;
}
