/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DHCP messages without a network: what the parser makes of good ones, of every way to cut them
 * short, and of a few hundred thousand that are spoilt. Built with the sanitizers; each message
 * lies at the end of its own allocation.
 */
#include <string.h>

#include "../../libpillion/dhcp.h"

#include "tap.h"

#define FUZZ 300000

static const struct dhcp_state state = {
	.xid = 0x04030201, .mac = { 2, 3, 4, 5, 6, 7 },
};

static uint64_t seed = 0x2545f4914f6cdd1du;

static unsigned below(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)((seed >> 20) % n);
}

static int parse(const uint8_t *msg, size_t len, struct dhcp_offer *o)
{
	uint8_t *copy = malloc(len ? len : 1);
	int r;

	memcpy(copy, msg, len);
	r = dhcp_parse(&state, copy, len, o);
	free(copy);
	return r;
}

/* An offer with all that is read, made from a request. Returns its length. */
static size_t make_offer(uint8_t *m)
{
	static const uint8_t options[] = {
		53, 1, DHCP_OFFER, 54, 4, 192, 0, 2, 1, 51, 4, 0, 0, 14, 16, 1, 4, 255, 255, 240, 0,
		0, 0, 3, 8, 192, 0, 2, 1, 192, 0, 2, 2, 6, 16, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3,
		4, 4, 4, 4, 15, 12, 't', 'e', 's', 't', '.', 'e', 'x', 'a', 'm', 'p', 'l', 0,
		52, 1, 3, 255,
	};

	dhcp_make(&state, DHCP_DISCOVER, m);
	m[0] = 2;
	memcpy(m + 16, "\300\0\2\115", 4);
	memcpy(m + 240, options, sizeof(options));
	m[108] = m[44] = 255;
	return 240 + sizeof(options);
}

static int sound(const struct dhcp_offer *o)
{
	return o->prefix >= 1 && o->prefix <= 32 && o->seconds > 0 && o->ndns <= 3 &&
	    memchr(o->domain, 0, sizeof(o->domain)) && o->address[0] != 0 && o->address[0] < 224;
}

int main(int argc, char **argv)
{
	uint8_t good[DHCP_MAX], m[DHCP_MAX];
	size_t len = make_offer(good), n, accepted = 0;
	struct dhcp_offer o;
	int bad = 0;

	if (argc > 1)
		seed = strtoull(argv[1], NULL, 0) | 1;
	printf("# seed %#llx\n", (unsigned long long)seed);
	n = dhcp_make(&state, DHCP_DISCOVER, m);
	ok(n >= 300 && n <= DHCP_MAX && m[0] == 1 && m[10] == 0x80,
	    "a request, to be answered by broadcast");
	is(parse(m, n, &o), 0, "a request is no answer");
	is(parse(good, len, &o), DHCP_OFFER, "an offer");
	ok(o.prefix == 20 && o.seconds == 3600 && o.ndns == 3 && o.has_router &&
	    !memcmp(o.router, "\300\0\2\1", 4) && !strcmp(o.domain, "test.exampl"), "and what it says");
	for (n = 0; n < len; n++)
		bad += parse(good, n, &o) != 0 && n < 240 + 15;
	is(bad, 0, "no shorter one is taken before it has said enough");
	memcpy(m, good, len);
	memcpy(m + 240 + 53, "a b", 3);
	ok(parse(m, len, &o) == DHCP_OFFER && !o.domain[0], "a domain with a space is left out");
	for (bad = 0, n = 0; n < FUZZ; n++) {
		size_t l = below(3) ? len : 236 + below(DHCP_MAX - 236);

		memcpy(m, good, sizeof(m));
		for (unsigned k = below(6); k > 0; k--)
			m[below(3) ? 240 + below((unsigned)len - 240) : below((unsigned)len)] =
			    (uint8_t)below(256);
		if (!below(4))
			for (size_t i = 240 + below(60); i < sizeof(m); i++)
				m[i] = (uint8_t)below(256);
		switch (parse(m, l, &o)) {
		case DHCP_OFFER:
		case DHCP_ACK:
			accepted++;
			bad += !sound(&o);
			break;
		case 0:
		case DHCP_NAK:
			break;
		default:
			bad++;
		}
	}
	is(bad, 0, "spoilt ones give nothing, or something sound");
	ok(accepted > FUZZ / 100 && accepted < FUZZ, "%zu of them are taken", accepted);
	return tap_done();
}
