/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory of processes, against a simple model of it: what is mapped where, with which rights and
 * contents, in several vms that are forks of each other. And programs of damaged files.
 */
#include <nucleus/elf.h>
#include <nucleus/memory.h>

#include "tap.h"

#define VMS		4
#define PAGES		48u
#define BASE		0x1ff8000ul		/* over the border of two tables */

struct model {
	struct vm	*vm;
	uint8_t		prot[PAGES];		/* 0: not mapped */
	uint8_t		value[PAGES];		/* the page's first byte */
};

static struct model models[VMS];
static struct account *account;
static uint64_t seed = 1;

static unsigned roll(unsigned n)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (unsigned)(seed >> 33) % n;
}

static vaddr_t at(unsigned page)
{
	return BASE + page * PAGE_SIZE;
}

static bool any(const struct model *m, unsigned page, unsigned n, bool mapped)
{
	while (n-- > 0) {
		if ((m->prot[page++] != 0) == mapped)
			return true;
	}
	return false;
}

static bool change(struct model *m, unsigned page, unsigned n)
{
	static const uint8_t prots[] = { MAP_R, MAP_R | MAP_W, MAP_R | MAP_X };
	uint8_t prot = prots[roll(3)];
	vaddr_t va = at(page);
	int error = 0, wanted = 0;

	switch (roll(3)) {
	case 0:
		wanted = any(m, page, n, true) ? E_EXIST : 0;
		error = vm_map(m->vm, &va, n * PAGE_SIZE, prot);
		for (unsigned i = page; wanted == 0 && i < page + n; i++) {
			m->prot[i] = prot;
			m->value[i] = 0;
		}
		break;
	case 1:
		error = vm_unmap(m->vm, va, n * PAGE_SIZE);
		memset(m->prot + page, 0, n);
		break;
	default:
		wanted = any(m, page, n, false) ? E_FAULT : 0;
		error = vm_protect(m->vm, va, n * PAGE_SIZE, prot);
		if (wanted == 0)
			memset(m->prot + page, prot, n);
	}
	return error == wanted;
}

static bool touch(struct model *m, unsigned page)
{
	uint8_t v = (uint8_t)roll(256);
	int error = vm_copy_out(m->vm, at(page), &v, 1);

	if (error == 0)
		m->value[page] = v;
	return error == (m->prot[page] & MAP_W ? 0 : E_FAULT) &&
	    vm_fault(m->vm, at(page) + 5, PROT_X) == (m->prot[page] & MAP_X ? 0 : E_FAULT);
}

/* What it says is so; of the tables no entry allows more than that. */
static bool look(struct model *m)
{
	bool good = true;
	unsigned prot;
	paddr_t pa;
	uint8_t v;

	for (unsigned i = 0; i < PAGES; i++) {
		int error = vm_copy_in(m->vm, &v, at(i), 1);

		good &= error == (m->prot[i] != 0 ? 0 : E_FAULT) && (error != 0 || v == m->value[i]);
		if (space_lookup(m->vm->space, at(i), &pa, &prot) == 0)
			good &= m->prot[i] != 0 && (prot & ~m->prot[i] & (PROT_W | PROT_X)) == 0;
	}
	for (unsigned i = 1; i < m->vm->regions; i++)
		good &= m->vm->region[i - 1].end <= m->vm->region[i].start;
	return good;
}

static bool step(void)
{
	struct model *m = &models[roll(VMS)], *to = &models[roll(VMS)];
	unsigned page = roll(PAGES), n = 1 + roll(PAGES - page);

	if (m->vm == NULL)
		return true;
	switch (roll(16)) {
	case 0:
		if (to->vm != NULL)
			return true;
		*to = *m;
		to->vm = vm_fork(m->vm, account, NULL);
		return to->vm != NULL && look(to);
	case 1:
		if (m == &models[0])
			return true;
		vm_destroy(m->vm);
		m->vm = NULL;
		return true;
	case 2:
	case 3:
	case 4:
		return change(m, page, n);
	case 5:
		return look(m);
	default:
		return touch(m, page);
	}
}

static void test_random(void)
{
	bool good = true;

	account = account_create(NULL);
	models[0] = (struct model) { .vm = vm_create(account, NULL) };
	for (unsigned i = 0; i < 20000 && good; i++)
		good &= step();
	for (unsigned i = 0; i < VMS; i++) {
		if (models[i].vm == NULL)
			continue;
		good &= look(&models[i]);
		vm_destroy(models[i].vm);
	}
	ok(good, "20,000 maps, unmaps, protects, writes, forks");
	ok(account->used[LIMIT_PAGES] == 0, "nothing is charged afterwards");
	account_put(account);
}

