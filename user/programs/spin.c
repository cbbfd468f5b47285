/* SPDX-License-Identifier: BSD-2-Clause */
/* spin [SECONDS]: keep a CPU busy, without a system call but at the beginning. */
#include <nucleus/string.h>
#include <user.h>

int main(int argc, char **argv)
{
	unsigned long seconds = argc > 1 ? string_number(argv[1], NULL) : 0;
	unsigned long end = sys_clock() + seconds * (unsigned long)NSEC_PER_SEC;

	printf("spinning\n");
	do {
		for (volatile unsigned i = 0; i < 100000000 || seconds == 0; i++)
			continue;
	} while (sys_clock() < end);
	return 0;
}
