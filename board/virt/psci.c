/* SPDX-License-Identifier: BSD-2-Clause */
/* PSCI, the firmware's calls for power. The tree says by which instruction they are made. */
#include <nucleus/log.h>
#include <nucleus/string.h>

#include "virt.h"

#define SYSTEM_OFF	0x84000008
#define SYSTEM_RESET	0x84000009

static enum { NO_PSCI, BY_HVC, BY_SMC } method;

/* By the SMC calling convention x0 to x3 come back changed, x4 to x17 may. */
static void call(uint32_t function)
{
	register uint64_t x0 __asm__("x0") = function;

	if (method == BY_HVC)
		__asm__ volatile("hvc #0" : "+r"(x0) :: "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8",
		    "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "memory");
	else if (method == BY_SMC)
		__asm__ volatile("smc #0" : "+r"(x0) :: "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8",
		    "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "memory");
}

void psci_init(void)
{
	struct fdt_walk w = { 0 };

	while (fdt_next(&w)) {
		const char *how = fdt_string(&w, "method");

		if (how != NULL && (fdt_compatible(&w, "arm,psci-0.2") || fdt_compatible(&w, "arm,psci-1.0")))
			method = strcmp(how, "hvc") == 0 ? BY_HVC : BY_SMC;
	}
	if (method == NO_PSCI)
		log_warn("no PSCI: the machine cannot switch itself off");
}

void psci_poweroff(void)
{
	call(SYSTEM_OFF);
}

void psci_reset(void)
{
	call(SYSTEM_RESET);
}
