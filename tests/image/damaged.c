/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Executables that are none: each is refused, or ends by a signal, and everybody else goes on. For
 * x86_64.
 *	damaged SEED COUNT		so many at random, beside those that are listed
 * Locking: none.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tap.h"

#define PAGE		4096
#define KERNEL		0xffffffff80200000ul
#define DIRECT		0xffff800000100000ul
#define NO_ADDRESS	0x8000000000001000ul	/* not one of the CPU's */
#define N(a)		(sizeof(a) / sizeof((a)[0]))

#define FILE_NAME	"/tmp/damaged"
#define CODE_AT		0x400000ul

/* One that does exit(7), with headers of every kind that the kernel looks at. */
static struct good {
	Elf64_Ehdr	eh;
	Elf64_Phdr	ph[5];
	unsigned char	code[16];
	char		interp[32];
	unsigned char	note[32];
} good;

static void make_good(void)
{
	static const unsigned char code[] = { 0xbf, 7, 0, 0, 0, 0xb8, 60, 0, 0, 0, 0x0f, 0x05 };
	Elf64_Ehdr *eh = &good.eh;

	memcpy(eh->e_ident, ELFMAG, SELFMAG);
	eh->e_ident[EI_CLASS] = ELFCLASS64;
	eh->e_ident[EI_DATA] = ELFDATA2LSB;
	eh->e_ident[EI_VERSION] = EV_CURRENT;
	eh->e_type = ET_EXEC;
	eh->e_machine = EM_X86_64;
	eh->e_version = EV_CURRENT;
	eh->e_entry = CODE_AT + offsetof(struct good, code);
	eh->e_phoff = offsetof(struct good, ph);
	eh->e_ehsize = sizeof(*eh);
	eh->e_phentsize = sizeof(Elf64_Phdr);
	eh->e_phnum = N(good.ph);
	good.ph[0] = (Elf64_Phdr) { PT_LOAD, PF_R | PF_X, 0, CODE_AT, CODE_AT, sizeof(good), sizeof(good),
		PAGE };
	good.ph[1] = (Elf64_Phdr) { PT_LOAD, PF_R | PF_W, 0, CODE_AT + 16 * PAGE, CODE_AT + 16 * PAGE,
		sizeof(good), 3 * PAGE, PAGE };
	good.ph[2] = (Elf64_Phdr) { PT_GNU_STACK, PF_R | PF_W, 0, 0, 0, 0, 0, 16 };
	good.ph[3] = (Elf64_Phdr) { PT_NULL, PF_R, offsetof(struct good, interp), 0, 0,
		sizeof(good.interp), sizeof(good.interp), 1 };
	good.ph[4] = (Elf64_Phdr) { PT_GNU_PROPERTY, PF_R, offsetof(struct good, note), 0, 0,
		sizeof(good.note), sizeof(good.note), 8 };
	memcpy(good.code, code, sizeof(code));
	strcpy(good.interp, "/tmp/interpreter");
	memcpy(good.note, "\4\0\0\0\20\0\0\0\5\0\0\0GNU\0\2\0\0\300\4\0\0\0\3\0\0\0\0\0\0\0", 32);
}

static void write_file(const char *name, const void *data, size_t len)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0700);

	if (fd < 0 || write(fd, data, len) != (ssize_t)len)
		bail("%s: %s", name, strerror(errno));
	close(fd);
}

/* Execute it: 0x1000 + errno if that fails, else the wait status; -1: it had to be killed. */
static int execute(const char *name)
{
	char *argv[] = { (char *)name, NULL };
	int status, ms = 0;
	pid_t pid = fork();

	if (pid == 0) {
		execve(name, argv, argv + 1);
		_exit(errno > 100 ? 100 : 100 + errno % 100);
	}
	while (waitpid(pid, &status, WNOHANG) != pid) {
		usleep(ms < 20 ? 500 : 5000);
		if (++ms > 100)
			kill(pid, SIGKILL);
		if (ms > 1000)
			return -1;
	}
	return WIFEXITED(status) && WEXITSTATUS(status) > 100 ? 0x1000 + WEXITSTATUS(status) - 100 :
	    status;
}

struct damage {
	const char	*name;
	size_t		at, len;
	unsigned long	value;
	int		error;		/* 0: it is killed, or an error */
};
#define EH(f)	offsetof(struct good, eh.f), sizeof(good.eh.f)
#define PH(i, f) offsetof(struct good, ph[i].f), sizeof(good.ph[i].f)

static const struct damage damages[] = {
	{ "another magic", EH(e_ident[0]), 'x', ENOEXEC },
	{ "another machine", EH(e_machine), EM_AARCH64, ENOEXEC },
	{ "an object file", EH(e_type), ET_REL, ENOEXEC },
	{ "a core", EH(e_type), ET_CORE, ENOEXEC },
	{ "no program headers", EH(e_phnum), 0, ENOEXEC },
	{ "65535 program headers", EH(e_phnum), 65535, ENOEXEC },
	{ "program headers of another size", EH(e_phentsize), 55, ENOEXEC },
	{ "program headers far away", EH(e_phoff), 1ul << 62, 0 },
	{ "program headers at a negative place", EH(e_phoff), -64ul, 0 },
	{ "an entry in the kernel", EH(e_entry), KERNEL, 0 },
	{ "an entry at no address", EH(e_entry), NO_ADDRESS, 0 },
	{ "an entry at null", EH(e_entry), 0, 0 },
	{ "a segment in the kernel", PH(1, p_vaddr), KERNEL, 0 },
	{ "one at no address", PH(1, p_vaddr), NO_ADDRESS, 0 },
	{ "one at the last page", PH(1, p_vaddr), 0x7fffffffe000, 0 },
	{ "one that is not where its data is", PH(1, p_vaddr), CODE_AT + 16 * PAGE + 8, 0 },
	{ "one of all the memory there is", PH(1, p_memsz), ~0ul, 0 },
	{ "one that wraps around", PH(1, p_memsz), 1ul << 63, 0 },
	{ "one larger in the file than in memory", PH(1, p_filesz), 1ul << 40, 0 },
	{ "an alignment that is none", PH(0, p_align), 3, 7 << 8 },
	{ "an interpreter that is not there", PH(3, p_type), PT_INTERP, ENOENT },
};

