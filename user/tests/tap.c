/* SPDX-License-Identifier: BSD-2-Clause */
#include <nucleus/log.h>

#include "tap.h"

#define FINISH_WAIT	5000000000ul

static unsigned count, failed;

bool tap_ok(bool cond, const char *fmt, ...)
{
	char text[200];
	va_list ap;
	int at = format(text, sizeof(text), "%sok %u - ", cond ? "" : "not ", ++count);

	failed += !cond;
	va_start(ap, fmt);
	vformat(text + at, sizeof(text) - (size_t)at, fmt, ap);
	va_end(ap);
	(void)sys_log(text, strlen(text));
	return cond;
}

int tap_done(void)
{
	char text[20];

	format(text, sizeof(text), "1..%u", count);
	(void)sys_log(text, strlen(text));
	return failed != 0;
}

long in_child(int (*fn)(void *arg), void *arg, struct wait_info *info)
{
	long process = sys_fork(), waited;

	if (process == 0)
		sys_exit(fn(arg));
	if (process < 0)
		return process;
	waited = sys_wait((unsigned long)process, DEADLINE_NEVER, info);
	(void)sys_cap_close((unsigned long)process);
	return waited == process ? 0 : waited;
}

bool child_good(int (*fn)(void *arg), void *arg)
{
	struct wait_info info;

	return in_child(fn, arg, &info) == 0 && info.reason == END_EXIT && info.status == 0;
}

int finish(unsigned long process)
{
	struct wait_info info;

	if (sys_wait(process, sys_clock() + FINISH_WAIT, &info) < 0)
		return -100;
	(void)sys_cap_close(process);
	return info.reason == END_EXIT ? info.status : -(int)info.reason;
}

void *shared_page(void)
{
	unsigned long memory = (unsigned long)sys_memory(PAGE, 0);

	(void)sys_cap_inherit(memory, true);
	return (void *)sys_memory_map(memory, 0, PAGE, 0, MAP_R | MAP_W);
}

void fill_caches(void)
{
	static uint32_t word;
	struct wait_info info;
	long process[KEPT];

	for (unsigned i = 0; i < KEPT; i++) {
		process[i] = sys_fork();
		if (process[i] == 0) {
			for (;;)
				(void)sys_futex_wait(&word, 0, DEADLINE_NEVER);
		}
	}
	for (unsigned i = 0; i < KEPT; i++)
		(void)sys_kill((unsigned long)process[i], 0);
	for (unsigned i = 0; i < KEPT; i++) {
		(void)sys_wait((unsigned long)process[i], DEADLINE_NEVER, &info);
		(void)sys_cap_close((unsigned long)process[i]);
	}
}

unsigned long free_pages(void)
{
	struct info_memory info = { 0 };

	(void)sys_info(HANDLE_SYSTEM, INFO_MEMORY, 0, &info, sizeof(info));
	return info.free;
}

bool pages_back(unsigned long before)
{
	for (unsigned i = 0; free_pages() + PAGES_MORE < before; i++) {
		if (i == 300)
			return false;
		sleep_ns(10000000);
	}
	return true;
}

unsigned long roll(uint64_t *seed, unsigned long n)
{
	*seed = *seed * 6364136223846793005ull + 1442695040888963407ull;
	return (*seed >> 33) % n;
}
