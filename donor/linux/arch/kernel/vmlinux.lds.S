/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The link of the donor into one relocatable object (ld -r -T). Rules that a partial link
 * imposes: every output section begins at 0, every table that has boundary symbols is contiguous
 * in one output section, and the symbols lie inside it.
 */
#include <asm/page.h>
#include <asm/thread_info.h>
#include <asm/cache.h>
#include <asm-generic/vmlinux.lds.h>

jiffies = jiffies_64;

SECTIONS
{
	.text 0 : {
		_text = .;
		_stext = .;
		TEXT_TEXT
		SCHED_TEXT
		CPUIDLE_TEXT
		LOCK_TEXT
		KPROBES_TEXT
		ENTRY_TEXT
		IRQENTRY_TEXT
		SOFTIRQENTRY_TEXT
		STATIC_CALL_TEXT
		__init_begin = .;
		_sinittext = .;
		INIT_TEXT
		_einittext = .;
		__init_end = .;
		EXIT_TEXT
		*(.text.* .text)
		_etext = .;
	}
	.rodata 0 : {
		__start_rodata = .;
		*(.rodata .rodata.*)
		*(__tracepoints_strings)
		. = ALIGN(8);
		__end_rodata = .;
	}
	.data.rel.ro 0 : {
		__start_relro = .;
		*(.data.rel.ro .data.rel.ro.*)
		STRUCT_ALIGN();
		__sched_class_highest = .;
		KEEP(*(__stop_sched_class))
		KEEP(*(__dl_sched_class))
		KEEP(*(__rt_sched_class))
		KEEP(*(__fair_sched_class))
		KEEP(*(__idle_sched_class))
		__sched_class_lowest = .;
		*(.init.rodata .meminit.rodata)
		. = ALIGN(8);
		__start___param = .;
		KEEP(*(__param))
		__stop___param = .;
		. = ALIGN(4);
		__start___ex_table = .;
		KEEP(*(__ex_table))
		__stop___ex_table = .;
		. = ALIGN(8);
		__start_pci_fixups_early = .;
		KEEP(*(.pci_fixup_early))
		__end_pci_fixups_early = .;
		__start_pci_fixups_header = .;
		KEEP(*(.pci_fixup_header))
		__end_pci_fixups_header = .;
		__start_pci_fixups_final = .;
		KEEP(*(.pci_fixup_final))
		__end_pci_fixups_final = .;
		__start_pci_fixups_enable = .;
		KEEP(*(.pci_fixup_enable))
		__end_pci_fixups_enable = .;
		__start_pci_fixups_resume = .;
		KEEP(*(.pci_fixup_resume))
		__end_pci_fixups_resume = .;
		__start_pci_fixups_suspend = .;
		KEEP(*(.pci_fixup_suspend))
		__end_pci_fixups_suspend = .;
		__start_pci_fixups_resume_early = .;
		KEEP(*(.pci_fixup_resume_early))
		__end_pci_fixups_resume_early = .;
		__start_pci_fixups_suspend_late = .;
		KEEP(*(.pci_fixup_suspend_late))
		__end_pci_fixups_suspend_late = .;
		. = ALIGN(8);
		__start_builtin_fw = .;
		__end_builtin_fw = .;
		__start_notes = .;
		__stop_notes = .;
		. = ALIGN(8);
		__end_relro = .;
	}
	.data 0 : {
		_sdata = .;
		. = ALIGN(THREAD_SIZE);
		__start_init_task = .;
		init_thread_union = .;
		init_stack = .;
		KEEP(*(.data..init_task))
		KEEP(*(.data..init_thread_info))
		. = __start_init_task + THREAD_SIZE;
		__end_init_task = .;
		. = ALIGN(PAGE_SIZE);
		*(.data..page_aligned)
		*(.data..cacheline_aligned)
		*(.data..read_mostly)
		*(.data..ro_after_init)
		*(.xiptext)
		DATA_DATA
		*(.data.rel .data.rel.* .data.*)
		*(.ref.data)
		. = ALIGN(64);
		__per_cpu_load = .;
		__per_cpu_start = .;
		*(.data..percpu..first)
		. = ALIGN(PAGE_SIZE);
		*(.data..percpu..page_aligned)
		. = ALIGN(64);
		*(.data..percpu..read_mostly)
		. = ALIGN(64);
		*(.data..percpu)
		*(.data..percpu..shared_aligned)
		__per_cpu_end = .;
		. = ALIGN(64);
		*(.init.data .init.data.*)
		*(.exit.data .exit.data.*)
		MEM_DISCARD(init.data)
		. = ALIGN(8);
		__start___modver = .;		/* here, because locks of it are lockdep's keys */
		KEEP(*(__modver))
		__stop___modver = .;
		KERNEL_CTORS()
		MCOUNT_REC()
		ERROR_INJECT_WHITELIST()
		FTRACE_EVENTS()
		TRACE_SYSCALLS()
		. = ALIGN(8);
		__setup_start = .;
		KEEP(*(.init.setup))
		__setup_end = .;
		. = ALIGN(8);
		INIT_CALLS
		CON_INITCALL
		INIT_RAM_FS
		TIMER_OF_TABLES()
		IRQCHIP_OF_MATCH_TABLE()
		KERNEL_DTB()
		EARLYCON_TABLE()
		LSM_TABLE()
		EARLY_LSM_TABLE()
		KUNIT_TABLE()
		THERMAL_TABLE(governor)
		BUG_TABLE
		_edata = .;
	}
	.bss 0 : {
		__bss_start = .;
		*(.bss..page_aligned)
		. = ALIGN(PAGE_SIZE);
		*(.dynbss)
		*(.bss .bss.* COMMON)
		__bss_stop = .;
		_end = .;
	}
	STABS_DEBUG
	DWARF_DEBUG
	.comment 0 : { *(.comment) }

	/DISCARD/ : {
		*(.discard .discard.*)
		*(.export_symbol .modinfo ___ksymtab* ___kcrctab* __ksymtab_strings)
		*(.note .note.*)
		*(.gnu.version*)
		*(.eh_frame .eh_frame.*)
		*(.exitcall.exit)
		*(.init.ramfs.info.none)
	}
}
