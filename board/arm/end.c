/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end, so that who started the machine sees the status: by semihosting, if a debugger or an
 * emulator listens (QEMU with -semihosting-config); else power off.
 *
 * Interface: machine_exit.
 */
#include <nucleus/board.h>
#include <nucleus/log.h>
#include <nucleus/serial.h>

#include "arm.h"

#define SYS_EXIT		0x18
#define APPLICATION_EXIT	0x20026

bool semihost(unsigned call, const void *block);	/* cpu/aarch64/memory.S */

void machine_exit(int status)
{
	const uint64_t block[2] = { APPLICATION_EXIT, (uint64_t)status };

	(void)cpu_irq_save();
	serial_drain();
	(void)semihost(SYS_EXIT, block);
	board_poweroff();
	log_error("the machine cannot switch itself off (status %d)", status);
	cpu_halt();
}
