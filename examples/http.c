/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * HTTP/1.1 for static files: GET and HEAD, keep-alive and pipelining, one byte range. See http.h.
 *
 * A request is read until its empty line, answered, and the rest of the buffer is the next one's
 * beginning. Files go out by the donor's sendfile: their pages are not copied.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

#include <pillion/syscalls.h>

#include "http.h"

struct request {
	char *method, *path;
	bool head;
	int64_t first, last;	/* the range; first -1: the last bytes, first -2: no range */
};

void http_init(struct http_conn *c, int fd)
{
	memset(c, 0, sizeof(*c));
	c->fd = fd;
	c->file = -1;
}

void http_fini(struct http_conn *c)
{
	if (c->file >= 0)
		pillion_sys_close(c->file);
	pillion_sys_close(c->fd);
	free(c->out);
}

/* ---- answers ---- */

__attribute__((format(printf, 2, 3)))
static void out(struct http_conn *c, const char *fmt, ...)
{
	char *text;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n >= 0) {
		char *all = realloc(c->out, c->out_len + (size_t)n);

		if (all) {
			memcpy(all + c->out_len, text, (size_t)n);
			c->out = all;
			c->out_len += (size_t)n;
		} else {
			c->close = true;
		}
		free(text);
	}
}

static void header(struct http_conn *c, const char *status, const char *type, int64_t length)
{
	char date[64];
	struct timespec ts;
	struct tm tm;
	time_t t;

	pillion_sys_clock_gettime(CLOCK_REALTIME, &ts);
	t = ts.tv_sec;
	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&t, &tm));
	out(c, "HTTP/1.1 %s\r\nDate: %s\r\nServer: pillion\r\nContent-Type: %s\r\n"
	    "Content-Length: %lld\r\nConnection: %s\r\n", status, date, type, (long long)length,
	    c->close ? "close" : "keep-alive");
}

static void answer_error(struct http_conn *c, const char *status, bool head)
{
	header(c, status, "text/plain", (int64_t)strlen(status) + 1);
	if (!strncmp(status, "405", 3))
		out(c, "Allow: GET, HEAD\r\n");
	out(c, "\r\n");
	if (!head)
		out(c, "%s\n", status);
}

static void answer_errno(struct http_conn *c, long error, bool head)
{
	answer_error(c, error == -ENOENT || error == -ENOTDIR || error == -ENAMETOOLONG ?
	    "404 Not Found" : error == -EACCES || error == -EXDEV || error == -ELOOP ?
	    "403 Forbidden" : "500 Internal Server Error", head);
}

static const char *content_type(const char *path)
{
	static const char *const types[][2] = {
		{ ".html", "text/html; charset=utf-8" }, { ".txt", "text/plain; charset=utf-8" },
		{ ".css", "text/css" }, { ".js", "text/javascript" }, { ".json", "application/json" },
		{ ".png", "image/png" }, { ".jpg", "image/jpeg" }, { ".svg", "image/svg+xml" },
	};
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; dot && i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcasecmp(dot, types[i][0]))
			return types[i][1];
	return "application/octet-stream";
}

/* ---- files ---- */

/* Open path below root: neither "..", nor an absolute name, nor a link leads out of it. */
static long open_beneath(int root, const char *path)
{
	struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};

	while (*path == '/')
		path++;
	return pillion_sys_openat2(root, *path ? path : ".", &how, sizeof(how));
}

static void out_escaped(struct http_conn *c, const char *name, bool url)
{
	for (; *name; name++) {
		unsigned char ch = (unsigned char)*name;

		if (url && (ch <= ' ' || ch >= 0x7f || strchr("\"%#?&<>:", ch)))
			out(c, "%%%02X", ch);
		else if (strchr("<>&\"'", ch))
			out(c, "&#%d;", ch);
		else
			out(c, "%c", ch);
	}
}

static void list_entries(struct http_conn *c, int dir)
{
	char buf[4096];
	long n;

	while ((n = pillion_sys_getdents64(dir, buf, sizeof(buf))) > 0)
		for (long i = 0; i < n;) {
			struct pillion_dirent64 *d = (void *)(buf + i);
			const char *slash = d->type == 4 ? "/" : "";	/* DT_DIR */

			i += d->reclen;
			if (!strcmp(d->name, "."))
				continue;
			out(c, "<li><a href=\"");
			out_escaped(c, d->name, true);
			out(c, "%s\">", slash);
			out_escaped(c, d->name, false);
			out(c, "%s</a>\n", slash);
		}
}

static void answer_directory(struct http_conn *c, const struct request *r, int dir)
{
	struct http_conn body = { .file = -1 };

	out(&body, "<!DOCTYPE html><title>");
	out_escaped(&body, r->path, false);
	out(&body, "</title>\n<ul>\n");
	list_entries(&body, dir);
	out(&body, "</ul>\n");
	if (body.close) {
		answer_error(c, "500 Internal Server Error", r->head);
	} else {
		header(c, "200 OK", "text/html; charset=utf-8", (int64_t)body.out_len);
		out(c, "\r\n");
		if (!r->head)
			out(c, "%.*s", (int)body.out_len, body.out);
	}
	free(body.out);
}

