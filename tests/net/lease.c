/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lease TAP COMMAND...: a donor behind TAP that does as it is told, for the DHCP test. Commands:
 *
 *	lease MS	get a lease; prints what it says, or the error's name
 *	dhcp MS		the same by pillion_net_dhcp(); prints the address
 *	renew MS	renew the lease
 *	sleep MS
 *	show		print the addresses and the gateway that the donor has
 *	reach ADDR	send a datagram there: prints the error's name, or sent
 *
 * Locking: one thread.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <linux/if.h>
#include <linux/sockios.h>

#include <pillion/net.h>
#include <pillion/pillion.h>
#include <pillion/syscalls.h>

static char name[32];
static struct pillion_lease lease;

static void say(int error)
{
	if (error) {
		printf("%s\n", strerrorname_np(-error));
		return;
	}
	printf("%s gw %s from %s for %u", lease.address, lease.gateway, lease.server, lease.seconds);
	for (int i = 0; i < 3 && lease.dns[i][0]; i++)
		printf(" dns %s", lease.dns[i]);
	printf("%s%s\n", lease.domain[0] ? " domain " : "", lease.domain);
}

static void show(void)
{
	struct sockaddr_in *sin;
	struct ifreq ifr;
	char text[INET_ADDRSTRLEN], routes[4096];
	long fd = pillion_sys_socket(AF_INET, SOCK_DGRAM, 0), n;

	memset(&ifr, 0, sizeof(ifr));
	memcpy(ifr.ifr_name, name, IFNAMSIZ - 1);
	n = pillion_sys_ioctl((int)fd, SIOCGIFADDR, (unsigned long)&ifr);
	sin = (struct sockaddr_in *)&ifr.ifr_addr;
	printf("address %s", n < 0 ? "none" : inet_ntop(AF_INET, &sin->sin_addr, text, sizeof(text)));
	pillion_sys_close((int)fd);
	fd = pillion_sys_openat(AT_FDCWD, "/proc/net/route", O_RDONLY, 0);
	n = fd < 0 ? fd : pillion_sys_read((int)fd, routes, sizeof(routes) - 1);
	routes[n < 0 ? 0 : n] = '\0';
	pillion_sys_close((int)fd);
	for (char *save, *line = strtok_r(routes, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		unsigned dest, gw;

		if (sscanf(line, "%*s %x %x", &dest, &gw) == 2 && dest == 0)
			printf(" default %s", inet_ntop(AF_INET, &gw, text, sizeof(text)));
	}
	printf("\n");
}

static void reach(const char *addr)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	long fd = pillion_sys_socket(AF_INET, SOCK_DGRAM, 0), n;

	inet_pton(AF_INET, addr, &to.sin_addr);
	n = pillion_sys_sendto((int)fd, "x", 1, 0, (struct sockaddr *)&to, sizeof(to));
	printf("%s\n", n < 0 ? strerrorname_np((int)-n) : "sent");
	pillion_sys_close((int)fd);
}

static void wait_ms(unsigned ms)
{
	struct timespec ts = { ms / 1000, (long)(ms % 1000) * 1000000 };

	nanosleep(&ts, NULL);
}

int main(int argc, char **argv)
{
	struct pillion_options opt = { .size = sizeof(opt), .loglevel = 3 };
	char addr[64];
	int r;

	if (argc < 2)
		return 2;
	r = pillion_boot(&opt);
	if (!r)
		r = pillion_net_tap(argv[1], name);
	if (r) {
		printf("Bail out! %s\n", strerrorname_np(-r));
		return 1;
	}
	for (int i = 2; i < argc; i++) {
		const char *what = argv[i], *arg = i + 1 < argc ? argv[i + 1] : "0";
		unsigned ms = (unsigned)atoi(arg);

		if (!strcmp(what, "show")) {
			show();
		} else {
			i++;
			if (!strcmp(what, "lease"))
				say(pillion_net_lease(name, ms, &lease));
			else if (!strcmp(what, "renew"))
				say(pillion_net_renew(name, ms, &lease));
			else if (!strcmp(what, "reach"))
				reach(arg);
			else if (!strcmp(what, "sleep"))
				wait_ms(ms);
			else if ((r = pillion_net_dhcp(name, ms, addr)))
				printf("%s\n", strerrorname_np(-r));
			else
				printf("%s\n", addr);
		}
		fflush(stdout);
	}
	return pillion_shutdown() != 0;
}
