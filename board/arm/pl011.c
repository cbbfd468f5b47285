/* SPDX-License-Identifier: BSD-2-Clause */
/* The serial port PL011. Locking: <nucleus/serial.h>. */
#include <nucleus/serial.h>

#include "arm.h"

enum { DR = 0x00 / 4, FR = 0x18 / 4, IBRD = 0x24 / 4, FBRD = 0x28 / 4, LCRH = 0x2c / 4,
	CR = 0x30 / 4, IMSC = 0x38 / 4 };
#define FR_BUSY		0x08
#define FR_EMPTY	0x10		/* nothing received */
#define FR_FULL		0x20		/* no room to send */
#define LCRH_8		0x60
#define LCRH_FIFO	0x10
#define CR_ON		0x301		/* both directions */
#define INT_INPUT	0x50		/* received; received, and then nothing for a while */
#define BAUD		115200
#define WAIT_MAX	100000

static volatile uint32_t *uart;

static unsigned room(void)
{
	return uart[FR] & FR_FULL ? 0 : 1;
}

static void put(char c)
{
	uart[DR] = (uint8_t)c;
}

static bool sent(void)
{
	return !(uart[FR] & FR_BUSY);
}

static bool has(void)
{
	return !(uart[FR] & FR_EMPTY);
}

static char get(void)
{
	return (char)uart[DR];
}

static void input(bool on)
{
	uart[IMSC] = on ? INT_INPUT : 0;
}

void pl011_init(volatile uint32_t *regs, unsigned clock)
{
	static const struct serial_port port = { "PL011", room, put, sent, has, get, input };
	unsigned divisor = (unsigned)(clock * 4ull / BAUD);	/* in units of 1/64 */

	uart = regs;
	uart[IMSC] = 0;
	for (unsigned n = 0; (uart[FR] & FR_BUSY) && n < WAIT_MAX; n++)
		cpu_pause();
	/* Switching the port off, or the FIFOs on, would lose what has been sent already. */
	if (!has()) {
		uart[CR] = 0;
		if (divisor != 0) {
			uart[IBRD] = divisor >> 6;
			uart[FBRD] = divisor & 63;
		}
		uart[LCRH] = LCRH_8 | LCRH_FIFO;
	}
	uart[CR] = CR_ON;
	serial_init(&port);
}
