/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program for the tests of images, an ordinary one of this machine's: its first argument says
 * what it does. Locking: none.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "meminfo.h"

/* How many bytes come on standard input, and their sum. */
static int count(void)
{
	unsigned char buf[4096];
	unsigned long sum = 0, all = 0;
	ssize_t n;

	while ((n = read(0, buf, sizeof(buf))) > 0) {
		for (ssize_t i = 0; i < n; i++)
			sum += buf[i];
		all += (unsigned long)n;
	}
	printf("%lu bytes, sum %lu\n", all, sum);
	return n != 0;
}

/* n children at once, three times: what the nucleus took for them comes back. */
static int forks(int n)
{
	long before = meminfo("MemTotal:"), after = 0, least = before, now;
	int i = 0;

	for (int round = 0; round < 3; round++) {
		for (i = 0; i < n; i++) {
			pid_t pid = fork();

			if (pid < 0) {
				printf("fork: %s\n", strerror(errno));
				break;
			}
			if (pid == 0) {
				pause();
				_exit(0);
			}
		}
		now = meminfo("MemTotal:");
		least = now < least ? now : least;
		kill(-1, SIGKILL);
		while (wait(NULL) > 0)
			;
		for (int wait = 0; wait < 50; wait++) {
			after = meminfo("MemTotal:");
			if (after >= before - before / 50)
				break;
			usleep(20000);
		}
	}
	printf("%d children; %s; %s\n", i, least < before ? "memory was lent" : "no memory was lent",
	    after >= before - before / 50 ? "and given back" : "and not given back");
	return 0;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* n children at once that do nothing but run, for a second and a half: had each its share? */
static int round_of_turns(int n)
{
	double start = seconds(), sum = 0, least = 1e9;
	struct rusage ru;

	for (int i = 0; i < n; i++) {
		if (fork() == 0) {
			for (double end = start + 1.5; seconds() < end; )
				for (volatile int k = 0; k < 100000; k++)
					;
			_exit(0);
		}
	}
	for (int i = 0; i < n; i++) {
		wait4(-1, NULL, 0, &ru);
		double ran = (double)ru.ru_utime.tv_sec + 1e-6 * (double)ru.ru_utime.tv_usec;

		sum += ran;
		least = ran < least ? ran : least;
	}
	printf("%.2f s for all, at least %.2f for each\n", sum, least);
	if (sum < 1 || sum > (seconds() - start) * 1.3) {
		puts("that is not all of it");
		exit(1);
	}
	return least > sum / n / 2;
}

/* Where the host stands still, a child seems to have had that time: so there are more rounds. */
static int turns(int n)
{
	for (int round = 0; round < 6; round++) {
		if (round_of_turns(n)) {
			puts("all of it, and fair");
			return 0;
		}
	}
	puts("not fair");
	return 1;
}

static struct sockaddr_in address(const char *host, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };

	inet_pton(AF_INET, host, &a.sin_addr);
	return a;
}

/*
 * What needs a network, first thing: a socket at our own address, and one to a server that sends
 * back what it gets.
 */
static int talk(const char *us, const char *them, int port)
{
	struct sockaddr_in here = address(us, 0), there = address(them, port);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char buf[16] = "";

	if (fd < 0 || bind(fd, (struct sockaddr *)&here, sizeof(here)))
		printf("bind: %s\n", strerror(errno));
	else if (connect(fd, (struct sockaddr *)&there, sizeof(there)))
		printf("connect: %s\n", strerror(errno));
	else if (write(fd, "echo\n", 5) == 5 && read(fd, buf, sizeof(buf) - 1) > 0)
		printf("answer: %s", buf);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "count") == 0)
		return count();
	if (argc == 3 && strcmp(argv[1], "forks") == 0)
		return forks(atoi(argv[2]));
	if (argc == 3 && strcmp(argv[1], "turns") == 0)
		return turns(atoi(argv[2]));
	if (argc == 5 && strcmp(argv[1], "talk") == 0)
		return talk(argv[2], argv[3], atoi(argv[4]));
	if (argc == 2 && strcmp(argv[1], "fault") == 0)
		*(volatile int *)(uintptr_t)16 = 0;
	return 2;
}
