/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Network interfaces: taps of the host attached to the donor, and their addresses.
 *
 * Interface: include/pillion/pillion.h; net.h for boot.
 * Locking: serial is atomic; everything else is the donor's.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/if.h>
#include <linux/if_tun.h>

#include <pillion/pillion.h>
#include <pillion/syscalls.h>
#include <rump/rumpuser.h>
#include <rump/rumpext_task.h>
#include <rumpuser_posix.h>

#include "lib.h"
#include "net.h"

static atomic_uint serial;

int pillion__net_init(void)
{
	int index = pillion__net_index("lo");

	return index < 0 ? index : pillion__net_link_up(index);
}

/*
 * The first call into the donor: it refuses before boot, and makes the thread one that is known.
 */
static int enter(void)
{
	long pid = pillion_sys_getpid();

	return pid < 0 ? (int)pid : 0;
}

int pillion_net_tap(const char *tapname, char name[32])
{
	int error = enter();

	if (error)
		return error;
	if (!tapname || !*tapname || strlen(tapname) >= IFNAMSIZ)
		return -EINVAL;
	return -pillion_platform_errno(rump_ext_virtif_attach(tapname, name));
}

int pillion_net_tap_fd(int fd, char name[32])
{
	const int wanted = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
	struct ifreq ifr;
	char devstr[32];
	int error = enter(), own;

	if (error)
		return error;
	memset(&ifr, 0, sizeof(ifr));
	if (ioctl(fd, TUNGETIFF, &ifr))
		return errno == ENOTTY || errno == EBADFD ? -EINVAL : -errno;
	if ((ifr.ifr_flags & wanted) != wanted)
		return -EINVAL;
	own = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (own < 0)
		return -errno;
	snprintf(devstr, sizeof(devstr), "pillion:tap%u", atomic_fetch_add(&serial, 1));
	error = pillion_platform_errno(rumpuser_posix_tap_fd(devstr, own));
	if (error) {
		close(own);
		return -error;
	}
	return -pillion_platform_errno(rump_ext_virtif_attach(devstr, name));
}

/* "ADDRESS" or, if prefix is wanted, "ADDRESS/PREFIX". */
static int parse(const char *text, int prefix, struct net_addr *a)
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

	if (parse(addr, 1, &a) || (gateway && parse(gateway, 0, &gw)))
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
