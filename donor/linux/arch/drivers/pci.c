// SPDX-License-Identifier: GPL-2.0-only
/*
 * PCI over the rumpcomp_pci_* hypercalls: one host bridge whose configuration space, interrupts and
 * BARs are the platform's. Resources are what firmware, or the platform, left in the BARs.
 *
 * Locking: the table of interrupts is touched while devices are probed and removed, on the virtual
 * CPU and without sleeping.
 */
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/msi.h>
#include <linux/pci.h>
#include <asm/libata-portmap.h>
#include <asm/rump.h>
#include <asm/vcpu.h>
#include "bus.h"

static DECLARE_BITMAP(irqs_used, NR_IRQS);
static void *pins[NR_IRQS];		/* what irq_establish returned */
static void *messages[NR_IRQS];		/* what msi_alloc returned */

static int config_read(struct pci_bus *bus, unsigned int devfn, int where, int size, u32 *val)
{
	unsigned int word;

	if (rumpcomp_pci_confread(bus->number, PCI_SLOT(devfn), PCI_FUNC(devfn), where & ~3, &word)) {
		*val = ~0;
		return PCIBIOS_DEVICE_NOT_FOUND;
	}
	word >>= (where & 3) * 8;
	*val = size == 1 ? word & 0xff : size == 2 ? word & 0xffff : word;
	return PCIBIOS_SUCCESSFUL;
}

static int config_write(struct pci_bus *bus, unsigned int devfn, int where, int size, u32 val)
{
	unsigned int dev = PCI_SLOT(devfn), fun = PCI_FUNC(devfn);
	int error;

	if (size < 4)
		error = rumpext_pci_confwrite(bus->number, dev, fun, where, size, val);
	else
		error = rumpcomp_pci_confwrite(bus->number, dev, fun, where, val);
	return error ? PCIBIOS_DEVICE_NOT_FOUND : PCIBIOS_SUCCESSFUL;
}

static struct pci_ops ops = {
	.read = config_read,
	.write = config_write,
};

int pillion_bus_irq_alloc(void)
{
	unsigned long irq = find_next_zero_bit(irqs_used, NR_IRQS, PILLION_IRQ_FIRST_FREE);

	if (irq >= NR_IRQS)
		return -ENOSPC;
	__set_bit(irq, irqs_used);
	return irq;
}

void pillion_bus_irq_free(unsigned int irq)
{
	__clear_bit(irq, irqs_used);
}

/* A message, in the platform's interrupt. 0: the platform is to visit, for nobody will look. */
static int interrupt(void *arg)
{
	return pillion_irq_raise((unsigned long)arg);
}

/*
 * A pin, on a platform thread that holds the virtual CPU: the platform masks a line that stays
 * raised and is nobody's, so it is told. An interrupt that a driver has disabled is that driver's.
 */
static int pin_interrupt(void *arg)
{
	struct irq_desc *desc = irq_to_desc((unsigned long)arg);
	unsigned long flags = pillion_irq_begin();
	int mine;

	desc->irq_count = desc->irqs_unhandled = 0;
	generic_handle_irq_desc(desc);
	mine = desc->action && !desc->irqs_unhandled;
	pillion_irq_end(flags);
	return mine;
}

int pillion_bus_irq_establish(unsigned int cookie, unsigned int irq)
{
	pins[irq] = rumpcomp_pci_irq_establish(cookie, pin_interrupt, (void *)(unsigned long)irq);
	return pins[irq] ? 0 : -ENODEV;
}

/* Give the platform a name for an interrupt of the device: line, as in its register. */
static int name_irq(const struct pci_dev *dev, unsigned int line, unsigned int irq)
{
	return rumpcomp_pci_irq_map(dev->bus->number, PCI_SLOT(dev->devfn), PCI_FUNC(dev->devfn),
				    line, irq);
}

/*
 * An interrupt number for a line. Devices that share a line have numbers of their own, each of
 * which is raised for all.
 */
static int map_line(const struct pci_dev *dev, unsigned int line)
{
	int irq = pillion_bus_irq_alloc();

	if (irq < 0)
		return 0;
	if (!name_irq(dev, line, irq) && !pillion_bus_irq_establish(irq, irq))
		return irq;
	pillion_bus_irq_free(irq);
	return 0;		/* the device has none */
}

