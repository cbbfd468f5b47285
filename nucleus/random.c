/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random numbers. The interface is random.h.
 *
 * State is the 256-bit key. A request makes one ChaCha20 stream with it: the first block is the
 * next key (so that what was given out cannot be computed later), the following ones the output.
 * Input is stirred in by replacing the key with the first block of the stream under key xor input.
 *
 * Locking: random_lock for the key.
 */
#include <nucleus/cpu.h>
#include <nucleus/clock.h>
#include <nucleus/log.h>
#include <nucleus/random.h>
#include <nucleus/string.h>
#include <nucleus/sync.h>

#define BLOCK		64
#define KEY		32

static struct spinlock random_lock;
static uint32_t key[KEY / 4];
static unsigned strength;

/* What was secret is not left on a stack; the compiler would leave this out. */
static void wipe(void *p, size_t len)
{
	memset(p, 0, len);
	__asm__ volatile("" :: "r"(p) : "memory");
}

static inline uint32_t rotate(uint32_t v, int n)
{
	return v << n | v >> (32 - n);
}

static inline void quarter(uint32_t *x, int a, int b, int c, int d)
{
	x[a] += x[b];
	x[d] = rotate(x[d] ^ x[a], 16);
	x[c] += x[d];
	x[b] = rotate(x[b] ^ x[c], 12);
	x[a] += x[b];
	x[d] = rotate(x[d] ^ x[a], 8);
	x[c] += x[d];
	x[b] = rotate(x[b] ^ x[c], 7);
}

/* Block number counter of the stream under k (RFC 8439, 2.3, with a nonce of 0). */
static void chacha20(const uint32_t k[KEY / 4], uint64_t counter, uint32_t out[BLOCK / 4])
{
	uint32_t in[16] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574,
	    k[0], k[1], k[2], k[3], k[4], k[5], k[6], k[7],
	    (uint32_t)counter, (uint32_t)(counter >> 32), 0, 0 };

	memcpy(out, in, BLOCK);
	for (int i = 0; i < 10; i++) {
		quarter(out, 0, 4, 8, 12);
		quarter(out, 1, 5, 9, 13);
		quarter(out, 2, 6, 10, 14);
		quarter(out, 3, 7, 11, 15);
		quarter(out, 0, 5, 10, 15);
		quarter(out, 1, 6, 11, 12);
		quarter(out, 2, 7, 8, 13);
		quarter(out, 3, 4, 9, 14);
	}
	for (int i = 0; i < 16; i++)
		out[i] += in[i];
	wipe(in, sizeof(in));
}

static void next_key(uint32_t old[KEY / 4])
{
	uint32_t block[BLOCK / 4];

	memcpy(old, key, KEY);
	chacha20(key, 0, block);
	memcpy(key, block, KEY);
	wipe(block, sizeof(block));
}

void random_add(const void *buf, size_t len, unsigned bits)
{
	const uint8_t *p = buf;
	uint32_t old[KEY / 4];
	unsigned long flags = spin_lock(&random_lock);

	while (len > 0) {
		size_t n = MIN(len, (size_t)KEY);

		for (size_t i = 0; i < n; i++)
			((uint8_t *)key)[i] ^= p[i];
		next_key(old);
		p += n;
		len -= n;
	}
	strength = MIN(strength + bits, 256u);
	spin_unlock(&random_lock, flags);
	wipe(old, sizeof(old));
}

void random_bytes(void *buf, size_t len)
{
	uint64_t now = cpu_counter();
	uint32_t mine[KEY / 4], block[BLOCK / 4];
	unsigned long flags;
	uint8_t *p = buf;

	random_add(&now, sizeof(now), 0);
	flags = spin_lock(&random_lock);
	next_key(mine);
	spin_unlock(&random_lock, flags);
	for (uint64_t i = 1; len > 0; i++) {
		size_t n = MIN(len, (size_t)BLOCK);

		chacha20(mine, i, block);
		memcpy(p, block, n);
		p += n;
		len -= n;
	}
	wipe(mine, sizeof(mine));
	wipe(block, sizeof(block));
}

/*
 * Interrupts off. Events of a CPU are gathered, and stirred in now and then for a small part of
 * what they may be worth.
 */
void random_event(uint64_t counter)
{
	static struct {
		uint64_t	pool[KEY / 8];
		unsigned	events;
	} gathered[CPU_MAX], *g;
	unsigned i;

	g = &gathered[cpu_self()->id];
	i = g->events++ % ARRAY_SIZE(g->pool);
	g->pool[i] = (g->pool[i] << 7 | g->pool[i] >> 57) ^ counter;
	if (g->events % 64 == 0)
		random_add(g->pool, sizeof(g->pool), 4);
}

unsigned random_strength(void)
{
	return strength;
}

void random_report(void)
{
	if (strength < RANDOM_GOOD)
		log_warn("random numbers are weak: this machine has no generator that is known");
}

void random_init(void)
{
	uint64_t seed[8];
	size_t n = cpu_random(seed, sizeof(seed));
	uint64_t now = cpu_counter();

	random_add(seed, n, (unsigned)n * 4);	/* half of what is claimed */
	wipe(seed, sizeof(seed));
	random_add(&now, sizeof(now), 0);
}
