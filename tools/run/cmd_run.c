/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pillion run: an ordinary Linux program on the nucleus, in QEMU; or an image of both to boot
 * elsewhere.
 */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pillion/image.h>

#include "cmd.h"
#include "disks.h"
#include "hardware.h"
#include "kernel.h"
#include "options.h"
#include "pack.h"
#include "qemu.h"
#include "report.h"
#include "runner.h"
#include "sys.h"
#include "term.h"
#include "tree.h"

#define LEAST_DONOR	(4 << 20)
#define LEAST_NUCLEUS	(1 << 20)

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;
	char why[WHY_SIZE] = "";

	switch (key) {
	case ARGP_KEY_ARGS:
		/* the rest is the program's, and takes the place of a file's */
		o->arg = (const char **)(state->argv + state->next);
		o->narg = (size_t)(state->argc - state->next);
		return 0;
	case ARGP_KEY_END:
		if (!options_check(o, why))
			argp_error(state, "%s", why);
		return 0;
	case OPT_CONFIG:
		if (!config_read(o, arg))
			exit(EXIT_RUN);
		return 0;
	default:
		break;
	}
	for (const struct argp_option *opt = run_options; opt->name || opt->doc; opt++) {
		if (opt->key != key || !opt->name)
			continue;
		if (!option_set(o, key, arg, why))
			argp_error(state, "--%s: %s", opt->name, why);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static bool has_suffix(const char *name, const char *suffix)
{
	size_t n = strlen(name), m = strlen(suffix);

	return n > m && strcmp(name + n - m, suffix) == 0;
}

/* The archive, in memory: a descriptor, or -1 reported. */
static int make_archive(struct options *o, uint64_t *size)
{
	struct tree tree = { 0 };
	const char *program;
	char *config;
	struct stat st;
	int fd;

	if (pack_program(o, &tree, &program) != 0)
		return -1;
	if (!o->image && tree.bytes > o->mem) {
		report_fail(EXIT_RUN, 0, "the program's files have %llu MiB, more than the guest's "
			    "memory: give it more with --mem, or put them on a --disk",
			    (unsigned long long)(tree.bytes >> 20));
		return -1;
	}
	fd = memfd_create("archive", MFD_CLOEXEC);
	config = guest_config(o, program);
	if (fd < 0 || !config) {
		report_fail(EXIT_RUN, fd < 0 ? -errno : -ENOMEM, "archive");
	} else if (archive_write_tree(fd, &tree, config) == 0 && fstat(fd, &st) == 0) {
		*size = (uint64_t)st.st_size;
		free(config);
		return fd;
	}
	free(config);
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Nothing half-written stays behind when we are interrupted: that waits until it is done. */
static void hold_signals(int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(how, &set, NULL);
}

static int write_archive(int archive, const char *out)
{
	char temp[PATH_MAX];
	int fd = output_begin(out, temp), r;

	if (fd < 0)
		return -1;
	r = copy_file(archive, fd);
	if (r != 0)
		report_fail(EXIT_RUN, r, "%s", out);
	return output_end(fd, out, temp, r == 0);
}

static int write_image(const struct options *o, const char *kernel, int archive)
{
	int r;

	hold_signals(SIG_BLOCK);
	if (has_suffix(o->image, ".iso"))
		r = kernel_write_iso(kernel, archive, o->image);
	else if (has_suffix(o->image, ".elf"))
		r = kernel_write_elf(kernel, archive, o->image);
	else
		r = write_archive(archive, o->image);
	hold_signals(SIG_UNBLOCK);
	return r;
}

static bool check_image(const struct options *o)
{
	bool iso = o->image && has_suffix(o->image, ".iso");

	if (!o->image || iso || has_suffix(o->image, ".elf") || has_suffix(o->image, ".cpio")) {
		if (!iso || !o->dry_run || o->machine->slot != SLOT_MICROVM)
			return true;
		report_fail(EXIT_RUN, 0, "microvm does not boot from a CD");
		return false;
	}
	report_fail(EXIT_RUN, 0, "--image %s: the name must end in .elf, .iso or .cpio", o->image);
	return false;
}

/* --dry-run: with --image, the command that boots the image. */
static void print_command(const struct options *o, const char *kernel)
{
	struct qemu_boot boot = { .kernel = kernel, .archive = "ARCHIVE", .gdb = "GDB.SOCKET" };
	char **argv;

	if (o->image && has_suffix(o->image, ".iso"))
		boot = (struct qemu_boot){ .cd = o->image, .gdb = boot.gdb };
	else if (o->image && has_suffix(o->image, ".elf"))
		boot = (struct qemu_boot){ .kernel = o->image, .gdb = boot.gdb };
	else if (o->image)
		boot.archive = o->image;
	argv = qemu_command(o, &boot);
	if (!argv)
		report_fail(EXIT_RUN, -ENOMEM, "QEMU's command");
	else
		qemu_print(stdout, argv);
	finish_output();
}

/* A socket that only we can reach; its directory is dir. */
static bool gdb_socket(char dir[PATH_MAX], char path[PATH_MAX])
{
	const char *base = getenv("XDG_RUNTIME_DIR");

	if (!base || !*base)
		base = getenv("TMPDIR");
	/* the address of a socket has some 100 bytes */
	if (!base || !*base || strlen(base) > 60 || strchr(base, ','))
		base = "/tmp";
	snprintf(dir, PATH_MAX, "%s/pillion-XXXXXX", base);
	if (!mkdtemp(dir)) {
		report_fail(EXIT_RUN, -errno, "%s", dir);
		return false;
	}
	snprintf(path, PATH_MAX, "%.200s/gdb", dir);
	return true;
}

static void announce_gdb(const struct options *o, const char *kernel, const char *path)
{
	if (o->gdb == GDB_PORT)
		report_note("waiting for a debugger: gdb -ex 'target remote 127.0.0.1:%u' %s",
			    o->gdb_port, kernel);
	else if (o->gdb != GDB_OFF)
		report_note("waiting for a debugger: gdb -ex 'target remote %s' %s",
			    o->gdb == GDB_SOCKET ? o->gdb_path : path, kernel);
}

/* QEMU says neither why nor what to do. */
static bool can_publish(const struct publish *p)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = p->addr,
				  .sin_port = htons(p->host) };
	int one = 1, fd = socket(AF_INET, (p->udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);
	int err = 0;

	if (fd >= 0 && !p->udp)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0)
		err = errno;
	if (fd >= 0)
		close(fd);
	if (err != 0)
		report_fail(EXIT_RUN, -err, "--publish: port %u of the host%s", p->host,
			    err == EADDRINUSE ? " is somebody else's, choose another" : "");
	return err == 0;
}

