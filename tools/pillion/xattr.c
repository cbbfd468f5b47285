/* SPDX-License-Identifier: BSD-2-Clause */
/* Extended attributes; see xattr.h. */
#include "xattr.h"

#include <errno.h>
#include <linux/limits.h>
#include <stdlib.h>
#include <string.h>

#include "sys.h"

#define VALUE_MAX XATTR_SIZE_MAX

static int each(const struct side *s, int fd, const char *name, const char *list, size_t len,
		xattr_fn fn, void *arg)
{
	char *value = malloc(VALUE_MAX);
	int r = value ? 0 : -ENOMEM;

	for (size_t at = 0; at < len && r == 0;) {
		const char *attr = list + at;
		size_t n = strnlen(attr, len - at);
		ssize_t got;

		if (n == len - at)
			break;
		at += n + 1;
		got = sys_getxattr(s, fd, name, attr, value, VALUE_MAX);
		if (got == -ENODATA)
			continue;	/* removed meanwhile */
		if (got < 0)
			r = (int)got;
		else
			fn(arg, attr, value, (size_t)got);
	}
	free(value);
	return r;
}

int xattr_each(const struct side *s, int fd, const char *name, xattr_fn fn, void *arg)
{
	char few[1024], *list = few;
	ssize_t n;
	int r;

	if (name && *name) {
		/* There is no call that takes a directory and a name before Linux 6.13. */
		r = sys_fchdir(s, fd);
		if (r < 0)
			return r;
		fd = -1;
	}
	n = sys_listxattr(s, fd, name, few, sizeof(few));
	if (n == -ERANGE) {
		list = malloc(XATTR_LIST_MAX);
		n = list ? sys_listxattr(s, fd, name, list, XATTR_LIST_MAX) : -ENOMEM;
	}
	r = n > 0 ? each(s, fd, name, list, (size_t)n, fn, arg) : (int)n;
	if (list != few)
		free(list);
	return r;
}
