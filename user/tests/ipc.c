/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages, notifications and capabilities between processes. */
#include "tap.h"

#define MS		1000000ul

/* What the processes of a test share. */
static struct {
	volatile unsigned	started, served, answered, dead, stop;
	volatile unsigned long	word[8];
} *shared;

static unsigned long endpoint;		/* inherited by all */

static void begin(void)
{
	endpoint = (unsigned long)sys_endpoint();
	(void)sys_cap_inherit(endpoint, true);
	memset(shared, 0, sizeof(*shared));
}

static void end(void)
{
	(void)sys_cap_close(endpoint);
}

static void add(volatile unsigned *counter)
{
	__atomic_add_fetch(counter, 1, __ATOMIC_SEQ_CST);
}

static void wait_for(volatile unsigned *counter, unsigned value)
{
	unsigned long give_up = sys_clock() + 5000 * MS;

	while (*counter < value && sys_clock() < give_up)
		sleep_ns(MS / 2);
}

/* fn(arg) in a child; its handle. */
static unsigned long start(int (*fn)(unsigned long arg), unsigned long arg)
{
	long process = sys_fork();

	if (process == 0) {
		add(&shared->started);
		sys_exit(fn(arg));
	}
	return (unsigned long)process;
}

static struct message say(unsigned long tag, unsigned long first)
{
	return (struct message) { .tag = tag, .word = { first, first + 1, first + 2, first + 3 } };
}

/* ---- calls ---- */

/* Answer each call with three times its words, until one with label 99. */
static int serve(unsigned long arg)
{
	struct message m;
	long error = ipc_receive(endpoint, &m);

	while (error == 0 && (m.tag & TAG_LABEL) != 99) {
		for (unsigned i = 0; i < MESSAGE_WORDS; i++)
			m.word[i] *= 3;
		m.tag = m.badge + arg;
		error = ipc_reply_receive(endpoint, &m);
	}
	(void)ipc_reply(0, &m);
	return (int)-error;
}

static void stop_server(void)
{
	struct message m = say(99, 0);

	(void)ipc_call(endpoint, &m);
}

static void test_call(void)
{
	struct message m = say(0x12345678abcdul & ~0xful, ~0ul - 9);
	unsigned long server, mine;
	bool good = true;

	begin();
	server = start(serve, 5);
	mine = (unsigned long)sys_cap_copy(endpoint, RIGHT_SEND, 0x1122334455667788ul);
	ok(ipc_call(mine, &m) == 0 && m.tag == 0x1122334455667788ul + 5 && m.word[0] == (~0ul - 9) * 3 &&
	    m.word[1] == (~0ul - 8) * 3 && m.word[2] == (~0ul - 7) * 3 && m.word[3] == (~0ul - 6) * 3 &&
	    m.badge == 0, "a call with all words, a badge, and its answer");
	for (unsigned long i = 0; i < 2000 && good; i++) {
		m = say(1, i);
		good = ipc_call(endpoint, &m) == 0 && m.tag == 5 && m.word[0] == 3 * i &&
		    m.word[3] == 3 * i + 9;
	}
	ok(good, "2000 calls");
	m = say(1, 0);
	ok(ipc_receive(mine, &m) == -E_PERM && ipc_call(77, &m) == -E_BADF && ipc_call(0, &m) == -E_BADF &&
	    ipc_call(HANDLE_SYSTEM, &m) == -E_BADF && ipc_reply(0, &m) == -E_DEAD &&
	    ipc_reply(mine, &m) == -E_BADF, "what cannot be called, received from, answered");
	stop_server();
	ok(finish(server) == 0, "the server has met no error");
	m = say(1, 0);
	ok(ipc_call_timed(endpoint, &m, 0) == -E_TIMEDOUT, "a call that does not wait");
	ok(ipc_call_timed(endpoint, &m, sys_clock() + 2 * MS) == -E_TIMEDOUT, "one that waits a little");
	ok(ipc_receive_timed(endpoint, &m, 0) == -E_TIMEDOUT &&
	    ipc_receive_timed(endpoint, &m, sys_clock() + 2 * MS) == -E_TIMEDOUT, "receiving, the same");
	(void)sys_cap_close(mine);
	end();
}

/* ---- capabilities ---- */

/* Calls once with a memory object that it has mapped, and reads what the server has put there. */
static int share_memory(unsigned long arg)
{
	long memory = sys_memory(2 * PAGE, 0);
	unsigned long *p = (unsigned long *)sys_memory_map((unsigned long)memory, 0, 2 * PAGE, 0,
	    MAP_R | MAP_W);
	struct message m = { .tag = TAG_CAP | arg };

	m.word[3] = (unsigned long)sys_cap_copy((unsigned long)memory, RIGHT_READ | RIGHT_WRITE |
	    RIGHT_GRANT, 0);
	p[512] = 4711;
	if (ipc_call(endpoint, &m) != 0 || p[513] != 4712)
		return 1;
	/* Then it is taken away again. */
	if (sys_cap_revoke((unsigned long)memory) != 0)
		return 2;
	m.tag = 1;
	return ipc_call(endpoint, &m) != 0 || p[512] != 4711 ? 3 : 0;
}

