/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Private to libpillion: what boot, configuration and DHCP share about network interfaces.
 * Functions return 0 (an index, a descriptor) or a negative errno. Locking: none needed; each
 * request to the donor has a socket of its own.
 */
#ifndef PILLION_LIBNET_H
#define PILLION_LIBNET_H

#include <stdint.h>

/* Bring the loopback interface up; called by pillion_boot(). */
int pillion__net_init(void);

/* An address of an interface; family AF_INET or AF_INET6, bytes in network order. */
struct net_addr {
	int family;
	unsigned prefix;
	uint8_t bytes[16];
};

/* "ADDRESS" or, if prefix is wanted, "ADDRESS/PREFIX". */
int pillion__net_parse(const char *text, int prefix, struct net_addr *a);

/* The index of an interface: -ENODEV, or -EINVAL for what cannot be a name. */
int pillion__net_index(const char *name);
int pillion__net_hwaddr(const char *name, uint8_t mac[6]);

/*
 * Add an address, for lifetime seconds or (UINT32_MAX) for ever: set changes one that is there
 * already, add says -EEXIST.
 */
int pillion__net_addr_add(int index, const struct net_addr *addr, uint32_t lifetime);
int pillion__net_addr_set(int index, const struct net_addr *addr, uint32_t lifetime);
int pillion__net_addr_del(int index, const struct net_addr *addr);
/* The default route of gateway's family; its prefix is not looked at. */
int pillion__net_route_default(int index, const struct net_addr *gateway, int onlink);
int pillion__net_link_up(int index);

#endif
