/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the tool knows about each file system: how libblkid and the donor call it, mount options,
 * limits.
 */
#ifndef TOOL_FSTYPE_H
#define TOOL_FSTYPE_H

#define FS_READ_ONLY	0x1	/* cannot be written, by format or by the donor's driver */
#define FS_NO_OWNER	0x2	/* keeps no owners and no permission bits */
#define FS_NO_XATTR	0x4
#define FS_COMPRESSES	0x8	/* a file may be larger than the file system, without holes */
#define FS_MAPS		0x10	/* FIEMAP's addresses are those of the device it is mounted from */

struct fstype {
	const char *name;	/* what the user reads and gives to --type */
	const char *blkid;	/* libblkid's TYPE; NULL: only by name */
	const char *driver;	/* mount(2)'s type */
	const char *options;	/* mount(2)'s data, or NULL */
	unsigned flags;
};

const struct fstype *fstype_by_name(const char *name);
/*
 * ufs_magic: UFS has several forms under one TYPE; the superblock's magic number tells them
 * apart.
 */
const struct fstype *fstype_by_blkid(const char *type, unsigned ufs_magic);

#endif
