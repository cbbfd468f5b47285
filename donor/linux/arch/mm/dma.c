// SPDX-License-Identifier: GPL-2.0-only
/*
 * DMA: all of the arena can be reached by devices, and its physical addresses are those that they
 * see (asm/page.h).
 */
#include <linux/kernel.h>
#include <linux/dma-map-ops.h>
#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <asm/rump.h>

static dma_addr_t to_bus(struct page *page, unsigned long offset)
{
	return page_to_phys(page) + offset;
}

/* Bus address 0 is none. */
static bool reachable(dma_addr_t bus, size_t size, u64 mask)
{
	return bus && bus + size - 1 <= mask;
}

static void *dma_alloc(struct device *dev, size_t size, dma_addr_t *handle, gfp_t gfp,
		       unsigned long attrs)
{
	struct page *page = alloc_pages(gfp | __GFP_ZERO, get_order(size));

	if (!page)
		return NULL;
	*handle = to_bus(page, 0);
	if (!reachable(*handle, size, dev->coherent_dma_mask)) {
		__free_pages(page, get_order(size));
		return NULL;
	}
	return page_to_virt(page);
}

static void dma_free(struct device *dev, size_t size, void *va, dma_addr_t handle,
		     unsigned long attrs)
{
	free_pages((unsigned long)va, get_order(size));
}

static dma_addr_t dma_map(struct device *dev, struct page *page, unsigned long offset, size_t size,
			  enum dma_data_direction dir, unsigned long attrs)
{
	dma_addr_t bus = to_bus(page, offset);

	return reachable(bus, size, *dev->dma_mask) ? bus : DMA_MAPPING_ERROR;
}

static int dma_map_list(struct device *dev, struct scatterlist *sgl, int nents,
			enum dma_data_direction dir, unsigned long attrs)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(sgl, sg, nents, i) {
		sg->dma_address = dma_map(dev, sg_page(sg), sg->offset, sg->length, dir, attrs);
		if (sg->dma_address == DMA_MAPPING_ERROR)
			return -EIO;
		sg_dma_len(sg) = sg->length;
	}
	return nents;
}

static int dma_supported_mask(struct device *dev, u64 mask)
{
	return reachable(pillion_phys_base, pillion_arena_size, mask);
}

const struct dma_map_ops pillion_dma_ops = {
	.alloc = dma_alloc,
	.free = dma_free,
	.alloc_pages = dma_common_alloc_pages,
	.free_pages = dma_common_free_pages,
	.map_page = dma_map,
	.map_sg = dma_map_list,
	.dma_supported = dma_supported_mask,
};
EXPORT_SYMBOL(pillion_dma_ops);
