/* SPDX-License-Identifier: BSD-2-Clause */
/* Machines, network cards and disk controllers; see hardware.h. */
#include "hardware.h"

#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define PCI (SLOT_PC | SLOT_Q35)
#define ALL (PCI | SLOT_MICROVM)

const struct machine machines[] = {
	{ "pc", SLOT_PC, "pc", "e1000", "virtio" },
	{ "q35", SLOT_Q35, "q35", "e1000", "virtio" },
	/* without ACPI QEMU describes the virtio devices on the kernel's command line */
	{ "microvm", SLOT_MICROVM, "microvm,acpi=off", "virtio", "virtio" },
};
const size_t nmachines = COUNT(machines);

const struct nic nics[] = {
	{ "e1000", PCI, "e1000", NULL },	/* the 82540EM */
	{ "e1000e", PCI, "e1000e", NULL },
	{ "virtio", ALL, "virtio-net-pci", "virtio-net-device" },
	{ "pcnet", PCI, "pcnet", NULL },
	{ "rtl8139", PCI, "rtl8139", NULL },
	{ "vmxnet3", PCI, "vmxnet3", NULL },
};
const size_t nnics = COUNT(nics);

const struct bus buses[] = {
	{ "virtio", ALL, NULL, NULL, 0, "virtio-blk-pci", NULL, "virtio-blk-device", true, "vd" },
	/* the PC's own piix3; two channels of two */
	{ "ide", SLOT_PC, NULL, NULL, 4, "ide-hd", "ide-cd", NULL, false, "sd" },
	{ "ahci", PCI, "ahci,id=ahci%u", "ahci%u.%u", 6, "ide-hd", "ide-cd", NULL, false, "sd" },
	{ "nvme", PCI, NULL, NULL, 0, "nvme", NULL, NULL, false, "nvme" },
	{ "scsi", PCI, "lsi53c895a,id=scsi%u", "scsi%u.0", 7, "scsi-hd", "scsi-cd", NULL, true,
	  "sd" },
	{ "virtio-scsi", PCI, "virtio-scsi-pci,id=vscsi%u", "vscsi%u.0", 64, "scsi-hd", "scsi-cd",
	  NULL, true, "sd" },
	{ "usb", PCI, "qemu-xhci,id=xhci%u", "xhci%u.0", 4, "usb-storage", NULL, NULL, true, "sd" },
	{ "ehci", PCI, "usb-ehci,id=ehci%u", "ehci%u.0", 6, "usb-storage", NULL, NULL, true, "sd" },
};
const size_t nbuses = COUNT(buses);

const struct machine *machine_find(const char *name)
{
	for (size_t i = 0; i < nmachines; i++) {
		if (strcmp(machines[i].name, name) == 0)
			return &machines[i];
	}
	return NULL;
}

const struct nic *nic_find(const char *name)
{
	for (size_t i = 0; i < nnics; i++) {
		if (strcmp(nics[i].name, name) == 0)
			return &nics[i];
	}
	return NULL;
}

const struct bus *bus_find(const char *name)
{
	for (size_t i = 0; i < nbuses; i++) {
		if (strcmp(buses[i].name, name) == 0)
			return &buses[i];
	}
	return NULL;
}

static void add_name(char *text, size_t size, const char *name)
{
	size_t len = strlen(text);

	snprintf(text + len, size - len, "%s%s", len ? ", " : "", name);
}

const char *machine_names(void)
{
	static char text[64];

	text[0] = '\0';
	for (size_t i = 0; i < nmachines; i++)
		add_name(text, sizeof(text), machines[i].name);
	return text;
}

const char *nic_names(void)
{
	static char text[96];

	text[0] = '\0';
	for (size_t i = 0; i < nnics; i++)
		add_name(text, sizeof(text), nics[i].name);
	return text;
}

const char *bus_names(void)
{
	static char text[96];

	text[0] = '\0';
	for (size_t i = 0; i < nbuses; i++)
		add_name(text, sizeof(text), buses[i].name);
	return text;
}
