/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory: mappings of all kinds, copy on write, protection, growth, and the lack of it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "tap.h"

#define PAGE 4096

static sigjmp_buf back;

static void jump(int sig)
{
	siglongjmp(back, sig);
}

/* The signal that reading or writing a byte gives, 0 if none. */
static int touch(volatile char *p, int write)
{
	int sig = sigsetjmp(back, 1);

	if (sig)
		return sig;
	if (write)
		*p = 1;
	else
		(void)*p;
	return 0;
}

static int in_child(int (*fn)(void *), void *arg)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(fn(arg));
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

static char *map(size_t len, int prot, int flags, int fd)
{
	char *p = mmap(NULL, len, prot, flags, fd, 0);

	return p == MAP_FAILED ? NULL : p;
}

static int set_first(void *arg)
{
	char *p = arg;

	p[0] = 'c';
	p[PAGE] = 'c';
	return p[2 * PAGE];
}

static void test_sharing(void)
{
	char *p = map(4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	char *s = map(4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);

	p[0] = s[0] = 'p';
	p[2 * PAGE] = s[2 * PAGE] = 7;
	is(in_child(set_first, p), 7, "a child reads what was there before the fork");
	ok(p[0] == 'p' && p[PAGE] == 0, "private memory is copied on write");
	is(in_child(set_first, s), 7, "so it does of shared memory");
	ok(s[0] == 'c' && s[PAGE] == 'c', "which is shared");
	p[0] = 'q';
	is(p[0], 'q', "the parent writes again after the fork");
	munmap(p, 4 * PAGE);
	munmap(s, 4 * PAGE);
}

static void test_files(void)
{
	int fd = open("/tmp/file", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char buf[PAGE], *s, *p;

	memset(buf, 'f', sizeof(buf));
	if (write(fd, buf, PAGE) != PAGE || write(fd, buf, PAGE) != PAGE)
		bail("write");
	s = map(2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	p = map(2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd);
	ok(s && p && s[5] == 'f' && p[PAGE + 5] == 'f', "a file mapped");
	s[10] = 'S';
	p[20] = 'P';
	ok(pread(fd, buf, 32, 0) == 32 && buf[10] == 'S' && buf[20] == 'f',
	   "read sees the shared mapping");
	ok(p[10] == 'S' || p[10] == 'f', "a private one may");
	ok(pwrite(fd, "W", 1, PAGE + 30) == 1 && s[PAGE + 30] == 'W', "the mapping sees a write");
	ok(!msync(s, 2 * PAGE, MS_SYNC), "msync");
	munmap(s, 2 * PAGE);
	munmap(p, 2 * PAGE);
	close(fd);
}

static void test_protection(void)
{
	char *p = map(3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	p[0] = p[PAGE] = p[2 * PAGE] = 1;
	is(mprotect(p + PAGE, PAGE, PROT_READ), 0, "mprotect");
	is(touch(p + PAGE, 1), SIGSEGV, "no writing what may be read");
	is(touch(p + PAGE, 0), 0, "reading it");
	is(touch(p, 1), 0, "its neighbour is as it was");
	mprotect(p + PAGE, PAGE, PROT_NONE);
	is(touch(p + PAGE, 0), SIGSEGV, "no reading with PROT_NONE");
	mprotect(p + PAGE, PAGE, PROT_READ | PROT_WRITE);
	ok(touch(p + PAGE, 1) == 0 && p[PAGE] == 1, "and back again");
	munmap(p + PAGE, PAGE);
	is(touch(p + PAGE, 0), SIGSEGV, "nothing where something was unmapped");
	is(touch(p + 2 * PAGE, 1), 0, "but behind it");
	p[2 * PAGE] = 5;
	madvise(p + 2 * PAGE, PAGE, MADV_DONTNEED);
	is(p[2 * PAGE], 0, "MADV_DONTNEED leaves zeros");
}

static void test_code(void)
{
	static const unsigned char code[] = { 0xb8, 0x2a, 0, 0, 0, 0xc3 };	/* mov $42, %eax; ret */
	char *p = map(PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	int sig;

	memcpy(p, code, sizeof(code));
	sig = sigsetjmp(back, 1);
	if (!sig)
		((int (*)(void))p)();
	is(sig, SIGSEGV, "data is not executed");
	mprotect(p, PAGE, PROT_READ | PROT_EXEC);
	is(((int (*)(void))p)(), 42, "until it is made code");
	p = map(PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	memcpy(p, code, sizeof(code));
	is(((int (*)(void))p)(), 42, "memory that is both");
	p[1] = 43;
	is(((int (*)(void))p)(), 43, "and is changed");
}

static int stack_depth(int n)
{
	volatile char frame[1024];

	frame[5] = (char)n;
	return n ? stack_depth(n - 1) + (frame[5] == (char)n) : 0;
}

static void test_growth(void)
{
	char *p = (char *)syscall(SYS_brk, 0), *q;

	is(stack_depth(4000), 4000, "the stack grows to 4 MiB");
	ok((char *)syscall(SYS_brk, p + (1 << 20)) == p + (1 << 20) && touch(p + (1 << 20) - 1, 1) == 0,
	   "brk");
	ok((char *)syscall(SYS_brk, p) == p && touch(p + (1 << 19), 0) == SIGSEGV, "and back");
	p = map(PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	p[1] = 11;
	q = mremap(p, PAGE, 64 * PAGE, MREMAP_MAYMOVE);
	ok(q != MAP_FAILED && q[1] == 11 && !(q[63 * PAGE] = 0), "mremap keeps the content");
	ok(q == p || touch(p, 0) == SIGSEGV, "and the old place is empty");
	p = mmap(q, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	ok(p == q && p[1] == 0, "MAP_FIXED replaces");
	p = mmap((void *)0x30000000, PAGE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	ok(p == (char *)0x30000000 && touch(p, 1) == 0, "a low address");
	is(touch(NULL, 0), SIGSEGV, "nothing at 0");
}

static void test_lack(void)
{
	struct rlimit rl = { 64 << 20, RLIM_INFINITY }, old;
	size_t i, n = 12 << 20;
	char *p;

	getrlimit(RLIMIT_AS, &old);
	rl.rlim_max = old.rlim_max;
	setrlimit(RLIMIT_AS, &rl);
	is(map(128 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1) ? 0 : errno, ENOMEM,
	   "more than RLIMIT_AS");
	setrlimit(RLIMIT_AS, &old);
	p = map(n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	for (i = 0; i < n; i += PAGE)
		p[i] = (char)(i >> 12);
	for (i = 0; i < n && p[i] == (char)(i >> 12); i += PAGE)
		;
	ok(i == n, "12 MiB written and read");
	munmap(p, n);
	is(mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? errno : 0, EINVAL,
	   "a mapping of nothing");
	is(mmap((void *)-PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
	   MAP_FAILED ? errno : 0, ENOMEM, "a mapping where no memory is");
}

static void test_low(void)
{
	uintptr_t a, b;

	a = (uintptr_t)mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	b = (uintptr_t)mmap((void *)0x700000000000, PAGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	ok(a < 1u << 31 && b < 1u << 31 && a != b && touch((char *)a, 1) == 0, "MAP_32BIT: below 2 GiB");
	is(mmap(NULL, 1ul << 31, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0) ==
	   MAP_FAILED ? errno : 0, ENOMEM, "or not at all");
	munmap((void *)a, PAGE);
	munmap((void *)b, PAGE);
}

static int add_later(void *arg)
{
	volatile int *n = arg;
	int i;

	for (i = 0; i < 1000; i++)
		__atomic_add_fetch(n, 1, __ATOMIC_SEQ_CST);
	return 0;
}

static void test_sysv(void)
{
	int id = shmget(IPC_PRIVATE, PAGE, IPC_CREAT | 0600), *n;

	n = shmat(id, NULL, 0);
	ok(id >= 0 && n != (void *)-1, "System V shared memory");
	ok(in_child(add_later, n) == 0 && *n == 1000, "is shared with a child");
	shmdt(n);
	is(shmctl(id, IPC_RMID, NULL), 0, "and removed");
}

static void test_memfd(void)
{
	int fd = memfd_create("x", 0);
	char *a, *b;

	if (ftruncate(fd, PAGE))
		bail("ftruncate");
	a = map(PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	b = map(PAGE, PROT_READ, MAP_SHARED, fd);
	a[100] = 9;
	is(b[100], 9, "two mappings of one memfd");
	if (ftruncate(fd, 0))
		bail("ftruncate");
	is(touch(b + 100, 0), SIGBUS, "that was cut");
	close(fd);
}

int main(void)
{
	static char stack[65536];
	stack_t ss = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction sa = { .sa_handler = jump, .sa_flags = SA_ONSTACK };

	tap_begin();
	sigaltstack(&ss, NULL);
	sigaction(SIGSEGV, &sa, NULL);
	sigaction(SIGBUS, &sa, NULL);
	test_sharing();
	test_files();
	test_protection();
	test_code();
	test_growth();
	test_lack();
	test_low();
	test_sysv();
	test_memfd();
	return tap_done();
}
