/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first serial port, a 16550: 115200 baud, 8 bits, no parity.
 *
 * Output is kept here and goes as the port has room; input comes by interrupt.
 * Locking: the console's for output; input is the interrupt handler's.
 */
#include <nucleus/clock.h>
#include <nucleus/console.h>
#include <nucleus/irq.h>
#include <nucleus/log.h>

#include "pc.h"

#define PORT		0x3f8
#define ISA_IRQ		4

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
#define TURN		64		/* bytes of input an interrupt */
#define WAIT_MAX	100000		/* looks at a port that has never had room */
#define SENT_MAX	(10 * NSEC_PER_SEC)
#define SENT_LOOKS	100000000	/* if there is no clock yet */

static char queue[256];			/* what is written at once goes into it, twice as long */
static unsigned queued, sent;		/* bytes in it, from the beginning */
static unsigned waits;			/* looks at a port that has never had room */
static bool fifo_on, works;

static void serial_write(struct console_sink *sink, const char *s, size_t len)
{
	static char last;

	(void)sink;
	for (; len > 0 && queued + 2 <= sizeof(queue); len--, s++) {
		if (*s == '\n' && last != '\r' && !console_raw)
			queue[queued++] = '\r';
		queue[queued++] = last = *s;
	}
}

/* Who is behind the line may stop it for as long as they like; a port that is none ends here. */
static bool serial_step(struct console_sink *sink)
{
	unsigned room = fifo_on ? FIFO : 1;

	(void)sink;
	if (queued == 0)
		return false;
	if (inb(PORT + LSR) & LSR_ROOM)
		works = true;
	else if (works || ++waits < WAIT_MAX)
		return true;
	while (room-- > 0 && sent < queued)
		outb(PORT + DATA, (uint8_t)queue[sent++]);
	if (sent < queued)
		return true;
	queued = sent = 0;
	return false;
}

/* An interrupt that is wanted already comes again: the line, an edge, goes down in between. */
static void input_on(void)
{
	outb(PORT + IER, 0);
	outb(PORT + IER, IER_DATA);
}

/* What the console has no room for stays here, and so with the sender. */
static int serial_interrupt(void *arg)
{
	int n = 0;

	(void)arg;
	for (; inb(PORT + LSR) & LSR_DATA; n++) {
		char c;

		if (!console_wait_room(NULL)) {
			outb(PORT + IER, 0);
			if (!console_wait_room(input_on))
				return n + 1;
			input_on();
		}
		if (n == TURN) {
			input_on();
			break;
		}
		c = (char)inb(PORT + DATA);
		console_input(&c, 1);
	}
	return n;
}

static bool serial_busy(struct console_sink *sink)
{
	(void)sink;
	return works && !(inb(PORT + LSR) & LSR_SENT);
}

void serial_drain(void)
{
	nsec_t end = clock_now() + SENT_MAX;

	for (unsigned n = 0; works && n < SENT_LOOKS && clock_now() < end; n++) {
		if (!serial_step(NULL) && !serial_busy(NULL))
			break;
	}
}

bool serial_init(void)
{
	static struct console_sink sink = { .name = "serial", .write = serial_write,
		.step = serial_step, .busy = serial_busy };

	outb(PORT + SCRATCH, 0x5a);
	if (inb(PORT + SCRATCH) != 0x5a || inb(PORT + LSR) == 0xff)
		return false;
	outb(PORT + IER, 0);
	outb(PORT + LCR, 0x83);			/* the next two are the divisor */
	outb(PORT + DATA, 1);
	outb(PORT + IER, 0);
	outb(PORT + LCR, 0x03);
	/* Switching the FIFOs on would lose what has been sent already. */
	fifo_on = !(inb(PORT + LSR) & LSR_DATA);
	if (fifo_on)
		outb(PORT + FCR, FCR_ON | FCR_EIGHT);
	outb(PORT + MCR, 0x0b);			/* ready, interrupts let through */
	console_add_sink(&sink);
	return true;
}

void serial_input_init(void)
{
	static struct irq *irq;
	unsigned flags, line = isa_line(ISA_IRQ, &flags);

	if (irq_attach(line, flags, "serial", serial_interrupt, NULL, &irq) != 0) {
		log_warn("serial: no interrupt, no input");
		return;
	}
	input_on();
}