static int read_at(void *at)
{
	return (int)*(volatile unsigned long *)at;
}

static void test_transfer(void)
{
	struct wait_info info;
	struct cap_info cap;
	struct message m;
	unsigned long client, got;
	volatile unsigned long *p;

	begin();
	client = start(share_memory, 3);
	ok(ipc_receive(endpoint, &m) == 0 && m.tag == (TAG_CAP | 3) && m.word[3] != 0,
	    "a capability comes with a call");
	got = m.word[3];
	ok(sys_cap_info(got, &cap) == 0 && cap.kind == CAP_MEMORY && cap.size == 2 * PAGE &&
	    cap.rights == (RIGHT_READ | RIGHT_WRITE | RIGHT_GRANT), "with the rights that it had");
	p = (volatile unsigned long *)sys_memory_map(got, 0, 2 * PAGE, 0, MAP_R | MAP_W);
	ok((long)p > 0 && p[512] == 4711, "its memory is mapped, without a copy");
	p[513] = 4712;
	m = say(0, 0);
	ok(ipc_reply_receive(endpoint, &m) == 0, "the client has it back");
	ok(in_child(read_at, (void *)(uintptr_t)&p[512], &info) == 0 && info.reason == END_FAULT &&
	    sys_cap_info(got, &cap) == -E_BADF, "what was revoked is neither mapped nor known");
	(void)ipc_reply(0, &m);
	ok(finish(client) == 0, "and is still the client's");
	got = (unsigned long)sys_cap_copy(endpoint, RIGHT_SEND | RIGHT_RECEIVE, 0);
	m = say(TAG_CAP, 0);
	m.word[3] = got;
	ok(ipc_call(endpoint, &m) == -E_PERM, "a copy without the right is not passed on");
	m.word[3] = 333;
	ok(ipc_call(endpoint, &m) == -E_BADF, "nor is what is none");
	(void)sys_cap_close(got);
	end();
}

/* ---- memory after forks ---- */

static unsigned long lent;			/* a handle for memory, and where that is mapped */
static volatile unsigned long *lent_at;

/* Says that it is there, waits until the memory should be gone, and looks at it. */
static int look_again(unsigned long generations)
{
	struct cap_info info;

	if (generations > 1)
		return finish(start(look_again, generations - 1)) == -END_FAULT ? look_again(1) : 1;
	if (lent_at[0] != 42)
		return 2;
	add(&shared->served);
	wait_for(&shared->stop, 1);
	if (sys_cap_info(lent, &info) == 0)
		return 3;
	return (int)lent_at[0];
}

/* Memory that is mapped, with a handle that is inherited. */
static void lend(void)
{
	lent = (unsigned long)sys_memory(PAGE, 0);
	(void)sys_cap_inherit(lent, true);
	lent_at = (volatile unsigned long *)sys_memory_map(lent, 0, PAGE, 0, MAP_R | MAP_W);
	lent_at[0] = 42;
}

static void take_back(void)
{
	(void)sys_unmap((unsigned long)lent_at, PAGE);
	(void)sys_cap_close(lent);
}

/* The end of a child and its own, of whom the last has been told to look again. */
static int ends(unsigned long child, unsigned last, unsigned long revoke)
{
	wait_for(&shared->served, last);
	if (revoke != 0 && sys_cap_revoke(revoke) != 0)
		return 100;
	shared->stop = 1;
	return finish(child);
}

/* Has been given the memory by a call: maps it, and shares it with a child and a grandchild. */
static int borrow(unsigned long keep)
{
	struct message m = say(1, 0);
	unsigned long at;

	if (ipc_call(endpoint, &m) != 0 || !(m.tag & TAG_CAP))
		return 1;
	lent = m.word[3];
	(void)sys_cap_inherit(lent, true);
	at = (unsigned long)sys_memory_map(lent, 0, PAGE, 0, MAP_R | MAP_W);
	lent_at = (volatile unsigned long *)at;
	if (!keep)
		(void)sys_cap_close(lent);
	return finish(start(look_again, 2)) == -END_FAULT ? (int)lent_at[0] : 2;
}

