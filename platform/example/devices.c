/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Devices of the example platform: none. Each function answers as its specification says for a
 * platform that has no such thing.
 *
 * Interface: rumpcomp_pci_*, rumpcomp_virt_*, rumpext_* of block, bus and virtif. Locking: none.
 */
#include "example.h"

#include <rump/rumpcomp_pci.h>
#include <rump/rumpcomp_virtif.h>
#include <rump/rumpext_block.h>
#include <rump/rumpext_bus.h>
#include <rump/rumpext_virtif.h>

#define UNUSED __attribute__((__unused__))

int
rumpext_blkinfo(int fd UNUSED, struct rumpext_blkinfo *info UNUSED)
{

	return RUMP_EBADF;
}

void
rumpext_biov(int fd UNUSED, int op UNUSED, const struct rumpuser_iovec *iov UNUSED,
    size_t iovcnt UNUSED, uint64_t off UNUSED, uint64_t len UNUSED, rumpext_biodone_fn done,
    void *arg)
{

	done(arg, RUMP_EBADF);
}

int
rumpcomp_pci_iospace_init(void)
{

	return RUMP_ENODEV;
}

void *
rumpcomp_pci_map(unsigned long addr UNUSED, unsigned long len UNUSED)
{

	return NULL;
}

int
rumpcomp_pci_confread(unsigned bus UNUSED, unsigned dev UNUSED, unsigned fun UNUSED, int reg UNUSED,
    unsigned int *value)
{

	*value = ~0u;
	return RUMP_ENODEV;
}

int
rumpcomp_pci_confwrite(unsigned bus UNUSED, unsigned dev UNUSED, unsigned fun UNUSED,
    int reg UNUSED, unsigned int value UNUSED)
{

	return RUMP_ENODEV;
}

int
rumpext_pci_confwrite(unsigned bus UNUSED, unsigned dev UNUSED, unsigned fun UNUSED,
    int reg UNUSED, int width UNUSED, unsigned int value UNUSED)
{

	return RUMP_ENODEV;
}

int
rumpcomp_pci_irq_map(unsigned bus UNUSED, unsigned dev UNUSED, unsigned fun UNUSED,
    int intrline UNUSED, unsigned cookie UNUSED)
{

	return RUMP_ENODEV;
}

void *
rumpcomp_pci_irq_establish(unsigned cookie UNUSED, int (*handler)(void *) UNUSED, void *arg UNUSED)
{

	return NULL;
}

int
rumpcomp_pci_dmalloc(size_t size UNUSED, size_t align UNUSED, unsigned long *pap UNUSED,
    unsigned long *vap UNUSED)
{

	return RUMP_ENODEV;
}

void
rumpcomp_pci_dmafree(unsigned long va UNUSED, size_t size UNUSED)
{
}

int
rumpcomp_pci_dmamem_map(struct rumpcomp_pci_dmaseg *segs UNUSED, size_t nseg UNUSED,
    size_t totlen UNUSED, void **vap UNUSED)
{

	return RUMP_ENODEV;
}

unsigned long
rumpcomp_pci_virt_to_mach(void *va UNUSED)
{

	return 0;
}

uint32_t
rumpext_pio_read(unsigned port UNUSED, int width)
{

	return width == 4 ? 0xffffffffu : (1u << (8 * width)) - 1;
}

void
rumpext_pio_write(unsigned port UNUSED, int width UNUSED, uint32_t value UNUSED)
{
}

void
rumpext_mmio_window(uintptr_t *lo, uintptr_t *hi)
{

	*lo = *hi = 0;
}

uint64_t
rumpext_mmio_read(const volatile void *addr UNUSED, int width UNUSED)
{

	return ~0ull;
}

void
rumpext_mmio_write(volatile void *addr UNUSED, int width UNUSED, uint64_t value UNUSED)
{
}

int
rumpext_msi_alloc(unsigned cookie UNUSED, unsigned nvec UNUSED, int (*handler)(void *) UNUSED,
    void **args UNUSED, uint64_t *addr UNUSED, uint32_t *data UNUSED, void **msi UNUSED)
{

	return RUMP_ENODEV;
}

void
rumpext_msi_free(void *msi UNUSED)
{
}

void
rumpext_irq_disestablish(void *irq UNUSED)
{
}

int
rumpext_platdev(unsigned idx UNUSED, struct rumpext_platdev *pd UNUSED)
{

	return RUMP_ENXIO;
}

size_t
rumpext_console_read(char *buf UNUSED, size_t len UNUSED)
{

	return 0;
}

int
rumpcomp_virt_create(const char *devstr UNUSED, struct virtif_sc *sc UNUSED,
    uint8_t *enaddr UNUSED, struct virtif_user **viup UNUSED)
{

	return RUMP_ENXIO;
}

int
rumpcomp_virt_dying(struct virtif_user *viu UNUSED)
{

	return 0;
}

void
rumpcomp_virt_destroy(struct virtif_user *viu UNUSED)
{
}

void
rumpcomp_virt_send(struct virtif_user *viu UNUSED, struct iovec *iov UNUSED, size_t iovcnt UNUSED)
{
}

int
rumpext_virtif_features(struct virtif_user *viu UNUSED, uint32_t want UNUSED, uint32_t *gotp,
    uint32_t *mtup)
{

	*gotp = 0;
	*mtup = 1500;
	return 0;
}

int
rumpext_virtif_send(struct virtif_user *viu UNUSED, const struct iovec *iov UNUSED,
    size_t iovcnt UNUSED, const struct rumpext_pktmeta *meta UNUSED)
{

	return RUMP_ENXIO;
}
