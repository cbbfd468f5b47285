/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The components that the image has linked: one object, no symbol table at run time.
 *
 * Interface: rumpuser_dl_bootstrap. Locking: none.
 */
#include "platform.h"

/* The linker's, if there are such sections. */
extern const void *const __start_link_set_modules[] WEAK;
extern const void *const __stop_link_set_modules[] WEAK;
extern const void *const __start_link_set_rump_components[] WEAK;
extern const void *const __stop_link_set_rump_components[] WEAK;

void rumpuser_dl_bootstrap(rump_modinit_fn modinit, rump_symload_fn symload,
    rump_compload_fn compload)
{
	/* cppcheck-suppress comparePointers ; both bound the same section */
	size_t n = (size_t)(__stop_link_set_modules - __start_link_set_modules);
	const void *const *p;

	(void)symload;
	if (modinit != NULL && n > 0)
		modinit((const struct modinfo *const *)__start_link_set_modules, n);
	if (compload == NULL)
		return;
	/* cppcheck-suppress comparePointers */
	for (p = __start_link_set_rump_components; p < __stop_link_set_rump_components; p++)
		compload(*p);
}
