/* SPDX-License-Identifier: BSD-2-Clause */
/* Interface: netns.h. Locking: none. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "netns.h"

int netns_new(void)
{
	int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), made = -1;

	if (own < 0)
		return fail("/proc/self/ns/net: %s", strerror(errno));
	if (unshare(CLONE_NEWNET))
		fail("cannot make a network namespace: %s", strerror(errno));
	else
		made = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (made >= 0 && setns(own, CLONE_NEWNET))
		abort();
	close(own);
	return made;
}

int netns_ip(int netns, const char *arguments)
{
	struct cmd c = { .netns = netns };
	char *text = strdup(arguments), *word, *at = NULL;
	unsigned n = 0;
	int r;

	if (!text)
		abort();
	c.argv[n++] = "ip";
	for (word = strtok_r(text, " ", &at); word; word = strtok_r(NULL, " ", &at))
		c.argv[n++] = word;
	r = cmd_run(&c);
	if (r)
		fail("ip %s: failed", arguments);
	free(text);
	return r;
}

int netns_tap(int *ns, const char *tap, const char *address)
{
	char add[96], addr[96], up[96];

	snprintf(add, sizeof(add), "tuntap add dev %s mode tap vnet_hdr", tap);
	snprintf(addr, sizeof(addr), "addr add %s dev %s", address, tap);
	snprintf(up, sizeof(up), "link set %s up", tap);
	*ns = netns_new();
	if (*ns < 0 || netns_ip(*ns, "link set lo up") || netns_ip(*ns, add) ||
	    netns_ip(*ns, addr))
		return -1;
	return netns_ip(*ns, up);
}

const char *netns_unable(void)
{
	if (geteuid() != 0)
		return "not root: the benchmark makes network namespaces";
	if (access("/dev/net/tun", R_OK | W_OK))
		return "no /dev/net/tun";
	return have_program("ip") ? NULL : "no ip command (package iproute2)";
}
