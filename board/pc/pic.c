/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pair of 8259 interrupt controllers: for lines if irq.c says so, and otherwise kept silent.
 * Locking: pic_lock for the masks. Their interrupts go to one CPU, which alone ends them.
 */
#include <nucleus/sync.h>

#include "pc.h"

#define MASTER		0x20
#define SLAVE		0xa0
#define LEVEL_PORT	0x4d0		/* a bit for each line that is level triggered */

static struct spinlock pic_lock;
static uint16_t masks = 0xffff;

static void write_masks(void)
{
	outb(MASTER + 1, (uint8_t)masks);
	outb(SLAVE + 1, (uint8_t)(masks >> 8));
}

void pic_init(unsigned vector)
{
	outb(MASTER, 0x11);			/* four words follow: */
	outb(SLAVE, 0x11);
	outb(MASTER + 1, (uint8_t)vector);
	outb(SLAVE + 1, (uint8_t)(vector + 8));
	outb(MASTER + 1, 0x04);			/* the slave is at line 2 */
	outb(SLAVE + 1, 0x02);
	outb(MASTER + 1, 0x01);			/* 8086 mode */
	outb(SLAVE + 1, 0x01);
	masks = 0xffff & ~(1u << 2);
	write_masks();
}

void pic_mask(unsigned irq, bool masked)
{
	unsigned long flags = spin_lock(&pic_lock);

	masks = (uint16_t)(masked ? masks | 1u << irq : masks & ~(1u << irq));
	write_masks();
	spin_unlock(&pic_lock, flags);
}

bool pic_level(unsigned irq)
{
	return inb((uint16_t)(LEVEL_PORT + irq / 8)) >> (irq % 8) & 1;
}

/* What a device on PCI is on has to be; those of the board's own timers and keyboard never are. */
void pic_set_level(unsigned irq)
{
	uint16_t port = (uint16_t)(LEVEL_PORT + irq / 8);

	if (irq > 2 && irq != 8 && irq != 13)
		outb(port, (uint8_t)(inb(port) | 1u << irq % 8));
}

/* Lines 7 and 15 are raised for an interrupt that has gone again: then it is not in service. */
bool pic_spurious(unsigned irq)
{
	uint16_t port = irq < 8 ? MASTER : SLAVE;
	bool in_service;

	if (irq % 8 != 7)
		return false;
	outb(port, 0x0b);
	in_service = inb(port) >> 7;
	if (!in_service && irq == 15)
		outb(MASTER, 0x20);
	return !in_service;
}

void pic_eoi(unsigned irq)
{
	if (irq >= 8)
		outb(SLAVE, 0x20);
	outb(MASTER, 0x20);
}
