/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory in pieces. The interface is user.h.
 *
 * A piece is a block with a head before it. Blocks up to BLOCK_MAX are powers of two, cut from
 * chunks that are kept; free ones of a size are in a list. A larger one is a mapping of its own.
 *
 * Locking: one lock, for the lists and the chunk.
 */
#include <nucleus/string.h>
#include <user.h>

#define BLOCK_MIN	32ul
#define BLOCK_MAX	4096ul
#define SIZES		8		/* BLOCK_MIN << 7 is BLOCK_MAX */
#define CHUNK		(64 * 1024ul)
#define USED		0x6d616c6c6f632121ul

struct block {
	size_t		size;		/* all of it; constant */
	union {
		unsigned long	used;	/* USED xor its address */
		struct block	*next;	/* free */
	};
};

static struct block *free_blocks[SIZES];
static char *chunk, *chunk_end;		/* what is left of the last one */
static uint32_t memory_lock;

/* The lock is held. NULL: no memory. */
static struct block *take(unsigned i)
{
	struct block *b = free_blocks[i];
	size_t size = BLOCK_MIN << i;
	long at;

	if (b != NULL) {
		free_blocks[i] = b->next;
		return b;
	}
	if ((size_t)(chunk_end - chunk) < size) {	/* a rest stays unused */
		at = sys_map(0, CHUNK, MAP_R | MAP_W);
		if (at < 0)
			return NULL;
		chunk = (char *)at;
		chunk_end = chunk + CHUNK;
	}
	b = (struct block *)chunk;
	chunk += size;
	b->size = size;
	return b;
}

static struct block *take_pages(size_t size)
{
	struct block *b;
	long at;

	size = ROUND_UP(size, PAGE);
	at = sys_map(0, size, MAP_R | MAP_W);
	if (at < 0)
		return NULL;
	b = (struct block *)at;
	b->size = size;
	return b;
}

void *malloc(size_t len)
{
	size_t size = len + sizeof(struct block);
	struct block *b;
	unsigned i = 0;

	if (size < len || size > SIZE_MAX - PAGE)
		return NULL;
	if (size > BLOCK_MAX) {
		b = take_pages(size);
	} else {
		while (BLOCK_MIN << i < size)
			i++;
		lock(&memory_lock);
		b = take(i);
		unlock(&memory_lock);
	}
	if (b == NULL)
		return NULL;
	b->used = USED ^ (unsigned long)b;
	return b + 1;
}

void *calloc(size_t n, size_t len)
{
	size_t all;
	void *p;

	if (__builtin_mul_overflow(n, len, &all))
		return NULL;
	p = malloc(all);
	if (p != NULL)
		memset(p, 0, all);
	return p;
}

/* Of a piece in use; what is none, or was given back, ends the program. */
static struct block *block_of(void *p)
{
	static const char text[] = "not a piece of memory in use";
	struct block *b = (struct block *)p - 1;

	if (b->used != (USED ^ (unsigned long)b)) {
		(void)sys_log(text, sizeof(text) - 1);
		__builtin_trap();
	}
	return b;
}

void free(void *p)
{
	struct block *b;
	unsigned i = 0;

	if (p == NULL)
		return;
	b = block_of(p);
	if (b->size > BLOCK_MAX) {
		(void)sys_unmap((unsigned long)b, b->size);
		return;
	}
	while (BLOCK_MIN << i < b->size)
		i++;
	lock(&memory_lock);
	b->next = free_blocks[i];
	free_blocks[i] = b;
	unlock(&memory_lock);
}

void *realloc(void *p, size_t len)
{
	size_t room;
	void *new;

	if (p == NULL)
		return malloc(len);
	room = block_of(p)->size - sizeof(struct block);
	if (len <= room && (len > room / 2 || room < BLOCK_MIN))
		return p;
	new = malloc(len);
	if (new == NULL)
		return len <= room ? p : NULL;
	memcpy(new, p, len < room ? len : room);
	free(p);
	return new;
}
