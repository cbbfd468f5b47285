/* SPDX-License-Identifier: BSD-2-Clause */
/* The machines, network cards and disk controllers that QEMU can be asked for. Constant tables. */
#ifndef RUN_HARDWARE_H
#define RUN_HARDWARE_H

#include <stdbool.h>
#include <stddef.h>

enum slot { SLOT_PC = 1, SLOT_Q35 = 2, SLOT_MICROVM = 4 };	/* machines, as a set */

struct machine {
	const char *name;
	enum slot slot;
	const char *argument;		/* of -machine */
	const char *nic, *bus;		/* what it gets unless told */
};

struct nic {
	const char *name;
	unsigned machines;
	const char *pci, *mmio;		/* QEMU's device; NULL: none such */
};

struct bus {
	const char *name;
	unsigned machines;
	/*
	 * A controller to add, one for every `room` disks: its device, and how its bus is called
	 * (%u: its number). NULL: the machine has it, or the disk is a device of its own.
	 */
	const char *controller, *attach;
	unsigned room;
	const char *disk, *cdrom;	/* QEMU's devices; cdrom NULL: it has none */
	const char *mmio;		/* the disk's device where there is no PCI */
	bool can_read_only;
	const char *guest;		/* how the guest names disks: "vd", "sd", "nvme" */
};

extern const struct machine machines[];
extern const struct nic nics[];
extern const struct bus buses[];
extern const size_t nmachines, nnics, nbuses;

/* By name; NULL: no such. */
const struct machine *machine_find(const char *name);
const struct nic *nic_find(const char *name);
const struct bus *bus_find(const char *name);
/* All names, for messages; static storage of each function. */
const char *machine_names(void);
const char *nic_names(void);
const char *bus_names(void);

#endif
