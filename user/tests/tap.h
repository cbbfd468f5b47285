/* SPDX-License-Identifier: BSD-2-Clause */
/* What test programs need: they are the first process, and say what is good in TAP. */
#ifndef USER_TESTS_TAP_H
#define USER_TESTS_TAP_H

#include <nucleus/string.h>
#include <user.h>

bool tap_ok(bool cond, const char *fmt, ...) PRINTF(2, 3);
#define ok(cond, ...)	tap_ok((cond), __VA_ARGS__)

/* At the end: the plan; how many were not good. */
int tap_done(void);

/* fn(arg) in a child, whose end is *info, its status what fn returns. The handle is closed. */
long in_child(int (*fn)(void *arg), void *arg, struct wait_info *info);

/* Whether such a child ended by exit with 0. */
bool child_good(int (*fn)(void *arg), void *arg);

/*
 * A child's end, waited for and its handle closed: its status, or negative: the reason of another
 * end; -100: none for 5 seconds.
 */
int finish(unsigned long process);

/* A page of zeroes that children share. */
void *shared_page(void);

/*
 * The kernel keeps some of what has ended, stacks of threads for one: after this, as many as it
 * may. KEPT processes exist at once, more than it keeps.
 */
#define KEPT			12
void fill_caches(void);

/*
 * Free pages. pages_back: whether there are as many as before, but for half-empty ones of the
 * kernel's heap, or will be soon: who waits for a process may go on, on another CPU, before the
 * last thread of that has left its stack.
 */
unsigned long free_pages(void);
bool pages_back(unsigned long before);
#define PAGES_MORE	4

/* Numbers that depend on *seed only: below n. */
unsigned long roll(uint64_t *seed, unsigned long n);

#endif /* USER_TESTS_TAP_H */
