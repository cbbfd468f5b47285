/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the parts of an image share: from the archive to the end of its program. <pillion/image.h>
 * has what it is told and what it answers.
 *
 * Functions that return int return 0 or -errno, Linux's. All of it is called on the image's main
 * thread; network.c has one of its own, which uses link.c, devices.c, files.c and record_phase().
 */
#ifndef IMAGE_H
#define IMAGE_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nucleus/archive.h>
#include <nucleus/error.h>
#include <nucleus/log.h>
#include <nucleus/string.h>

#include <pillion/image.h>
#include <pillion/syscalls.h>

/* ---- config.c ---- */

#define MAX_DNS	3

enum net { NET_NONE, NET_DHCP, NET_STATIC };

struct mount {
	char	*dev, *path, *type;	/* path NULL: the root */
	bool	rdonly;
};

struct config {
	char		*program;	/* NULL: there is none */
	char		**argv, **envp;	/* each ends with NULL */
	struct mount	root;		/* dev NULL: the archive's files */
	struct mount	*mounts;
	unsigned	nmounts, ndns;
	enum net	net;
	char		*address, *gateway;
	char		*dns[MAX_DNS];
	unsigned	loglevel, rows, cols;
	bool		strace, timings, stdin_stream, stdout_stream;
};

/*
 * Read len bytes of text. What is wrong: a message, and *lineno is the line; NULL: nothing. Strings
 * of c are in memory that stays.
 */
const char *config_parse(const char *text, size_t len, struct config *c, unsigned *lineno);

/* ---- archive.c ---- */

/* The archive that the image was given. False: none. The other gives its memory back. */
bool image_archive(struct archive *a);
void image_archive_free(struct archive *a);

/* ---- files.c, mounts.c, devices.c, network.c, link.c, terminal.c ---- */

/* Write the archive's files into the donor's root file system. *name: which one failed. */
int files_unpack(const struct archive *a, const char **name);

/* A text file, made or replaced. */
int file_write(const char *path, const char *text);
int file_read(const char *path, char *buf, size_t len);	/* how many bytes; a NUL follows them */
int make_dirs(const char *path);	/* path and what is above it, as far as it is missing */

int mount_fs(const char *dev, const char *dir, const char *type, unsigned long flags,
    const char *options);
int mount_system(void);			/* /dev, /proc, /sys, /tmp, as far as they are not there */
int mount_root(const struct mount *m);	/* this and mount_disk: -ENXIO: there is no such disk */
int mount_disk(const struct mount *m);
void disks_list(char *names, size_t size);	/* of disks and partitions, with commas */

/* Say which have no driver; cards: of network cards, too. */
void devices_report(enum log_level level, bool cards);

void network_start(const struct config *c);	/* c stays; it reports itself what goes wrong */
void network_stop(void);		/* so that no thread of its is the donor's */

/*
 * The first interface that may be a card. Wait, unless *stop: until its link is up; until its PHY,
 * if it can be asked, has agreed with the other end (a driver that begins sooner may look again
 * only seconds later).
 */
int link_find(char *name);		/* IFNAMSIZ bytes */
void link_wait(const char *name, const bool *stop);
void link_negotiate(const char *name, const bool *stop);

/*
 * The console as the configuration says. Its input waits until terminal_input(): so that none is
 * echoed before, and ^C finds whom it is for.
 */
int terminal_setup(const struct config *c);
void terminal_input(void);
#define TERMINAL	"/dev/ttyR0"
#define STREAM		"/dev/stream"

/* ---- run.c ---- */

/*
 * Run the program. Its status: 0 .. 255, 128 + n after signal n; or -errno, and it was not run. (A
 * test has something else in the place of this file.)
 */
int image_run(const struct config *c);

/* ---- record.c ---- */

void record(const char *fmt, ...) PRINTF(1, 2);	/* a line on the port of records */
void record_timings(bool on);
void record_phase(const char *name);		/* boot has come so far */

/* The last record, and the end: there is no way on. */
void image_fail(const char *kind, int status, const char *fmt, ...) PRINTF(3, 4) NORETURN;

/* ---- libc.c ---- */

const char *error_name(int error);		/* as strerror() says it, or a number */

#endif /* IMAGE_H */
