/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine and its load. Interface: bench.h. Locking: none.
 *
 * A benchmark that keeps both processors busy raises the load average by itself, so that this
 * cannot tell whether somebody else was there; it is recorded only. The busy time of all
 * processors (/proc/stat) less that of this process and of its children can. What the host's
 * kernel does for them on its own threads counts as others'.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#define CALM		0.15	/* processors: others' use below which it is quiet */
#define CALM_WAIT	20.0	/* seconds to wait for that at most */

double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + 1e-9 * (double)ts.tv_nsec;
}

/* The text after "KEY<blanks>:" of the first such line of a file in /proc. */
static void proc_field(const char *file, const char *key, char *out, size_t size)
{
	char line[512], *at;
	FILE *f = fopen(file, "re");

	snprintf(out, size, "?");
	while (f && fgets(line, sizeof(line), f)) {
		at = strchr(line, ':');
		if (!at || strncmp(line, key, strlen(key)))
			continue;
		at += 1 + strspn(at + 1, " \t");
		at[strcspn(at, "\n")] = '\0';
		snprintf(out, size, "%.*s", (int)size - 1, at);
		break;
	}
	if (f)
		fclose(f);
}

const char *machine_name(void)
{
	static char text[256];
	char cpu[80], memory[80];
	struct utsname u;

	if (text[0])
		return text;
	proc_field("/proc/cpuinfo", "model name", cpu, sizeof(cpu));
	proc_field("/proc/meminfo", "MemTotal", memory, sizeof(memory));
	uname(&u);
	snprintf(text, sizeof(text), "%s, %ld processors, %.0f GiB, Linux %.40s %.16s", cpu,
	    sysconf(_SC_NPROCESSORS_ONLN), atof(memory) / (1 << 20), u.release, u.machine);
	return text;
}

double machine_load(void)
{
	double load = 0;

	return getloadavg(&load, 1) == 1 ? load : 0;
}

/* Seconds that all processors were busy since boot: user, nice, system, irq, softirq, steal. */
static double busy(void)
{
	unsigned long long t[8] = { 0 };
	FILE *f = fopen("/proc/stat", "re");
	int n = 0;

	if (f) {
		n = fscanf(f, "cpu %llu %llu %llu %llu %llu %llu %llu %llu",
		    &t[0], &t[1], &t[2], &t[3], &t[4], &t[5], &t[6], &t[7]);
		fclose(f);
	}
	if (n != 8)
		return 0;
	return (double)(t[0] + t[1] + t[2] + t[5] + t[6] + t[7]) / (double)sysconf(_SC_CLK_TCK);
}

/* Seconds that a process used. */
static double used(long pid)
{
	unsigned long long user = 0, system = 0;
	char path[40];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	f = fopen(path, "re");
	if (f) {
		if (fscanf(f, "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user,
		    &system) != 2)
			user = system = 0;
		fclose(f);
	}
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

/* Of children that run on: they are in no other figure before they have been waited for. */
static double children(void)
{
	FILE *f = fopen("/proc/thread-self/children", "re");
	double sum = 0;
	long pid;

	while (f && fscanf(f, "%ld", &pid) == 1)
		sum += used(pid);
	if (f)
		fclose(f);
	return sum;
}

static double own(void)
{
	double sum = children();

	for (int who = 0; who < 2; who++) {
		struct rusage r;

		getrusage(who ? RUSAGE_CHILDREN : RUSAGE_SELF, &r);
		sum += (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
		    1e-6 * (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec);
	}
	return sum;
}

void usage_begin(struct usage *u)
{
	u->busy = busy();
	u->own = own();
	u->at = now();
}

double usage_others(const struct usage *u)
{
	double seconds = now() - u->at;
	double others = (busy() - u->busy) - (own() - u->own);

	return seconds > 0 && others > 0 ? others / seconds : 0;
}

void machine_calm(void)
{
	double until = now() + CALM_WAIT;
	struct usage u;

	if (options.quick)
		return;
	do {
		usage_begin(&u);
		usleep(500 * 1000);
	} while (usage_others(&u) > CALM && now() < until);
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double median(double *v, unsigned n)
{
	if (n == 0)
		return 0;
	qsort(v, n, sizeof(*v), ascending);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}
