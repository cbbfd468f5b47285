/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of options, and what each does; see options.h. */
#include "options.h"

#include <ctype.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "hardware.h"

#define MIN_MEM (4ULL << 20)
#define MAX_MEM (64ULL << 30)
#define MAX_PUBLISH 48

const struct argp_option run_options[] = {
	{ NULL, 0, NULL, 0, "The program:", 1 },
	{ "env", OPT_ENV, "NAME[=VALUE]", 0, "Set a variable, or pass on the host's", 1 },
	{ "file", OPT_FILE, "HOST:GUEST", 0, "Give it a file or directory of the host", 1 },
	{ "root", OPT_ROOT, "DIR|IMAGE[,ro]", 0, "Its root directory: a directory that is packed, "
	  "or a disk", 1 },
	{ "strace", OPT_STRACE, NULL, 0, "Show its system calls", 1 },

	{ NULL, 0, NULL, 0, "The machine:", 2 },
	{ "machine", OPT_MACHINE, "pc|q35|microvm", 0, "Which one (pc)", 2 },
	{ "mem", OPT_MEM, "SIZE", 0, "Memory (128M)", 2 },
	{ "disk", OPT_DISK, "IMAGE[,ro][,bus=BUS]", 0, "Attach a disk", 2 },
	{ "mount", OPT_MOUNT, "DEV:PATH[:TYPE]", 0, "Mount it (disk0, disk0p1, vda1, ...)", 2 },
	{ "backing", OPT_BACKING, NULL, 0, "Let an image refer to other host files", 2 },
	{ "cpu", OPT_CPU, "MODEL", 0, "QEMU's CPU model (max)", 2 },
	{ "accel", OPT_ACCEL, "tcg|kvm", 0, "How QEMU executes it (tcg)", 2 },
	{ "kernel", OPT_KERNEL, "NAME|FILE", 0, "The nucleus image, by its configuration (web)",
	  2 },
	{ "qemu", OPT_QEMU, "ARGUMENT", 0, "Another argument for QEMU", 2 },

	{ NULL, 0, NULL, 0, "Network:", 3 },
	{ "net", OPT_NET, "user[,restrict]|tap=NAME|none", 0, "What the network card is connected to", 3 },
	{ "nic", OPT_NIC, "MODEL", 0, "Network card (e1000; on microvm virtio)", 3 },
	{ "publish", OPT_PUBLISH, "[ADDRESS:]HOST:GUEST", 0, "A port of the host (of 127.0.0.1) "
	  "leads to the guest's", 3 },
	{ "address", OPT_ADDRESS, "ADDRESS/BITS", 0, "A static address instead of DHCP", 3 },
	{ "gateway", OPT_GATEWAY, "ADDRESS", 0, "With it: the router", 3 },
	{ "dns", OPT_DNS, "ADDRESS", 0, "Name server; up to three times", 3 },
	{ "pcap", OPT_PCAP, "FILE", 0, "Write all packets to FILE", 3 },

	{ NULL, 0, NULL, 0, "The run:", 4 },
	{ "config", OPT_CONFIG, "FILE", 0, "Read options from FILE", 4 },
	{ "timeout", OPT_TIMEOUT, "TIME", 0, "End after so many seconds (or 5m, 1h)", 4 },
	{ "log-level", OPT_LOG_LEVEL, "0..7", 0, "Messages of the kernel up to this level (4)", 4 },
	{ "timings", OPT_TIMINGS, NULL, 0, "Show how long each phase of the boot took", 4 },
	{ "gdb", OPT_GDB, "PORT|SOCKET", OPTION_ARG_OPTIONAL, "Wait for a debugger", 4 },
	{ "dry-run", OPT_DRY_RUN, NULL, 0, "Print the QEMU command instead", 4 },
	{ "image", OPT_IMAGE, "OUT", 0, "Write OUT.elf, OUT.iso or OUT.cpio instead", 4 },
	{ 0 },
};

void options_init(struct options *o)
{
	*o = (struct options){ .mem = 128ULL << 20, .machine = machine_find("pc"), .accel = "tcg",
			       .kernel = "web", .loglevel = 4, .root_disk = -1 };
}

void *array_add(void *array, size_t *n, size_t size)
{
	void **list = array;
	char *more = reallocarray(*list, *n + 1, size);

	if (!more)
		return NULL;
	*list = more;
	memset(more + *n * size, 0, size);
	return more + (*n)++ * size;
}

