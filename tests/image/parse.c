/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The image's two parsers, of the configuration and of the archive, on the host: what they take,
 * what they refuse, and that no damage to their input makes them look beyond it (built with the
 * address sanitizer). Seeded; FUZZ: how many damaged inputs.
 */
#include <nucleus/boot.h>
#include <nucleus/error.h>
#include <nucleus/heap.h>

#include "image.h"

#include "tap.h"

/* What the parsers need of the nucleus. */
struct boot_info boot_info;

static const void *module;
static size_t module_len;

const void *boot_module_data(unsigned i, size_t *lenp)
{
	(void)i;
	*lenp = module_len;
	return module;
}

void boot_module_free(unsigned i)
{
	(void)i;
}

/* One test's memory is freed at its end. */
static void *blocks[16];
static unsigned nblocks;

void *heap_alloc(size_t len)
{
	return blocks[nblocks++] = malloc(len);
}

void *heap_zalloc(size_t len)
{
	return blocks[nblocks++] = calloc(1, len);
}

static void release(void)
{
	while (nblocks > 0)
		free(blocks[--nblocks]);
}

/* ---- the configuration ---- */

static struct config c;
static unsigned line;

static const char *parse(const char *text)
{
	release();
	return config_parse(text, strlen(text), &c, &line);
}

static const char whole[] =
	"version=1\n"
	"program=/bin/sh\n"
	"arg=sh\n"
	"arg=-c\n"
	"arg=echo a=b\\\\n; echo \\nnext\n"
	"env=PATH=/bin:/usr/bin\n"
	"env=EMPTY=\n"
	"root=vda1:ext4:ro\n"
	"mount=vdb:/srv/a:b:ufs:rw\n"
	"mount=sr0:/mnt:auto:ro\n"
	"net=static\n"
	"address=10.0.2.15/24\n"
	"gateway=10.0.2.2\n"
	"dns=10.0.2.3\n"
	"dns=1.1.1.1\n"
	"loglevel=7\n"
	"strace=1\n"
	"timings=1\n"
	"stdin=stream\n"
	"stdout=terminal\n"
	"winsize=50 132\n";

static void config_whole(void)
{
	const char *error = parse(whole);

	ok(error == NULL, "all keys: %s", error ? error : "taken");
	ok(!strcmp(c.program, "/bin/sh") && !strcmp(c.argv[0], "sh") && !strcmp(c.argv[1], "-c") &&
	    !strcmp(c.argv[2], "echo a=b\\n; echo \nnext") && !c.argv[3], "arguments, escapes");
	ok(!strcmp(c.envp[0], "PATH=/bin:/usr/bin") && !strcmp(c.envp[1], "EMPTY=") && !c.envp[2],
	    "environment");
	ok(!strcmp(c.root.dev, "vda1") && !strcmp(c.root.type, "ext4") && c.root.rdonly, "root");
	ok(c.nmounts == 2 && !strcmp(c.mounts[0].dev, "vdb") && !strcmp(c.mounts[0].path, "/srv/a:b") &&
	    !strcmp(c.mounts[0].type, "ufs") && !c.mounts[0].rdonly && c.mounts[1].rdonly,
	    "mounts; a path may have colons");
	ok(c.net == NET_STATIC && !strcmp(c.address, "10.0.2.15/24") &&
	    !strcmp(c.gateway, "10.0.2.2") && c.ndns == 2, "network");
	ok(c.loglevel == 7 && c.strace && c.timings && c.stdin_stream && !c.stdout_stream &&
	    c.rows == 50 && c.cols == 132, "numbers and flags");
	ok(!parse("version=1\n") && !c.program && c.loglevel == 4 && !c.envp[0], "the least");
	ok(!parse("version=1\nprogram=a\narg=b"), "no end of line at the end");
}

static void config_refused(void)
{
	static const struct {
		unsigned	line;
		const char	*text;
	} bad[] = {
		{ 1, "program=/bin/sh\n" }, { 1, "version=2\n" }, { 1, "version=\n" },
		{ 1, "version=1x\n" }, { 2, "version=1\nversion=1\n" }, { 2, "version=1\nshape=1\n" },
		{ 2, "version=1\nprogram\n" }, { 2, "version=1\n\n" }, { 2, "version=1\nenv=a\\x\n" },
		{ 2, "version=1\nenv=a\\\n" }, { 2, "version=1\nloglevel=8\n" },
		{ 2, "version=1\nloglevel=99999999999\n" }, { 2, "version=1\nstrace=2\n" },
		{ 2, "version=1\nroot=vda\n" }, { 2, "version=1\nroot=vda:ext4\n" },
		{ 2, "version=1\nroot=:ext4:rw\n" }, { 2, "version=1\nmount=vda:x:ext4:rw\n" },
		{ 2, "version=1\nmount=vda:/x:ext4:rx\n" }, { 2, "version=1\nmount=vda:/x::rw\n" },
		{ 2, "version=1\nnet=user\n" }, { 2, "version=1\nwinsize=24x80\n" },
		{ 2, "version=1\nwinsize=24 80000\n" }, { 3, "version=1\nloglevel=1\nstdin=file\n" },
		{ 5, "version=1\ndns=1\ndns=2\ndns=3\ndns=4\n" },
	};

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *error = parse(bad[i].text);

		ok(error != NULL && line == bad[i].line, "refused %u: %s", i, error ? error : "taken");
	}
	ok(parse("") != NULL, "an empty one");
	release();
	ok(config_parse("version=1\n\0version=2\n", 21, &c, &line) != NULL, "one with a NUL byte");
	ok(parse("version=1\nprogram=/x\n") != NULL, "a program without arguments");
	ok(parse("version=1\nnet=static\n") != NULL, "a static network without an address");
}

