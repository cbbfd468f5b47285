// SPDX-License-Identifier: GPL-2.0-only
/*
 * PCI over the rumpcomp_pci_* hypercalls: one host bridge whose configuration space, interrupts and BARs are the
 * platform's. Resources are what firmware, or the platform, left in the BARs.
 *
 * Locking: next_irq is touched during probing only, which is serialised by the device core's locks and the virtual CPU.
 */
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/msi.h>
#include <linux/pci.h>
#include <asm/rump.h>
#include <asm/vcpu.h>

static DECLARE_BITMAP(irqs_used, NR_IRQS);

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
	unsigned int shift = (where & 3) * 8, word, mask;

	if (size < 4) {
		/* The write-one-to-clear bits of the status register must not be written back as they were read. */
		if (rumpcomp_pci_confread(bus->number, PCI_SLOT(devfn), PCI_FUNC(devfn), where & ~3, &word))
			return PCIBIOS_DEVICE_NOT_FOUND;
		if ((where & ~3) == PCI_COMMAND)
			word &= 0xffff;
		mask = (size == 1 ? 0xff : 0xffff) << shift;
		val = (word & ~mask) | (val << shift & mask);
	}
	if (rumpcomp_pci_confwrite(bus->number, PCI_SLOT(devfn), PCI_FUNC(devfn), where & ~3, val))
		return PCIBIOS_DEVICE_NOT_FOUND;
	return PCIBIOS_SUCCESSFUL;
}

static struct pci_ops ops = {
	.read = config_read,
	.write = config_write,
};

static int irq_alloc(unsigned int n)
{
	unsigned long irq = bitmap_find_next_zero_area(irqs_used, NR_IRQS, PILLION_IRQ_FIRST_FREE, n, n - 1);

	if (irq + n > NR_IRQS)
		return -ENOSPC;
	bitmap_set(irqs_used, irq, n);
	return irq;
}

/* On a platform thread, or in its interrupt: only posts. */
static int interrupt(void *arg)
{
	pillion_irq_post((unsigned long)arg);
	return 1;
}

static int map_irq(const struct pci_dev *dev, u8 slot, u8 pin)
{
	unsigned int bus = dev->bus->number, fn = PCI_FUNC(dev->devfn);
	int irq = irq_alloc(1);

	if (irq < 0)
		return irq;
	if (rumpcomp_pci_irq_map(bus, PCI_SLOT(dev->devfn), fn, dev->irq, irq) ||
	    !rumpcomp_pci_irq_establish(irq, interrupt, (void *)(unsigned long)irq)) {
		clear_bit(irq, irqs_used);
		return -1;
	}
	return irq;
}

#ifdef CONFIG_PCI_MSI
int arch_setup_msi_irq(struct pci_dev *dev, struct msi_desc *desc)
{
	struct msi_msg msg = { 0 };
	void *arg, *msi;
	uint64_t addr;
	uint32_t data;
	int irq = irq_alloc(1), error;

	if (irq < 0)
		return irq;
	arg = (void *)(unsigned long)irq;
	error = rumpext_msi_alloc(irq, 1, interrupt, &arg, &addr, &data, &msi);
	if (error) {
		clear_bit(irq, irqs_used);
		return -error;
	}
	msg.address_lo = lower_32_bits(addr);
	msg.address_hi = upper_32_bits(addr);
	msg.data = data;
	irq_set_msi_desc(irq, desc);
	irq_set_chip_data(irq, msi);
	pci_write_msi_msg(irq, &msg);
	return 0;
}

void arch_teardown_msi_irq(unsigned int irq)
{
	rumpext_msi_free(irq_get_chip_data(irq));
	irq_set_chip_data(irq, NULL);
	irq_set_msi_desc(irq, NULL);
	clear_bit(irq, irqs_used);
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

	if (rumpcomp_pci_iospace_init() || rumpcomp_pci_confread(0, 0, 0, 0, &id))
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
	return 0;
}
subsys_initcall(pci_init);
