/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The POSIX platform's virtual interface: packets through a tap device, in a network namespace of
 * the thread that runs the test, so that nothing of the host's network is touched. Needs
 * privilege and /dev/net/tun, else skipped.
 */
#define _GNU_SOURCE
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <arpa/inet.h>
#include <poll.h>
#include <sched.h>
#include <unistd.h>

#include <rump/rumpcomp_virtif.h>
#include <rump/rumpext_virtif.h>

#include "conf.h"
#include "port_posix.h"
#include "rumpuser_posix.h"

/* The donor's interface: what has been delivered. */
struct virtif_sc {
	int	classic, ext, wrongcontext;
	size_t	len;
	uint8_t	pkt[2048];
	struct rumpext_pktmeta meta;
};

static bool
record(struct virtif_sc *sc, const struct iovec *iov, size_t cnt)
{
	const uint8_t *p = iov[0].iov_base;

	/* Our own packets only: the host's stack sends some of its own. */
	if (cnt != 1 || iov[0].iov_len < 60 || p[12] != 0x88 || p[13] != 0xb5)
		return false;
	sc->len = iov[0].iov_len;
	memcpy(sc->pkt, p, sc->len < sizeof(sc->pkt) ? sc->len : sizeof(sc->pkt));
	return true;
}

void
rump_virtif_virt_deliverpkt(struct virtif_sc *sc, struct iovec *iov, size_t cnt)
{
	struct lwp *l = rumpuser_curlwp();

	if (l == NULL || l->l_pid != 0 || !l->l_holding)
		ADD(&sc->wrongcontext, 1);
	if (record(sc, iov, cnt))
		ADD(&sc->classic, 1);
}

void
rump_ext_virtif_deliver(struct virtif_sc *sc, const struct iovec *iov, size_t cnt,
    const struct rumpext_pktmeta *meta, int more)
{

	(void)more;
	if (rumpuser_curlwp() != NULL)
		ADD(&sc->wrongcontext, 1);
	if (record(sc, iov, cnt)) {
		sc->meta = *meta;
		ADD(&sc->ext, 1);
	}
}

void
rump_ext_virtif_txready(struct virtif_sc *sc)
{

	(void)sc;
}

static const char *whynot;
static const uint8_t frame[100] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1,
    0x88, 0xb5, 1, 2, 3, 4 };

/* A packet socket on the interface, which is brought up. */
static int
hostside(const char *ifname)
{
	struct sockaddr_ll sll;
	struct ifreq ifr;
	int s;

	s = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(0x88b5));
	memset(&ifr, 0, sizeof(ifr));
	strcpy(ifr.ifr_name, ifname);
	if (s == -1 || ioctl(s, SIOCGIFFLAGS, &ifr) != 0)
		return -1;
	ifr.ifr_flags |= IFF_UP;
	if (ioctl(s, SIOCSIFFLAGS, &ifr) != 0 || ioctl(s, SIOCGIFINDEX, &ifr) != 0)
		return -1;
	memset(&sll, 0, sizeof(sll));
	sll.sll_family = AF_PACKET;
	sll.sll_protocol = htons(0x88b5);
	sll.sll_ifindex = ifr.ifr_ifindex;
	return bind(s, (struct sockaddr *)&sll, sizeof(sll)) == 0 ? s : -1;
}

static bool
received(void *arg)
{
	struct virtif_sc *sc = arg;

	return LOAD(&sc->classic) + LOAD(&sc->ext) > 0;
}

/* A namespace of this thread's, and an interface in it. */
static struct virtif_user *
start(struct virtif_sc *sc, const char *name)
{
	static const uint8_t none[6];
	uint8_t addr[6] = { 0 };
	struct virtif_user *viu = NULL;
	int error;

	if (unshare(CLONE_NEWNET) != 0) {
		whynot = "no network namespace";
		return NULL;
	}
	error = rumpcomp_virt_create(name, sc, addr, &viu);
	if (error == RUMP_EPERM || error == RUMP_ENXIO || error == RUMP_EACCES) {
		whynot = "no tap device";
		return NULL;
	}
	FAIL_IF(error != 0);
	/* An all-zero proposal is replaced by a unicast, locally administered address. */
	FAIL_IF(memcmp(addr, none, 6) == 0 || (addr[0] & 3) != 2);
	return error == 0 ? viu : NULL;
}

