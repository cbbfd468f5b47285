/* SPDX-License-Identifier: BSD-2-Clause */
/* PSCI, the firmware's calls for power. The tree says by which instruction they are made. */
#include <nucleus/log.h>
#include <nucleus/string.h>

#include "virt.h"

#define CPU_ON		0xc4000003
#define SYSTEM_OFF	0x84000008
#define SYSTEM_RESET	0x84000009

static enum { NO_PSCI, BY_HVC, BY_SMC } method;

/* By the SMC calling convention x0 to x3 come back changed, x4 to x17 may. */
static int64_t call(uint32_t function, uint64_t a, uint64_t b)
{
	register uint64_t x0 __asm__("x0") = function;
	register uint64_t x1 __asm__("x1") = a;
	register uint64_t x2 __asm__("x2") = b;
	register uint64_t x3 __asm__("x3") = 0;

	if (method == NO_PSCI)
		return -1;
	if (method == BY_HVC)
		__asm__ volatile("hvc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) :: "x4", "x5", "x6",
		    "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "memory");
	else
		__asm__ volatile("smc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) :: "x4", "x5", "x6",
		    "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "memory");
	return (int64_t)x0;
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

bool psci_cpu_on(uint64_t mpidr, paddr_t entry)
{
	return call(CPU_ON, mpidr, entry) == 0;
}

void psci_poweroff(void)
{
	(void)call(SYSTEM_OFF, 0, 0);
}

void psci_reset(void)
{
	(void)call(SYSTEM_RESET, 0, 0);
}
