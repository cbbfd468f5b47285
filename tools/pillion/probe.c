/* SPDX-License-Identifier: BSD-2-Clause */
/* What is on a disk, by libblkid; see probe.h. */
#include "probe.h"

#include <blkid/blkid.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fstype.h"

#define UFS_LOW_LIMIT 32768	/* the superblock places that Linux tries for UFS2 lie above */

static char *copy(const char *s)
{
	return s && *s ? strdup(s) : NULL;
}

static char *value(blkid_probe pr, const char *name)
{
	const char *data = NULL;

	if (blkid_probe_lookup_value(pr, name, &data, NULL) != 0)
		return NULL;
	return copy(data);
}

static unsigned ufs_magic(blkid_probe pr, struct volume *vol)
{
	const char *magic = NULL, *off = NULL;
	const unsigned char *m;
	size_t len = 0;
	unsigned le;

	if (blkid_probe_lookup_value(pr, "SBMAGIC", &magic, &len) != 0 || len < 4)
		return 0;
	m = (const unsigned char *)magic;
	le = m[0] | m[1] << 8 | m[2] << 16 | (unsigned)m[3] << 24;
	if (blkid_probe_lookup_value(pr, "SBMAGIC_OFFSET", &off, NULL) == 0)
		vol->ufs2_low = strtoull(off, NULL, 10) < UFS_LOW_LIMIT && le == 0x19540119U;
	return le;
}

static blkid_probe new_probe(int fd, uint64_t off, uint64_t size)
{
	blkid_probe pr = blkid_new_probe();

	if (!pr)
		return NULL;
	if (blkid_probe_set_device(pr, fd, (blkid_loff_t)off, (blkid_loff_t)size) != 0) {
		blkid_free_probe(pr);
		return NULL;
	}
	return pr;
}

void probe_superblock(int fd, uint64_t off, uint64_t size, struct volume *vol)
{
	blkid_probe pr = new_probe(fd, off, size);
	int found;

	if (!pr)
		return;
	blkid_probe_enable_superblocks(pr, 1);
	blkid_probe_set_superblocks_flags(pr, BLKID_SUBLKS_TYPE | BLKID_SUBLKS_LABEL |
		BLKID_SUBLKS_UUID | BLKID_SUBLKS_VERSION | BLKID_SUBLKS_MAGIC);
	found = blkid_do_safeprobe(pr);
	vol->ambiguous = found == -2;
	if (found == 0) {
		vol->content = value(pr, "TYPE");
		vol->version = value(pr, "VERSION");
		vol->label = value(pr, "LABEL");
		vol->uuid = value(pr, "UUID");
		if (vol->content)
			vol->fs = fstype_by_blkid(vol->content, ufs_magic(pr, vol));
	}
	blkid_free_probe(pr);
}

/*
 * libblkid numbers partitions of partitions (of Minix, BSD, Solaris), which the donor may know
 * otherwise or not at all: what begins at the same place is the same partition.
 */
static blkid_partition find_partition(blkid_partlist list, const struct volume *vol)
{
	for (int i = 0; vol->has_start && i < blkid_partlist_numof_partitions(list); i++) {
		blkid_partition par = blkid_partlist_get_partition(list, i);

		if (par && (uint64_t)blkid_partition_get_start(par) * 512 == vol->start)
			return par;
	}
	return NULL;
}

static void describe(struct volume *vol, blkid_partition par, bool gpt)
{
	const char *type = blkid_partition_get_type_string(par);
	char mbr[8];

	if (!gpt || !type || !*type) {
		snprintf(mbr, sizeof(mbr), "0x%02x",
			 (unsigned)blkid_partition_get_type(par) & 0xff);
		type = mbr;
	}
	vol->part_type = copy(type);
	vol->part_name = copy(blkid_partition_get_name(par));
}

void probe_partitions(int fd, uint64_t size, struct volume *vol, int n, char **kind)
{
	blkid_probe pr = new_probe(fd, 0, size);
	blkid_partlist list;

	*kind = NULL;
	if (!pr)
		return;
	blkid_probe_enable_superblocks(pr, 0);
	blkid_probe_enable_partitions(pr, 1);
	list = blkid_probe_get_partitions(pr);
	if (list && blkid_partlist_numof_partitions(list) > 0) {
		blkid_parttable table = blkid_partlist_get_table(list);

		*kind = table ? copy(blkid_parttable_get_type(table)) : NULL;
		for (int i = 0; i < n; i++) {
			blkid_partition par = vol[i].part ? find_partition(list, &vol[i]) : NULL;

			if (par)
				describe(&vol[i], par, *kind && strcmp(*kind, "gpt") == 0);
		}
	}
	blkid_free_probe(pr);
}

void probe_free(struct volume *vol, int n)
{
	for (int i = 0; i < n; i++) {
		free(vol[i].part_type);
		free(vol[i].part_name);
		free(vol[i].content);
		free(vol[i].version);
		free(vol[i].label);
		free(vol[i].uuid);
	}
	free(vol);
}
