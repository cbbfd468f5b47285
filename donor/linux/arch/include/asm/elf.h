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
#define ELF_ET_DYN_BASE	(TASK_SIZE / 3 * 2)
#define ELF_EXEC_PAGESIZE PAGE_SIZE
#ifdef CONFIG_PILLION_PROGRAMS
#include <asm/program.h>

extern unsigned long pillion_hwcap, pillion_hwcap2, pillion_sigframe_size;
/* A library task does not become a program: its body is a thread of the embedder's. */
#define elf_check_arch(x)	((x)->e_machine == ELF_ARCH && pillion_may_exec())
#define SET_PERSONALITY(ex)						\
do {									\
	set_personality(PER_LINUX | (current->personality & ~PER_MASK)); \
	pillion_become_program();					\
} while (0)
#define ELF_HWCAP	pillion_hwcap
#define ELF_HWCAP2	pillion_hwcap2
#define ELF_PLATFORM	PILLION_UTS_MACHINE
#define ARCH_DLINFO							\
do {									\
	if (current->mm->context.vdso)					\
		NEW_AUX_ENT(AT_SYSINFO_EHDR, current->mm->context.vdso); \
	NEW_AUX_ENT(AT_MINSIGSTKSZ, pillion_sigframe_size);		\
} while (0)
struct linux_binprm;
#define ARCH_HAS_SETUP_ADDITIONAL_PAGES 1
int arch_setup_additional_pages(struct linux_binprm *bprm, int uses_interp);
#else
#define elf_check_arch(x)	((x)->e_machine == ELF_ARCH)
#define ELF_HWCAP	0
#define ELF_PLATFORM	NULL
#endif
#define ELF_PLAT_INIT(regs, load)	do { } while (0)

#endif
