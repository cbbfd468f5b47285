/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads: create, join, mutexes, conditions, thread-local storage, and the end of a process. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/eventfd.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "meminfo.h"
#include "tap.h"

#define THREADS 8

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static long counter, turn;
static __thread long mine;

static void *count(void *arg)
{
	long i, n = env_long("COUNT", 2000);

	mine = (long)arg;
	for (i = 0; i < n; i++) {
		pthread_mutex_lock(&lock);
		counter++;
		pthread_mutex_unlock(&lock);
		if (i % 500 == 0)
			sched_yield();
	}
	return (void *)(mine + 1);
}

static void test_mutex(void)
{
	pthread_t t[THREADS];
	long i, sum = 0;
	void *ret;

	for (i = 0; i < THREADS; i++)
		if (pthread_create(&t[i], NULL, count, (void *)i))
			bail("pthread_create");
	for (i = 0; i < THREADS; i++) {
		pthread_join(t[i], &ret);
		sum += (long)ret;
	}
	is(counter, THREADS * env_long("COUNT", 2000), "a counter under a mutex");
	is(sum, THREADS * (THREADS + 1) / 2, "thread-local storage and results");
}

static void *player(void *arg)
{
	long me = (long)arg, i;

	pthread_mutex_lock(&lock);
	for (i = 0; i < 200; i++) {
		while (turn != me)
			pthread_cond_wait(&cond, &lock);
		turn = !me;
		pthread_cond_signal(&cond);
	}
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void test_cond(void)
{
	struct timespec ts;
	pthread_t a, b;

	pthread_create(&a, NULL, player, (void *)0);
	pthread_create(&b, NULL, player, (void *)1);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	ok(1, "two threads play ping-pong with a condition");
	pthread_mutex_lock(&lock);
	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_nsec += 20000000;
	if (ts.tv_nsec >= 1000000000) {
		ts.tv_nsec -= 1000000000;
		ts.tv_sec++;
	}
	is(pthread_cond_timedwait(&cond, &lock, &ts), ETIMEDOUT, "a wait that times out");
	pthread_mutex_unlock(&lock);
}

static void *spin(void *arg)
{
	volatile unsigned long n = 0;

	sem_post(arg);
	for (;;)
		n++;
	return NULL;
}

static void *sleeper(void *arg)
{
	sem_post(arg);
	pause();
	return NULL;
}

static int reap(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) != pid)
		;
	return status;
}

/* In a child: threads that spin and sleep, then end() of the process. */
static int with_threads(void (*end)(void))
{
	pid_t pid = fork();
	pthread_t t;
	sem_t sem;

	if (pid)
		return reap(pid);
	sem_init(&sem, 0, 0);
	pthread_create(&t, NULL, spin, &sem);
	pthread_create(&t, NULL, sleeper, &sem);
	sem_wait(&sem);
	sem_wait(&sem);
	end();
	_exit(99);
}

static void end_exit(void)
{
	_exit(9);
}

static void end_exec(void)
{
	execl("/proc/self/exe", "threads", "--child", (char *)NULL);
}

static void end_fault(void)
{
	*(volatile int *)16 = 0;
}

static void *exec_elsewhere(void *arg)
{
	(void)arg;
	end_exec();
	return NULL;
}

static void end_exec_in_thread(void)
{
	pthread_t t;

	pthread_create(&t, NULL, exec_elsewhere, NULL);
	for (;;)
		pause();
}

static void end_kill(void)
{
	kill(getpid(), SIGTERM);
	for (;;)
		pause();
}

static void test_ends(void)
{
	int status = with_threads(end_exit);

	ok(WIFEXITED(status) && WEXITSTATUS(status) == 9, "exit_group with a thread that spins");
	status = with_threads(end_exec);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 11, "exec with other threads");
	status = with_threads(end_exec_in_thread);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 11, "exec by a thread that is not the first");
	status = with_threads(end_fault);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "a fault ends all threads");
	status = with_threads(end_kill);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM, "so does a signal");
}

static void test_between_processes(void)
{
	struct shared {
		pthread_mutex_t lock;
		long n;
	} *s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_t attr;
	int i, k;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&s->lock, &attr);
	for (k = 0; k < 3; k++) {
		if (fork())
			continue;
		for (i = 0; i < 1000; i++) {
			pthread_mutex_lock(&s->lock);
			s->n++;
			if (i % 100 == 0)
				usleep(100);
			pthread_mutex_unlock(&s->lock);
		}
		_exit(0);
	}
	while (wait(NULL) > 0)
		;
	is(s->n, 3000, "a mutex between processes");
}

static int event;

static void *poke(void *arg)
{
	uint64_t one = 1;

	(void)arg;
	usleep(10000);
	return write(event, &one, sizeof(one)) == sizeof(one) ? arg : NULL;
}

static void test_epoll(void)
{
	struct epoll_event ev = { .events = EPOLLIN };
	int ep = epoll_create1(0);
	uint64_t value = 0;
	pthread_t t;

	event = eventfd(0, 0);
	ev.data.fd = event;
	ok(epoll_ctl(ep, EPOLL_CTL_ADD, event, &ev) == 0, "epoll of an eventfd");
	is(epoll_wait(ep, &ev, 1, 0), 0, "nothing yet");
	pthread_create(&t, NULL, poke, NULL);
	is(epoll_wait(ep, &ev, 1, 5000), 1, "another thread writes to it");
	ok(ev.data.fd == event && read(event, &value, sizeof(value)) == sizeof(value) && value == 1,
	   "and the value is there");
	pthread_join(t, NULL);
}

