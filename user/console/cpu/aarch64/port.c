/* SPDX-License-Identifier: BSD-2-Clause */
/* PL011 and mini-UART, whose registers are memory. The kernel has set their speed. */
#include <nucleus/string.h>
#include <user.h>

#include <board/arm/arm.h>
#include <board/raspi3/raspi3.h>

#include "../../port.h"

static const struct serial_port *opened;

/* What the drivers begin with in the kernel. */
void serial_init(const struct serial_port *p)
{
	opened = p;
}

const struct serial_port *port_open(const char *device, unsigned resource)
{
	struct cap_info info;
	long regs;

	if (sys_cap_info(resource, &info) != 0)
		return NULL;
	regs = sys_memory_map(resource, 0, info.size, 0, MAP_R | MAP_W);
	if (regs < 0)
		return NULL;
	if (strcmp(device, "pl011") == 0)
		pl011_init((volatile uint32_t *)regs, 0);
	else if (strcmp(device, "mini-uart") == 0)
		miniuart_init((volatile uint32_t *)regs, 0);
	return opened;
}