static void listed(void)
{
	struct good bad;
	int r;

	write_file(FILE_NAME, &good, sizeof(good));
	is(execute(FILE_NAME), 7 << 8, "one that is good");
	for (size_t i = 0; i < N(damages); i++) {
		const struct damage *d = &damages[i];

		bad = good;
		memcpy((char *)&bad + d->at, &d->value, d->len);
		write_file(FILE_NAME, &bad, sizeof(bad));
		r = execute(FILE_NAME);
		ok(d->error == 0 ? r > 0x1000 || WIFSIGNALED(r) :
		   d->error > 255 ? r == d->error : r == 0x1000 + d->error, "%s (%#x)", d->name, r);
	}
	for (size_t len = 0; len < sizeof(good.eh) + sizeof(good.ph); len += 40) {
		write_file(FILE_NAME, &good, len);
		r = execute(FILE_NAME);
		ok(r == 0x1000 + ENOEXEC || r == 0x1000 + EIO, "the first %zu bytes (%#x)", len, r);
	}
}

static void interpreters(void)
{
	struct good bad = good;
	static const struct {
		const char *name, *text;
		int error;
	} scripts[] = {
		{ "a script without an interpreter", "#!\n", ENOEXEC },
		{ "an interpreter that is not there", "#!/none/at/all\n", ENOENT },
		{ "an interpreter that is a directory", "#!/tmp\n", EACCES },
		{ "a script that is its own interpreter", "#!" FILE_NAME "\n", ELOOP },
		{ "text", "hello\n", ENOEXEC },
	};

	for (size_t i = 0; i < N(scripts); i++) {
		write_file(FILE_NAME, scripts[i].text, strlen(scripts[i].text));
		is(execute(FILE_NAME), 0x1000 + scripts[i].error, "%s", scripts[i].name);
	}
	bad.ph[3].p_type = PT_INTERP;
	memset(bad.interp, 'x', sizeof(bad.interp));
	write_file(FILE_NAME, &bad, sizeof(bad));
	is(execute(FILE_NAME), 0x1000 + ENOEXEC, "an interpreter's name without an end");
	strcpy(bad.interp, "/tmp");
	bad.ph[3].p_filesz = 5;
	write_file(FILE_NAME, &bad, sizeof(bad));
	is(execute(FILE_NAME), 0x1000 + EACCES, "an interpreter that is a directory");
	strcpy(bad.interp, FILE_NAME);
	bad.ph[3].p_filesz = sizeof(FILE_NAME);
	write_file(FILE_NAME, &bad, sizeof(bad));
	ok(execute(FILE_NAME) != 0, "a program that is its own interpreter");
}

/* Numbers that are special, or any, in the headers; some bytes anywhere. */
static void damage(struct good *bad, uint64_t *rng)
{
	static const unsigned long special[] = { 0, 1, 7, 0xff, PAGE - 1, PAGE, 0xffff, 0x7fffffff,
		0x80000000, 0xffffffff, 1ul << 47, 0x7fffffffe000, KERNEL, NO_ADDRESS, DIRECT,
		1ul << 62, 1ul << 63, -PAGE, -1ul, CODE_AT, PT_INTERP, PT_LOAD };
	unsigned long value;
	size_t at, len;

	*bad = good;
	for (unsigned n = 1 + rng_next(rng) % 4; n > 0; n--) {
		value = rng_next(rng) % 4 ? special[rng_next(rng) % N(special)] : rng_next(rng);
		len = (size_t)1 << rng_next(rng) % 4;
		at = rng_next(rng) % ((sizeof(*bad) - 8) / len) * len;
		memcpy((char *)bad + at, &value, len);
	}
}

static void any(uint64_t seed, long count)
{
	uint64_t rng = seed;
	int stuck = 0, ran = 0, refused = 0, killed = 0, r;
	struct good bad;

	write_file("/tmp/interpreter", &good, sizeof(good));
	for (long i = 0; i < count; i++) {
		damage(&bad, &rng);
		write_file(FILE_NAME, &bad, rng_next(&rng) % 8 ? sizeof(bad) : rng_next(&rng) % sizeof(bad));
		r = execute(FILE_NAME);
		stuck += r < 0;
		refused += r > 0x1000;
		killed += r >= 0 && r <= 0x1000 && WIFSIGNALED(r);
		ran += r >= 0 && r <= 0x1000 && WIFEXITED(r);
	}
	is(stuck, 0, "%ld damaged ones", count);
	diag("seed %lu: %d refused, %d killed, %d ran", (unsigned long)seed, refused, killed, ran);
	ok(refused > 0 && killed > 0 && ran > 0, "of all kinds");
	write_file(FILE_NAME, &good, sizeof(good));
	is(execute(FILE_NAME), 7 << 8, "a good one after them");
}

int main(int argc, char **argv)
{
	tap_begin();
	if (argc != 3)
		bail("usage: damaged SEED COUNT");
	make_good();
	listed();
	interpreters();
	any(strtoull(argv[1], NULL, 0), atol(argv[2]));
	return tap_done();
}
