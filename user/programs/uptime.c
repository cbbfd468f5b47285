/* SPDX-License-Identifier: BSD-2-Clause */
/* uptime: time since the start. As the first process (init=uptime): until there is user mode. */
#include <user.h>

int main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	printf("up for %lu us\n", sys_clock() / (unsigned long)NSEC_PER_USEC);
	return 0;
}
