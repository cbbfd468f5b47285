/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is on a disk: partition table and superblocks, read with libblkid. Nothing is mounted for
 * it.
 */
#ifndef TOOL_PROBE_H
#define TOOL_PROBE_H

#include <stdbool.h>
#include <stdint.h>

struct fstype;

/*
 * The whole disk (part 0) or one partition. Strings are NULL where unknown, all owned by the
 * volume.
 */
struct volume {
	int part;
	char dev[40];			/* the donor's name, "vda1" */
	uint64_t start, size;		/* bytes, as the donor has them; start only when has_start */
	bool has_start;
	char *part_type;		/* GPT type GUID or MBR type "0x83" */
	char *part_name;		/* GPT */
	char *content;			/* libblkid's TYPE: "ext4", "swap", "crypto_LUKS" ... */
	char *version, *label, *uuid;
	bool ambiguous;			/* more than one signature */
	bool ufs2_low;			/* UFS2, its superblock where Linux does not look */
	const struct fstype *fs;	/* NULL: nothing that the tool can mount */
};

/*
 * The partition table in fd, an image of size bytes: its kind in *kind ("gpt", "dos", NULL), and
 * type and name filled in for the volumes (vol[0..n)) whose start the table has.
 */
void probe_partitions(int fd, uint64_t size, struct volume *vol, int n, char **kind);
/* The superblock in size bytes of fd at off. */
void probe_superblock(int fd, uint64_t off, uint64_t size, struct volume *vol);
void probe_free(struct volume *vol, int n);

#endif
