/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The virtual Ethernet interface over a Linux tap device, with checksum and segmentation offload
 * through the tap's packet header.
 *
 * Interface: rumpcomp_virt_*, rumpext_virtif_*; rumpuser_posix_tap_fd.
 *
 * One thread an interface reads packets and delivers them: with metadata to a donor that has the
 * upcall for it, without to any other, then as a kernel thread of the donor.
 * It reads the next packet before it delivers one, to be able to say whether more follow.
 *
 * Locking: taps_lock protects the list of named descriptors. v_dying is atomic; v_blocked is
 * atomic and set by senders, cleared by the receiving thread. Descriptors are the
 * kernel's to serialise.
 */
#define _GNU_SOURCE
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/uio.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rump/rumpcomp_virtif.h>
#include <rump/rumpext_virtif.h>
#include <rump/rumpuser_component.h>

#include "posix.h"
#include "rumpuser_posix.h"

#define PKTMAX	(65536 + 512)
#define IOVMAX	256
#ifndef TUN_F_USO4
#define TUN_F_USO4 0x20
#define TUN_F_USO6 0x40
#endif

/* A donor has one of the two, or both and means the second. */
void rump_virtif_virt_deliverpkt(struct virtif_sc *, struct iovec *, size_t)
    __attribute__((__weak__));
void rump_ext_virtif_deliver(struct virtif_sc *, const struct iovec *, size_t,
    const struct rumpext_pktmeta *, int) __attribute__((__weak__));
void rump_ext_virtif_txready(struct virtif_sc *) __attribute__((__weak__));

struct buffer {
	struct rumpext_pktmeta	b_meta;
	ssize_t			b_len;	/* of the packet */
	uint8_t			*b_data;
};

struct virtif_user {
	struct virtif_sc *v_sc;
	int		 v_fd;
	int		 v_event;	/* wakes the receiving thread */
	unsigned long	 v_thread;
	bool		 v_dying;
	bool		 v_blocked;	/* a sender waits for room */
	uint32_t	 v_mtu;
	struct buffer	 v_buf[2];
};

struct tapname {
	struct tapname	*t_next;
	int		 t_fd;
	char		 t_name[];
};
static struct tapname *taps;
static struct plock taps_lock;

_Static_assert(sizeof(struct rumpext_pktmeta) == 10, "the metadata is the tap's header");

int
rumpuser_posix_tap_fd(const char *name, int fd)
{
	size_t len = strlen(name) + 1;
	struct tapname *t;

	t = malloc(sizeof(*t) + len);
	if (t == NULL)
		return RUMP_ENOMEM;
	t->t_fd = fd;
	memcpy(t->t_name, name, len);
	plock(&taps_lock);
	t->t_next = taps;
	taps = t;
	punlock(&taps_lock);
	return 0;
}

static int
namedfd(const char *name)
{
	struct tapname **tp, *t;
	int fd = -1;

	plock(&taps_lock);
	for (tp = &taps; (t = *tp) != NULL; tp = &t->t_next)
		if (strcmp(t->t_name, name) == 0) {
			*tp = t->t_next;
			break;
		}
	punlock(&taps_lock);
	if (t != NULL) {
		fd = t->t_fd;
		free(t);
	}
	return fd;
}

void
rumpuser__virtif_fini(void)
{
	struct tapname *t;

	while ((t = taps) != NULL) {
		taps = t->t_next;
		(void)close(t->t_fd);
		free(t);
	}
}

static int
opentap(const char *devstr, int *fdp)
{
	struct ifreq ifr;
	char *end;
	int fd, error;

	memset(&ifr, 0, sizeof(ifr));
	ifr.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
	(void)strtoul(devstr, &end, 10);
	if ((size_t)snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s%s",
	    *devstr != '\0' && *end == '\0' ? "tap" : "", devstr) >= sizeof(ifr.ifr_name))
		return ENXIO;
	fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	if (fd == -1)
		return errno == ENOENT ? ENXIO : errno;
	if (ioctl(fd, TUNSETIFF, &ifr) != 0) {
		error = errno;
		(void)close(fd);
		return error;
	}
	*fdp = fd;
	return 0;
}

static void
getmtu(struct virtif_user *viu)
{
	struct ifreq ifr;
	int s;

	viu->v_mtu = 1500;
	memset(&ifr, 0, sizeof(ifr));
	if (ioctl(viu->v_fd, TUNGETIFF, &ifr) != 0)
		return;
	s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s == -1)
		return;
	if (ioctl(s, SIOCGIFMTU, &ifr) == 0)
		viu->v_mtu = (uint32_t)ifr.ifr_mtu;
	(void)close(s);
}

