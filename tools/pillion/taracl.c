/* SPDX-License-Identifier: BSD-2-Clause */
/* Access control lists in archives; see taracl.h. */
#include "taracl.h"

#include <endian.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tarlib.h"

/* The kernel's form (linux/posix_acl_xattr.h): a version, then entries sorted by tag. */
#define VERSION 2U
#define NO_ID	0xffffffffU

struct acl_entry {
	uint16_t tag, perm;
	uint32_t id;
};

static const struct { uint16_t kernel; int archive; } tags[] = {
	{ 0x01, ARCHIVE_ENTRY_ACL_USER_OBJ }, { 0x02, ARCHIVE_ENTRY_ACL_USER },
	{ 0x04, ARCHIVE_ENTRY_ACL_GROUP_OBJ }, { 0x08, ARCHIVE_ENTRY_ACL_GROUP },
	{ 0x10, ARCHIVE_ENTRY_ACL_MASK }, { 0x20, ARCHIVE_ENTRY_ACL_OTHER },
};
#define TAGS (sizeof(tags) / sizeof(tags[0]))

static int list_type(const char *name)
{
	if (strcmp(name, ACL_ATTR_ACCESS) == 0)
		return ARCHIVE_ENTRY_ACL_TYPE_ACCESS;
	return strcmp(name, ACL_ATTR_DEFAULT) == 0 ? ARCHIVE_ENTRY_ACL_TYPE_DEFAULT : 0;
}

bool acl_to_entry(struct archive_entry *e, const char *name, const void *value, size_t len)
{
	int type = list_type(name);
	const char *p = value;
	uint32_t version;

	if (!type || len < sizeof(version))
		return false;
	memcpy(&version, p, sizeof(version));
	if (le32toh(version) != VERSION || (len - sizeof(version)) % sizeof(struct acl_entry))
		return false;
	for (size_t at = sizeof(version); at < len; at += sizeof(struct acl_entry)) {
		struct acl_entry a;

		memcpy(&a, p + at, sizeof(a));
		for (size_t i = 0; i < TAGS; i++) {
			if (tags[i].kernel == le16toh(a.tag))
				archive_entry_acl_add_entry(e, type, le16toh(a.perm) & 7,
							    tags[i].archive, (int)le32toh(a.id),
							    NULL);
		}
	}
	return true;
}

static int by_tag(const void *a, const void *b)
{
	const struct acl_entry *x = a, *y = b;
	uint16_t xt = le16toh(x->tag), yt = le16toh(y->tag);
	uint32_t xi = le32toh(x->id), yi = le32toh(y->id);

	return xt != yt ? (xt > yt) - (xt < yt) : (xi > yi) - (xi < yi);
}

size_t acl_from_entry(struct archive_entry *e, const char *name, void *buf, size_t room)
{
	int want = list_type(name), count = archive_entry_acl_reset(e, want), type, perm, tag, id;
	uint32_t version = htole32(VERSION);
	struct acl_entry *list;
	const char *who;
	size_t n = 0;

	/* three entries are the mode again */
	if (count <= (want == ARCHIVE_ENTRY_ACL_TYPE_ACCESS ? 3 : 0) ||
	    sizeof(version) + (size_t)count * sizeof(*list) > room)
		return 0;
	list = calloc((size_t)count, sizeof(*list));
	while (list && n < (size_t)count &&
	       archive_entry_acl_next(e, want, &type, &perm, &tag, &id, &who) == ARCHIVE_OK) {
		for (size_t i = 0; i < TAGS; i++) {
			if (tags[i].archive != tag)
				continue;
			list[n].tag = htole16(tags[i].kernel);
			list[n].perm = htole16((uint16_t)(perm & 7));
			list[n++].id = tag == ARCHIVE_ENTRY_ACL_USER ||
				tag == ARCHIVE_ENTRY_ACL_GROUP ? htole32((uint32_t)id) : NO_ID;
			break;
		}
	}
	if (n > 0) {
		qsort(list, n, sizeof(*list), by_tag);
		memcpy(buf, &version, sizeof(version));
		memcpy((char *)buf + sizeof(version), list, n * sizeof(*list));
		n = sizeof(version) + n * sizeof(*list);
	}
	free(list);
	return n;
}
