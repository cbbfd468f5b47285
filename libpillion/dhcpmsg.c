/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DHCP messages: making and reading them. See dhcp.h.
 *
 * A message is a fixed part of 236 bytes, a magic number, and options: a type byte, a length
 * byte, that many bytes. Options may go on in the fixed part's file and name fields, which an
 * option (52) says; one that comes twice is taken as its first (no option that is read here
 * is long enough to be split).
 */
#include <string.h>

#include "dhcp.h"

enum {
	OP = 0, HTYPE = 1, HLEN = 2, XID = 4, FLAGS = 10, CIADDR = 12, YIADDR = 16, CHADDR = 28,
	SNAME = 44, SNAME_LEN = 64, FILENAME = 108, FILENAME_LEN = 128, MAGIC = 236, OPTIONS = 240,
	MIN_LEN = 300
};

enum {
	OPT_PAD = 0, OPT_MASK = 1, OPT_ROUTER = 3, OPT_DNS = 6, OPT_DOMAIN = 15, OPT_ADDRESS = 50,
	OPT_LEASE = 51, OPT_OVERLOAD = 52, OPT_TYPE = 53, OPT_SERVER = 54, OPT_PARAMETERS = 55,
	OPT_MAXSIZE = 57, OPT_CLIENT = 61, OPT_END = 255
};

static const uint8_t magic[4] = { 99, 130, 83, 99 };

static bool is_zero(const uint8_t a[4])
{
	return !(a[0] | a[1] | a[2] | a[3]);
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint8_t *put_option(uint8_t *p, uint8_t type, const void *data, uint8_t len)
{
	*p++ = type;
	*p++ = len;
	memcpy(p, data, len);
	return p + len;
}

/* All options together are some 50 bytes. */
size_t dhcp_make(const struct dhcp_state *s, int type, uint8_t *buf)
{
	static const uint8_t parameters[] = { OPT_MASK, OPT_ROUTER, OPT_DNS, OPT_DOMAIN, OPT_LEASE };
	static const uint8_t maxsize[2] = { DHCP_MAX >> 8, DHCP_MAX & 0xff };
	uint8_t client[7] = { 1 }, t = (uint8_t)type, *p = buf + OPTIONS;

	memset(buf, 0, DHCP_MAX);
	buf[OP] = 1;
	buf[HTYPE] = 1;
	buf[HLEN] = 6;
	memcpy(buf + XID, &s->xid, 4);
	buf[FLAGS] = 0x80;	/* broadcast */
	memcpy(buf + CIADDR, s->current, 4);
	memcpy(buf + CHADDR, s->mac, 6);
	memcpy(buf + MAGIC, magic, 4);
	memcpy(client + 1, s->mac, 6);
	p = put_option(p, OPT_TYPE, &t, 1);
	p = put_option(p, OPT_CLIENT, client, sizeof(client));
	if (!is_zero(s->wanted))
		p = put_option(p, OPT_ADDRESS, s->wanted, 4);
	if (!is_zero(s->server))
		p = put_option(p, OPT_SERVER, s->server, 4);
	p = put_option(p, OPT_MAXSIZE, maxsize, 2);
	p = put_option(p, OPT_PARAMETERS, parameters, sizeof(parameters));
	*p++ = OPT_END;
	return p - buf < MIN_LEN ? MIN_LEN : (size_t)(p - buf);
}

/* An option where it stands in the message. NULL: it is not there. */
struct option {
	const uint8_t *data;
	unsigned len;
};

/* Note the options of one area, each at its first appearance. False: it is not well-formed. */
static bool scan(const uint8_t *p, size_t len, struct option found[256])
{
	size_t i = 0;

	while (i < len) {
		uint8_t type = p[i++];

		if (type == OPT_PAD)
			continue;
		if (type == OPT_END)
			return true;
		if (i == len || p[i] > len - i - 1)
			return false;
		if (!found[type].data)
			found[type] = (struct option){ p + i + 1, p[i] };
		i += 1 + (size_t)p[i];
	}
	return true;
}

static bool find_options(const uint8_t *msg, size_t len, struct option found[256])
{
	memset(found, 0, 256 * sizeof(found[0]));
	if (!scan(msg + OPTIONS, len - OPTIONS, found))
		return false;
	if (found[OPT_OVERLOAD].data) {
		uint8_t which = found[OPT_OVERLOAD].len == 1 ? found[OPT_OVERLOAD].data[0] : 0;

		if ((which & 1) && !scan(msg + FILENAME, FILENAME_LEN, found))
			return false;
		if ((which & 2) && !scan(msg + SNAME, SNAME_LEN, found))
			return false;
	}
	return true;
}

static bool is_host_address(const uint8_t a[4])
{
	return a[0] != 0 && a[0] != 127 && a[0] < 224;
}

/* The length of the mask, or without one that of the address's class. 33: not a mask. */
static unsigned mask_prefix(const struct option *mask, const uint8_t address[4])
{
	unsigned prefix = 0;
	uint32_t m;

	if (!mask->data)
		return address[0] < 128 ? 8 : address[0] < 192 ? 16 : 24;
	if (mask->len != 4)
		return 33;
	m = get32(mask->data);
	while (prefix < 32 && (m & 0x80000000u >> prefix))
		prefix++;
	return prefix > 0 && (prefix == 32 || !(m << prefix)) ? prefix : 33;
}

static void read_domain(const struct option *opt, char domain[256])
{
	unsigned len = opt->len;

	while (len > 0 && opt->data[len - 1] == '\0')
		len--;
	for (unsigned i = 0; i < len; i++) {
		uint8_t c = opt->data[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		    c == '-' || c == '.' || c == '_'))
			return;
	}
	memcpy(domain, opt->data, len);
	domain[len] = '\0';
}

