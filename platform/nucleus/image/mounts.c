/* SPDX-License-Identifier: BSD-2-Clause */
/* File systems of the donor. See image.h. */
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/stat.h>

#include <nucleus/sync.h>
#include <nucleus/clock.h>

#include "image.h"

/* Drivers have looked for their disks when boot is done, but for those behind USB. */
#define DEVICE_WAIT	(1 * NSEC_PER_SEC)
#define DEVICE_WAIT_USB	(10 * NSEC_PER_SEC)
#define USB		"/sys/bus/usb/devices/usb1"
#define DEVICE_LOOK	(5 * NSEC_PER_MSEC)

#define NEW_ROOT	"/.root"
#define OPTIONS_LEN	4096		/* so much of them mount(2) looks at */

/*
 * mount(2). The call copies a whole page of options, and byte by byte if not all of it may be
 * read, as when a donor's constants follow ours.
 */
int mount_fs(const char *dev, const char *dir, const char *type, unsigned long flags,
    const char *options)
{
	static char page[OPTIONS_LEN] ALIGNED(OPTIONS_LEN);

	if (options != NULL)
		strlcpy(page, options, sizeof(page));
	return (int)pillion_sys_mount(dev, dir, type, flags, options != NULL ? page : NULL);
}

static bool is_mounted(const char *dir)
{
	struct stat here, above;

	return pillion_sys_newfstatat(AT_FDCWD, dir, &here, 0) == 0 &&
	    pillion_sys_newfstatat(AT_FDCWD, "/", &above, 0) == 0 && here.st_dev != above.st_dev;
}

/* Not having the place for it is no error: a root file system may be read-only. */
static int mount_one(const char *type, const char *dir, unsigned long flags, const char *data)
{
	int error;

	if (is_mounted(dir))
		return 0;
	(void)pillion_sys_mkdirat(AT_FDCWD, dir, 0755);
	error = mount_fs(type, dir, type, flags, data);
	return error == -ENOENT || error == -ENODEV ? 0 : error;
}

int mount_system(void)
{
	const unsigned long safe = MS_NOSUID | MS_NODEV | MS_NOEXEC;
	int error = mount_one("devtmpfs", "/dev", MS_NOSUID, "mode=0755");

	if (error == 0)
		error = mount_one("proc", "/proc", safe, NULL);
	if (error == 0)
		error = mount_one("sysfs", "/sys", safe, NULL);
	(void)pillion_sys_mkdirat(AT_FDCWD, "/tmp", 01777);
	(void)pillion_sys_fchmodat(AT_FDCWD, "/tmp", 01777);	/* whatever the umask is */
	if (error != 0 || !is_mounted("/dev"))
		return error;
	(void)pillion_sys_mkdirat(AT_FDCWD, "/dev/shm", 01777);
	(void)mount_one("devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC, "mode=0620,ptmxmode=0666");
	(void)pillion_sys_symlinkat("/proc/self/fd", AT_FDCWD, "/dev/fd");
	(void)pillion_sys_symlinkat("/proc/self/fd/0", AT_FDCWD, "/dev/stdin");
	(void)pillion_sys_symlinkat("/proc/self/fd/1", AT_FDCWD, "/dev/stdout");
	(void)pillion_sys_symlinkat("/proc/self/fd/2", AT_FDCWD, "/dev/stderr");
	return 0;
}

static bool exists(const char *path)
{
	struct stat st;

	return pillion_sys_newfstatat(AT_FDCWD, path, &st, 0) == 0;
}

/* Looks are counted: the clock goes on where a virtual machine stands still, and its disks wait. */
static int wait_for(const char *path)
{
	nsec_t looks = (exists(USB) ? DEVICE_WAIT_USB : DEVICE_WAIT) / DEVICE_LOOK;

	for (; !exists(path); looks--) {
		if (looks == 0)
			return -ENXIO;
		sleep_until(clock_now() + DEVICE_LOOK);
	}
	return 0;
}

/* The last words of the lines of /proc/partitions, two lines of headings left out. */
void disks_list(char *names, size_t size)
{
	char text[4096], *line = text, *end, *name;
	size_t len = 0;

	*names = '\0';
	if (file_read("/proc/partitions", text, sizeof(text)) < 0)
		return;
	for (; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		*end = '\0';
		for (name = end; name > line && name[-1] != ' '; name--)
			;
		if (line[0] == ' ' && len < size)
			len += (size_t)format(names + len, size - len, "%s%s", len > 0 ? ", " : "", name);
	}
}

/* UFS does not say of which kind it is; the first two are those of the BSDs. */
static int mount_ufs(const char *dev, const char *dir, unsigned long flags)
{
	int error = mount_fs(dev, dir, "ufs", flags, "ufstype=44bsd");

	return error != 0 ? mount_fs(dev, dir, "ufs", flags, "ufstype=ufs2") : 0;
}

static int mount_type(const char *dev, const char *dir, const char *type, unsigned long flags)
{
	if (strcmp(type, "ufs") == 0)
		return mount_ufs(dev, dir, flags);
	return mount_fs(dev, dir, type, flags, NULL);
}

/* Each type that the donor knows and that wants a device; the last error that says something. */
static int mount_auto(const char *dev, const char *dir, unsigned long flags)
{
	char list[1024], *type = list, *end;
	int error = -ENODEV, r = file_read("/proc/filesystems", list, sizeof(list));

	if (r < 0)
		return r;
	for (; (end = strchr(type, '\n')) != NULL; type = end + 1) {
		*end = '\0';
		if (*type != '\t')		/* "nodev" */
			continue;
		r = mount_type(dev, dir, type + 1, flags | MS_SILENT);
		if (r == 0)
			return 0;
		if (r != -EINVAL)
			error = r;
	}
	return error;
}

static int mount_at(const struct mount *m, const char *dir)
{
	unsigned long flags = m->rdonly ? MS_RDONLY : 0;
	char dev[128];
	int error;

	if (format(dev, sizeof(dev), "/dev/%s", m->dev) >= (int)sizeof(dev))
		return -ENAMETOOLONG;
	error = wait_for(dev);
	if (error != 0)
		return error;
	if (strcmp(m->type, "auto") == 0)
		return mount_auto(dev, dir, flags);
	return mount_type(dev, dir, m->type, flags);
}

int mount_disk(const struct mount *m)
{
	int error = make_dirs(m->path);

	/* On a root that cannot be written the directory may be there all the same. */
	if (error != 0 && error != -EROFS)
		return error;
	return mount_at(m, m->path);
}

int mount_root(const struct mount *m)
{
	long error = pillion_sys_mkdirat(AT_FDCWD, NEW_ROOT, 0755);

	if (error == 0)
		error = mount_at(m, NEW_ROOT);
	if (error == 0)
		error = pillion_sys_chdir(NEW_ROOT);
	if (error == 0)
		error = mount_fs(".", "/", NULL, MS_MOVE, NULL);
	if (error == 0)
		error = pillion_sys_chroot(".");
	if (error == 0)
		error = pillion_sys_chdir("/");
	return error != 0 ? (int)error : mount_system();
}
