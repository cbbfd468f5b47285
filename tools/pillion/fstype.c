/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of file systems; see fstype.h. */
#include "fstype.h"

#include <stddef.h>
#include <string.h>

#define UFS2_MAGIC 0x19540119U

/*
 * ext4's errors= overrides what the superblock says: an image must not be able to ask for a
 * panic. FAT keeps local time; UTC makes the result independent of where the tool runs. Each mount
 * of XFS writes to its log, so that image and overlay never agree: there, FS_MAPS is of no use.
 */
static const struct fstype table[] = {
	{ "ext2", "ext2", "ext4", "errors=remount-ro", FS_MAPS },
	{ "ext3", "ext3", "ext4", "errors=remount-ro", FS_MAPS },
	{ "ext4", "ext4", "ext4", "errors=remount-ro", FS_MAPS },
	{ "ext4dev", "ext4dev", "ext4", "errors=remount-ro", FS_MAPS },
	{ "vfat", "vfat", "vfat", "iocharset=iso8859-1,utf8=1,tz=UTC,errors=remount-ro",
	  FS_NO_OWNER | FS_NO_XATTR },
	{ "exfat", "exfat", "exfat", "iocharset=utf8,errors=remount-ro",
	  FS_NO_OWNER | FS_NO_XATTR },
	{ "iso9660", "iso9660", "iso9660", "utf8",
	  FS_READ_ONLY | FS_NO_XATTR | FS_COMPRESSES },
	{ "squashfs", "squashfs", "squashfs", NULL, FS_READ_ONLY | FS_COMPRESSES },
	{ "erofs", "erofs", "erofs", NULL, FS_READ_ONLY | FS_COMPRESSES },
	{ "ufs2", NULL, "ufs", "ufstype=ufs2,onerror=lock", FS_NO_XATTR },
	{ "ufs1", "ufs", "ufs", "ufstype=44bsd,onerror=lock", FS_NO_XATTR },
	{ "xfs", "xfs", "xfs", "nouuid", 0 },
	{ "btrfs", "btrfs", "btrfs", NULL, FS_COMPRESSES },
	{ "f2fs", "f2fs", "f2fs", NULL, FS_COMPRESSES },
	{ "ntfs", "ntfs", "ntfs3", "iocharset=utf8", FS_NO_OWNER | FS_COMPRESSES },
	{ "udf", "udf", "udf", "iocharset=utf8", FS_NO_XATTR },
	{ "hfs", "hfs", "hfs", NULL, FS_NO_OWNER | FS_NO_XATTR },
	{ "hfsplus", "hfsplus", "hfsplus", "nls=utf8", FS_NO_XATTR },
	{ "minix", "minix", "minix", NULL, FS_NO_XATTR },
};

#define COUNT (sizeof(table) / sizeof(table[0]))

const struct fstype *fstype_by_name(const char *name)
{
	for (size_t i = 0; i < COUNT; i++) {
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	}
	return NULL;
}

const struct fstype *fstype_by_blkid(const char *type, unsigned ufs_magic)
{
	if (strcmp(type, "ufs") == 0 && ufs_magic == UFS2_MAGIC)
		return fstype_by_name("ufs2");
	for (size_t i = 0; i < COUNT; i++) {
		if (table[i].blkid && strcmp(table[i].blkid, type) == 0)
			return &table[i];
	}
	return NULL;
}
