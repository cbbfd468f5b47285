/* SPDX-License-Identifier: BSD-2-Clause */
/* The nucleus's tests of portable parts as a program of the host: its heap, and TAP. */
#include <stdio.h>
#include <stdlib.h>

#include "../tap.h"

static unsigned count, failed;

bool tap_ok(bool cond, const char *fmt, ...)
{
	va_list ap;

	printf("%sok %u - ", cond ? "" : "not ", ++count);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	failed += !cond;
	return cond;
}

void *heap_alloc(size_t len)
{
	return malloc(len);
}

void *heap_zalloc(size_t len)
{
	return calloc(1, len);
}

void heap_free(void *p)
{
	free(p);
}

void sched_preempt(void)
{
}

/* There is one thread: it has the lock already. */
void spin_wait(struct spinlock *lk)
{
	(void)lk;
	panic("a lock taken twice");
}

void spin_lock_wait(struct spinlock *lk, unsigned long flags)
{
	(void)flags;
	spin_wait(lk);
}

void panic(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	abort();
}

int main(void)
{
	test_cap();
	test_vm();
	printf("1..%u\n", count);
	return failed != 0;
}
