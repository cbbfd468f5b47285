/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What board/<name> provides: the machine around the CPU.
 */
#ifndef NUCLEUS_BOARD_H
#define NUCLEUS_BOARD_H

#include <nucleus/types.h>

/* ---- boot, in this order ---- */

void board_early(void);		/* a console sink; boot_info filled. No memory management yet */
void board_init(void);		/* tables, interrupt controllers, clock source and timer; IRQs off */
void board_devices(void);	/* console input, screen: thread context */

/* ---- other CPUs; see smp.h ---- */

/*
 * board_cpus: how many there are, the boot CPU, number 0, included. board_cpu_start: let number id
 * begin at entry; false: it cannot. board_cpu_init: the interrupt controller and the timer of the
 * calling one, which is not the boot CPU. board_ipi: an interrupt at number id, for which it calls
 * smp_interrupt(); what was written to memory before is seen there. Any context.
 */
unsigned board_cpus(void);
bool board_cpu_start(unsigned id, paddr_t entry);
void board_cpu_init(void);
void board_ipi(unsigned id);

/* ---- the end ---- */

/*
 * End the machine so that who started it can see status (0..255): by a debug-exit device if there
 * is one, else power off, else stop. EXIT_PANIC is for the nucleus's own end.
 */
#define EXIT_PANIC	70
void machine_exit(int status) NORETURN;
void board_poweroff(void);	/* returns if it cannot */
void board_reset(void) NORETURN;

/* ---- interrupt lines; see irq.h ---- */

/*
 * An interrupt has come, of which the CPU knows vector (0 where it knows nothing). Interrupts off.
 */
void board_interrupt(unsigned vector);

/*
 * board_irq_lines: they are 0 to this - 1, those of messages included.
 * board_irq_setup: a line that is masked becomes what *flags, IRQ_*, asks for, and *flags what it
 * became. E_INVAL: no such line, or it cannot be so. By one thread at a time.
 * board_irq_mask, board_irq_unmask: any context; lines of messages are never masked.
 * board_msi_alloc, board_msi_free: as irq_msi_alloc(), by one thread at a time.
 */
unsigned board_irq_lines(void);
int board_irq_setup(unsigned n, unsigned *flags);
void board_irq_mask(unsigned n);
void board_irq_unmask(unsigned n);
int board_msi_alloc(unsigned count, unsigned *np, uint64_t *addrp, uint32_t *datap);
void board_msi_free(unsigned n, unsigned count);

/* ---- buses ---- */

/*
 * I/O ports (x86's, or a PCI host's I/O window), width 1, 2 or 4. All ones where there is none.
 */
uint32_t board_pio_read(unsigned port, int width);
void board_pio_write(unsigned port, int width, uint32_t value);

/*
 * PCI configuration space, 32 bits at reg (a multiple of 4, below board_pci_config_size()); writes
 * of 1, 2 or 4 bytes at a multiple of that. A function that is not there reads ~0.
 * board_pci_config_size: 0: no PCI; 256; or 4096 (ECAM).
 * board_pci_irq: the interrupt line of a function's pin, as far as it is known without
 * interpreting ACPI's code; intrline: its register 0x3c. -1: not known.
 * board_isa_irq: the line of an ISA interrupt, 0 to 15. -1: there is none.
 */
unsigned board_pci_config_size(void);
uint32_t board_pci_read(unsigned bus, unsigned dev, unsigned fn, unsigned reg);
void board_pci_write(unsigned bus, unsigned dev, unsigned fn, unsigned reg, int width,
    uint32_t value);
int board_pci_irq(unsigned bus, unsigned dev, unsigned fn, unsigned intrline);
int board_isa_irq(unsigned n);

/* The idx'th device that is described and not probed (virtio-mmio, ...). E_NXIO: no more. */
struct board_device {
	char		name[32];	/* "virtio-mmio" */
	paddr_t		base;
	size_t		len;
	unsigned	irq;		/* line */
};
int board_device(unsigned idx, struct board_device *dev);

/*
 * The idx'th device that a driver in user mode may have, as it is told (abi.h). E_NXIO: no more.
 */
struct info_device;
int board_resource(unsigned idx, struct info_device *dev);

#endif /* NUCLEUS_BOARD_H */
