/* SPDX-License-Identifier: BSD-2-Clause */
/* The QEMU command; see qemu.h. */
#include "qemu.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pillion/image.h>

#include "hardware.h"
#include "options.h"

struct command {
	char **argv;
	size_t n;
	bool failed;
};

static void add(struct command *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void add(struct command *c, const char *fmt, ...)
{
	char **slot = array_add(&c->argv, &c->n, sizeof(*slot));
	va_list ap;

	va_start(ap, fmt);
	if (!slot || vasprintf(slot, fmt, ap) < 0)
		c->failed = true;
	va_end(ap);
}

/* text as a value among QEMU's options: a comma is doubled. */
static char *value(struct command *c, const char *text)
{
	char *copy = malloc(2 * strlen(text) + 1), *out = copy;

	if (!copy) {
		c->failed = true;
		return strdup("");
	}
	for (; *text; text++) {
		if (*text == ',')
			*out++ = ',';
		*out++ = *text;
	}
	*out = '\0';
	return copy;
}

static void add_machine(struct command *c, const struct options *o)
{
	bool kvm = strcmp(o->accel, "kvm") == 0;

	/* nothing but what is asked for, and no configuration file of the host */
	add(c, "-nodefaults");
	add(c, "-no-user-config");
	add(c, "-machine");
	add(c, "%s", o->machine->argument);
	add(c, "-accel");
	add(c, "%s", o->accel);
	add(c, "-cpu");
	add(c, "%s", o->cpu ? o->cpu : kvm ? "host" : "max");
	/*
	 * Where there can be only one CPU, TCG of QEMU 7.2 leaves out memory barriers, but QEMU's
	 * devices run beside it: now and then a disk misses a request, and waits for ever.
	 */
	add(c, "-smp");
	add(c, "%s", kvm ? "1" : "1,maxcpus=2");
	add(c, "-m");
	add(c, "%lluK", (unsigned long long)((o->mem + 1023) >> 10));
	add(c, "-display");
	add(c, "none");
	add(c, "-no-reboot");
	add(c, "-sandbox");
	add(c, "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny");
}

static void add_console(struct command *c, const struct qemu_boot *b)
{
	add(c, "-chardev");
	add(c, "stdio,id=console,signal=off");
	add(c, "-serial");
	add(c, "chardev:console");
	if (b->execute) {
		add(c, "-add-fd");
		add(c, "fd=%d,set=1", b->records);
		add(c, "-chardev");
		add(c, "file,id=records,path=/dev/fdset/1,append=on");
	} else {
		add(c, "-chardev");
		add(c, "null,id=records");
	}
	add(c, "-device");
	add(c, "isa-debugcon,iobase=0x%x,chardev=records", PILLION_RECORD_PORT);
	add(c, "-device");
	add(c, "isa-debug-exit,iobase=0x%x,iosize=4", PILLION_EXIT_PORT);
}

static void add_boot(struct command *c, const struct qemu_boot *b)
{
	char *cd;

	if (b->kernel) {
		add(c, "-kernel");
		add(c, "%s", b->kernel);
	}
	if (b->archive) {
		add(c, "-initrd");
		add(c, "%s", b->archive);
	}
	if (b->cd) {
		cd = value(c, b->cd);
		add(c, "-boot");
		add(c, "order=d");
		add(c, "-blockdev");
		add(c, "driver=raw,node-name=cd,read-only=on,file.driver=file,file.filename=%s", cd);
		add(c, "-device");
		add(c, "ide-cd,drive=cd");
		free(cd);
	}
}

/* The image's node: the format is told, so that QEMU never guesses it. */
static void add_blockdev(struct command *c, const struct options *o, const struct disk *d,
			 size_t index, bool execute)
{
	char fd[32], *path;

	/*
	 * By the descriptor that was looked at, so that nobody puts another file in its place. An
	 * image with a backing file must go by name: the other's is relative to it. Nor does QEMU look
	 * for one if a program has written one's name into the image since.
	 */
	snprintf(fd, sizeof(fd), "/proc/self/fd/%d", d->fd);
	path = value(c, execute && !o->backing ? fd : d->path);
	add(c, "-blockdev");
	add(c, "driver=%s,node-name=disk%zu,read-only=%s,discard=unmap,file.driver=%s,"
	    "file.filename=%s%s", d->format, index, d->read_only ? "on" : "off",
	    d->device ? "host_device" : "file", path,
	    strcmp(d->format, "qcow2") == 0 && !o->backing ? ",backing=" : "");
	free(path);
}

static void add_disk(struct command *c, const struct options *o, size_t index)
{
	const struct disk *d = &o->disk[index];
	const struct bus *bus = d->bus;
	const char *device = o->machine->slot == SLOT_MICROVM ? bus->mmio :
			     d->cdrom ? bus->cdrom : bus->disk;
	char attach[32] = "", serial[32] = "", *controller;
	unsigned before = 0;

	for (size_t i = 0; i < index; i++)
		before += o->disk[i].bus == bus;
	if (bus->controller && before % bus->room == 0) {
		add(c, "-device");
		if (asprintf(&controller, bus->controller, before / bus->room) >= 0) {
			add(c, "%s", controller);
			free(controller);
		}
	}
	if (bus->attach)
		snprintf(attach, sizeof(attach), bus->attach, before / bus->room,
			 before % bus->room);
	/* QEMU makes the subsystem's name of it: no two may be the same */
	if (strcmp(bus->name, "nvme") == 0)
		snprintf(serial, sizeof(serial), ",serial=disk%zu", index);
	add(c, "-device");
	add(c, "%s,drive=disk%zu%s%s%s", device, index, attach[0] ? ",bus=" : "", attach, serial);
}

static const char *dotted(struct in_addr a, char buf[INET_ADDRSTRLEN])
{
	return inet_ntop(AF_INET, &a, buf, INET_ADDRSTRLEN);
}

/*
 * QEMU's own network is 10.0.2.0/24 with itself at .2; with a static address it becomes the
 * guest's network, with itself at the gateway's address.
 */
static void add_user_net(struct command *c, const struct options *o)
{
	char text[4096] = "user,id=net0", a[INET_ADDRSTRLEN], b[INET_ADDRSTRLEN];
	size_t len = strlen(text);

	if (o->restricted)
		len += (size_t)snprintf(text + len, sizeof(text) - len, ",restrict=on");
	if (o->has_address) {
		struct in_addr net = o->address;

		net.s_addr &= htonl(UINT32_MAX << (32 - o->prefix));
		len += (size_t)snprintf(text + len, sizeof(text) - len, ",net=%s/%u",
					dotted(net, a), o->prefix);
	}
	if (o->has_gateway)
		len += (size_t)snprintf(text + len, sizeof(text) - len, ",host=%s",
					dotted(o->gateway, a));
	for (size_t i = 0; i < o->npublish && len < sizeof(text); i++) {
		const struct publish *p = &o->publish[i];

		len += (size_t)snprintf(text + len, sizeof(text) - len,
					",hostfwd=%s:%s:%u-%s:%u", p->udp ? "udp" : "tcp",
					dotted(p->addr, a), p->host,
					o->has_address ? dotted(o->address, b) : "", p->guest);
	}
	add(c, "-netdev");
	add(c, "%s", text);
}

static void add_net(struct command *c, const struct options *o)
{
	bool mmio = o->machine->slot == SLOT_MICROVM;
	char *file;

	if (o->net == NET_NONE)
		return;
	if (o->net == NET_USER) {
		add_user_net(c, o);
	} else {
		add(c, "-netdev");
		add(c, "tap,id=net0,ifname=%s,script=no,downscript=no", o->tap);
	}
	add(c, "-device");
	/* no option ROM: nobody boots from the network */
	add(c, "%s,netdev=net0%s", mmio ? o->nic->mmio : o->nic->pci, mmio ? "" : ",romfile=");
	if (o->pcap) {
		file = value(c, o->pcap);
		add(c, "-object");
		add(c, "filter-dump,id=pcap0,netdev=net0,file=%s", file);
		free(file);
	}
}

static void add_gdb(struct command *c, const struct options *o, const struct qemu_boot *b)
{
	if (o->gdb == GDB_OFF)
		return;
	add(c, "-S");
	add(c, "-gdb");
	if (o->gdb == GDB_PORT)
		add(c, "tcp:127.0.0.1:%u", o->gdb_port);
	else
		add(c, "unix:%s,server=on,wait=off", o->gdb == GDB_SOCKET ? o->gdb_path : b->gdb);
}

char **qemu_command(const struct options *o, const struct qemu_boot *b)
{
	struct command c = { 0 };
	char **end;

	add(&c, QEMU_PROGRAM);
	add_machine(&c, o);
	add_console(&c, b);
	add_boot(&c, b);
	for (size_t i = 0; i < o->ndisk; i++) {
		add_blockdev(&c, o, &o->disk[i], i, b->execute);
		add_disk(&c, o, i);
	}
	add_net(&c, o);
	add_gdb(&c, o, b);
	for (size_t i = 0; i < o->nqemu; i++)
		add(&c, "%s", o->qemu[i]);
	end = array_add(&c.argv, &c.n, sizeof(*end));
	return c.failed || !end ? NULL : c.argv;
}

static void print_word(FILE *out, const char *word)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				   "_-+=:,./@%";

	if (*word && word[strspn(word, safe)] == '\0') {
		fputs(word, out);
		return;
	}
	fputc('\'', out);
	for (; *word; word++) {
		if (*word == '\'')
			fputs("'\\''", out);
		else
			fputc(*word, out);
	}
	fputc('\'', out);
}

void qemu_print(FILE *out, char *const *argv)
{
	for (char *const *a = argv; *a; a++) {
		if (a != argv)
			fputs(**a == '-' ? " \\\n\t" : " ", out);
		print_word(out, *a);
	}
	fputc('\n', out);
}
