/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An ISO image that boots by GRUB, from a CD or a USB stick, under BIOS and UEFI. grub-mkrescue(1)
 * makes it from a private directory.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel.h"
#include "report.h"
#include "sys.h"

/* The menu is for who wants to change the command line: Escape, or where it can be seen, Shift. */
static const char grub_config[] =
	"if [ \"$grub_platform\" = efi ]; then\n"
	"\tset timeout_style=hidden\n"
	"\tset timeout=1\n"
	"elif keystatus --shift; then\n"
	"\tset timeout=-1\n"
	"else\n"
	"\tset timeout=0\n"
	"fi\n"
	"set default=0\n"
	"menuentry \"Pillion\" {\n"
	"\tif [ \"$grub_platform\" = efi ]; then\n"
	"\t\tinsmod all_video\n"
	"\t\tset gfxpayload=keep\n"
	"\tfi\n"
	"\tmultiboot2 /boot/pillion.elf\n"
	"\tmodule2 /boot/archive.cpio\n"
	"}\n";

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int put_file(const char *dir, const char *name, int from, const char *text)
{
	char path[PATH_MAX];
	int fd, r;

	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= PATH_MAX)
		return -ENAMETOOLONG;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	r = text ? sys_write_all(&host_side, fd, text, strlen(text)) : copy_file(from, fd);
	return close(fd) != 0 && r == 0 ? -errno : r;
}

static int fill(const char *dir, int kernel, int archive)
{
	static const char *const dirs[] = { "boot", "boot/grub" };
	char path[PATH_MAX];
	int r = 0;

	for (int i = 0; i < 2 && r == 0; i++) {
		if (snprintf(path, sizeof(path), "%s/%s", dir, dirs[i]) >= PATH_MAX)
			r = -ENAMETOOLONG;
		else if (mkdir(path, 0755) != 0)
			r = -errno;
	}
	if (r == 0)
		r = put_file(dir, "boot/grub/grub.cfg", -1, grub_config);
	if (r == 0)
		r = put_file(dir, "boot/pillion.elf", kernel, NULL);
	if (r == 0)
		r = put_file(dir, "boot/archive.cpio", archive, NULL);
	if (r != 0)
		report_fail(EXIT_RUN, r, "%s", dir);
	return r;
}

/* What it said comes out if it failed. */
static int grub_mkrescue(const char *out, const char *dir)
{
	int log = memfd_create("grub-mkrescue", MFD_CLOEXEC), status = -1;
	char text[2048];
	ssize_t n;
	sigset_t none;
	pid_t pid = fork();

	if (pid == 0) {
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		if (log >= 0) {
			dup2(log, STDOUT_FILENO);
			dup2(log, STDERR_FILENO);
		}
		execlp("grub-mkrescue", "grub-mkrescue", "-o", out, dir, NULL);
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		close(log);
		return 0;
	}
	if (pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 127) {
		report_fail(EXIT_RUN, 0, "grub-mkrescue is not installed (Debian package "
			    "grub-common)");
	} else {
		report_fail(EXIT_RUN, 0, "grub-mkrescue failed:");
		n = log >= 0 ? pread(log, text, sizeof(text) - 1, 0) : 0;
		if (n > 0)
			fprintf(stderr, "%.*s", (int)n, text);
	}
	close(log);
	return -1;
}

/* GRUB's modules for both kinds of firmware, and what grub-mkrescue calls. */
static bool tools_there(void)
{
	static const struct { const char *path, *package; } needs[] = {
		{ "/usr/lib/grub/i386-pc", "grub-pc-bin" },
		{ "/usr/lib/grub/x86_64-efi", "grub-efi-amd64-bin" },
		{ "/usr/bin/xorriso", "xorriso" },
		{ "/usr/bin/mformat", "mtools" },
	};
	bool ok = true;

	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		if (access(needs[i].path, R_OK) == 0)
			continue;
		report_fail(EXIT_RUN, 0, "for an ISO %s is needed (Debian package %s)",
			    needs[i].path, needs[i].package);
		ok = false;
	}
	return ok;
}

int kernel_write_iso(const char *kernel, int archive, const char *out)
{
	const char *base = getenv("TMPDIR");
	char dir[PATH_MAX], temp[PATH_MAX];
	int fd, to, r = -1;

	if (!tools_there())
		return -1;
	fd = open(kernel, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		report_fail(EXIT_RUN, -errno, "%s", kernel);
		return -1;
	}
	snprintf(dir, sizeof(dir), "%s/pillion-XXXXXX", base && *base ? base : "/tmp");
	if (!mkdtemp(dir)) {
		report_fail(EXIT_RUN, -errno, "%s", dir);
		close(fd);
		return -1;
	}
	to = fill(dir, fd, archive) == 0 ? output_begin(out, temp) : -1;
	if (to >= 0) {
		r = grub_mkrescue(temp, dir);
		r = output_end(to, out, temp, r == 0);
	}
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	close(fd);
	return r;
}
