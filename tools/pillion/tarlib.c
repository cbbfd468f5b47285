/* SPDX-License-Identifier: BSD-2-Clause */
/* Loading libarchive; see tarlib.h. */
#define TARLIB_NO_NAMES
#include "tarlib.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#include "report.h"

#define SONAME "libarchive.so.13"

struct tar_library tar_lib;

bool tar_library(void)
{
	static const struct { const char *name; size_t offset; } functions[] = {
#define TAR_ENTRY(name) { #name, offsetof(struct tar_library, name##_) },
		TAR_FUNCTIONS(TAR_ENTRY)
	};
	void *lib = dlopen(SONAME, RTLD_NOW | RTLD_LOCAL);

	if (!lib) {
		report_fail(EXIT_OPERAND, 0, "%s is missing (Debian package libarchive13)", SONAME);
		return false;
	}
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		void *f = dlsym(lib, functions[i].name);

		if (!f) {
			report_fail(EXIT_OPERAND, 0, "%s has no %s", SONAME, functions[i].name);
			return false;
		}
		/* dlsym() gives a void *; by POSIX its bytes are the function's address */
		memcpy((char *)&tar_lib + functions[i].offset, &f, sizeof(f));
	}
	return true;
}
