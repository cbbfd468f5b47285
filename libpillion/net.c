/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Addresses of network interfaces.
 *
 * Interface: include/pillion/pillion.h; net.h for boot and DHCP. Locking: none.
 *
 * This file, netlink.c and the DHCP client need no host: an image on the nucleus has them too.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <pillion/pillion.h>

#include "net.h"

int pillion__net_init(void)
{
	int index = pillion__net_index("lo");

	return index < 0 ? index : pillion__net_link_up(index);
}

int pillion__net_parse(const char *text, int prefix, struct net_addr *a)
{
	char buf[INET6_ADDRSTRLEN], *end;
	size_t len = text ? strcspn(text, "/") : 0;
	unsigned long bits;

	if (len == 0 || len >= sizeof(buf) || !text[len] != !prefix)
		return -EINVAL;
	memcpy(buf, text, len);
	buf[len] = '\0';
	memset(a, 0, sizeof(*a));
	a->family = strchr(buf, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(a->family, buf, a->bytes) != 1)
		return -EINVAL;
	if (!prefix)
		return 0;
	text += len + 1;
	bits = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || bits > (a->family == AF_INET6 ? 128 : 32))
		return -EINVAL;
	a->prefix = (unsigned)bits;
	return 0;
}

int pillion_net_address(const char *name, const char *addr, const char *gateway)
{
	struct net_addr a, gw;
	int error, index, added;

	if (pillion__net_parse(addr, 1, &a) || (gateway && pillion__net_parse(gateway, 0, &gw)))
		return -EINVAL;
	if (gateway && gw.family != a.family)
		return -EINVAL;
	index = pillion__net_index(name);
	if (index < 0)
		return index;
	error = pillion__net_link_up(index);
	if (error)
		return error;
	error = pillion__net_addr_add(index, &a, UINT32_MAX);
	added = !error;
	if (error == -EEXIST)
		error = pillion__net_addr_set(index, &a, UINT32_MAX);
	if (error || !gateway)
		return error;
	error = pillion__net_route_default(index, &gw, 0);
	if (error && added)
		pillion__net_addr_del(index, &a);
	return error;
}

int pillion_net_up(const char *name)
{
	int index = pillion__net_index(name);

	return index < 0 ? index : pillion__net_link_up(index);
}
