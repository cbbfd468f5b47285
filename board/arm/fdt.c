/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The device tree. The interface is fdt.h.
 *
 * The structure block is a sequence of tokens, each a big-endian 32-bit number: a node's beginning
 * with its name, its properties, its children, its end. Positions are offsets into that block.
 */
#include <nucleus/string.h>

#include "fdt.h"

#define MAGIC		0xd00dfeedu
#define HEADER		40		/* bytes, of version 17 */

enum { BEGIN_NODE = 1, END_NODE = 2, PROP = 3, NOP = 4, END = 9 };

static const uint8_t *blob;
static uint32_t total, structure, structure_len, strings, strings_len, reserved;

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint64_t number(const uint8_t *p, unsigned cells)
{
	uint64_t v = 0;

	for (; cells > 0; cells--, p += 4)
		v = v << 32 | be32(p);
	return v;
}

static bool inside(uint32_t offset, uint32_t len)
{
	return offset <= total && len <= total - offset;
}

bool fdt_open(const void *p, size_t max)
{
	const uint8_t *h = p;

	total = 0;
	if ((uintptr_t)p % 4 != 0 || max < HEADER || be32(h) != MAGIC)
		return false;
	total = be32(h + 4);
	structure = be32(h + 8);
	strings = be32(h + 12);
	reserved = be32(h + 16);
	strings_len = be32(h + 32);
	structure_len = be32(h + 36);
	if (total < HEADER || total > max || be32(h + 20) < 17 || structure % 4 != 0 ||
	    reserved % 8 != 0 || !inside(structure, structure_len) || !inside(strings, strings_len) ||
	    !inside(reserved, 16)) {
		total = 0;
		return false;
	}
	blob = h;
	return true;
}

size_t fdt_size(void)
{
	return total;
}

bool fdt_reserved(unsigned i, paddr_t *start, paddr_t *len)
{
	if (i >= total / 16 || !inside(reserved, (i + 1) * 16))
		return false;
	*start = number(blob + reserved + i * 16, 2);
	*len = number(blob + reserved + i * 16 + 8, 2);
	return *start != 0 || *len != 0;
}

/* ---- tokens ---- */

/* The string at p, of at most max bytes with its end; NULL: it has none. */
static const char *string_at(const uint8_t *p, uint32_t max)
{
	return strnlen((const char *)p, max) < max ? (const char *)p : NULL;
}

static uint32_t token(uint32_t at)
{
	return at <= structure_len && structure_len - at >= 4 ? be32(blob + structure + at) : END;
}

/* The property at a position: false if it does not lie inside. next: what follows it. */
static bool property(uint32_t at, const char **name, const uint8_t **value, uint32_t *len,
    uint32_t *next)
{
	uint32_t name_at;

	if (structure_len - at < 12)
		return false;
	*len = be32(blob + structure + at + 4);
	name_at = be32(blob + structure + at + 8);
	if (*len > structure_len - at - 12 || name_at >= strings_len)
		return false;
	*name = string_at(blob + strings + name_at, strings_len - name_at);
	*value = blob + structure + at + 12;
	*next = at + 12 + ROUND_UP(*len, 4u);
	return *name != NULL;
}

const void *fdt_prop(const struct fdt_walk *w, const char *name, uint32_t *lenp)
{
	uint32_t at = w->level[w->depth].props, next;
	const uint8_t *value;
	const char *n;

	for (; token(at) == PROP || token(at) == NOP; at = next) {
		next = at + 4;
		if (token(at) == NOP)
			continue;
		if (!property(at, &n, &value, lenp, &next))
			break;
		if (strcmp(n, name) == 0)
			return value;
	}
	return NULL;
}

bool fdt_number(const struct fdt_walk *w, const char *name, unsigned i, unsigned cells,
    uint64_t *vp)
{
	uint32_t len;
	const uint8_t *p = fdt_prop(w, name, &len);

	if (p == NULL || i > len / 4 || cells > len / 4 - i)
		return false;
	*vp = number(p + i * 4, cells);
	return true;
}

