/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * inject TAP MAC COUNT SEED: send frames that are nearly right, runts and garbage out of the host's
 * side of a tap to the donor behind it, whose Ethernet address is MAC. Frames that the host itself
 * refuses (longer than its MTU) are not counted as sent.
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>

#include "frames.h"

int main(int argc, char **argv)
{
	struct frame_ends e = {
		.from_mac = { 2, 0, 0, 0, 0, 9 }, .to4 = { 192, 0, 2, 2 }, .from4 = { 192, 0, 2, 9 },
		.to6 = { 0x20, 1, 0xd, 0xb8, [15] = 2 }, .from6 = { 0x20, 1, 0xd, 0xb8, [15] = 9 },
		.port = 5000,
	};
	struct sockaddr_ll ll = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL),
		.sll_halen = 6 };
	uint8_t frame[FRAME_MAX];
	unsigned m[6];
	long sent = 0;
	uint64_t seed;
	int fd;

	if (argc != 5 || sscanf(argv[2], "%x:%x:%x:%x:%x:%x", m, m + 1, m + 2, m + 3, m + 4, m + 5) != 6)
		return 2;
	for (int i = 0; i < 6; i++)
		e.to_mac[i] = (uint8_t)m[i];
	ll.sll_ifindex = (int)if_nametoindex(argv[1]);
	fd = socket(AF_PACKET, SOCK_RAW, 0);
	seed = strtoull(argv[4], NULL, 0) | 1;
	if (fd < 0) {
		perror("socket");
		return 1;
	}
	for (long n = atol(argv[3]); n > 0; n--) {
		size_t len = frame_any(&seed, &e, frame);

		/* A router may tell the donor to send elsewhere: that would not be a fault of its. */
		if (len > 54 && frame[20] == 58 && (frame[54] == 134 || frame[54] == 137))
			continue;

		sent += sendto(fd, frame, len, 0, (struct sockaddr *)&ll, sizeof(ll)) == (ssize_t)len;
		if (n % 64 == 0)
			usleep(200);	/* or most would be dropped in the tap's queue */
	}
	printf("%ld\n", sent);
	return 0;
}
