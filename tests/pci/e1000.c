// SPDX-License-Identifier: BSD-2-Clause
/*
 * The donor's unmodified e1000 driver against the model of the 82540EM. TAP; see tap.h for the
 * arguments.
 * "--bridge TAP" is for bridge.t.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>

#include <pillion/pillion.h>
#include <pillion/syscalls.h>
#include <rump/rumpcomp_pci.h>
#include <rump/rumpext_bus.h>

#include "node.h"
#include "peer.h"
#include "tap.h"

#define SLOT_DIR "/sys/bus/pci/devices/0000:00:03.0/"

static void t_probe(void)
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	struct {
		struct ethtool_eeprom e;
		uint8_t data[128];
	} eeprom = { .e = { .cmd = ETHTOOL_GEEPROM, .len = 128 } };
	char buf[64];
	int error;

	REQUIRE(node_boot(NULL), "no boot");
	node_read("/sys/class/net/eth0/address", buf, sizeof(buf));
	CHECK(!strcmp(buf, "52:54:00:12:34:56"), "MAC address is %s", buf);
	error = node_ethtool("eth0", &info);
	CHECK(!error && !strcmp(info.driver, "e1000"), "driver is %s (%d)", info.driver, error);
	CHECK(!strcmp(info.bus_info, "0000:00:03.0"), "bus info is %s", info.bus_info);
	node_read(SLOT_DIR "vendor", buf, sizeof(buf));
	CHECK(!strcmp(buf, "0x8086"), "vendor is %s", buf);
	node_read(SLOT_DIR "resource", buf, sizeof(buf));
	CHECK(!strncmp(buf, "0x00000000febc0000 0x00000000febdffff", 37), "BAR 0 is %s", buf);
	error = node_ethtool("eth0", &eeprom);
	CHECK(!error && !memcmp(eeprom.data, node_mac, 6), "EEPROM cannot be read: %d", error);
	node_end();
}

static void t_link(void)
{
	struct ethtool_cmd cmd = { .cmd = ETHTOOL_GSET };

	REQUIRE(node_boot(NULL), "no boot");
	REQUIRE(node_up("eth0"), "no interface");
	CHECK(node_number("/sys/class/net/eth0/speed") == 1000, "speed is %lld",
	    node_number("/sys/class/net/eth0/speed"));
	CHECK(node_ethtool("eth0", &cmd) == 0 && cmd.duplex == DUPLEX_FULL && cmd.autoneg,
	    "not full duplex");
	e1000m_link(false);
	CHECK(node_wait("/sys/class/net/eth0/carrier", 0, 10), "the link did not go down");
	e1000m_link(true);
	CHECK(node_wait("/sys/class/net/eth0/carrier", 1, 10), "the link did not come back");
	{
		int fd = node_udp(1000, PEER_ECHO_PORT, 5000);

		CHECK(fd >= 0 && node_round_trip(fd, "after", 5),
		    "no traffic after the link came back");
	}
	node_end();
}

/* Wait for so many echo replies of the donor. */
static void replies(unsigned want)
{
	double end = node_seconds() + 5;
	struct peer_counts c;

	do {
		pillion_sys_nanosleep(&(struct timespec) { .tv_nsec = 2000000 }, NULL);
		peer_counts(&c);
	} while (c.echo_replies < want && node_seconds() < end);
}

static void t_ping(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(PEER_ADDR) };
	struct timeval tv = { .tv_sec = 5 };
	uint8_t echo[64] = { 8, 0, 0, 0, 0, 1, 0, 1 }, answer[128], frame[2048];
	uint16_t sum = 0xf7fd; /* of the above */
	struct peer_counts c;
	long fd, n;
	unsigned i;

	REQUIRE(node_boot(NULL), "no boot");
	REQUIRE(node_up("eth0"), "no interface");
	fd = pillion_sys_socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
	REQUIRE(fd >= 0, "socket: %ld", fd);
	pillion_sys_setsockopt((int)fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	echo[2] = sum >> 8;
	echo[3] = (uint8_t)sum;
	n = pillion_sys_connect((int)fd, (struct sockaddr *)&to, sizeof(to));
	CHECK(n == 0, "connect: %ld", n);
	n = pillion_sys_write((int)fd, echo, sizeof(echo));
	CHECK(n == sizeof(echo), "sending an echo request: %ld", n);
	n = pillion_sys_read((int)fd, answer, sizeof(answer));
	CHECK(n == 20 + (long)sizeof(echo) && answer[20] == 0, "echo reply: %ld", n);
	for (i = 0; i < 100; i++) {
		e1000m_receive(frame, peer_ping(frame, node_mac, 7, (uint16_t)i, i * 14), true);
		/* Not more at once than the donor's send buffer for answers holds. */
		if (i % 20 == 19)
			replies(i + 1);
	}
	peer_counts(&c);
	CHECK(c.echo_replies == 100, "%u of 100 echo requests were answered", c.echo_replies);
	CHECK(c.arp > 0, "nobody asked for the peer's address");
	node_end();
}

