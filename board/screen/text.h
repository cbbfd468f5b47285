/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text on a screen: what is written, cell by cell, and what of it is not drawn yet. The text is
 * kept in memory, so that scrolling reads nothing from the device and draws only what has changed.
 *
 * It knows new line, return, tab, backspace; escape sequences are left out.
 *
 * Locking: the caller's.
 */
#ifndef SCREEN_TEXT_H
#define SCREEN_TEXT_H

#include <nucleus/types.h>

#define TEXT_COLUMNS	160		/* at most */
#define TEXT_ROWS	64

struct text {
	unsigned columns, rows, column, row;
	char	(*cells)[TEXT_COLUMNS];	/* what should be there, rows of it, */
	char	(*drawn)[TEXT_COLUMNS];	/* and what is */
	unsigned dirty_from, dirty_to;	/* rows that may differ; the same: none */
	bool	escape;			/* within an escape sequence */
	void	(*draw)(unsigned x, unsigned y, char c);
};

/* Its fields but for dirty and escape are set, cells and drawn with memory; all is to be drawn. */
void text_init(struct text *t);
void text_put(struct text *t, char c);
bool text_step(struct text *t);		/* draw one row; true: there are more */

/* A framebuffer of pixels of three bytes or four. */
struct pixels {
	volatile uint8_t *base;
	unsigned	width, height, pitch, bytes;	/* of a line, of a pixel */
};
void pixels_draw(const struct pixels *p, unsigned x, unsigned y, char c);

#endif /* SCREEN_TEXT_H */
