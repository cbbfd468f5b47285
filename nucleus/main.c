/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the CPU's first steps to the image's body.
 *
 * Interface: nucleus_start (from cpu/, once, on the boot stack, interrupts off, with the boot page
 * tables). The boot context becomes the idle thread.
 */
#include <nucleus/board.h>
#include <nucleus/boot.h>
#include <nucleus/bootmem.h>
#include <nucleus/log.h>
#include <nucleus/page.h>
#include <nucleus/random.h>
#include <nucleus/smp.h>
#include <nucleus/space.h>
#include <nucleus/string.h>
#include <nucleus/thread.h>

void nucleus_start(void) NORETURN;

extern uintptr_t __stack_chk_guard;

static void set_log_level(void)
{
	static const char *const names[] = { "error", "warn", "info", "debug" };
	char level[8];

	if (boot_option("log", level, sizeof(level)) < 0)
		return;
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(level, names[i]) == 0)
			log_set_level((enum log_level)i);
	}
}

static void main_thread(void *arg)
{
	struct page_stats st;

	(void)arg;
	board_devices();
	/* Firmware's page, which nobody needs any more: phys_to_virt() of a null address is a fault. */
	(void)space_unmap(&kernel_space, DIRECT_BASE, PAGE_SIZE);
	smp_start();
	page_stats(&st);
	log_info("%s, loaded by %s, %zu MiB free", cpu_name(), boot_info.loader,
	    st.free * PAGE_SIZE / MIB);
	machine_exit(image_main());
}

/* It does not return, so that it may change the guard value, which its callees check. */
void nucleus_start(void)
{
	uintptr_t guard;

	cpu_init(&cpus[0]);
	random_init();
	random_bytes(&guard, sizeof(guard));
	__stack_chk_guard = guard & ~(uintptr_t)0xff;	/* a string ends there */
	board_early();
	set_log_level();
	bootmem_init();
	space_init();
	page_init();
	sched_init();
	board_init();
	if (thread_create_on(cpu_self(), "main", PRIO_HIGH, image_stack, true, main_thread,
	    NULL) == NULL)
		panic("no memory for the first thread");
	sched_idle();
}
