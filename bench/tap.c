/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TCP over a tap, and over a veth pair for comparison. Interface: bench.h. Locking: none.
 *
 * Network namespaces of the benchmark's own, which end with it: one has a tap, with Pillion behind
 * it and the host's stack before it; two have a veth pair between them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define TAP_HOST	"192.0.2.1"
#define TAP_PILLION	"192.0.2.2"
#define VETH_ONE	"198.51.100.1"
#define VETH_TWO	"198.51.100.2"
#define PORT		"5001"

struct flow {
	struct cmd sink, source;
};

/* A descriptor of a new network namespace, or -1. */
static int netns_new(void)
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

/* ip(8) in a namespace; the arguments in one string with single blanks. */
static int ip(int netns, const char *arguments)
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

static int make_tap(int *ns)
{
	*ns = netns_new();
	if (*ns < 0)
		return -1;
	if (ip(*ns, "link set lo up") ||
	    ip(*ns, "tuntap add dev pil0 mode tap vnet_hdr") ||
	    ip(*ns, "addr add " TAP_HOST "/24 dev pil0"))
		return -1;
	return ip(*ns, "link set pil0 up");
}

static int make_veth(int *one, int *two)
{
	char add[128];

	*one = netns_new();
	*two = *one < 0 ? -1 : netns_new();
	if (*two < 0)
		return -1;
	snprintf(add, sizeof(add), "link add v1 type veth peer name v2 netns /proc/%d/fd/%d",
	    (int)getpid(), *two);
	if (ip(*one, add) || ip(*one, "addr add " VETH_ONE "/24 dev v1") ||
	    ip(*two, "addr add " VETH_TWO "/24 dev v2"))
		return -1;
	return ip(*one, "link set v1 up") || ip(*two, "link set v2 up") ? -1 : 0;
}

static int wait_ready(int fd)
{
	char c = 0;

	while (c != '\n')
		if (read(fd, &c, 1) != 1)
			return fail("the receiving program ended early");
	return 0;
}

static int sample_flow(void *arg, double *out)
{
	struct flow *f = arg;
	int fd = -1, r, sent;
	pid_t pid;

	f->sink.out = &fd;
	pid = cmd_start(&f->sink);
	if (pid < 0)
		return -1;
	r = wait_ready(fd);
	if (!r) {
		r = sent = cmd_run(&f->source);
		if (!sent)
			r = read_figure(fd, out);
	}
	close(fd);
	if (r) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		return -1;
	}
	return cmd_wait(pid, "sink");
}

static const char *unable(void)
{
	if (geteuid() != 0)
		return "not root: the benchmark makes network namespaces";
	if (access("/dev/net/tun", R_OK | W_OK))
		return "no /dev/net/tun";
	return have_program("ip") ? NULL : "no ip command (package iproute2)";
}

static void row(const char *name, struct flow *ours, struct flow *theirs, const char *skip)
{
	measure(&(struct measure){ .name = name, .unit = "Gbit/s", .ours = sample_flow,
	    .ours_arg = ours, .against = "veth pair", .theirs = sample_flow, .theirs_arg = theirs,
	    .on = BAR_VALUE, .bar = 4, .at_least = true, .skip = skip, .pairs = 9,
	    .note = "one stream of 128 KiB writes and reads for 2 seconds; the other end is a program "
	    "on the host's stack in a network namespace; the veth pair has such programs on both "
	    "ends, in two namespaces, with the offloads it comes with; the bar is on the value" });
}

void rows_tap(void)
{
	const char *w = options.work, *skip = unable(), *s = options.quick ? "0.2" : "2";
	struct flow out, in, veth;
	int ns = 0, one = 0, two = 0;

	if (!row_wanted("TCP over tap, from Pillion") && !row_wanted("TCP over tap, to Pillion"))
		return;
	if (!skip && (make_tap(&ns) || make_veth(&one, &two)))
		skip = failure();
	out = (struct flow){
		.sink = { .netns = ns, .argv = { w, "host", "sink", PORT } },
		.source = { .netns = ns, .argv = { w, "-t", "pil0", "-a", TAP_PILLION "/24",
		    "pillion", "source", TAP_HOST, PORT, s } },
	};
	in = (struct flow){
		.sink = { .netns = ns, .argv = { w, "-t", "pil0", "-a", TAP_PILLION "/24",
		    "pillion", "sink", PORT } },
		.source = { .netns = ns, .argv = { w, "host", "source", TAP_PILLION, PORT, s } },
	};
	veth = (struct flow){
		.sink = { .netns = one, .argv = { w, "host", "sink", PORT } },
		.source = { .netns = two, .argv = { w, "host", "source", VETH_ONE, PORT, s } },
	};
	row("TCP over tap, from Pillion", &out, &veth, skip);
	row("TCP over tap, to Pillion", &in, &veth, skip);
	if (ns > 0)
		close(ns);
	if (one > 0)
		close(one);
	if (two > 0)
		close(two);
}
