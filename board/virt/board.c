/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QEMU's virt: the order in which its parts come up, its devices by the device tree, and the end.
 *
 * Interface: board_early, board_init, board_devices, board_cpus, board_cpu_start, board_cpu_init,
 * board_device, board_poweroff, board_reset.
 */
#include <nucleus/abi.h>
#include <nucleus/board.h>
#include <nucleus/clock.h>
#include <nucleus/error.h>
#include <nucleus/irq.h>
#include <nucleus/log.h>
#include <nucleus/serial.h>
#include <nucleus/space.h>
#include <nucleus/string.h>

#include "virt.h"

#define RAM		0x40000000
#define USUAL_RAM	(128 * MIB)
#define USUAL_UART	0x09000000
#define KIND_SHARED	0

static bool have_uart_line;
static unsigned uart_line;
static paddr_t uart_base = USUAL_UART;

bool virt_line(const struct fdt_walk *w, unsigned *line)
{
	uint64_t kind, n;

	if (!fdt_number(w, "interrupts", 0, 1, &kind) || !fdt_number(w, "interrupts", 1, 1, &n) ||
	    kind != KIND_SHARED)
		return false;
	*line = (unsigned)n;
	return true;
}

bool virt_find(const char *what, paddr_t *base, paddr_t *len, unsigned *line)
{
	struct fdt_walk w = { 0 };

	while (fdt_next(&w)) {
		if (fdt_compatible(&w, what) && fdt_enabled(&w) && fdt_reg(&w, 0, base, len))
			return virt_line(&w, line);
	}
	return false;
}

void board_early(void)
{
	paddr_t len = PAGE_SIZE;

	boot_open();
	boot_parse(RAM, RAM + USUAL_RAM);
	have_uart_line = virt_find("arm,pl011", &uart_base, &len, &uart_line);
	/* QEMU's has no clock that matters. */
	pl011_init(cpu_boot_map(uart_base, len, true), 0);
}

/* PL031: the seconds since 1970 are its first register. */
static void wall_clock(void)
{
	volatile uint32_t *rtc;
	paddr_t base, len;
	unsigned line;

	if (!virt_find("arm,pl031", &base, &len, &line))
		return;
	rtc = device_map(base, len, PROT_R | PROT_DEVICE);
	if (rtc != NULL)
		clock_set_wall(rtc[0] * NSEC_PER_SEC);
}

void board_init(void)
{
	psci_init();
	irq_init();
	timer_start(62500000);
	wall_clock();
}

void board_devices(void)
{
	if (have_uart_line)
		serial_input_init(uart_line, IRQ_LEVEL);
}

/* ---- other CPUs: those of the tree but for the one that is here, in its order ---- */

/* The address of number id. False: there is none. */
static bool cpu_address(unsigned id, uint64_t *mpidr)
{
	uint64_t self = sysreg_read(mpidr_el1) & 0xff00ffffff;
	struct fdt_walk w = { 0 };
	const char *type;

	while (fdt_next(&w)) {
		type = fdt_string(&w, "device_type");
		if (type == NULL || strcmp(type, "cpu") != 0 || w.depth != 3 ||
		    !fdt_number(&w, "reg", 0, w.level[2].acells, mpidr) || *mpidr == self)
			continue;
		if (--id == 0)
			return true;
	}
	return false;
}

unsigned board_cpus(void)
{
	uint64_t mpidr;
	unsigned n = 1;

	while (cpu_address(n, &mpidr))
		n++;
	return n;
}

bool board_cpu_start(unsigned id, paddr_t entry)
{
	uint64_t mpidr;

	return cpu_address(id, &mpidr) && psci_cpu_on(mpidr, entry);
}

void board_cpu_init(void)
{
	irq_init_secondary();
	timer_start_secondary();
}

int board_device(unsigned idx, struct board_device *dev)
{
	struct fdt_walk w = { 0 };
	paddr_t len;

	while (fdt_next(&w)) {
		if (!fdt_compatible(&w, "virtio,mmio") || idx-- > 0)
			continue;
		strlcpy(dev->name, "virtio-mmio", sizeof(dev->name));
		if (!fdt_reg(&w, 0, &dev->base, &len) || !virt_line(&w, &dev->irq))
			return E_NXIO;
		dev->len = len;
		return 0;
	}
	return E_NXIO;
}

int board_resource(unsigned idx, struct info_device *dev)
{
	if (idx > 0 || !have_uart_line)
		return E_NXIO;
	*dev = (struct info_device) { "pl011", uart_base, PAGE_SIZE, CAP_DEVICE, uart_line, { 0 } };
	return 0;
}

void board_poweroff(void)
{
	psci_poweroff();
}

void board_reset(void)
{
	(void)cpu_irq_save();
	psci_reset();
	cpu_halt();
}
