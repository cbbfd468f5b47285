/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_IO_H
#define _ASM_PILLION_IO_H

/*
 * Device memory is what rumpcomp_pci_map() returned: "__iomem" pointers are plain addresses, and
 * an access is a plain load or store unless it falls into the window that the platform reserved
 * for device models. Ports are hypercalls.
 */
#include <linux/types.h>
#include <asm/page.h>
#include <asm/barrier.h>

#ifndef __rumpcall
#define __rumpcall __attribute__((visibility("default")))
#endif
extern unsigned int rumpext_pio_read(unsigned int port, int width) __rumpcall;
extern void rumpext_pio_write(unsigned int port, int width, unsigned int value) __rumpcall;
extern u64 rumpext_mmio_read(const volatile void *addr, int width) __rumpcall;
extern void rumpext_mmio_write(volatile void *addr, int width, u64 value) __rumpcall;

extern unsigned long pillion_mmio_lo, pillion_mmio_size;

static __always_inline bool pillion_mmio_modelled(const volatile void __iomem *a)
{
	return unlikely((unsigned long)a - pillion_mmio_lo < pillion_mmio_size);
}

#define PILLION_MMIO(sfx, type)								\
static __always_inline type __raw_read##sfx(const volatile void __iomem *a)		\
{											\
	if (pillion_mmio_modelled(a))							\
		return rumpext_mmio_read((const volatile void __force *)a, sizeof(type)); \
	return *(const volatile type __force *)a;					\
}											\
static __always_inline void __raw_write##sfx(type v, volatile void __iomem *a)		\
{											\
	if (pillion_mmio_modelled(a))							\
		rumpext_mmio_write((volatile void __force *)a, sizeof(type), v);		\
	else										\
		*(volatile type __force *)a = v;					\
}
PILLION_MMIO(b, u8)
PILLION_MMIO(w, u16)
PILLION_MMIO(l, u32)
PILLION_MMIO(q, u64)
#define __raw_readb __raw_readb
#define __raw_readw __raw_readw
#define __raw_readl __raw_readl
#define __raw_readq __raw_readq
#define __raw_writeb __raw_writeb
#define __raw_writew __raw_writew
#define __raw_writel __raw_writel
#define __raw_writeq __raw_writeq

#define PILLION_PIO(sfx, type)								\
static inline type in##sfx(unsigned long port) { return rumpext_pio_read(port, sizeof(type)); } \
static inline void out##sfx(type v, unsigned long port)					\
{											\
	rumpext_pio_write(port, sizeof(type), v);					\
}
PILLION_PIO(b, u8)
PILLION_PIO(w, u16)
PILLION_PIO(l, u32)

/* One port, again and again. */
#define PILLION_PIO_STRING(sfx, type)							\
static inline void ins##sfx(unsigned long port, void *buf, unsigned int count)		\
{											\
	type *to = buf;									\
											\
	while (count--)									\
		*to++ = in##sfx(port);							\
}											\
static inline void outs##sfx(unsigned long port, const void *buf, unsigned int count)	\
{											\
	const type *from = buf;								\
											\
	while (count--)									\
		out##sfx(*from++, port);						\
}
PILLION_PIO_STRING(b, u8)
PILLION_PIO_STRING(w, u16)
PILLION_PIO_STRING(l, u32)
#define inb inb
#define inw inw
#define inl inl
#define outb outb
#define outw outw
#define outl outl
#define insb insb
#define insw insw
#define insl insl
#define outsb outsb
#define outsw outsw
#define outsl outsl
#define _inb inb
#define _inw inw
#define _inl inl
#define _outb outb
#define _outw outw
#define _outl outl
#define PIO_INDIRECT_SIZE 0
#define IO_SPACE_LIMIT 0xffff

void __iomem *ioremap(phys_addr_t addr, size_t size);
void iounmap(volatile void __iomem *addr);
#define ioremap ioremap
#define iounmap iounmap
#define ioremap_uc ioremap
#define ioremap_wc ioremap
#define ioremap_wt ioremap
#define ioremap_np ioremap

#include <asm-generic/io.h>

#endif
