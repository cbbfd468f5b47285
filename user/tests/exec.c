/* SPDX-License-Identifier: BSD-2-Clause */
/* What the test "process" executes: "exec", "one", "", "three". Its status: how many are right. */
#include "tap.h"

int main(int argc, char **argv)
{
	static const char *const wanted[] = { "exec", "one", "", "three" };
	static int zero[2000];
	int good = 0;

	for (int i = 0; i < argc && i < 4; i++)
		good += strcmp(argv[i], wanted[i]) == 0 && zero[i * 400] == 0;
	return argc == 4 && argv[4] == NULL ? good : 100;
}
