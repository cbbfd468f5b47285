/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Network interfaces over taps of the host.
 *
 * Interface: include/pillion/pillion.h.
 * Locking: serial is atomic; everything else is the donor's.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
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

static atomic_uint serial;

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
