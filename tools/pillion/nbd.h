/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qcow2, VMDK and VDI images, served by qemu-nbd(8) over a private socket.
 *
 * The socket exists in a directory of mode 0700 only while we connect to it; it is gone before
 * qemu-nbd starts. qemu-nbd ends by itself when its client does, however that happens. The client
 * speaks the four commands that are needed itself: libnbd would load gnutls, libxml2 and ICU (35
 * MB) into a process that starts in milliseconds and confines itself. Locking: one request at a
 * time; any thread may call.
 */
#ifndef TOOL_NBD_H
#define TOOL_NBD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nbd;

/*
 * Serve the image open in fd, or by its path where it may refer to other files (otherwise NULL);
 * format is qemu's name for it. NULL: failed; *reason (static storage) says why, *busy that
 * another process has the image open.
 */
struct nbd *nbd_open(int fd, const char *path, const char *format, bool write,
		     const char **reason, bool *busy);
uint64_t nbd_size(const struct nbd *n);
int nbd_read(void *nbd, void *buf, size_t len, uint64_t off);	/* these: 0 or -errno */
int nbd_write(void *nbd, const void *buf, size_t len, uint64_t off);
int nbd_flush(void *nbd);
int nbd_discard(void *nbd, uint64_t off, uint64_t len);
bool nbd_can_discard(const struct nbd *n);
void nbd_close(struct nbd *n);		/* waits until qemu-nbd has ended */

#endif
