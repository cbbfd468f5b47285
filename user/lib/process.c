/* SPDX-License-Identifier: BSD-2-Clause */
/* Processes, threads, names, errors. */
#include <nucleus/string.h>
#include <user.h>

#define ARGUMENTS_MAX	1024
#define STACK_SIZE	(4 * PAGE)	/* of a thread; the lowest page is unmapped */

long name_lookup(const char *name)
{
	struct message m = { .tag = NAMES_LOOKUP };
	long error;

	strlcpy((char *)m.word, name, NAME_MAX);
	error = ipc_call(HANDLE_NAMES, &m);
	if (error == 0 && !(m.tag & TAG_CAP))
		error = -(long)(m.tag & TAG_LABEL);
	if (error == 0 && m.word[3] == 0)
		error = -E_NOMEM;	/* the handle has found no room */
	return error != 0 ? error : (long)m.word[3];
}

long exec_program(char *const argv[])
{
	char args[ARGUMENTS_MAX];
	size_t len = 0;

	for (unsigned i = 0; argv[i] != NULL; i++) {
		len += strlcpy(args + len, argv[i], sizeof(args) - len) + 1;
		if (len > sizeof(args))
			return -E_NOMEM;
	}
	return sys_exec(argv[0], args, len);
}

static NORETURN void child(char *const argv[], long (*before)(void *arg), void *arg)
{
	long error = before != NULL ? before(arg) : 0;

	if (error >= 0)
		error = exec_program(argv);
	console_use(0);			/* the parent's handle is not inherited */
	printf("%s: %s\n", argv[0], error_text(error));
	exit(127);
}

long spawn(char *const argv[], long (*before)(void *arg), void *arg)
{
	long process;

	print_flush();
	process = sys_fork();
	if (process == 0)
		child(argv, before, arg);
	return process;
}

struct thread_begin {
	void	(*fn)(void *arg);
	void	*arg;
};

static void thread_main(struct thread_begin *begin)
{
	begin->fn(begin->arg);
	sys_thread_exit();
}

long thread_create(void (*fn)(void *arg), void *arg, unsigned priority)
{
	long stack = sys_map(0, STACK_SIZE, MAP_R | MAP_W);
	struct thread_begin *begin;
	long id;

	if (stack < 0)
		return stack;
	begin = (struct thread_begin *)(stack + (long)STACK_SIZE) - 1;
	*begin = (struct thread_begin) { fn, arg };
	(void)sys_unmap((unsigned long)stack, PAGE);
	id = syscall6(SYS_THREAD, (unsigned long)thread_main, (unsigned long)begin - STACK_ENTRY,
	    (unsigned long)begin, priority, 0, 0);
	if (id < 0)
		(void)sys_unmap((unsigned long)stack + PAGE, STACK_SIZE - PAGE);
	return id;
}

/* 0: free, 1: taken, 2: taken and somebody may wait. */
void lock(uint32_t *word)
{
	uint32_t was = 0;

	if (__atomic_compare_exchange_n(word, &was, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return;
	while (__atomic_exchange_n(word, 2, __ATOMIC_ACQUIRE) != 0)
		(void)sys_futex_wait(word, 2, DEADLINE_NEVER);
}

void unlock(uint32_t *word)
{
	if (__atomic_exchange_n(word, 0, __ATOMIC_RELEASE) == 2)
		(void)sys_futex_wake(word, 1);
}

void sleep_ns(unsigned long len)
{
	uint32_t word = 0;

	(void)sys_futex_wait(&word, 0, sys_clock() + len);
}

const char *error_text(long error)
{
	static const struct {
		int		error;
		const char	*text;
	} known[] = {
		{ E_PERM, "not permitted" }, { E_NOENT, "no such program or name" },
		{ E_INTR, "interrupted" }, { E_IO, "input/output error" }, { E_NXIO, "no such device" },
		{ E_NOEXEC, "not an executable" }, { E_BADF, "bad handle" }, { E_CHILD, "no child" },
		{ E_NOMEM, "out of memory, or of what the limits allow" }, { E_FAULT, "bad address" },
		{ E_BUSY, "busy" }, { E_EXIST, "exists" }, { E_NODEV, "no such device" },
		{ E_INVAL, "bad argument" }, { E_NOSPC, "no room" }, { E_AGAIN, "try again" },
		{ E_TIMEDOUT, "timed out" }, { E_DEAD, "the server died" }, { E_NOSYS, "no such call" },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(known); i++) {
		if (known[i].error == -error)
			return known[i].text;
	}
	return "unknown error";
}
