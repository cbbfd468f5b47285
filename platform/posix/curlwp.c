/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The current lwp of each thread: one thread-local pointer, in the static block so that reading
 * it is one load.
 *
 * Locking: none, a thread touches its own only.
 */
#include "posix.h"

static __thread struct lwp *curlwp __attribute__((__tls_model__("initial-exec")));

struct lwp *
rumpuser_curlwp(void)
{

	return curlwp;
}

void
rumpuser_curlwpop(int op, struct lwp *l)
{

	switch (op) {
	case RUMPUSER_LWP_SET:
		curlwp = l;
		break;
	case RUMPUSER_LWP_CLEAR:
		curlwp = NULL;
		break;
	default:	/* CREATE, DESTROY: nothing is kept for an lwp that is not current */
		break;
	}
}
