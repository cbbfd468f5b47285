/* SPDX-License-Identifier: BSD-2-Clause */
/* Container formats by their magic numbers; see imgformat.h. */
#include "imgformat.h"

#include <ctype.h>
#include <endian.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define QCOW2_INCOMPATIBLE_DATA_FILE 0x4U
#define VDI_MAGIC_OFFSET 64

/* Where qemu looks for the name of a parent, whatever the header says of a descriptor. */
#define VMDK_DESCRIPTOR_AT 512
#define VMDK_DESCRIPTOR_SIZE 10240

static const char vmdk_text[] = "# Disk DescriptorFile";

static uint64_t le(const unsigned char *p, int bytes)
{
	uint64_t v = 0;

	while (bytes-- > 0)
		v = v << 8 | p[bytes];
	return v;
}

const char *imgformat_detect(int fd)
{
	unsigned char head[512] = { 0 };

	if (pread(fd, head, sizeof(head), 0) < 0)
		return "raw";
	if (memcmp(head, "QFI\xfb", 4) == 0)
		return "qcow2";
	if (memcmp(head, "KDMV", 4) == 0 || memcmp(head, "COWD", 4) == 0 ||
	    memcmp(head, vmdk_text, sizeof(vmdk_text) - 1) == 0)
		return "vmdk";
	if (le(head + VDI_MAGIC_OFFSET, 4) == 0xbeda107fU)
		return "vdi";
	return "raw";
}

static bool qcow2_refers(int fd, const unsigned char *head, const char **what)
{
	static char name[256];
	uint64_t off;
	uint32_t version, len;

	memcpy(&version, head + 4, 4);
	memcpy(&off, head + 8, 8);
	memcpy(&len, head + 16, 4);
	version = be32toh(version);
	off = be64toh(off);
	len = be32toh(len);
	if (off != 0) {
		if (len >= sizeof(name))
			len = sizeof(name) - 1;
		memset(name, 0, sizeof(name));
		if (pread(fd, name, len, (off_t)off) <= 0)
			strcpy(name, "backing file");
		*what = name;
		return true;
	}
	*what = "external data file";
	return version >= 3 && (head[79] & QCOW2_INCOMPATIBLE_DATA_FILE);
}

/* The descriptor inside a sparse extent: only a self-contained disk is let through. */
static bool vmdk_refers(int fd, const unsigned char *head, const char **what)
{
	static char text[VMDK_DESCRIPTOR_SIZE + 1];
	uint64_t capacity = le(head + 12, 8), sector = le(head + 28, 8);
	ssize_t n;
	const char *p;

	*what = "described by a text descriptor";
	if (memcmp(head, "KDMV", 4) != 0 || capacity == 0)
		return true;
	*what = "perhaps: its descriptor is at an odd place";
	if (sector != VMDK_DESCRIPTOR_AT / 512)
		return true;
	*what = "perhaps: its descriptor cannot be read";
	n = pread(fd, text, VMDK_DESCRIPTOR_SIZE, VMDK_DESCRIPTOR_AT);
	if (n <= 0)
		return true;
	text[n] = '\0';
	for (char *c = text; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	*what = "parent disk";
	p = strstr(text, "parentcid=");
	if (strstr(text, "parentfilenamehint") || (p && strncmp(p + 10, "ffffffff", 8) != 0))
		return true;
	*what = "separate extents";
	return !strstr(text, "\"monolithicsparse\"") && !strstr(text, "\"streamoptimized\"");
}

bool imgformat_refers(int fd, const char *format, const char **what)
{
	unsigned char head[512] = { 0 };

	*what = "unreadable";
	if (pread(fd, head, sizeof(head), 0) < 0)
		return true;
	if (strcmp(format, "qcow2") == 0)
		return qcow2_refers(fd, head, what);
	if (strcmp(format, "vmdk") == 0)
		return vmdk_refers(fd, head, what);
	return false;		/* VDI cannot: qemu refuses one with a parent */
}
