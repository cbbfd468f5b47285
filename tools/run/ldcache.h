/* SPDX-License-Identifier: BSD-2-Clause */
/* /etc/ld.so.cache of glibc, in the format that it has had since 2.2. */
#ifndef RUN_LDCACHE_H
#define RUN_LDCACHE_H

struct ldcache;
struct sysroot;

#define LDCACHE_PATH "/etc/ld.so.cache"

/* NULL: there is none, or none that can be read. */
struct ldcache *ldcache_open(const struct sysroot *root);
/* The path of an x86-64 library; valid as long as the cache. NULL: not in it. */
const char *ldcache_find(const struct ldcache *c, const char *name);
void ldcache_close(struct ldcache *c);

#endif
