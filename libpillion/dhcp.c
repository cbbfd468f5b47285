/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A DHCPv4 client (RFC 2131, 2132): one exchange, in the caller's thread, over a UDP socket of
 * the donor that is bound to the interface. It asks for broadcast answers, which a host without
 * an address can receive. dhcpmsg.c makes and reads the messages.
 *
 * Interface: include/pillion/net.h, and pillion_net_dhcp() of pillion.h.
 *
 * Left out: a probe whether somebody else has the address (the server makes one), classless
 * static routes, the interface's MTU.
 *
 * Locking: none; everything is on the caller's stack.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <pillion/net.h>
#include <pillion/syscalls.h>

#include "dhcp.h"
#include "net.h"

#define CLIENT_PORT	68
#define SERVER_PORT	67
#define DEFAULT_MS	10000
#define FIRST_MS	500	/* before the first message is sent again; doubles to LAST_MS */
#define LAST_MS		8000

/* One exchange: what is wanted, what came, until when. */
struct client {
	int index;
	int fd;
	int64_t deadline;	/* milliseconds */
	struct dhcp_state s;
	bool refused;
};

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int open_socket(const char *name)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(CLIENT_PORT) };
	int fd = (int)pillion_sys_socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int one = 1;
	long error;

	if (fd < 0)
		return fd;
	error = pillion_sys_setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, (unsigned)strlen(name));
	if (!error)
		error = pillion_sys_setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &one, sizeof(one));
	if (!error)
		error = pillion_sys_setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (!error)
		error = pillion_sys_bind(fd, (struct sockaddr *)&any, sizeof(any));
	if (error) {
		pillion_sys_close(fd);
		return (int)error;
	}
	return fd;
}

static int send_message(struct client *c, int type)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(SERVER_PORT),
		.sin_addr.s_addr = htonl(INADDR_BROADCAST),
	};
	uint8_t msg[DHCP_MAX];
	size_t len = dhcp_make(&c->s, type, msg);
	long n = pillion_sys_sendto(c->fd, msg, len, 0, (struct sockaddr *)&to, sizeof(to));

	/* A full queue, a link that is just coming up: what is lost is sent again. */
	return n == -EAGAIN || n == -ENOBUFS || n == -ENETDOWN || n >= 0 ? 0 : (int)n;
}

/* Wait until when for a message that answers ours: its type, 0 if none came, -errno. */
static int receive(struct client *c, int64_t when, struct dhcp_offer *o)
{
	uint8_t msg[DHCP_MAX];
	struct pollfd p = { .fd = c->fd, .events = POLLIN };
	struct timespec ts;
	int64_t left;
	long n;
	int type;

	while ((left = when - now_ms()) > 0) {
		ts.tv_sec = left / 1000;
		ts.tv_nsec = left % 1000 * 1000000;
		n = pillion_sys_ppoll(&p, 1, &ts, NULL, 0);
		if (n < 0)
			return (int)n;
		n = pillion_sys_recvfrom(c->fd, msg, sizeof(msg), 0, NULL, NULL);
		if (n == -EAGAIN)
			continue;
		if (n < 0)
			return (int)n;
		type = dhcp_parse(&c->s, msg, (size_t)n, o);
		if (type)
			return type;
	}
	return 0;
}

/*
 * Send a message of the given type, again and again, until one of the types a or b answers it:
 * that type, or -ETIMEDOUT after the deadline or the given number of tries (0: no limit).
 */
static int exchange(struct client *c, int type, int a, int b, int tries, struct dhcp_offer *o)
{
	int64_t wait = FIRST_MS, when;
	uint8_t random;
	int r;

	for (int n = 0; now_ms() < c->deadline && (!tries || n < tries); n++) {
		r = send_message(c, type);
		if (r)
			return r;
		random = 128;
		pillion_sys_getrandom(&random, 1, 1);	/* GRND_NONBLOCK */
		when = now_ms() + wait + wait * (random - 128) / 512;	/* a quarter more or less */
		if (when > c->deadline)
			when = c->deadline;
		while ((r = receive(c, when, o)) > 0)
			if (r == a || r == b)
				return r;
		if (r < 0)
			return r;
		wait = wait * 2 < LAST_MS ? wait * 2 : LAST_MS;
	}
	return -ETIMEDOUT;
}

