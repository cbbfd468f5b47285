/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A driver that has a device of the Raspberry Pi's, its interrupt and memory for it, and nothing
 * else: channel 0 of the DMA controller copies from one piece of memory to another. Then memory for
 * DMA as such, on all machines.
 */
#include "tap.h"

#define DMA		0x3f007000ul
#define LINE		16		/* of channel 0 */
#define BUS		0xc0000000u	/* the devices' addresses of RAM, past the second cache */
#define PAGES		3ul
#define TIMEOUT		1000000000ul

enum { CS, CONBLK };			/* registers, by words */
#define ENABLE		(0xff0 / 4)
#define CS_ACTIVE	1u
#define CS_END		2u
#define CS_INT		4u
#define CS_RESET	0x80000000u
#define TI_INTERRUPT	0x001u
#define TI_INCREMENT	0x110u		/* both addresses go up */

struct block {				/* what the controller reads */
	uint32_t	info, source, destination, length, stride, next, reserved[2];
};

static void test_memory(void)
{
	unsigned long memory = (unsigned long)sys_memory(PAGES * PAGE, MEMORY_DMA), weak, plain;
	long at = sys_memory_map(memory, 0, PAGES * PAGE, 0, MAP_R | MAP_W), phys;
	volatile unsigned long *p = (volatile unsigned long *)at;
	unsigned long sum = 0;

	ok(at > 0 && sys_cap_info(memory, (struct cap_info *)at) == 0 &&
	    ((struct cap_info *)at)->size == PAGES * PAGE, "a call stores to memory for DMA");
	memset((void *)at, 0, sizeof(struct cap_info));
	for (unsigned long i = 0; at > 0 && i < PAGES * PAGE / sizeof(*p); i++)
		sum |= p[i];
	ok(at > 0 && sum == 0, "which is zero otherwise");
	phys = sys_memory_phys(memory, 0);
	ok(phys > 0 && phys % (long)PAGE == 0 && sys_memory_phys(memory, PAGE) == phys + (long)PAGE &&
	    sys_memory_phys(memory, 2 * PAGE + 5) == phys + 2 * (long)PAGE + 5, "and contiguous");
	p[0] = 4711;
	ok(sys_protect((unsigned long)at, PAGE, MAP_R) == 0 && p[0] == 4711 &&
	    sys_protect((unsigned long)at, PAGE, MAP_R | MAP_W) == 0,
	    "written, read-only, and writable again");
	p[0]++;
	plain = (unsigned long)sys_memory(PAGE, 0);
	weak = (unsigned long)sys_cap_copy(memory, RIGHTS_ALL & ~RIGHT_PHYS, 0);
	ok(p[0] == 4712 && sys_memory_phys(memory, PAGES * PAGE) == -E_INVAL &&
	    sys_memory_phys(plain, 0) == -E_INVAL && sys_memory_phys(weak, 0) == -E_PERM,
	    "of what is none, or without the right, nobody learns where it is");
	(void)sys_unmap((unsigned long)at, PAGES * PAGE);
	(void)sys_cap_close(weak);
	(void)sys_cap_close(plain);
	(void)sys_cap_close(memory);
}

/* A page to the next one, by a control block in the third. */
static void copy(volatile uint32_t *regs, unsigned long irq, unsigned long notification,
    unsigned long memory)
{
	unsigned long at = (unsigned long)sys_memory_map(memory, 0, PAGES * PAGE, 0, MAP_R | MAP_W);
	volatile unsigned char *from = (volatile unsigned char *)at, *to = from + PAGE;
	volatile struct block *b = (volatile struct block *)(at + 2 * PAGE);
	uint32_t bus = (uint32_t)sys_memory_phys(memory, 0) | BUS;
	unsigned same = 0;
	uint64_t bits = 0;
	long error;

	for (unsigned i = 0; i < PAGE; i++)
		from[i] = (unsigned char)(i * 7 + i / 256);
	b->info = TI_INTERRUPT | TI_INCREMENT;
	b->source = bus;
	b->destination = bus + PAGE;
	b->length = PAGE;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	regs[ENABLE] |= 1;
	regs[CS] = CS_RESET;
	regs[CONBLK] = bus + 2 * PAGE;
	regs[CS] = CS_ACTIVE;
	error = sys_notify_wait(notification, sys_clock() + TIMEOUT, &bits);
	ok(error == 0 && bits == 4, "the device's interrupt is a notification");
	ok((regs[CS] & (CS_END | CS_INT)) == (CS_END | CS_INT), "it has come to its end");
	regs[CS] = CS_END | CS_INT;
	(void)sys_irq_ack(irq);
	for (unsigned i = 0; i < PAGE; i++)
		same += to[i] == (unsigned char)(i * 7 + i / 256);
	ok(same == PAGE, "it has copied %u bytes of %lu", same, PAGE);
	ok(sys_notify_wait(notification, sys_clock() + 5000000, &bits) == -E_TIMEDOUT,
	    "and is quiet afterwards");
}

int main(int argc, char **argv)
{
	struct info_device dev = { 0 };
	bool pi = false;
	long device, irq, notification, memory, regs;

	(void)argc;
	(void)argv;
	test_memory();
	for (unsigned i = 0; sys_info(HANDLE_SYSTEM, INFO_DEVICE, i, &dev, sizeof(dev)) > 0; i++)
		pi = pi || strcmp(dev.name, "framebuffer") == 0;
	if (!pi) {
		ok(true, "a device that does DMA # SKIP only a Raspberry Pi's is known here");
		return tap_done();
	}
	device = sys_device(HANDLE_SYSTEM, CAP_DEVICE, DMA, PAGE);
	irq = sys_device(HANDLE_SYSTEM, CAP_IRQ, LINE, 1);
	notification = sys_notification();
	memory = sys_memory(PAGES * PAGE, MEMORY_DMA);
	(void)sys_cap_close(HANDLE_SYSTEM);
	regs = sys_memory_map((unsigned long)device, 0, PAGE, 0, MAP_R | MAP_W);
	if (ok(regs > 0 && memory > 0 && sys_irq_bind((unsigned long)irq, (unsigned long)notification,
	    4) == 0, "a device, its interrupt, memory for it"))
		copy((volatile uint32_t *)regs, (unsigned long)irq, (unsigned long)notification,
		    (unsigned long)memory);
	return tap_done();
}