static bool refuse(char why[WHY_SIZE], const char *text)
{
	snprintf(why, WHY_SIZE, "%s", text);
	return false;
}

static bool add_string(const char ***list, size_t *n, const char *text, char why[WHY_SIZE])
{
	const char **s = array_add(list, n, sizeof(*s));

	if (!s)
		return refuse(why, "out of memory");
	*s = text;
	return true;
}

static bool set_env(struct options *o, const char *arg, char why[WHY_SIZE])
{
	const char *value;
	char *text;

	if (!*arg || *arg == '=')
		return refuse(why, "the name of the variable is missing");
	if (strchr(arg, '='))
		return add_string(&o->env, &o->nenv, arg, why);
	value = getenv(arg);
	if (!value) {
		snprintf(why, WHY_SIZE, "'%.200s' is not set here", arg);
		return false;
	}
	if (asprintf(&text, "%s=%s", arg, value) < 0)
		return refuse(why, "out of memory");
	return add_string(&o->env, &o->nenv, text, why);
}

static bool set_net(struct options *o, const char *arg, char why[WHY_SIZE])
{
	if (strcmp(arg, "none") == 0) {
		o->net = NET_NONE;
	} else if (strcmp(arg, "user") == 0 || strcmp(arg, "user,restrict") == 0) {
		o->net = NET_USER;
		o->restricted = arg[4] == ',';
	} else if (strncmp(arg, "tap=", 4) == 0) {
		o->net = NET_TAP;
		o->tap = arg + 4;
		/* it becomes part of an argument of QEMU's */
		for (const char *c = o->tap; *c; c++) {
			if (!isalnum((unsigned char)*c) && !strchr("._-", *c))
				return refuse(why, "this cannot be the name of an interface");
		}
		if (!*o->tap || strlen(o->tap) >= IF_NAMESIZE)
			return refuse(why, "this cannot be the name of an interface");
	} else {
		snprintf(why, WHY_SIZE, "'%.60s' is not user[,restrict], tap=NAME or none", arg);
		return false;
	}
	return true;
}

static bool set_gdb(struct options *o, const char *arg, char why[WHY_SIZE])
{
	uint64_t port;

	if (!arg) {
		o->gdb = GDB_PRIVATE;
	} else if (parse_number(arg, 65535, &port) && port > 0) {
		o->gdb = GDB_PORT;
		o->gdb_port = (uint16_t)port;
	} else if (strchr(arg, '/') && !strchr(arg, ',')) {
		o->gdb = GDB_SOCKET;
		o->gdb_path = arg;
	} else {
		return refuse(why, "neither a port nor the path of a socket (with a '/')");
	}
	return true;
}

static bool set_root(struct options *o, const char *arg, char why[WHY_SIZE])
{
	struct stat st;
	struct disk *d;

	if (o->root_dir || o->root_disk >= 0)
		return refuse(why, "there is one already");
	if (stat(arg, &st) == 0 && S_ISDIR(st.st_mode)) {
		o->root_dir = arg;
		return true;
	}
	if (o->ndisk >= MAX_DISKS)
		return refuse(why, "too many disks");
	d = array_add(&o->disk, &o->ndisk, sizeof(*d));
	o->root_disk = (int)o->ndisk - 1;
	return d ? parse_disk(arg, d, true, why) : refuse(why, "out of memory");
}

static bool set_machine(struct options *o, const char *arg, char why[WHY_SIZE])
{
	const struct machine *m = machine_find(arg);

	if (m)
		o->machine = m;
	else
		snprintf(why, WHY_SIZE, "'%.40s' is no machine: there are %s", arg, machine_names());
	return m != NULL;
}

static bool set_nic(struct options *o, const char *arg, char why[WHY_SIZE])
{
	const struct nic *n = nic_find(arg);

	if (n)
		o->nic = n;
	else
		snprintf(why, WHY_SIZE, "'%.40s' is no network card: there are %s", arg,
			 nic_names());
	return n != NULL;
}

static bool set_mem(struct options *o, const char *arg, char why[WHY_SIZE])
{
	if (parse_size(arg, &o->mem) && o->mem >= MIN_MEM && o->mem <= MAX_MEM)
		return true;
	snprintf(why, WHY_SIZE, "'%.40s' is not a size from 4M to 64G", arg);
	return false;
}

