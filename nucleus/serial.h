/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A serial port as the console, for boards that have one.
 *
 * Locking: none of a port's own. room, put and sent are called with the console's output lock held,
 * or by serial_drain(); has, get and input by the port's interrupt handler.
 */
#ifndef NUCLEUS_SERIAL_H
#define NUCLEUS_SERIAL_H

#include <nucleus/types.h>

struct serial_port {
	const char	*name;
	unsigned	(*room)(void);	/* bytes that can be sent now */
	void		(*put)(char c);	/* send one; there is room */
	bool		(*sent)(void);	/* nothing is on its way any more */
	bool		(*has)(void);	/* a byte was received */
	char		(*get)(void);	/* and here it is */
	/*
	 * Interrupts for bytes that are received. Switched on again while they are on, one that is
	 * still due comes anew, also where the line is edge-triggered.
	 */
	void		(*input)(bool on);
};

/* The port, which stays, becomes the console's output. Boot only. */
void serial_init(const struct serial_port *port);

/* Its input is the console's, by the interrupt of a line; flags: IRQ_*. Thread context. */
void serial_input_init(unsigned line, unsigned flags);

/* It is not any more: somebody else reads the port. Thread context. */
void serial_input_exit(void);

/* Wait until all is sent, ten seconds at most. For the machine's end: interrupts off, no lock. */
void serial_drain(void);

#endif /* NUCLEUS_SERIAL_H */
