/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Native system calls about messages, notifications, interrupts and ports. The interface is abi.h.
 * Locking: none of its own.
 */
#include <nucleus/calls.h>
#include <nucleus/error.h>
#include <nucleus/ipc.h>
#include <nucleus/regs.h>

/* ---- messages ---- */

/* What the program sends; the deadline. */
static nsec_t message_in(struct task *t)
{
	struct message *m = t->ipc.message = &t->ipc.buffer;
	unsigned long deadline = regs_message(&t->regs, &m->tag, m->word);

	return m->tag & TAG_TIMED ? deadline : DEADLINE_NEVER;
}

/* What it gets, if there is no error. */
static long message_out(struct task *t, int error)
{
	const struct message *m = &t->ipc.buffer;

	if (error == 0)
		regs_message_result(&t->regs, m->tag, m->word, m->badge);
	return -error;
}

long calls_call(struct task *t, const unsigned long a[6])
{
	nsec_t deadline = message_in(t);

	return message_out(t, ipc_call(&t->ipc, a[0], deadline));
}

long calls_receive(struct task *t, const unsigned long a[6])
{
	nsec_t deadline = message_in(t);

	return message_out(t, ipc_receive(&t->ipc, a[0], deadline));
}

long calls_reply_receive(struct task *t, const unsigned long a[6])
{
	nsec_t deadline = message_in(t);

	return message_out(t, ipc_reply_receive(&t->ipc, a[0], deadline));
}

long calls_reply(struct task *t, const unsigned long a[6])
{
	(void)message_in(t);
	return -ipc_reply(&t->ipc, a[0]);
}

long calls_reply_save(struct task *t, const unsigned long a[6])
{
	(void)a;
	return ipc_reply_save(&t->ipc, t->process->account);
}

long calls_endpoint(struct task *t, const unsigned long a[6])
{
	(void)a;
	return endpoint_create(&t->process->caps, t->process->account);
}

/* ---- notifications ---- */

long calls_bind(struct task *t, const unsigned long a[6])
{
	return -endpoint_bind(&t->process->caps, a[0], a[1]);
}

long calls_notification(struct task *t, const unsigned long a[6])
{
	(void)a;
	return notification_create(&t->process->caps, t->process->account);
}

long calls_notify(struct task *t, const unsigned long a[6])
{
	return -notification_send(&t->process->caps, a[0], a[1]);
}

long calls_notify_wait(struct task *t, const unsigned long a[6])
{
	unsigned long bits;
	int error;

	t->ipc.message = &t->ipc.buffer;
	error = notification_wait(&t->ipc, a[0], a[1], &bits);

	if (error == 0)
		error = vm_copy_out(t->process->vm, a[2], &bits, sizeof(bits));
	return -error;
}

/* ---- interrupts and ports ---- */

long calls_irq_bind(struct task *t, const unsigned long a[6])
{
	return -irq_object_bind(&t->process->caps, a[0], a[1], a[2]);
}

long calls_irq_ack(struct task *t, const unsigned long a[6])
{
	return -irq_object_ack(&t->process->caps, a[0]);
}

long calls_port_read(struct task *t, const unsigned long a[6])
{
	unsigned long value;
	int error = a[2] > UINT32_MAX ? E_INVAL :
	    ports_read(&t->process->caps, a[0], a[1], (unsigned)a[2], &value);

	return error != 0 ? -error : (long)value;
}

long calls_port_write(struct task *t, const unsigned long a[6])
{
	return a[2] > UINT32_MAX ? -E_INVAL :
	    -ports_write(&t->process->caps, a[0], a[1], (unsigned)a[2], a[3]);
}
