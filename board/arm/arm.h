/* SPDX-License-Identifier: BSD-2-Clause */
/* What boards with Arm's own devices share. What they offer to others is <nucleus/board.h>. */
#ifndef BOARD_ARM_H
#define BOARD_ARM_H

#include <nucleus/boot.h>
#include <nucleus/cpu.h>

/*
 * The loader's message, a device tree or ATAGs, becomes boot_info; then its memory is in the direct
 * map. usual: the memory if it does not say.
 */
void boot_parse(paddr_t usual_start, paddr_t usual_end);
void boot_add_range(paddr_t start, paddr_t end, enum boot_memory kind);

/*
 * A serial port: room to send a byte, and send it; nothing is on its way any more; a byte was
 * received, and get it; interrupts for those that are. serial_init: it becomes the console, its
 * input with serial_input_init (thread context) the interrupt of line, which is level-triggered.
 * serial_drain: wait until all is sent, a while at most.
 */
struct serial_port {
	const char	*name;
	bool		(*room)(void);
	void		(*put)(char c);
	bool		(*sent)(void);
	bool		(*has)(void);
	char		(*get)(void);
	void		(*input)(bool on);
};
void serial_init(const struct serial_port *port);
void serial_input_init(unsigned line);
void serial_drain(void);

/* PL011: 115200 baud, 8 bits, no parity; clock: of its input, 0: leave the speed as it is. */
void pl011_init(volatile uint32_t *regs, unsigned clock);

/*
 * The generic timer of the CPU, its virtual one, whose interrupt is EL1's own; usual_hz: if the
 * firmware did not set the counter's frequency.
 */
void timer_start(unsigned usual_hz);
void timer_interrupt(void);

#endif /* BOARD_ARM_H */
