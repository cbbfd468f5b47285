/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The other end of the wire: answers ARP, ICMP echo and UDP echo for one address, and checks every
 * frame that comes: lengths and checksums of IPv4, TCP, UDP and ICMP. No stack.
 *
 * Locking: its own; peer_frame() is for the model's DMA thread.
 */
#ifndef PEER_H
#define PEER_H

#include <stddef.h>
#include <stdint.h>

#define PEER_ADDR      0x0a090001u /* 10.9.0.1 */
#define DONOR_ADDR     0x0a090002u
#define PEER_ECHO_PORT 7
extern const uint8_t peer_mac[6];

/* The wire's callback. */
void peer_frame(void *arg, const uint8_t *frame, size_t len);
/* 0, or how often something was wrong with a frame. */
unsigned peer_bad(void);
/* Only the checks: complains and returns false if there is something wrong. */
int peer_check(const uint8_t *frame, size_t len);

/* Build frames to the donor in buf; return their length. */
size_t peer_udp(uint8_t *buf, const uint8_t dmac[6], uint32_t daddr, uint16_t sport, uint16_t dport,
    const void *data, size_t len);
size_t peer_ping(uint8_t *buf, const uint8_t dmac[6], uint16_t id, uint16_t seq, size_t len);

struct peer_counts {
	unsigned arp, echo_requests, echo_replies, udp, other;
	size_t largest; /* frame from the donor */
};
void peer_counts(struct peer_counts *c);

#endif
