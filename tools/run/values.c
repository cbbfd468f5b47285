/* SPDX-License-Identifier: BSD-2-Clause */
/* Option values, from text; see options.h. */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hardware.h"
#include "options.h"

#define MAX_SECONDS 1e9

bool parse_number(const char *s, uint64_t max, uint64_t *out)
{
	char *end;

	if (!isdigit((unsigned char)*s))
		return false;		/* strtoull() takes signs and spaces */
	errno = 0;
	*out = strtoull(s, &end, 10);
	return errno == 0 && *end == '\0' && *out <= max;
}

bool parse_size(const char *s, uint64_t *out)
{
	static const char units[] = "KMGT";
	const char *unit;
	char *end;
	unsigned shift = 0;

	if (!isdigit((unsigned char)*s))
		return false;
	errno = 0;
	*out = strtoull(s, &end, 10);
	if (errno)
		return false;
	if (*end) {
		unit = strchr(units, toupper((unsigned char)*end));
		if (!unit || end[1])
			return false;
		shift = 10 * (unsigned)(unit - units + 1);
	}
	if (*out > UINT64_MAX >> shift)
		return false;
	*out <<= shift;
	return true;
}

bool parse_duration(const char *s, double *out)
{
	char *end;

	if (!isdigit((unsigned char)*s) || s[1] == 'x' || s[1] == 'X')
		return false;
	*out = strtod(s, &end);
	if (end[0] && end[1])
		return false;
	switch (*end) {
	case '\0':
	case 's':
		break;
	case 'm':
		*out *= 60;
		break;
	case 'h':
		*out *= 3600;
		break;
	default:
		return false;
	}
	return isfinite(*out) && *out > 0 && *out <= MAX_SECONDS;
}

/* Take ",word" or ",word=VALUE" off the end of text. NULL: there is none; else VALUE, or "". */
static char *take_suffix(char *text, const char *word)
{
	char *comma = strrchr(text, ',');
	size_t len = strlen(word);

	if (!comma || strncmp(comma + 1, word, len) != 0)
		return NULL;
	if (word[len - 1] != '=' && comma[1 + len] != '\0')
		return NULL;
	*comma = '\0';
	return comma + 1 + len;
}

static bool disk_suffix(char *text, struct disk *d, bool root, bool *more, char why[WHY_SIZE])
{
	static const char *const formats[] = { "raw", "qcow2", "vmdk", "vdi" };
	const char *value;
	uint64_t part;

	*more = true;
	if (take_suffix(text, "ro")) {
		d->read_only = true;
	} else if (take_suffix(text, "cdrom")) {
		d->cdrom = d->read_only = true;
	} else if ((value = take_suffix(text, "bus="))) {
		d->bus = bus_find(value);
		if (!d->bus) {
			snprintf(why, WHY_SIZE, "'%.40s' is no bus: there are %s", value, bus_names());
			return false;
		}
	} else if ((value = take_suffix(text, "format="))) {
		for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
			if (strcmp(value, formats[i]) == 0)
				d->format = formats[i];
		}
		if (!d->format) {
			snprintf(why, WHY_SIZE, "'%.40s' is no format: there are raw, qcow2, vmdk, vdi",
				 value);
			return false;
		}
	} else if (root && (value = take_suffix(text, "part="))) {
		if (!parse_number(value, 255, &part)) {
			snprintf(why, WHY_SIZE, "'%.40s' is not the number of a partition", value);
			return false;
		}
		d->part = (unsigned)part;
	} else {
		*more = false;
	}
	return true;
}

bool parse_disk(const char *s, struct disk *d, bool root, char why[WHY_SIZE])
{
	char *text = strdup(s);
	bool more = true;

	*d = (struct disk){ .path = text, .fd = -1 };
	while (text && more) {
		if (!disk_suffix(text, d, root, &more, why))
			goto fail;
	}
	if (text && *text)
		return true;
	snprintf(why, WHY_SIZE, "'%.200s' names no image", s);
fail:
	free(text);
	return false;
}

