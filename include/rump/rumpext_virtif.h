/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Extension: packet metadata for checksum and segmentation offload. Version 1.
 *
 * Reason: with rumpcomp_virt_send() every packet is one frame with its checksums made, and none
 * is ever refused. Bulk transfer wants segments of 64 KB, and a sender that can be told to wait.
 *
 * Words, error numbers and classes are those of <rump/rumpuser.h>. All are [nonblocking].
 * Locking: as rumpcomp_virtif.h.
 */
#ifndef RUMP_RUMPEXT_VIRTIF_H
#define RUMP_RUMPEXT_VIRTIF_H

#include <rump/rumptypes.h>

#define RUMPEXT_VIRTIF_VERSION 1

struct iovec;
struct virtif_sc;
struct virtif_user;

/* The layout and the meaning are virtio's struct virtio_net_hdr (v1.1, 5.1.6), host byte order. */
struct rumpext_pktmeta {
	uint8_t  pm_flags;		/* 1 NEEDS_CSUM, 2 DATA_VALID */
	uint8_t  pm_gso_type;		/* 0 none, 1 TCPv4, 3 UDP, 4 TCPv6, 5 UDP_L4, +0x80 ECN */
	uint16_t pm_hdr_len;
	uint16_t pm_gso_size;
	uint16_t pm_csum_start;
	uint16_t pm_csum_offset;
};

/*
 * rumpext_virtif_features: agree on offloads, once, after rumpcomp_virt_create(). *gotp: those of
 * want that the platform does in both directions; TSO and USO come with CSUM only. *mtup: the
 * network's MTU, without the Ethernet header. Packets that come before have metadata that ask for
 * nothing. Always 0.
 */
#define RUMPEXT_VIRTIF_CSUM	0x01	/* sends NEEDS_CSUM packets, may deliver them */
#define RUMPEXT_VIRTIF_TSO4	0x02
#define RUMPEXT_VIRTIF_TSO6	0x04
#define RUMPEXT_VIRTIF_USO	0x08
int rumpext_virtif_features(struct virtif_user *viu, uint32_t want, uint32_t *gotp, uint32_t *mtup);

/*
 * rumpext_virtif_send: send one packet, iov with the Ethernet header, meta NULL if it needs
 * nothing. The buffers are free on return. RUMP_EAGAIN: the queue is full, the packet is not
 * sent, and rump_ext_virtif_txready() will be called once there is room. RUMP_EMSGSIZE: too many
 * pieces (up to 256 are taken) or too long; others of the host: packet dropped.
 */
int rumpext_virtif_send(struct virtif_user *viu, const struct iovec *iov, size_t iovcnt,
    const struct rumpext_pktmeta *meta);

/*
 * Upcalls, from a platform thread that does not hold the donor's CPU.
 * rump_ext_virtif_deliver: one received packet; the donor copies it before return (it may wait
 * for its CPU). more != 0: another follows at once (batching hint).
 * rump_ext_virtif_txready: see rumpext_virtif_send; may be early, so that sending fails again.
 */
void rump_ext_virtif_deliver(struct virtif_sc *sc, const struct iovec *iov, size_t iovcnt,
    const struct rumpext_pktmeta *meta, int more);
void rump_ext_virtif_txready(struct virtif_sc *sc);

#endif /* RUMP_RUMPEXT_VIRTIF_H */
