/* SPDX-License-Identifier: BSD-2-Clause */
/* Interface: guest.h. Locking: none. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../netns.h"
#include "guest.h"
#include "pc.h"

#define TAP	"guest"
#define MAC	"52:54:00:12:34:56"

static int network[SIDES];

int networks_make(void)
{
	for (int side = 0; side < SIDES; side++) {
		if (network[side] > 0)
			continue;
		/* Nobody has to ask for the guest's address, and wait a second for an answer. */
		if (netns_tap(&network[side], TAP, HERE "/24") ||
		    netns_ip(network[side], "neigh replace " THERE " lladdr " MAC " dev " TAP))
			return -1;
	}
	return 0;
}

int network_of(enum side side)
{
	return network[side];
}

/* ---- the command ---- */

struct line {
	struct cmd c;
	unsigned n;
	char text[8][300];		/* arguments that are made */
	unsigned made;
};

static void add(struct line *l, const char *a, const char *b)
{
	l->c.argv[l->n++] = a;
	if (b)
		l->c.argv[l->n++] = b;
}

__attribute__((format(printf, 3, 4)))
static void addf(struct line *l, const char *a, const char *fmt, ...)
{
	char *to = l->text[l->made++];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(to, sizeof(l->text[0]), fmt, ap);
	va_end(ap);
	add(l, a, to);
}

static void add_devices(struct line *l, const struct machine *m)
{
	if (m->nic) {
		add(l, "-netdev", "tap,id=net0,ifname=" TAP ",script=no,downscript=no,vhost=off");
		addf(l, "-device", "%s,netdev=net0,mac=" MAC ",romfile=", m->nic);
	}
	if (m->disk) {
		addf(l, "-blockdev", "driver=raw,node-name=disk0,read-only=%s,file.driver=file,"
		    "file.filename=%s", m->writable ? "off" : "on", m->disk);
		add(l, "-device", "virtio-blk-pci,drive=disk0");
	}
}

static void command(struct line *l, const struct machine *m, int serial, int qmp)
{
	memset(l, 0, sizeof(*l));
	add(l, "qemu-system-x86_64", "-nodefaults");
	add(l, "-no-user-config", "-S");
	add(l, "-machine", MACHINE);
	add(l, "-cpu", CPU);
	add(l, "-accel", "tcg");
	/* Ours as pillion run has it: QEMU 7.2 leaves memory barriers out where there is one CPU. */
	add(l, "-smp", m->side == OURS ? "1,maxcpus=2" : "1");
	addf(l, "-m", "%u", m->mb ? m->mb : MEMORY_MB);
	add(l, "-display", "none");
	add(l, "-no-reboot", NULL);
	if (m->count)
		add(l, "-icount", "shift=0");
	addf(l, "-chardev", "socket,id=serial,fd=%d", serial);
	add(l, "-serial", "chardev:serial");
	addf(l, "-chardev", "socket,id=qmp,fd=%d", qmp);
	add(l, "-mon", "chardev=qmp,mode=control");
	add(l, "-kernel", m->side == OURS ? IMAGE : PEER_KERNEL);
	add(l, "-initrd", m->archive);
	if (m->side == PEER)
		addf(l, "-append", PEER_COMMAND_LINE " -- %s", m->arguments);
	add_devices(l, m);
	l->c.netns = m->nic ? network[m->side] : 0;
}

/* ---- QMP: lines of JSON; an answer has "return" or "error" in it, an event neither ---- */

static int qmp_line(struct guest *g, char *out, size_t size)
{
	size_t n = 0;
	char c = 0;

	while (c != '\n') {
		struct pollfd p = { .fd = g->qmp, .events = POLLIN };

		if (poll(&p, 1, 10000) != 1 || read(g->qmp, &c, 1) != 1)
			return fail("QEMU ended, or does not answer: %.100s", g->text);
		if (n < size - 1)
			out[n++] = c;
	}
	out[n] = '\0';
	return 0;
}

static int qmp(struct guest *g, const char *name)
{
	char text[1024];
	int n = snprintf(text, sizeof(text), "{\"execute\": \"%s\"}\n", name);

	if (send(g->qmp, text, (size_t)n, MSG_NOSIGNAL) != n)
		return fail("QEMU ended");
	do {
		if (qmp_line(g, text, sizeof(text)))
			return -1;
	} while (!strstr(text, "\"return\"") && !strstr(text, "\"error\""));
	return strstr(text, "\"error\"") ? fail("QEMU: %s: %.150s", name, text) : 0;
}

int guest_start(struct guest *g, const struct machine *m)
{
	int serial[2], control[2];
	struct line l;

	memset(g, 0, sizeof(*g));
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, serial))
		return fail("socketpair: %s", strerror(errno));
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, control)) {
		close(serial[0]), close(serial[1]);
		return fail("socketpair: %s", strerror(errno));
	}
	fcntl(g->serial = serial[0], F_SETFD, FD_CLOEXEC);
	fcntl(g->qmp = control[0], F_SETFD, FD_CLOEXEC);
	command(&l, m, serial[1], control[1]);
	g->pid = cmd_start(&l.c);
	close(serial[1]);
	close(control[1]);
	if (g->pid > 0 && !qmp_line(g, g->text, sizeof(g->text)) && !qmp(g, "qmp_capabilities")) {
		g->text[0] = '\0';
		g->begun = now();
		if (!qmp(g, "cont"))
			return 0;
	}
	guest_end(g);
	return -1;
}

void guest_end(struct guest *g)
{
	if (g->pid > 0) {
		kill(g->pid, SIGKILL);
		waitpid(g->pid, NULL, 0);
	}
	if (g->serial > 0)
		close(g->serial), close(g->qmp);
	g->pid = g->serial = g->qmp = 0;
}

int guest_pause(struct guest *g)
{
	return qmp(g, "stop");
}

int guest_resume(struct guest *g)
{
	return qmp(g, "cont");
}

/* ---- the console ---- */

/* Whole lines that are of no interest any more go when room is needed. */
static void make_room(struct guest *g)
{
	size_t half = sizeof(g->text) / 2;

	if (g->len < sizeof(g->text) - 1024)
		return;
	g->len -= half;
	memmove(g->text, g->text + half, g->len + 1);
}

static const char *last_line(struct guest *g)
{
	char *end, *start;

	for (end = g->text + g->len; end > g->text && strchr("\r\n", end[-1]); end--)
		end[-1] = '\0';
	start = strrchr(g->text, '\n');
	return start ? start + 1 : g->text;
}

int guest_wait(struct guest *g, const char *mark, double seconds, double *figure, double *at)
{
	double end = now() + seconds, left;
	char *found;

	while (!(found = strstr(g->text, mark)) || !strchr(found, '\n')) {
		struct pollfd p = { .fd = g->serial, .events = POLLIN };
		ssize_t n;

		make_room(g);
		left = end - now();
		if (stopped || left <= 0 || poll(&p, 1, (int)(1000 * left) + 1) != 1)
			return fail("the guest did not say \"%s\" in time, but %.120s", mark,
			    last_line(g));
		n = read(g->serial, g->text + g->len, sizeof(g->text) - 1 - g->len);
		if (n <= 0)
			return fail("the guest ended: %.150s", last_line(g));
		if (at)
			*at = now();
		g->len += (size_t)n;
		g->text[g->len] = '\0';
	}
	if (figure)
		*figure = strtod(found + strlen(mark), NULL);
	return 0;
}

int load(enum side side, double *out, const char *what, const char *a, const char *b)
{
	return cmd_figure(&(struct cmd){ .netns = network[side],
	    .argv = { LOAD, what, THERE, a, b } }, out);
}
