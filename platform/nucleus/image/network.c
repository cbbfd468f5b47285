/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first network interface, by libpillion's own calls; the lease of its address is renewed for
 * as long as the image runs. See image.h.
 *
 * Locking: the lease is the renewing thread's once that runs.
 */
#include <linux/if.h>
#include <linux/sockios.h>
#include <sys/socket.h>

#include <nucleus/thread.h>

#include <pillion/net.h>
#include <rump/rumpext_task.h>

#include "image.h"
#include "net.h"

#define FIRST_INDEX	2		/* 1 is the loopback interface */
#define LAST_INDEX	16
#define LEASE_WAIT_MS	30000		/* a switch may take as long to let a new neighbour speak */
#define RETRY_SECONDS	60
#define LINK_WAIT	(10 * NSEC_PER_SEC)
#define LINK_LOOK	(10 * NSEC_PER_MSEC)

static char interface[IFNAMSIZ];
static struct pillion_lease lease;

/* The first interface that is not the loopback's. */
static int find_interface(void)
{
	int fd = (int)pillion_sys_socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq ifr;
	long error = -ENODEV;

	if (fd < 0)
		return fd;
	for (int i = FIRST_INDEX; i <= LAST_INDEX && error != 0; i++) {
		memset(&ifr, 0, sizeof(ifr));
		ifr.ifr_ifindex = i;
		error = pillion_sys_ioctl(fd, SIOCGIFNAME, (unsigned long)&ifr);
		if (error == 0)
			error = pillion_sys_ioctl(fd, SIOCGIFHWADDR, (unsigned long)&ifr);
		if (error == 0 && ifr.ifr_hwaddr.sa_family != 1)	/* a tunnel, not an Ethernet */
			error = -ENODEV;
	}
	pillion_sys_close(fd);
	strlcpy(interface, ifr.ifr_name, sizeof(interface));
	return error == 0 ? 0 : -ENODEV;
}

/* A card takes a second or two to find its link; what is sent before is lost. */
static void wait_for_link(void)
{
	nsec_t end = clock_now() + LINK_WAIT;
	int fd = (int)pillion_sys_socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq ifr = { .ifr_flags = 0 };
	long error;

	strlcpy(ifr.ifr_name, interface, sizeof(ifr.ifr_name));
	while (fd >= 0 && clock_now() < end) {
		error = pillion_sys_ioctl(fd, SIOCGIFFLAGS, (unsigned long)&ifr);
		if (error != 0 || (ifr.ifr_flags & IFF_RUNNING))
			break;
		sleep_until(clock_now() + LINK_LOOK);
	}
	if (fd >= 0)
		pillion_sys_close(fd);
}

static unsigned seconds_until_renewal(int error)
{
	return error != 0 ? RETRY_SECONDS : lease.seconds / 2 + 1;
}

/* The thread is one of process 1's only while it renews: a halt would wait for it. */
static void renew(void *arg)
{
	int error = 0;

	(void)arg;
	while (lease.seconds != PILLION_LEASE_FOREVER) {
		sleep_until(clock_now() + seconds_until_renewal(error) * NSEC_PER_SEC);
		if (rump_ext_attach(0) != 0)
			return;
		error = pillion_net_renew(interface, LEASE_WAIT_MS, &lease);
		if (error == -EADDRNOTAVAIL)
			error = pillion_net_lease(interface, LEASE_WAIT_MS, &lease);
		rump_ext_detach();
	}
}

static int start_dhcp(void)
{
	int error = pillion_net_up(interface);

	if (error == 0) {
		wait_for_link();
		error = pillion_net_lease(interface, LEASE_WAIT_MS, &lease);
	}
	if (error != 0)
		return error;
	log_info("%s: %s, gateway %s", interface, lease.address, lease.gateway);
	if (thread_create("dhcp", PRIO_HIGH, 64 * KIB, false, renew, NULL) == NULL)
		log_warn("no memory to renew the address: it ends in %u seconds", lease.seconds);
	return 0;
}

/* Name servers: those of the configuration, or else the lease's. */
static int write_resolver(const struct config *c)
{
	char text[512] = "";
	size_t len = 0;

	if (c->ndns == 0 && lease.domain[0] != '\0')
		len += (size_t)format(text + len, sizeof(text) - len, "search %s\n", lease.domain);
	for (unsigned i = 0; i < MAX_DNS; i++) {
		const char *dns = c->ndns > 0 ? (i < c->ndns ? c->dns[i] : "") : lease.dns[i];

		if (*dns != '\0' && len < sizeof(text))
			len += (size_t)format(text + len, sizeof(text) - len, "nameserver %s\n", dns);
	}
	if (len == 0)
		return 0;
	(void)make_dirs("/etc");
	return file_write("/etc/resolv.conf", text);
}

int network_start(const struct config *c)
{
	int error = pillion__net_init();

	/* A donor without a network is one, too. */
	if (c->net == NET_NONE)
		return 0;
	if (error == 0)
		error = find_interface();
	if (error == 0)
		error = c->net == NET_DHCP ? start_dhcp() :
		    pillion_net_address(interface, c->address, c->gateway);
	if (error == 0 && write_resolver(c) != 0)
		log_warn("cannot write /etc/resolv.conf");
	return error;
}
