/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first network interface, by libpillion's own calls. An address that is given is the
 * interface's a while after the program has started, which waits where it would notice
 * (rump_ext_network_ready). A leased one is there before; the lease is renewed for as long as the
 * image runs. See image.h.
 *
 * Locking: what is static is the image's thread's until another one runs, and that one's then.
 * "turn" protects the three after it.
 */
#include <linux/if.h>

#include <nucleus/sync.h>
#include <nucleus/thread.h>

#include <pillion/net.h>
#include <rump/rumpext_task.h>

#include "image.h"
#include "net.h"

#define LEASE_WAIT_MS	30000		/* a switch may take as long to let a new neighbour speak */
#define RETRY_SECONDS	60
#define STOP_LOOK	(10 * NSEC_PER_MSEC)
#define STOP_WAIT	(3 * NSEC_PER_SEC)
#define RESOLVER	"/etc/resolv.conf"

static char interface[IFNAMSIZ];
static struct pillion_lease lease;
static const struct config *config;
static bool resolver_ours;		/* we wrote /etc/resolv.conf */

static struct mutex turn = MUTEX_INIT(turn);
static bool stopping;			/* no turn begins any more */
static bool busy;			/* one is under way, and the thread may be process 1's */
static struct lwp *worker;		/* its task while it lasts */

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

/* ---- turns: another thread is one of process 1's for a while ---- */

static void set_worker(struct lwp *l)
{
	mutex_lock(&turn);
	worker = l;
	mutex_unlock(&turn);
}

static bool turn_begins(void)
{
	mutex_lock(&turn);
	busy = !stopping;
	mutex_unlock(&turn);
	return busy;
}

static int take_turn(int (*work)(void))
{
	int error = -EAGAIN;

	if (rump_ext_attach(0) == 0) {
		set_worker(rump_ext_curlwp());
		error = work();
		set_worker(NULL);
		rump_ext_detach();
	}
	WRITE_ONCE(busy, false);
	return error;
}

void network_stop(void)
{
	nsec_t end = clock_now() + STOP_WAIT;

	mutex_lock(&turn);
	stopping = true;
	mutex_unlock(&turn);
	while (READ_ONCE(busy) && clock_now() < end) {
		mutex_lock(&turn);
		if (worker != NULL)
			(void)rump_ext_interrupt(worker);
		mutex_unlock(&turn);
		sleep_until(clock_now() + STOP_LOOK);
	}
}

/* ---- a lease ---- */

static unsigned seconds_until_renewal(int error)
{
	return error != 0 ? RETRY_SECONDS : lease.seconds / 2 + 1;
}

static int renew_once(void)
{
	int error = pillion_net_renew(interface, LEASE_WAIT_MS, &lease);

	if (error == -EADDRNOTAVAIL) {
		error = pillion_net_lease(interface, LEASE_WAIT_MS, &lease);
		if (error == 0)
			(void)write_resolver();
	}
	return error;
}

static void renew(void *arg)
{
	int error = 0, last;

	(void)arg;
	while (lease.seconds != PILLION_LEASE_FOREVER) {
		sleep_until(clock_now() + seconds_until_renewal(error) * NSEC_PER_SEC);
		if (!turn_begins())
			return;
		last = error;
		error = take_turn(renew_once);
		if (error != 0 && last == 0 && !READ_ONCE(stopping))
			log_warn("%s: the address is not renewed: %s", interface, error_name(-error));
	}
}

static int get_lease(void)
{
	int error = link_find(interface);

	if (error == 0) {
		link_negotiate(interface, &stopping);
		error = pillion_net_up(interface);
	}
	if (error != 0)
		return error;
	/* What is sent before is lost. */
	link_wait(interface, &stopping);
	error = pillion_net_lease(interface, LEASE_WAIT_MS, &lease);
	if (error != 0)
		return error;
	log_info("%s: %s, gateway %s", interface, lease.address, lease.gateway);
	if (write_resolver() != 0)
		log_warn("cannot write " RESOLVER);
	if (thread_create("dhcp", PRIO_HIGH, 64 * KIB, false, renew, NULL) == NULL)
		log_warn("no memory to renew the address: it ends in %u seconds", lease.seconds);
	return 0;
}

/* ---- an address that is given ---- */

static int set_address(void)
{
	int error = link_find(interface);

	if (error != 0)
		return error;
	link_negotiate(interface, &stopping);
	return pillion_net_address(interface, config->address, config->gateway);
}

/* Not having a network need not be the end: the program decides. */
static void report(int error)
{
	if (error == 0)
		record_phase("network");
	if (error == 0 || READ_ONCE(stopping))
		return;
	devices_report(LOG_ERROR, true);
	log_error("no network: %s", error_name(-error));
}

static int begin(void)
{
	int error = rump_ext_network_probe() == 0 ? set_address() : -ENOMEM;

	report(error);
	(void)rump_ext_network_ready();
	return error;
}

static void begin_later(void *arg)
{
	(void)arg;
	(void)take_turn(begin);
}

/*
 * The card's driver takes some of the CPU while the program starts, no more than a program would:
 * hence PRIO_USER.
 */
static void start_static(void)
{
	if (write_resolver() != 0)
		log_warn("cannot write " RESOLVER);
	busy = true;
	if (thread_create("network", PRIO_USER, 64 * KIB, false, begin_later, NULL) != NULL)
		return;
	busy = false;
	(void)begin();
}

void network_start(const struct config *c)
{
	int error = pillion__net_init();

	config = c;
	/* A donor without a network is one, too. */
	if (c->net == NET_STATIC && error == 0)
		start_static();
	else if (c->net != NET_NONE)
		report(error != 0 ? error : get_lease());
}
