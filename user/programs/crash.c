/* SPDX-License-Identifier: BSD-2-Clause */
/* crash [KIND]: do what a program must not, to see how it ends. */
#include <forbidden.h>
#include <nucleus/string.h>
#include <user.h>

static int writable[4];

static void null(void)
{
	*(volatile int *)0 = 1;
}

static void kernel(void)
{
	*(volatile int *)FORBIDDEN_KERNEL = 1;
}

static void device(void)
{
	*(volatile int *)FORBIDDEN_DEVICE = 1;
}

static void code(void)
{
	*(volatile int *)(uintptr_t)main = 1;
}

static void data(void)
{
	((void (*)(void))(uintptr_t)writable)();
}

static void trap(void)
{
	__builtin_trap();
}

static const struct {
	const char	*name;
	void		(*fn)(void);
} kinds[] = {
	{ "null", null }, { "kernel", kernel }, { "device", device }, { "code", code },
	{ "data", data }, { "trap", trap }, FORBIDDEN
};

int main(int argc, char **argv)
{
	const char *kind = argc > 1 ? argv[1] : "null";

	for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (strcmp(kind, kinds[i].name) == 0)
			kinds[i].fn();
	}
	printf("crash:");
	for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++)
		printf(" %s", kinds[i].name);
	printf("\n");
	return 1;
}
