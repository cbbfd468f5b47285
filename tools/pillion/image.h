/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An image: the host's file, its container format, and the donor's disk with its volumes.
 *
 * Life: image_open() (host descriptors, qemu-nbd) before the tool confines itself; image_attach()
 * after the boot; image_close() at the end.
 */
#ifndef TOOL_IMAGE_H
#define TOOL_IMAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "probe.h"

struct nbd;

struct image {
	struct image *next;
	const char *path;		/* as the user wrote it */
	int fd;
	dev_t dev;			/* the file's identity: two operands may name one image */
	ino_t ino;
	bool writable;
	const char *format;		/* "raw", "qcow2", "vmdk", "vdi" */
	uint64_t size;			/* of the disk, bytes */
	uint64_t file_size;
	struct nbd *nbd;		/* NULL: raw */
	bool is_file;			/* a regular file that holds the disk as it is */
	int disk;			/* pillion_disk_*'s id, or -1 */
	char name[32];			/* "vda" */
	char *table;			/* partition table, or NULL */
	struct volume *vol;		/* [0] is the whole disk */
	int nvol;
};

/* 0, or -1 with everything reported. backing: the image may refer to other host files. */
int image_open(struct image *img, const char *path, bool write, bool backing);
int image_attach(struct image *img);
void image_probe(struct image *img);		/* what is on the disk and its partitions */
/* The volume to use: part, or for -1 the only file system. NULL: reported. */
struct volume *image_choose(struct image *img, int part);
void image_close(struct image *img);

#endif
