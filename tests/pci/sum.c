// SPDX-License-Identifier: BSD-2-Clause
/* Sums: the Internet checksum (RFC 1071) and Ethernet's CRC-32. No state but a table made once. */
#include <stdatomic.h>

#include "model.h"

/* Big-endian 16-bit words, an odd byte at the end as if a zero followed. */
uint32_t sum16(const void *p, size_t len, uint32_t sum)
{
	const uint8_t *b = p;

	for (; len > 1; b += 2, len -= 2) {
		sum += (uint32_t)b[0] << 8 | b[1];
		sum = (sum & 0xffff) + (sum >> 16);
	}
	if (len)
		sum += (uint32_t)b[0] << 8;
	return (sum & 0xffff) + (sum >> 16);
}

uint16_t sum_fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)((sum & 0xffff) + (sum >> 16));
}

uint32_t ether_crc(const uint8_t *p, size_t len)
{
	static uint32_t table[256];
	static atomic_bool ready;
	uint32_t crc, i, k;

	if (!ready) {
		for (i = 0; i < 256; i++) {
			for (crc = i, k = 0; k < 8; k++)
				crc = crc & 1 ? crc >> 1 ^ 0xedb88320u : crc >> 1;
			table[i] = crc;
		}
		ready = true;
	}
	for (crc = ~0u; len; len--)
		crc = table[(crc ^ *p++) & 0xff] ^ crc >> 8;
	return ~crc;
}
