/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Virtual interfaces: there is no host that would have a network for them. Networks are the
 * donor's own drivers' business (pci.c).
 *
 * Interface: rumpcomp_virtif.h, rumpext_virtif.h. Locking: none.
 */
#include <rump/rumpcomp_virtif.h>
#include <rump/rumpext_virtif.h>

#include "platform.h"

int rumpcomp_virt_create(const char *devstr, struct virtif_sc *sc, uint8_t *enaddr,
    struct virtif_user **viup)
{
	(void)devstr;
	(void)sc;
	(void)enaddr;
	(void)viup;
	return RUMP_ENXIO;
}

int rumpcomp_virt_dying(struct virtif_user *viu)
{
	(void)viu;
	return 0;
}

void rumpcomp_virt_destroy(struct virtif_user *viu)
{
	(void)viu;
}

void rumpcomp_virt_send(struct virtif_user *viu, struct iovec *iov, size_t iovcnt)
{
	(void)viu;
	(void)iov;
	(void)iovcnt;
}

int rumpext_virtif_features(struct virtif_user *viu, uint32_t want, uint32_t *gotp,
    uint32_t *mtup)
{
	(void)viu;
	(void)want;
	*gotp = 0;
	*mtup = 1500;
	return 0;
}

int rumpext_virtif_send(struct virtif_user *viu, const struct iovec *iov, size_t iovcnt,
    const struct rumpext_pktmeta *meta)
{
	(void)viu;
	(void)iov;
	(void)iovcnt;
	(void)meta;
	return RUMP_ENXIO;
}
