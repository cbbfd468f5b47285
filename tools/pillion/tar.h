/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Trees of an image as tar streams, by libarchive: pax format, with attributes, holes, hard
 * links, nanoseconds.
 */
#ifndef TOOL_TAR_H
#define TOOL_TAR_H

struct owner;
struct ref;

void tar_create(const struct ref *ref, int out);	/* what is at ref, to the descriptor */
void tar_extract(struct ref *ref, int in, const struct owner *owner);

#endif
