/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The screen: a text console on the loader's framebuffer or on VGA's text memory.
 *
 * Locking: the console's.
 */
#include <nucleus/boot.h>
#include <nucleus/console.h>
#include <nucleus/heap.h>
#include <nucleus/space.h>

#include <board/screen/font.h>
#include <board/screen/text.h>

#include "pc.h"

#define VGA_TEXT	0xb8000
#define VGA_COLUMNS	80
#define VGA_ROWS	25
#define VGA_GREY	0x0700

static struct pixels fb;
static volatile uint16_t *vga;
static struct text text;

static void draw_pixels(unsigned x, unsigned y, char c)
{
	pixels_draw(&fb, x, y, c);
}

static void draw_vga(unsigned x, unsigned y, char c)
{
	vga[y * VGA_COLUMNS + x] = (uint16_t)(VGA_GREY | (uint8_t)c);
}

/* One row each time. */
static bool screen_step(struct console_sink *sink)
{
	(void)sink;
	return text_step(&text);
}

static void screen_write(struct console_sink *sink, const char *s, size_t len)
{
	(void)sink;
	while (len-- > 0)
		text_put(&text, *s++);
}

void screen_init(void)
{
	static struct console_sink sink = { .name = "screen", .write = screen_write,
		.step = screen_step };
	const struct boot_framebuffer *b = &boot_info.fb;

	text = (struct text) { .columns = VGA_COLUMNS, .rows = VGA_ROWS, .draw = draw_vga };
	if (b->base != 0) {
		fb = (struct pixels) { device_map(b->base, (size_t)b->pitch * b->height,
		    PROT_R | PROT_W | PROT_WC), b->width, b->height, b->pitch, b->bpp / 8 };
		text.columns = MIN(b->width / CELL_WIDTH, TEXT_COLUMNS + 0u);
		text.rows = MIN(b->height / CELL_HEIGHT, TEXT_ROWS + 0u);
		text.draw = draw_pixels;
	} else {
		vga = device_map(VGA_TEXT, VGA_COLUMNS * VGA_ROWS * 2, PROT_R | PROT_W | PROT_WC);
	}
	text.cells = heap_alloc(text.rows * sizeof(text.cells[0]));
	text.drawn = heap_alloc(text.rows * sizeof(text.drawn[0]));
	if ((fb.base == NULL && vga == NULL) || text.cells == NULL || text.drawn == NULL ||
	    text.columns == 0 || text.rows == 0)
		return;
	text_init(&text);
	while (text_step(&text))
		continue;
	console_add_sink(&sink);
}
