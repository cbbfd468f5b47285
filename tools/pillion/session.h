/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One run of the tool: the images that the operands name, the booted donor, the mounted file
 * systems.
 *
 * Order of calls: session_ref() for each image operand, session_open(), the command opens its
 * host files, session_start(), session_mount() for each operand, work, session_end().
 */
#ifndef TOOL_SESSION_H
#define TOOL_SESSION_H

#include <stdbool.h>
#include <sys/types.h>

#include "direct.h"
#include "sandbox.h"

struct fstype;
struct image;
struct mount;
struct volume;

struct ref {
	struct ref *next;
	const char *operand;	/* as given, for messages */
	char *file;		/* the image's path on the host */
	char *path;		/* inside the image; begins with '/' */
	int part;		/* -1: choose */
	bool write;
	struct image *img;	/* NULL: it could not be opened, which is reported */
	struct mount *mnt;
	int root;		/* O_PATH descriptor of the file system's root, in the donor */
};

struct session_options {
	bool no_sandbox, verbose, backing;
	const char *type;	/* the file system's type, or NULL: found out */
};
extern struct session_options session_options;

/* Does the operand name something in an image? It does when it contains ":/". */
bool ref_is_image(const char *operand);
/* whole: a name without ":/" is the whole image. NULL: reported. */
struct ref *session_ref(const char *operand, int part, bool write, bool whole);
/* Open all images that can be; -1 when one cannot. 0, or -1 reported, in all of these. */
int session_open(void);
int session_start(enum sandbox kind);
int session_mount(struct ref *ref);	/* fails where the image could not be opened */
bool ref_is_ready(const struct ref *ref);	/* its image is open, and a disk of the donor */
/* Mount one volume; its root directory is *root then. */
int session_mount_volume(struct image *img, struct volume *vol, bool write, int *root);
/* Is the host file an image that is open? Writing to it would destroy it. */
bool session_has_image(dev_t dev, ino_t ino);
void session_end(void);

const struct fstype *ref_fstype(const struct ref *ref);
/* Where the mounted file system lies in its image file, if the host can copy from there. */
struct medium ref_medium(const struct ref *ref);
/*
 * Open path of the image, or the parent directory of its last component (*name points to that). Of
 * the root, and of a path that ends in "." or "..", it is the directory itself, and *name is "".
 */
int ref_open(const struct ref *ref, int flags, mode_t mode);
int ref_open_parent(const struct ref *ref, const char **name);

#endif
