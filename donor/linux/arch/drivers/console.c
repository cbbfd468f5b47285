// SPDX-License-Identifier: GPL-2.0-only
/*
 * Console: kernel messages, and a tty (/dev/console, /dev/ttyR0) with line discipline. Output
 * goes by rumpuser_putchar(); when the platform has input it says so from any thread, which
 * becomes an interrupt. Input that the tty has no room for stays with the platform until it has.
 *
 * Locking: the virtual CPU.
 */
#include <linux/kernel.h>
#include <linux/console.h>
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/tty.h>
#include <linux/tty_driver.h>
#include <linux/tty_flip.h>
#include <asm/irq.h>
#include <asm/rump.h>
#include <asm/vcpu.h>
#include "console.h"

static struct tty_driver *driver;
static struct tty_port port;
static bool held;			/* the platform may have input that there was no room for */

void pillion_console_put(const char *s, size_t n)
{
	while (n--)
		rumpuser_putchar((unsigned char)*s++);
}

static void console_put(struct console *c, const char *s, unsigned int n)
{
	pillion_console_put(s, n);
}

static struct tty_driver *tty_of_console(struct console *c, int *index)
{
	*index = 0;
	return driver;
}

static struct console console = {
	.name = "ttyR",
	.write = console_put,
	.device = tty_of_console,
	.flags = CON_PRINTBUFFER | CON_ENABLED,
	.index = -1,
};

static void read_on(void)
{
	if (held)
		pillion_irq_post(PILLION_IRQ_CONSOLE);
}

static int tty_open_console(struct tty_struct *tty, struct file *f)
{
	read_on();
	return tty_port_open(&port, tty, f);
}

static void tty_close_console(struct tty_struct *tty, struct file *f)
{
	tty_port_close(&port, tty, f);
}

static int tty_write_console(struct tty_struct *tty, const unsigned char *buf, int n)
{
	pillion_console_put(buf, n);
	return n;
}

static unsigned int tty_room(struct tty_struct *tty)
{
	return 65536;
}

/* After the reader has made room, or input was thrown away. */
static void tty_unthrottle_console(struct tty_struct *tty)
{
	read_on();
}

static const struct tty_operations tty_ops = {
	.open = tty_open_console,
	.close = tty_close_console,
	.write = tty_write_console,
	.write_room = tty_room,
	.unthrottle = tty_unthrottle_console,
};

static const struct tty_port_operations port_ops = { };

/* The line discipline takes what was inserted, which makes room also without a reader. */
static int port_receive(struct tty_port *p, const unsigned char *chars, const unsigned char *flags,
			size_t n)
{
	int taken = tty_port_default_client_ops.receive_buf(p, chars, flags, n);

	if (taken > 0)
		read_on();
	return taken;
}

static struct tty_port_client_operations client_ops;

static irqreturn_t console_interrupt(int irq, void *arg)
{
	char buf[256];
	size_t n;
	int room;

	if (pillion_stream_wanted()) {
		pillion_stream_input();
		return IRQ_HANDLED;
	}
	while ((room = tty_buffer_request_room(&port, sizeof(buf))) > 0) {
		n = rumpext_console_read(buf, min_t(size_t, room, sizeof(buf)));
		if (!n)
			break;
		tty_insert_flip_string(&port, buf, n);
	}
	held = room <= 0;
	tty_flip_buffer_push(&port);
	return IRQ_HANDLED;
}

void rump_ext_console_input(void)
{
	pillion_irq_post(PILLION_IRQ_CONSOLE);
}

static int __init console_setup(void)
{
	register_console(&console);
	return 0;
}
console_initcall(console_setup);

static int __init tty_setup(void)
{
	int error;

	driver = tty_alloc_driver(1, TTY_DRIVER_REAL_RAW);
	if (IS_ERR(driver))
		return PTR_ERR(driver);
	driver->driver_name = driver->name = "ttyR";
	driver->type = TTY_DRIVER_TYPE_CONSOLE;
	driver->init_termios = tty_std_termios;
	tty_set_operations(driver, &tty_ops);
	tty_port_init(&port);
	port.ops = &port_ops;
	client_ops = tty_port_default_client_ops;
	client_ops.receive_buf = port_receive;
	port.client_ops = &client_ops;
	tty_port_link_device(&port, driver, 0);
	error = tty_register_driver(driver);
	return error ?: request_irq(PILLION_IRQ_CONSOLE, console_interrupt, 0, "console", NULL);
}
device_initcall(tty_setup);
