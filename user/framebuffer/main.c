/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The framebuffer's server: what is written on the console, on a screen. It asks the console for
 * text (CONSOLE_WATCH), so that the console never waits for it; begun again, or having come too
 * late, it goes on with what the console still has.
 */
#include <nucleus/string.h>
#include <user.h>

#include <board/screen/font.h>
#include <board/screen/text.h>

static struct pixels fb;
static char cells[TEXT_ROWS][TEXT_COLUMNS], drawn[TEXT_ROWS][TEXT_COLUMNS];
static struct text text = { .cells = cells, .drawn = drawn };

static void draw(unsigned x, unsigned y, char c)
{
	pixels_draw(&fb, x, y, c);
}

/* Arguments: init's, the last four of them the framebuffer's. */
static bool start(char **argv)
{
	unsigned long resource = string_number(argv[3], NULL);
	struct cap_info info;
	long base;

	fb.width = (unsigned)string_number(argv[5], NULL);
	fb.height = (unsigned)string_number(argv[6], NULL);
	fb.pitch = (unsigned)string_number(argv[7], NULL);
	fb.bytes = (unsigned)string_number(argv[8], NULL) / 8;
	if (sys_cap_info(resource, &info) != 0 || fb.bytes < 3 ||
	    (unsigned long)fb.pitch * fb.height > info.size || fb.width * fb.bytes > fb.pitch)
		return false;
	base = sys_memory_map(resource, 0, info.size, 0, MAP_R | MAP_W);
	if (base < 0)
		return false;
	fb.base = (volatile uint8_t *)base;
	text.columns = MIN(fb.width / CELL_WIDTH, TEXT_COLUMNS + 0u);
	text.rows = MIN(fb.height / CELL_HEIGHT, TEXT_ROWS + 0u);
	text.draw = draw;
	if (text.columns == 0 || text.rows == 0)
		return false;
	text_init(&text);
	while (text_step(&text))
		continue;
	return true;
}

int main(int argc, char **argv)
{
	unsigned long position = 0;

	if (argc < 9 || !start(argv))
		return 1;
	for (;;) {
		struct message m = { .tag = CONSOLE_WATCH, .word = { position } };
		unsigned n;

		if (console_call(&m) != 0)
			return 1;
		if (LABEL_OP(m.tag) == CONSOLE_LOST) {
			position = m.word[0];
			continue;
		}
		if (LABEL_OP(m.tag) != 0)
			return 1;
		n = MIN(LABEL_BYTES(m.tag), (unsigned)TEXT_MAX);
		for (unsigned i = 0; i < n; i++)
			text_put(&text, ((const char *)m.word)[i]);
		position += n;
		while (text_step(&text))
			continue;
	}
}
