/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The image's body: boots the donor, gives it files, disks and a network as the configuration in
 * the archive says, runs the program, and says how it ended.
 */
#include <nucleus/board.h>
#include <nucleus/boot.h>
#include <nucleus/clock.h>
#include <nucleus/console.h>
#include <nucleus/page.h>
#include <nucleus/random.h>

#include <rump/rumpext_task.h>
#include <rump/rumpuser.h>

#include "../rumpuser_nucleus.h"
#include "image.h"

const size_t image_stack = 64 * KIB;
const unsigned image_cpus = 1;

static struct config config;

/*
 * What the nucleus keeps of the memory: for stacks, page tables, floating-point state. Where the
 * donor gives pages back it gets more when it needs more. The archive's pages become its own when
 * they are unpacked.
 */
#define RESERVE_LEAST	(1 * MIB)
#define RESERVE_PART	24

static size_t reserve(const struct archive *a)
{
	struct page_stats st;

	page_stats(&st);
	return MAX(RESERVE_LEAST - MIN(a->len, RESERVE_LEAST / 2),
	    st.total * PAGE_SIZE / RESERVE_PART);
}

/* ---- the end, when it comes from below ---- */

static void on_panic(const char *message, uintptr_t pc, uintptr_t fp)
{
	record("panic %s", message);
	/* A fault of the donor's: it has the names. It does not return then. */
	(void)rump_ext_fault(message, pc, fp, 0);
}

static void on_exit(int value)
{
	if (value == RUMPUSER_PANIC)
		record("panic the donor kernel cannot go on; its log says why");
	else
		record("exit %d", value & 0xff);
}

/* ---- the steps ---- */

static void read_config(struct archive *a)
{
	struct archive_file f;
	const char *error;
	unsigned line;

	if (!image_archive(a)) {
		log_warn("no archive: there is nothing to run");
		config.loglevel = 6;
		return;
	}
	if (!archive_find(a, PILLION_CONFIG_NAME, &f))
		image_fail("panic", PILLION_STATUS_PANIC, "the archive has no " PILLION_CONFIG_NAME);
	error = config_parse((const char *)f.data, f.size, &config, &line);
	if (error != NULL)
		image_fail("panic", PILLION_STATUS_PANIC, PILLION_CONFIG_NAME ": line %u: %s", line,
		    error);
}

static void set_loglevel(void)
{
	static const enum log_level levels[8] = {
		LOG_ERROR, LOG_ERROR, LOG_ERROR, LOG_ERROR, LOG_WARN, LOG_INFO, LOG_INFO, LOG_DEBUG
	};

	log_set_level(levels[config.loglevel]);
}

/* What is free now, and the archive, is the nucleus's to have: more goes back to the donor. */
static int share_memory(const struct archive *a)
{
	struct page_stats st;
	size_t most;

	page_stats(&st);
	most = st.free + MIN(a->len, RESERVE_LEAST / 2) / PAGE_SIZE;
	return rumpuser_nucleus_pool(most / 4, most);
}

static void boot_donor(const struct archive *a)
{
	size_t memory = rumpuser_nucleus_memory(reserve(a));
	struct page_stats st;
	char text[64];
	int error;

	/* virtio_net frees what was sent when it sends again, which saves half of its interrupts. */
	format(text, sizeof(text), "loglevel=%u%s%s virtio_net.napi_tx=0", config.loglevel,
	    config.strace ? " strace" : "", config.net == NET_STATIC ? " network_later" : "");
	error = rumpuser_nucleus_param_set("PILLION_CMDLINE", text);
	page_stats(&st);
	log_info("memory: %zu MiB for programs", memory / MIB);
	if (st.total * PAGE_SIZE > 4 * GIB)
		log_info("memory: of %zu MiB; what is above 4 GiB is not used for programs",
		    st.total * PAGE_SIZE / MIB);
	format(text, sizeof(text), "%zu", memory);
	if (error == 0)
		error = rumpuser_nucleus_param_set("RUMP_MEMLIMIT", text);
	rumpuser_nucleus_exit_hook(on_exit);
	panic_hook(on_panic);
	if (error == 0)
		error = rump_init();
	if (error != 0)
		image_fail("oom", PILLION_STATUS_NOMEM, "the donor kernel does not start in %zu KiB "
		    "of memory: error %d", memory / KIB, error);
	error = share_memory(a);
	if (error != 0)
		image_fail("oom", PILLION_STATUS_NOMEM, "no memory for the first threads");
	record_phase("donor");
}

