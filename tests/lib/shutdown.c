/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of the donor and the threads that are there then: a shutdown that is refused changes
 * nothing, one that is not leaves no thread a way in; threads that only visit leave nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdio.h>

#include "common.h"
#include "tap.h"

#define COMERS	4
#define ROUNDS	(200 * env_long("TEST_SCALE", 1))

static int stay[2], gone[2];	/* pipes: of the donor, of the host */
static atomic_int coming, failed;

static long in_read(void *arg)
{
	char c;

	(void)arg;
	return pillion_sys_read(stay[0], &c, 1);
}

/* A task whose calls must not notice that others try to end the donor. */
static long talks(void *arg)
{
	(void)arg;
	while (coming)
		failed += pillion_sys_getpid() != 1;
	return 0;
}

/* May find the door closed for a moment, but must not stay behind it. */
static void *visitor(void *arg)
{
	pillion_sys_getpid();
	if (arg)
		pillion_thread_detach();
	return NULL;
}

static void *comer(void *arg)
{
	long rounds = ROUNDS;
	pthread_t t;

	for (long i = 0; i < rounds; i++) {
		pthread_create(&t, NULL, visitor, i % 2 ? arg : NULL);
		pthread_join(t, NULL);
	}
	coming--;
	return NULL;
}

static void test_refused(void)
{
	struct worker holder, talker;
	pthread_t t[COMERS];
	int tasks = count_tasks(), error, tries = 0;

	coming = COMERS;
	worker_start(&holder, 0, in_read, NULL);
	ok(worker_asleep(&holder), "a thread is in a call");
	worker_start(&talker, 0, talks, NULL);
	while (!talker.task)
		pause_ms(1);
	for (int i = 0; i < COMERS; i++)
		pthread_create(&t[i], NULL, comer, &t);
	do {
		error = pillion_shutdown();
		tries++;
		pause_ms(0);
	} while (error == -EBUSY && coming);
	is(error, -EBUSY, "shutdown is refused (%d times)", tries);
	for (int i = 0; i < COMERS; i++)
		pthread_join(t[i], NULL);
	is(worker_join(&talker), 0, "another thread");
	is(failed, 0, "has not noticed");
	is(pillion_sys_write(stay[1], "x", 1), 1, "the one in the call");
	is(worker_join(&holder), 1, "goes on");
	for (int i = 0; i < 200 && count_tasks() > tasks; i++)
		pause_ms(10);
	ok(count_tasks() <= tasks, "threads that ended meanwhile are no tasks (%d, %d)", tasks,
	    count_tasks());
}

static void *interrupter(void *arg)
{
	failed += pillion_interrupt(arg) != 0;
	return NULL;
}

static void interrupt_from_others(int n)
{
	pthread_t t;

	for (int i = 0; i < n; i++) {
		pthread_create(&t, NULL, interrupter, pillion_self());
		pthread_join(t, NULL);
	}
}

static void test_visits(void)
{
	size_t before;

	failed = 0;
	interrupt_from_others(200);
	before = mallinfo2().uordblks;
	interrupt_from_others(1000);
	is(failed, 0, "threads without a task interrupt another");
	ok(mallinfo2().uordblks < before + 16384, "and leave no memory behind (%ld bytes)",
	    (long)(mallinfo2().uordblks - before));
	pillion_sys_getpid();
}

/* Its task is killed; it comes back when the donor is gone. */
static long comes_late(void *arg)
{
	long r = in_read(arg);
	char c;

	if (r != -EINTR || read(gone[0], &c, 1) != 1)
		return -1;
	r = pillion_sys_getpid();
	return pillion_self() || pillion_fork() != -ENODEV ||
	    pillion_interrupt(NULL) != -ENODEV ? -1 : r;
}

static void *shutdown_elsewhere(void *arg)
{
	*(int *)arg = pillion_shutdown();
	return NULL;
}

int main(void)
{
	struct worker late;
	int error = 1;
	pthread_t t;

	tap_begin();
	boot(NULL);
	if (pipe(gone) || pillion_sys_pipe2(stay, 0))
		bail("no pipes");
	test_visits();
	test_refused();
	worker_start(&late, 0, comes_late, NULL);
	ok(worker_asleep(&late), "a thread is in a call");
	is(pillion_kill_task(late.task), 0, "and its task is killed");
	for (int i = 0; i < 1000 && task_state(late.tid); i++)
		pause_ms(5);
	pillion_thread_detach();
	pthread_create(&t, NULL, shutdown_elsewhere, &error);
	pthread_join(t, NULL);
	is(error, 0, "a thread that was no task shuts the donor down");
	is(pillion_shutdown(), -EINVAL, "once");
	if (write(gone[1], "x", 1) != 1)
		bail("no pipe");
	is(worker_join(&late), -ENODEV, "the one that was killed finds no donor");
	return tap_done();
}
