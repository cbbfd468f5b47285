/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * I/O hypercalls for a virtual Ethernet interface, and the upcall that delivers packets. Binary
 * interface of NetBSD's rumpnet_virtif; offload metadata: rumpext_virtif.h.
 *
 * Errors, classes and words are those of <rump/rumpuser.h>. Locking: the platform's threads
 * deliver one packet at a time for one interface; the donor may send from several threads at
 * once.
 */
#ifndef RUMP_RUMPCOMP_VIRTIF_H
#define RUMP_RUMPCOMP_VIRTIF_H

#include <rump/rumptypes.h>

struct iovec;		/* { void *iov_base; size_t iov_len; } */
struct virtif_sc;	/* the donor's interface */
struct virtif_user;	/* the platform's side of it */

/*
 * rumpcomp_virt_create: connect the interface sc to the platform's network named devstr (the
 * platform's documentation says what names there are). enaddr: 6 bytes, the donor's proposal for
 * the Ethernet address, which the platform may replace (and does if it is all zero). Packets may
 * be delivered before this returns. RUMP_ENXIO: no such network; RUMP_EBUSY; RUMP_EPERM; others
 * of the host. [wraps, if it blocks]
 */
int rumpcomp_virt_create(const char *devstr, struct virtif_sc *sc, uint8_t *enaddr,
    struct virtif_user **viup);

/*
 * Going away, in two steps. dying: no packet is delivered that was not on its way by now; always
 * 0.
 * [nonblocking] destroy: waits until no delivery is on its way and frees everything. [wraps]
 */
int rumpcomp_virt_dying(struct virtif_user *viu);
void rumpcomp_virt_destroy(struct virtif_user *viu);

/* Send one packet, Ethernet header included, or drop it. The buffers are free on return. */
void rumpcomp_virt_send(struct virtif_user *viu, struct iovec *iov, size_t iovcnt);

/*
 * Upcall: a packet has arrived; the donor copies it before it returns. Called by a thread of the
 * platform that holds the donor's CPU as a kernel thread (rumpuser_component_kthread). A donor
 * that has rump_ext_virtif_deliver() gets that instead, from the first packet on.
 */
void rump_virtif_virt_deliverpkt(struct virtif_sc *sc, struct iovec *iov, size_t iovcnt);

#endif /* RUMP_RUMPCOMP_VIRTIF_H */