static void must(int error, const char *what, const char *name)
{
	if (error == 0)
		return;
	image_fail(error == -ENOMEM ? "oom" : "panic", error == -ENOMEM ? PILLION_STATUS_NOMEM :
	    PILLION_STATUS_PANIC, "%s%s: %s", what, name, error_name(-error));
}

static void must_mount(int error, const struct mount *m)
{
	char names[128];

	if (error == -ENOMEM)
		must(error, "mounting /dev/", m->dev);
	if (error == -ENXIO) {
		/* that may be why, but a disk of virtio's needs none of these */
		if (strncmp(m->dev, "vd", 2) != 0)
			devices_report(LOG_ERROR, false);
		disks_list(names, sizeof(names));
		image_fail("mount", PILLION_STATUS_MOUNT, "%s: there is no such disk; %s%s", m->dev,
		    names[0] != '\0' ? "there are " : "there is none", names);
	}
	if (error != 0)
		image_fail("mount", PILLION_STATUS_MOUNT, "%s as %s: %s", m->dev, m->type,
		    error_name(-error));
}

/*
 * Where the CPU has no generator, a device that the donor drives may be one. The donor's own
 * numbers come from both.
 */
static void gather_random(void)
{
	char seed[32 + 1];
	int n = random_strength() < RANDOM_GOOD ? file_read("/dev/hwrng", seed, sizeof(seed)) : 0;

	if (n > 0)
		random_add(seed, (size_t)n, (unsigned)n * 8);
	memset(seed, 0, sizeof(seed));
	random_report();
}

/*
 * The donor has as many threads as their stacks fill an eighth of its memory: in a few MiB its own
 * threads are all of them.
 */
#define THREADS_MAX	"/proc/sys/kernel/threads-max"
#define THREADS_LEAST	"100"

static void allow_threads(void)
{
	char text[16];

	/* fewer digits are a smaller number, and a line has its end */
	if (file_read(THREADS_MAX, text, sizeof(text)) <= (int)strlen(THREADS_LEAST))
		(void)file_write(THREADS_MAX, THREADS_LEAST);
}

static void make_files(struct archive *a)
{
	const char *name = "";
	int error;

	if (config.root.dev != NULL) {
		must(mount_system(), "mounting the system's file systems", "");
		must_mount(mount_root(&config.root), &config.root);
	} else {
		error = a->data != NULL ? files_unpack(a, &name) : 0;
		must(error, "unpacking /", name);
		must(mount_system(), "mounting the system's file systems", "");
	}
	for (unsigned i = 0; i < config.nmounts; i++)
		must_mount(mount_disk(&config.mounts[i]), &config.mounts[i]);
	if (a->data != NULL)
		image_archive_free(a);
	allow_threads();
	devices_report(LOG_INFO, config.net != NET_STATIC);
	gather_random();
	record_phase("files");
}

static int run_program(void)
{
	int status = image_run(&config);

	if (status >= 0)
		return status;
	/* As a shell says it. */
	log_error("%s: %s", config.program != NULL ? config.program : "program", error_name(-status));
	return status == -ENOENT ? 127 : 126;
}

int image_main(void)
{
	struct archive archive;
	int status;

	record("input");
	read_config(&archive);
	record_timings(config.timings);
	console_raw = config.stdout_stream;
	set_loglevel();
	record_phase("nucleus");
	boot_donor(&archive);
	make_files(&archive);
	/* before anything else has descriptors */
	if (terminal_setup(&config) != 0)
		log_warn("no terminal");
	network_start(&config);
	status = run_program();
	network_stop();
	rumpuser_nucleus_console_stop();
	rumpuser_nucleus_pool_stop();
	if (rump_ext_halt() != 0)
		(void)pillion_sys_sync();
	record_phase("end");
	console_flush();	/* who gets the record does not wait long for what is still to come */
	record("exit %d", status);
	return status;
}
