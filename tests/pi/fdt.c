/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The device tree's reader on the host, with sanitizers: what it says about trees that are named on
 * the command line (tests/pi/fdt.t), and that no change of some of their bytes makes it read
 * beyond them.
 *	fdt FILE		a line for each node with registers
 *	fdt FILE SEED COUNT	COUNT broken trees
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <board/arm/fdt.h>

#define DAMAGE	8		/* bytes changed, at most */

static uint64_t sum;

/* Everything that can be asked of a node. */
static void ask(const struct fdt_walk *w)
{
	static const char *const names[] = { "reg", "ranges", "interrupts", "status", "bootargs",
		"compatible", "#address-cells", "" };
	paddr_t addr, len;
	const uint8_t *p;
	uint32_t n;

	sum += strlen(w->name) + fdt_enabled(w) + fdt_compatible(w, "arm,pl011") + fdt_is(w, 2, "chosen");
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		p = fdt_prop(w, names[i], &n);
		for (uint32_t k = 0; p != NULL && k < n; k++)
			sum += p[k];
		if (fdt_string(w, names[i]) != NULL)
			sum += strlen(fdt_string(w, names[i]));
	}
	for (unsigned i = 0; i < 4 && fdt_reg(w, i, &addr, &len); i++)
		sum += addr + len;
	(void)fdt_number(w, "reg", 0xffffffffu, 2, &addr);
	(void)fdt_number(w, "reg", 0, 0xffffffffu, &addr);
}

static void walk(void)
{
	struct fdt_walk w = { 0 };
	paddr_t start, len;

	for (unsigned i = 0; fdt_reserved(i, &start, &len); i++)
		sum += start + len;
	while (fdt_next(&w))
		ask(&w);
}

static void print(void)
{
	struct fdt_walk w = { 0 };
	paddr_t addr, len;

	while (fdt_next(&w)) {
		for (unsigned i = 0; fdt_reg(&w, i, &addr, &len); i++)
			printf("%s %#llx %#llx\n", w.name, (unsigned long long)addr, (unsigned long long)len);
	}
}

static uint32_t roll(uint64_t *seed, uint32_t n)
{
	*seed = *seed * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(*seed >> 33) % n;
}

/* Most of the damage goes to the header and to the beginnings of words. */
static void damage(uint8_t *p, uint32_t len, uint64_t *seed)
{
	for (unsigned n = 1 + roll(seed, DAMAGE); n > 0; n--) {
		uint32_t at = roll(seed, roll(seed, 4) == 0 && len > 40 ? 40 : len);

		p[at] = roll(seed, 3) == 0 ? (uint8_t)roll(seed, 256) : (uint8_t)(p[at] + roll(seed, 5) - 2);
	}
}

int main(int argc, char **argv)
{
	static uint8_t tree[FDT_MAX];
	FILE *f = argc > 1 ? fopen(argv[1], "rb") : NULL;
	uint32_t len = f != NULL ? (uint32_t)fread(tree, 1, sizeof(tree), f) : 0, read = 0;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;

	if (len == 0) {
		fprintf(stderr, "fdt: no tree\n");
		return 2;
	}
	if (argc < 4) {
		if (!fdt_open(tree, len))
			return 1;
		walk();
		print();
		return 0;
	}
	for (unsigned i = 0, n = (unsigned)atoi(argv[3]); i < n; i++) {
		uint32_t cut = roll(&seed, 8) == 0 ? roll(&seed, len) + 1 : len;
		uint8_t *copy = malloc(cut);	/* of just that length: the sanitizer sees what is beyond */

		memcpy(copy, tree, cut);
		damage(copy, cut, &seed);
		if (fdt_open(copy, cut)) {
			walk();
			read++;
		}
		free(copy);
	}
	printf("%u trees, sum %llx\n", read, (unsigned long long)sum);
	return 0;
}
