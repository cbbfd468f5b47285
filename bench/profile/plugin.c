/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A plugin for QEMU's -plugin: how often each piece of code was executed, in instructions. Exact,
 * and the guest does not notice; for bench/profile/profile, which gives the addresses names.
 *
 *	-plugin plugin.so,out=FILE[,from=ADDRESS]
 *
 * Counts from when ADDRESS (the start of a function, say) is first executed, or from the begin.
 * At QEMU's end FILE has a line for each translated block: address, its instructions, how often.
 * QEMU's interface, version 1, is declared here: Debian has no header of it.
 *
 * Locking: blocks are translated by one thread at a time; the guest has one CPU.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct qemu_plugin_tb;
typedef uint64_t qemu_plugin_id_t;
enum { INLINE_ADD_U64 = 0, CB_NO_REGS = 0 };

extern void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
    void (*cb)(qemu_plugin_id_t id, struct qemu_plugin_tb *tb));
extern void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id,
    void (*cb)(qemu_plugin_id_t id, void *arg), void *arg);
extern void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *tb, int op, void *ptr,
    uint64_t imm);
extern void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb,
    void (*cb)(unsigned cpu, void *arg), int flags, void *arg);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
extern uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

#define BUCKETS	65536

/* A block is translated again and again: one record for the same address and length. */
struct block {
	struct block *next;
	uint64_t address, count;
	size_t instructions;
};
static struct block *blocks[BUCKETS];
static uint64_t from;
static bool begun = true;
static char out[4096];

static struct block *find(uint64_t address, size_t instructions)
{
	struct block **head = &blocks[address * 0x9e3779b97f4a7c15u >> 48], *b;

	for (b = *head; b; b = b->next)
		if (b->address == address && b->instructions == instructions)
			return b;
	b = calloc(1, sizeof(*b));
	if (!b)
		abort();
	*b = (struct block){ .next = *head, .address = address, .instructions = instructions };
	*head = b;
	return b;
}

static void begin(unsigned cpu, void *arg)
{
	(void)cpu, (void)arg;
	if (begun)
		return;
	begun = true;
	for (unsigned i = 0; i < BUCKETS; i++)
		for (struct block *b = blocks[i]; b; b = b->next)
			b->count = 0;
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	struct block *b = find(qemu_plugin_tb_vaddr(tb), qemu_plugin_tb_n_insns(tb));

	(void)id;
	if (from && b->address == from)
		qemu_plugin_register_vcpu_tb_exec_cb(tb, begin, CB_NO_REGS, NULL);
	qemu_plugin_register_vcpu_tb_exec_inline(tb, INLINE_ADD_U64, &b->count, 1);
}

static void end(qemu_plugin_id_t id, void *arg)
{
	FILE *f = fopen(out, "we");

	(void)id, (void)arg;
	if (!f || !begun) {
		fprintf(stderr, "plugin: %s\n", f ? "the start was never executed" : out);
		return;
	}
	for (unsigned i = 0; i < BUCKETS; i++)
		for (struct block *b = blocks[i]; b; b = b->next)
			if (b->count)
				fprintf(f, "%llx %zu %llu\n", (unsigned long long)b->address,
				    b->instructions, (unsigned long long)b->count);
	fclose(f);
}

__attribute__((visibility("default")))
int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
	(void)info;
	for (int i = 0; i < argc; i++) {
		if (strncmp(argv[i], "out=", 4) == 0)
			snprintf(out, sizeof(out), "%s", argv[i] + 4);
		else if (strncmp(argv[i], "from=", 5) == 0)
			from = strtoull(argv[i] + 5, NULL, 16);
		else
			return -1;
	}
	begun = !from;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, end, NULL);
	return out[0] ? 0 : -1;
}
