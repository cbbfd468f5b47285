/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * I/O ports, device memory, described devices: the board's.
 *
 * Interface: rumpext_pio_*, rumpext_mmio_*, rumpext_platdev; rumpcomp_pci_iospace_init,
 * rumpcomp_pci_map.
 *
 * A donor does not say when it needs a mapping of device memory no more, and asks for the same
 * again and again. So mappings are kept, and given to whoever asks for a part of one.
 *
 * Locking: a spin lock protects the list of mappings, which only grows.
 */
#include <nucleus/board.h>
#include <nucleus/heap.h>
#include <nucleus/page.h>
#include <nucleus/space.h>
#include <nucleus/string.h>

#include <rump/rumpcomp_pci.h>
#include <rump/rumpext_bus.h>

#include "platform.h"

struct mapping {
	struct mapping	*next;
	paddr_t		pa;
	size_t		len;
	uint8_t		*va;
};
static struct mapping *mappings;
static struct spinlock lock = SPINLOCK_INIT;

uint32_t rumpext_pio_read(unsigned port, int width)
{
	return board_pio_read(port, width);
}

void rumpext_pio_write(unsigned port, int width, uint32_t value)
{
	board_pio_write(port, width, value);
}

int rumpcomp_pci_iospace_init(void)
{
	return 0;
}

/* Devices are real: no access is made by a function. */
void rumpext_mmio_window(uintptr_t *lo, uintptr_t *hi)
{
	*lo = *hi = 0;
}

uint64_t rumpext_mmio_read(const volatile void *addr, int width)
{
	switch (width) {
	case 1:
		return *(const volatile uint8_t *)addr;
	case 2:
		return *(const volatile uint16_t *)addr;
	case 4:
		return *(const volatile uint32_t *)addr;
	default:
		return *(const volatile uint64_t *)addr;
	}
}

void rumpext_mmio_write(volatile void *addr, int width, uint64_t value)
{
	switch (width) {
	case 1:
		*(volatile uint8_t *)addr = (uint8_t)value;
		break;
	case 2:
		*(volatile uint16_t *)addr = (uint16_t)value;
		break;
	case 4:
		*(volatile uint32_t *)addr = (uint32_t)value;
		break;
	default:
		*(volatile uint64_t *)addr = value;
		break;
	}
}

static void *find(paddr_t pa, size_t len)
{
	unsigned long flags = spin_lock(&lock);
	struct mapping *m;
	void *va = NULL;

	for (m = mappings; m != NULL && va == NULL; m = m->next)
		if (pa >= m->pa && len <= m->len && pa - m->pa <= m->len - len)
			va = m->va + (pa - m->pa);
	spin_unlock(&lock, flags);
	return va;
}

/* RAM mapped uncached a second time would lose what is in the caches; and some of it is ours. */
bool platform_is_device(paddr_t pa, size_t len)
{
	paddr_t end;

	if (len == 0 || __builtin_add_overflow(pa, len, &end) || end > ROUND_UP(end, PAGE_SIZE))
		return false;
	return !page_any_ram(ROUND_DOWN(pa, PAGE_SIZE), ROUND_UP(end, PAGE_SIZE));
}

void *rumpcomp_pci_map(unsigned long addr, unsigned long len)
{
	paddr_t start = ROUND_DOWN((paddr_t)addr, PAGE_SIZE);
	struct mapping *m;
	unsigned long flags;
	void *va = find(addr, len);

	if (va != NULL || !platform_is_device(addr, len))
		return va;
	m = heap_alloc(sizeof(*m));
	if (m == NULL)
		return NULL;
	m->pa = start;
	m->len = ROUND_UP(addr + len - start, PAGE_SIZE);
	m->va = device_map(start, m->len, PROT_R | PROT_W | PROT_DEVICE);
	if (m->va == NULL) {
		heap_free(m);
		return NULL;
	}
	flags = spin_lock(&lock);
	m->next = mappings;
	mappings = m;
	spin_unlock(&lock, flags);
	return m->va + (addr - start);
}

int rumpext_platdev(unsigned idx, struct rumpext_platdev *pd)
{
	struct board_device dev;

	if (board_device(idx, &dev) != 0)
		return RUMP_ENXIO;
	memset(pd, 0, sizeof(*pd));
	strlcpy(pd->pd_name, dev.name, sizeof(pd->pd_name));
	pd->pd_base = dev.base;
	pd->pd_len = dev.len;
	pd->pd_irq = COOKIE_LINE + dev.irq;
	return 0;
}
