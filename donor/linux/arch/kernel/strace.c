// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tracing programs' system calls to the console: "strace" on the kernel's command line. One line
 * a call, when it returns: process, name, arguments, result; when it begins, if it is a call that
 * may not return. Names and numbers of arguments are the donor's own (cpu/<isa>/); what the
 * arguments are is said here for the usual calls, and the others' are shown as numbers.
 */
#include <linux/kernel.h>
#include <linux/errname.h>
#include <linux/fcntl.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/init.h>
#include <linux/mman.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <linux/signal.h>
#include <linux/socket.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/un.h>
#include <linux/unistd.h>
#include <asm/program.h>
#include <asm/rump.h>
#include <asm/syscall.h>

#define LINE		400
#define STRING_SHOWN	48
#define BYTES_SHOWN	32
#define STRINGS_SHOWN	8

bool pillion_strace;

static const struct call {
	const char *name;
	signed char args;
} calls[NR_syscalls] = {
#include <asm/syscall_names.h>
};

/*
 * A letter an argument: d descriptor, s string, v strings, b bytes given (as many as the next
 * argument says), B bytes got (as many as the result says), a address given (length: the next),
 * o open's flags, m mode, p protection, f mmap's flags, S signal, i signed number, t time given,
 * n two numbers got, w status got, l limits given, L limits got; anything else: a number.
 */
static const struct format {
	const char *names, *args;
} formats[] = {
	{ "read pread64 recvfrom", "dBu" },
	{ "getrandom", "Bux" },
	{ "write pwrite64", "dbu" },
	{ "sendto", "dbuxau" },
	{ "open", "som" },
	{ "openat", "dsom" },
	{ "creat mkdir chmod", "sm" },
	{ "mkdirat fchmodat", "dsm" },
	{ "fchmod", "dm" },
	{ "stat lstat access statfs truncate utime chown lchown mknod acct", "sxx" },
	{ "newfstatat faccessat faccessat2 statx utimensat fchownat mknodat unlinkat", "dsxx" },
	{ "unlink rmdir chdir chroot swapon swapoff", "s" },
	{ "rename link symlink pivot_root", "ss" },
	{ "renameat renameat2 linkat", "dsds" },
	{ "symlinkat", "sds" },
	{ "readlink", "sBu" },
	{ "readlinkat", "dsBu" },
	{ "mount", "sssx" },
	{ "umount2 umount", "sx" },
	{ "execve", "svx" },
	{ "execveat", "dsvx" },
	{ "getcwd", "su" },
	{ "sethostname", "su" },
	{ "getxattr lgetxattr setxattr lsetxattr", "ssxu" },
	{ "memfd_create", "sx" },
	{ "close fstat fsync fdatasync fchdir dup getdents64 fcntl flock ioctl dup2 dup3 fstatfs "
	  "readv writev lseek ftruncate listen shutdown getsockopt setsockopt accept accept4 "
	  "getsockname getpeername epoll_ctl epoll_wait recvmsg sendmsg sendfile64", "ddxxxx" },
	{ "bind connect", "dau" },
	{ "mmap", "xupfdx" },
	{ "mprotect", "xup" },
	{ "pipe pipe2", "nx" },
	{ "socketpair", "uuun" },
	{ "kill tkill", "iS" },
	{ "tgkill", "iiS" },
	{ "rt_sigaction", "Sxxu" },
	{ "wait4", "iwxx" },
	{ "nanosleep", "tx" },
	{ "clock_nanosleep", "uxtx" },
	{ "setpgid", "ii" },
	{ "getrlimit", "uL" },
	{ "setrlimit", "ul" },
	{ "prlimit64", "iulL" },
};

static const char *format_of[NR_syscalls];

/* Is name one of a list of words? */
static bool listed(const char *list, const char *name)
{
	size_t len = strlen(name);
	const char *at = list;

	while ((at = strstr(at, name))) {
		if ((at == list || at[-1] == ' ') && (!at[len] || at[len] == ' '))
			return true;
		at += len;
	}
	return false;
}

static int __init strace_setup(char *arg)
{
	unsigned int nr, i;

	pillion_strace = true;
	for (nr = 0; nr < NR_syscalls; nr++)
		for (i = 0; calls[nr].name && i < ARRAY_SIZE(formats); i++)
			if (listed(formats[i].names, calls[nr].name))
				format_of[nr] = formats[i].args;
	return 1;
}
__setup("strace", strace_setup);

/* ---- text ---- */

struct line {
	size_t len;
	char text[LINE];
};

