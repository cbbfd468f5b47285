/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ports, device memory and described devices on a host process: none. All weak, for the same
 * reason as in pci.c.
 *
 * Interface: rumpext_bus.h. Locking: none.
 */
#include "posix.h"

#include <rump/rumpext_bus.h>

#define WEAK __attribute__((__weak__))

WEAK uint32_t
rumpext_pio_read(unsigned port, int width)
{

	(void)port;
	return width == 4 ? 0xffffffffu : width == 2 ? 0xffffu : 0xffu;
}

WEAK void
rumpext_pio_write(unsigned port, int width, uint32_t value)
{

	(void)port;
	(void)width;
	(void)value;
}

WEAK void
rumpext_mmio_window(uintptr_t *lo, uintptr_t *hi)
{

	*lo = *hi = 0;
}

WEAK uint64_t
rumpext_mmio_read(const volatile void *addr, int width)
{

	(void)addr;
	return width == 8 ? ~0ull : (1ull << (8 * width)) - 1;
}

WEAK void
rumpext_mmio_write(volatile void *addr, int width, uint64_t value)
{

	(void)addr;
	(void)width;
	(void)value;
}

WEAK int
rumpext_platdev(unsigned idx, struct rumpext_platdev *pd)
{

	(void)idx;
	(void)pd;
	return RUMP_ENXIO;
}