#define ROUND_TRIPS 50000

static void t_round_trips(void)
{
	double start;
	int fd, i;

	REQUIRE(node_boot(NULL), "no boot");
	REQUIRE(node_up("eth0"), "no interface");
	fd = node_udp(1000, PEER_ECHO_PORT, 5000);
	REQUIRE(fd >= 0, "socket: %d", fd);
	start = node_seconds();
	for (i = 0; i < ROUND_TRIPS; i++)
		if (!node_round_trip(fd, &i, sizeof(i)))
			break;
	CHECK(i == ROUND_TRIPS, "it stopped after %d", i);
	tap_note("%d round trips of UDP, %.1f us each", i, (node_seconds() - start) / i * 1e6);
	node_end();
}

static void fill(uint8_t *data, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		data[i] = (uint8_t)(i * 7 + len + (i >> 8));
}

/* Every size there and back, the whole content compared. */
static void sizes(int fd, size_t first, size_t last, size_t step)
{
	static uint8_t data[16384];
	size_t len;

	for (len = first; len <= last; len += step) {
		fill(data, len);
		if (!node_round_trip(fd, data, len)) {
			CHECK(false, "it stopped at %zu", len);
			break;
		}
	}
}

static void t_sizes(void)
{
	struct peer_counts c;
	int fd, error;

	REQUIRE(node_boot(NULL), "no boot");
	REQUIRE(node_up("eth0"), "no interface");
	fd = node_udp(1000, PEER_ECHO_PORT, 5000);
	REQUIRE(fd >= 0, "socket: %d", fd);
	sizes(fd, 0, 1472, 1);
	peer_counts(&c);
	CHECK(c.largest == 1514, "the largest frame was %zu", c.largest);
	error = node_mtu("eth0", 9000);
	CHECK(error == 0, "MTU of 9000: %d", error);
	CHECK(node_wait("/sys/class/net/eth0/carrier", 1, 10), "no link with jumbo frames");
	sizes(fd, 0, 8972, 97);
	sizes(fd, 8960, 8972, 1);
	peer_counts(&c);
	CHECK(c.largest == 9014, "the largest jumbo frame was %zu", c.largest);
	error = node_mtu("eth0", 1500);
	CHECK(error == 0, "MTU of 1500 again: %d", error);
	CHECK(node_wait("/sys/class/net/eth0/carrier", 1, 10), "no link with the old MTU");
	sizes(fd, 0, 1472, 173);
	node_end();
}

/* ---- filters ---- */

static bool heard(int fd)
{
	char buf[64];

	return pillion_sys_read(fd, buf, sizeof(buf)) > 0;
}

