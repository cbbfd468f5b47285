/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small NBD client and its own server process; see nbd.h. The protocol: fixed newstyle,
 * NBD_OPT_GO, simple replies.
 */
#include "nbd.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAGIC_SERVER	0x4e42444d41474943ULL	/* "NBDMAGIC" */
#define MAGIC_OPTION	0x49484156454f5054ULL	/* "IHAVEOPT" */
#define MAGIC_OPT_REPLY	0x0003e889045565a9ULL
#define MAGIC_REQUEST	0x25609513U
#define MAGIC_REPLY	0x67446698U

#define CLIENT_FLAGS	0x3U			/* fixed newstyle, no zero padding */
#define OPT_GO		7U
#define REP_ACK		1U
#define REP_INFO	3U
#define REP_ERROR	0x80000000U
#define FLAG_FLUSH	0x04U
#define FLAG_TRIM	0x20U

enum { CMD_READ = 0, CMD_WRITE = 1, CMD_DISCONNECT = 2, CMD_FLUSH = 3, CMD_TRIM = 4 };

#define MAX_REQUEST	(4U << 20)		/* qemu-nbd takes 32 MiB */
#define FD_IMAGE	4			/* in the server; 3 is the socket */

struct nbd {
	pthread_mutex_t lock;			/* one request and its reply */
	int sock;
	pid_t server;
	uint64_t size;
	uint16_t flags;
};

struct request {
	uint32_t magic;
	uint16_t flags, type;
	uint64_t handle, off;
	uint32_t len;
} __attribute__((packed));

struct reply {
	uint32_t magic, error;
	uint64_t handle;
} __attribute__((packed));

struct option {
	uint64_t magic;
	uint32_t opt, len;
	uint32_t name_len;		/* these two: NBD_OPT_GO's data, all 0 */
	uint16_t infos;
} __attribute__((packed));

struct option_reply {
	uint64_t magic;
	uint32_t opt, type, len;
} __attribute__((packed));

static int send_all(int fd, const void *buf, size_t len)
{
	const char *p = buf;

	while (len > 0) {
		ssize_t r = send(fd, p, len, MSG_NOSIGNAL);

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return -EIO;
		p += r;
		len -= (size_t)r;
	}
	return 0;
}

static int recv_all(int fd, void *buf, size_t len)
{
	char *p = buf;

	while (len > 0) {
		ssize_t r = recv(fd, p, len, 0);

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return -EIO;
		p += r;
		len -= (size_t)r;
	}
	return 0;
}

static int negotiate(struct nbd *n)
{
	struct { uint64_t magic, option; uint16_t flags; } __attribute__((packed)) hello;
	struct option go = { htobe64(MAGIC_OPTION), htobe32(OPT_GO), htobe32(6), 0, 0 };
	uint32_t flags = htobe32(CLIENT_FLAGS);
	struct option_reply rep;
	char data[512];

	if (recv_all(n->sock, &hello, sizeof(hello)) || hello.magic != htobe64(MAGIC_SERVER) ||
	    hello.option != htobe64(MAGIC_OPTION))
		return -EIO;
	if (send_all(n->sock, &flags, sizeof(flags)) || send_all(n->sock, &go, sizeof(go)))
		return -EIO;
	for (;;) {
		uint32_t len;

		if (recv_all(n->sock, &rep, sizeof(rep)) || rep.magic != htobe64(MAGIC_OPT_REPLY))
			return -EIO;
		len = be32toh(rep.len);
		if ((be32toh(rep.type) & REP_ERROR) || len > sizeof(data) ||
		    recv_all(n->sock, data, len))
			return -EIO;
		if (be32toh(rep.type) == REP_ACK)
			return n->size ? 0 : -EIO;
		/* information 0 is the export: u16 kind, u64 size, u16 flags */
		if (be32toh(rep.type) == REP_INFO && len >= 12 && data[0] == 0 && data[1] == 0) {
			uint64_t size;
			uint16_t fl;

			memcpy(&size, data + 2, 8);
			memcpy(&fl, data + 10, 2);
			n->size = be64toh(size);
			n->flags = be16toh(fl);
		}
	}
}

