/* SPDX-License-Identifier: BSD-2-Clause */
/* What boards with Arm's own devices share. What they offer to others is <nucleus/board.h>. */
#ifndef BOARD_ARM_H
#define BOARD_ARM_H

#include <nucleus/boot.h>
#include <nucleus/cpu.h>

/*
 * boot_open: the loader's message is a device tree, or ATAGs, or nothing; fdt.h can be used then.
 * boot_parse: it becomes boot_info; then its memory is in the direct map. usual: the memory if it
 * does not say.
 */
void boot_open(void);
void boot_parse(paddr_t usual_start, paddr_t usual_end);
void boot_add_range(paddr_t start, paddr_t end, enum boot_memory kind);

/* PL011: 115200 baud, 8 bits, no parity; clock: of its input, 0: leave the speed as it is. */
void pl011_init(volatile uint32_t *regs, unsigned clock);

/*
 * The generic timer of the CPU, its virtual one, whose interrupt is EL1's own; usual_hz: if the
 * firmware did not set the counter's frequency.
 */
void timer_start(unsigned usual_hz);
void timer_start_secondary(void);	/* another CPU's */
void timer_interrupt(void);

#endif /* BOARD_ARM_H */
