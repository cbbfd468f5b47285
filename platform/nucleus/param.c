/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Parameters: what the image has set, then what is the platform's to answer.
 *
 * Interface: rumpuser_getparam; rumpuser_nucleus_param_set.
 * Locking: a spin lock protects the list. Values are replaced, and never freed: they are few.
 */
#include <nucleus/heap.h>
#include <nucleus/log.h>
#include <nucleus/string.h>

#include "platform.h"
#include "rumpuser_nucleus.h"

struct param {
	struct param	*next;
	const char	*name, *value;
};
static struct param *params;
static struct spinlock lock = SPINLOCK_INIT;

int rumpuser_nucleus_param_set(const char *name, const char *value)
{
	size_t nlen = strlen(name) + 1, vlen = strlen(value) + 1;
	struct param *p = heap_alloc(sizeof(*p) + nlen + vlen);
	unsigned long flags;
	char *text;

	if (p == NULL)
		return RUMP_ENOMEM;
	text = (char *)(p + 1);
	memcpy(text, name, nlen);
	memcpy(text + nlen, value, vlen);
	p->name = text;
	p->value = text + nlen;
	flags = spin_lock(&lock);
	p->next = params;	/* before the one that it replaces */
	params = p;
	spin_unlock(&lock, flags);
	return 0;
}

static const char *lookup(const char *name)
{
	unsigned long flags = spin_lock(&lock);
	const struct param *p = params;

	while (p != NULL && strcmp(p->name, name) != 0)
		p = p->next;
	spin_unlock(&lock, flags);
	return p != NULL ? p->value : NULL;
}

int rumpuser_getparam(const char *name, void *buf, size_t blen)
{
	const char *value = lookup(name);
	char number[16];

	if (value == NULL && strcmp(name, RUMPUSER_PARAM_NCPU) == 0) {
		format(number, sizeof(number), "%d", CPU_MAX);
		value = number;
	} else if (value == NULL && strcmp(name, RUMPUSER_PARAM_HOSTNAME) == 0) {
		value = "pillion";
	}
	if (value == NULL)
		return strncmp(name, "_RUMPUSER", 9) == 0 ? RUMP_EINVAL : RUMP_ENOENT;
	if (strlen(value) >= blen)
		return RUMP_E2BIG;
	strlcpy(buf, value, blen);
	return 0;
}