static int transact(struct nbd *n, uint16_t type, uint64_t off, uint32_t len, const void *out,
		    void *in)
{
	struct request req = {
		.magic = htobe32(MAGIC_REQUEST), .type = htobe16(type), .handle = 1,
		.off = htobe64(off), .len = htobe32(len),
	};
	struct reply rep = { 0 };
	int r;

	pthread_mutex_lock(&n->lock);
	r = send_all(n->sock, &req, sizeof(req));
	if (r == 0 && out)
		r = send_all(n->sock, out, len);
	if (r == 0)
		r = recv_all(n->sock, &rep, sizeof(rep));
	if (r == 0 && rep.magic != htobe32(MAGIC_REPLY))
		r = -EIO;
	/* the protocol's error numbers are Linux's */
	if (r == 0 && rep.error)
		r = be32toh(rep.error) == ENOSPC ? -ENOSPC : -EIO;
	else if (r == 0 && in)
		r = recv_all(n->sock, in, len);
	pthread_mutex_unlock(&n->lock);
	return r;
}

int nbd_read(void *nbd, void *buf, size_t len, uint64_t off)
{
	int r = 0;

	for (size_t n; len > 0 && r == 0; buf = (char *)buf + n, off += n, len -= n) {
		n = len < MAX_REQUEST ? len : MAX_REQUEST;
		r = transact(nbd, CMD_READ, off, (uint32_t)n, NULL, buf);
	}
	return r;
}

int nbd_write(void *nbd, const void *buf, size_t len, uint64_t off)
{
	int r = 0;

	for (size_t n; len > 0 && r == 0; buf = (const char *)buf + n, off += n, len -= n) {
		n = len < MAX_REQUEST ? len : MAX_REQUEST;
		r = transact(nbd, CMD_WRITE, off, (uint32_t)n, buf, NULL);
	}
	return r;
}

int nbd_flush(void *nbd)
{
	const struct nbd *n = nbd;

	return (n->flags & FLAG_FLUSH) ? transact(nbd, CMD_FLUSH, 0, 0, NULL, NULL) : 0;
}

int nbd_discard(void *nbd, uint64_t off, uint64_t len)
{
	int r = 0;

	for (uint64_t n; len > 0 && r == 0; off += n, len -= n) {
		n = len < (1U << 30) ? len : 1U << 30;
		r = transact(nbd, CMD_TRIM, off, (uint32_t)n, NULL, NULL);
	}
	return r;
}

bool nbd_can_discard(const struct nbd *n)
{
	return (n->flags & FLAG_TRIM) != 0;
}

uint64_t nbd_size(const struct nbd *n)
{
	return n->size;
}

/* A connected pair of descriptors, of which *listening is still to be accepted from. */
static int connect_in(int dir, int *listening)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int client = -1;

	/* A socket's address is short; the directory's name, which TMPDIR begins, need not be. */
	snprintf(addr.sun_path, sizeof(addr.sun_path), "/proc/self/fd/%d/nbd", dir);
	*listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*listening >= 0 && bind(*listening, (struct sockaddr *)&addr, sizeof(addr)) == 0 &&
	    listen(*listening, 1) == 0) {
		client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (client >= 0 && connect(client, (struct sockaddr *)&addr, sizeof(addr)) != 0) {
			close(client);
			client = -1;
		}
	}
	unlink(addr.sun_path);		/* connected: nobody else can be */
	if (client < 0 && *listening >= 0)
		close(*listening);
	return client;
}

static int private_socket(int *listening, const char **reason)
{
	const char *tmp = getenv("TMPDIR");
	char name[PATH_MAX];
	int client, dir;

	if (!tmp || !*tmp)
		tmp = "/tmp";
	*reason = "no private directory for the socket of qemu-nbd (see TMPDIR)";
	if (snprintf(name, sizeof(name), "%s/pillion-XXXXXX", tmp) >= (int)sizeof(name) ||
	    !mkdtemp(name))
		return -1;
	*reason = "no socket for qemu-nbd";
	dir = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	client = dir < 0 ? -1 : connect_in(dir, listening);
	if (dir >= 0)
		close(dir);
	rmdir(name);
	return client;
}