/* One packet, if there is one. */
static bool
receive(struct virtif_user *viu, struct buffer *b)
{
	struct iovec iov[2] = {
		{ &b->b_meta, sizeof(b->b_meta) },
		{ b->b_data, PKTMAX },
	};
	ssize_t n;

	do
		n = readv(viu->v_fd, iov, 2);
	while (n < 0 && errno == EINTR);
	b->b_len = n - (ssize_t)sizeof(b->b_meta);
	return b->b_len > 0;
}

static void
deliver(struct virtif_user *viu, struct buffer *b, bool more, bool *kthread)
{
	struct iovec iov = { b->b_data, (size_t)b->b_len };
	void *cookie;

	if (__atomic_load_n(&viu->v_dying, __ATOMIC_ACQUIRE))
		return;
	if (rump_ext_virtif_deliver != NULL) {
		rump_ext_virtif_deliver(viu->v_sc, &iov, 1, &b->b_meta, more);
		return;
	}
	if (rump_virtif_virt_deliverpkt == NULL)
		return;
	if (!*kthread) {
		rumpuser_component_kthread();
		*kthread = true;
	}
	rumpuser_component_schedule(NULL);
	rump_virtif_virt_deliverpkt(viu->v_sc, &iov, 1);
	cookie = rumpuser_component_unschedule();
	(void)cookie;
}

static void *
receiver(void *arg)
{
	struct virtif_user *viu = arg;
	struct pollfd pfd[2];
	bool kthread = false, have;
	unsigned cur = 0;

	while (!__atomic_load_n(&viu->v_dying, __ATOMIC_ACQUIRE)) {
		pfd[0].fd = viu->v_fd;
		pfd[0].events = POLLIN;
		if (__atomic_load_n(&viu->v_blocked, __ATOMIC_ACQUIRE))
			pfd[0].events |= POLLOUT;
		pfd[1].fd = viu->v_event;
		pfd[1].events = POLLIN;
		if (poll(pfd, 2, -1) < 0)
			continue;
		if (pfd[1].revents & POLLIN) {
			eventfd_t v;

			(void)eventfd_read(viu->v_event, &v);
		}
		if ((pfd[0].revents & POLLOUT) &&
		    __atomic_exchange_n(&viu->v_blocked, false, __ATOMIC_ACQ_REL) &&
		    rump_ext_virtif_txready != NULL)
			rump_ext_virtif_txready(viu->v_sc);
		/* The interface went away or is down: do not spin on it. */
		if (pfd[0].revents & (POLLERR | POLLHUP))
			(void)poll(&pfd[1], 1, 100);
		for (have = receive(viu, &viu->v_buf[cur]); have; cur ^= 1) {
			have = receive(viu, &viu->v_buf[cur ^ 1]);
			deliver(viu, &viu->v_buf[cur], have, &kthread);
		}
	}
	if (kthread)
		rumpuser_component_kthread_release();
	return NULL;
}

static void
freeuser(struct virtif_user *viu)
{

	if (viu->v_fd != -1)
		(void)close(viu->v_fd);
	if (viu->v_event != -1)
		(void)close(viu->v_event);
	free(viu->v_buf[0].b_data);
	free(viu->v_buf[1].b_data);
	free(viu);
}

static int
setup(struct virtif_user *viu, const char *devstr, uint8_t *enaddr)
{
	static const uint8_t none[6];
	int error, hdrlen = sizeof(struct rumpext_pktmeta);

	viu->v_event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	viu->v_buf[0].b_data = malloc(PKTMAX);
	viu->v_buf[1].b_data = malloc(PKTMAX);
	if (viu->v_event == -1 || viu->v_buf[0].b_data == NULL || viu->v_buf[1].b_data == NULL)
		return ENOMEM;
	viu->v_fd = namedfd(devstr);
	if (viu->v_fd == -1 && (error = opentap(devstr, &viu->v_fd)) != 0)
		return error;
	(void)fcntl(viu->v_fd, F_SETFL, fcntl(viu->v_fd, F_GETFL) | O_NONBLOCK);
	(void)ioctl(viu->v_fd, TUNSETVNETHDRSZ, &hdrlen);
	/* An earlier user's offloads would still be on. */
	(void)ioctl(viu->v_fd, TUNSETOFFLOAD, 0);
	getmtu(viu);
	if (memcmp(enaddr, none, sizeof(none)) == 0) {
		if (getrandom(enaddr, 6, 0) != 6)
			return EIO;
		enaddr[0] = (enaddr[0] & 0xfc) | 0x02;	/* local, one station */
	}
	return 0;
}

