/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The native image: the nucleus with a boot archive. Its program "init", or what the command line
 * says by init=NAME,ARGUMENT,..., is the first process, whose end is the machine's, with its
 * status.
 */
#include <nucleus/boot.h>
#include <nucleus/log.h>
#include <nucleus/process.h>
#include <nucleus/serial.h>
#include <nucleus/string.h>

const size_t image_stack = 16 * KIB;
const unsigned image_cpus = CPU_MAX;

extern const uint8_t boot_archive_start[], boot_archive_end[];

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
	if (boot_option("init", args, sizeof(args)) <= 0)
		strlcpy(args, "init", sizeof(args));
	len = strlen(args) + 1;
	for (char *s = args; *s != 0; s++)
		*s = *s == ',' ? 0 : *s;
	error = process_start(&archive, args, len, &init);
	if (error != 0)
		panic("%s: error %d", args, error);
	process_join(init, &info);
	if (info.reason != END_EXIT)
		panic("%s has ended, reason %u", args, info.reason);
	return info.status;
}
