/* SPDX-License-Identifier: BSD-2-Clause */
/* hog: take memory, and touch it, until there is no more to be had, which ends the program. */
#include <user.h>

#define STEP	(64 * PAGE)

int main(int argc, char **argv)
{
	unsigned long got = 0;
	long at;

	(void)argc;
	(void)argv;
	while ((at = sys_map(0, STEP, MAP_R | MAP_W)) > 0) {
		for (unsigned long i = 0; i < STEP; i += PAGE)
			*(volatile char *)(at + (long)i) = 1;
		got += STEP;
	}
	printf("hog: %lu KiB, then: %s\n", got / 1024, error_text(at));
	return 0;
}
