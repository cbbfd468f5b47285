/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls between processes: answers, deadlines, ends of either side, priorities. */
#include "messages.h"

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

/* ---- saved replies ---- */

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

static unsigned cpus(void)
{
	struct info_cpu cpu;
	unsigned n = 0;

	while (sys_info(HANDLE_SYSTEM, INFO_CPU, n, &cpu, sizeof(cpu)) > 0)
		n++;
	return n;
}

/* One call, after which the server sleeps a little before it answers. */
static int serve_late(unsigned long none)
{
	struct message m;

	(void)none;
	if (ipc_receive(endpoint, &m) != 0)
		return 1;
	sleep_ns(MS);
	return (int)-ipc_reply_receive(endpoint, &m);
}

/* It goes on with its answer, and spins: less urgent than its server. */
static int call_and_spin(unsigned long none)
{
	struct message m = say(1, 1);

	set_priority(4);
	if (ipc_call(endpoint, &m) != 0)
		return 1;
	add(&shared->answered);
	return spin(none);
}

/* Between the two, it waits for a CPU on which somebody more urgent spins. */
static int wait_behind(unsigned long none)
{
	while (shared->answered == 0)
		;
	(void)start(spin, 16);
	set_priority(8);
	return (int)none;
}

/*
 * On all CPUs but one somebody spins. There a server is woken, and hands the CPU to its client,
 * which is less urgent than one that waits for another CPU. Nothing else happens on that one.
 */
static void test_handed_down(void)
{
	unsigned long process[16], waits;
	unsigned n = MIN(cpus(), 12u), i = 0;

	if (n == 1)
		return;
	begin();
	process[i++] = start(serve_late, 0);
	waits = start(wait_behind, 0);
	while (i < n - 1)
		process[i++] = start(spin, 16);
	wait_for(&shared->started, n);
	process[i++] = start(call_and_spin, 0);
	ok(finish(waits) == 0, "who waits for a CPU gets one that was handed to somebody less urgent");
	shared->stop = 1;
	while (i > 1)
		(void)finish(process[--i]);
	(void)sys_kill(process[0], 0);
	(void)finish(process[0]);
	end();
}

int main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	shared = shared_page();
	test_call();
	test_saved();
	test_death();
	test_nobody();
	test_priority();
	test_handed_down();
	return tap_done();
}
