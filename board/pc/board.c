/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The PC: the order in which its parts come up, and the end.
 *
 * Interface: board_early, board_init, board_devices, machine_exit, board_poweroff, board_reset.
 */
#include <nucleus/abi.h>
#include <nucleus/board.h>
#include <nucleus/boot.h>
#include <nucleus/console.h>
#include <nucleus/error.h>
#include <nucleus/log.h>
#include <nucleus/serial.h>
#include <nucleus/string.h>

#include "pc.h"
#include "uart.h"

#define SERIAL_PORT	0x3f8
#define SERIAL_PORTS	8
#define SERIAL_IRQ	4		/* of the ISA bus */
#define DEBUG_EXIT	0xf4		/* QEMU's isa-debug-exit; reads 0 if it is there */

static bool have_serial;

uint8_t uart_in(unsigned reg)
{
	return inb((uint16_t)(SERIAL_PORT + reg));
}

void uart_out(unsigned reg, uint8_t value)
{
	outb((uint16_t)(SERIAL_PORT + reg), value);
}

void board_early(void)
{
	have_serial = uart_init();
	boot_parse();
}

/* For those that boot from a disk, by a loader that has a screen, or have no serial line. */
static bool want_screen(void)
{
	char word[8];

	return !have_serial || boot_info.fb.base != 0 ||
	    strcmp(boot_info.loader, "multiboot2") == 0 ||
	    boot_option("screen", word, sizeof(word)) >= 0;
}

void board_init(void)
{
	if (want_screen())
		screen_init();
	acpi_init();
	pci_init();
	irq_init();
	time_init();
}

void board_devices(void)
{
	unsigned flags, line = isa_line(SERIAL_IRQ, &flags);

	if (have_serial)
		serial_input_init(line, flags);
	keyboard_init();
}

int board_resource(unsigned idx, struct info_device *dev)
{
	unsigned flags;

	if (idx > 0 || !have_serial)
		return E_NXIO;
	*dev = (struct info_device) { "16550", SERIAL_PORT, SERIAL_PORTS, CAP_PORTS,
	    isa_line(SERIAL_IRQ, &flags), { 0 } };
	return 0;
}

void board_poweroff(void)
{
	acpi_poweroff();
	for (volatile unsigned i = 0; i < 1000000; i++)
		cpu_pause();
}

void machine_exit(int status)
{
	(void)cpu_irq_save();
	serial_drain();
	if (inb(DEBUG_EXIT) == 0)
		outb(DEBUG_EXIT, (uint8_t)status);
	board_poweroff();
	log_error("the machine cannot switch itself off (status %d)", status);
	cpu_halt();
}

void board_reset(void)
{
	static const struct {
		uint16_t	limit;
		uint64_t	base;
	} PACKED no_idt = { 0, 0 };

	(void)cpu_irq_save();
	acpi_reset();
	outb(0xcf9, 0x06);
	outb(0x64, 0xfe);			/* the keyboard controller's reset line */
	__asm__ volatile("lidt %0; int3" :: "m"(no_idt));
	cpu_halt();
}
