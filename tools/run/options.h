/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The options of `pillion run`: from the command line and from a file, checked one by one as they
 * come (option_set) and against each other at the end (options_check).
 *
 * Strings are the caller's or copies that live as long as the process.
 */
#ifndef RUN_OPTIONS_H
#define RUN_OPTIONS_H

#include <argp.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WHY_SIZE 400		/* for the reason of a refusal */
#define MAX_DNS 3
#define MAX_DISKS 26			/* the root among them */

struct machine;			/* hardware.h */
struct nic;
struct bus;

struct disk {
	const char *path;
	const char *format;	/* "raw", "qcow2", ...; NULL: by its first bytes */
	const struct bus *bus;	/* NULL: the machine's own */
	bool read_only, cdrom;
	unsigned part;		/* of a root: partition, or 0 */
	/* set by disks_open(): */
	char name[16];		/* in the guest: "vda" */
	bool device;		/* a block device */
	int fd;
};

struct mount {
	const char *dev, *path, *type;
	bool read_only;
};

struct publish {
	struct in_addr addr;
	uint16_t host, guest;
	bool udp;
};

struct extra {			/* --file */
	const char *host, *guest;
};

enum net_kind { NET_UNSET, NET_NONE, NET_USER, NET_TAP };
enum gdb_kind { GDB_OFF, GDB_PRIVATE, GDB_PORT, GDB_SOCKET };

struct options {
	uint64_t mem;
	double timeout;			/* seconds; 0: none */
	const struct machine *machine;
	const struct nic *nic;
	const char *accel, *cpu, *kernel, *image, *pcap, *tap;
	const char *root_dir;		/* at most one of these two: */
	int root_disk;			/* index of disk[], or -1 */
	enum net_kind net;
	struct in_addr address, gateway, dns[MAX_DNS];
	bool has_address, has_gateway;
	bool restricted;		/* NET_USER: no way out */
	unsigned prefix, ndns;
	enum gdb_kind gdb;
	const char *gdb_path;
	uint16_t gdb_port;
	int loglevel;
	bool strace, timings, dry_run, backing;

	struct disk *disk;
	struct mount *mount;
	struct publish *publish;
	struct extra *extra;
	const char **env, **qemu, **arg;	/* arg: the program and its arguments */
	size_t ndisk, nmount, npublish, nextra, nenv, nqemu, narg;
};

enum {
	OPT_MEM = 0x2000, OPT_DISK, OPT_MOUNT, OPT_NET, OPT_PUBLISH, OPT_NIC, OPT_MACHINE, OPT_ENV,
	OPT_FILE, OPT_ROOT, OPT_GDB, OPT_PCAP, OPT_STRACE, OPT_DRY_RUN, OPT_IMAGE, OPT_ADDRESS,
	OPT_GATEWAY, OPT_DNS, OPT_TIMEOUT, OPT_LOG_LEVEL, OPT_TIMINGS, OPT_CONFIG, OPT_KERNEL,
	OPT_ACCEL, OPT_CPU, OPT_QEMU, OPT_BACKING,
};
extern const struct argp_option run_options[];

void options_init(struct options *o);
/* Both: false, and the reason in why. */
bool option_set(struct options *o, int key, const char *arg, char why[WHY_SIZE]);
bool options_check(struct options *o, char why[WHY_SIZE]);

/* One more element of *array, zeroed; NULL without memory. */
void *array_add(void *array, size_t *n, size_t size);

/* Values; false: not one. */
bool parse_size(const char *s, uint64_t *out);		/* "64M": bytes */
bool parse_number(const char *s, uint64_t max, uint64_t *out);
bool parse_duration(const char *s, double *out);	/* "1.5", "10m": seconds */
bool parse_disk(const char *s, struct disk *d, bool root, char why[WHY_SIZE]);
bool parse_mount(const char *s, struct mount *m, char why[WHY_SIZE]);
bool parse_publish(const char *s, struct publish *p, char why[WHY_SIZE]);
bool parse_file(const char *s, struct extra *f, char why[WHY_SIZE]);
bool parse_address(const char *s, struct in_addr *addr, unsigned *prefix, char why[WHY_SIZE]);

/* The options of a file, as if given in its place; false: reported. */
bool config_read(struct options *o, const char *path);

#endif
