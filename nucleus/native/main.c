/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The native image: the nucleus with a boot archive, whose program "init" is the first process. Its
 * end is the machine's, with its status.
 */
#include <nucleus/boot.h>
#include <nucleus/log.h>
#include <nucleus/process.h>
#include <nucleus/serial.h>

const size_t image_stack = 16 * KIB;

extern const uint8_t boot_archive_start[], boot_archive_end[];

int image_main(void)
{
	const struct archive archive = { boot_archive_start,
		(size_t)(boot_archive_end - boot_archive_start) };
	struct process *init;
	struct wait_info info;
	int error;

	serial_input_exit();		/* the port is a server's; what the kernel says is still seen */
	error = process_start(&archive, "init", &init);

	if (error != 0)
		panic("init: error %d", error);
	process_join(init, &info);
	if (info.reason != END_EXIT)
		panic("init has ended, reason %u", info.reason);
	return info.status;
}