static void test_revoke_after_fork(void)
{
	struct message m;
	unsigned long child;

	begin();
	lend();
	child = start(look_again, 1);
	ok(ends(child, 1, lent) == -END_FAULT && lent_at[0] == 42,
	    "what a child has mapped by a fork is revoked, the parent's own is not");
	shared->served = shared->stop = 0;
	child = start(look_again, 2);
	ok(ends(child, 1, lent) == -END_FAULT, "and what the child's child has");
	ok(lent_at[0] == 42, "the owner has it all the time");
	take_back();
	for (unsigned long keep = 0; keep < 2; keep++) {
		shared->served = shared->stop = 0;
		lend();
		(void)sys_cap_inherit(lent, false);
		(void)sys_unmap((unsigned long)lent_at, PAGE);
		child = start(borrow, keep);
		lent_at = (volatile unsigned long *)sys_memory_map(lent, 0, PAGE, 0, MAP_R | MAP_W);
		(void)ipc_receive(endpoint, &m);
		m = say(TAG_CAP, 0);
		m.word[3] = lent;
		(void)ipc_reply(0, &m);
		ok(ends(child, 1, lent) == -END_FAULT && lent_at[0] == 42,
		    "lent, mapped and shared over two forks%s: all of them lose it",
		    keep ? "" : ", the handle closed");
		take_back();
	}
	end();
}

/* Tries to use what it has not. */
static int forge(unsigned long none)
{
	uint64_t seed = 99;
	struct cap_info info;
	struct message m;
	unsigned found = 0;

	(void)none;
	for (unsigned long h = 0; h < 5000; h++)
		found += sys_cap_info(h, &info) == 0;
	for (unsigned i = 0; i < 2000; i++) {
		unsigned long h = roll(&seed, ~0ul) << roll(&seed, 40);

		if (sys_cap_info(h, &info) == 0 && h != endpoint)
			found++;
		m = say(1, 1);
		if (h != endpoint && ipc_call(h, &m) != -E_BADF)
			found++;
		if (h != endpoint && sys_kill(h, 1) != -E_BADF)
			found++;
	}
	return (int)found;
}

static int pause_long(unsigned long none)
{
	(void)none;
	sleep_ns(60000 * MS);
	return 1;
}

/* Whether a handle of the parent's lets it kill the other. */
static int kill_it(unsigned long handle)
{
	return (int)-sys_kill(handle, 9);
}

static void test_rights(void)
{
	unsigned long victim, weak, handle;

	begin();
	ok(finish(start(forge, 0)) == 2, "a child has what is inheritable, and nothing else");
	victim = start(pause_long, 0);
	ok(finish(start(kill_it, victim)) == E_BADF, "who has no capability for a process");
	weak = (unsigned long)sys_cap_copy(victim, RIGHTS_ALL & ~RIGHT_KILL, 0);
	(void)sys_cap_inherit(weak, true);
	ok(finish(start(kill_it, weak)) == E_PERM, "or one without the right, does not kill it");
	(void)sys_cap_inherit(victim, true);
	handle = start(kill_it, victim);
	ok(finish(handle) == 0 && finish(victim) == -END_KILL, "who has it does");
	(void)sys_cap_close(weak);
	end();
}

/* ---- saved replies ---- */

static int call_once(unsigned long first)
{
	struct message m = say(7, first);
	long error = ipc_call(endpoint, &m);

	if (error == 0)
		add(&shared->answered);
	else if (error == -E_DEAD)
		add(&shared->dead);
	return error == 0 && m.word[0] == first * 2 ? 0 : (int)-error + 1;
}

static void test_saved(void)
{
	unsigned long client[3], reply[3];
	struct message m;
	bool good = true;

	begin();
	for (unsigned i = 0; i < 3; i++) {
		client[i] = start(call_once, 10 * (i + 1));
		good = good && ipc_receive(endpoint, &m) == 0 && m.word[0] == 10 * (i + 1);
		reply[i] = (unsigned long)sys_reply_save();
	}
	ok(good && (long)reply[2] > 0, "three calls are saved");
	m = say(0, 60);
	ok(ipc_reply(reply[2], &m) == 0 && finish(client[2]) == 0, "the last is answered first");
	ok(ipc_reply(reply[2], &m) == -E_BADF, "and only once");
	ok(sys_cap_close(reply[1]) == 0 && finish(client[1]) == E_DEAD + 1, "one is closed");
	(void)sys_kill(client[0], 0);
	ok(finish(client[0]) == -END_KILL && ipc_reply(reply[0], &m) == -E_DEAD,
	    "one whose client has been killed");
	end();
}

/* ---- death ---- */

static int serve_one(unsigned long none)
{
	struct message m;

	(void)none;
	if (ipc_receive(endpoint, &m) == 0)
		add(&shared->served);
	return pause_long(0);
}

