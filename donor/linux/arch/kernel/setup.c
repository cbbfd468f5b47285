// SPDX-License-Identifier: GPL-2.0-only
/* Boot: what the platform tells the donor, and the machine calls that end it. */
#include <linux/kernel.h>
#include <linux/console.h>
#include <linux/init.h>
#include <linux/initrd.h>
#include <linux/memblock.h>
#include <linux/panic_notifier.h>
#include <linux/reboot.h>
#include <linux/pm.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/sched/debug.h>
#include <linux/seq_file.h>
#include <linux/utsname.h>
#include <asm/rump.h>
#include <asm/vcpu.h>
#include <asm/cpu_abi.h>
#include <asm/setup.h>
#include <asm/stacktrace.h>

void (*pm_power_off)(void);
static char command_line[COMMAND_LINE_SIZE];

static int panic_event(struct notifier_block *nb, unsigned long event, void *message)
{
	show_stack(NULL, NULL, KERN_EMERG);
	pr_emerg("pillion: the donor has panicked: %s\n", (char *)message);
	console_flush_on_panic(CONSOLE_FLUSH_PENDING);
	rumpuser_exit(RUMPUSER_PANIC);
}

static struct notifier_block panic_notifier = {
	.notifier_call = panic_event,
	.priority = INT_MIN,
};

/* The platform's randomness is good before anything here could collect some. */
static void __init seed(void)
{
	u8 buf[64];
	size_t got;

	if (rumpuser_getrandom(buf, sizeof(buf), 0, &got) == 0 && got == sizeof(buf))
		add_bootloader_randomness(buf, sizeof(buf));
	memzero_explicit(buf, sizeof(buf));
}

#ifdef CONFIG_BLK_DEV_INITRD
/*
 * PILLION_INITRD, "address,size": a cpio archive in the platform's memory, which becomes the root
 * file system. Its memory stays the platform's, which may reuse it after rump_init().
 */
static void __init find_archive(void)
{
	char buf[64], *end;

	if (rumpuser_getparam("PILLION_INITRD", buf, sizeof(buf)))
		return;
	initrd_start = simple_strtoull(buf, &end, 0);
	initrd_end = initrd_start + (*end == ',' ? simple_strtoull(end + 1, NULL, 0) : 0);
	if (initrd_end == initrd_start)
		initrd_start = 0;
}

void __init free_initrd_mem(unsigned long start, unsigned long end)
{
}
#else
static void __init find_archive(void)
{
}
#endif

void __init setup_arch(char **cmdline_p)
{
	char name[__NEW_UTS_LEN + 1];

	if (rumpuser_getparam("PILLION_CMDLINE", command_line, sizeof(command_line)))
		command_line[0] = 0;
	strscpy(boot_command_line, command_line, COMMAND_LINE_SIZE);
	*cmdline_p = command_line;
	parse_early_param();
	atomic_notifier_chain_register(&panic_notifier_list, &panic_notifier);
	if (rumpuser_getparam(RUMPUSER_PARAM_HOSTNAME, name, sizeof(name)) == 0)
		strscpy(init_uts_ns.name.nodename, name, sizeof(init_uts_ns.name.nodename));
	strscpy(init_uts_ns.name.machine, PILLION_UTS_MACHINE, sizeof(init_uts_ns.name.machine));
	find_archive();
	pillion_memory_init();
	seed();
}

/*
 * The process, or machine, is not the donor's to end: who embeds it calls rump_ext_halt(), and a
 * panic is told to the platform. reboot(2) is refused to library tasks (kernel/syscall.c); a
 * program that may ends the machine it runs on.
 */
void machine_restart(char *cmd)
{
#ifdef CONFIG_PILLION_PROGRAMS
	rumpext_user_restart();
#endif
}

void machine_halt(void)
{
	rumpuser_exit(0);
}

void machine_power_off(void)
{
	rumpuser_exit(0);
}

static int show_cpuinfo(struct seq_file *m, void *v)
{
	seq_printf(m, "processor\t: 0\nmodel name\t: Pillion virtual CPU (%s)\n\n", PILLION_UTS_MACHINE);
	return 0;
}

static void *c_start(struct seq_file *m, loff_t *pos)
{
	return *pos == 0 ? (void *)1 : NULL;
}

static void *c_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return NULL;
}

static void c_stop(struct seq_file *m, void *v)
{
}

const struct seq_operations cpuinfo_op = {
	.start = c_start,
	.next = c_next,
	.stop = c_stop,
	.show = show_cpuinfo,
};
