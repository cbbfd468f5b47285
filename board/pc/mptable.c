/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The MultiProcessor Specification's table (Intel, version 1.4), for which input of which I/O APIC
 * the interrupt pins of PCI devices are wired to: ACPI says it in code only, which is not
 * interpreted here. And for the CPUs, where there is no ACPI.
 *
 * Interface: mptable_init, mptable_pci_line, mptable_cpus. Locking: none; the table is found at
 * boot and stays.
 */
#include <nucleus/log.h>
#include <nucleus/space.h>
#include <nucleus/string.h>

#include "pc.h"

struct mp_pointer {			/* on a 16-byte boundary in the firmware's memory */
	char		signature[4];	/* "_MP_" */
	uint32_t	table;
	uint8_t		length, revision, checksum, feature[5];
} PACKED;

struct mp_table {
	char		signature[4];	/* "PCMP" */
	uint16_t	length;
	uint8_t		revision, checksum;
	char		oem[8], product[12];
	uint32_t	oem_table;
	uint16_t	oem_size, entries;
	uint32_t	apic;
	uint16_t	extended_length;
	uint8_t		extended_checksum, reserved;
} PACKED;

enum { MP_CPU = 0, MP_BUS = 1, MP_IOAPIC = 2, MP_INTERRUPT = 3, MP_LOCAL = 4 };

struct mp_cpu {
	uint8_t		type, id, version, flags;	/* flags, bit 0: enabled */
} PACKED;

struct mp_bus {
	uint8_t		type, id;
	char		name[6];
} PACKED;

struct mp_ioapic {
	uint8_t		type, id, version, flags;
	uint32_t	address;
} PACKED;

struct mp_interrupt {
	uint8_t		type, kind;	/* kind 0: a vectored interrupt */
	uint16_t	flags;
	uint8_t		bus, source;	/* of PCI: device << 2 | pin, 0 being A */
	uint8_t		ioapic, input;
} PACKED;

#define PCI_BUSES	256

static const struct mp_table *table;
static bool is_pci[PCI_BUSES];		/* by the table's number of the bus, which is PCI's */

static const struct mp_pointer *find_pointer(void)
{
	return firmware_find("_MP_", sizeof(struct mp_pointer));
}

/* The entry after one; NULL: it was the last, or one of an unknown kind. */
static const uint8_t *next_entry(const uint8_t *p)
{
	const uint8_t *end = (const uint8_t *)table + table->length;
	unsigned room;

	p = p == NULL ? (const uint8_t *)(table + 1) : p + (*p == MP_CPU ? 20 : 8);
	room = p < end ? (unsigned)(end - p) : 0;
	return room >= 8 && *p <= MP_LOCAL && (*p != MP_CPU || room >= 20) ? p : NULL;
}

/* The first line of an I/O APIC, which this table and ACPI's know by its address. */
static int ioapic_first_line(uint8_t id)
{
	const uint8_t *p = NULL;

	while ((p = next_entry(p)) != NULL) {
		const struct mp_ioapic *io = (const struct mp_ioapic *)p;

		if (io->type == MP_IOAPIC && io->id == id)
			return ioapic_base(io->address);
	}
	return -1;
}

int mptable_pci_line(unsigned bus, unsigned dev, unsigned pin)
{
	const uint8_t *p = NULL;
	int first;

	while (table != NULL && (p = next_entry(p)) != NULL) {
		const struct mp_interrupt *i = (const struct mp_interrupt *)p;

		if (i->type == MP_INTERRUPT && i->kind == 0 && i->bus == bus && is_pci[i->bus] &&
		    i->source == (dev << 2 | pin)) {
			first = ioapic_first_line(i->ioapic);
			return first < 0 ? -1 : first + i->input;
		}
	}
	return -1;
}

bool mptable_init(void)
{
	const struct mp_pointer *pointer = find_pointer();
	const uint8_t *p = NULL;
	bool found = false;

	if (pointer == NULL || pointer->table == 0)
		return false;
	table = firmware_map(pointer->table, sizeof(*table));
	if (table != NULL && memcmp(table->signature, "PCMP", 4) == 0 &&
	    table->length >= sizeof(*table))
		table = firmware_map(pointer->table, table->length);
	else
		table = NULL;
	if (table == NULL || !firmware_sum_ok(table, table->length)) {
		table = NULL;
		return false;
	}
	while ((p = next_entry(p)) != NULL) {
		const struct mp_bus *b = (const struct mp_bus *)p;
		const struct mp_interrupt *i = (const struct mp_interrupt *)p;

		if (b->type == MP_BUS && memcmp(b->name, "PCI", 3) == 0)
			is_pci[b->id] = true;
		if (i->type == MP_INTERRUPT && is_pci[i->bus])
			found = true;
	}
	return found;
}

void mptable_cpus(void)
{
	const uint8_t *p = NULL;

	if (table == NULL)
		(void)mptable_init();
	while (table != NULL && (p = next_entry(p)) != NULL) {
		const struct mp_cpu *c = (const struct mp_cpu *)p;

		if (c->type == MP_CPU && (c->flags & 1))
			cpus_found(c->id);
	}
}
