/* SPDX-License-Identifier: BSD-2-Clause */
/* Commands that look around: what SYS_INFO says, as tables. */
#include <nucleus/log.h>
#include <nucleus/string.h>

#include "shell.h"

#define KIB_OF(pages)	((pages) * (PAGE / 1024))
#define UNLIMITED	(1ul << 40)	/* pages from which on a limit is none */
#define LOCKS_MAX	64

void look_processes(int argc, char **argv)
{
	struct info_process p;
	char limit[24];

	(void)argc;
	(void)argv;
	printf("%4s %6s %-11s %-8s %4s %7s %6s %6s %8s %8s\n", "id", "parent", "name", "state",
	    "prio", "threads", "KiB", "of KiB", "ms", "calls");
	for (unsigned id = 0; sys_info(sh_system, INFO_PROCESS, id, &p, sizeof(p)) > 0; id = p.id + 1) {
		unsigned long pages = p.limit[LIMIT_PAGES];

		(void)format(limit, sizeof(limit), pages >= UNLIMITED ? "-" : "%lu", KIB_OF(pages));
		printf("%4u %6u %-11s %-8s %4u %7u %6lu %6s %8lu %8lu\n", p.id, p.parent, p.name, p.state,
		    p.priority, p.threads, KIB_OF(p.used[LIMIT_PAGES]), limit,
		    p.time / (unsigned long)NSEC_PER_MSEC, p.calls);
	}
}

void look_memory(int argc, char **argv)
{
	struct info_memory m;

	(void)argc;
	(void)argv;
	if (sys_info(sh_system, INFO_MEMORY, 0, &m, sizeof(m)) > 0)
		printf("memory: %lu KiB, free %lu, used %lu, of it by the kernel %lu\n", KIB_OF(m.total),
		    KIB_OF(m.free), KIB_OF(m.total - m.free), KIB_OF(m.kernel));
}

void look_ipc(int argc, char **argv)
{
	struct info_ipc i;

	(void)argc;
	(void)argv;
	if (sys_info(sh_system, INFO_IPC, 0, &i, sizeof(i)) > 0)
		printf("calls: %lu, by the fast path %lu; notifications: %lu; capabilities passed: %lu; "
		    "partners that died: %lu\n", i.calls, i.fast, i.notifications, i.transfers, i.deaths);
}

void look_cpus(int argc, char **argv)
{
	struct info_cpu c;

	(void)argc;
	(void)argv;
	for (unsigned i = 0; sys_info(sh_system, INFO_CPU, i, &c, sizeof(c)) > 0; i = c.id + 1)
		printf("CPU %u: idle for %lu ms of %lu, %lu switches\n", c.id,
		    c.idle / (unsigned long)NSEC_PER_MSEC, sys_clock() / (unsigned long)NSEC_PER_MSEC,
		    c.switches);
}

/* Each place in the code is counted by itself; places of the same name are one line. */
void look_locks(int argc, char **argv)
{
	static struct info_lock sums[LOCKS_MAX];
	struct info_lock *s, l;

	(void)argc;
	(void)argv;
	memset(sums, 0, sizeof(sums));
	for (unsigned i = 0; sys_info(sh_system, INFO_LOCK, i, &l, sizeof(l)) > 0; i++) {
		for (s = sums; s < sums + LOCKS_MAX - 1 && s->name[0] != '\0'; s++) {
			if (strcmp(s->name, l.name) == 0)
				break;
		}
		strlcpy(s->name, s < sums + LOCKS_MAX - 1 ? l.name : "others", sizeof(s->name));
		s->taken += l.taken;
		s->waited += l.waited;
	}
	if (sums[0].name[0] == '\0')
		printf("locks: this image does not count them; make CHECKED=1 native\n");
	for (s = sums; s < sums + LOCKS_MAX && s->name[0] != '\0'; s++)
		printf("%10lu, waited for %6lu  %s\n", s->taken, s->waited, s->name);
}

void look_files(int argc, char **argv)
{
	struct info_file f;

	(void)argc;
	(void)argv;
	for (unsigned i = 0; sys_info(sh_system, INFO_FILE, i, &f, sizeof(f)) > 0; i++)
		printf("%8lu %s\n", f.size, f.name);
}

void look_devices(int argc, char **argv)
{
	struct info_device d;

	(void)argc;
	(void)argv;
	for (unsigned i = 0; sys_info(sh_system, INFO_DEVICE, i, &d, sizeof(d)) > 0; i++) {
		printf("%-12s %s %#lx, %#lx bytes", d.name, d.kind == CAP_PORTS ? "ports" : "memory",
		    d.start, d.length);
		if (d.irq != INFO_NO_IRQ)
			printf(", interrupt %u", d.irq);
		if (strcmp(d.name, "framebuffer") == 0)
			printf(", %u x %u pixels of %u bits", d.values[0], d.values[1], d.values[3]);
		printf("\n");
	}
}
