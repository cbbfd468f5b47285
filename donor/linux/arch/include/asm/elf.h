/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_ELF_H
#define _ASM_PILLION_ELF_H

#include <asm/ptrace.h>
#include <asm/user.h>
#include <asm/cpu_abi.h>

typedef unsigned long elf_greg_t;
#define ELF_NGREG	(sizeof(struct pt_regs) / sizeof(elf_greg_t))
typedef elf_greg_t elf_gregset_t[ELF_NGREG];
typedef struct { unsigned long none; } elf_fpregset_t;

#define ELF_CLASS	ELFCLASS64
#define ELF_DATA	ELFDATA2LSB
#define ELF_ARCH	PILLION_ELF_ARCH
#define elf_check_arch(x)	((x)->e_machine == ELF_ARCH)
#define ELF_ET_DYN_BASE	(TASK_SIZE / 3 * 2)
#define ELF_EXEC_PAGESIZE PAGE_SIZE
#define ELF_HWCAP	0
#define ELF_PLATFORM	NULL
#define ELF_PLAT_INIT(regs, load)	do { } while (0)

#endif