/* The part of a file of the given size that is asked for. False: there is no such part. */
static bool range_of(const struct request *r, int64_t size, int64_t *off, int64_t *len)
{
	*off = 0;
	*len = size;
	if (r->first == -1) {
		*len = r->last < size ? r->last : size;
		*off = size - *len;
		return *len > 0;
	}
	if (r->first >= 0) {
		if (r->first >= size)
			return false;
		*off = r->first;
		*len = (r->last < size - 1 ? r->last : size - 1) - r->first + 1;
	}
	return true;
}

static void answer_file(struct http_conn *c, const struct request *r, int fd, int64_t size)
{
	int64_t off, len;

	if (!range_of(r, size, &off, &len)) {
		header(c, "416 Range Not Satisfiable", "text/plain", 0);
		out(c, "Content-Range: bytes */%lld\r\n\r\n", (long long)size);
		pillion_sys_close(fd);
		return;
	}
	header(c, r->first == -2 ? "200 OK" : "206 Partial Content", content_type(r->path), len);
	if (r->first != -2)
		out(c, "Content-Range: bytes %lld-%lld/%lld\r\n", (long long)off,
		    (long long)(off + len - 1), (long long)size);
	out(c, "Accept-Ranges: bytes\r\n\r\n");
	if (r->head || len == 0) {
		pillion_sys_close(fd);
		return;
	}
	c->file = fd;
	c->off = off;
	c->left = len;
}