int
rumpcomp_virt_create(const char *devstr, struct virtif_sc *sc, uint8_t *enaddr,
    struct virtif_user **viup)
{
	struct virtif_user *viu;
	int nlocks, error;

	nlocks = unsched(NULL);
	viu = rumpuser__alloc(sizeof(*viu));
	viu->v_sc = sc;
	viu->v_fd = -1;
	error = setup(viu, devstr, enaddr);
	if (error == 0)
		error = rumpuser__thread(&viu->v_thread, receiver, viu, "virtif");
	if (error != 0)
		freeuser(viu);
	else
		*viup = viu;
	resched(nlocks, NULL);
	return rumpuser__errtrans(error);
}

int
rumpcomp_virt_dying(struct virtif_user *viu)
{

	__atomic_store_n(&viu->v_dying, true, __ATOMIC_RELEASE);
	(void)eventfd_write(viu->v_event, 1);
	return 0;
}

void
rumpcomp_virt_destroy(struct virtif_user *viu)
{
	int nlocks;

	(void)rumpcomp_virt_dying(viu);
	nlocks = unsched(NULL);
	rumpuser__thread_wait(viu->v_thread);
	freeuser(viu);
	resched(nlocks, NULL);
}

int
rumpext_virtif_features(struct virtif_user *viu, uint32_t want, uint32_t *got, uint32_t *mtu)
{
	unsigned flags = 0;
	uint32_t have;

	have = want & (RUMPEXT_VIRTIF_CSUM | RUMPEXT_VIRTIF_TSO4 | RUMPEXT_VIRTIF_TSO6 |
	    RUMPEXT_VIRTIF_USO);
	if (!(have & RUMPEXT_VIRTIF_CSUM))
		have = 0;	/* segmentation needs it */
	if (have & RUMPEXT_VIRTIF_CSUM)
		flags |= TUN_F_CSUM;
	if (have & RUMPEXT_VIRTIF_TSO4)
		flags |= TUN_F_TSO4 | TUN_F_TSO_ECN;
	if (have & RUMPEXT_VIRTIF_TSO6)
		flags |= TUN_F_TSO6 | TUN_F_TSO_ECN;
	if (have & RUMPEXT_VIRTIF_USO)
		flags |= TUN_F_USO4 | TUN_F_USO6;
	if (ioctl(viu->v_fd, TUNSETOFFLOAD, flags) != 0) {
		/* Older kernels know no UDP segmentation; some descriptors no offload at all. */
		have &= ~RUMPEXT_VIRTIF_USO;
		flags &= ~(unsigned)(TUN_F_USO4 | TUN_F_USO6);
		if (ioctl(viu->v_fd, TUNSETOFFLOAD, flags) != 0)
			have = 0;
	}
	*got = have;
	*mtu = viu->v_mtu;
	return 0;
}

int
rumpext_virtif_send(struct virtif_user *viu, const struct iovec *iov, size_t iovcnt,
    const struct rumpext_pktmeta *meta)
{
	static const struct rumpext_pktmeta plain;
	struct iovec v[IOVMAX + 1];
	ssize_t n;

	if (iovcnt > IOVMAX)
		return RUMP_EMSGSIZE;
	v[0].iov_base = (void *)(uintptr_t)(meta != NULL ? meta : &plain);
	v[0].iov_len = sizeof(plain);
	memcpy(&v[1], iov, iovcnt * sizeof(*iov));
	do
		n = writev(viu->v_fd, v, (int)iovcnt + 1);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return 0;
	if (errno == EAGAIN) {
		__atomic_store_n(&viu->v_blocked, true, __ATOMIC_RELEASE);
		(void)eventfd_write(viu->v_event, 1);
		return RUMP_EAGAIN;
	}
	return rumpuser__errtrans(errno);
}

void
rumpcomp_virt_send(struct virtif_user *viu, struct iovec *iov, size_t iovcnt)
{

	(void)rumpext_virtif_send(viu, iov, iovcnt, NULL);
}