static bool set_loglevel(struct options *o, const char *arg, char why[WHY_SIZE])
{
	uint64_t n;

	if (!parse_number(arg, 7, &n))
		return refuse(why, "the levels are 0 to 7");
	o->loglevel = (int)n;
	return true;
}

static bool set_accel(struct options *o, const char *arg, char why[WHY_SIZE])
{
	o->accel = arg;
	return strcmp(arg, "tcg") == 0 || strcmp(arg, "kvm") == 0 ||
	       refuse(why, "there are tcg and kvm");
}

/* The model becomes one word of QEMU's arguments; its own flags are let through. */
static bool set_cpu(struct options *o, const char *arg, char why[WHY_SIZE])
{
	o->cpu = arg;
	return *arg != '\0' || refuse(why, "the name is missing");
}

static bool add_disk(struct options *o, const char *arg, char why[WHY_SIZE])
{
	struct disk *d;

	if (o->ndisk >= MAX_DISKS)
		return refuse(why, "too many disks");
	d = array_add(&o->disk, &o->ndisk, sizeof(*d));
	return d ? parse_disk(arg, d, false, why) : refuse(why, "out of memory");
}

static bool add_mount(struct options *o, const char *arg, char why[WHY_SIZE])
{
	struct mount *m = array_add(&o->mount, &o->nmount, sizeof(*m));

	return m ? parse_mount(arg, m, why) : refuse(why, "out of memory");
}

static bool add_publish(struct options *o, const char *arg, char why[WHY_SIZE])
{
	struct publish new, *p;

	if (!parse_publish(arg, &new, why))
		return false;
	for (size_t i = 0; i < o->npublish; i++) {
		p = &o->publish[i];
		if (p->udp == new.udp && p->host == new.host &&
		    (p->addr.s_addr == new.addr.s_addr || !p->addr.s_addr || !new.addr.s_addr)) {
			snprintf(why, WHY_SIZE, "port %u of the host is published twice", new.host);
			return false;
		}
	}
	if (o->npublish == MAX_PUBLISH)
		return refuse(why, "too many ports");
	p = array_add(&o->publish, &o->npublish, sizeof(*p));
	if (!p)
		return refuse(why, "out of memory");
	*p = new;
	return true;
}

static bool add_file(struct options *o, const char *arg, char why[WHY_SIZE])
{
	struct extra *f = array_add(&o->extra, &o->nextra, sizeof(*f));

	return f ? parse_file(arg, f, why) : refuse(why, "out of memory");
}

static bool add_dns(struct options *o, const char *arg, char why[WHY_SIZE])
{
	if (o->ndns == MAX_DNS)
		return refuse(why, "there are three already");
	return parse_address(arg, &o->dns[o->ndns++], NULL, why);
}

bool option_set(struct options *o, int key, const char *arg, char why[WHY_SIZE])
{
	switch (key) {
	case OPT_MEM:		return set_mem(o, arg, why);
	case OPT_DISK:		return add_disk(o, arg, why);
	case OPT_MOUNT:		return add_mount(o, arg, why);
	case OPT_NET:		return set_net(o, arg, why);
	case OPT_PUBLISH:	return add_publish(o, arg, why);
	case OPT_NIC:		return set_nic(o, arg, why);
	case OPT_MACHINE:	return set_machine(o, arg, why);
	case OPT_ENV:		return set_env(o, arg, why);
	case OPT_FILE:		return add_file(o, arg, why);
	case OPT_ROOT:		return set_root(o, arg, why);
	case OPT_GDB:		return set_gdb(o, arg, why);
	case OPT_DNS:		return add_dns(o, arg, why);
	case OPT_LOG_LEVEL:	return set_loglevel(o, arg, why);
	case OPT_ACCEL:		return set_accel(o, arg, why);
	case OPT_CPU:		return set_cpu(o, arg, why);
	case OPT_QEMU:		return add_string(&o->qemu, &o->nqemu, arg, why);
	case OPT_PCAP:		o->pcap = arg; return true;
	case OPT_IMAGE:		o->image = arg; return true;
	case OPT_KERNEL:	o->kernel = arg; return true;
	case OPT_STRACE:	o->strace = true; return true;
	case OPT_TIMINGS:	o->timings = true; return true;
	case OPT_DRY_RUN:	o->dry_run = true; return true;
	case OPT_BACKING:	o->backing = true; return true;
	case OPT_ADDRESS:
		o->has_address = true;
		return parse_address(arg, &o->address, &o->prefix, why);
	case OPT_GATEWAY:
		o->has_gateway = true;
		return parse_address(arg, &o->gateway, NULL, why);
	case OPT_TIMEOUT:
		return parse_duration(arg, &o->timeout) ||
		       refuse(why, "not a time, as in 30, 1.5 or 10m");
	default:
		return refuse(why, "no such option");
	}
}

