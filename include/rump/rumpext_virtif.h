/* SPDX-License-Identifier: BSD-2-Clause */
/* Extension: packet metadata for checksum and segmentation offload (version 1). */
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
	uint8_t  pm_gso_type;		/* 0 none, 1 TCPv4, 3 UDP, 4 TCPv6, 5 UDP_L4; 0x80 ECN */
	uint16_t pm_hdr_len;
	uint16_t pm_gso_size;
	uint16_t pm_csum_start;
	uint16_t pm_csum_offset;
};
#define RUMPEXT_VIRTIF_CSUM	0x01	/* sends NEEDS_CSUM packets, may deliver them */
#define RUMPEXT_VIRTIF_TSO4	0x02
#define RUMPEXT_VIRTIF_TSO6	0x04
#define RUMPEXT_VIRTIF_USO	0x08
/* Agree on features: *got = those of want that the platform does in both directions; *mtu its MTU. */
int rumpext_virtif_features(struct virtif_user *, uint32_t want, uint32_t *got, uint32_t *mtu);
/*
 * Send one packet (iov includes the Ethernet header). Returns 0 sent, EAGAIN: the queue is full and
 * rump_ext_virtif_txready will be called once there is room; else an error: packet dropped. The buffers may be reused
 * on return.  Does not block.
 */
int rumpext_virtif_send(struct virtif_user *, const struct iovec *, size_t,
    const struct rumpext_pktmeta *);
/*
 * Upcalls, from a platform thread that does not hold the donor's CPU.  deliver: one received packet; the donor copies
 * it before return (it may wait for the donor's CPU).  more != 0: another follows at once (batching hint).
 */
void rump_ext_virtif_deliver(struct virtif_sc *, const struct iovec *, size_t,
    const struct rumpext_pktmeta *, int more);
void rump_ext_virtif_txready(struct virtif_sc *);
#endif
