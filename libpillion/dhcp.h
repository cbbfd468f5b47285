/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Private to libpillion: DHCP messages as bytes. No system call is made here, and no byte of a
 * message is trusted: dhcp_parse() takes any contents of any length.
 *
 * Addresses are in network order. Locking: none; functions touch their arguments only.
 */
#ifndef PILLION_DHCP_H
#define PILLION_DHCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DHCP_MAX	1500	/* the longest message that is sent or read */

enum { DHCP_DISCOVER = 1, DHCP_OFFER = 2, DHCP_REQUEST = 3, DHCP_ACK = 5, DHCP_NAK = 6 };

/* What the client knows, which is what a message of its says. All zero: not known. */
struct dhcp_state {
	uint32_t xid;
	uint8_t mac[6];
	uint8_t wanted[4];	/* the address that was offered */
	uint8_t server[4];	/* by this server; only its answers count */
	uint8_t current[4];	/* the address that is to be renewed */
};

/* What a server says. */
struct dhcp_offer {
	uint8_t address[4];
	uint8_t server[4];
	uint8_t router[4];
	uint8_t dns[3][4];
	unsigned ndns;
	unsigned prefix;
	uint32_t seconds;
	bool has_router;
	char domain[256];
};

/* Make a message of type DISCOVER or REQUEST in buf[DHCP_MAX]; returns its length. */
size_t dhcp_make(const struct dhcp_state *s, int type, uint8_t *buf);

/*
 * Read a message: its type, OFFER, ACK or NAK, if it answers what s has sent, is whole, and says
 * all that it must (an offer or acknowledgement an address that a host can have, and a lease
 * time); otherwise 0. *o is set for OFFER and ACK.
 */
int dhcp_parse(const struct dhcp_state *s, const uint8_t *msg, size_t len, struct dhcp_offer *o);

#endif
