/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_CHECKSUM_H
#define _ASM_PILLION_CHECKSUM_H

/*
 * Sums of the Internet protocols, in words of 64 bits that need not be aligned. A word of any size
 * at an even offset adds what its halves would. The rest is asm-generic's and lib/checksum.c's.
 */
#include <linux/types.h>
#include <asm/byteorder.h>

#define PILLION_CSUM_LOAD(type, name)				\
static inline type name(const void *p)				\
{								\
	type word;						\
								\
	__builtin_memcpy(&word, p, sizeof(word));		\
	return word;						\
}
PILLION_CSUM_LOAD(__u64, pillion_csum_load64)
PILLION_CSUM_LOAD(__u32, pillion_csum_load32)
PILLION_CSUM_LOAD(__u16, pillion_csum_load16)

/* Added to itself with its halves exchanged, a number has their sum, carry included, on top. */
static inline __u32 pillion_csum_fold64(__u64 sum)
{
	return (sum + (sum >> 32 | sum << 32)) >> 32;
}

static inline __u16 pillion_csum_fold32(__u32 sum)
{
	return (sum + (sum >> 16 | sum << 16)) >> 16;
}

static inline __sum16 pillion_csum_fold(__wsum sum)
{
	return (__force __sum16)(__u16)~pillion_csum_fold32((__force __u32)sum);
}
#define csum_fold pillion_csum_fold

/* At most 15 words of 32 bits: there is no carry. */
static inline __sum16 pillion_ip_fast_csum(const void *iph, unsigned int ihl)
{
	__u64 sum = (__u64)pillion_csum_load32(iph) + pillion_csum_load32(iph + 4) +
		    pillion_csum_load32(iph + 8) + pillion_csum_load32(iph + 12);
	unsigned int i;

	for (i = 4; i < ihl; i++)
		sum += pillion_csum_load32(iph + 4 * i);
	return pillion_csum_fold((__force __wsum)pillion_csum_fold64(sum));
}
#define ip_fast_csum pillion_ip_fast_csum

static inline __wsum pillion_csum_tcpudp(__be32 saddr, __be32 daddr, __u32 len, __u8 proto,
					 __wsum sum)
{
	__u64 s = (__u64)(__force __u32)sum + (__force __u32)saddr + (__force __u32)daddr +
		  (__force __u32)__cpu_to_be32(proto + len);

	return (__force __wsum)pillion_csum_fold64(s);
}
#define csum_tcpudp_nofold pillion_csum_tcpudp

static inline __u64 pillion_csum_add(__u64 sum, __u64 word)
{
	sum += word;
	return sum + (sum < word);
}

/* What lib/checksum.c makes csum_partial() of. */
static inline unsigned int pillion_csum(const unsigned char *p, int len)
{
	__u64 sum = 0;

	for (; len >= 32; len -= 32, p += 32) {
		sum = pillion_csum_add(sum, pillion_csum_load64(p));
		sum = pillion_csum_add(sum, pillion_csum_load64(p + 8));
		sum = pillion_csum_add(sum, pillion_csum_load64(p + 16));
		sum = pillion_csum_add(sum, pillion_csum_load64(p + 24));
	}
	for (; len >= 8; len -= 8, p += 8)
		sum = pillion_csum_add(sum, pillion_csum_load64(p));
	if (len > 0) {
		if (len & 4) {
			sum = pillion_csum_add(sum, pillion_csum_load32(p));
			p += 4;
		}
		if (len & 2) {
			sum = pillion_csum_add(sum, pillion_csum_load16(p));
			p += 2;
		}
		if (len & 1)
			sum = pillion_csum_add(sum, (__force __u16)__cpu_to_le16(*p));
	}
	return pillion_csum_fold32(pillion_csum_fold64(sum));
}
#define do_csum pillion_csum

#include <asm-generic/checksum.h>

#endif
