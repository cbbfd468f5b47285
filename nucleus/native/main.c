/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The native image: the nucleus with a boot archive. Its program "init", or what the command line
 * says by init=NAME,ARGUMENT,..., is the first process, whose end is the machine's, with its
 * status.
 */
#include <nucleus/boot.h>
#include <nucleus/error.h>
#include <nucleus/log.h>
#include <nucleus/process.h>
#include <nucleus/serial.h>
#include <nucleus/string.h>

const size_t image_stack = 16 * KIB;
const unsigned image_cpus = CPU_MAX;

extern const uint8_t boot_archive_start[], boot_archive_end[];

/* All of it, so that a program that is missing later was never there. */
static void check(const struct archive *archive)
{
	struct archive_file file;
	size_t at = 0;
	int error;

	do
		error = archive_next(archive, &at, &file);
	while (error == 0);
	if (error != E_NOENT)
		panic("the boot archive is damaged at byte %zu of %zu", at, archive->len);
}

static const char *why_not(int error)
{
	switch (error) {
	case E_NOENT:
		return "is not in the boot archive";
	case E_NOEXEC:
		return "is not a static program for this CPU, or is damaged";
	case E_NOMEM:
		return "does not fit into memory";
	default:
		return "cannot begin";
	}
}

static int end_of(const char *name, const struct wait_info *info)
{
	switch (info->reason) {
	case END_EXIT:
		if (info->status != 0)
			log_warn("%s has ended with status %d", name, info->status);
		return info->status;
	case END_KILL:
		panic("%s was killed", name);
	case END_NOMEM:
		panic("%s has ended: out of memory", name);
	case END_FAULT:
		panic("%s has ended by a fault at %#lx", name, info->address);
	default:
		panic("%s has ended by exception %d at %#lx", name, info->status, info->address);
	}
}

int image_main(void)
{
	const struct archive archive = { boot_archive_start,
		(uintptr_t)boot_archive_end - (uintptr_t)boot_archive_start };
	struct process *init;
	struct wait_info info;
	char args[80];
	size_t len;
	int error;

	serial_input_exit();		/* the port is a server's; what the kernel says is still seen */
	check(&archive);
	if (boot_option("init", args, sizeof(args)) <= 0)
		strlcpy(args, "init", sizeof(args));
	len = strlen(args) + 1;
	for (char *s = args; *s != 0; s++)
		*s = *s == ',' ? 0 : *s;
	error = process_start(&archive, args, len, &init);
	if (error != 0)
		panic("%s %s (error %d)", args, why_not(error), error);
	process_join(init, &info);
	return end_of(args, &info);
}