static bool check_host(const struct options *o)
{
	for (size_t i = 0; i < o->npublish; i++) {
		if (!can_publish(&o->publish[i]))
			return false;
	}
	if (o->net != NET_TAP || if_nametoindex(o->tap) != 0)
		return true;
	report_fail(EXIT_RUN, 0, "--net: there is no interface %s: as root, "
		    "'ip tuntap add dev %s mode tap user NAME' makes it", o->tap, o->tap);
	return false;
}

/*
 * An image in less says why it cannot go on, if it comes so far. What it takes is its own; the
 * archive's, until its files are unpacked, and theirs; the donor kernel's, which has its limit in
 * docs/SPECIFICATION.md; and the nucleus's.
 */
static bool check_memory(const struct options *o, const char *kernel, uint64_t archive)
{
	uint64_t least, MiB = 1 << 20;

	if (kernel_end(kernel, &least) != 0)
		return false;
	least += 2 * archive + LEAST_DONOR + LEAST_NUCLEUS;
	if (o->mem >= least)
		return true;
	report_fail((enum exit_status)PILLION_STATUS_NOMEM, 0, "--mem is too little for this kernel "
		    "and these files: give it --mem=%lluM, or more",
		    (unsigned long long)((least + MiB - 1) / MiB));
	return false;
}

static int execute(struct options *o, const char *kernel, int archive)
{
	struct runner runner = { .timeout = o->timeout, .timings = o->timings,
				 .listens = o->npublish > 0 };
	struct qemu_boot boot = { .kernel = kernel, .execute = true };
	char initrd[40], dir[PATH_MAX] = "", path[PATH_MAX] = "", **argv;
	int keep[MAX_DISKS + 1], status;

	if (!check_host(o) || runner_init(&runner) != 0 ||
	    (o->gdb == GDB_PRIVATE && !gdb_socket(dir, path)))
		return EXIT_RUN;
	snprintf(initrd, sizeof(initrd), "/proc/self/fd/%d", archive);
	boot.archive = initrd;
	boot.gdb = path;
	boot.records = runner.records[1];
	runner.keep = keep;
	keep[runner.nkeep++] = archive;
	for (size_t i = 0; i < o->ndisk; i++)
		keep[runner.nkeep++] = o->disk[i].fd;
	argv = qemu_command(o, &boot);
	if (argv)
		announce_gdb(o, kernel, path);
	status = argv ? runner_run(&runner, argv) : EXIT_RUN;
	if (*dir) {
		unlink(path);
		rmdir(dir);
	}
	return status;
}

static int run(struct options *o)
{
	char kernel[PATH_MAX] = "";
	uint64_t size = 0;
	int archive;

	/* so that libarchive takes names as they are */
	setlocale(LC_CTYPE, "C.UTF-8");
	sys_raise_file_limit(&host_side);
	if (!check_image(o) || disks_open(o) != 0)
		return -1;
	if ((o->dry_run || !o->image || !has_suffix(o->image, ".cpio")) &&
	    kernel_find(o->kernel, kernel) != 0)
		return -1;
	archive = make_archive(o, &size);
	if (archive < 0 || (o->image && write_image(o, kernel, archive) != 0))
		return -1;
	if (o->dry_run)
		print_command(o, kernel);
	if (o->dry_run || o->image)
		return 0;
	if (!check_memory(o, kernel, size))
		return -1;
	return execute(o, kernel, archive);
}

/* Descriptors 0 to 2 are open, so that no other file comes to be one of them. */
static void open_standard(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

static int run_main(int argc, char **argv)
{
	static struct options o;
	struct argp argp = { .options = run_options, .parser = parse,
			     .args_doc = "PROGRAM [ARGUMENT...]", .doc = cmd_run.doc };
	static char name[] = "pillion run";
	int status;

	open_standard();
	argp_err_exit_status = EXIT_RUN;
	argv[0] = name;
	report_command(cmd_run.name);
	options_init(&o);
	if (argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &o) != 0)
		return EXIT_RUN;
	status = run(&o);
	return status >= 0 ? status : (int)report_get_status();
}

const struct command cmd_run = {
	.name = "run", .main = run_main,
	.doc = "Run a Linux program on a machine of its own",
};
