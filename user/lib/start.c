/* SPDX-License-Identifier: BSD-2-Clause */
/* A program's beginning and end. */
#include <user.h>

void program_start(unsigned long *stack) NORETURN;
void __stack_chk_fail(void) NORETURN;

uintptr_t __stack_chk_guard;

/* A guard that differs from one run to the next; somebody who reads memory learns it. */
__attribute__((__optimize__("no-stack-protector")))
void program_start(unsigned long *stack)
{
	__stack_chk_guard = (sys_clock() * 0x9e3779b97f4a7c15ul) & ~0xfful;
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