/* Damage some bytes of a copy of exactly len bytes, so that the sanitizer sees its end. */
static uint8_t *damaged(const void *data, size_t *len, uint64_t *seed)
{
	uint8_t *copy;

	if (rng_next(seed) % 4 == 0)
		*len = rng_next(seed) % (*len + 1);
	copy = malloc(*len);
	memcpy(copy, data, *len);
	for (unsigned n = rng_next(seed) % 8; n > 0 && *len > 0; n--)
		copy[rng_next(seed) % *len] = "0=:\n\\ f\xff"[rng_next(seed) % 8];
	return copy;
}

static void config_fuzz(long rounds)
{
	uint64_t seed = 1;

	for (long i = 0; i < rounds; i++) {
		size_t len = sizeof(whole) - 1;
		uint8_t *copy = damaged(whole, &len, &seed);

		release();
		(void)config_parse((char *)copy, len, &c, &line);
		free(copy);
	}
	ok(1, "%ld damaged configurations", rounds);
}

/* ---- the archive ---- */

static uint8_t cpio[8192];
static size_t cpio_len;

static void add(const char *name, unsigned mode, const char *data)
{
	size_t len = strlen(data);

	cpio_len += (size_t)sprintf((char *)cpio + cpio_len,
	    "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", 1, mode, 7, 8, 1, 1000,
	    (unsigned)len, 0, 0, 4, 64, (unsigned)strlen(name) + 1, 0);
	cpio_len += (size_t)sprintf((char *)cpio + cpio_len, "%s", name) + 1;
	cpio_len = (cpio_len + 3) & ~(size_t)3;
	memcpy(cpio + cpio_len, data, len);
	cpio_len = (cpio_len + len + 3) & ~(size_t)3;
}

/* How many entries, until the end or something wrong. */
static int walk(const struct archive *a, int *error)
{
	struct archive_file f;
	unsigned sum = 0;
	size_t at = 0;
	int n = 0;

	while ((*error = archive_next(a, &at, &f)) == 0) {
		n++;
		for (const char *p = f.name; *p; p++)
			sum += (uint8_t)*p;
		for (uint32_t i = 0; i < f.size; i++)
			sum += f.data[i];
	}
	return n + (sum == 0xffffffffu);
}

static void archives(long rounds)
{
	struct archive a;
	struct archive_file f;
	uint64_t seed = 2;
	int error;

	add(".pillion", 040755, "");
	add(".pillion/config", 0100644, "version=1\n");
	add("bin", 040755, "");
	add("bin/odd", 0100755, "abcde");
	add("link", 0120777, "bin/odd");
	add("dev", 020600, "");
	add("TRAILER!!!", 0, "");
	module = cpio;
	module_len = cpio_len;
	boot_info.nmodules = 1;
	ok(image_archive(&a) && a.data == cpio, "found as a module");
	ok(walk(&a, &error) == 6 && error == E_NOENT, "six entries");
	ok(archive_find(&a, "/bin/odd", &f) && !strcmp(f.name, "bin/odd") && f.size == 5 &&
	    !memcmp(f.data, "abcde", 5) && f.mode == 0100755 && f.uid == 7 && f.gid == 8 &&
	    f.mtime == 1000 && f.major == 4 && f.minor == 64, "a file");
	ok(!archive_find(&a, "bin", &f) && !archive_find(&a, "link", &f) &&
	    !archive_find(&a, "bin/od", &f), "what is none is not found");
	a = (struct archive) { cpio, cpio_len - 4 };
	ok(walk(&a, &error) == 6, "padding after the trailer need not be");
	a = (struct archive) { cpio, cpio_len / 2 };
	ok(walk(&a, &error) < 6 && error == E_INVAL, "cut in the middle");
	for (long i = 0; i < rounds; i++) {
		size_t len = cpio_len;
		uint8_t *copy = damaged(cpio, &len, &seed);

		a = (struct archive) { copy, len };
		walk(&a, &error);
		free(copy);
	}
	ok(1, "%ld damaged archives", rounds);
	boot_info.nmodules = 0;
	ok(!image_archive(&a), "none");
}

int main(void)
{
	long rounds = env_long("FUZZ", 20000);

	tap_begin();
	config_whole();
	config_refused();
	config_fuzz(rounds);
	archives(rounds);
	release();
	return tap_done();
}
