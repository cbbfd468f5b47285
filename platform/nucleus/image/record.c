/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records for who started the machine, and the end of it.
 *
 * Locking: "phases" for what several threads may say. A panic may come in between, which then has
 * the last word.
 */
#include <nucleus/board.h>
#include <nucleus/boot.h>
#include <nucleus/clock.h>
#include <nucleus/sync.h>

#include "image.h"

static bool timings;
static struct mutex phases = MUTEX_INIT(phases);

static void put_line(const char *text)
{
	if (board_pio_read(PILLION_RECORD_PORT, 1) != PILLION_RECORD_PORT)
		return;
	for (size_t n = 0; *text != '\0' && n < PILLION_RECORD_MAX - 1; n++, text++)
		board_pio_write(PILLION_RECORD_PORT, 1, *text == '\n' ? ' ' : (uint8_t)*text);
	board_pio_write(PILLION_RECORD_PORT, 1, '\n');
}

void record(const char *fmt, ...)
{
	char line[PILLION_RECORD_MAX];
	va_list ap;

	va_start(ap, fmt);
	vformat(line, sizeof(line), fmt, ap);
	va_end(ap);
	put_line(line);
}

void record_timings(bool on)
{
	timings = on;
}

void record_phase(const char *name)
{
	mutex_lock(&phases);
	if (timings)
		record("phase %s %llu", name, (unsigned long long)clock_now());
	mutex_unlock(&phases);
}

void image_fail(const char *kind, int status, const char *fmt, ...)
{
	char text[PILLION_RECORD_MAX];
	va_list ap;

	va_start(ap, fmt);
	vformat(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_error("%s", text);
	record("%s %s", kind, text);
	machine_exit(status);
}
