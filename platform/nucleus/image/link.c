/* SPDX-License-Identifier: BSD-2-Clause */
/* The first network interface and its link, as the donor shows them. See image.h. */
#include <linux/if.h>
#include <linux/mii.h>
#include <linux/sockios.h>
#include <sys/socket.h>

#include <nucleus/sync.h>
#include <nucleus/clock.h>

#include "image.h"

#define FIRST_INDEX	2		/* 1 is the loopback interface */
#define LAST_INDEX	16
#define ETHERNET	1		/* ARPHRD_ETHER */
#define LOOK		(10 * NSEC_PER_MSEC)
#define LINK_WAIT	(10 * NSEC_PER_SEC)
#define AGREE_WAIT	(3 * NSEC_PER_SEC)	/* at a gigabit two ends take two seconds */

static int query_socket(void)
{
	return (int)pillion_sys_socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

/* The first interface that is not the loopback's, nor a tunnel. */
int link_find(char *name)
{
	int fd = query_socket();
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
		if (error == 0 && ifr.ifr_hwaddr.sa_family != ETHERNET)
			error = -ENODEV;
	}
	pillion_sys_close(fd);
	strlcpy(name, ifr.ifr_name, IFNAMSIZ);
	return error == 0 ? 0 : -ENODEV;
}

/* Whether question says yes within time, or cannot be asked. */
static void wait_until(bool (*question)(int fd, const char *name), const char *name, nsec_t time,
    const bool *stop)
{
	nsec_t end = clock_now() + time;
	int fd = query_socket();

	if (fd < 0)
		return;
	while (!question(fd, name) && clock_now() < end && !READ_ONCE(*stop))
		sleep_until(clock_now() + LOOK);
	pillion_sys_close(fd);
}

static bool is_running(int fd, const char *name)
{
	struct ifreq ifr = { .ifr_flags = 0 };

	strlcpy(ifr.ifr_name, name, sizeof(ifr.ifr_name));
	return pillion_sys_ioctl(fd, SIOCGIFFLAGS, (unsigned long)&ifr) != 0 ||
	    (ifr.ifr_flags & IFF_RUNNING) != 0;
}

void link_wait(const char *name, const bool *stop)
{
	wait_until(is_running, name, LINK_WAIT, stop);
}

/* A register of the PHY; what it is without one does not look like an end that negotiates. */
static unsigned phy_register(int fd, const char *name, unsigned which)
{
	struct ifreq ifr = { .ifr_flags = 0 };
	struct mii_ioctl_data *mii = (struct mii_ioctl_data *)&ifr.ifr_ifru;

	strlcpy(ifr.ifr_name, name, sizeof(ifr.ifr_name));
	if (pillion_sys_ioctl(fd, SIOCGMIIPHY, (unsigned long)&ifr) != 0)
		return 0;
	mii->reg_num = (uint16_t)which;
	return pillion_sys_ioctl(fd, SIOCGMIIREG, (unsigned long)&ifr) != 0 ? 0 : mii->val_out;
}

static bool has_agreed(int fd, const char *name)
{
	unsigned control = phy_register(fd, name, MII_BMCR);

	if ((control & (BMCR_ANENABLE | BMCR_PDOWN | BMCR_ISOLATE)) != BMCR_ANENABLE)
		return true;
	return (phy_register(fd, name, MII_BMSR) & BMSR_ANEGCOMPLETE) != 0;
}

void link_negotiate(const char *name, const bool *stop)
{
	wait_until(has_agreed, name, AGREE_WAIT, stop);
}
