/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Configuration of the donor's network interfaces by routing messages (rtnetlink).
 *
 * Interface: net.h. Each request is one message on a socket of its own, and its acknowledgement.
 * Locking: none; everything is on the caller's stack. A request is made as the caller's process
 * of the donor, with its rights.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>

#include <pillion/syscalls.h>

#include "net.h"

/* A request: the header, the fixed part of its kind, attributes. None comes near the end. */
struct request {
	struct nlmsghdr h;
	union {
		struct ifinfomsg link;
		struct ifaddrmsg addr;
		struct rtmsg route;
	};
	char attributes[128];
};

static void begin(struct request *r, int type, int flags, size_t fixed)
{
	memset(r, 0, sizeof(*r));
	r->h.nlmsg_type = (uint16_t)type;
	r->h.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags);
	r->h.nlmsg_len = (uint32_t)NLMSG_LENGTH(fixed);
	r->h.nlmsg_seq = 1;
}

static void add(struct request *r, int type, const void *data, size_t len)
{
	size_t at = NLMSG_ALIGN(r->h.nlmsg_len);
	struct rtattr *a = (struct rtattr *)((char *)r + at);

	if (at + RTA_SPACE(len) > sizeof(*r))
		__builtin_trap();
	a->rta_type = (uint16_t)type;
	a->rta_len = (uint16_t)RTA_LENGTH(len);
	memcpy(RTA_DATA(a), data, len);
	r->h.nlmsg_len = (uint32_t)(at + RTA_LENGTH(len));
}

/* Send a request and wait for what the donor says to it. */
static int talk(const struct request *r)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct {
		struct nlmsghdr h;
		struct nlmsgerr e;
		char rest[512];
	} reply;
	long n, fd = pillion_sys_socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd < 0)
		return (int)fd;
	n = pillion_sys_sendto((int)fd, r, r->h.nlmsg_len, 0, (struct sockaddr *)&kernel, sizeof(kernel));
	while (n >= 0) {
		n = pillion_sys_recvfrom((int)fd, &reply, sizeof(reply), 0, NULL, NULL);
		if (n == -EINTR) {
			n = 0;
			continue;
		}
		if (n < (long)offsetof(__typeof__(reply), rest) && n >= 0)
			n = -EIO;
		if (n >= 0 && reply.h.nlmsg_type == NLMSG_ERROR && reply.h.nlmsg_seq == r->h.nlmsg_seq) {
			n = reply.e.error;
			break;
		}
	}
	pillion_sys_close((int)fd);
	return n > 0 ? 0 : (int)n;
}

int pillion__net_link_up(int index)
{
	struct request r;

	begin(&r, RTM_NEWLINK, 0, sizeof(r.link));
	r.link.ifi_family = AF_UNSPEC;
	r.link.ifi_index = index;
	r.link.ifi_flags = IFF_UP;
	r.link.ifi_change = IFF_UP;
	return talk(&r);
}

static unsigned addr_len(const struct net_addr *a)
{
	return a->family == AF_INET6 ? 16 : 4;
}

static void begin_addr(struct request *r, int type, int flags, int index, const struct net_addr *a)
{
	begin(r, type, flags, sizeof(r->addr));
	r->addr.ifa_family = (uint8_t)a->family;
	r->addr.ifa_prefixlen = (uint8_t)a->prefix;
	r->addr.ifa_scope = RT_SCOPE_UNIVERSE;
	r->addr.ifa_index = (uint32_t)index;
	add(r, IFA_LOCAL, a->bytes, addr_len(a));
	add(r, IFA_ADDRESS, a->bytes, addr_len(a));
}

static int new_addr(int index, const struct net_addr *a, uint32_t lifetime, int flag)
{
	struct ifa_cacheinfo info = { .ifa_prefered = lifetime, .ifa_valid = lifetime };
	uint8_t broadcast[4];
	struct request r;

	begin_addr(&r, RTM_NEWADDR, NLM_F_CREATE | flag, index, a);
	if (a->family == AF_INET6) {
		/* Usable when this returns: a search for duplicates would take a second. */
		r.addr.ifa_flags = IFA_F_NODAD;
	} else if (a->prefix < 31) {
		memcpy(broadcast, a->bytes, 4);
		for (unsigned bit = a->prefix; bit < 32; bit++)
			broadcast[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
		add(&r, IFA_BROADCAST, broadcast, 4);
	}
	add(&r, IFA_CACHEINFO, &info, sizeof(info));
	return talk(&r);
}

int pillion__net_addr_add(int index, const struct net_addr *a, uint32_t lifetime)
{
	return new_addr(index, a, lifetime, NLM_F_EXCL);
}

int pillion__net_addr_set(int index, const struct net_addr *a, uint32_t lifetime)
{
	return new_addr(index, a, lifetime, NLM_F_REPLACE);
}

int pillion__net_addr_del(int index, const struct net_addr *a)
{
	struct request r;

	begin_addr(&r, RTM_DELADDR, 0, index, a);
	return talk(&r);
}

int pillion__net_route_default(int index, const struct net_addr *gateway, int onlink)
{
	struct request r;
	uint32_t oif = (uint32_t)index;

	begin(&r, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, sizeof(r.route));
	r.route.rtm_family = (uint8_t)gateway->family;
	r.route.rtm_table = RT_TABLE_MAIN;
	r.route.rtm_protocol = RTPROT_BOOT;
	r.route.rtm_scope = RT_SCOPE_UNIVERSE;
	r.route.rtm_type = RTN_UNICAST;
	r.route.rtm_flags = onlink ? RTNH_F_ONLINK : 0;
	add(&r, RTA_GATEWAY, gateway->bytes, addr_len(gateway));
	add(&r, RTA_OIF, &oif, sizeof(oif));
	return talk(&r);
}

static int ifreq_call(const char *name, unsigned cmd, struct ifreq *ifr)
{
	size_t len = name ? strnlen(name, IFNAMSIZ) : 0;
	long fd, n;

	if (len == 0 || len == IFNAMSIZ)
		return -EINVAL;
	memset(ifr, 0, sizeof(*ifr));
	memcpy(ifr->ifr_name, name, len);
	fd = pillion_sys_socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return (int)fd;
	n = pillion_sys_ioctl((int)fd, cmd, (unsigned long)ifr);
	pillion_sys_close((int)fd);
	return (int)n;
}

int pillion__net_index(const char *name)
{
	struct ifreq ifr;
	int error = ifreq_call(name, SIOCGIFINDEX, &ifr);

	return error < 0 ? error : ifr.ifr_ifindex;
}

int pillion__net_hwaddr(const char *name, uint8_t mac[6])
{
	struct ifreq ifr;
	int error = ifreq_call(name, SIOCGIFHWADDR, &ifr);

	if (error < 0)
		return error;
	if (ifr.ifr_hwaddr.sa_family != ARPHRD_ETHER)
		return -EINVAL;
	memcpy(mac, ifr.ifr_hwaddr.sa_data, 6);
	return 0;
}