/* The donor has not agreed on anything: only what upcalls it has counts. */
static void
receive_plain(void *arg)
{
	static struct virtif_sc sc;
	struct virtif_user *viu;
	int s;

	(void)arg;
	viu = start(&sc, "conf0");
	if (viu == NULL)
		return;
	s = hostside("conf0");
	FAIL_IF(s == -1);
	FAIL_IF(send(s, frame, sizeof(frame), 0) != sizeof(frame));
	FAIL_IF(!conf_until(received, &sc));
	FAIL_IF(sc.len != sizeof(frame) || memcmp(sc.pkt, frame, sizeof(frame)) != 0);
	FAIL_IF(LOAD(&sc.wrongcontext) != 0 || LOAD(&sc.ext) != port_extdonor());
	close(s);
	FAIL_IF(rumpcomp_virt_dying(viu) != 0);
	rumpcomp_virt_destroy(viu);
}

static void
receive_ext(void *arg)
{
	static struct virtif_sc sc;
	uint32_t got = 0, mtu = 0;
	struct virtif_user *viu;
	int s;

	(void)arg;
	viu = start(&sc, "7");	/* tap7 */
	if (viu == NULL)
		return;
	FAIL_IF(rumpext_virtif_features(viu, RUMPEXT_VIRTIF_CSUM | RUMPEXT_VIRTIF_TSO4 |
	    RUMPEXT_VIRTIF_TSO6, &got, &mtu) != 0);
	FAIL_IF(got != (RUMPEXT_VIRTIF_CSUM | RUMPEXT_VIRTIF_TSO4 | RUMPEXT_VIRTIF_TSO6));
	FAIL_IF(mtu != 1500);
	s = hostside("tap7");
	FAIL_IF(s == -1);
	FAIL_IF(send(s, frame, sizeof(frame), 0) != sizeof(frame));
	FAIL_IF(!conf_until(received, &sc));
	FAIL_IF(sc.len != sizeof(frame) || memcmp(sc.pkt, frame, sizeof(frame)) != 0);
	FAIL_IF(LOAD(&sc.wrongcontext) != 0 || LOAD(&sc.classic) != 0);
	FAIL_IF(sc.meta.pm_gso_type != 0);
	close(s);
	rumpcomp_virt_destroy(viu);
}

static void
send_both(void *arg)
{
	static struct virtif_sc sc;
	struct iovec iov[3] = { { (void *)(uintptr_t)frame, 14 },
	    { (void *)(uintptr_t)(frame + 14), 6 }, { (void *)(uintptr_t)(frame + 20), 80 } };
	struct rumpext_pktmeta meta;
	struct virtif_user *viu;
	struct pollfd pfd;
	uint8_t buf[200];
	int s, i;

	(void)arg;
	viu = start(&sc, "conf1");
	if (viu == NULL)
		return;
	s = hostside("conf1");
	FAIL_IF(s == -1);
	memset(&meta, 0, sizeof(meta));
	rumpcomp_virt_send(viu, iov, 3);
	FAIL_IF(rumpext_virtif_send(viu, iov, 3, NULL) != 0);
	FAIL_IF(rumpext_virtif_send(viu, iov, 3, &meta) != 0);
	for (i = 0; i < 3; i++) {
		pfd = (struct pollfd){ s, POLLIN, 0 };
		FAIL_IF(poll(&pfd, 1, 5000) != 1);
		FAIL_IF(recv(s, buf, sizeof(buf), MSG_DONTWAIT) != sizeof(frame));
		FAIL_IF(memcmp(buf, frame, sizeof(frame)) != 0);
	}
	close(s);
	rumpcomp_virt_destroy(viu);
}

static void (*body)(void *);

static void
attached(void *arg)
{

	mock_attach(2);
	body(arg);
	mock_detach();
}

static void
inthread(void (*f)(void *))
{

	whynot = NULL;
	body = f;
	conf_join(conf_rawthread(attached, NULL));
	if (whynot != NULL)
		SKIP(whynot);
}

static void
t_plain(void)
{

	inthread(receive_plain);
}

static void
t_ext(void)
{

	inthread(receive_ext);
}

static void
t_send(void)
{

	inthread(send_both);
}

static void
t_bad(void)
{
	struct virtif_user *viu;
	struct virtif_sc sc;
	uint8_t addr[6] = { 2, 0, 0, 0, 0, 1 };
	int error;

	error = rumpcomp_virt_create("a name longer than an interface's", &sc, addr, &viu);
	CHECK(error == RUMP_ENXIO);
	CHECK(rumpuser_curlwp()->l_holding);
}

const struct test posixnet_tests[] = {
	{ "posix tap: bad name is ENXIO", t_bad },
	{ "posix tap: received packet, by the upcall that the donor has", t_plain },
	{ "posix tap: offloads agreed, packet with metadata", t_ext },
	{ "posix tap: sent packets", t_send },
	{ NULL, NULL },
};
