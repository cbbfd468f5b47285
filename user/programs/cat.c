/* SPDX-License-Identifier: BSD-2-Clause */
/* cat [THREADS]: what is typed, until ^C. Beside the shell: what is typed while that waits. */
#include <nucleus/string.h>
#include <user.h>

static void copy(void *arg)
{
	char text[TEXT_MAX];
	long len;

	(void)arg;
	while ((len = console_read(text, sizeof(text))) > 0) {
		for (long i = 0; i < len; i++)
			text[i] = text[i] == '\r' ? '\n' : text[i];
		if (console_write(text, (size_t)len) != 0)
			break;
	}
}

int main(int argc, char **argv)
{
	unsigned long threads = argc > 1 ? string_number(argv[1], NULL) : 1;

	for (; threads > 1; threads--) {
		if (thread_create(copy, NULL, 0) < 0)
			break;
	}
	copy(NULL);
	return 1;
}
