// SPDX-License-Identifier: BSD-2-Clause
/*
 * The model's side of the PCI hypercalls: configuration space of one device at 00:03.0, its memory
 * and I/O BARs, its interrupt pin (level), DMA. Two threads: one does the device's DMA, one carries
 * the interrupt line to the donor.
 *
 * Interface: rumpcomp_pci.h and rumpext_bus.h, strong definitions in place of the platform's weak
 * ones; e1000_model.h. rumpext_arena() is wrapped (ld --wrap) to learn which memory the device can
 * reach. Locking: dev.lock, never held while the donor is called.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/mman.h>

#include <rump/rumpcomp_pci.h>
#include <rump/rumperrno.h>
#include <rump/rumpext_bus.h>
#include <rump/rumpext_vm.h>
#include <rump/rumpuser_component.h>

#include "model.h"

#define SLOT	   3
#define BAR_MEM	   0xfebc0000u /* as firmware leaves them */
#define BAR_IO	   0xc000u
#define INTLINE	   11
#define PM_CAP	   0xdc
#define MAX_ERRORS 20

struct device dev = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.work = PTHREAD_COND_INITIALIZER,
	.line = PTHREAD_COND_INITIALIZER,
	.room = PTHREAD_COND_INITIALIZER,
	.rx_tail = &dev.rx_head,
};

static uint32_t config[64];
static uint8_t *window; /* where the registers seem to be: never accessible */
static pthread_t dma_thread, line_thread;
static unsigned nerrors;
static unsigned cookie;
static int (*handler)(void *);
static void *handler_arg;
static bool in_handler;

/* ---- errors ---- */

