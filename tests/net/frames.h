/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ethernet frames that are nearly right, from a seed: ARP, IPv4 and IPv6 with what runs over them,
 * to the addresses and ports of a test's donor, with bytes, lengths and options spoilt, and
 * checksums sometimes made right again so that the damage gets further.
 *
 * Locking: none; the seed is the caller's.
 */
#ifndef TESTS_FRAMES_H
#define TESTS_FRAMES_H

#include <stddef.h>
#include <stdint.h>

#define FRAME_MAX	2048

/* The ends of the wire: addresses of the donor ("to") and of the test ("from"). */
struct frame_ends {
	uint8_t to_mac[6], from_mac[6];
	uint8_t to4[4], from4[4];
	uint8_t to6[16], from6[16];
	uint16_t port;
};

uint64_t frame_random(uint64_t *seed);
/* A frame of any kind, spoilt or not; returns its length, 0 to FRAME_MAX. */
size_t frame_any(uint64_t *seed, const struct frame_ends *e, uint8_t *f);

/* Good ones. Each returns the length. */
size_t frame_arp(const struct frame_ends *e, uint8_t *f);
size_t frame_ping(const struct frame_ends *e, uint16_t sequence, uint8_t *f);
size_t frame_udp(const struct frame_ends *e, const void *data, size_t len, uint8_t *f);

/* Make the checksums of an IPv4 or IPv6 frame right, as far as it is one. */
void frame_checksums(uint8_t *f, size_t len);
/* The ones' complement sum of len bytes, with what is before it in sum; folded. */
uint16_t frame_sum(uint32_t sum, const uint8_t *p, size_t len);

#endif
