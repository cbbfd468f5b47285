/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_DMA_MAPPING_H
#define _ASM_PILLION_DMA_MAPPING_H

extern const struct dma_map_ops pillion_dma_ops;
static inline const struct dma_map_ops *get_arch_dma_ops(struct bus_type *bus)
{
	return &pillion_dma_ops;
}

#endif