static int map_irq(const struct pci_dev *dev, u8 slot, u8 pin)
{
	return map_line(dev, dev->irq);
}

int pillion_isa_irq(struct pci_dev *dev, unsigned int line)
{
	static int irqs[16];

	if (!irqs[line])
		irqs[line] = map_line(dev, RUMPEXT_IRQ_ISA | line);
	return irqs[line];
}

#ifdef CONFIG_PCI_MSI
/* Vectors of MSI-X are masked until somebody unmasks them. */
static struct irq_chip msi_chip = {
	.name = "msi",
	.irq_mask = pci_msi_mask_irq,
	.irq_unmask = pci_msi_unmask_irq,
};

int arch_setup_msi_irq(struct pci_dev *dev, struct msi_desc *desc)
{
	struct msi_msg msg = { 0 };
	int irq = pillion_bus_irq_alloc(), cookie = dev->irq, error;
	void *arg, *msi;
	uint64_t addr;
	uint32_t data;

	if (irq < 0)
		return irq;
	arg = (void *)(unsigned long)irq;
	if ((unsigned int)cookie >= NR_IRQS || !pins[cookie]) {
		cookie = irq;	/* a device without a pin has no name yet */
		name_irq(dev, dev->irq, cookie);
	}
	error = rumpext_msi_alloc(cookie, 1, interrupt, &arg, &addr, &data, &msi);
	if (error) {
		pillion_bus_irq_free(irq);
		return -pillion_from_rump(error);
	}
	msg.address_lo = lower_32_bits(addr);
	msg.address_hi = upper_32_bits(addr);
	msg.data = data;
	irq_set_msi_desc(irq, desc);
	irq_set_chip_and_handler(irq, &msi_chip, handle_simple_irq);
	messages[irq] = msi;
	pci_write_msi_msg(irq, &msg);
	return 0;
}

void arch_teardown_msi_irq(unsigned int irq)
{
	rumpext_msi_free(messages[irq]);
	messages[irq] = NULL;
	irq_set_chip_and_handler(irq, &dummy_irq_chip, handle_simple_irq);
	irq_set_msi_desc(irq, NULL);
	pillion_bus_irq_free(irq);
}
#endif

static struct resource mem_window = {
	.name = "PCI memory",
	.start = 0,
	.end = ~(resource_size_t)0,
	.flags = IORESOURCE_MEM,
};

static struct resource io_window = {
	.name = "PCI I/O",
	.start = 0,
	.end = 0xffff,
	.flags = IORESOURCE_IO,
};

static struct resource bus_range = {
	.name = "PCI buses",
	.start = 0,
	.end = 255,
	.flags = IORESOURCE_BUS,
};

static int __init pci_init(void)
{
	struct pci_host_bridge *bridge;
	struct pci_bus *bus;
	unsigned int id;

	rumpcomp_pci_iospace_init();	/* without ports, drivers that need them find none */
	if (rumpcomp_pci_confread(0, 0, 0, 0, &id))
		return 0;		/* no PCI here */
	bridge = pci_alloc_host_bridge(0);
	if (!bridge)
		return -ENOMEM;
	pci_add_resource(&bridge->windows, &mem_window);
	pci_add_resource(&bridge->windows, &io_window);
	pci_add_resource(&bridge->windows, &bus_range);
	bridge->ops = &ops;
	bridge->map_irq = map_irq;
	pci_add_flags(PCI_PROBE_ONLY);
	if (pci_scan_root_bus_bridge(bridge)) {
		pci_free_host_bridge(bridge);
		return -ENODEV;
	}
	bus = bridge->bus;
	pci_bus_claim_resources(bus);
	pci_bus_add_devices(bus);
	pillion_bus_hold_cards();
	return 0;
}
subsys_initcall(pci_init);

/* After the devices were shut down, and without the virtual CPU: no handler comes any more. */
void pillion_pci_stop(void)
{
	unsigned int irq;

	for (irq = 0; irq < NR_IRQS; irq++) {
		if (pins[irq])
			rumpext_irq_disestablish(pins[irq]);
		if (messages[irq])
			rumpext_msi_free(messages[irq]);
	}
}
