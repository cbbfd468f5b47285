/* SPDX-License-Identifier: BSD-2-Clause */
/* The 16550, whose registers are I/O ports. */
#include <nucleus/string.h>
#include <user.h>

#include <board/pc/uart.h>

#include "../../port.h"

static const struct serial_port *opened;
static unsigned ports;

void serial_init(const struct serial_port *p)
{
	opened = p;
}

uint8_t uart_in(unsigned reg)
{
	return (uint8_t)sys_port_read(ports, reg, 1);
}

void uart_out(unsigned reg, uint8_t value)
{
	(void)sys_port_write(ports, reg, 1, value);
}

const struct serial_port *port_open(const char *device, unsigned resource)
{
	ports = resource;
	return strcmp(device, "16550") == 0 && uart_init() ? opened : NULL;
}
