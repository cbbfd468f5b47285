/* SPDX-License-Identifier: BSD-2-Clause */
/* The checked build. The interface is checked.h; of any other build this is no part. */
#include <nucleus/boot.h>
#include <nucleus/checked.h>
#include <nucleus/log.h>
#include <nucleus/string.h>
#include <nucleus/sync.h>

#define DELAY_ONE_IN	32
#define DELAY_SHORT	200		/* rounds of a loop, at most */
#define DELAY_LONG	20000		/* now and then */

static struct lock_class *classes;
static uint64_t seeds[CPU_MAX];
static bool delays;

static uint32_t roll(uint64_t *seed, uint32_t n)
{
	*seed = *seed * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(*seed >> 33) % n;
}

void checked_delay(void)
{
	uint64_t *seed = &seeds[cpu_self()->id];

	if (likely(!delays) || roll(seed, DELAY_ONE_IN) != 0)
		return;
	for (uint32_t n = roll(seed, roll(seed, 64) == 0 ? DELAY_LONG : DELAY_SHORT); n > 0; n--)
		cpu_pause();
}

void checked_init(void)
{
	char word[24];

	if (boot_option("delays", word, sizeof(word)) <= 0)
		return;
	for (unsigned i = 0; i < CPU_MAX; i++)
		seeds[i] = string_number(word, NULL) * CPU_MAX + i;
	delays = true;
}

static void count(struct lock_class *class, bool waited)
{
	unsigned cpu = cpu_self()->id;

	class->taken[cpu]++;
	class->waited[cpu] += waited;
	if (likely(__atomic_load_n(&class->known, __ATOMIC_RELAXED)) ||
	    __atomic_exchange_n(&class->known, true, __ATOMIC_RELAXED))
		return;
	class->next = READ_ONCE(classes);
	while (!__atomic_compare_exchange_n(&classes, &class->next, class, true, __ATOMIC_RELEASE,
	    __ATOMIC_RELAXED))
		;
}

bool checked_try_acquire(struct spinlock *lk, struct lock_class *class)
{
	bool got;

	checked_delay();
	got = spin_take(lk);
	if (got)
		count(class, false);
	return got;
}

void checked_acquire(struct spinlock *lk, struct lock_class *class, unsigned long flags)
{
	bool waits;

	checked_delay();
	waits = !spin_take(lk);
	if (waits)
		spin_lock_wait(lk, flags);
	count(class, waits);
	checked_delay();
}

void checked_release(struct spinlock *lk)
{
	checked_delay();
	__atomic_store_n(&lk->held, 0, __ATOMIC_RELEASE);
	checked_delay();
}

bool checked_lock(unsigned index, struct info_lock *info)
{
	struct lock_class *c = __atomic_load_n(&classes, __ATOMIC_ACQUIRE);

	for (; c != NULL && index > 0; index--)
		c = c->next;
	if (c == NULL)
		return false;
	*info = (struct info_lock) { 0 };
	for (unsigned i = 0; i < CPU_MAX; i++) {
		info->taken += READ_ONCE(c->taken[i]);
		info->waited += READ_ONCE(c->waited[i]);
	}
	format(info->name, sizeof(info->name), "%s:%s", c->file, c->name);
	return true;
}
