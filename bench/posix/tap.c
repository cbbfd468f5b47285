/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TCP over a tap, and over a veth pair for comparison. Interface: posix.h. Locking: none.
 *
 * Network namespaces of the benchmark's own, which end with it: one has a tap, with Pillion behind
 * it and the host's stack before it; two have a veth pair between them.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "posix.h"
#include "../netns.h"

#define TAP_HOST	"192.0.2.1"
#define TAP_PILLION	"192.0.2.2"
#define VETH_ONE	"198.51.100.1"
#define VETH_TWO	"198.51.100.2"
#define PORT		"5001"

struct flow {
	struct cmd sink, source;
};

static int make_veth(int *one, int *two)
{
	char add[128];

	*one = netns_new();
	*two = *one < 0 ? -1 : netns_new();
	if (*two < 0)
		return -1;
	snprintf(add, sizeof(add), "link add v1 type veth peer name v2 netns /proc/%d/fd/%d",
	    (int)getpid(), *two);
	if (netns_ip(*one, add) || netns_ip(*one, "addr add " VETH_ONE "/24 dev v1") ||
	    netns_ip(*two, "addr add " VETH_TWO "/24 dev v2"))
		return -1;
	return netns_ip(*one, "link set v1 up") || netns_ip(*two, "link set v2 up") ? -1 : 0;
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
	const char *w = WORK, *skip = netns_unable(), *s = options.quick ? "0.2" : "2";
	struct flow out, in, veth;
	int ns = 0, one = 0, two = 0;

	if (!row_wanted("TCP over tap, from Pillion") && !row_wanted("TCP over tap, to Pillion"))
		return;
	if (!skip && (netns_tap(&ns, "pil0", TAP_HOST "/24") || make_veth(&one, &two)))
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
