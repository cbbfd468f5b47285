/* SPDX-License-Identifier: BSD-2-Clause */
/* crash [KIND]: do what a program must not, to see how it ends. */
#include <nucleus/string.h>
#include <user.h>

static int writable[4];

int main(int argc, char **argv)
{
	const char *kind = argc > 1 ? argv[1] : "null";
	volatile unsigned long *kernel = (volatile unsigned long *)~0xfffful;

	if (strcmp(kind, "null") == 0)
		*(volatile int *)0 = 1;
	else if (strcmp(kind, "kernel") == 0)
		*kernel = 1;
	else if (strcmp(kind, "code") == 0)
		*(volatile int *)(uintptr_t)main = 1;
	else if (strcmp(kind, "data") == 0)
		((void (*)(void))(uintptr_t)writable)();
	else if (strcmp(kind, "trap") == 0)
		__builtin_trap();
	printf("crash: null, kernel, code, data, trap\n");
	return 1;
}
