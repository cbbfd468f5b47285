/* SPDX-License-Identifier: BSD-2-Clause */
/* The screen's font. */
#ifndef FONT_H
#define FONT_H

#include <nucleus/types.h>

#define CELL_WIDTH	8
#define CELL_HEIGHT	16

unsigned font_line(char c, unsigned line);

#endif /* FONT_H */