/* The contents of an offer or an acknowledgement. False: it lacks what it must say. */
static bool read_offer(const uint8_t *msg, const struct option found[256], struct dhcp_offer *o)
{
	const struct option *lease = &found[OPT_LEASE], *router = &found[OPT_ROUTER];
	const struct option *dns = &found[OPT_DNS];

	memset(o, 0, sizeof(*o));
	memcpy(o->address, msg + YIADDR, 4);
	memcpy(o->server, found[OPT_SERVER].data, 4);
	if (!is_host_address(o->address) || !lease->data || lease->len != 4)
		return false;
	o->seconds = get32(lease->data);
	o->prefix = mask_prefix(&found[OPT_MASK], o->address);
	if (o->seconds == 0 || o->prefix > 32)
		return false;
	if (router->data && router->len >= 4 && is_host_address(router->data)) {
		memcpy(o->router, router->data, 4);
		o->has_router = true;
	}
	if (dns->data)
		for (unsigned i = 0; i + 4 <= dns->len && o->ndns < 3; i += 4)
			memcpy(o->dns[o->ndns++], dns->data + i, 4);
	if (found[OPT_DOMAIN].data)
		read_domain(&found[OPT_DOMAIN], o->domain);
	return true;
}

int dhcp_parse(const struct dhcp_state *s, const uint8_t *msg, size_t len, struct dhcp_offer *o)
{
	const struct option *type, *server;
	struct option found[256];

	if (len < OPTIONS || msg[OP] != 2 || msg[HTYPE] != 1 || msg[HLEN] != 6 ||
	    memcmp(msg + XID, &s->xid, 4) || memcmp(msg + CHADDR, s->mac, 6) ||
	    memcmp(msg + MAGIC, magic, 4) || !find_options(msg, len, found))
		return 0;
	type = &found[OPT_TYPE];
	server = &found[OPT_SERVER];
	if (!type->data || type->len != 1 || !server->data || server->len != 4)
		return 0;
	if (!is_zero(s->server) && memcmp(server->data, s->server, 4))
		return 0;
	switch (type->data[0]) {
	case DHCP_NAK:
		return DHCP_NAK;
	case DHCP_OFFER:
	case DHCP_ACK:
		if (!read_offer(msg, found, o))
			return 0;
		/* An acknowledgement of another address than the one that was asked for is none. */
		if (!is_zero(s->wanted) && memcmp(o->address, s->wanted, 4))
			return 0;
		if (!is_zero(s->current) && memcmp(o->address, s->current, 4))
			return 0;
		return type->data[0];
	default:
		return 0;
	}
}
