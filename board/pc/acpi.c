/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ACPI, as far as it needs no interpreter: finding tables, power off, reset. What other tables of
 * the firmware's need to be found is here as well.
 *
 * Tables are in memory that the direct map has (BOOT_ACPI), or else are mapped when asked for.
 * Locking: none; tables are found at boot and constant.
 */
#include <nucleus/boot.h>
#include <nucleus/log.h>
#include <nucleus/page.h>
#include <nucleus/space.h>
#include <nucleus/string.h>

#include "pc.h"

struct rsdp {
	char		signature[8];
	uint8_t		checksum;
	char		oem[6];
	uint8_t		revision;
	uint32_t	rsdt, length;
	uint64_t	xsdt;
} PACKED;

#define RSDP_FIRST	20		/* bytes of the first version, which the checksum is of */

struct fadt {
	struct acpi_header header;
	uint32_t	firmware_ctrl, dsdt;
	uint8_t		reserved0, profile;
	uint16_t	sci;
	uint32_t	smi_command;
	uint8_t		acpi_enable, acpi_disable, s4bios, pstate;
	uint32_t	pm1a_event, pm1b_event, pm1a_control, pm1b_control, pm2_control, pm_timer;
	uint32_t	gpe0, gpe1;
	uint8_t		other0[24];
	uint32_t	flags;
	struct acpi_address reset;
	uint8_t		reset_value;
	uint8_t		other1[3];
	uint64_t	x_firmware_ctrl, x_dsdt;
	struct acpi_address x_blocks[8];
	struct acpi_address sleep_control, sleep_status;
} PACKED;

#define FADT_RESET	(1u << 10)
#define FADT_REDUCED	(1u << 20)
#define TABLES_MAX	32
#define PM1_TYPE	0x1c00
#define PM1_SLEEP	0x2000

_Static_assert(offsetof(struct fadt, flags) == 112, "FADT");
_Static_assert(offsetof(struct fadt, reset) == 116, "FADT");
_Static_assert(offsetof(struct fadt, sleep_control) == 244, "FADT");

static const struct acpi_header *tables[TABLES_MAX];
static unsigned ntables;
static const struct fadt *fadt;
static bool s5_known;
static uint8_t s5_type[2];		/* the numbers for PM1a and PM1b that mean off */

const void *firmware_map(paddr_t pa, size_t len)
{
	paddr_t found;

	if (space_lookup(&kernel_space, (vaddr_t)phys_to_virt(pa), &found, NULL) == 0 &&
	    space_lookup(&kernel_space, (vaddr_t)phys_to_virt(pa + len - 1), &found, NULL) == 0)
		return phys_to_virt(pa);
	return device_map(pa, len, PROT_R);
}

bool firmware_sum_ok(const void *p, size_t len)
{
	const uint8_t *b = p;
	uint8_t sum = 0;

	while (len-- > 0)
		sum += *b++;
	return sum == 0;
}

static const struct acpi_header *map_table(paddr_t pa)
{
	const struct acpi_header *h = pa != 0 ? firmware_map(pa, sizeof(*h)) : NULL;

	if (h == NULL || h->length < sizeof(*h) || h->length > MIB)
		return NULL;
	h = firmware_map(pa, h->length);
	return h != NULL && firmware_sum_ok(h, h->length) ? h : NULL;
}

/* A structure with a signature of 4 bytes or more and a sum of zero, on a 16-byte boundary. */
static const void *scan(paddr_t start, size_t len, const char *signature, size_t size)
{
	const char *p = firmware_map(start, len);
	uint32_t begin, there;

	memcpy(&begin, signature, sizeof(begin));
	for (size_t off = 0; p != NULL && off + size <= len; off += 16) {
		memcpy(&there, p + off, sizeof(there));
		if (there == begin && memcmp(p + off, signature, strlen(signature)) == 0 &&
		    firmware_sum_ok(p + off, size))
			return p + off;
	}
	return NULL;
}

/*
 * Where firmware of old leaves such things: in the first KiB of the extended BIOS data area, whose
 * segment is at 0x40e, or in the last 128 KiB of the first MiB.
 */
const void *firmware_find(const char *signature, size_t size)
{
	const uint8_t *p = firmware_map(0x40e, 2);
	const void *found = NULL;
	paddr_t area;

	if (p != NULL) {
		area = (paddr_t)(p[0] | p[1] << 8) << 4;
		if (area >= 0x80000 && area < 0xa0000)
			found = scan(area, KIB, signature, size);
	}
	return found != NULL ? found : scan(0xe0000, 0x20000, signature, size);
}

/* Where the loader says, or else the firmware. */
static const struct rsdp *find_rsdp(void)
{
	const struct rsdp *found = NULL;

	if (boot_info.tables != 0)
		found = scan(boot_info.tables, sizeof(*found), "RSD PTR ", RSDP_FIRST);
	return found != NULL ? found : firmware_find("RSD PTR ", RSDP_FIRST);
}