/* Discover, offer, request, acknowledgement. */
static int obtain(struct client *c, struct dhcp_offer *o)
{
	int r;

	while (now_ms() < c->deadline) {
		memset(c->s.server, 0, 4);
		memset(c->s.wanted, 0, 4);
		r = exchange(c, DHCP_DISCOVER, DHCP_OFFER, 0, 0, o);
		if (r < 0)
			return r;
		memcpy(c->s.wanted, o->address, 4);
		memcpy(c->s.server, o->server, 4);
		r = exchange(c, DHCP_REQUEST, DHCP_ACK, DHCP_NAK, 4, o);
		if (r == DHCP_ACK)
			return 0;
		if (r < 0 && r != -ETIMEDOUT)
			return r;
		if (r == DHCP_NAK) {
			struct timespec pause = { 0, 100000000 };

			c->refused = true;
			pillion_sys_nanosleep(&pause, NULL);
		}
	}
	return c->refused ? -EADDRNOTAVAIL : -ETIMEDOUT;
}

/* The interface takes what the acknowledgement says. */
static int configure(struct client *c, const struct dhcp_offer *o)
{
	struct net_addr addr = { .family = AF_INET, .prefix = o->prefix };
	struct net_addr gw = { .family = AF_INET };
	int error;

	memcpy(addr.bytes, o->address, 4);
	memcpy(gw.bytes, o->router, 4);
	error = pillion__net_addr_set(c->index, &addr, o->seconds);
	if (error || !o->has_router)
		return error;
	/* A server may name a router outside the subnet, as for a lease of a single address. */
	error = pillion__net_route_default(c->index, &gw, 1);
	if (error)
		pillion__net_addr_del(c->index, &addr);
	return error;
}

static void describe(const struct dhcp_offer *o, struct pillion_lease *lease)
{
	char text[INET_ADDRSTRLEN];

	memset(lease, 0, sizeof(*lease));
	inet_ntop(AF_INET, o->address, text, sizeof(text));
	snprintf(lease->address, sizeof(lease->address), "%s/%u", text, o->prefix);
	if (o->has_router)
		inet_ntop(AF_INET, o->router, lease->gateway, sizeof(lease->gateway));
	inet_ntop(AF_INET, o->server, lease->server, sizeof(lease->server));
	for (unsigned i = 0; i < o->ndns; i++)
		inet_ntop(AF_INET, o->dns[i], lease->dns[i], sizeof(lease->dns[i]));
	snprintf(lease->domain, sizeof(lease->domain), "%s", o->domain);
	lease->seconds = o->seconds;
}

static int begin(struct client *c, const char *name, unsigned timeout_ms)
{
	uint8_t mac[6];
	int error;

	memset(c, 0, sizeof(*c));
	c->deadline = now_ms() + (timeout_ms ? timeout_ms : DEFAULT_MS);
	c->index = pillion__net_index(name);
	if (c->index < 0)
		return c->index;
	error = pillion__net_hwaddr(name, mac);
	if (!error)
		error = pillion__net_link_up(c->index);
	if (error)
		return error;
	memcpy(c->s.mac, mac, sizeof(mac));
	if (pillion_sys_getrandom(&c->s.xid, sizeof(c->s.xid), 0) != sizeof(c->s.xid))
		return -EIO;
	c->fd = open_socket(name);
	return c->fd < 0 ? c->fd : 0;
}

int pillion_net_lease(const char *name, unsigned timeout_ms, struct pillion_lease *lease)
{
	struct dhcp_offer offer;
	struct client c;
	int error = begin(&c, name, timeout_ms);

	if (error)
		return error;
	error = obtain(&c, &offer);
	pillion_sys_close(c.fd);
	if (!error)
		error = configure(&c, &offer);
	if (!error)
		describe(&offer, lease);
	return error;
}

int pillion_net_renew(const char *name, unsigned timeout_ms, struct pillion_lease *lease)
{
	struct net_addr addr;
	struct dhcp_offer offer;
	struct client c;
	int r;

	if (pillion__net_parse(lease->address, 1, &addr) || addr.family != AF_INET)
		return -EINVAL;
	r = begin(&c, name, timeout_ms);
	if (r)
		return r;
	memcpy(c.s.current, addr.bytes, 4);
	r = exchange(&c, DHCP_REQUEST, DHCP_ACK, DHCP_NAK, 0, &offer);
	pillion_sys_close(c.fd);
	if (r == DHCP_NAK) {
		pillion__net_addr_del(c.index, &addr);
		return -EADDRNOTAVAIL;
	}
	if (r < 0)
		return r;
	if (offer.prefix != addr.prefix)	/* the donor would take it for another address */
		pillion__net_addr_del(c.index, &addr);
	r = configure(&c, &offer);
	if (!r)
		describe(&offer, lease);
	return r;
}

int pillion_net_dhcp(const char *name, unsigned timeout_ms, char addr[64])
{
	struct pillion_lease lease;
	int error = pillion_net_lease(name, timeout_ms, &lease);

	if (!error)
		memcpy(addr, lease.address, sizeof(lease.address));
	return error;
}
