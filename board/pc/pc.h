/* SPDX-License-Identifier: BSD-2-Clause */
/* The PC's parts, among themselves. What they offer to others is <nucleus/board.h>. */
#ifndef BOARD_PC_H
#define BOARD_PC_H

#include <nucleus/cpu.h>

/*
 * Vectors: lines are VECTOR_LINES + n: GSIs first, then message-signalled ones. Those of a PIC
 * that is not used go to VECTOR_UNUSED.
 */
#define VECTOR_UNUSED	0x20
#define VECTOR_LINES	0x30
#define VECTOR_TIMER	0xf0
#define VECTOR_CPUS	0xf1		/* from one CPU to another */
#define VECTOR_SPURIOUS	0xff
#define LINES		(VECTOR_TIMER - VECTOR_LINES)

/* ---- ACPI ---- */

struct acpi_header {
	char		signature[4];
	uint32_t	length;
	uint8_t		revision, checksum;
	char		oem[6], oem_table[8];
	uint32_t	oem_revision, creator, creator_revision;
} PACKED;

struct acpi_address {			/* "generic address structure" */
	uint8_t		space, width, offset, access;
	uint64_t	address;
} PACKED;

/* The table with a signature, mapped; NULL. Its length has been checked, its sum too. */
const void *acpi_table(const char signature[4]);
void acpi_init(void);
void acpi_poweroff(void);		/* returns if it cannot */
void acpi_reset(void);
uint16_t acpi_pm_timer(void);		/* its port; 0: none */

/*
 * Tables of the firmware's: memory, mapped; a structure of size bytes with a signature and a sum of
 * 0, where firmware of old leaves it. NULL.
 */
const void *firmware_map(paddr_t pa, size_t len);
const void *firmware_find(const char *signature, size_t size);
bool firmware_sum_ok(const void *p, size_t len);

/*
 * The MP table: whether it says how pins of PCI are wired; the line of a device's pin (0: A), -1:
 * it does not say.
 */
bool mptable_init(void);
void mptable_cpus(void);		/* cpus_found() for each */
int mptable_pci_line(unsigned bus, unsigned dev, unsigned pin);

/* ---- interrupt controllers ---- */

bool apic_init(void);			/* local APIC and I/O APICs; false: no local one */
bool apic_has_pic(void);		/* the machine has the PICs beside */
void apic_let_pic(void);		/* what the PICs say comes through the local APIC */
void apic_init_secondary(void);
uint32_t apic_id(void);			/* of the boot CPU */
void apic_send(uint32_t id, uint32_t command);	/* to the CPU of that number; command: ICR's */
void apic_eoi(void);
void apic_timer_start(uint32_t count);
uint32_t apic_timer_left(void);
void apic_timer_deadline(uint64_t counter);
void apic_timer_mode(bool deadline);
unsigned ioapic_lines(void);
int ioapic_base(paddr_t address);	/* its first line; -1: there is no such one */
void ioapic_route(unsigned gsi, unsigned vector, unsigned flags);	/* masked */
void ioapic_mask(unsigned gsi, bool masked);
unsigned isa_line(unsigned irq, unsigned *flags);	/* the GSI of an ISA interrupt */

void pic_init(unsigned vector);		/* all masked */
void pic_mask(unsigned irq, bool masked);
bool pic_level(unsigned irq);
void pic_set_level(unsigned irq);
bool pic_spurious(unsigned irq);
void pic_eoi(unsigned irq);

void irq_init(void);			/* after pci_init */
bool irq_uses_apic(void);		/* the local one, for the timer and messages */
bool irq_uses_pic(void);		/* for lines */

/* ---- other CPUs ---- */

void cpus_found(uint32_t id);		/* tables say that there is one, perhaps the boot CPU */

/* ---- the rest ---- */

void boot_parse(void);
void screen_init(void);
void keyboard_init(void);
void pci_init(void);
void time_init(void);
void time_init_secondary(void);

#endif /* BOARD_PC_H */