static __printf(2, 3) void put(struct line *l, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	l->len += vscnprintf(l->text + l->len, LINE - l->len, fmt, ap);
	va_end(ap);
}

static void put_number(struct line *l, unsigned long v)
{
	put(l, v < 65536 ? "%lu" : "%#lx", v);
}

static void put_bytes(struct line *l, const char *bytes, size_t n, bool more)
{
	size_t i;

	put(l, "\"");
	for (i = 0; i < n; i++)
		put(l, bytes[i] == '\n' ? "\\n" : bytes[i] == '"' || bytes[i] == '\\' ? "\\%c" :
		    bytes[i] >= ' ' && bytes[i] < 127 ? "%c" : "\\%03o", (unsigned char)bytes[i]);
	put(l, more ? "\"..." : "\"");
}

static void put_string(struct line *l, unsigned long addr)
{
	char buf[STRING_SHOWN];
	long n = addr ? strncpy_from_user(buf, (const char __user *)addr, sizeof(buf)) : -EFAULT;

	if (n < 0)
		put(l, addr ? "%#lx" : "NULL", addr);
	else
		put_bytes(l, buf, n, n == sizeof(buf));
}

static void put_strings(struct line *l, unsigned long addr)
{
	unsigned long __user *array = (unsigned long __user *)addr;
	unsigned long string;
	unsigned int i;

	put(l, "[");
	for (i = 0; addr && !get_user(string, array + i) && string; i++) {
		if (i == STRINGS_SHOWN) {
			put(l, ", ...");
			break;
		}
		put(l, i ? ", " : "");
		put_string(l, string);
	}
	put(l, "]");
}

static void put_memory(struct line *l, unsigned long addr, unsigned long n)
{
	char buf[BYTES_SHOWN];
	unsigned long shown = min_t(unsigned long, n, sizeof(buf));

	if (!addr || copy_from_user(buf, (const void __user *)addr, shown))
		put(l, addr ? "%#lx" : "NULL", addr);
	else
		put_bytes(l, buf, shown, shown < n);
}

struct flag {
	unsigned long bits;
	const char *name;
};
#define FLAG(name)	{ name, #name }

static const struct flag open_flags[] = {
	FLAG(O_WRONLY), FLAG(O_RDWR), FLAG(O_CREAT), FLAG(O_EXCL), FLAG(O_NOCTTY), FLAG(O_TRUNC),
	FLAG(O_APPEND), FLAG(O_NONBLOCK), FLAG(O_SYNC), FLAG(O_DSYNC), FLAG(O_DIRECT),
	FLAG(O_TMPFILE), FLAG(O_DIRECTORY), FLAG(O_NOFOLLOW), FLAG(O_CLOEXEC), FLAG(O_PATH), { }
};
static const struct flag prot_flags[] = {
	FLAG(PROT_READ), FLAG(PROT_WRITE), FLAG(PROT_EXEC), { }
};
static const struct flag map_flags[] = {
	FLAG(MAP_SHARED_VALIDATE), FLAG(MAP_SHARED), FLAG(MAP_PRIVATE), FLAG(MAP_FIXED),
	FLAG(MAP_FIXED_NOREPLACE), FLAG(MAP_ANONYMOUS), FLAG(MAP_STACK), FLAG(MAP_NORESERVE),
	FLAG(MAP_POPULATE), FLAG(MAP_GROWSDOWN), FLAG(MAP_DENYWRITE), { }
};

static void put_flags(struct line *l, const struct flag *f, const char *zero, unsigned long v)
{
	const char *between = "";

	if (zero) {
		put(l, "%s", zero);
		between = "|";
	}
	for (; f->bits; f++)
		if ((v & f->bits) == f->bits) {
			put(l, "%s%s", between, f->name);
			between = "|";
			v &= ~f->bits;
		}
	if (v || !*between)
		put(l, "%s%#lx", between, v);
}

/* A socket's address, as far as its kind is known. */
static void put_address(struct line *l, unsigned long addr, unsigned long len)
{
	union {
		struct sockaddr_storage any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
	} a = { };

	if (!addr || copy_from_user(&a, (const void __user *)addr, min_t(unsigned long, len, sizeof(a)))) {
		put(l, addr ? "%#lx" : "NULL", addr);
		return;
	}
	if (a.any.ss_family == AF_INET)
		put(l, "{%pI4:%u}", &a.in.sin_addr, ntohs(a.in.sin_port));
	else if (a.any.ss_family == AF_INET6)
		put(l, "{[%pI6c]:%u}", &a.in6.sin6_addr, ntohs(a.in6.sin6_port));
	else if (a.any.ss_family == AF_UNIX)
		put(l, "{unix \"%.*s\"}", (int)sizeof(a.un.sun_path) - 1, a.un.sun_path);
	else
		put(l, "{family %u}", a.any.ss_family);
}

