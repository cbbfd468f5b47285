/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A 16550: 115200 baud, 8 bits, no parity. Its registers are reached by functions of those who
 * link it: the kernel, and the console's server.
 */
#ifndef BOARD_PC_UART_H
#define BOARD_PC_UART_H

#include <nucleus/types.h>

bool uart_init(void);			/* it becomes the console by serial_init(); false: none there */

uint8_t uart_in(unsigned reg);
void uart_out(unsigned reg, uint8_t value);

#endif /* BOARD_PC_UART_H */
