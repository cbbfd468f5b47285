/* SPDX-License-Identifier: BSD-2-Clause */
/* Notifications, and interrupts as such. */
#include "messages.h"

/* ---- notifications ---- */

static unsigned long notification;

static int notify_soon(unsigned long bits)
{
	sleep_ns(3 * MS);
	return (int)-sys_notify(notification, bits);
}

static void test_notify(void)
{
	unsigned long child;
	struct message m;
	uint64_t bits = 0;

	begin();
	notification = (unsigned long)sys_notification();
	(void)sys_cap_inherit(notification, true);
	ok(sys_notify_wait(notification, 0, &bits) == -E_TIMEDOUT, "a notification without bits");
	child = start(notify_soon, 0x11);
	ok(sys_notify_wait(notification, DEADLINE_NEVER, &bits) == 0 && bits == 0x11 &&
	    finish(child) == 0, "another process sets bits");
	(void)sys_notify(notification, 1);
	(void)sys_notify(notification, 2);
	ok(sys_notify_wait(notification, 0, &bits) == 0 && bits == 3, "bits add up");
	ok(sys_bind(endpoint, notification) == 0 && sys_bind(endpoint, notification) == -E_BUSY &&
	    sys_notify_wait(notification, 0, &bits) == -E_BUSY, "bound to an endpoint");
	child = start(notify_soon, 0x40);
	ok(ipc_receive(endpoint, &m) == 0 && m.tag == TAG_NOTIFIED && m.word[0] == 0x40 &&
	    finish(child) == 0, "a receive gets bits");
	child = start(call_once, 21);
	ok(ipc_receive(endpoint, &m) == 0 && m.tag == 7 && m.word[0] == 21, "or a call");
	(void)sys_notify(notification, 8);
	m = say(0, 42);
	ok(ipc_reply_receive(endpoint, &m) == 0 && m.tag == TAG_NOTIFIED && m.word[0] == 8 &&
	    finish(child) == 0, "an answer, and bits");
	m = say(TAG_NOTIFIED | 7, 5);
	child = start(call_once, 5);
	ok(ipc_receive(endpoint, &m) == 0 && !(m.tag & TAG_NOTIFIED), "a call is not taken for bits");
	m = say(0, 10);
	(void)ipc_reply(0, &m);
	(void)finish(child);
	ok(sys_bind(endpoint, 0) == 0 && sys_notify_wait(notification, 0, &bits) == -E_TIMEDOUT,
	    "no longer bound");
	(void)sys_cap_close(notification);
	end();
}

/* ---- interrupts: the serial device's, when it could send; what it sends is the kernel's ---- */

static unsigned long registers;		/* a handle, or an address */

static void set_port(bool on)
{
	(void)sys_port_write(registers, 1, 1, on ? 2 : 0);
}

static void set_pl011(bool on)
{
	*(volatile uint32_t *)(registers + 0x38) = on ? 0x20 : 0;
}

static void set_miniuart(bool on)
{
	*(volatile uint32_t *)(registers + 0x44) = on ? 2 : 0;
}

/* Within a time that is long where it is to occur, and short where not. */
static bool occurs(uint64_t *bits, unsigned long time)
{
	*bits = 0;
	return sys_notify_wait(notification, sys_clock() + time, bits) == 0;
}

static int touch_device(void *at)
{
	return (int)*(volatile uint32_t *)at;
}

static void test_irq(void)
{
	static const struct {
		const char	*name;
		void		(*set)(bool on);
	} devices[] = { { "16550", set_port }, { "pl011", set_pl011 }, { "mini-uart", set_miniuart } };
	struct info_device dev = { 0 };
	void (*set)(bool on) = NULL;
	struct wait_info info;
	long device, irq, error;
	uint64_t bits;

	(void)sys_info(HANDLE_SYSTEM, INFO_DEVICE, 0, &dev, sizeof(dev));
	for (unsigned i = 0; i < ARRAY_SIZE(devices); i++) {
		if (strcmp(dev.name, devices[i].name) == 0)
			set = devices[i].set;
	}
	if (!ok(set != NULL, "a device: %s", dev.name))
		return;
	notification = (unsigned long)sys_notification();
	device = sys_device(HANDLE_SYSTEM, dev.kind, dev.start, dev.length);
	irq = sys_device(HANDLE_SYSTEM, CAP_IRQ, dev.irq, 1);
	registers = (unsigned long)device;
	if (dev.kind == CAP_DEVICE)
		registers = (unsigned long)sys_memory_map((unsigned long)device, 0, dev.length, 0,
		    MAP_R | MAP_W);
	set(false);
	ok(device > 0 && irq > 0 && sys_irq_bind((unsigned long)irq, notification, 0x10) == 0 &&
	    !occurs(&bits, 20 * MS), "an interrupt that does not occur");
	set(true);
	ok(occurs(&bits, 5000 * MS) && bits == 0x10, "one that does is a notification");
	ok(!occurs(&bits, 20 * MS), "and masked");
	error = sys_irq_ack((unsigned long)irq);
	set(false);		/* where it is triggered by the edge it must come anew */
	set(true);
	ok(error == 0 && occurs(&bits, 5000 * MS), "until it is acknowledged");
	set(false);
	ok(sys_irq_ack((unsigned long)irq) == 0 && !occurs(&bits, 20 * MS),
	    "when the device is quiet, so is it");
	ok(sys_irq_bind((unsigned long)device, notification, 1) == -E_BADF &&
	    sys_irq_bind((unsigned long)irq, (unsigned long)irq, 1) == -E_BADF &&
	    sys_irq_ack(333) == -E_BADF && sys_device(333, CAP_IRQ, 1, 1) == -E_BADF &&
	    sys_device(HANDLE_SYSTEM, CAP_IRQ, ~0ul, 1) == -E_INVAL, "what is no interrupt");
	if (dev.kind == CAP_PORTS)
		ok(sys_port_read((unsigned long)device, (unsigned)dev.length, 1) == -E_INVAL &&
		    sys_port_read((unsigned long)device, (unsigned)dev.length - 1, 2) == -E_INVAL &&
		    sys_port_read((unsigned long)device, 0, 3) == -E_INVAL &&
		    sys_port_write((unsigned long)irq, 0, 1, 0) == -E_BADF, "ports beyond those given");
	else
		ok(in_child(touch_device, (void *)registers, &info) == 0 && info.reason == END_FAULT,
		    "a child does not have the device's memory");
	(void)sys_cap_close((unsigned long)irq);
	(void)sys_cap_close((unsigned long)device);
	(void)sys_cap_close(notification);
}

int main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	shared = shared_page();
	test_notify();
	test_irq();
	return tap_done();
}
