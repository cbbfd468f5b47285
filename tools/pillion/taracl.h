/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Access control lists between the kernel's form, an extended attribute, and the archive's, which
 * GNU tar and bsdtar read and write.
 */
#ifndef TOOL_TARACL_H
#define TOOL_TARACL_H

#include <stdbool.h>
#include <stddef.h>

struct archive_entry;

#define ACL_ATTR_ACCESS	 "system.posix_acl_access"
#define ACL_ATTR_DEFAULT "system.posix_acl_default"

/* Add attribute name to the entry as an access control list; false: it is not one. */
bool acl_to_entry(struct archive_entry *e, const char *name, const void *value, size_t len);
/* The entry's list (name: which one) as the kernel wants it: its length, or 0 for none. */
size_t acl_from_entry(struct archive_entry *e, const char *name, void *buf, size_t room);

#endif
