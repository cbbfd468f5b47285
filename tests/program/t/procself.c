/* SPDX-License-Identifier: BSD-2-Clause */
/* What a program reads of itself in /proc. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/utsname.h>

#include "tap.h"

static char text[65536];
static size_t len;

static char *get(const char *path)
{
	int fd = open(path, O_RDONLY);
	ssize_t n;

	len = 0;
	while (fd >= 0 && (n = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = 0;
	close(fd);
	return text;
}

int main(int argc, char **argv)
{
	struct utsname u;
	char exe[256] = "", line[300], *name;
	unsigned long value;
	int n = 0;
	DIR *d;

	(void)argc;
	tap_begin();
	get("/proc/self/cmdline");
	ok(len >= strlen(argv[0]) + 1 && !strcmp(text, argv[0]), "cmdline");
	get("/proc/self/environ");
	ok(memmem(text, len, "TERM=", 5) != NULL, "environ");
	ok(readlink("/proc/self/exe", exe, sizeof(exe) - 1) > 0 && exe[0] == '/', "exe");
	name = strrchr(exe, '/') + 1;
	get("/proc/self/maps");
	ok(strstr(text, exe) && strstr(text, "[stack]") && strstr(text, "[vdso]"), "maps");
	get("/proc/self/stat");
	snprintf(line, sizeof(line), "%d (%.15s) R ", getpid(), name);
	ok(!strncmp(text, line, strlen(line)), "stat: %.40s", text);
	get("/proc/self/status");
	ok(strstr(text, "VmRSS:") && strstr(text, "Threads:\t1\n"), "status");
	get("/proc/self/statm");
	ok(sscanf(text, "%lu", &value) == 1 && value > 10, "statm");
	get("/proc/self/auxv");
	ok(len > 0 && len % 16 == 0, "auxv");
	get("/proc/self/limits");
	ok(strstr(text, "Max open files") != NULL, "limits");
	d = opendir("/proc/self/fd");
	while (d && readdir(d))
		n++;
	ok(n >= 2 + 4, "fd: %d entries", n);
	closedir(d);
	n = 0;
	d = opendir("/proc/self/task");
	while (d && readdir(d))
		n++;
	is(n, 3, "task");
	closedir(d);
	ok(!strcmp((char *)getauxval(AT_EXECFN), argv[0]), "AT_EXECFN");
	ok(!strcmp((char *)getauxval(AT_PLATFORM), "x86_64"), "AT_PLATFORM");
	is((long)getauxval(AT_PAGESZ), 4096, "AT_PAGESZ");
	ok(getauxval(AT_RANDOM) != 0, "AT_RANDOM");
	prctl(PR_SET_NAME, "renamed");
	ok(!strcmp(get("/proc/self/comm"), "renamed\n"), "a name that was set");
	ok(uname(&u) == 0 && !strcmp(u.sysname, "Linux") && !strcmp(u.machine, "x86_64"), "uname");
	is(open("/proc/self/mem", O_RDONLY) >= 0, 1, "mem opens");
	n = open("/proc/self/mem", O_RDONLY);
	value = 0x1122334455667788;
	{
		unsigned long copy = 0;

		ok(pread(n, &copy, sizeof(copy), (long)&value) == sizeof(copy) && copy == value, "and reads");
	}
	return tap_done();
}