static bool is_word(const char *s, const char *others)
{
	if (!*s)
		return false;
	while (isalnum((unsigned char)*s) || (*s && strchr(others, *s)))
		s++;
	return *s == '\0';
}

bool parse_mount(const char *s, struct mount *m, char why[WHY_SIZE])
{
	char *text = strdup(s), *path = text ? strchr(text, ':') : NULL, *type;

	*m = (struct mount){ .type = "auto" };
	if (path)
		*path++ = '\0';
	m->dev = text;
	m->path = path;
	if (path && strncmp(text, "/dev/", 5) == 0)
		m->dev += 5;
	if (path && (type = strchr(path, ':'))) {
		*type++ = '\0';
		m->read_only = take_suffix(type, "ro") != NULL;
		m->type = type;
	}
	if (!path || path[0] != '/' || !is_word(m->dev, "_-") || !is_word(m->type, "_-")) {
		snprintf(why, WHY_SIZE, "'%.200s' is not DEV:PATH[:TYPE[,ro]], as in "
			 "vda:/srv:ext4", s);
		free(text);
		return false;
	}
	return true;
}

static bool parse_port(const char *s, uint16_t *port)
{
	uint64_t n;

	if (!parse_number(s, 65535, &n) || n == 0)
		return false;
	*port = (uint16_t)n;
	return true;
}

bool parse_publish(const char *s, struct publish *p, char why[WHY_SIZE])
{
	char text[64], *guest, *host, *proto;
	bool ok = true;

	*p = (struct publish){ .addr.s_addr = htonl(INADDR_LOOPBACK) };
	if ((size_t)snprintf(text, sizeof(text), "%s", s) >= sizeof(text))
		ok = false;
	proto = strchr(text, '/');
	if (proto) {
		*proto++ = '\0';
		p->udp = strcmp(proto, "udp") == 0;
		ok = ok && (p->udp || strcmp(proto, "tcp") == 0);
	}
	guest = strrchr(text, ':');
	if (guest)
		*guest++ = '\0';
	host = strrchr(text, ':');
	if (host)
		*host++ = '\0';
	if (host && inet_pton(AF_INET, text, &p->addr) != 1)
		ok = false;
	if (!ok || !guest || !parse_port(host ? host : text, &p->host) ||
	    !parse_port(guest, &p->guest)) {
		snprintf(why, WHY_SIZE, "'%.60s' is not [ADDRESS:]HOST:GUEST[/udp], with ports "
			 "from 1 to 65535", s);
		return false;
	}
	return true;
}

bool parse_file(const char *s, struct extra *f, char why[WHY_SIZE])
{
	char *text = strdup(s), *colon = text ? strrchr(text, ':') : NULL;

	if (colon)
		*colon++ = '\0';
	if (!colon || !*text || *colon != '/') {
		snprintf(why, WHY_SIZE, "'%.200s' is not HOST:GUEST, with a GUEST that begins with "
			 "'/'", s);
		free(text);
		return false;
	}
	f->host = text;
	f->guest = colon;
	return true;
}

bool parse_address(const char *s, struct in_addr *addr, unsigned *prefix, char why[WHY_SIZE])
{
	char text[32], *slash;
	uint64_t bits = 24;
	bool ok = (size_t)snprintf(text, sizeof(text), "%s", s) < sizeof(text);

	slash = prefix ? strchr(text, '/') : NULL;
	if (slash) {
		*slash++ = '\0';
		ok = ok && parse_number(slash, 30, &bits) && bits >= 1;
	}
	if (!ok || inet_pton(AF_INET, text, addr) != 1) {
		snprintf(why, WHY_SIZE, prefix ? "'%.60s' is not an address, as in 10.0.2.15/24" :
			 "'%.60s' is not an address, as in 10.0.2.2", s);
		return false;
	}
	if (prefix)
		*prefix = (unsigned)bits;
	return true;
}