static void answer(struct http_conn *c, const struct request *r, int root)
{
	long fd = open_beneath(root, r->path), index;
	struct stat st;

	if (fd >= 0 && pillion_sys_fstat((int)fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		if (r->path[strlen(r->path) - 1] != '/') {
			pillion_sys_close((int)fd);
			header(c, "301 Moved Permanently", "text/plain", 0);
			out(c, "Location: ");
			/* Not "//host": that would lead elsewhere. */
			out_escaped(c, r->path + strspn(r->path, "/") - 1, true);
			out(c, "/\r\n\r\n");
			return;
		}
		index = open_beneath((int)fd, "index.html");
		if (index < 0) {
			answer_directory(c, r, (int)fd);
			pillion_sys_close((int)fd);
			return;
		}
		pillion_sys_close((int)fd);
		fd = index;
	}
	if (fd < 0) {
		answer_errno(c, fd, r->head);
	} else if (pillion_sys_fstat((int)fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		pillion_sys_close((int)fd);
		answer_error(c, "403 Forbidden", r->head);
	} else {
		answer_file(c, r, (int)fd, st.st_size);
	}
}

/* ---- requests ---- */

static int hex(char ch)
{
	return ch >= '0' && ch <= '9' ? ch - '0' : ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 :
	    ch >= 'A' && ch <= 'F' ? ch - 'A' + 10 : -1;
}

/* Undo %XX in place, and cut the query off. False: not a path that can be. */
static bool decode_path(char *path)
{
	char *to = path;

	if (*path != '/')
		return false;
	for (char *p = path; *p && *p != '?' && *p != '#'; p++) {
		if (*p == '%') {
			int hi = hex(p[1]), lo = hi < 0 ? -1 : hex(p[2]);

			if (lo < 0 || hi * 16 + lo == 0)
				return false;
			*to++ = (char)(hi * 16 + lo);
			p += 2;
		} else {
			*to++ = *p;
		}
	}
	*to = '\0';
	return true;
}

static int64_t number(const char **p)
{
	int64_t n = -1;

	for (; **p >= '0' && **p <= '9' && n < INT64_MAX / 10 - 1; (*p)++)
		n = (n < 0 ? 0 : n) * 10 + (**p - '0');
	return n;
}

/* "bytes=1-2", "bytes=1-", "bytes=-2"; anything else is as if it were not there. */
static void parse_range(const char *value, struct request *r)
{
	int64_t first, last;

	if (strncasecmp(value, "bytes=", 6))
		return;
	value += 6;
	first = number(&value);
	if (*value++ != '-')
		return;
	last = number(&value);
	if (*value || (first < 0 && last < 0) || (first >= 0 && last >= 0 && last < first))
		return;
	r->first = first;
	r->last = last < 0 ? INT64_MAX - 1 : last;
}

/* A header line that means something to us. False: one that makes the request unacceptable. */
static bool parse_header(struct http_conn *c, char *line, struct request *r)
{
	char *value = strchr(line, ':');

	if (!value || value == line)
		return false;
	*value++ = '\0';
	value += strspn(value, " \t");
	value[strcspn(value, "\r")] = '\0';
	if (!strcasecmp(line, "Connection")) {
		if (!strcasecmp(value, "close"))
			c->close = true;
		else if (!strcasecmp(value, "keep-alive"))
			c->close = false;
	} else if (!strcasecmp(line, "Range")) {
		parse_range(value, r);
	} else if (!strcasecmp(line, "Transfer-Encoding") ||
	    (!strcasecmp(line, "Content-Length") && strcmp(value, "0"))) {
		return false;	/* where the next request begins is not worth finding out */
	}
	return true;
}

/* The request in text, which ends with an empty line. Returns NULL, or the error's status. */
static const char *parse(struct http_conn *c, char *text, struct request *r)
{
	char *save = NULL, *line = strtok_r(text, "\n", &save), *version;

	r->first = -2;
	if (!line)
		return "400 Bad Request";
	line[strcspn(line, "\r")] = '\0';
	r->method = line;
	r->path = strchr(line, ' ');
	version = r->path ? strchr(r->path + 1, ' ') : NULL;
	if (!version)
		return "400 Bad Request";
	*r->path++ = '\0';
	*version++ = '\0';
	if (strcmp(version, "HTTP/1.1") && strcmp(version, "HTTP/1.0"))
		return "505 HTTP Version Not Supported";
	c->close = version[7] == '0';
	r->head = !strcmp(r->method, "HEAD");
	while ((line = strtok_r(NULL, "\n", &save)) && *line != '\r')
		if (!parse_header(c, line, r))
			return "400 Bad Request";
	if (!r->head && strcmp(r->method, "GET"))
		return "405 Method Not Allowed";
	return decode_path(r->path) ? NULL : "400 Bad Request";
}

/* The length of the first whole request in the buffer, 0 if there is none yet. */
static size_t request_len(const struct http_conn *c)
{
	const char *end = memmem(c->in, c->in_len, "\r\n\r\n", 4);

	return end ? (size_t)(end - c->in) + 4 : 0;
}

static void serve(struct http_conn *c, size_t len, int root)
{
	char text[HTTP_REQUEST_MAX + 1];
	struct request r = { 0 };
	const char *error;

	memcpy(text, c->in, len);
	text[len] = '\0';
	c->in_len -= len;
	memmove(c->in, c->in + len, c->in_len);
	error = strlen(text) == len ? parse(c, text, &r) : "400 Bad Request";
	if (error) {
		c->close = true;
		answer_error(c, error, false);
	} else {
		answer(c, &r, root);
	}
}

/* ---- the connection ---- */

/* 1: all is out; 0: no more room; -errno */
static long flush_out(struct http_conn *c)
{
	long n;

	while (c->out_pos < c->out_len) {
		n = pillion_sys_sendto(c->fd, c->out + c->out_pos, c->out_len - c->out_pos,
		    MSG_NOSIGNAL | (c->left ? MSG_MORE : 0), NULL, 0);
		if (n < 0)
			return n == -EAGAIN ? 0 : n;
		c->out_pos += (size_t)n;
	}
	while (c->left > 0) {
		n = pillion_sys_sendfile(c->fd, c->file, &c->off, (size_t)c->left);
		if (n <= 0)
			return n == -EAGAIN ? 0 : n < 0 ? n : -EIO;	/* the file got shorter */
		c->left -= n;
	}
	free(c->out);
	c->out = NULL;
	c->out_len = c->out_pos = 0;
	if (c->file >= 0)
		pillion_sys_close(c->file);
	c->file = -1;
	return 1;
}

/*
 * The answer is out and no other will follow. Closing now would reset the connection if something
 * of the client's were still unread, and the answer might be lost: read until it closes, too.
 */
static enum http_state drain(struct http_conn *c)
{
	long n;

	if (!c->drain)
		pillion_sys_shutdown(c->fd, SHUT_WR);
	c->drain = true;
	while ((n = pillion_sys_read(c->fd, c->in, sizeof(c->in))) > 0)
		;
	return n == -EAGAIN ? HTTP_READ : HTTP_DONE;
}

enum http_state http_drive(struct http_conn *c, int root)
{
	size_t len;
	long n;

	for (;;) {
		n = flush_out(c);
		if (n == 0)
			return HTTP_WRITE;
		if (n < 0)
			return HTTP_DONE;
		if (c->close)
			return drain(c);
		len = request_len(c);
		if (len) {
			serve(c, len, root);
			continue;
		}
		if (c->in_len == sizeof(c->in)) {
			c->close = true;
			answer_error(c, "431 Request Header Fields Too Large", false);
			continue;
		}
		n = pillion_sys_read(c->fd, c->in + c->in_len, sizeof(c->in) - c->in_len);
		if (n == -EAGAIN)
			return HTTP_READ;
		if (n <= 0)
			return HTTP_DONE;
		c->in_len += (size_t)n;
	}
}
