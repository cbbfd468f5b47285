/* SPDX-License-Identifier: BSD-2-Clause */
/* The console's serial port: the kernel's driver for it, on what the server was given. */
#ifndef CONSOLE_PORT_H
#define CONSOLE_PORT_H

#include <nucleus/serial.h>

/* NULL: no such device, or its registers cannot be had. */
const struct serial_port *port_open(const char *device, unsigned resource);

#endif /* CONSOLE_PORT_H */
