/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first network interface, by libpillion's own calls; the lease of its address is renewed for
 * as long as the image runs. See image.h.
 *
 * Locking: the lease is the renewing thread's once that runs; renewal protects the three after it.
 */
#include <linux/if.h>
#include <linux/sockios.h>
#include <sys/socket.h>

#include <nucleus/sync.h>
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
#define STOP_WAIT	(3 * NSEC_PER_SEC)
#define RESOLVER	"/etc/resolv.conf"

static char interface[IFNAMSIZ];
static struct pillion_lease lease;
static const struct config *config;
static bool resolver_ours;		/* we wrote /etc/resolv.conf */

static struct mutex renewal = MUTEX_INIT(renewal);
static bool stopping;			/* no renewal begins any more */
static bool renewing;			/* one is under way, and the thread may be process 1's */
static struct lwp *renewer;		/* its task while it lasts */

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

static bool names_server(const char *s)
{
	while (strncmp(s, "nameserver", 10) != 0) {
		s = strchr(s, '\n');
		if (s++ == NULL)
			return false;
	}
	return true;
}

/*
 * Name servers: those of the configuration, or else the lease's. A file that names one already is
 * somebody's own, and may be on a disk of theirs.
 */
static int write_resolver(void)
{
	static char there[4096];
	char text[512] = "";
	size_t len = 0;

	if (config->ndns == 0 && lease.domain[0] != '\0')
		len += (size_t)format(text + len, sizeof(text) - len, "search %s\n", lease.domain);
	for (unsigned i = 0; i < MAX_DNS; i++) {
		const char *dns = config->ndns > 0 ? (i < config->ndns ? config->dns[i] : "") :
		    lease.dns[i];

		if (*dns != '\0' && len < sizeof(text))
			len += (size_t)format(text + len, sizeof(text) - len, "nameserver %s\n", dns);
	}
	if (len == 0)
		return 0;
	if (!resolver_ours && file_read(RESOLVER, there, sizeof(there)) > 0 &&
	    names_server(there))
		return 0;
	(void)make_dirs("/etc");
	resolver_ours = true;
	return file_write(RESOLVER, text);
}

static unsigned seconds_until_renewal(int error)
{
	return error != 0 ? RETRY_SECONDS : lease.seconds / 2 + 1;
}

static bool renewal_begins(void)
{
	mutex_lock(&renewal);
	renewing = !stopping;
	mutex_unlock(&renewal);
	return renewing;
}

static void set_renewer(struct lwp *l)
{
	mutex_lock(&renewal);
	renewer = l;
	mutex_unlock(&renewal);
}

/* The thread is one of process 1's only while it renews. */
static int renew_once(void)
{
	int error;

	if (rump_ext_attach(0) != 0)
		return -EAGAIN;
	set_renewer(rump_ext_curlwp());
	error = pillion_net_renew(interface, LEASE_WAIT_MS, &lease);
	if (error == -EADDRNOTAVAIL) {
		error = pillion_net_lease(interface, LEASE_WAIT_MS, &lease);
		if (error == 0)
			(void)write_resolver();
	}
	set_renewer(NULL);
	rump_ext_detach();
	return error;
}

static void renew(void *arg)
{
	int error = 0, last;

	(void)arg;
	while (lease.seconds != PILLION_LEASE_FOREVER) {
		sleep_until(clock_now() + seconds_until_renewal(error) * NSEC_PER_SEC);
		if (!renewal_begins())
			return;
		last = error;
		error = renew_once();
		WRITE_ONCE(renewing, false);
		if (error != 0 && last == 0 && !READ_ONCE(stopping))
			log_warn("%s: the address is not renewed: %s", interface, error_name(-error));
	}
}

void network_stop(void)
{
	nsec_t end = clock_now() + STOP_WAIT;

	mutex_lock(&renewal);
	stopping = true;
	mutex_unlock(&renewal);
	while (READ_ONCE(renewing) && clock_now() < end) {
		mutex_lock(&renewal);
		if (renewer != NULL)
			(void)rump_ext_interrupt(renewer);
		mutex_unlock(&renewal);
		sleep_until(clock_now() + LINK_LOOK);
	}
}

static int start_dhcp(void)
{
	int error = pillion_net_up(interface);

	if (error == 0) {
		wait_for_link();
		error = pillion_net_lease(interface, LEASE_WAIT_MS, &lease);
	}
	if (error == 0)
		log_info("%s: %s, gateway %s", interface, lease.address, lease.gateway);
	return error;
}

int network_start(const struct config *c)
{
	int error = pillion__net_init();

	config = c;
	/* A donor without a network is one, too. */
	if (c->net == NET_NONE)
		return 0;
	if (error == 0)
		error = find_interface();
	if (error == 0)
		error = c->net == NET_DHCP ? start_dhcp() :
		    pillion_net_address(interface, c->address, c->gateway);
	if (error == 0 && write_resolver() != 0)
		log_warn("cannot write " RESOLVER);
	if (error == 0 && c->net == NET_DHCP &&
	    thread_create("dhcp", PRIO_HIGH, 64 * KIB, false, renew, NULL) == NULL)
		log_warn("no memory to renew the address: it ends in %u seconds", lease.seconds);
	return error;
}
