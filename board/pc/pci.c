/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PCI configuration space: memory where the firmware's MCFG says so, else I/O ports.
 *
 * Interface: board_pci_*, board_pio_*, board_device.
 * Locking: pci_lock for the port pair.
 */
#include <nucleus/board.h>
#include <nucleus/boot.h>
#include <nucleus/error.h>
#include <nucleus/log.h>
#include <nucleus/space.h>
#include <nucleus/string.h>
#include <nucleus/sync.h>

#include "pc.h"

#define PORT_ADDRESS	0xcf8
#define PORT_DATA	0xcfc
#define BUS_SIZE	MIB		/* of configuration space in memory */

struct mcfg {
	struct acpi_header header;
	uint64_t	reserved;
	uint64_t	base;
	uint16_t	segment;
	uint8_t		first_bus, last_bus;
	uint32_t	reserved1;
} PACKED;

static struct spinlock pci_lock;
static bool have_ports;
static volatile uint32_t *ecam;
static unsigned first_bus, last_bus;

void pci_init(void)
{
	const struct mcfg *m = acpi_table("MCFG");

	if (m != NULL && m->header.length >= sizeof(*m) && m->segment == 0) {
		first_bus = m->first_bus;
		last_bus = m->last_bus;
		ecam = device_map(m->base + first_bus * BUS_SIZE, (last_bus - first_bus + 1) * BUS_SIZE,
		    PROT_R | PROT_W | PROT_DEVICE);
	}
	outl(PORT_ADDRESS, 0x80000000);
	have_ports = inl(PORT_ADDRESS) == 0x80000000;
	log_info("pci: %s", ecam != NULL ? "ECAM" : have_ports ? "ports" : "none");
}

unsigned board_pci_config_size(void)
{
	return ecam != NULL ? 4096 : have_ports ? 256 : 0;
}

static volatile uint32_t *ecam_at(unsigned bus, unsigned dev, unsigned fn, unsigned reg)
{
	if (ecam == NULL || bus < first_bus || bus > last_bus || dev > 31 || fn > 7 || reg > 4095)
		return NULL;
	return &ecam[((bus - first_bus) * BUS_SIZE + (dev << 15) + (fn << 12) + reg) / 4];
}

static bool port_ok(unsigned bus, unsigned dev, unsigned fn, unsigned reg)
{
	return have_ports && bus < 256 && dev < 32 && fn < 8 && reg < 256;
}

uint32_t board_pci_read(unsigned bus, unsigned dev, unsigned fn, unsigned reg)
{
	volatile uint32_t *p = ecam_at(bus, dev, fn, reg);
	unsigned long flags;
	uint32_t v = ~0u;

	if (p != NULL)
		return *p;
	if (port_ok(bus, dev, fn, reg)) {
		flags = spin_lock(&pci_lock);
		outl(PORT_ADDRESS, 0x80000000 | bus << 16 | dev << 11 | fn << 8 | (reg & 0xfc));
		v = inl(PORT_DATA);
		spin_unlock(&pci_lock, flags);
	}
	return v;
}

static void store(volatile void *p, int width, uint32_t value)
{
	if (width == 1)
		*(volatile uint8_t *)p = (uint8_t)value;
	else if (width == 2)
		*(volatile uint16_t *)p = (uint16_t)value;
	else
		*(volatile uint32_t *)p = value;
}

void board_pci_write(unsigned bus, unsigned dev, unsigned fn, unsigned reg, int width,
    uint32_t value)
{
	volatile uint32_t *p = ecam_at(bus, dev, fn, reg & ~3u);
	unsigned long flags;

	if (p != NULL) {
		store((volatile uint8_t *)p + (reg & 3), width, value);
	} else if (port_ok(bus, dev, fn, reg)) {
		flags = spin_lock(&pci_lock);
		outl(PORT_ADDRESS, 0x80000000 | bus << 16 | dev << 11 | fn << 8 | (reg & 0xfc));
		board_pio_write(PORT_DATA + (reg & 3), width, value);
		spin_unlock(&pci_lock, flags);
	}
}

/* The bridge to a bus. Its own bus has a lower number. */
static bool find_bridge(unsigned bus, unsigned *parent, unsigned *dev)
{
	for (unsigned b = 0; b < bus; b++) {
		for (unsigned d = 0; d < 32; d++) {
			for (unsigned fn = 0; fn < 8; fn++) {
				uint32_t type = board_pci_read(b, d, fn, 0x0c) >> 16 & 0xff;

				if (board_pci_read(b, d, fn, 0) != ~0u && (type & 0x7f) == 1 &&
				    (board_pci_read(b, d, fn, 0x18) >> 8 & 0xff) == bus) {
					*parent = b;
					*dev = d;
					return true;
				}
				if (fn == 0 && !(type & 0x80))
					break;		/* it has one function */
			}
		}
	}
	return false;
}

/* A bridge passes pin p of device d below it on as its own pin p + d, modulo 4. */
static int wired_line(unsigned bus, unsigned dev, unsigned pin)
{
	unsigned parent, bridge;
	int line = mptable_pci_line(bus, dev, pin);

	while (line < 0 && find_bridge(bus, &parent, &bridge)) {
		pin = (pin + dev) % 4;
		bus = parent;
		dev = bridge;
		line = mptable_pci_line(bus, dev, pin);
	}
	return line;
}

/* As wired; else the line of the PICs, to which the firmware has routed it. */
int board_pci_irq(unsigned bus, unsigned dev, unsigned fn, unsigned intrline)
{
	unsigned pin = board_pci_read(bus, dev, fn, 0x3c) >> 8 & 0xff, flags;
	int line = -1;

	if (!irq_uses_pic() && pin >= 1 && pin <= 4)
		line = wired_line(bus, dev, pin - 1);
	if (line < 0 && intrline > 0 && intrline < 16)
		line = (int)isa_line(intrline, &flags);
	return line;
}

int board_isa_irq(unsigned n)
{
	unsigned flags;

	return n < 16 ? (int)isa_line(n, &flags) : -1;
}

uint32_t board_pio_read(unsigned port, int width)
{
	uint16_t p = (uint16_t)port;

	if (port > 0xffff)
		return ~0u;
	return width == 1 ? inb(p) : width == 2 ? inw(p) : inl(p);
}

void board_pio_write(unsigned port, int width, uint32_t value)
{
	uint16_t p = (uint16_t)port;

	if (port > 0xffff)
		return;
	if (width == 1)
		outb(p, (uint8_t)value);
	else if (width == 2)
		outw(p, (uint16_t)value);
	else
		outl(p, value);
}

/*
 * Described devices: "virtio_mmio.device=512@0xfeb00e00:12" on the command line, which QEMU's
 * microvm adds for each: size, address, interrupt line.
 */
int board_device(unsigned idx, struct board_device *dev)
{
	static const char key[] = "virtio_mmio.device=";
	const char *s = boot_info.cmdline;

	for (; *s != '\0'; s++) {
		if (strncmp(s, key, sizeof(key) - 1) != 0 || (s != boot_info.cmdline && s[-1] != ' '))
			continue;
		s += sizeof(key) - 1;
		if (idx-- > 0)
			continue;
		strlcpy(dev->name, "virtio-mmio", sizeof(dev->name));
		dev->len = string_number(s, &s);
		if ((*s | 0x20) == 'k') {
			dev->len *= KIB;
			s++;
		}
		if (*s != '@')
			return E_NXIO;
		dev->base = string_number(s + 1, &s);
		if (*s != ':')
			return E_NXIO;
		dev->irq = (unsigned)string_number(s + 1, NULL);
		return 0;
	}
	return E_NXIO;
}
