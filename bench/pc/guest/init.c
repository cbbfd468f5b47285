/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Process 1 of the Linux guest that Pillion is measured beside: the least that starts a program.
 *
 *	init [-n ADDRESS] [-r DEVICE] PROGRAM [ARGUMENT]...
 *
 * Loads what /modules has in the order of the names, gives eth0 an address of a /24 network,
 * mounts the ext4 file system of a device as the program's root, runs the program and turns the
 * machine off. The kernel hands over what follows "--" on its command line. Static, no threads.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

__attribute__((noreturn))
static void die(const char *what)
{
	printf("init: %s: %s\n", what, strerror(errno));
	fflush(stdout);
	reboot(RB_POWER_OFF);
	exit(1);
}

static int visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static void load_modules(void)
{
	struct dirent **names;
	int n = scandir("/modules", &names, visible, alphasort), fd;
	char path[300];

	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "/modules/%s", names[i]->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || syscall(SYS_finit_module, fd, "", 0))
			die(path);
		close(fd);
	}
}

static void set(const char *name, int request, const char *address)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct ifreq r = { .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	strncpy(r.ifr_name, name, IFNAMSIZ - 1);
	if (address) {
		if (inet_pton(AF_INET, address, &sin.sin_addr) != 1)
			errno = EINVAL, die(address);
		memcpy(&r.ifr_addr, &sin, sizeof(sin));
	}
	if (fd < 0 || ioctl(fd, request, &r))
		die(name);
	close(fd);
}

static void network(const char *address)
{
	set("lo", SIOCSIFFLAGS, NULL);
	set("eth0", SIOCSIFADDR, address);
	set("eth0", SIOCSIFNETMASK, "255.255.255.0");
	set("eth0", SIOCSIFFLAGS, NULL);
}

static void root(const char *device)
{
	if (mount(device, "/root", "ext4", 0, NULL))
		die(device);
	if (chroot("/root") || chdir("/"))
		die("/root");
}

int main(int argc, char **argv)
{
	const char *address = NULL, *device = NULL;
	int opt, status = 0;
	pid_t pid;

	while ((opt = getopt(argc, argv, "+n:r:")) != -1) {
		if (opt == 'n')
			address = optarg;
		else if (opt == 'r')
			device = optarg;
		else
			errno = EINVAL, die("arguments");
	}
	if (optind == argc)
		errno = EINVAL, die("no program");
	load_modules();
	(void)mkdir("/dev", 0755);
	(void)mkdir("/root", 0755);
	if (mount("dev", "/dev", "devtmpfs", 0, NULL))
		die("/dev");
	if (address)
		network(address);
	if (device)
		root(device);
	pid = fork();
	if (pid == 0) {
		execv(argv[optind], argv + optind);
		die(argv[optind]);
	}
	if (pid < 0)
		die("fork");
	while (wait(&status) != pid || (!WIFEXITED(status) && !WIFSIGNALED(status)))
		;
	sync();
	reboot(RB_POWER_OFF);
	return 1;
}
