/* SPDX-License-Identifier: BSD-2-Clause */
/* The nucleus image; see kernel.h. The ISO is in iso.c. */
#include "kernel.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pillion/image.h>

#include "report.h"
#include "sys.h"

#define PAGE 4096ULL
#define MAX_PHDRS 64
#define MAX_NOTES (1U << 16)
#define CHUNK (1U << 18)
#define ALIGN_UP(n, to) (((n) + (to) - 1) & ~((to) - 1))

int kernel_find(const char *name, char path[PATH_MAX])
{
	static const char *const places[] = {
		"%s/../../%s/image/pillion.elf",	/* build/ISA/CONFIG/bin/pillion */
		"%s/../share/pillion/%s.elf",		/* PREFIX/bin/pillion */
	};
	char dir[PATH_MAX];
	size_t len = strlen(name);
	ssize_t n;

	if (strchr(name, '/') || (len > 4 && strcmp(name + len - 4, ".elf") == 0)) {
		if (len < PATH_MAX && access(name, R_OK) == 0) {
			memcpy(path, name, len + 1);
			return 0;
		}
		report_fail(EXIT_RUN, len < PATH_MAX ? -errno : -ENAMETOOLONG, "--kernel %s", name);
		return -1;
	}
	n = readlink("/proc/self/exe", dir, sizeof(dir) - 1);
	dir[n > 0 ? n : 0] = '\0';
	if (strrchr(dir, '/'))
		*strrchr(dir, '/') = '\0';
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		char *real;
		char text[2 * PATH_MAX];

		if (snprintf(text, sizeof(text), places[i], dir, name) >= PATH_MAX)
			continue;
		real = realpath(text, NULL);
		if (real && access(real, R_OK) == 0) {
			snprintf(path, PATH_MAX, "%s", real);
			free(real);
			return 0;
		}
		free(real);
	}
	report_fail(EXIT_RUN, 0, "there is no nucleus image '%s' in %s/../../%s/image or "
		    "%s/../share/pillion; --kernel FILE names one", name, dir, name, dir);
	return -1;
}

int output_begin(const char *out, char temp[PATH_MAX])
{
	mode_t mask = umask(0);
	int fd;

	umask(mask);
	if (snprintf(temp, PATH_MAX, "%s.XXXXXX", out) >= PATH_MAX) {
		report_fail(EXIT_RUN, -ENAMETOOLONG, "%s", out);
		return -1;
	}
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0)
		report_fail(EXIT_RUN, -errno, "%s", out);
	else
		fchmod(fd, 0666 & ~mask);
	return fd;
}

int output_end(int fd, const char *out, const char *temp, int ok)
{
	int r = ok ? 0 : -1;

	if (close(fd) != 0 && r == 0) {
		report_fail(EXIT_RUN, -errno, "%s", out);
		r = -1;
	}
	if (r == 0 && rename(temp, out) != 0) {
		report_fail(EXIT_RUN, -errno, "%s", out);
		r = -1;
	}
	if (r != 0)
		unlink(temp);
	return r;
}

int copy_file(int from, int to)
{
	char *buf = malloc(CHUNK);
	ssize_t n = buf ? 1 : -ENOMEM;
	int r = 0;

	for (off_t off = 0; n > 0 && r == 0; off += n) {
		n = sys_pread(&host_side, from, buf, CHUNK, off);
		if (n > 0)
			r = sys_write_all(&host_side, to, buf, (size_t)n);
	}
	free(buf);
	return n < 0 ? (int)n : r;
}

/* A nucleus image, as far as it matters here. */
struct kernel {
	const char *name;
	int fd;
	Elf64_Ehdr eh;
	Elf64_Phdr ph[MAX_PHDRS];
	uint64_t size;
	uint64_t note;		/* offset in the file of struct pillion_note_archive; 0: none */
};

static int refuse(const struct kernel *k, const char *why)
{
	report_fail(EXIT_RUN, 0, "%s: %s", k->name, why);
	return -1;
}

static bool read_exactly(int fd, void *buf, size_t len, uint64_t off)
{
	return off <= INT64_MAX && sys_pread(&host_side, fd, buf, len, (off_t)off) == (ssize_t)len;
}

/* Look through the notes of one segment. */
static void find_note(struct kernel *k, const Elf64_Phdr *ph)
{
	char *buf = ph->p_filesz <= MAX_NOTES ? malloc(ph->p_filesz + 1) : NULL;
	uint64_t at = 0;

	if (!buf || !read_exactly(k->fd, buf, ph->p_filesz, ph->p_offset)) {
		free(buf);
		return;
	}
	while (!k->note && ph->p_filesz - at >= sizeof(Elf64_Nhdr)) {
		Elf64_Nhdr n;
		uint64_t name = at + sizeof(n), desc, end;

		memcpy(&n, buf + at, sizeof(n));
		desc = name + ALIGN_UP((uint64_t)n.n_namesz, 4);
		end = desc + ALIGN_UP((uint64_t)n.n_descsz, 4);
		if (end > ph->p_filesz)
			break;
		if (n.n_type == PILLION_NOTE_ARCHIVE &&
		    n.n_namesz == sizeof(PILLION_NOTE_NAME) &&
		    memcmp(buf + name, PILLION_NOTE_NAME, n.n_namesz) == 0 &&
		    n.n_descsz == sizeof(struct pillion_note_archive))
			k->note = ph->p_offset + desc;
		at = end;
	}
	free(buf);
}

