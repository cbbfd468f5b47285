/* SPDX-License-Identifier: BSD-2-Clause */
/* For tests that are programs: what /proc/meminfo says. */
#ifndef TESTS_MEMINFO_H
#define TESTS_MEMINFO_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The number behind name, such as "MemFree:", in KiB; -1: there is none. */
static long meminfo(const char *name)
{
	FILE *f = fopen("/proc/meminfo", "r");
	char line[128];
	long n = -1;

	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, name, strlen(name)) == 0)
			n = strtol(line + strlen(name), NULL, 10);
	if (f)
		fclose(f);
	return n;
}

#endif
