/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers of address spaces. The interface is asid.h.
 *
 * Locking: asid_lock protects all of it.
 */
#include <nucleus/asid.h>
#include <nucleus/sync.h>

#define WORD_BITS	64

static struct spinlock asid_lock;
static uint64_t in_use[ASID_MAX / WORD_BITS];	/* bit n % 64 of word n / 64: number n */
static unsigned words;			/* of in_use, that are used */
static unsigned next;			/* word from which to look for one */

void asid_init(unsigned n)
{
	words = MIN(n, ASID_MAX) / WORD_BITS;
	in_use[0] = 1;
}

unsigned asid_alloc(void)
{
	unsigned long flags = spin_lock(&asid_lock);
	unsigned asid = 0;

	for (unsigned i = 0; i < words; i++, next = (next + 1) % words) {
		unsigned bit;

		if (~in_use[next] == 0)
			continue;
		bit = (unsigned)__builtin_ctzl(~in_use[next]);
		in_use[next] |= (uint64_t)1 << bit;
		asid = next * WORD_BITS + bit;
		break;
	}
	spin_unlock(&asid_lock, flags);
	return asid;
}

void asid_free(unsigned asid)
{
	unsigned long flags;

	if (asid == 0)
		return;
	flags = spin_lock(&asid_lock);
	in_use[asid / WORD_BITS] &= ~((uint64_t)1 << asid % WORD_BITS);
	spin_unlock(&asid_lock, flags);
}
