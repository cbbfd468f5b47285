/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pillion: DHCP leases, beside what <pillion/pillion.h> has for network interfaces.
 *
 * pillion_net_dhcp() is enough for a program that ends before its lease. One that does not asks
 * for the lease, and renews it in time (at half of seconds, say). When a lease runs out
 * the donor removes the address by itself: it never uses one that may be somebody else's.
 *
 * Functions return 0 or -errno. Locking: any thread may call; one at a time for an interface.
 */
#ifndef PILLION_NET_H
#define PILLION_NET_H

#include <pillion/pillion.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PILLION_LEASE_FOREVER	0xffffffffu

struct pillion_lease {
	char address[64];	/* "192.0.2.17/24" */
	char gateway[64];	/* "" : none */
	char dns[3][64];	/* name servers; "" from the first that is not there */
	char domain[256];	/* "" : none; letters, digits, '-', '_' and '.' only */
	char server[64];	/* who gave the lease */
	uint32_t seconds;	/* from now, or PILLION_LEASE_FOREVER */
};

/*
 * Bring the interface up, get a lease and set address and default route from it. timeout_ms 0: 10
 * seconds. -ETIMEDOUT: no server answered in time; -EADDRNOTAVAIL: each answer was a refusal;
 * -ENODEV: no such interface; -EINVAL: not an Ethernet.
 */
PILLION_API int pillion_net_lease(const char *name, unsigned timeout_ms,
    struct pillion_lease *lease);

/*
 * Extend a lease that pillion_net_lease() gave; *lease is what was given, and becomes what is.
 * -EADDRNOTAVAIL: the server refuses, and the address is gone; -ETIMEDOUT: it stays as it was.
 */
PILLION_API int pillion_net_renew(const char *name, unsigned timeout_ms,
    struct pillion_lease *lease);

#ifdef __cplusplus
}
#endif
#endif
