/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The mini-UART: 115200 baud, 8 bits, no parity. Its speed follows the core's clock: config.txt
 * must fix that (enable_uart=1 does). Locking: <nucleus/serial.h>.
 */
#include <nucleus/serial.h>

#include "raspi3.h"

enum { AUX_ENABLES = 0x04 / 4, IO = 0x40 / 4, IER = 0x44 / 4, LCR = 0x4c / 4, MCR = 0x50 / 4,
	LSR = 0x54 / 4, CNTL = 0x60 / 4, BAUD = 0x68 / 4 };
#define ENABLES_UART	1
#define IER_INPUT	0x0d		/* received; bits 2 and 3, which the manual leaves out, let it through */
#define LCR_8		3
#define LSR_DATA	0x01
#define LSR_ROOM	0x20
#define LSR_IDLE	0x40		/* nothing to send, nor being sent */
#define CNTL_ON		3		/* both directions */
#define SPEED		115200

static volatile uint32_t *aux;

static unsigned room(void)
{
	return aux[LSR] & LSR_ROOM ? 1 : 0;
}

static void put(char c)
{
	aux[IO] = (uint8_t)c;
}

static bool sent(void)
{
	return aux[LSR] & LSR_IDLE;
}

static bool has(void)
{
	return aux[LSR] & LSR_DATA;
}

static char get(void)
{
	return (char)aux[IO];
}

static void input(bool on)
{
	aux[IER] = on ? IER_INPUT : 0;
}

void miniuart_init(volatile uint32_t *regs, unsigned core_clock)
{
	static const struct serial_port port = { "mini-UART", room, put, sent, has, get, input };

	aux = regs;
	aux[AUX_ENABLES] |= ENABLES_UART;
	aux[IER] = 0;
	aux[CNTL] = 0;
	aux[LCR] = LCR_8;
	aux[MCR] = 0;
	if (core_clock != 0)
		aux[BAUD] = core_clock / 8 / SPEED - 1;
	aux[CNTL] = CNTL_ON;
	serial_init(&port);
}
