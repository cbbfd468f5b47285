/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What this library is. PILLION_DONOR, PILLION_VERSION, PILLION_CONFIG and PILLION_ISA come from
 * the build. Locking: none.
 */
#include <pillion/pillion.h>

const char *pillion_version(void)
{
	return "pillion " PILLION_VERSION " (" PILLION_DONOR ", config " PILLION_CONFIG ", "
	    PILLION_ISA ")";
}
