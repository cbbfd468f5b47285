/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The mailbox to the firmware: its property channel. A message is a buffer of words in memory, of
 * which the address is passed; the firmware answers into it. It does not look into our caches.
 * After a header of two words it has tags: number, bytes of what follows, a word of status, values.
 *
 * Locking: boot and thread context of the board's; one message at a time.
 */
#include <nucleus/string.h>

#include "raspi3.h"

enum { READ = 0x00 / 4, STATUS = 0x18 / 4, WRITE = 0x20 / 4 };
#define STATUS_FULL	0x80000000u
#define STATUS_EMPTY	0x40000000u
#define CHANNEL		8		/* in the low four bits of what is passed */
#define DONE		0x80000000u
#define UNCACHED	0xc0000000u	/* the firmware's name for memory, not through its own cache */
#define WORDS_MAX	40
#define WAIT_MAX	10000000

static bool wait(volatile uint32_t *box, uint32_t busy)
{
	for (unsigned n = 0; box[STATUS] & busy; n++) {
		if (n == WAIT_MAX)
			return false;
		cpu_pause();
	}
	return true;
}

bool mailbox_message(uint32_t *tags, unsigned nwords)
{
	static uint32_t buf[ROUND_UP(3 + WORDS_MAX, 16)] ALIGNED(64);
	volatile uint32_t *box = peripheral(MAILBOX);
	uint32_t message = ((uint32_t)virt_to_phys(buf) | UNCACHED) + CHANNEL;

	if (nwords > WORDS_MAX)
		return false;
	memset(buf, 0, sizeof(buf));
	buf[0] = sizeof(buf);
	memcpy(&buf[2], tags, nwords * 4);
	cpu_cache_flush(buf, sizeof(buf));
	if (!wait(box, STATUS_FULL))
		return false;
	box[WRITE] = message;
	do {
		if (!wait(box, STATUS_EMPTY))
			return false;
	} while (box[READ] != message);
	cpu_cache_flush(buf, sizeof(buf));
	memcpy(tags, &buf[2], nwords * 4);
	return READ_ONCE(buf[1]) == DONE;
}

bool mailbox_property(uint32_t tag, uint32_t *words, unsigned nwords)
{
	uint32_t tags[WORDS_MAX] = { tag, nwords * 4, 0 };

	if (nwords > WORDS_MAX - 3)
		return false;
	memcpy(&tags[3], words, nwords * 4);
	if (!mailbox_message(tags, nwords + 3) || !(tags[2] & DONE))
		return false;
	memcpy(words, &tags[3], nwords * 4);
	return true;
}
