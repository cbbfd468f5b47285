/* SPDX-License-Identifier: BSD-2-Clause */
/* The configuration for the guest, as <pillion/image.h> describes it. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <pillion/image.h>

#include "options.h"
#include "pack.h"

static void put(FILE *out, const char *key, const char *value)
{
	fprintf(out, "%s=", key);
	for (; *value; value++) {
		if (*value == '\\' || *value == '\n')
			fputc('\\', out);
		fputc(*value == '\n' ? 'n' : *value, out);
	}
	fputc('\n', out);
}

static bool env_has(const struct options *o, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < o->nenv; i++) {
		if (strncmp(o->env[i], name, len) == 0 && o->env[i][len] == '=')
			return true;
	}
	return false;
}

static void put_env(FILE *out, const struct options *o)
{
	const char *term = getenv("TERM");
	char text[80];

	if (!env_has(o, "PATH"))
		put(out, "env", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	if (!env_has(o, "HOME"))
		put(out, "env", "HOME=/root");
	if (term && isatty(STDIN_FILENO) && !env_has(o, "TERM") &&
	    snprintf(text, sizeof(text), "TERM=%s", term) < (int)sizeof(text))
		put(out, "env", text);
	/* the last of several is the one that holds */
	for (size_t i = 0; i < o->nenv; i++) {
		size_t len = strcspn(o->env[i], "=") + 1;
		bool again = false;

		for (size_t k = i + 1; k < o->nenv; k++)
			again = again || strncmp(o->env[i], o->env[k], len) == 0;
		if (!again)
			put(out, "env", o->env[i]);
	}
}

static void put_disks(FILE *out, const struct options *o)
{
	if (o->root_disk >= 0) {
		const struct disk *d = &o->disk[o->root_disk];
		char part[16] = "";

		if (d->part)
			snprintf(part, sizeof(part), "%s%u", strncmp(d->name, "nvme", 4) == 0 ?
				 "p" : "", d->part);
		fprintf(out, "root=%s%s:auto:%s\n", d->name, part, d->read_only ? "ro" : "rw");
	}
	for (size_t i = 0; i < o->nmount; i++) {
		const struct mount *m = &o->mount[i];
		char *text;

		if (asprintf(&text, "%s:%s:%s:%s", m->dev, m->path, m->type,
			     m->read_only ? "ro" : "rw") < 0)
			continue;
		put(out, "mount", text);
		free(text);
	}
}

static void put_net(FILE *out, const struct options *o)
{
	char text[INET_ADDRSTRLEN];

	if (o->net == NET_NONE) {
		fputs("net=none\n", out);
		return;
	}
	fprintf(out, "net=%s\n", o->has_address ? "static" : "dhcp");
	if (o->has_address)
		fprintf(out, "address=%s/%u\n",
			inet_ntop(AF_INET, &o->address, text, sizeof(text)), o->prefix);
	if (o->has_gateway)
		fprintf(out, "gateway=%s\n", inet_ntop(AF_INET, &o->gateway, text, sizeof(text)));
	for (unsigned i = 0; i < o->ndns; i++)
		fprintf(out, "dns=%s\n", inet_ntop(AF_INET, &o->dns[i], text, sizeof(text)));
}

static void put_console(FILE *out, const struct options *o)
{
	bool in = !o->image && isatty(STDIN_FILENO), to = !o->image && isatty(STDOUT_FILENO);
	struct winsize ws;

	/* an image that is written speaks to whoever boots it */
	fprintf(out, "stdin=%s\n", in || o->image ? "terminal" : "stream");
	fprintf(out, "stdout=%s\n", to || o->image ? "terminal" : "stream");
	if (to && ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_row && ws.ws_col)
		fprintf(out, "winsize=%u %u\n", ws.ws_row, ws.ws_col);
}

char *guest_config(const struct options *o, const char *program)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	fprintf(out, "version=%d\n", PILLION_IMAGE_VERSION);
	put(out, "program", program);
	for (size_t i = 0; i < o->narg; i++)
		put(out, "arg", o->arg[i]);
	put_env(out, o);
	put_disks(out, o);
	put_net(out, o);
	/* of a server we want to hear when it is about to run: runner.c */
	fprintf(out, "loglevel=%d\nstrace=%d\ntimings=%d\n", o->loglevel, o->strace,
		o->timings || o->npublish);
	put_console(out, o);
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}