/*
 * What to serve. The image by its descriptor, so that there is no race with a rename; but by its
 * path where other files are found relative to it. Either way not as a word that qemu could take
 * for a protocol. Without a path, it is no business of qemu's what the image says of a backing
 * file.
 */
static void describe_image(char *out, size_t room, const char *path, const char *format)
{
	char *end;

	if (!path) {
		snprintf(out, room, "json:{\"driver\":\"%s\",\"backing\":null,\"file\":{\"driver\":"
			 "\"file\",\"filename\":\"/proc/self/fd/%d\"}}", format, FD_IMAGE);
		return;
	}
	end = out + sprintf(out, "driver=%s,file.driver=file,file.filename=", format);
	for (; *path && end < out + room - 3; *end++ = *path++) {
		if (*path == ',')	/* a comma would end the option: it is doubled */
			*end++ = ',';
	}
	*end = '\0';
}

static void run_server(int listening, int image, const char *path, int errors, const char *format,
		       bool write)
{
	char what[2 * PATH_MAX + 160], pid[24], *args[6] = { "qemu-nbd" };
	int n = 1;
	sigset_t none;

	/* Away from the terminal: ^C is for us, and we still need the server to unmount. */
	setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	/* out of the way of 3 and 4 first; dup2() clears close-on-exec */
	if (dup2(errors, STDERR_FILENO) < 0 || dup2(errors, STDOUT_FILENO) < 0)
		_exit(126);
	listening = fcntl(listening, F_DUPFD_CLOEXEC, 10);
	image = fcntl(image, F_DUPFD_CLOEXEC, 10);
	if (listening < 0 || image < 0 || dup2(listening, 3) < 0 || dup2(image, FD_IMAGE) < 0)
		_exit(126);
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "1", 1);
	unsetenv("LISTEN_FDNAMES");
	describe_image(what, sizeof(what), path, format);
	args[n++] = write ? "--discard=unmap" : "--read-only";
	if (path)
		args[n++] = "--image-opts";
	args[n++] = what;
	execvp(args[0], args);
	_exit(errno == ENOENT ? 127 : 126);
}

/* Why the server ended: its exit status and what it wrote. */
static const char *server_reason(struct nbd *n, int errors, bool *busy)
{
	static char text[512];
	int st = 0;
	ssize_t len;

	shutdown(n->sock, SHUT_RDWR);
	if (waitpid(n->server, &st, 0) == n->server && WIFEXITED(st) && WEXITSTATUS(st) == 127)
		return "qemu-nbd is not installed (Debian package qemu-utils)";
	len = pread(errors, text, sizeof(text) - 1, 0);
	if (len <= 0)
		return "qemu-nbd ended without a message";
	text[len] = '\0';
	text[strcspn(text, "\n")] = '\0';
	*busy = strstr(text, "lock") != NULL;
	return text;
}

struct nbd *nbd_open(int fd, const char *path, const char *format, bool write,
		     const char **reason, bool *busy)
{
	struct nbd *n = calloc(1, sizeof(*n));
	int listening = -1, errors = memfd_create("qemu-nbd", MFD_CLOEXEC);

	*busy = false;
	*reason = "out of memory";
	if (!n || errors < 0)
		goto fail;
	pthread_mutex_init(&n->lock, NULL);
	n->sock = private_socket(&listening, reason);
	if (n->sock < 0)
		goto fail;
	n->server = fork();
	if (n->server == 0)
		run_server(listening, fd, path, errors, format, write);
	close(listening);
	if (n->server < 0 || negotiate(n) != 0) {
		*reason = n->server < 0 ? "cannot start qemu-nbd" : server_reason(n, errors, busy);
		close(n->sock);
		goto fail;
	}
	close(errors);
	return n;
fail:
	if (errors >= 0)
		close(errors);
	free(n);
	return NULL;
}

void nbd_close(struct nbd *n)
{
	struct request bye = { .magic = htobe32(MAGIC_REQUEST), .type = htobe16(CMD_DISCONNECT) };

	send_all(n->sock, &bye, sizeof(bye));
	close(n->sock);
	while (waitpid(n->server, NULL, 0) < 0 && errno == EINTR)
		;
	free(n);
}
