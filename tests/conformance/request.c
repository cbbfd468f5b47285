/* SPDX-License-Identifier: BSD-2-Clause */
/* Conformance: block requests and their data, for all that test with them. See conf.h. */
#include "conf.h"

#include <rump/rumpext_block.h>

void
conf_done(void *arg, int error)
{
	struct conf_result *r = arg;

	r->error = error;
	ADD(&r->calls, 1);
}

bool
conf_called(void *arg)
{

	return LOAD(&((struct conf_result *)arg)->calls) > 0;
}

int
conf_request(int fd, int op, struct rumpuser_iovec *iov, size_t cnt, uint64_t off, uint64_t len)
{
	struct conf_result r = { 0, -1 };

	rumpext_biov(fd, op, iov, cnt, off, len, conf_done, &r);
	return conf_until(conf_called, &r) ? r.error : -1;
}

int
conf_transfer(int fd, int op, void *p, size_t len, uint64_t off)
{
	struct rumpuser_iovec iov = { p, len };

	return conf_request(fd, op, p != NULL ? &iov : NULL, p != NULL, off, len);
}

void
conf_pattern(uint8_t *p, size_t len, unsigned seed)
{
	uint32_t s = seed;

	while (len-- > 0)
		*p++ = (uint8_t)conf_rand(&s);
}
