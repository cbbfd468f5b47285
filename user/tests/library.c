/* SPDX-License-Identifier: BSD-2-Clause */
/* The library of native programs: names, memory in pieces, guards of the stack. */
#include "tap.h"

#define PIECES		64u
#define THREADS		4u

extern uintptr_t __stack_chk_guard;

struct pieces {
	unsigned char	*p[PIECES];
	size_t		len[PIECES];
	uint64_t	seed;
	bool		bad;
};

static volatile unsigned ended;

static void check(struct pieces *s, unsigned i)
{
	for (size_t k = 0; k < s->len[i]; k++)
		s->bad |= s->p[i][k] != (unsigned char)(i + k);
}

static void fill(struct pieces *s, unsigned i, size_t from)
{
	for (size_t k = from; k < s->len[i]; k++)
		s->p[i][k] = (unsigned char)(i + k);
}

/* Pieces come and go and change their sizes; each keeps what is in it. */
static void use_memory(struct pieces *s, unsigned times)
{
	while (times-- > 0 && !s->bad) {
		unsigned i = (unsigned)roll(&s->seed, PIECES), what = (unsigned)roll(&s->seed, 3);
		size_t old = s->p[i] != NULL ? s->len[i] : 0;

		check(s, i);
		if (what == 0) {
			free(s->p[i]);
			s->p[i] = NULL;
			s->len[i] = 0;
			continue;
		}
		s->len[i] = roll(&s->seed, roll(&s->seed, 8) == 0 ? 20000 : 300);
		s->p[i] = realloc(s->p[i], s->len[i]);
		if (s->p[i] == NULL || (unsigned long)s->p[i] % 16 != 0)
			s->bad = true;
		else
			fill(s, i, old < s->len[i] ? old : s->len[i]);
	}
	for (unsigned i = 0; i < PIECES; i++) {
		check(s, i);
		free(s->p[i]);
	}
}

static void in_thread(void *arg)
{
	use_memory(arg, 2000);
	__atomic_add_fetch(&ended, 1, __ATOMIC_RELEASE);
}

static int free_twice(void *arg)
{
	void *p = malloc(10);

	(void)arg;
	free(p);
	free(p);
	return 0;
}

/* With a limit of 300 pages. */
static int large(void *arg)
{
	const size_t len = 1ul << 30;

	(void)arg;
	(void)sys_limit(LIMIT_PAGES, 300);
	for (unsigned i = 0; i < 100; i++) {
		volatile char *p = malloc(len);

		if (p == NULL)
			return 1;
		p[0] = p[len - 1] = 1;
		free((void *)p);
	}
	return 0;
}

static void test_memory(void)
{
	static struct pieces one = { .seed = 5 }, some[THREADS];
	struct wait_info info;
	bool bad = false;
	unsigned char *p;

	use_memory(&one, 5000);
	ok(!one.bad, "5,000 pieces of memory");
	for (unsigned i = 0; i < THREADS; i++) {
		some[i].seed = i;
		bad |= thread_create(in_thread, &some[i], 0) < 0;
	}
	while (!bad && ended < THREADS)
		sleep_ns(1000000);
	for (unsigned i = 0; i < THREADS; i++)
		bad |= some[i].bad;
	ok(!bad, "%u threads use them at once", THREADS);
	p = malloc(0);
	ok(p != NULL && malloc(~0ul) == NULL && malloc(~0ul - 4000) == NULL && malloc(1ul << 60) == NULL &&
	    calloc(1ul << 33, 1ul << 33) == NULL, "none, and more than there can be");
	free(p);
	free(NULL);
	p = malloc(1000);
	memset(p, 1, 1000);
	free(p);
	p = calloc(10, 100);
	ok(p != NULL && p[0] == 0 && p[999] == 0, "zeroes");
	ok(in_child(free_twice, NULL, &info) == 0 && info.reason == END_EXCEPTION, "given back twice");
	ok(child_good(large, NULL), "of a large piece takes memory what is touched");
}

/* The guard of a program that just begins. */
static int guard(void *arg)
{
	(void)arg;
	return (int)-sys_exec("library", "library\0guard", 14);
}

static void test_guard(void)
{
	struct wait_info info;
	int status[4];
	bool differ = false;

	for (unsigned i = 0; i < ARRAY_SIZE(status); i++) {
		status[i] = in_child(guard, NULL, &info) == 0 && info.reason == END_EXIT ? info.status : -1;
		differ |= status[i] != status[0];
	}
	ok(differ, "guards of stacks: %x %x %x %x", status[0], status[1], status[2], status[3]);
	ok((__stack_chk_guard & 0xff) == 0 && __stack_chk_guard >> 32 != 0, "with a 0 that ends strings");
}

/* In place of init: whatever the name, the same endpoint. */
static void answer_names(void *arg)
{
	unsigned long names = (unsigned long)arg;
	struct message m = { 0 };
	long error = ipc_receive(names, &m);

	while (error == 0) {
		m.tag = TAG_CAP;
		m.word[3] = names;
		error = ipc_reply_receive(names, &m);
	}
}

static int look_up_without_room(void *arg)
{
	(void)arg;
	while (sys_cap_copy(HANDLE_NAMES, RIGHT_SEND, 0) > 0)
		continue;
	return name_lookup("any") != -E_NOMEM;
}

static void test_names(void)
{
	unsigned long names = (unsigned long)sys_endpoint();

	if (!ok(sys_cap_copy(names, RIGHT_SEND | RIGHT_GRANT, 0) == HANDLE_NAMES &&
	    sys_cap_inherit(HANDLE_NAMES, true) == 0 &&
	    thread_create(answer_names, (void *)names, 0) > 0, "a server of names"))
		return;
	ok(name_lookup("any") > 0, "a name");
	ok(child_good(look_up_without_room, NULL), "one whose handle finds no room");
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		return (int)(__stack_chk_guard >> 40 & 0xff);
	test_names();
	test_memory();
	test_guard();
	return tap_done();
}