static void t_multicast(void)
{
	static const uint8_t mac[6] = { 0x01, 0x00, 0x5e, 0x01, 0x02, 0x03 };
	struct ip_mreqn group = {
		.imr_multiaddr.s_addr = htonl(0xe0010203),
		.imr_address.s_addr = htonl(DONOR_ADDR),
	};
	uint8_t frame[256];
	struct sockaddr_in me = { .sin_family = AF_INET, .sin_port = htons(2000) };
	struct timeval tv = { .tv_usec = 300000 };
	bool taken;
	long fd, n;
	size_t len;

	REQUIRE(node_boot(NULL), "no boot");
	REQUIRE(node_up("eth0"), "no interface");
	fd = pillion_sys_socket(AF_INET, SOCK_DGRAM, 0);
	pillion_sys_setsockopt((int)fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	n = pillion_sys_bind((int)fd, (struct sockaddr *)&me, sizeof(me));
	REQUIRE(fd >= 0 && n == 0, "socket: %ld, bind: %ld", fd, n);
	len = peer_udp(frame, mac, 0xe0010203, 3000, 2000, "group", 5);
	taken = e1000m_receive(frame, len, true);
	CHECK(!taken, "the card took a frame for a group that nobody joined");
	n = pillion_sys_setsockopt((int)fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof(group));
	CHECK(n == 0, "joining: %ld", n);
	taken = e1000m_receive(frame, len, true);
	CHECK(taken && heard((int)fd), "a frame for the group was %s",
	    taken ? "not delivered" : "filtered");
	n = pillion_sys_setsockopt((int)fd, IPPROTO_IP, IP_DROP_MEMBERSHIP, &group, sizeof(group));
	CHECK(n == 0 && !e1000m_receive(frame, len, true), "the filter is still open (%ld)", n);
	node_end();
}

static void t_bad_checksums(void)
{
	uint8_t frame[256];
	struct sockaddr_in me = { .sin_family = AF_INET, .sin_port = htons(2000) };
	struct timeval tv = { .tv_usec = 300000 };
	long fd, n;
	size_t len;

	REQUIRE(node_boot(NULL), "no boot");
	REQUIRE(node_up("eth0"), "no interface");
	fd = pillion_sys_socket(AF_INET, SOCK_DGRAM, 0);
	pillion_sys_setsockopt((int)fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	n = pillion_sys_bind((int)fd, (struct sockaddr *)&me, sizeof(me));
	REQUIRE(fd >= 0 && n == 0, "socket: %ld, bind: %ld", fd, n);
	len = peer_udp(frame, node_mac, DONOR_ADDR, 3000, 2000, "whole", 5);
	e1000m_receive(frame, len, true);
	CHECK(heard((int)fd), "a good datagram was not delivered");
	frame[43] ^= 1;
	e1000m_receive(frame, len, true);
	CHECK(!heard((int)fd), "a datagram with a wrong checksum was delivered");
	frame[43] ^= 1;
	frame[22] ^= 1; /* time to live: the IP header's sum is wrong */
	e1000m_receive(frame, len, true);
	CHECK(!heard((int)fd), "a datagram with a wrong IP checksum was delivered");
	node_end();
}

/* ---- stress ---- */

static atomic_bool storm_over;

static void *storm(void *arg)
{
	unsigned seed = 1, n = 0;

	(void)arg;
	while (!storm_over) {
		/* Every cause but the link's, whose handling is slow by design (a reset of the
		 * watchdog). */
		e1000m_raise((unsigned)rand_r(&seed) & 0x1fff3u & ~0x4u);
		n++;
	}
	tap_note("%u interrupts out of nowhere", n);
	return NULL;
}

static void t_storm(void)
{
	struct e1000m_counts c;
	pthread_t thread;
	int fd, i;

	REQUIRE(node_boot(NULL), "no boot");
	REQUIRE(node_up("eth0"), "no interface");
	fd = node_udp(1000, PEER_ECHO_PORT, 5000);
	REQUIRE(fd >= 0 && pthread_create(&thread, NULL, storm, NULL) == 0, "socket: %d", fd);
	for (i = 0; i < 2000; i++)
		if (!node_round_trip(fd, &i, sizeof(i)))
			break;
	storm_over = true;
	pthread_join(thread, NULL);
	CHECK(i == 2000, "traffic stopped after %d round trips", i);
	for (i = 0; i < 200; i++)
		e1000m_raise(0x4);
	CHECK(node_round_trip(fd, "quiet", 5), "no traffic after the storm");
	e1000m_counts(&c);
	tap_note("%llu interrupts were delivered", (unsigned long long)c.interrupts);
	node_end();
}

#define FLOOD 20000

static void t_overrun(void)
{
	static uint8_t frame[1600], data[1400];
	unsigned i, lost = 0;
	struct e1000m_counts c;
	long long base, got;
	int fd;

	REQUIRE(node_boot(NULL), "no boot");
	REQUIRE(node_up("eth0"), "no interface");
	fd = node_udp(1000, PEER_ECHO_PORT, 5000);
	REQUIRE(fd >= 0 && node_round_trip(fd, "before", 6), "no traffic before");
	base = STATISTIC("rx_packets");
	for (i = 0; i < FLOOD; i++)
		lost += !e1000m_receive(frame,
		    peer_udp(frame, node_mac, DONOR_ADDR, 1, 9999, data, sizeof(data)), false);
	CHECK(node_round_trip(fd, "after", 5), "no traffic after the flood");
	/* The driver gathers statistics every two seconds. */
	for (i = 0; i < 200 && STATISTIC("rx_missed_errors") < (long long)lost; i++)
		pillion_sys_nanosleep(&(struct timespec) { .tv_nsec = 100000000 }, NULL);
	got = STATISTIC("rx_packets") - base;
	e1000m_counts(&c);
	tap_note("%u frames at once: %lld arrived, %u did not", FLOOD, got, lost);
	CHECK(lost > 0 && lost < FLOOD, "nothing was lost, or all");
	CHECK(got >= FLOOD - (long long)lost && got <= FLOOD - (long long)lost + 10,
	    "the rest was not counted");
	CHECK(STATISTIC("rx_missed_errors") == (long long)lost, "missed: %lld, the driver says",
	    STATISTIC("rx_missed_errors"));
	node_end();
}

/* ---- ends ---- */

static void *flood_main(void *arg)
{
	uint8_t frame[128];
	size_t len = peer_udp(frame, node_mac, DONOR_ADDR, 1, 9999, "x", 1);

	(void)arg;
	while (!storm_over)
		e1000m_receive(frame, len, false);
	return NULL;
}

static void t_halt_under_load(void)
{
	pthread_t thread;

	REQUIRE(node_boot(NULL), "no boot");
	REQUIRE(node_up("eth0"), "no interface");
	REQUIRE(pthread_create(&thread, NULL, flood_main, NULL) == 0, "no thread");
	pillion_sys_nanosleep(&(struct timespec) { .tv_nsec = 300000000 }, NULL);
	node_end();
	storm_over = true;
	pthread_join(thread, NULL);
}

static void t_unplug(void)
{
	char stats[8192];
	int fd, i;

	REQUIRE(node_boot(NULL), "no boot");
	REQUIRE(node_up("eth0"), "no interface");
	fd = node_udp(1000, PEER_ECHO_PORT, 5000);
	REQUIRE(fd >= 0 && node_round_trip(fd, "before", 6), "no traffic before");
	e1000m_unplug();
	for (i = 0; i < 10; i++) {
		pillion_sys_write(fd, "anybody there?", 14);
		node_read("/proc/net/dev", stats, sizeof(stats));
	}
	pillion_sys_nanosleep(&(struct timespec) { .tv_sec = 3 }, NULL); /* its watchdog looks */
	node_ifflags("eth0", false);
	i = node_ifflags("eth0", true);
	tap_note("bringing an interface up whose card is gone: %d", i);
	CHECK(node_read("/proc/net/dev", stats, sizeof(stats)) > 0, "the donor does not answer");
	CHECK(pillion_shutdown() == 0, "shutdown failed");
	e1000m_stop();
	CHECK(e1000m_errors() == 0, "the card recorded %u errors", e1000m_errors());
}

static void t_empty_bus(void)
{
	char buf[64];

	REQUIRE(node_boot(&(struct e1000m_options) { .no_device = true }), "no boot");
	CHECK(node_read("/sys/class/net/eth0/address", buf, sizeof(buf)) == -ENOENT,
	    "there is an interface");
	CHECK(node_read("/sys/class/net/lo/address", buf, sizeof(buf)) > 0, "there is no loopback");
	CHECK(pillion_shutdown() == 0, "shutdown failed");
	e1000m_stop();
	CHECK(e1000m_errors() == 0, "the card recorded %u errors", e1000m_errors());
}

/* The driver says so, at length, and makes an interface without an address, which cannot be brought
 * up. */
static void t_bad_eeprom(void)
{
	char buf[64];
	int error;

	setenv("PCI_TEST_LOGLEVEL", "0", 1);
	REQUIRE(node_boot(&(struct e1000m_options) { .bad_checksum = true }), "no boot");
	node_read("/sys/class/net/eth0/address", buf, sizeof(buf));
	CHECK(!strcmp(buf, "00:00:00:00:00:00"), "the address is %s", buf);
	error = node_ifflags("eth0", true);
	CHECK(error == -EADDRNOTAVAIL, "it came up: %d", error);
	node_end();
}

/* A card that answers nonsense: whatever the driver makes of it, the donor lives and ends. */
static void garbage(unsigned seed)
{
	char stats[8192];
	int error;

	setenv("PCI_TEST_LOGLEVEL", "0", 1);
	REQUIRE(node_boot(&(struct e1000m_options) { .garbage = seed }), "no boot");
	error = node_ifflags("eth0", true);
	tap_note("bringing the interface up: %d", error);
	e1000m_raise(~0u);
	pillion_sys_nanosleep(&(struct timespec) { .tv_sec = 3 }, NULL);
	CHECK(node_read("/proc/net/dev", stats, sizeof(stats)) > 0, "the donor does not answer");
	CHECK(pillion_shutdown() == 0, "shutdown failed");
	e1000m_stop();
	CHECK(e1000m_errors() == 0, "the card recorded %u errors", e1000m_errors());
}

static void t_ones(void) { garbage(~0u); }
static void t_noise1(void) { garbage(1); }
static void t_noise2(void) { garbage(20261121); }

/* The same of a card that was fine until now, with traffic. */
static void t_noise_later(void)
{
	char stats[8192];
	int fd, i;

	setenv("PCI_TEST_LOGLEVEL", "0", 1);
	REQUIRE(node_boot(NULL), "no boot");
	REQUIRE(node_up("eth0"), "no interface");
	fd = node_udp(1000, PEER_ECHO_PORT, 100);
	REQUIRE(fd >= 0 && node_round_trip(fd, "before", 6), "no traffic before");
	e1000m_garbage(99);
	for (i = 0; i < 30; i++) {
		pillion_sys_write(fd, "anybody there?", 14);
		pillion_sys_read(fd, stats, sizeof(stats));
	}
	node_ifflags("eth0", false);
	node_ifflags("eth0", true);
	CHECK(node_read("/proc/net/dev", stats, sizeof(stats)) > 0, "the donor does not answer");
	CHECK(pillion_shutdown() == 0, "shutdown failed");
	e1000m_stop();
}

/* The model notices what it should: otherwise the other tests would prove little. */
static void t_strict(void)
{
	uint8_t frame[64] = { 0 };
	uintptr_t lo, hi;

	e1000m_start(&(struct e1000m_options) { .no_device = false });
	rumpext_mmio_window(&lo, &hi);
	rumpext_mmio_read((void *)(lo + 8), 4);
	CHECK(e1000m_errors() == 1, "an access with memory space off was not noticed");
	rumpcomp_pci_confwrite(0, 3, 0, 4, 2);
	rumpext_mmio_read((void *)(lo + 8), 4);
	CHECK(e1000m_errors() == 1, "a proper access was taken for an error");
	rumpext_mmio_read((void *)(lo + 0x9000), 4);
	rumpext_mmio_write((void *)(lo + 8), 4, 1);
	rumpext_mmio_read((void *)(lo + 8), 2);
	rumpext_mmio_write((void *)(lo + 0x3808), 4, 100);
	CHECK(e1000m_errors() == 5, "%u of 4 wrong accesses were noticed", e1000m_errors() - 1);
	/* Sending from memory that is not the device's. */
	rumpcomp_pci_confwrite(0, 3, 0, 4, 6);
	rumpext_mmio_write((void *)(lo + 0x3800), 4, 0x1000);
	rumpext_mmio_write((void *)(lo + 0x3808), 4, 128);
	rumpext_mmio_write((void *)(lo + 0x0400), 4, 2);
	rumpext_mmio_write((void *)(lo + 0x3818), 4, 1);
	for (int i = 0; i < 100 && e1000m_errors() < 6; i++)
		nanosleep(&(struct timespec) { .tv_nsec = 50000000 }, NULL);
	CHECK(e1000m_errors() == 6, "DMA outside of memory was not noticed");
	CHECK(!e1000m_receive(frame, sizeof(frame), false), "a frame was taken without a link");
	e1000m_stop();
	tap_note("the lines above are what was to be noticed");
}

static const struct test tests[] = {
	{ "strict", t_strict, 10 },
	{ "probe", t_probe, 0 },
	{ "link", t_link, 0 },
	{ "ping", t_ping, 0 },
	{ "sizes", t_sizes, 0 },
	{ "round-trips", t_round_trips, 60 },
	{ "multicast", t_multicast, 0 },
	{ "bad-checksums", t_bad_checksums, 0 },
	{ "storm", t_storm, 0 },
	{ "overrun", t_overrun, 0 },
	{ "halt-under-load", t_halt_under_load, 0 },
	{ "unplug", t_unplug, 0 },
	{ "bad-eeprom", t_bad_eeprom, 0 },
	{ "empty-bus", t_empty_bus, 0 },
	{ "all-ones", t_ones, 0 },
	{ "noise", t_noise1, 0 },
	{ "other-noise", t_noise2, 0 },
	{ "noise-later", t_noise_later, 0 },
	{ NULL, NULL, 0 },
};

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "--bridge"))
		return bridge_main(argv[2]);
	return tap_run(tests, argc, argv);
}
