/* SPDX-License-Identifier: BSD-2-Clause */
/* caps: the capabilities that a program begins with. */
#include <user.h>

#define HANDLES	256			/* as far as is looked */

int main(int argc, char **argv)
{
	static const char *const kinds[] = { "none", "endpoint", "reply", "notification", "memory",
	    "device", "interrupt", "ports", "process", "system" };
	struct cap_info info;

	(void)argc;
	(void)argv;
	for (unsigned long h = 1; h < HANDLES; h++) {
		if (sys_cap_info(h, &info) == 0)
			printf("%lu: %s, rights %#x, badge %lu%s\n", h,
			    info.kind < ARRAY_SIZE(kinds) ? kinds[info.kind] : "?", info.rights, info.badge,
			    info.inherit ? ", inherited" : "");
	}
	return 0;
}