static int read_kernel(struct kernel *k)
{
	struct stat st;

	if (fstat(k->fd, &st) != 0 || !read_exactly(k->fd, &k->eh, sizeof(k->eh), 0) ||
	    memcmp(k->eh.e_ident, ELFMAG, SELFMAG) != 0)
		return refuse(k, "not an ELF file");
	k->size = (uint64_t)st.st_size;
	if (k->eh.e_ident[EI_CLASS] != ELFCLASS64 || k->eh.e_ident[EI_DATA] != ELFDATA2LSB ||
	    k->eh.e_phentsize != sizeof(Elf64_Phdr) || k->eh.e_phnum > MAX_PHDRS ||
	    !read_exactly(k->fd, k->ph, k->eh.e_phnum * sizeof(Elf64_Phdr), k->eh.e_phoff))
		return refuse(k, "not a nucleus image: its ELF headers are not as they should be");
	for (unsigned i = 0; i < k->eh.e_phnum; i++) {
		const Elf64_Phdr *ph = &k->ph[i];

		if (ph->p_type == PT_LOAD && (ph->p_offset > k->size ||
					      ph->p_filesz > k->size - ph->p_offset))
			return refuse(k, "it is truncated");
		if (ph->p_type == PT_LOAD && (ph->p_paddr > UINT32_MAX ||
					      ph->p_memsz > UINT32_MAX))
			return refuse(k, "not a nucleus image: it lies above 4 GiB");
		if (ph->p_type == PT_NOTE && !k->note)
			find_note(k, ph);
	}
	return 0;
}

/* Where what is loaded ends, in physical memory; *delta: virtual addresses lie so far above. */
static uint64_t load_end(const struct kernel *k, uint64_t *delta)
{
	uint64_t end = 0;

	*delta = 0;
	for (unsigned i = 0; i < k->eh.e_phnum; i++) {
		const Elf64_Phdr *ph = &k->ph[i];

		if (ph->p_type == PT_LOAD && ph->p_paddr + ph->p_memsz >= end) {
			end = ph->p_paddr + ph->p_memsz;
			*delta = ph->p_vaddr - ph->p_paddr;
		}
	}
	return ALIGN_UP(end, PAGE);
}

/* The spare program header becomes the archive's segment, behind all others. */
static int add_segment(struct kernel *k, uint64_t offset, uint64_t size,
		       struct pillion_note_archive *note)
{
	uint64_t delta, end = load_end(k, &delta);
	Elf64_Phdr *spare = NULL;

	for (unsigned i = 0; i < k->eh.e_phnum && !spare; i++)
		if (k->ph[i].p_type == PT_NULL)
			spare = &k->ph[i];
	if (!spare || !k->note)
		return refuse(k, "this image has no room for an archive (no note, or no spare "
			      "program header)");
	if (size > UINT32_MAX - end)
		return refuse(k, "the archive does not fit below 4 GiB");
	*spare = (Elf64_Phdr){
		.p_type = PT_LOAD, .p_flags = PF_R, .p_offset = offset, .p_paddr = end,
		.p_vaddr = end + delta, .p_filesz = size, .p_memsz = size, .p_align = PAGE,
	};
	*note = (struct pillion_note_archive){ PILLION_IMAGE_VERSION, 0, end, size };
	return 0;
}

static int write_parts(struct kernel *k, int archive, int to)
{
	struct pillion_note_archive note;
	uint64_t offset = ALIGN_UP(k->size, PAGE);
	struct stat st;
	int r;

	if (fstat(archive, &st) != 0)
		return refuse(k, "the archive cannot be read");
	if (add_segment(k, offset, (uint64_t)st.st_size, &note) != 0)
		return -1;
	r = copy_file(k->fd, to);
	if (r == 0 && lseek(to, (off_t)offset, SEEK_SET) < 0)
		r = -errno;
	if (r == 0)
		r = copy_file(archive, to);
	if (r == 0)
		r = sys_pwrite_all(&host_side, to, k->ph, k->eh.e_phnum * sizeof(Elf64_Phdr),
				   (off_t)k->eh.e_phoff);
	if (r == 0)
		r = sys_pwrite_all(&host_side, to, &note, sizeof(note), (off_t)k->note);
	if (r != 0)
		report_fail(EXIT_RUN, r, "writing the image");
	return r ? -1 : 0;
}

static int open_kernel(struct kernel *k, const char *name)
{
	*k = (struct kernel){ .name = name, .fd = open(name, O_RDONLY | O_CLOEXEC) };
	if (k->fd < 0) {
		report_fail(EXIT_RUN, -errno, "%s", name);
		return -1;
	}
	if (read_kernel(k) == 0)
		return 0;
	close(k->fd);
	return -1;
}

int kernel_end(const char *kernel, uint64_t *end)
{
	static struct kernel k;
	uint64_t delta;

	if (open_kernel(&k, kernel) != 0)
		return -1;
	close(k.fd);
	*end = load_end(&k, &delta);
	return 0;
}

int kernel_write_elf(const char *kernel, int archive, const char *out)
{
	static struct kernel k;
	char temp[PATH_MAX];
	int to, r = -1;

	if (open_kernel(&k, kernel) != 0)
		return -1;
	to = output_begin(out, temp);
	if (to >= 0) {
		r = write_parts(&k, archive, to);
		r = output_end(to, out, temp, r == 0);
	}
	close(k.fd);
	return r;
}
