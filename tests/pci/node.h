/* SPDX-License-Identifier: BSD-2-Clause */
/* The donor as the tests use it: boot with a card in the slot, its interface, sockets. */
#ifndef NODE_H
#define NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "e1000_model.h"

extern const uint8_t node_mac[6];

/* Boot; the wire's other end is peer.c unless opt says otherwise. false: failed, and said so. */
bool node_boot(const struct e1000m_options *opt);
/* Shut down, then look whether the card is quiet and no error was recorded. */
void node_end(void);
/* Interface up with DONOR_ADDR/24, and wait for the link. */
bool node_up(const char *name);

int node_ifflags(const char *name, bool up);
int node_mtu(const char *name, int mtu);
/* -errno; any ethtool command, data begins with its number */
int node_ethtool(const char *name, void *data);
/* A small file of the donor, zero-terminated, newline removed; length or -errno */
int node_read(const char *path, char *buf, size_t size);
long long node_number(const char *path);
/* Wait until a file's number is want; false after seconds. */
bool node_wait(const char *path, long long want, unsigned seconds);
/* A connected UDP socket of the donor to the peer, receiving with a timeout; or -errno */
int node_udp(uint16_t sport, uint16_t dport, unsigned timeout_ms);
/* One request and its answer over such a socket. */
bool node_round_trip(int fd, const void *data, size_t len);
double node_seconds(void);

#define STATISTIC(name) node_number("/sys/class/net/eth0/statistics/" name)

/* bridge.c: the wire is a tap of the host, a web server runs in the donor, until standard input
 * ends. */
int bridge_main(const char *tap);

#endif