static void test_limits(void)
{
	struct vm *vm, *child;
	vaddr_t va = 0;
	uint8_t v = 1;
	bool good;

	account = account_create(NULL);
	vm = vm_create(account, NULL);
	good = vm_map(vm, &va, 64 * PAGE_SIZE, MAP_R | MAP_W) == 0 && va >= VM_BASE;
	for (unsigned i = 0; i < 20; i++)
		good &= vm_copy_out(vm, va + i * PAGE_SIZE, &v, 1) == 0;
	account_lower(account, LIMIT_PAGES, account->used[LIMIT_PAGES] + 2);
	ok(good && vm_copy_out(vm, va + 20 * PAGE_SIZE, &v, 1) == 0 &&
	    vm_copy_out(vm, va + 21 * PAGE_SIZE, &v, 1) == 0 &&
	    vm_copy_out(vm, va + 22 * PAGE_SIZE, &v, 1) == E_NOMEM, "a limit of pages");
	child = vm_fork(vm, account, NULL);
	ok(child == NULL, "a fork that would have too many");
	ok(vm_unmap(vm, va, 10 * PAGE_SIZE) == 0 && vm_copy_out(vm, va + 22 * PAGE_SIZE, &v, 1) == 0,
	    "what is unmapped may be had again");
	ok(vm_copy_in(vm, &v, ~0ul, 2) == E_FAULT && vm_copy_in(vm, &v, USER_END - 1, 2) == E_FAULT &&
	    vm_copy_out(vm, 0, &v, 1) == E_FAULT, "addresses that no program has");
	vm_destroy(vm);
	account_put(account);
}

/* ---- copies ---- */

#define LEN	(6 * PAGE_SIZE)

static uint8_t *expected, *got, *before;

static bool copies(struct vm *vm, unsigned times)
{
	bool good = true;

	for (unsigned i = 0; i < times && good; i++) {
		size_t len = roll(2) ? roll(80) : roll(2 * PAGE_SIZE), to = roll((unsigned)(LEN - len));

		for (size_t k = 0; k < len; k++)
			expected[to + k] = (uint8_t)roll(256);
		good &= vm_copy_out(vm, BASE + to, expected + to, len) == 0;
		to = roll((unsigned)(LEN - len));
		good &= vm_copy_in(vm, got, BASE + to, len) == 0 && memcmp(got, expected + to, len) == 0;
	}
	return good && vm_copy_in(vm, got, BASE, LEN) == 0 && memcmp(got, expected, LEN) == 0;
}

/* Over pages 2 to 4, of which one is not as it should be: what is behind it stays. */
static bool stops(struct vm *vm, bool in)
{
	int error = vm_copy_out(vm, BASE + 3 * PAGE_SIZE - 100, expected, PAGE_SIZE + 200);

	return error == E_FAULT && vm_copy_in(vm, got, BASE + 4 * PAGE_SIZE, PAGE_SIZE) == 0 &&
	    memcmp(got, expected + 4 * PAGE_SIZE, PAGE_SIZE) == 0 &&
	    vm_copy_in(vm, got, BASE + 3 * PAGE_SIZE - 100, PAGE_SIZE + 200) == (in ? 0 : E_FAULT);
}

static bool refused(struct vm *vm, vaddr_t va, size_t len)
{
	return vm_copy_out(vm, va, expected, len) == E_FAULT && vm_copy_in(vm, got, va, len) == E_FAULT;
}

static void test_copies(void)
{
	uint64_t canary = 0x5ca1ab1e;
	struct vm *vm, *child;
	vaddr_t va = BASE;
	bool good;

	account = account_create(NULL);
	vm = vm_create(account, NULL);
	expected = heap_zalloc(LEN);
	got = heap_alloc(LEN);
	before = heap_alloc(LEN);
	good = expected != NULL && got != NULL && before != NULL &&
	    vm_map(vm, &va, LEN, MAP_R | MAP_W) == 0;
	ok(good && copies(vm, 2000), "copies of all lengths");
	child = vm_fork(vm, account, NULL);
	memcpy(before, expected, LEN);
	good = copies(child, 20);
	memcpy(expected, before, LEN);
	ok(good && copies(vm, 0) && copies(vm, 20), "to pages that are shared after a fork");
	vm_destroy(child);
	good = vm_protect(vm, BASE + 3 * PAGE_SIZE, PAGE_SIZE, MAP_R) == 0 && stops(vm, true);
	ok(good, "to a page that is read-only, in the middle");
	good = vm_unmap(vm, BASE + 3 * PAGE_SIZE, PAGE_SIZE) == 0 && stops(vm, false);
	ok(good, "with a page that is not mapped in the middle");
	ok(refused(vm, (vaddr_t)&canary, 8) && refused(vm, DIRECT_BASE, 8) && refused(vm, 0, 1) &&
	    refused(vm, USER_END, 1) && refused(vm, USER_END - 4, 8) && refused(vm, BASE, ~0ul) &&
	    refused(vm, BASE, -BASE) && refused(vm, ~0ul, 1) && refused(vm, USER_END - PAGE_SIZE, 8) &&
	    canary == 0x5ca1ab1e, "the kernel's memory, and around the end");
	heap_free(expected);
	heap_free(got);
	heap_free(before);
	vm_destroy(vm);
	account_put(account);
}

