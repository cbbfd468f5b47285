/* SPDX-License-Identifier: BSD-2-Clause */
/* Owners, permissions, extended attributes and times of a copy; see copy.h. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "copy.h"
#include "fstype.h"
#include "report.h"
#include "sys.h"
#include "xattr.h"

static bool parse_id(const char *text, unsigned *id)
{
	char *end;
	unsigned long v = strtoul(text, &end, 10);

	*id = (unsigned)v;
	return *text >= '0' && *text <= '9' && !*end && v < 0xffffffffUL;
}

static bool parse_user(const char *text, uid_t *uid)
{
	const struct passwd *pw;

	if (parse_id(text, uid))
		return true;
	pw = getpwnam(text);
	if (pw)
		*uid = pw->pw_uid;
	return pw != NULL;
}

static bool parse_group(const char *text, gid_t *gid)
{
	const struct group *gr;

	if (parse_id(text, gid))
		return true;
	gr = getgrnam(text);
	if (gr)
		*gid = gr->gr_gid;
	return gr != NULL;
}

bool owner_parse(const char *text, struct owner *owner)
{
	char user[64];
	const char *colon = strchr(text, ':');

	*owner = (struct owner){ .keep = strcmp(text, "keep") == 0 };
	if (owner->keep || strcmp(text, "none") == 0)
		return true;
	if (!colon || (size_t)(colon - text) >= sizeof(user))
		return false;
	memcpy(user, text, (size_t)(colon - text));
	user[colon - text] = '\0';
	owner->set = parse_user(user, &owner->uid) && parse_group(colon + 1, &owner->gid);
	return owner->set;
}

struct xattr_copy {
	struct copier *c;
	const struct statx *st;
	const struct meta *m;
	int err;
};

/* Set-user-ID and what is like it would give the powers of another user than the original's. */
static bool drops_user(const struct copier *c, const struct statx *st)
{
	return !c->owner.keep && !c->owner.set && (!c->to->host || st->stx_uid != geteuid());
}

static bool drops_group(const struct copier *c, const struct statx *st)
{
	return !c->owner.keep && !c->owner.set && (!c->to->host || st->stx_gid != getegid());
}

int meta_xattr(struct copier *c, const struct statx *st, const struct meta *m, const char *attr,
	       const void *value, size_t len)
{
	int r;

	if (strcmp(attr, "security.capability") == 0 && drops_user(c, st))
		return 0;
	if (c->to_type && (c->to_type->flags & FS_NO_XATTR)) {
		r = -EOPNOTSUPP;
	} else if (m->to < 0) {
		r = sys_fchdir(c->to, m->to_dir);
		if (r == 0)
			r = sys_setxattr(c->to, -1, m->to_name, attr, value, len);
		/* xattr_each() stands in the source's directory, perhaps on the same side */
		if (c->from == c->to)
			sys_fchdir(c->from, m->from_dir);
	} else {
		r = sys_setxattr(c->to, m->to, NULL, attr, value, len);
	}
	if (r == -EOPNOTSUPP || r == -EPERM || r == -EACCES || r == -EINVAL) {
		if (c->lost_xattrs++ == 0)
			report_note("%s: attribute %s cannot be kept: %s", c->dest.text, attr,
				    strerror(-r));
		r = 0;
	}
	return r;
}

static void copy_xattr(void *arg, const char *name, const void *value, size_t len)
{
	struct xattr_copy *x = arg;
	int r = meta_xattr(x->c, x->st, x->m, name, value, len);

	if (x->err == 0)
		x->err = r;
}

static int copy_xattrs(struct copier *c, const struct statx *st, const struct meta *m)
{
	struct xattr_copy x = { c, st, m, 0 };
	int r;

	if (m->from >= 0)
		r = xattr_each(c->from, m->from, NULL, copy_xattr, &x);
	else
		r = xattr_each(c->from, m->from_dir, m->name, copy_xattr, &x);
	if (r == -EOPNOTSUPP || r == -EPERM || r == -EACCES)
		r = 0;
	return r ? r : x.err;
}

static int change_owner(struct copier *c, const struct statx *st, const struct meta *m)
{
	uid_t uid = c->owner.set ? c->owner.uid : st->stx_uid;
	gid_t gid = c->owner.set ? c->owner.gid : st->stx_gid;

	if (m->to >= 0)
		return sys_fchownat(c->to, m->to, "", uid, gid, AT_EMPTY_PATH);
	return sys_fchownat(c->to, m->to_dir, m->to_name, uid, gid, AT_SYMLINK_NOFOLLOW);
}

int meta_owner_mode(struct copier *c, const struct statx *st, const struct meta *m)
{
	mode_t mode = st->stx_mode & 07777;
	int r = 0;

	if (c->to_type && (c->to_type->flags & FS_NO_OWNER))
		return 0;
	if (c->owner.keep || c->owner.set) {
		r = change_owner(c, st, m);
	} else {
		if (drops_user(c, st))
			mode &= ~(mode_t)S_ISUID;
		if (drops_group(c, st))
			mode &= ~(mode_t)S_ISGID;
	}
	/* chmod after chown, which clears bits; a link has no mode of its own */
	if (r == 0 && m->to >= 0)
		r = sys_fchmod(c->to, m->to, mode);
	else if (r == 0 && !S_ISLNK(st->stx_mode))
		r = sys_fchmodat(c->to, m->to_dir, m->to_name, mode);
	return r;
}

int meta_times(struct copier *c, const struct statx *st, const struct meta *m)
{
	const struct timespec times[2] = {
		{ .tv_sec = st->stx_atime.tv_sec, .tv_nsec = st->stx_atime.tv_nsec },
		{ .tv_sec = st->stx_mtime.tv_sec, .tv_nsec = st->stx_mtime.tv_nsec },
	};
	int r;

	if (m->to >= 0)
		r = sys_utimensat(c->to, m->to, NULL, times);
	else
		r = sys_utimensat(c->to, m->to_dir, m->to_name, times);
	if (r == -EPERM && c->to_type && (c->to_type->flags & FS_NO_OWNER))
		r = 0;
	return r;
}

int copy_meta(struct copier *c, const struct statx *st, const struct meta *m)
{
	int r = meta_owner_mode(c, st, m);

	if (r == 0)
		r = copy_xattrs(c, st, m);
	if (r == 0)
		r = meta_times(c, st, m);
	return r;
}
