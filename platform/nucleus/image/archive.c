/* SPDX-License-Identifier: BSD-2-Clause */
/* The archive: which of the loader's modules it is. See image.h. */
#include <nucleus/boot.h>

#include "image.h"

#define MAGIC_LEN	(sizeof(PILLION_ARCHIVE_MAGIC) - 1)

static unsigned module;

bool image_archive(struct archive *a)
{
	for (module = 0; module < boot_info.nmodules; module++) {
		a->data = boot_module_data(module, &a->len);
		if (a->len >= MAGIC_LEN && memcmp(a->data, PILLION_ARCHIVE_MAGIC, MAGIC_LEN) == 0)
			return true;
	}
	*a = (struct archive) { .data = NULL };
	return false;
}

void image_archive_free(struct archive *a)
{
	boot_module_free(module);
	*a = (struct archive) { .data = NULL };
}
