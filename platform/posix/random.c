/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random bytes, from the host's kernel.
 *
 * Interface: rumpuser_getrandom. Locking: none.
 */
#include <sys/random.h>

#include "posix.h"

/* The kernel fills requests of up to this size without interruption once its pool is ready. */
#define CHUNK 256

int
rumpuser_getrandom(void *buf, size_t len, int flags, size_t *retp)
{
	int nlocks, error = 0;
	size_t done = 0;
	ssize_t n;

	if (flags & ~(RUMPUSER_RANDOM_HARD | RUMPUSER_RANDOM_NOWAIT))
		return RUMP_EINVAL;
	/* Since Linux 5.6 both of its sources are one, ready but for the first moments. */
	while (done < len) {
		n = getrandom((char *)buf + done, len - done < CHUNK ? len - done : CHUNK,
		    GRND_NONBLOCK);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		done += (size_t)n;
	}
	if (done == 0 && len > 0) {
		if (errno != EAGAIN || (flags & RUMPUSER_RANDOM_NOWAIT))
			return rumpuser__errtrans(errno);
		nlocks = unsched(NULL);
		do
			n = getrandom(buf, len < CHUNK ? len : CHUNK, 0);
		while (n < 0 && errno == EINTR);
		if (n < 0)
			error = rumpuser__errtrans(errno);
		else
			done = (size_t)n;
		resched(nlocks, NULL);
	}
	if (error == 0)
		*retp = done;
	return error;
}
