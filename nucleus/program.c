/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory with which a program begins. The interface is process.h.
 * Locking: none; nobody else uses the vm yet.
 */
#include <nucleus/elf.h>
#include <nucleus/error.h>
#include <nucleus/process.h>
#include <nucleus/random.h>
#include <nucleus/regs.h>
#include <nucleus/string.h>

static int map_at(struct vm *vm, vaddr_t va, size_t len, unsigned prot)
{
	return vm_map(vm, &va, len, prot);
}

static int load_segments(struct vm *vm, const struct elf *e, const uint8_t *data)
{
	int error = 0;

	for (unsigned i = 0; i < e->segments && error == 0; i++) {
		const struct elf_segment *s = &e->segment[i];
		vaddr_t start = ROUND_DOWN(s->start, PAGE_SIZE);
		vaddr_t end = ROUND_UP(s->start + s->len, PAGE_SIZE);

		error = map_at(vm, start, end - start, s->prot);
		if (error == 0)
			error = vm_load(vm, s->start, data + s->offset, s->file);
	}
	return error;
}

/* *end: where it ends. */
static int map_stack(struct vm *vm, const struct elf *e, vaddr_t *end)
{
	const struct elf_segment *last = &e->segment[e->segments - 1];
	int error;

	*end = last->start + last->len <= VM_STACK_LOW - VM_STACK_MAX ? VM_STACK_LOW : VM_STACK_HIGH;
	error = map_at(vm, *end - VM_STACK_MAX + PAGE_SIZE, VM_STACK_MAX - PAGE_SIZE, MAP_R | MAP_W);
	return error == E_EXIST ? E_NOEXEC : error;	/* the program has that */
}

/* Strings of [args, args + len) below *sp, and below them their addresses, as abi.h says. */
static int push_args(struct vm *vm, const char *args, size_t len, vaddr_t *sp)
{
	vaddr_t strings = ROUND_DOWN(*sp - len, 16), at;
	unsigned long n = 0, end[2] = { 0 }, address;
	int error;

	for (size_t i = 0; i < len; i++)
		n += args[i] == 0;
	*sp = at = ROUND_DOWN(strings - (n + 3) * sizeof(n), 16);
	error = vm_copy_out(vm, at, &n, sizeof(n));
	for (size_t i = 0; i < len && error == 0; i += strlen(args + i) + 1) {
		address = strings + i;
		at += sizeof(n);
		error = vm_copy_out(vm, at, &address, sizeof(address));
	}
	random_bytes(&end[1], sizeof(end[1]));
	if (error == 0)
		error = vm_copy_out(vm, at + sizeof(n), end, sizeof(end));
	return error != 0 ? error : vm_copy_out(vm, strings, args, len);
}

int program_load(struct vm *vm, const char *name, const char *args, size_t len,
    struct cpu_regs *regs)
{
	struct archive_file file;
	struct elf elf;
	vaddr_t sp;
	int error;

	if (!archive_find(process_archive(), name, &file))
		return E_NOENT;
	error = elf_read(file.data, file.size, &elf);
	if (error == 0)
		error = load_segments(vm, &elf, file.data);
	if (error == 0)
		error = map_stack(vm, &elf, &sp);
	if (error == 0)
		error = push_args(vm, args, len, &sp);
	if (error == 0)
		regs_begin(regs, elf.entry, sp, 0);
	return error;
}
