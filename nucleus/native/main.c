/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The native image: the nucleus with a boot archive, of which the program "init", or what the
 * command line says by init=NAME, is the first process. Its end is the machine's, with its status.
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
	char name[24];
	int error;

	serial_input_exit();		/* the port is a server's; what the kernel says is still seen */
	if (boot_option("init", name, sizeof(name)) <= 0)
		strlcpy(name, "init", sizeof(name));
	error = process_start(&archive, name, &init);
	if (error != 0)
		panic("%s: error %d", name, error);
	process_join(init, &info);
	if (info.reason != END_EXIT)
		panic("%s has ended, reason %u", name, info.reason);
	return info.status;
}
