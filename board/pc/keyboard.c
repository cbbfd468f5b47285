/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The keyboard: i8042 with translation to scan code set 1, American layout.
 * Locking: state is the interrupt handler's.
 */
#include <nucleus/console.h>
#include <nucleus/irq.h>
#include <nucleus/log.h>
#include <nucleus/string.h>

#include "pc.h"

#define DATA		0x60
#define STATUS		0x64
#define STATUS_OUTPUT	0x01		/* a byte for us */
#define STATUS_INPUT	0x02		/* it has not taken the last byte from us */
#define STATUS_MOUSE	0x20		/* which is the mouse's */
#define ISA_IRQ		1
#define WAIT_MAX	100000		/* looks at a controller that takes nothing */

#define SHIFT_LEFT	0x2a
#define SHIFT_RIGHT	0x36
#define CONTROL		0x1d
#define CAPS		0x3a
#define EXTENDED	0xe0
#define RELEASED	0x80

static const char plain[] =
    "\0\033" "1234567890-=\177\t" "qwertyuiop[]\n\0" "asdfghjkl;'`\0\\" "zxcvbnm,./\0*\0 ";
static const char shifted[] =
    "\0\033" "!@#$%^&*()_+\177\t" "QWERTYUIOP{}\n\0" "ASDFGHJKL:\"~\0|" "ZXCVBNM<>?\0*\0 ";

static bool shift, control, caps, extended;

/* Cursor keys and the like, after EXTENDED, as a terminal sends them. */
static const char *extended_key(unsigned code)
{
	switch (code) {
	case 0x48: return "\033[A";
	case 0x50: return "\033[B";
	case 0x4d: return "\033[C";
	case 0x4b: return "\033[D";
	case 0x47: return "\033[H";
	case 0x4f: return "\033[F";
	case 0x53: return "\033[3~";
	case 0x1c: return "\r";
	case 0x35: return "/";
	}
	return "";
}

static void key_pressed(unsigned code)
{
	char c;

	if (code >= sizeof(plain) - 1)
		return;
	c = shift ? shifted[code] : plain[code];
	if (caps && (plain[code] >= 'a' && plain[code] <= 'z'))
		c ^= 0x20;
	if (c == '\n')
		c = '\r';
	if (control)
		c &= 0x1f;
	if (plain[code] != '\0')
		console_input(&c, 1);
}

static void scan_code(unsigned code)
{
	bool pressed = !(code & RELEASED), was_extended = extended;

	extended = code == EXTENDED;
	if (extended)
		return;
	code &= 0x7f;
	if (code == CONTROL)
		control = pressed;
	else if (was_extended && pressed)
		console_input(extended_key(code), strlen(extended_key(code)));
	else if (code == SHIFT_LEFT || code == SHIFT_RIGHT)
		shift = pressed && !was_extended;
	else if (code == CAPS)
		caps ^= pressed;
	else if (pressed)
		key_pressed(code);
}

static int keyboard_interrupt(void *arg)
{
	uint8_t status;
	int n = 0;

	(void)arg;
	for (; n < 16 && (status = inb(STATUS)) & STATUS_OUTPUT; n++) {
		uint8_t code = inb(DATA);

		if (!(status & STATUS_MOUSE))
			scan_code(code);
	}
	return n;
}

static void send(uint16_t port, uint8_t value)
{
	for (unsigned i = 0; i < WAIT_MAX && (inb(STATUS) & STATUS_INPUT); i++)
		cpu_pause();
	outb(port, value);
}

void keyboard_init(void)
{
	static struct irq *irq;
	unsigned flags, line = isa_line(ISA_IRQ, &flags);

	if (inb(STATUS) == 0xff)
		return;				/* no controller */
	if (irq_attach(line, flags, "keyboard", keyboard_interrupt, NULL, &irq) != 0)
		return;
	(void)keyboard_interrupt(NULL);		/* what was typed before */
	send(STATUS, 0x60);			/* write the configuration: */
	send(DATA, 0x65);			/* interrupt, translation, no mouse */
	send(STATUS, 0xae);			/* enable */
}
