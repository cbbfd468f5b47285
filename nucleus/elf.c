/* SPDX-License-Identifier: BSD-2-Clause */
/* Static ELF programs. The interface is elf.h. */
#include <nucleus/abi.h>
#include <nucleus/cpu.h>
#include <nucleus/elf.h>
#include <nucleus/error.h>
#include <nucleus/string.h>

struct header {
	uint8_t		ident[16];
	uint16_t	type, machine;
	uint32_t	version;
	uint64_t	entry, phoff, shoff;
	uint32_t	flags;
	uint16_t	ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct program_header {
	uint32_t	type, flags;
	uint64_t	offset, vaddr, paddr, filesz, memsz, align;
};

#define IDENT		"\177ELF\2\1\1"		/* 64 bits, little endian, version 1 */
#define TYPE_EXEC	2
#define PT_LOAD		1
#define PT_DYNAMIC	2
#define PT_INTERP	3
#define PF_X		1
#define PF_W		2
#define PF_R		4

/* A segment behind the ones before. */
static int add(struct elf *e, const struct program_header *ph, size_t len)
{
	struct elf_segment *s = &e->segment[e->segments];
	vaddr_t least = PAGE_SIZE;

	if (ph->memsz == 0 && ph->filesz == 0)
		return 0;
	if (e->segments == ELF_SEGMENTS)
		return E_NOEXEC;
	if (e->segments > 0)
		least = ROUND_UP(s[-1].start + s[-1].len, PAGE_SIZE);
	if (ph->offset > len || ph->filesz > len - ph->offset || ph->filesz > ph->memsz ||
	    ph->vaddr < least || ph->vaddr >= USER_END || ph->memsz > USER_END - ph->vaddr ||
	    !(ph->flags & PF_R) || ((ph->flags & PF_W) && (ph->flags & PF_X)))
		return E_NOEXEC;
	*s = (struct elf_segment) {
		.start = ph->vaddr, .len = ph->memsz, .offset = ph->offset, .file = ph->filesz,
		.prot = MAP_R | (ph->flags & PF_W ? MAP_W : 0) | (ph->flags & PF_X ? MAP_X : 0),
	};
	e->segments++;
	return 0;
}

static bool entry_good(const struct elf *e)
{
	for (unsigned i = 0; i < e->segments; i++) {
		const struct elf_segment *s = &e->segment[i];

		if ((s->prot & MAP_X) && e->entry >= s->start && e->entry - s->start < s->file)
			return true;
	}
	return false;
}

int elf_read(const void *data, size_t len, struct elf *e)
{
	struct header h;
	struct program_header ph;
	int error;

	if (len < sizeof(h))
		return E_NOEXEC;
	memcpy(&h, data, sizeof(h));		/* the file is aligned to 4 only */
	if (memcmp(h.ident, IDENT, 7) != 0 || h.type != TYPE_EXEC || h.machine != CPU_ELF_MACHINE ||
	    h.version != 1 || h.phentsize != sizeof(ph) || h.phoff > len ||
	    h.phnum > (len - h.phoff) / sizeof(ph))
		return E_NOEXEC;
	*e = (struct elf) { .entry = h.entry };
	for (unsigned i = 0; i < h.phnum; i++) {
		memcpy(&ph, (const uint8_t *)data + h.phoff + i * sizeof(ph), sizeof(ph));
		if (ph.type == PT_DYNAMIC || ph.type == PT_INTERP)
			return E_NOEXEC;
		error = ph.type == PT_LOAD ? add(e, &ph, len) : 0;
		if (error != 0)
			return error;
	}
	return entry_good(e) ? 0 : E_NOEXEC;
}
