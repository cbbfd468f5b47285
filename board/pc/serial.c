/* SPDX-License-Identifier: BSD-2-Clause */
/* The serial port, a 16550. The interface is uart.h. Locking: <nucleus/serial.h>. */
#include <nucleus/serial.h>

#include "uart.h"

#define DATA		0
#define IER		1		/* interrupts */
#define IER_DATA	0x01		/* data received */
#define FCR		2
#define FCR_ON		0x01
#define FCR_EIGHT	0x80		/* an interrupt at 8 bytes, or when no more come */
#define LCR		3
#define MCR		4
#define LSR		5
#define LSR_DATA	0x01
#define LSR_ROOM	0x20		/* the whole FIFO */
#define LSR_SENT	0x40		/* and nothing is on its way */
#define SCRATCH		7
#define FIFO		16

static bool fifo_on;

static unsigned room(void)
{
	return !(uart_in(LSR) & LSR_ROOM) ? 0 : fifo_on ? FIFO : 1;
}

static void put(char c)
{
	uart_out(DATA, (uint8_t)c);
}

static bool sent(void)
{
	return uart_in(LSR) & LSR_SENT;
}

static bool has(void)
{
	return uart_in(LSR) & LSR_DATA;
}

static char get(void)
{
	return (char)uart_in(DATA);
}

/* The line is an edge, and goes down in between. */
static void input(bool on)
{
	uart_out(IER, 0);
	if (on)
		uart_out(IER, IER_DATA);
}

bool uart_init(void)
{
	static const struct serial_port port = { "16550", room, put, sent, has, get, input };

	uart_out(SCRATCH, 0x5a);
	if (uart_in(SCRATCH) != 0x5a || uart_in(LSR) == 0xff)
		return false;
	uart_out(IER, 0);
	uart_out(LCR, 0x83);			/* the next two are the divisor */
	uart_out(DATA, 1);
	uart_out(IER, 0);
	uart_out(LCR, 0x03);
	/* Switching the FIFOs on would lose what has been sent already. */
	fifo_on = !has();
	if (fifo_on)
		uart_out(FCR, FCR_ON | FCR_EIGHT);
	uart_out(MCR, 0x0b);			/* ready, interrupts let through */
	serial_init(&port);
	return true;
}
