/* SPDX-License-Identifier: BSD-2-Clause */
/* forkbomb [SECONDS]: processes that fork, all of them, and end when the time has come. */
#include <nucleus/string.h>
#include <user.h>

int main(int argc, char **argv)
{
	unsigned long seconds = argc > 1 ? string_number(argv[1], NULL) : 2;
	unsigned long end = sys_clock() + seconds * (unsigned long)NSEC_PER_SEC;
	unsigned long refused = 0, forks = 0;
	bool first = true;

	while (sys_clock() < end) {
		long process = sys_fork();

		if (process == 0) {
			first = false;
			forks = 0;
		} else if (process > 0) {
			forks++;
			(void)sys_cap_close((unsigned long)process);
		} else {
			refused++;
		}
	}
	if (first)
		printf("forkbomb: forked %lu times, refused %lu times\n", forks, refused);
	return 0;
}