void e1000m_error(const char *fmt, ...)
{
	va_list ap;

	if (__atomic_fetch_add(&nerrors, 1, __ATOMIC_RELAXED) >= MAX_ERRORS)
		return;
	flockfile(stdout);
	printf("# 82540EM: ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	fflush(stdout);
	funlockfile(stdout);
}

unsigned e1000m_errors(void) { return __atomic_load_n(&nerrors, __ATOMIC_RELAXED); }

/* ---- configuration space ---- */

static void config_init(void)
{
	memset(config, 0, sizeof(config));
	config[0x00 / 4] = 0x100e8086;
	config[0x04 / 4] = 0x02300000; /* capabilities, 66 MHz, medium timing */
	config[0x08 / 4] = 0x02000002; /* Ethernet, revision 2 */
	config[0x10 / 4] = BAR_MEM;
	config[0x18 / 4] = BAR_IO | 1;
	config[0x2c / 4] = 0x001e8086;
	config[0x34 / 4] = PM_CAP;
	config[0x3c / 4] = 0x00ff0100 | INTLINE; /* pin A */
	config[PM_CAP / 4] = 0x00220001;	 /* power management, the only capability */
}

/* Which bits of a word can be written. */
static uint32_t config_mask(int reg)
{
	switch (reg) {
	case 0x04: return 0x0000077f;
	case 0x0c: return 0x0000ffff;
	case 0x10: return ~(REG_SPACE - 1);
	case 0x18: return (uint32_t) ~(IO_SPACE - 1) & 0xffff;
	case 0x3c: return 0x000000ff;
	case PM_CAP + 4: return 0x00000103;
	}
	return 0;
}

static void config_store(int reg, uint32_t v)
{
	uint32_t mask = config_mask(reg), *w = &config[reg / 4];

	*w = (*w & ~mask) | (v & mask);
	if (reg == 0x04)
		*w &= ~(v & 0xf9000000u); /* status: writing ones clears */
	dev.io_on = config[1] & 1;
	dev.mem_on = config[1] & 2;
	dev.master = config[1] & 4;
	pthread_cond_signal(&dev.work);
}

int rumpcomp_pci_iospace_init(void) { return 0; }

static bool is_here(unsigned bus, unsigned slot, unsigned fun)
{
	return bus == 0 && slot == SLOT && fun == 0 && !dev.gone && !dev.opt.no_device;
}

int rumpcomp_pci_confread(unsigned bus, unsigned slot, unsigned fun, int reg, unsigned *value)
{
	*value = ~0u;
	if (reg < 0 || (reg & 3))
		return RUMP_EINVAL;
	if (bus != 0)
		return RUMP_ENODEV;
	pthread_mutex_lock(&dev.lock);
	if (is_here(bus, slot, fun))
		*value = reg < 256 ? config[reg / 4] : ~0u; /* conventional PCI: no more */
	pthread_mutex_unlock(&dev.lock);
	return 0;
}

int rumpcomp_pci_confwrite(unsigned bus, unsigned slot, unsigned fun, int reg, unsigned value)
{
	if (reg < 0 || reg >= 256 || (reg & 3))
		return RUMP_EINVAL;
	if (bus != 0)
		return RUMP_ENODEV;
	pthread_mutex_lock(&dev.lock);
	if (is_here(bus, slot, fun))
		config_store(reg, value);
	pthread_mutex_unlock(&dev.lock);
	return 0;
}

int rumpext_pci_confwrite(unsigned bus, unsigned slot, unsigned fun, int reg, int width,
			  unsigned value)
{
	int shift = (reg & 3) * 8;
	uint32_t mask = (width == 1 ? 0xffu : 0xffffu) << shift, old;

	if (reg < 0 || reg >= 256 || (width != 1 && width != 2) || (reg & (width - 1)))
		return RUMP_EINVAL;
	if (bus != 0)
		return RUMP_ENODEV;
	pthread_mutex_lock(&dev.lock);
	old = config[reg / 4];
	if ((reg & ~3) == 0x04)
		old &= 0xffff; /* nothing of the status is cleared */
	if (is_here(bus, slot, fun))
		config_store(reg & ~3, (old & ~mask) | (value << shift & mask));
	pthread_mutex_unlock(&dev.lock);
	return 0;
}

/* ---- registers ---- */

void *rumpcomp_pci_map(unsigned long addr, unsigned long len)
{
	uint32_t bar = config[0x10 / 4];

	if (addr < bar || len > REG_SPACE || addr - bar > REG_SPACE - len)
		return NULL;
	return window + (addr - bar);
}

void rumpext_mmio_window(uintptr_t *lo, uintptr_t *hi)
{
	*lo = (uintptr_t)window;
	*hi = *lo + REG_SPACE;
}

/* What a broken card answers instead of v; nothing that is written reaches it. */
static uint32_t answer(uint32_t v)
{
	unsigned r;

	if (dev.opt.garbage == 0 || dev.opt.garbage == ~0u)
		return dev.opt.garbage ? ~0u : v;
	r = (unsigned)rand_r(&dev.opt.garbage);
	return r ^ (unsigned)rand_r(&dev.opt.garbage) << 17;
}

static bool access_ok(uint32_t off, int width, bool enabled, const char *what)
{
	if (!enabled)
		e1000m_error("%s access at %#x while it is off", what, off);
	else if (width != 4 || (off & 3))
		e1000m_error("%s access of %d bytes at %#x", what, width, off);
	else
		return true;
	return false;
}

uint64_t rumpext_mmio_read(const volatile void *addr, int width)
{
	uint32_t off = (uint32_t)((uintptr_t)addr - (uintptr_t)window);
	uint64_t v = width == 8 ? ~0ull : (1ull << (8 * width)) - 1;

	pthread_mutex_lock(&dev.lock);
	if (!dev.gone && access_ok(off, width, dev.mem_on, "memory"))
		v = answer(dev.opt.garbage ? 0 : regs_read(off));
	pthread_mutex_unlock(&dev.lock);
	return v;
}

void rumpext_mmio_write(volatile void *addr, int width, uint64_t value)
{
	uint32_t off = (uint32_t)((uintptr_t)addr - (uintptr_t)window);

	pthread_mutex_lock(&dev.lock);
	if (!dev.gone && !dev.opt.garbage && access_ok(off, width, dev.mem_on, "memory"))
		regs_write(off, (uint32_t)value);
	pthread_mutex_unlock(&dev.lock);
}

uint32_t rumpext_pio_read(unsigned port, int width)
{
	uint32_t off = port - (config[0x18 / 4] & ~3u), v = ~0u;

	pthread_mutex_lock(&dev.lock);
	if (off < IO_SPACE && !dev.gone && access_ok(off, width, dev.io_on, "port"))
		v = off == 0 ? dev.ioaddr : off == 4 ? regs_read(dev.ioaddr) : 0;
	pthread_mutex_unlock(&dev.lock);
	return width == 4 ? v : v & ((1u << (8 * width)) - 1);
}

void rumpext_pio_write(unsigned port, int width, uint32_t value)
{
	uint32_t off = port - (config[0x18 / 4] & ~3u);

	pthread_mutex_lock(&dev.lock);
	if (off < IO_SPACE && !dev.gone && !dev.opt.garbage &&
	    access_ok(off, width, dev.io_on, "port")) {
		if (off == 0)
			dev.ioaddr = value;
		else if (off == 4)
			regs_write(dev.ioaddr, value);
		else
			e1000m_error("write to reserved port %u", off);
	}
	pthread_mutex_unlock(&dev.lock);
}

/* ---- memory for DMA ---- */

/*
 * The device sees the arena at an address of its own: below 4 GB, because the card cannot address
 * more on conventional PCI, and not where the program sees it, so that a driver that mixes the two
 * is found out.
 */
#define DMA_BASE 0x10000000u

static uint8_t *arena;
static size_t arena_size;

int __real_rumpext_arena(size_t size, size_t win, size_t align, void **basep);
int __wrap_rumpext_arena(size_t size, size_t win, size_t align, void **basep);

int __wrap_rumpext_arena(size_t size, size_t win, size_t align, void **basep)
{
	int error = __real_rumpext_arena(size, win, align, basep);

	if (!error) {
		arena = *basep;
		arena_size = size;
	}
	return error;
}

unsigned long rumpcomp_pci_virt_to_mach(void *va)
{
	uintptr_t off = (uintptr_t)va - (uintptr_t)arena;

	return off < arena_size ? DMA_BASE + off : 0;
}

void *dma_ptr(uint64_t addr, size_t len, const char *what)
{
	if (!dev.master || dev.gone) {
		e1000m_error("DMA without bus mastering: %s", what);
		dev.counts.dma_after_stop++;
	} else if (addr < DMA_BASE || addr - DMA_BASE >= arena_size ||
	    len > arena_size - (addr - DMA_BASE)) {
		e1000m_error("DMA outside of memory: %s at %#llx, %zu bytes", what,
		    (unsigned long long)addr, len);
	} else {
		return arena + (addr - DMA_BASE);
	}
	return NULL;
}

/* ---- interrupts ---- */

/* dev.lock is held. */
static bool line_up(void) { return (REG(R_ICR) & REG(R_IMS)) && !dev.gone && !(config[1] & 0x400); }

void bus_line_changed(void)
{
	if (line_up()) {
		dev.asserted++;
		pthread_cond_signal(&dev.line);
	}
}

int rumpcomp_pci_irq_map(unsigned bus, unsigned slot, unsigned fun, int intrline, unsigned name)
{
	if (bus != 0 || slot != SLOT || fun != 0 || intrline != INTLINE)
		return RUMP_ENODEV;
	cookie = name;
	return 0;
}

void *rumpcomp_pci_irq_establish(unsigned name, int (*fn)(void *), void *arg)
{
	if (name != cookie)
		return NULL;
	pthread_mutex_lock(&dev.lock);
	handler = fn;
	handler_arg = arg;
	pthread_mutex_unlock(&dev.lock);
	return &handler;
}

void rumpext_irq_disestablish(void *irq)
{
	if (irq != &handler)
		e1000m_error("an interrupt was taken back that was not given");
	pthread_mutex_lock(&dev.lock);
	handler = NULL;
	while (in_handler)
		pthread_cond_wait(&dev.room, &dev.lock);
	pthread_mutex_unlock(&dev.lock);
}

static void deliver(int (*fn)(void *), void *arg)
{
	in_handler = true;
	dev.counts.interrupts++;
	pthread_mutex_unlock(&dev.lock);
	rumpuser_component_schedule(NULL);
	fn(arg);
	rumpuser_component_unschedule();
	pthread_mutex_lock(&dev.lock);
	in_handler = false;
	pthread_cond_broadcast(&dev.room);
}

/*
 * The line is a level: as long as it is up the handler is called. Between two calls for the same
 * cause the donor gets a little time to see to it.
 */
static void *line_main(void *arg)
{
	struct timespec until;
	uint64_t seen;

	(void)arg;
	pthread_mutex_lock(&dev.lock);
	while (!dev.stopping) {
		if (!handler || !line_up()) {
			pthread_cond_wait(&dev.line, &dev.lock);
			continue;
		}
		seen = dev.asserted;
		deliver(handler, handler_arg);
		if (seen != dev.asserted || !line_up() || dev.stopping)
			continue;
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += 1000000;
		if (until.tv_nsec >= 1000000000) {
			until.tv_sec++;
			until.tv_nsec -= 1000000000;
		}
		pthread_cond_timedwait(&dev.line, &dev.lock, &until);
	}
	pthread_mutex_unlock(&dev.lock);
	return NULL;
}

static void *dma_main(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&dev.lock);
	while (!dev.stopping) {
		bool sent = tx_step(), received = rx_step();

		if (!sent && !received)
			pthread_cond_wait(&dev.work, &dev.lock);
	}
	pthread_mutex_unlock(&dev.lock);
	return NULL;
}

