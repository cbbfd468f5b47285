/* SPDX-License-Identifier: BSD-2-Clause */
/* Text on a screen. The interface is text.h. */
#include <nucleus/string.h>

#include "font.h"
#include "text.h"

#define GREY	0xc0

void pixels_draw(const struct pixels *p, unsigned x, unsigned y, char c)
{
	for (unsigned line = 0; line < CELL_HEIGHT; line++) {
		volatile uint8_t *at = p->base + (y * CELL_HEIGHT + line) * p->pitch +
		    x * CELL_WIDTH * p->bytes;
		unsigned bits = font_line(c, line);

		for (unsigned i = 0; i < CELL_WIDTH; i++, at += p->bytes) {
			uint8_t v = bits >> (CELL_WIDTH - 1 - i) & 1 ? GREY : 0;

			at[0] = at[1] = at[2] = v;
		}
	}
}

static void touch(struct text *t, unsigned from, unsigned to)
{
	bool none = t->dirty_from == t->dirty_to;

	t->dirty_from = none ? from : MIN(t->dirty_from, from);
	t->dirty_to = none ? to : MAX(t->dirty_to, to);
}

bool text_step(struct text *t)
{
	unsigned y = t->dirty_from;

	if (t->dirty_from == t->dirty_to)
		return false;
	for (unsigned x = 0; x < t->columns; x++) {
		if (t->cells[y][x] == t->drawn[y][x])
			continue;
		t->drawn[y][x] = t->cells[y][x];
		t->draw(x, y, t->cells[y][x]);
	}
	return ++t->dirty_from < t->dirty_to;
}

static void new_line(struct text *t)
{
	t->column = 0;
	if (++t->row < t->rows)
		return;
	t->row = t->rows - 1;
	touch(t, 0, t->rows);
	memmove(t->cells[0], t->cells[1], t->row * sizeof(t->cells[0]));
	memset(t->cells[t->row], ' ', sizeof(t->cells[0]));
}

void text_put(struct text *t, char c)
{
	if (t->escape && (uint8_t)c >= ' ') {
		t->escape = !((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '~');
		return;
	}
	t->escape = false;		/* a control character ends it, too */
	switch (c) {
	case '\033':
		t->escape = true;
		break;
	case '\n':
		new_line(t);
		break;
	case '\r':
		t->column = 0;
		break;
	case '\b':
		t->column -= t->column > 0;
		break;
	case '\t':
		t->column = MIN(ROUND_UP(t->column + 1, 8u), t->columns - 1);
		break;
	default:
		if ((uint8_t)c < ' ')
			break;
		if (t->column == t->columns)
			new_line(t);
		t->cells[t->row][t->column++] = c;
		touch(t, t->row, t->row + 1);
	}
}

void text_init(struct text *t)
{
	memset(t->cells, ' ', t->rows * sizeof(t->cells[0]));
	memset(t->drawn, 0, t->rows * sizeof(t->drawn[0]));
	t->dirty_from = 0;
	t->dirty_to = t->rows;
}
