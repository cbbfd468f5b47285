/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The donor's sums of the Internet protocols (donor/linux/arch/include/asm/checksum.h) against the
 * definition of RFC 1071, byte by byte: each length, each alignment, words that make carries.
 */
#include <arpa/inet.h>
#include <linux/types.h>

#include "tap.h"

#define __force
#include "../../donor/linux/arch/include/asm/checksum.h"

#define LEN	200
#define ROUNDS	20

static unsigned char data[LEN + 8] __attribute__((aligned(8)));

/* The complement of the sum of words of 16 bits, big endian, carries added again. */
static unsigned reference(const unsigned char *p, unsigned len, unsigned long sum)
{
	for (unsigned i = 0; i < len; i++)
		sum += i % 2 ? p[i] : (unsigned)p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (unsigned)~sum & 0xffff;
}

/* Random bytes; most of them all ones or all zeros in some rounds. */
static void fill(unsigned round, uint64_t *seed)
{
	for (size_t i = 0; i < sizeof(data); i++) {
		uint64_t r = rng_next(seed);

		data[i] = (unsigned char)r;
		if (round % 4 == 1 && r >> 8 & 7)
			data[i] = 0xff;
		if (round % 4 == 2 && r >> 8 & 7)
			data[i] = 0;
		if (round % 4 == 3)
			data[i] = round % 8 == 3 ? 0xff : 0;
	}
}

static void test_blocks(void)
{
	uint64_t seed = (uint64_t)env_long("TEST_SEED", 1);
	unsigned wrong = 0;

	for (unsigned round = 0; round < ROUNDS; round++) {
		fill(round, &seed);
		for (unsigned at = 0; at < 8; at++)
			for (unsigned len = 0; len <= LEN; len++)
				wrong += htons((uint16_t)~do_csum(data + at, (int)len)) !=
				    reference(data + at, len, 0);
	}
	ok(wrong == 0, "blocks of 0 to %d bytes at 8 alignments (%u wrong)", LEN, wrong);
}

static void test_headers(void)
{
	uint64_t seed = (uint64_t)env_long("TEST_SEED", 2);
	unsigned wrong = 0, unverified = 0;

	for (unsigned round = 0; round < ROUNDS; round++) {
		fill(round, &seed);
		for (unsigned at = 0; at < 8; at++) {
			for (unsigned words = 5; words <= 15; words++) {
				uint16_t sum = ip_fast_csum(data + at, words);

				wrong += htons(sum) != reference(data + at, 4 * words, 0);
				/* Put where it belongs, it makes the sum of the whole right. */
				memset(data + at + 10, 0, 2);
				sum = ip_fast_csum(data + at, words);
				memcpy(data + at + 10, &sum, 2);
				unverified += ip_fast_csum(data + at, words) != 0;
			}
		}
	}
	ok(wrong == 0, "headers of 5 to 15 words (%u wrong)", wrong);
	ok(unverified == 0, "a header with its checksum has the sum 0 (%u have not)", unverified);
}

static void test_pseudo_headers(void)
{
	static const uint32_t lengths[] = { 0, 1, 8, 255, 256, 1480, 65535, 70000 };
	uint64_t seed = (uint64_t)env_long("TEST_SEED", 3);
	unsigned wrong = 0;

	for (unsigned round = 0; round < ROUNDS; round++) {
		fill(round, &seed);
		for (unsigned i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
			uint32_t from, to, sum;
			unsigned want;

			memcpy(&from, data, 4);
			memcpy(&to, data + 4, 4);
			memcpy(&sum, data + 8, 4);
			want = reference(data, 12, lengths[i] + 17ul);
			wrong += htons(csum_tcpudp_magic(from, to, lengths[i], 17, sum)) != want;
		}
	}
	ok(wrong == 0, "pseudo headers of short and long packets (%u wrong)", wrong);
}

int main(void)
{
	tap_begin();
	test_blocks();
	test_headers();
	test_pseudo_headers();
	return tap_done();
}
