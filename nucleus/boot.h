/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the boot loader said, brought into one form by board/. Constant after boot; the physical
 * memory that it points to is reserved.
 */
#ifndef NUCLEUS_BOOT_H
#define NUCLEUS_BOOT_H

#include <nucleus/types.h>

#define BOOT_MAX_RANGES		256
#define BOOT_MAX_MODULES	8
#define BOOT_CMDLINE		2048

/* BOOT_TABLES: what describes the machine; kept, and in the direct map as RAM is. */
enum boot_memory { BOOT_RAM, BOOT_RESERVED, BOOT_TABLES };

/* Sorted. Ranges of RAM do not overlap each other; others win over RAM where they overlap it. */
struct boot_range {
	paddr_t		start, end;
	enum boot_memory kind;
};

struct boot_module {
	paddr_t		start, end;
	const char	*cmdline;	/* "" if none */
};

struct boot_framebuffer {
	paddr_t		base;		/* 0: none */
	uint32_t	width, height, pitch, bpp;	/* pixels; bytes a line; bits a pixel */
	uint8_t		red_shift, green_shift, blue_shift;	/* 8 bits each */
};

struct boot_info {
	const char	*loader;	/* "pvh", "multiboot2", ... */
	char		cmdline[BOOT_CMDLINE];
	unsigned	nranges, nmodules;
	struct boot_range range[BOOT_MAX_RANGES];
	struct boot_module module[BOOT_MAX_MODULES];
	struct boot_framebuffer fb;
	paddr_t		tables;		/* root of the machine's description: RSDP, device tree; 0 */
	uint64_t	entry_counter;	/* the CPU's counter at the kernel's first instruction */
};

extern struct boot_info boot_info;

/*
 * The value of "name=value" on the command line, copied to buf as a string, cut short if need be.
 * Its length; 0 for "name=" and "name"; -1: not there. Values end at white space.
 */
int boot_option(const char *name, char *buf, size_t len);

/* Contents of module i, below boot_info.nmodules, in the direct map. */
const void *boot_module_data(unsigned i, size_t *lenp);

/* The module is not needed any more: its memory becomes free. It is empty from now on. */
void boot_module_free(unsigned i);

/*
 * What an image built on the nucleus provides: its body, in thread context on a joinable thread
 * of priority PRIO_HIGH, with all of the nucleus ready. Its return ends the machine:
 * machine_exit(result).
 */
int image_main(void);
extern const size_t image_stack;	/* bytes of its stack */
extern const unsigned image_cpus;	/* that it can use; CPU_MAX: all */

#endif /* NUCLEUS_BOOT_H */
