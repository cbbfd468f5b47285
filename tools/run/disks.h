/* SPDX-License-Identifier: BSD-2-Clause */
/* Disk images of the guest: opened, their format known, their names in the guest given. */
#ifndef RUN_DISKS_H
#define RUN_DISKS_H

struct options;

/*
 * Open all images, as QEMU will; fill in format, fd and name; replace diskN and diskNpM in
 * mounts by the guest's names. 0, or -1 reported.
 */
int disks_open(struct options *o);

#endif
