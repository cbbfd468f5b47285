/* SPDX-License-Identifier: BSD-2-Clause */
/* Devices for which the donor has no driver: named, with what an image needs to have one. */
#include <nucleus/heap.h>

#include <rump/rumpcomp_pci.h>

#include "image.h"

#define LIST_MAX	(32 * KIB)
#define CLASS_REG	8		/* configuration space: class code, in the upper three bytes */
#define VENDOR_VIRTIO	0x1af4

/* Kinds of devices that a donor may have drivers for, and the fragment that has them. */
static const struct {
	unsigned	class, mask;	/* of class and subclass */
	const char	*kind, *fragment;
} kinds[] = {
	{ 0x0200, 0xff00, "network card", "pci-net" },	/* the first: see look_at() */
	{ 0x0100, 0xff00, "disk controller", "pci-storage" },
	{ 0x0c03, 0xffff, "USB controller", "usb" },
};

static unsigned hex(const char *s, unsigned digits)
{
	unsigned n = 0;

	for (; digits > 0; digits--, s++)
		n = n << 4 | (*s <= '9' ? (unsigned)*s - '0' : ((unsigned)*s | 0x20) - 'a' + 10);
	return n;
}

/* "BBDD\tVVVVDDDD\t...\tDRIVER": bus and function, vendor and device, ..., nothing without one. */
static void look_at(const char *line, size_t len, enum log_level level, bool cards)
{
	unsigned bus, fn, vendor, device, class;

	if (len < 14 || line[4] != '\t' || line[len - 1] != '\t')
		return;
	bus = hex(line, 2);
	fn = hex(line + 2, 2);
	vendor = hex(line + 5, 4);
	device = hex(line + 9, 4);
	if (rumpcomp_pci_confread(bus, fn >> 3, fn & 7, CLASS_REG, &class) != 0)
		return;
	class >>= 16;
	for (unsigned i = cards ? 0 : 1; i < ARRAY_SIZE(kinds); i++)
		if ((class & kinds[i].mask) == kinds[i].class)
			log_print(level, "PCI %02x:%02x.%x: %s %04x:%04x has no driver in this image; the "
			    "fragment %s may have one", bus, fn >> 3, fn & 7, kinds[i].kind, vendor,
			    device, vendor == VENDOR_VIRTIO ? "virtio" : kinds[i].fragment);
}

void devices_report(enum log_level level, bool cards)
{
	char *list = heap_alloc(LIST_MAX), *line = list, *end;

	if (list == NULL)
		return;
	if (file_read("/proc/bus/pci/devices", list, LIST_MAX) > 0)
		for (; (end = strchr(line, '\n')) != NULL; line = end + 1)
			look_at(line, (size_t)(end - line), level, cards);
	heap_free(list);
}
