/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Parameters: what the embedder set, then the environment; CPUs and host name from the host.
 *
 * Interface: rumpuser_getparam; rumpuser_posix_param_set, _noenv; rumpuser__param_long for
 * ourselves. Locking: params_lock protects the list.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "posix.h"
#include "rumpuser_posix.h"

struct param {
	struct param	*p_next;
	char		*p_value;
	char		 p_name[];
};
static struct param *params;
static struct plock params_lock;
static bool noenv;

static struct param **
find(const char *name)
{
	struct param **pp;

	for (pp = &params; *pp != NULL; pp = &(*pp)->p_next)
		if (strcmp((*pp)->p_name, name) == 0)
			break;
	return pp;
}

int
rumpuser_posix_param_set(const char *name, const char *value)
{
	struct param **pp, *p = NULL, *old;
	size_t nlen = strlen(name) + 1;

	if (value != NULL) {
		p = malloc(sizeof(*p) + nlen);
		if (p == NULL || (p->p_value = strdup(value)) == NULL) {
			free(p);
			return RUMP_ENOMEM;
		}
		memcpy(p->p_name, name, nlen);
	}
	plock(&params_lock);
	pp = find(name);
	old = *pp;
	if (old != NULL)
		*pp = old->p_next;
	if (p != NULL) {
		p->p_next = params;
		params = p;
	}
	punlock(&params_lock);
	if (old != NULL) {
		free(old->p_value);
		free(old);
	}
	return 0;
}

void
rumpuser_posix_param_noenv(int on)
{

	noenv = on != 0;
}

void
rumpuser__param_fini(void)
{

	while (params != NULL)
		(void)rumpuser_posix_param_set(params->p_name, NULL);
	noenv = false;
}

static int
answer(void *buf, size_t blen, const char *value)
{
	size_t len = strlen(value) + 1;

	if (len > blen)
		return RUMP_E2BIG;
	memcpy(buf, value, len);
	return 0;
}

static int
hostncpu(void)
{
	cpu_set_t set;
	int n;

	CPU_ZERO(&set);
	if (sched_getaffinity(0, sizeof(set), &set) == 0 && (n = CPU_COUNT(&set)) > 0)
		return n;
	return 1;
}

int
rumpuser_getparam(const char *name, void *buf, size_t blen)
{
	const char *value;
	struct param *p;
	char tmp[256];
	int error;

	plock(&params_lock);
	p = *find(name);
	if (p != NULL) {
		error = answer(buf, blen, p->p_value);
		punlock(&params_lock);
		return error;
	}
	punlock(&params_lock);
	if (strcmp(name, RUMPUSER_PARAM_NCPU) == 0) {
		snprintf(tmp, sizeof(tmp), "%d", hostncpu());
		return answer(buf, blen, tmp);
	}
	if (strcmp(name, RUMPUSER_PARAM_HOSTNAME) == 0) {
		if (gethostname(tmp, sizeof(tmp) - 1) != 0)
			strcpy(tmp, "pillion");
		tmp[sizeof(tmp) - 1] = '\0';
		return answer(buf, blen, tmp);
	}
	if (strncmp(name, "_RUMPUSER", 9) == 0)
		return RUMP_EINVAL;
	value = noenv ? NULL : getenv(name);
	return value != NULL ? answer(buf, blen, value) : RUMP_ENOENT;
}

long
rumpuser__param_long(const char *name, long dflt)
{
	char buf[32], *end;
	long v;

	if (rumpuser_getparam(name, buf, sizeof(buf)) != 0)
		return dflt;
	v = strtol(buf, &end, 0);
	return end == buf || *end != '\0' || v < 0 ? dflt : v;
}
