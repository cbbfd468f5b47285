/* SPDX-License-Identifier: BSD-2-Clause */
/* The configuration's text, read into struct config. See image.h. */
#include <nucleus/heap.h>

#include "image.h"

struct parser {
	struct config	*c;
	unsigned	nargs, nenv;
};

static const char wrong_value[] = "not a value of this key";

/* A number of decimal digits, at most max. */
static bool number(const char *s, unsigned max, unsigned *np)
{
	unsigned n = 0;

	if (*s == '\0')
		return false;
	for (; *s >= '0' && *s <= '9' && n <= max; s++)
		n = n * 10 + (unsigned)(*s - '0');
	*np = n;
	return *s == '\0' && n <= max;
}

static const char *set_flag(const char *value, const char *off, const char *on, bool *flag)
{
	*flag = strcmp(value, on) == 0;
	return *flag || strcmp(value, off) == 0 ? NULL : wrong_value;
}

/* Cut s at its last colon: what follows it; NULL: there is none. */
static char *last_field(char *s)
{
	char *colon = NULL, *p;

	for (p = s; *p != '\0'; p++)
		if (*p == ':')
			colon = p;
	if (colon == NULL)
		return NULL;
	*colon = '\0';
	return colon + 1;
}

/* DEV:PATH:TYPE:rw|ro, without PATH for the root. A path may have colons. */
static const char *set_mount(char *value, bool root, struct mount *m)
{
	char *mode = last_field(value), *type = mode != NULL ? last_field(value) : NULL, *colon;

	if (type == NULL || (strcmp(mode, "rw") != 0 && strcmp(mode, "ro") != 0))
		return wrong_value;
	m->rdonly = strcmp(mode, "ro") == 0;
	m->type = type;
	m->dev = value;
	if (!root) {
		colon = strchr(value, ':');
		if (colon == NULL || colon[1] != '/')
			return wrong_value;
		*colon = '\0';
		m->path = colon + 1;
	}
	return *m->dev != '\0' && *type != '\0' ? NULL : wrong_value;
}

static const char *set_net(char *value, struct config *c)
{
	static const char *const names[] = { "none", "dhcp", "static" };

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(value, names[i]) == 0) {
			c->net = (enum net)i;
			return NULL;
		}
	}
	return wrong_value;
}

static const char *set_winsize(char *value, struct config *c)
{
	char *space = strchr(value, ' ');

	if (space == NULL)
		return wrong_value;
	*space = '\0';
	return number(value, 65535, &c->rows) && number(space + 1, 65535, &c->cols) ? NULL :
	    wrong_value;
}

static const char *set_dns(char *value, struct config *c)
{
	if (c->ndns == MAX_DNS)
		return "too many name servers";
	c->dns[c->ndns++] = value;
	return NULL;
}

/* The keys that have a string for a value. */
static char **string_of(struct parser *p, const char *key)
{
	struct config *c = p->c;

	if (strcmp(key, "program") == 0)
		return &c->program;
	if (strcmp(key, "arg") == 0)
		return &c->argv[p->nargs++];
	if (strcmp(key, "env") == 0)
		return &c->envp[p->nenv++];
	if (strcmp(key, "address") == 0)
		return &c->address;
	if (strcmp(key, "gateway") == 0)
		return &c->gateway;
	return NULL;
}

static const char *set(struct parser *p, const char *key, char *value)
{
	char **string = string_of(p, key);
	struct config *c = p->c;

	if (string != NULL) {
		*string = value;
		return NULL;
	}
	if (strcmp(key, "root") == 0)
		return set_mount(value, true, &c->root);
	if (strcmp(key, "mount") == 0)
		return set_mount(value, false, &c->mounts[c->nmounts++]);
	if (strcmp(key, "net") == 0)
		return set_net(value, c);
	if (strcmp(key, "dns") == 0)
		return set_dns(value, c);
	if (strcmp(key, "loglevel") == 0)
		return number(value, 7, &c->loglevel) ? NULL : wrong_value;
	if (strcmp(key, "strace") == 0)
		return set_flag(value, "0", "1", &c->strace);
	if (strcmp(key, "timings") == 0)
		return set_flag(value, "0", "1", &c->timings);
	if (strcmp(key, "stdin") == 0)
		return set_flag(value, "terminal", "stream", &c->stdin_stream);
	if (strcmp(key, "stdout") == 0)
		return set_flag(value, "terminal", "stream", &c->stdout_stream);
	if (strcmp(key, "winsize") == 0)
		return set_winsize(value, c);
	return "unknown key";
}

/* "\\" and "\n" in place; false: another escape. */
static bool unescape(char *s)
{
	char *to = s;

	for (; *s != '\0'; s++) {
		if (*s == '\\') {
			s++;
			if (*s != '\\' && *s != 'n')
				return false;
			*to++ = *s == 'n' ? '\n' : '\\';
		} else {
			*to++ = *s;
		}
	}
	*to = '\0';
	return true;
}

/* Text is cut into lines in place: the line, with *nextp behind it. NULL: the end. */
static char *next_line(char **nextp)
{
	char *line = *nextp, *end = strchr(line, '\n');

	if (*line == '\0')
		return NULL;
	if (end != NULL)
		*end++ = '\0';
	*nextp = end != NULL ? end : line + strlen(line);
	return line;
}

static const char *parse_line(struct parser *p, char *line, unsigned lineno)
{
	char *value = strchr(line, '=');
	unsigned version;

	if (value == NULL)
		return "no key=value";
	*value++ = '\0';
	if (!unescape(value))
		return "a backslash stands before n or a backslash";
	if (lineno > 1)
		return set(p, line, value);
	if (strcmp(line, "version") != 0)
		return "the first line is not the version";
	if (!number(value, 1000000, &version) || version != PILLION_IMAGE_VERSION)
		return "another version than the image's";
	return NULL;
}

static const char *check(const struct config *c, const struct parser *p)
{
	if (c->program != NULL && p->nargs == 0)
		return "a program without arguments";
	if (c->net == NET_STATIC && c->address == NULL)
		return "a static network without an address";
	return NULL;
}

const char *config_parse(const char *text, size_t len, struct config *c, unsigned *lineno)
{
	struct parser p = { .c = c };
	const char *error = NULL;
	char *copy, *line;
	size_t lines = 1;

	for (size_t i = 0; i < len; i++)
		lines += text[i] == '\n';
	memset(c, 0, sizeof(*c));
	c->loglevel = 4;
	/* There is at most one of anything a line. */
	copy = heap_alloc(len + 1);
	c->argv = heap_zalloc((lines + 1) * sizeof(*c->argv));
	c->envp = heap_zalloc((lines + 1) * sizeof(*c->envp));
	c->mounts = heap_zalloc(lines * sizeof(*c->mounts));
	*lineno = 0;
	if (copy == NULL || c->argv == NULL || c->envp == NULL || c->mounts == NULL)
		return "no memory";
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (strlen(copy) != len)
		return "a NUL byte";
	while (error == NULL && (line = next_line(&copy)) != NULL)
		error = parse_line(&p, line, ++*lineno);
	if (error == NULL && *lineno == 0)
		error = "no version";
	return error != NULL ? error : check(c, &p);
}
