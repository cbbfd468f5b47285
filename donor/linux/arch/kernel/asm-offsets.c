// SPDX-License-Identifier: GPL-2.0-only
/* Nothing: the port's assembly knows no structure of the donor's. kbuild wants the file. */
#include <linux/kbuild.h>

int main(void)
{
	return 0;
}