const char *fdt_string(const struct fdt_walk *w, const char *name)
{
	uint32_t len;
	const uint8_t *p = fdt_prop(w, name, &len);

	return p != NULL ? string_at(p, len) : NULL;
}

/* ---- nodes ---- */

/* The node whose name is at a position becomes the current one. */
static bool enter(struct fdt_walk *w, uint32_t at)
{
	uint64_t cells;

	w->name = string_at(blob + structure + at, structure_len - at);
	if (w->name == NULL || w->depth == FDT_DEPTH)
		return false;
	w->at = at + ROUND_UP((uint32_t)strlen(w->name) + 1, 4u);
	w->depth++;
	w->level[w->depth].props = w->at;
	w->level[w->depth].acells = 2;
	w->level[w->depth].scells = 1;
	if (fdt_number(w, "#address-cells", 0, 1, &cells) && cells <= 3)
		w->level[w->depth].acells = (uint8_t)cells;
	if (fdt_number(w, "#size-cells", 0, 1, &cells) && cells <= 2)
		w->level[w->depth].scells = (uint8_t)cells;
	return true;
}

bool fdt_next(struct fdt_walk *w)
{
	const uint8_t *value;
	const char *name;
	uint32_t len;

	for (;;) {
		switch (total != 0 ? token(w->at) : END) {
		case BEGIN_NODE:
			return enter(w, w->at + 4);
		case PROP:
			if (!property(w->at, &name, &value, &len, &w->at))
				return false;
			break;
		case END_NODE:
			if (w->depth == 0)
				return false;
			w->depth--;
			w->at += 4;
			break;
		case NOP:
			w->at += 4;
			break;
		default:
			return false;
		}
	}
}

bool fdt_is(const struct fdt_walk *w, unsigned depth, const char *name)
{
	size_t n = strlen(name);

	return w->depth == depth && strncmp(w->name, name, n) == 0 &&
	    (w->name[n] == '\0' || w->name[n] == '@');
}

bool fdt_compatible(const struct fdt_walk *w, const char *what)
{
	uint32_t len, n;
	const char *s = fdt_prop(w, "compatible", &len);

	for (; s != NULL && len > 0; s += n, len -= n) {
		n = (uint32_t)strnlen(s, len) + 1;
		if (n > len)
			return false;
		if (strcmp(s, what) == 0)
			return true;
	}
	return false;
}

bool fdt_enabled(const struct fdt_walk *w)
{
	const char *s = fdt_string(w, "status");

	return s == NULL || strcmp(s, "okay") == 0 || strcmp(s, "ok") == 0;
}

/* An address of the children of the node at depth d, as one of its parent's. */
static bool translate(const struct fdt_walk *w, unsigned d, uint64_t *addr)
{
	struct fdt_walk at = *w;
	unsigned child = w->level[d].acells, parent = w->level[d - 1].acells;
	unsigned entry = child + parent + w->level[d].scells;
	uint64_t from, to, len;
	uint32_t bytes;

	at.depth = d;
	if (fdt_prop(&at, "ranges", &bytes) == NULL)
		return false;
	if (bytes == 0)
		return true;
	if (child == 0)
		return false;
	for (unsigned i = 0; fdt_number(&at, "ranges", i, child, &from) &&
	    fdt_number(&at, "ranges", i + child, parent, &to) &&
	    fdt_number(&at, "ranges", i + child + parent, entry - child - parent, &len); i += entry) {
		if (*addr >= from && *addr - from < len) {
			*addr = to + (*addr - from);
			return true;
		}
	}
	return false;
}

bool fdt_reg(const struct fdt_walk *w, unsigned i, paddr_t *addr, paddr_t *len)
{
	unsigned acells, scells;

	if (w->depth < 2)
		return false;
	acells = w->level[w->depth - 1].acells;
	scells = w->level[w->depth - 1].scells;
	i *= acells + scells;
	if (acells == 0 || !fdt_number(w, "reg", i, acells, addr) ||
	    !fdt_number(w, "reg", i + acells, scells, len))
		return false;
	for (unsigned d = w->depth - 1; d > 1; d--) {
		if (!translate(w, d, addr))
			return false;
	}
	return true;
}