/* ---- programs ---- */

struct file {
	struct {
		uint8_t		ident[16];
		uint16_t	type, machine;
		uint32_t	version;
		uint64_t	entry, phoff, shoff;
		uint32_t	flags;
		uint16_t	ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
	} header;
	struct {
		uint32_t	type, flags;
		uint64_t	offset, vaddr, paddr, filesz, memsz, align;
	} segment[2];
	uint8_t		code[64];
};

static const struct file good_file = {
	.header = {
		.ident = "\177ELF\2\1\1", .type = 2, .machine = CPU_ELF_MACHINE, .version = 1,
		.entry = 0x10000 + offsetof(struct file, code), .phoff = 64, .ehsize = 64,
		.phentsize = 56, .phnum = 2,
	},
	.segment = {
		{ 1, 5, 0, 0x10000, 0x10000, sizeof(struct file), sizeof(struct file), 4096 },
		{ 1, 6, 0, 0x12000, 0x12000, 8, 9000, 4096 },
	},
};

/* Whatever was accepted lies within the file, and within a program's memory. */
static bool sound(const struct elf *e, size_t len)
{
	vaddr_t last = PAGE_SIZE;
	bool entry = false;

	for (unsigned i = 0; i < e->segments; i++) {
		const struct elf_segment *s = &e->segment[i];

		if (s->file > s->len || s->offset > len || s->file > len - s->offset || s->start < last ||
		    s->start >= USER_END || s->len > USER_END - s->start || !(s->prot & MAP_R) ||
		    (s->prot & (MAP_W | MAP_X)) == (MAP_W | MAP_X))
			return false;
		last = ROUND_UP(s->start + s->len, PAGE_SIZE);
		entry |= (s->prot & MAP_X) && e->entry >= s->start && e->entry - s->start < s->file;
	}
	return entry && e->segments <= ELF_SEGMENTS;
}

static void test_elf(void)
{
	static const uint64_t values[] = { 0, 1, 3, 0x38, 0x1000, 0xfff, 0x7fffffff, ~0ul, ~0ul - 4095,
		1ul << 63, USER_END, USER_END - 1, 0xffff000000000000ul, 0x10000, 0x11fff };
	unsigned accepted = 0;
	struct file *copy;
	struct elf e;
	bool good = true;

	ok(elf_read(&good_file, sizeof(good_file), &e) == 0 && e.segments == 2 &&
	    e.entry == good_file.header.entry && sound(&e, sizeof(good_file)), "a program");
	for (unsigned i = 0; i < 50000; i++) {
		size_t len = roll(8) == 0 ? 1 + roll(sizeof(*copy)) : sizeof(*copy);
		uint8_t *bytes = heap_alloc(len);		/* of just that length */

		memcpy(bytes, &good_file, len);
		for (unsigned n = 1 + roll(3); n > 0; n--) {
			unsigned place = roll((unsigned)len), size = 1u << roll(4);

			place = ROUND_DOWN(place, size);
			if (place + size <= len)
				memcpy(bytes + place, &values[roll(ARRAY_SIZE(values))], size);
		}
		if (elf_read(bytes, len, &e) == 0) {
			good &= sound(&e, len);
			accepted++;
		}
		heap_free(bytes);
	}
	ok(good && accepted > 100, "50,000 damaged ones; what is accepted (%u) is sound", accepted);
}

void test_vm(void)
{
	size_t pages;

	test_elf();
	test_random();
	pages = free_pages();
	test_random();
	test_limits();
	test_copies();
	ok(free_pages() >= pages, "all pages are given back: %zu free, %zu before", free_pages(), pages);
}
