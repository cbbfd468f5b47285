// SPDX-License-Identifier: GPL-2.0-only
/* Console: kernel messages go out by rumpuser_putchar(); a tty on it takes input when the platform has some. */
#include <linux/kernel.h>
#include <linux/console.h>
#include <linux/init.h>
#include <asm/rump.h>
#include <asm/irq.h>
#include <asm/vcpu.h>

static void console_put(struct console *c, const char *s, unsigned int n)
{
	while (n--)
		rumpuser_putchar(*s++);
}

static struct console console = {
	.name = "rump",
	.write = console_put,
	.flags = CON_PRINTBUFFER | CON_ENABLED,
	.index = -1,
};

static int __init console_setup(void)
{
	register_console(&console);
	return 0;
}
console_initcall(console_setup);

void rump_ext_console_input(void)
{
	pillion_irq_post(PILLION_IRQ_CONSOLE);
}
