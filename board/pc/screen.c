/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The screen: a text console on the loader's framebuffer or on VGA's text memory.
 *
 * It knows new line, return, tab, backspace; escape sequences are left out. The text is kept in
 * memory, so that scrolling reads nothing from the device and draws only what has changed.
 *
 * Locking: the console's.
 */
#include <nucleus/boot.h>
#include <nucleus/console.h>
#include <nucleus/heap.h>
#include <nucleus/log.h>
#include <nucleus/space.h>
#include <nucleus/string.h>

#include "font.h"
#include "pc.h"

#define VGA_TEXT	0xb8000
#define VGA_COLUMNS	80
#define VGA_ROWS	25
#define VGA_GREY	0x0700
#define COLUMNS_MAX	160
#define ROWS_MAX	64

static volatile uint8_t *fb;		/* NULL: VGA text */
static volatile uint16_t *vga;
static unsigned columns, rows, column, row;
static char (*text)[COLUMNS_MAX];	/* what should be there, */
static char (*drawn)[COLUMNS_MAX];	/* and what is */
static unsigned dirty_from, dirty_to;	/* rows that may differ; the same: none */
static bool escape;			/* within an escape sequence */

static void draw_glyph(unsigned x, unsigned y, char c)
{
	const struct boot_framebuffer *b = &boot_info.fb;
	unsigned bytes = b->bpp / 8;

	for (unsigned line = 0; line < CELL_HEIGHT; line++) {
		volatile uint8_t *p = fb + (y * CELL_HEIGHT + line) * b->pitch + x * CELL_WIDTH * bytes;
		unsigned bits = font_line(c, line);

		for (unsigned i = 0; i < CELL_WIDTH; i++, p += bytes) {
			uint8_t v = bits >> (CELL_WIDTH - 1 - i) & 1 ? 0xc0 : 0;

			p[0] = p[1] = p[2] = v;
		}
	}
}

static void draw_row(unsigned y)
{
	for (unsigned x = 0; x < columns; x++) {
		if (text[y][x] == drawn[y][x])
			continue;
		drawn[y][x] = text[y][x];
		if (fb != NULL)
			draw_glyph(x, y, text[y][x]);
		else
			vga[y * VGA_COLUMNS + x] = (uint16_t)(VGA_GREY | (uint8_t)text[y][x]);
	}
}

/* One row each time. */
static bool screen_step(struct console_sink *sink)
{
	(void)sink;
	if (dirty_from == dirty_to)
		return false;
	draw_row(dirty_from++);
	return dirty_from < dirty_to;
}

static void touch(unsigned from, unsigned to)
{
	bool none = dirty_from == dirty_to;

	dirty_from = none ? from : MIN(dirty_from, from);
	dirty_to = none ? to : MAX(dirty_to, to);
}

static void new_line(void)
{
	column = 0;
	if (++row < rows)
		return;
	row = rows - 1;
	touch(0, rows);
	memmove(text[0], text[1], row * sizeof(text[0]));
	memset(text[row], ' ', sizeof(text[row]));
}

static void put(char c)
{
	if (escape) {
		escape = !((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'));
		return;
	}
	switch (c) {
	case '\033':
		escape = true;
		break;
	case '\n':
		new_line();
		break;
	case '\r':
		column = 0;
		break;
	case '\b':
		column -= column > 0;
		break;
	case '\t':
		column = MIN(ROUND_UP(column + 1, 8u), columns - 1);
		break;
	default:
		if ((uint8_t)c < ' ')
			break;
		if (column == columns)
			new_line();
		text[row][column++] = c;
		touch(row, row + 1);
	}
}

static void screen_write(struct console_sink *sink, const char *s, size_t len)
{
	(void)sink;
	while (len-- > 0)
		put(*s++);
}

void screen_init(void)
{
	static struct console_sink sink = { .name = "screen", .write = screen_write,
		.step = screen_step };
	const struct boot_framebuffer *b = &boot_info.fb;

	columns = VGA_COLUMNS;
	rows = VGA_ROWS;
	if (b->base != 0) {
		fb = device_map(b->base, (size_t)b->pitch * b->height, PROT_R | PROT_W | PROT_WC);
		columns = MIN(b->width / CELL_WIDTH, COLUMNS_MAX + 0u);
		rows = MIN(b->height / CELL_HEIGHT, ROWS_MAX + 0u);
	} else {
		vga = device_map(VGA_TEXT, VGA_COLUMNS * VGA_ROWS * 2, PROT_R | PROT_W | PROT_WC);
	}
	text = heap_alloc(rows * sizeof(text[0]));
	drawn = heap_alloc(rows * sizeof(drawn[0]));
	if ((fb == NULL && vga == NULL) || text == NULL || drawn == NULL || columns == 0 || rows == 0)
		return;
	memset(text, ' ', rows * sizeof(text[0]));
	memset(drawn, 0, rows * sizeof(drawn[0]));
	for (unsigned y = 0; y < rows; y++)
		draw_row(y);
	console_add_sink(&sink);
}
