/* SPDX-License-Identifier: BSD-2-Clause */
/* A program's beginning and end. */
#include <user.h>

void program_start(unsigned long *stack) NORETURN;
void __stack_chk_fail(void) NORETURN;

uintptr_t __stack_chk_guard;

/* The guard is the kernel's random number; a string does not go beyond its lowest byte. */
__attribute__((__optimize__("no-stack-protector")))
void program_start(unsigned long *stack)
{
	__stack_chk_guard = stack[stack[0] + 2] & ~0xfful;
	exit(main((int)stack[0], (char **)(stack + 1)));
}

void exit(int status)
{
	print_flush();
	sys_exit(status);
}

void __stack_chk_fail(void)
{
	static const char text[] = "stack smashed";

	(void)sys_log(text, sizeof(text) - 1);
	__builtin_trap();
}
