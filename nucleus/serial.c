/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console on a serial port. The interface is serial.h.
 *
 * Output is kept here and goes as the port has room; input comes by interrupt, and stays in the
 * port, and so with the sender, while the console has no room.
 *
 * Locking: the console's for output; input is the interrupt handler's.
 */
#include <nucleus/clock.h>
#include <nucleus/console.h>
#include <nucleus/irq.h>
#include <nucleus/log.h>
#include <nucleus/serial.h>

#define WAIT_MAX	100000		/* looks at a port that has never had room */
#define SENT_MAX	(10 * NSEC_PER_SEC)
#define SENT_LOOKS	100000000	/* if there is no clock yet */
#define TURN		64		/* bytes of input an interrupt */

static const struct serial_port *port;	/* NULL: there is none */
static char queue[256];			/* what is written at once goes into it, twice as long */
static unsigned queued, sent;		/* bytes in it, from the beginning */
static unsigned waits;			/* looks at a port that has never had room */
static bool works;
static struct irq *input_irq;		/* NULL: nobody reads here */

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
	unsigned room;

	(void)sink;
	if (queued == 0)
		return false;
	room = port->room();
	if (room > 0)
		works = true;
	else if (works || ++waits < WAIT_MAX)
		return true;
	do {
		port->put(queue[sent++]);
		room = room > 1 ? room - 1 : port->room();
	} while (sent < queued && room > 0);
	if (sent < queued)
		return true;
	queued = sent = 0;
	return false;
}

static bool serial_busy(struct console_sink *sink)
{
	(void)sink;
	return works && !port->sent();
}

static void input_on(void)
{
	port->input(true);
}

static int serial_interrupt(void *arg)
{
	int n = 0;

	(void)arg;
	for (; port->has(); n++) {
		char c;

		if (!console_wait_room(NULL)) {
			port->input(false);
			if (!console_wait_room(input_on))
				return n + 1;
			input_on();
		}
		if (n == TURN) {
			input_on();
			break;
		}
		c = port->get();
		console_input(&c, 1);
	}
	return n;
}

void serial_drain(void)
{
	nsec_t end = clock_now() + SENT_MAX;

	for (unsigned n = 0; works && n < SENT_LOOKS && clock_now() < end; n++) {
		if (!serial_step(NULL) && port->sent())
			break;
	}
}

void serial_init(const struct serial_port *p)
{
	static struct console_sink sink = { .write = serial_write, .step = serial_step,
		.busy = serial_busy };

	port = p;
	sink.name = p->name;
	console_add_sink(&sink);
}

void serial_input_init(unsigned line, unsigned flags)
{
	if (irq_attach(line, flags, port->name, serial_interrupt, NULL, &input_irq) != 0) {
		input_irq = NULL;
		log_warn("%s: no interrupt, no input", port->name);
		return;
	}
	input_on();
}

void serial_input_exit(void)
{
	if (input_irq == NULL)
		return;
	irq_detach(input_irq, NULL);
	input_irq = NULL;
	port->input(false);
}