/* QEMU's network gives the guest a router and a name server. false: the address is one's. */
static bool user_net(struct options *o, uint32_t net, uint32_t host)
{
	if (!o->has_gateway && host == 2)
		return false;
	if (!o->has_gateway) {
		o->has_gateway = true;
		o->gateway.s_addr = htonl(net | 2);
	}
	if (!o->ndns)
		o->dns[o->ndns++].s_addr = htonl(net | 3);
	return host != 3;
}

static bool check_address(struct options *o, char why[WHY_SIZE])
{
	uint32_t mask, gateway, address = ntohl(o->address.s_addr);

	if (!o->has_address)
		return !o->has_gateway || refuse(why, "--gateway needs an --address");
	mask = UINT32_MAX << (32 - o->prefix);		/* 1 to 30 bits */
	if (!(address & ~mask) || !(~address & ~mask))
		return refuse(why, "--address: this is the network's own address or its broadcast");
	if (o->net == NET_USER && !user_net(o, address & mask, address & ~mask))
		return refuse(why, "--address: in a network of QEMU's these are its own: 2 and 3");
	gateway = ntohl(o->gateway.s_addr);
	if (o->has_gateway && ((gateway ^ address) & mask))
		return refuse(why, "--gateway: it is not in the network of --address");
	if (o->has_gateway && gateway == address)
		return refuse(why, "--gateway: it is the guest's own --address");
	return true;
}

static bool check_net(struct options *o, char why[WHY_SIZE])
{
	bool wanted = o->npublish || o->nic || o->has_address || o->pcap || o->ndns;

	if (o->net == NET_UNSET)
		o->net = wanted ? NET_USER : NET_NONE;
	if (o->net == NET_NONE && wanted)
		return refuse(why, "--net none, but another option needs a network");
	if (o->net == NET_TAP && o->npublish)
		return refuse(why, "--publish needs --net user: behind a tap the guest has an "
			      "address of its own");
	if (!o->nic)
		o->nic = nic_find(o->machine->nic);
	if (o->net != NET_NONE && !(o->nic->machines & o->machine->slot)) {
		snprintf(why, WHY_SIZE, "--nic: %s has no %s", o->machine->name, o->nic->name);
		return false;
	}
	return check_address(o, why);
}

static bool check_disk(struct options *o, struct disk *d, char why[WHY_SIZE])
{
	if (!d->bus)
		d->bus = bus_find(o->machine->bus);
	if (!(d->bus->machines & o->machine->slot)) {
		snprintf(why, WHY_SIZE, "%.200s: %s has no %s%s", d->path, o->machine->name,
			 d->bus->name, d->bus->machines & SLOT_Q35 || o->machine->slot != SLOT_Q35 ?
			 "" : ": use bus=ahci");
		return false;
	}
	if (d->cdrom && !d->bus->cdrom) {
		snprintf(why, WHY_SIZE, "%.200s: a CD-ROM needs bus=ide, ahci, scsi or virtio-scsi",
			 d->path);
		return false;
	}
	if (d->read_only && !d->cdrom && !d->bus->can_read_only) {
		snprintf(why, WHY_SIZE, "%.200s: a disk on %s cannot be read-only (cdrom can)",
			 d->path, d->bus->name);
		return false;
	}
	return true;
}

bool options_check(struct options *o, char why[WHY_SIZE])
{
	if (!o->narg)
		return refuse(why, "which program?");
	if (o->root_disk >= 0 && o->nextra)
		return refuse(why, "--file: the program's root is an image; use 'pillion cp FILE "
			      "IMAGE:/PATH'");
	for (size_t i = 0; i < o->ndisk; i++) {
		if (!check_disk(o, &o->disk[i], why))
			return false;
	}
	return check_net(o, why);
}
