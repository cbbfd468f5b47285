/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One measurement in a fresh process, on the host's kernel or on Pillion; what the benchmarks
 * compare. Linked statically, with the library. Prints one figure.
 *
 *	work [-p] [-t TAP] [-a ADDRESS/BITS] host|pillion WHAT
 *
 *	boot			ms from before pillion_boot() to after the first system call
 *	rss			MB (1e6 bytes) resident after boot (VmRSS of /proc/self/status)
 *	getpid N		ns of a call
 *	rr SECONDS		us of a 1-byte TCP round trip over lo
 *	bulk SECONDS		GB/s of TCP over lo
 *	sink PORT		Gbit/s of one TCP connection that it accepts
 *	source HOST PORT SECONDS
 *
 * -p: everything on one processor, the first that is allowed. -t: attach this tap.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flow.h"
#include "stack.h"

static int usage(void)
{
	fprintf(stderr, "usage: work [-p] [-t TAP] [-a ADDRESS/BITS] host|pillion WHAT...\n");
	return 2;
}

static void pin(void)
{
	cpu_set_t set;
	int cpu = 0;

	if (sched_getaffinity(0, sizeof(set), &set))
		return;
	while (cpu < CPU_SETSIZE - 1 && !CPU_ISSET(cpu, &set))
		cpu++;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		perror("work: sched_setaffinity");
}

/* VmRSS of this process, its C library included. */
static int resident(double *mb)
{
	static char buf[4096];
	FILE *f = fopen("/proc/self/status", "re");
	size_t n;
	char *at;

	if (!f)
		return -errno;
	n = fread(buf, 1, sizeof(buf) - 1, f);
	fclose(f);
	buf[n] = '\0';
	at = strstr(buf, "VmRSS:");
	if (!at)
		return -EINVAL;
	*mb = 1024e-6 * strtod(at + 6, NULL);
	return 0;
}

static int getpids(const struct stack *s, long n, double *ns)
{
	double begin;

	s->getpids(n / 10);
	begin = now();
	s->getpids(n);
	*ns = 1e9 * (now() - begin) / (double)n;
	return 0;
}

static int measure(const struct stack *s, char **arg, int n, double *out)
{
	if (!strcmp(arg[0], "getpid") && n == 2)
		return getpids(s, atol(arg[1]), out);
	if (!strcmp(arg[0], "rr") && n == 2)
		return flow_rr(s, atof(arg[1]), out);
	if (!strcmp(arg[0], "bulk") && n == 2)
		return flow_bulk(s, atof(arg[1]), out);
	if (!strcmp(arg[0], "sink") && n == 2)
		return flow_sink(s, atoi(arg[1]), out);
	if (!strcmp(arg[0], "source") && n == 4)
		return flow_source(s, arg[1], atoi(arg[2]), atof(arg[3]));
	if (!strcmp(arg[0], "rss") && n == 1)
		return resident(out);
	return -EINVAL;
}

int main(int argc, char **argv)
{
	const char *tap = NULL, *address = NULL;
	const struct stack *s;
	double out = 0, begin;
	int error, opt;

	while ((opt = getopt(argc, argv, "+pt:a:")) != -1) {
		if (opt == 'p')
			pin();
		else if (opt == 't')
			tap = optarg;
		else if (opt == 'a')
			address = optarg;
		else
			return usage();
	}
	if (argc - optind < 2)
		return usage();
	s = strcmp(argv[optind], "host") ? &stack_pillion : &stack_host;
	begin = now();
	error = s->start(tap, address);
	if (!error && !strcmp(argv[optind + 1], "boot")) {
		s->getpids(1);
		out = 1e3 * (now() - begin);
	} else if (!error) {
		error = measure(s, argv + optind + 1, argc - optind - 1, &out);
	}
	if (error) {
		fprintf(stderr, "work: %s: %s\n", argv[optind + 1], strerror(-error));
		return 1;
	}
	printf("%.9g\n", out);
	fflush(stdout);
	s->stop();
	return 0;
}
