/* SPDX-License-Identifier: BSD-2-Clause */
/* Capabilities between processes: by messages and forks, taken back, and what cannot be had. */
#include "messages.h"

/* ---- by messages ---- */

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

int main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	shared = shared_page();
	test_transfer();
	test_revoke_after_fork();
	test_rights();
	return tap_done();
}