const void *acpi_table(const char signature[4])
{
	for (unsigned i = 0; i < ntables; i++) {
		if (memcmp(tables[i]->signature, signature, 4) == 0)
			return tables[i];
	}
	return NULL;
}

/*
 * The object \_S5_ in the DSDT's code: Name (_S5_, Package () { a, b, ... }), a and b being the
 * numbers to write for power off. As bytes: "_S5_" 12 length count a b, each of a and b a byte
 * after 0a, or 00 or 01 by itself. The length has one byte here.
 */
static void find_s5(const struct acpi_header *dsdt)
{
	const uint8_t *p = (const uint8_t *)(dsdt + 1), *end = (const uint8_t *)dsdt + dsdt->length;

	for (; p + 11 <= end; p++) {
		if (memcmp(p, "_S5_", 4) != 0 || p[4] != 0x12)
			continue;
		p += 7;
		for (unsigned i = 0; i < 2; i++) {
			if (*p == 0x0a)
				p++;
			s5_type[i] = *p++;
		}
		s5_known = true;
		return;
	}
}

void acpi_init(void)
{
	const struct rsdp *rsdp = find_rsdp();
	const struct acpi_header *root, *dsdt;
	bool wide;
	size_t n;

	if (rsdp == NULL) {
		log_info("acpi: none");
		return;
	}
	wide = rsdp->revision >= 2 && rsdp->xsdt != 0;
	root = map_table(wide ? rsdp->xsdt : rsdp->rsdt);
	if (root == NULL) {
		log_warn("acpi: bad root table");
		return;
	}
	n = (root->length - sizeof(*root)) / (wide ? 8 : 4);
	for (size_t i = 0; i < n && ntables < TABLES_MAX; i++) {
		const char *entry = (const char *)(root + 1) + i * (wide ? 8 : 4);
		uint64_t pa = 0;

		memcpy(&pa, entry, wide ? 8 : 4);
		tables[ntables] = map_table(pa);
		if (tables[ntables] != NULL)
			ntables++;
	}
	fadt = acpi_table("FACP");
	if (fadt != NULL && fadt->header.length < offsetof(struct fadt, reset))
		fadt = NULL;
	if (fadt == NULL)
		return;
	wide = fadt->header.length >= offsetof(struct fadt, x_blocks) && fadt->x_dsdt != 0;
	dsdt = map_table(wide ? fadt->x_dsdt : fadt->dsdt);
	if (dsdt != NULL)
		find_s5(dsdt);
}

uint16_t acpi_pm_timer(void)
{
	return fadt != NULL && !(fadt->flags & FADT_REDUCED) ? (uint16_t)fadt->pm_timer : 0;
}

static void write_register(const struct acpi_address *a, uint8_t value)
{
	uint8_t *p;

	if (a->space == 1) {
		outb((uint16_t)a->address, value);
	} else if (a->space == 0 && a->address != 0) {
		p = device_map(a->address, 1, PROT_R | PROT_W | PROT_DEVICE);
		if (p != NULL)
			*(volatile uint8_t *)p = value;
	}
}

/* To both PM1 control registers, whose other bits stay as they are. */
static void sleep_write(const uint8_t type[2], unsigned enable)
{
	const uint16_t port[] = { (uint16_t)fadt->pm1a_control, (uint16_t)fadt->pm1b_control };

	for (unsigned i = 0; i < 2; i++) {
		if (port[i] != 0) {
			unsigned other = inw(port[i]) & ~(unsigned)(PM1_TYPE | PM1_SLEEP);

			outw(port[i], (uint16_t)(other | (unsigned)type[i] << 10 | enable));
		}
	}
}

void acpi_poweroff(void)
{
	const uint8_t enable = 0x20;		/* of an eight-bit sleep control register */

	if (fadt == NULL || !s5_known)
		return;
	if (fadt->flags & FADT_REDUCED) {
		if (fadt->header.length < sizeof(*fadt))
			return;
		write_register(&fadt->sleep_control, (uint8_t)(s5_type[0] << 2 | enable));
		return;
	}
	/* The firmware may still hold the registers: ask for them. */
	if (fadt->smi_command != 0 && fadt->acpi_enable != 0 &&
	    !(inw((uint16_t)fadt->pm1a_control) & 1)) {
		outb((uint16_t)fadt->smi_command, fadt->acpi_enable);
		for (unsigned i = 0; i < 1000000 && !(inw((uint16_t)fadt->pm1a_control) & 1); i++)
			cpu_pause();
	}
	sleep_write(s5_type, 0);
	sleep_write(s5_type, PM1_SLEEP);
}

void acpi_reset(void)
{
	if (fadt != NULL && fadt->header.length >= 129 && (fadt->flags & FADT_RESET))
		write_register(&fadt->reset, fadt->reset_value);
}