static int serve_doubling(unsigned long none)
{
	struct message m;
	long error = ipc_receive(endpoint, &m);

	(void)none;
	while (error == 0) {
		add(&shared->served);
		m.word[0] *= 2;
		error = ipc_reply_receive(endpoint, &m);
	}
	return (int)-error;
}

static void test_death(void)
{
	unsigned long client[8], server;
	struct message m;
	unsigned good = 0;

	begin();
	for (unsigned long i = 0; i < 8; i++)
		client[i] = start(call_once, i);
	server = start(serve_one, 0);
	wait_for(&shared->served, 1);
	(void)sys_kill(server, 0);
	ok(finish(server) == -END_KILL, "a server is killed while eight call it");
	server = start(serve_doubling, 0);
	for (unsigned i = 0; i < 8; i++)
		good += finish(client[i]) >= 0;
	ok(good == 8 && shared->dead == 1 && shared->answered == 7,
	    "one call ends with an error, seven are its successor's");
	(void)sys_kill(server, 0);
	(void)finish(server);

	/* Nobody could receive: the parent gives up its right, and the server dies. */
	memset(shared, 0, sizeof(*shared));
	server = start(serve_one, 0);
	for (unsigned long i = 0; i < 8; i++) {
		client[i] = start(call_once, i);
		wait_for(&shared->started, 2 + (unsigned)i);
	}
	wait_for(&shared->served, 1);
	ok(shared->served == 1, "another serves the first of eight");
	end();
	(void)sys_kill(server, 0);
	(void)finish(server);
	good = 0;
	sleep_ns(5 * MS);
	/* The clients inherited the endpoint with all rights: each is the last that could receive. */
	ok(shared->dead == 1, "its death ends the call that it served");
	for (unsigned i = 0; i < 8; i++) {
		(void)sys_kill(client[i], 0);
		good += finish(client[i]) != -100;
	}
	ok(good == 8, "the others are killed in the queue");

	begin();
	client[0] = start(call_once, 1);
	ok(ipc_receive(endpoint, &m) == 0, "a client calls");
	(void)sys_kill(client[0], 0);
	ok(finish(client[0]) == -END_KILL && ipc_reply(0, &m) == -E_DEAD,
	    "and is killed before the answer");
	end();
}

/* The clients only send: without the server there is nobody. */
static unsigned long send_only;

static int call_weak(unsigned long first)
{
	struct message m = say(7, first);

	(void)sys_cap_close(endpoint);
	add(&shared->served);
	return ipc_call(send_only, &m) == -E_DEAD ? 0 : 1;
}

static void test_nobody(void)
{
	unsigned long client[8];
	struct message m = say(1, 1);
	unsigned good = 0;

	begin();
	send_only = (unsigned long)sys_cap_copy(endpoint, RIGHT_SEND, 0);
	(void)sys_cap_inherit(send_only, true);
	for (unsigned long i = 0; i < 8; i++)
		client[i] = start(call_weak, i);
	wait_for(&shared->served, 8);
	sleep_ns(5 * MS);
	end();
	for (unsigned i = 0; i < 8; i++)
		good += finish(client[i]) == 0;
	ok(good == 8, "with the last that could receive, eight calls end");
	ok(ipc_call(send_only, &m) == -E_DEAD, "and each that comes later");
	(void)sys_cap_close(send_only);
}

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

/* ---- priorities ---- */

static void set_priority(unsigned value)
{
	(void)syscall6(SYS_PRIORITY, value, 0, 0, 0, 0, 0);
}

static int spin(unsigned long priority)
{
	set_priority((unsigned)priority);
	while (!shared->stop)
		;
	return 0;
}

static int serve_low(unsigned long none)
{
	set_priority(4);
	return serve(none);
}

static void test_priority(void)
{
	unsigned long server, middle[4], time;
	struct message m = say(1, 1);

	begin();
	server = start(serve_low, 0);
	(void)ipc_call(endpoint, &m);
	for (unsigned i = 0; i < 4; i++)
		middle[i] = start(spin, 8);
	wait_for(&shared->started, 5);
	sleep_ns(5 * MS);
	time = sys_clock();
	m = say(1, 1);
	ok(ipc_call_timed(endpoint, &m, time + 1000 * MS) == 0 && sys_clock() - time < 500 * MS,
	    "a server of low priority is not starved by those in the middle");
	shared->stop = 1;
	for (unsigned i = 0; i < 4; i++)
		(void)finish(middle[i]);
	stop_server();
	(void)finish(server);
	end();
}

int main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	shared = shared_page();
	test_call();
	test_transfer();
	test_revoke_after_fork();
	test_rights();
	test_saved();
	test_death();
	test_nobody();
	test_notify();
	test_irq();
	test_priority();
	return tap_done();
}
