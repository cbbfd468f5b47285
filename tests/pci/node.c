// SPDX-License-Identifier: BSD-2-Clause
/* Interface: node.h. Locking: none; a test's main thread boots and ends. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <linux/sockios.h>

#include <pillion/pillion.h>
#include <pillion/syscalls.h>

#include "node.h"
#include "peer.h"
#include "tap.h"

const uint8_t node_mac[6] = { 0x52, 0x54, 0x00, 0x12, 0x34, 0x56 };

double node_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

bool node_boot(const struct e1000m_options *opt)
{
	struct e1000m_options o = { .tx = peer_frame };
	struct pillion_options po = { .size = sizeof(po), .loglevel = 4 };
	const char *level = getenv("PCI_TEST_LOGLEVEL");
	int error;

	if (opt)
		o = *opt;
	memcpy(o.mac, node_mac, 6);
	if (level)
		po.loglevel = atoi(level);
	e1000m_start(&o);
	error = pillion_boot(&po);
	return CHECK(error == 0, "boot: error %d", error);
}

void node_end(void)
{
	struct e1000m_counts before, after;
	uint8_t frame[64];
	int error = pillion_shutdown();

	CHECK(error == 0, "shutdown: error %d", error);
	e1000m_counts(&before);
	memcpy(frame, node_mac, 6);
	memset(frame + 6, 0, sizeof(frame) - 6);
	e1000m_receive(frame, sizeof(frame), false);
	e1000m_raise(~0u);
	nanosleep(&(struct timespec) { .tv_nsec = 20000000 }, NULL);
	e1000m_counts(&after);
	CHECK(
	    !after.rx_enabled && !after.tx_enabled, "the card still receives or sends after halt");
	CHECK(!after.bus_master, "the card may still do DMA after halt");
	CHECK(before.rx_frames == after.rx_frames, "a frame went to memory after halt");
	CHECK(before.interrupts == after.interrupts, "the donor was interrupted after halt");
	e1000m_stop();
	CHECK(e1000m_errors() == 0, "the card recorded %u errors", e1000m_errors());
	CHECK(peer_bad() == 0, "%u bad frames on the wire", peer_bad());
}

/* ---- interface ---- */

static int if_ioctl(unsigned cmd, struct ifreq *ifr)
{
	int fd = (int)pillion_sys_socket(AF_INET, SOCK_DGRAM, 0), error;

	if (fd < 0)
		return fd;
	error = (int)pillion_sys_ioctl(fd, cmd, (unsigned long)ifr);
	pillion_sys_close(fd);
	return error;
}

static struct ifreq request(const char *name)
{
	struct ifreq ifr;

	memset(&ifr, 0, sizeof(ifr));
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	return ifr;
}

static void set_address(struct ifreq *ifr, uint32_t addr)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(addr) };

	memcpy(&ifr->ifr_addr, &sin, sizeof(sin));
}

int node_ifflags(const char *name, bool up)
{
	struct ifreq ifr = request(name);
	int error = if_ioctl(SIOCGIFFLAGS, &ifr);

	if (error)
		return error;
	ifr.ifr_flags = (short)(up ? ifr.ifr_flags | IFF_UP : ifr.ifr_flags & ~IFF_UP);
	return if_ioctl(SIOCSIFFLAGS, &ifr);
}

int node_mtu(const char *name, int mtu)
{
	struct ifreq ifr = request(name);

	ifr.ifr_mtu = mtu;
	return if_ioctl(SIOCSIFMTU, &ifr);
}

int node_ethtool(const char *name, void *data)
{
	struct ifreq ifr = request(name);

	ifr.ifr_data = data;
	return if_ioctl(SIOCETHTOOL, &ifr);
}

bool node_up(const char *name)
{
	struct ifreq ifr = request(name);
	char path[80];
	int error;

	set_address(&ifr, DONOR_ADDR);
	error = if_ioctl(SIOCSIFADDR, &ifr);
	if (!error) {
		set_address(&ifr, 0xffffff00u);
		error = if_ioctl(SIOCSIFNETMASK, &ifr);
	}
	if (!error)
		error = node_ifflags(name, true);
	if (!CHECK(error == 0, "%s up: error %d", name, error))
		return false;
	snprintf(path, sizeof(path), "/sys/class/net/%s/carrier", name);
	return CHECK(node_wait(path, 1, 10), "no link");
}

/* ---- files ---- */

int node_read(const char *path, char *buf, size_t size)
{
	int fd = (int)pillion_sys_openat(AT_FDCWD, path, O_RDONLY, 0);
	long n;

	if (fd < 0)
		return fd;
	n = pillion_sys_read(fd, buf, size - 1);
	pillion_sys_close(fd);
	if (n < 0)
		return (int)n;
	buf[n] = 0;
	if (n && buf[n - 1] == '\n')
		buf[--n] = 0;
	return (int)n;
}

long long node_number(const char *path)
{
	char buf[64];
	int n = node_read(path, buf, sizeof(buf));

	return n < 0 ? n : atoll(buf);
}

bool node_wait(const char *path, long long want, unsigned seconds)
{
	double end = node_seconds() + seconds;

	while (node_number(path) != want) {
		if (node_seconds() > end)
			return false;
		pillion_sys_nanosleep(&(struct timespec) { .tv_nsec = 10000000 }, NULL);
	}
	return true;
}

/* ---- sockets ---- */

int node_udp(uint16_t sport, uint16_t dport, unsigned timeout_ms)
{
	struct sockaddr_in me = { .sin_family = AF_INET, .sin_port = htons(sport) };
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(dport),
		.sin_addr.s_addr = htonl(PEER_ADDR),
	};
	struct timeval tv = { .tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000 };
	int fd = (int)pillion_sys_socket(AF_INET, SOCK_DGRAM, 0);
	long error;

	if (fd < 0)
		return fd;
	error = pillion_sys_bind(fd, (struct sockaddr *)&me, sizeof(me));
	if (!error)
		error = pillion_sys_connect(fd, (struct sockaddr *)&to, sizeof(to));
	if (!error)
		error = pillion_sys_setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	if (error) {
		pillion_sys_close(fd);
		return (int)error;
	}
	return fd;
}

bool node_round_trip(int fd, const void *data, size_t len)
{
	static uint8_t answer[65536];
	long n = pillion_sys_write(fd, data, len);

	if (n != (long)len)
		return CHECK(false, "sending %zu bytes: %ld", len, n);
	n = pillion_sys_read(fd, answer, sizeof(answer));
	if (n != (long)len)
		return CHECK(false, "answer to %zu bytes: %ld", len, n);
	return CHECK(!memcmp(answer, data, len), "answer of %zu bytes differs", len);
}