/* Two numbers in memory. size: of each. */
static void put_pair(struct line *l, unsigned long addr, size_t size, const char *fmt)
{
	s64 v[2];
	s32 w[2];

	if (!addr || copy_from_user(size == 8 ? (void *)v : w, (const void __user *)addr, 2 * size))
		put(l, addr ? "%#lx" : "NULL", addr);
	else if (size == 8)
		put(l, fmt, v[0], v[1]);
	else
		put(l, fmt, (s64)w[0], (s64)w[1]);
}

static void put_status(struct line *l, unsigned long addr)
{
	int status;

	if (!addr || get_user(status, (int __user *)addr))
		put(l, addr ? "%#lx" : "NULL", addr);
	else
		put(l, "[%#x]", status);
}

/* ret: NULL while the call has not returned. */
static void put_argument(struct line *l, char kind, unsigned long v, unsigned long next,
			 const long *ret)
{
	if (strchr("BnwL", kind) && (!ret || *ret < 0))
		kind = 'x';	/* what it would have got */
	switch (kind) {
	case 'd':
		put(l, (int)v == AT_FDCWD ? "AT_FDCWD" : "%d", (int)v);
		break;
	case 'i':
		put(l, "%d", (int)v);
		break;
	case 's':
		put_string(l, v);
		break;
	case 'v':
		put_strings(l, v);
		break;
	case 'b':
		put_memory(l, v, next);
		break;
	case 'B':
		put_memory(l, v, *ret);
		break;
	case 'a':
		put_address(l, v, next);
		break;
	case 'o':
		put_flags(l, open_flags, v & O_ACCMODE ? NULL : "O_RDONLY", v);
		break;
	case 'p':
		put_flags(l, prot_flags, v ? NULL : "PROT_NONE", v);
		break;
	case 'f':
		put_flags(l, map_flags, NULL, v);
		break;
	case 'm':
		put(l, "%#lo", v);
		break;
	case 'S':
		put(l, "signal %d", (int)v);
		break;
	case 't':
		put_pair(l, v, 8, "{%lld.%09lld}");
		break;
	case 'n':
		put_pair(l, v, 4, "[%lld, %lld]");
		break;
	case 'l':
	case 'L':
		put_pair(l, v, 8, "{%#llx, %#llx}");
		break;
	case 'w':
		put_status(l, v);
		break;
	default:
		put_number(l, v);
	}
}

static void put_call(struct line *l, unsigned int nr, const unsigned long *a, const long *ret)
{
	bool known = nr < NR_syscalls && calls[nr].name;
	const char *format = known && format_of[nr] ? format_of[nr] : "";
	unsigned int i, args = known ? calls[nr].args : 6;

	put(l, "[%d] %s(", task_pid_nr(current), known ? calls[nr].name : "?");
	for (i = 0; i < args; i++) {
		put(l, i ? ", " : "");
		put_argument(l, *format ? *format : 'x', a[i], i < 5 ? a[i + 1] : 0, ret);
		format += !!*format;
	}
	put(l, ")");
}

/* ---- calls ---- */

/* Nothing comes after these, or not what was called. */
static bool no_return(unsigned int nr)
{
	return nr == __NR_exit || nr == __NR_exit_group || nr == __NR_execve || nr == __NR_execveat ||
	       nr == __NR_rt_sigreturn;
}

void pillion_strace_enter(unsigned int nr, const unsigned long *a)
{
	struct line l = { .len = 0 };

	if (!no_return(nr))
		return;
	put_call(&l, nr, a, NULL);
	rumpuser_dprintf("%s ...\n", l.text);
}

void pillion_strace_exit(unsigned int nr, const unsigned long *a, long ret)
{
	const char *name = errname(ret);
	struct line l = { .len = 0 };

	if (no_return(nr) && !IS_ERR_VALUE(ret))
		return;
	put_call(&l, nr, a, &ret);
	put(&l, " = ");
	if (IS_ERR_VALUE(ret) && name)
		put(&l, "%s", name);
	else if (IS_ERR_VALUE(ret))
		put(&l, "%ld", ret);
	else
		put_number(&l, ret);
	rumpuser_dprintf("%s\n", l.text);
}