/* ---- for the test ---- */

void e1000m_start(const struct e1000m_options *opt)
{
	dev.opt = *opt;
	dev.cable = true;
	window = mmap(NULL, REG_SPACE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (window == MAP_FAILED)
		abort();
	config_init();
	eeprom_init();
	regs_reset(true);
	if (pthread_create(&dma_thread, NULL, dma_main, NULL) ||
	    pthread_create(&line_thread, NULL, line_main, NULL))
		abort();
}

void e1000m_stop(void)
{
	pthread_mutex_lock(&dev.lock);
	dev.stopping = true;
	pthread_cond_broadcast(&dev.work);
	pthread_cond_broadcast(&dev.line);
	pthread_cond_broadcast(&dev.room);
	pthread_mutex_unlock(&dev.lock);
	pthread_join(dma_thread, NULL);
	pthread_join(line_thread, NULL);
	munmap(window, REG_SPACE);
}

void e1000m_link(bool up)
{
	pthread_mutex_lock(&dev.lock);
	dev.cable = up;
	regs_link();
	regs_cause(ICR_LSC);
	pthread_mutex_unlock(&dev.lock);
}

void e1000m_raise(uint32_t causes)
{
	pthread_mutex_lock(&dev.lock);
	regs_cause(causes);
	pthread_mutex_unlock(&dev.lock);
}

void e1000m_unplug(void)
{
	pthread_mutex_lock(&dev.lock);
	dev.gone = true;
	pthread_cond_broadcast(&dev.room);
	pthread_mutex_unlock(&dev.lock);
}

void e1000m_garbage(unsigned seed)
{
	pthread_mutex_lock(&dev.lock);
	dev.opt.garbage = seed;
	pthread_mutex_unlock(&dev.lock);
}

void e1000m_counts(struct e1000m_counts *c)
{
	pthread_mutex_lock(&dev.lock);
	*c = dev.counts;
	c->rx_enabled = REG(R_RCTL) & RCTL_EN;
	c->tx_enabled = REG(R_TCTL) & TCTL_EN;
	c->bus_master = dev.master;
	pthread_mutex_unlock(&dev.lock);
}
