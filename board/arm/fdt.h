/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The device tree, as the loader passes it ("flattened"; Devicetree Specification, chapter 5).
 * Every access is checked against the blob's length: a malformed tree ends early, no more.
 *
 * Locking: none; fdt_open() at boot, everything else only reads.
 */
#ifndef BOARD_ARM_FDT_H
#define BOARD_ARM_FDT_H

#include <nucleus/types.h>

#define FDT_DEPTH	12		/* a walk ends at a node below that */
#define FDT_MAX		(2 * MIB)	/* the boot protocol's limit */

/* Whether there is a tree at blob, of at most max bytes; it is the one from now on. */
bool fdt_open(const void *blob, size_t max);
size_t fdt_size(void);			/* 0: there is none */

/* Memory that is taken: entry i of the reservation block. False: no more. */
bool fdt_reserved(unsigned i, paddr_t *start, paddr_t *len);

/*
 * A walk through all nodes in their order, each before its children. Begin with { 0 }; fdt_next()
 * goes to the first node, the root (depth 1), then on. False: no more.
 */
struct fdt_walk {
	const char	*name;		/* with its "@address" */
	unsigned	depth;
	uint32_t	at;		/* where the search for the next goes on */
	struct {
		uint32_t	props;
		uint8_t		acells, scells;	/* of its children's addresses and sizes */
	} level[FDT_DEPTH + 1];
};
bool fdt_next(struct fdt_walk *w);

/* The node is at depth, with that name, what follows an "@" aside. */
bool fdt_is(const struct fdt_walk *w, unsigned depth, const char *name);
bool fdt_compatible(const struct fdt_walk *w, const char *what);
bool fdt_enabled(const struct fdt_walk *w);	/* its status is not "disabled" or the like */

/* A property's value and its length, NULL: it has none of that name. */
const void *fdt_prop(const struct fdt_walk *w, const char *name, uint32_t *lenp);
const char *fdt_string(const struct fdt_walk *w, const char *name);	/* NULL: it is no string */

/* Cell i of a property; with cells, a number of so many from there. False: there is none. */
bool fdt_number(const struct fdt_walk *w, const char *name, unsigned i, unsigned cells,
    uint64_t *vp);

/* Entry i of its "reg", as an address of the CPU's. False: there is none. */
bool fdt_reg(const struct fdt_walk *w, unsigned i, paddr_t *addr, paddr_t *len);

#endif /* BOARD_ARM_FDT_H */