static int cleaned;

static void clean(void *arg)
{
	cleaned += *(int *)arg;
}

static void *waits(void *arg)
{
	char c;
	int one = 1;

	pthread_cleanup_push(clean, &one);
	if (read(*(int *)arg, &c, 1) == 1)
		cleaned = 100;
	pthread_cleanup_pop(0);
	return NULL;
}

static void *spins_cancelled(void *arg)
{
	volatile unsigned long n = 0;

	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
	sem_post(arg);
	for (;;)
		n++;
	return NULL;
}

static void test_cancel(void)
{
	int pipes[2];
	pthread_t t;
	void *ret;
	sem_t sem;

	if (pipe(pipes))
		bail("pipe");
	pthread_create(&t, NULL, waits, &pipes[0]);
	usleep(10000);
	ok(pthread_cancel(t) == 0 && pthread_join(t, &ret) == 0 && ret == PTHREAD_CANCELED,
	   "a thread that reads is cancelled");
	is(cleaned, 1, "and cleans up");
	sem_init(&sem, 0, 0);
	pthread_create(&t, NULL, spins_cancelled, &sem);
	sem_wait(&sem);
	ok(pthread_cancel(t) == 0 && pthread_join(t, &ret) == 0 && ret == PTHREAD_CANCELED,
	   "so is one that spins");
	close(pipes[0]);
	close(pipes[1]);
}

/* Who held a robust mutex is dead: a thread, then a process. */
static void *dies_with(void *arg)
{
	pthread_mutex_lock(arg);
	return NULL;
}

static void test_robust(void)
{
	pthread_mutex_t *m = mmap(NULL, sizeof(*m), PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_t attr;
	pthread_t t;
	pid_t pid;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(m, &attr);
	pthread_create(&t, NULL, dies_with, m);
	pthread_join(t, NULL);
	is(pthread_mutex_lock(m), EOWNERDEAD, "a robust mutex whose thread has ended");
	pthread_mutex_consistent(m);
	pthread_mutex_unlock(m);
	pid = fork();
	if (pid == 0) {
		pthread_mutex_lock(m);
		kill(getpid(), SIGKILL);
	}
	reap(pid);
	is(pthread_mutex_lock(m), EOWNERDEAD, "or its process was killed");
	pthread_mutex_consistent(m);
	is(pthread_mutex_unlock(m), 0, "it is whole again");
}

/* Others spin: one that sleeps and works a little gets its turns. */
static void test_starvation(void)
{
	struct timespec a, b;
	long worst = 0, second = 0, took;
	pid_t spinners[12];
	sem_t *sem = mmap(NULL, sizeof(*sem), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			  -1, 0);
	pthread_t t;
	int i;

	sem_init(sem, 1, 0);
	for (i = 0; i < 12; i++) {
		spinners[i] = fork();
		if (spinners[i] == 0) {
			if (i < 4)
				pthread_create(&t, NULL, spin, sem);
			spin(sem);
		}
	}
	for (i = 0; i < 16; i++)
		sem_wait(sem);
	for (i = 0; i < 20; i++) {
		clock_gettime(CLOCK_MONOTONIC, &a);
		usleep(1000);
		clock_gettime(CLOCK_MONOTONIC, &b);
		took = (b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000;
		second = took > worst ? worst : took > second ? took : second;
		worst = took > worst ? took : worst;
	}
	/* Once it may have been the host that stood still. */
	ok(second < 500, "beside 16 threads that spin, sleeping 1 ms takes at most %ld, %ld ms",
	   worst, second);
	for (i = 0; i < 12; i++)
		kill(spinners[i], SIGKILL);
	while (wait(NULL) > 0)
		;
}

static void *post(void *arg)
{
	sem_post(arg);
	return NULL;
}

static void test_churn(void)
{
	pthread_attr_t attr;
	int i, good = 0;
	pthread_t t;
	sem_t sem;

	sem_init(&sem, 0, 0);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	for (i = 0; i < 100; i++) {
		if (pthread_create(&t, &attr, post, &sem))
			break;
		good += sem_wait(&sem) == 0;
	}
	is(good, 100, "100 threads that come and go");
}

static void *nothing(void *arg)
{
	return arg;
}

/* Threads leave nothing behind. CHURN of them; each would have to leave 1 KiB to be noticed. */
static void test_growth(void)
{
	long i, n = env_long("CHURN", 4000), before = 0, lost;
	pthread_t t;

	for (i = 0; i < n + 200; i++) {
		if (i == 200)
			before = meminfo("MemFree:");
		if (pthread_create(&t, NULL, nothing, NULL) || pthread_join(t, NULL))
			break;
	}
	is(i, n + 200, "%ld threads one after the other", n);
	lost = before - meminfo("MemFree:");
	ok(lost < n, "they leave no memory behind: %ld KiB", lost);
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "--child"))
		return 11;
	tap_begin();
	test_mutex();
	test_cond();
	test_ends();
	test_between_processes();
	test_epoll();
	test_churn();
	test_cancel();
	test_robust();
	test_starvation();
	test_growth();
	return tap_done();
}
