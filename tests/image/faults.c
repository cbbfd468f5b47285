/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a program can do wrong with the CPU. Each is done in a child: it ends by the signal that
 * Linux would send, a handler gets the same with its code and address, and everybody else goes on.
 * For x86_64. Locking: none.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>

#include "tap.h"

#define PAGE		4096
#define KERNEL		0xffffffff80200000ul
#define DIRECT		0xffff800000100000ul
#define NO_ADDRESS	0x8000000000001000ul	/* not one of the CPU's */
#define N(a)		(sizeof(a) / sizeof((a)[0]))

/* ---- in a child ---- */

/* What a handler got, in shared memory. */
static struct told {
	int sig, code;
	unsigned long addr;
} *told;

static void on_signal(int sig, siginfo_t *info, void *context)
{
	(void)context;
	told->sig = sig;
	told->code = info->si_code;
	told->addr = (unsigned long)info->si_addr;
	_exit(99);
}

static void catch_all(void)
{
	static char stack[16384];
	stack_t ss = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction sa = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK };

	sigaltstack(&ss, NULL);
	for (int sig = 1; sig < 32; sig++)
		sigaction(sig, &sa, NULL);
}

static int in_child(void (*fn)(unsigned long), unsigned long arg, int handler)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		alarm(5);
		if (handler)
			catch_all();
		fn(arg);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return status;
}

/* ---- instructions ---- */

static void divide(unsigned long by)
{
	unsigned dx = 0, ax = 1;

	__asm__ volatile("divl %2" : "+a"(ax), "+d"(dx) : "r"((unsigned)by));
}

static void divide_most(unsigned long by)
{
	long dx = -1, ax = (long)(1ul << 63);

	__asm__ volatile("idivq %2" : "+a"(ax), "+d"(dx) : "r"(by));
}

static void read_at(unsigned long addr)
{
	(void)*(volatile char *)addr;
}

static void write_at(unsigned long addr)
{
	*(volatile char *)addr = 1;
}

static void jump_to(unsigned long addr)
{
	__asm__ volatile("jmp *%0" : : "r"(addr));
}

static void return_to(unsigned long addr)
{
	__asm__ volatile("pushq %0; ret" : : "r"(addr));
}

static void push_at(unsigned long addr)
{
	__asm__ volatile("movq %0, %%rsp; pushq %%rax" : : "r"(addr));
}

static void x87(unsigned long unused)
{
	unsigned short cw = 0x0040;		/* nothing masked */
	double zero = 0, one = 1;

	(void)unused;
	__asm__ volatile("fldcw %0; fldl %1; fdivl %2; fwait" : : "m"(cw), "m"(one), "m"(zero));
}

static void trap_flag(unsigned long unused)
{
	(void)unused;
	__asm__ volatile("pushfq; orq $0x100, (%rsp); popfq; nop; nop");
}

static volatile int depth;

static int deeper(int n)
{
	volatile char frame[4096];

	frame[0] = (char)n;
	depth = n;
	return n < 0 ? 0 : deeper(n + 1) + frame[0];
}

static void overflow(unsigned long unused)
{
	(void)unused;
	deeper(0);
}

/* Bytes as code; on the last bytes of a page if at the end, with nothing behind it. */
struct code {
	const char	*name;
	const char	*bytes;
	unsigned char	len;
	int		sig, code;	/* code -1: any */
};
#define SI_KERNEL_	0x80
#define C(name, bytes, sig, code) { name, bytes, sizeof(bytes) - 1, sig, code }

static const struct code codes[] = {
	C("ud2", "\x0f\x0b", SIGILL, ILL_ILLOPN),
	C("an opcode that is not", "\x06", SIGILL, ILL_ILLOPN),
	C("lock where it may not be", "\xf0\x90", SIGILL, ILL_ILLOPN),
	C("int3", "\xcc", SIGTRAP, SI_KERNEL_),
	C("hlt", "\xf4", SIGSEGV, SI_KERNEL_),
	C("cli", "\xfa", SIGSEGV, SI_KERNEL_),
	C("sti", "\xfb", SIGSEGV, SI_KERNEL_),
	C("in", "\xe4\x60", SIGSEGV, SI_KERNEL_),
	C("in dx", "\x66\xba\xf8\x03\xec", SIGSEGV, SI_KERNEL_),
	C("out", "\x31\xc0\xe6\xf4", SIGSEGV, SI_KERNEL_),
	C("rep outs", "\x66\xba\xf8\x03\xf3\x6e", SIGSEGV, SI_KERNEL_),
	C("rdmsr", "\xb9\x80\x00\x00\xc0\x0f\x32", SIGSEGV, SI_KERNEL_),
	C("wrmsr", "\xb9\x80\x00\x00\xc0\x0f\x30", SIGSEGV, SI_KERNEL_),
	C("read cr0", "\x0f\x20\xc0", SIGSEGV, SI_KERNEL_),
	C("write cr3", "\x31\xc0\x0f\x22\xd8", SIGSEGV, SI_KERNEL_),
	C("write cr4", "\x31\xc0\x0f\x22\xe0", SIGSEGV, SI_KERNEL_),
	C("write dr7", "\x0f\x23\xf8", SIGSEGV, SI_KERNEL_),
	C("lgdt", "\x0f\x01\x14\x24", SIGSEGV, SI_KERNEL_),
	C("lidt", "\x0f\x01\x1c\x24", SIGSEGV, SI_KERNEL_),
	C("lldt", "\x31\xc0\x0f\x00\xd0", SIGSEGV, SI_KERNEL_),
	C("ltr", "\xb8\x40\x00\x00\x00\x0f\x00\xd8", SIGSEGV, SI_KERNEL_),
	C("lmsw", "\x31\xc0\x0f\x01\xf0", SIGSEGV, SI_KERNEL_),
	C("clts", "\x0f\x06", SIGSEGV, SI_KERNEL_),
	C("invd", "\x0f\x08", SIGSEGV, SI_KERNEL_),
	C("wbinvd", "\x0f\x09", SIGSEGV, SI_KERNEL_),
	C("invlpg", "\x0f\x01\x3c\x24", SIGSEGV, SI_KERNEL_),
	C("swapgs", "\x0f\x01\xf8", SIGSEGV, SI_KERNEL_),
	C("sysret", "\x48\x0f\x07", SIGSEGV, SI_KERNEL_),
	C("xsetbv", "\x31\xc9\x31\xc0\x31\xd2\x0f\x01\xd1", SIGSEGV, SI_KERNEL_),
	C("a selector of the kernel's", "\xb8\x10\x00\x00\x00\x8e\xd8", SIGSEGV, SI_KERNEL_),
	C("one of the LDT", "\xb8\x07\x10\x00\x00\x8e\xd8", SIGSEGV, SI_KERNEL_),
	C("one beyond the table", "\xb8\xfb\xff\x00\x00\x8e\xc0", SIGSEGV, SI_KERNEL_),
	C("no stack segment", "\x31\xc0\x8e\xd0", SIGSEGV, SI_KERNEL_),
	C("iret to the kernel's code",
	  "\x6a\x10\x54\x9c\x6a\x08\x50\x48\xcf", SIGSEGV, SI_KERNEL_),
	C("a far return to nothing", "\x6a\x00\x50\x48\xcb", SIGSEGV, SI_KERNEL_),
	C("an instruction that is too long",
	  "\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x90", SIGSEGV, SI_KERNEL_),
};

static char *page;		/* of code, nothing behind it */

static void put_code(const char *bytes, size_t len)
{
	memset(page, 0x90, PAGE);
	memcpy(page + PAGE - len, bytes, len);
}

static void run_code(unsigned long len)
{
	jump_to((unsigned long)page + PAGE - len);
}

static void instructions(void)
{
	for (size_t i = 0; i < N(codes); i++) {
		const struct code *c = &codes[i];
		int status;

		/* Before the end, so that what comes to pass is not the end of the page. */
		memset(page, 0xf4, PAGE);
		memcpy(page + PAGE - 64, c->bytes, c->len);
		status = in_child(run_code, 64, 0);
		memset(told, 0, sizeof(*told));
		in_child(run_code, 64, 1);
		if (!ok(WIFSIGNALED(status) && WTERMSIG(status) == c->sig && told->sig == c->sig &&
		    (c->code < 0 || told->code == c->code), "%s", c->name))
			diag("status %#x; signal %d, code %d, address %#lx", status, told->sig, told->code,
			     told->addr);
	}
}

/* Which of the two the CPU's maker has chosen. */
static void sysenter(void)
{
	int status;

	put_code("\x0f\x34", 2);
	status = in_child(run_code, 2, 0);
	ok(WIFSIGNALED(status) && (WTERMSIG(status) == SIGSEGV || WTERMSIG(status) == SIGILL),
	   "sysenter (%#x)", status);
}

/* No software interrupt reaches a handler of the kernel's but the two that Linux lets through. */
static void vectors(void)
{
	int wrong = 0;

	for (int n = 0; n < 256; n++) {
		char code[] = { (char)0xcd, (char)n, (char)0xf4 };
		int status, want = n == 3 ? SIGTRAP : SIGSEGV;

		put_code(code, sizeof(code));
		status = in_child(run_code, sizeof(code), 0);
		if (WIFSIGNALED(status) && WTERMSIG(status) == want)
			continue;
		diag("int %#x: status %#x", n, status);
		wrong++;
	}
	is(wrong, 0, "all 256 software interrupts");
}

/* ---- addresses ---- */

struct access {
	const char	*name;
	void		(*fn)(unsigned long);
	unsigned long	arg;
	int		sig, code;
	unsigned long	addr;		/* 1: any */
};

static void addresses(void)
{
	char *none = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *ro = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = memfd_create("empty", 0);
	char *empty = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	unsigned long no = (unsigned long)none, r = (unsigned long)ro, e = (unsigned long)empty;
	const struct access all[] = {
		{ "divide by zero", divide, 0, SIGFPE, FPE_INTDIV, 1 },
		{ "divide the most negative", divide_most, ~0ul, SIGFPE, FPE_INTDIV, 1 },
		{ "x87: divide by zero", x87, 0, SIGFPE, FPE_FLTDIV, 1 },
		{ "trap flag", trap_flag, 0, SIGTRAP, TRAP_TRACE, 1 },
		{ "read null", read_at, 0, SIGSEGV, SEGV_MAPERR, 0 },
		{ "write the null page", write_at, 8, SIGSEGV, SEGV_MAPERR, 8 },
		{ "read what may not be", read_at, no, SIGSEGV, SEGV_ACCERR, no },
		{ "write what may be read", write_at, r, SIGSEGV, SEGV_ACCERR, r },
		{ "execute data", jump_to, r, SIGSEGV, SEGV_ACCERR, r },
		{ "read behind a file's end", read_at, e, SIGBUS, BUS_ADRERR, e },
		{ "read the kernel's code", read_at, KERNEL, SIGSEGV, SEGV_MAPERR, KERNEL },
		{ "write the kernel's code", write_at, KERNEL, SIGSEGV, SEGV_MAPERR, KERNEL },
		{ "execute the kernel's code", jump_to, KERNEL, SIGSEGV, SEGV_MAPERR, KERNEL },
		{ "read all memory", read_at, DIRECT, SIGSEGV, SEGV_MAPERR, DIRECT },
		{ "write all memory", write_at, DIRECT, SIGSEGV, SEGV_MAPERR, DIRECT },
		{ "read no address", read_at, NO_ADDRESS, SIGSEGV, SI_KERNEL_, 0 },
		{ "jump to no address", jump_to, NO_ADDRESS, SIGSEGV, SI_KERNEL_, 1 },
		{ "return to no address", return_to, NO_ADDRESS, SIGSEGV, SI_KERNEL_, 1 },
		{ "a stack in the kernel", push_at, KERNEL + PAGE, SIGSEGV, SEGV_MAPERR, KERNEL + PAGE - 8 },
		{ "a stack overflow", overflow, 0, SIGSEGV, -1, 1 },
	};

	for (size_t i = 0; i < N(all); i++) {
		const struct access *a = &all[i];
		int status = in_child(a->fn, a->arg, 0);

		memset(told, 0, sizeof(*told));
		in_child(a->fn, a->arg, 1);
		if (!ok(WIFSIGNALED(status) && WTERMSIG(status) == a->sig && told->sig == a->sig &&
		    (a->code < 0 || told->code == a->code) && (a->addr == 1 || told->addr == a->addr),
		    "%s", a->name))
			diag("status %#x; signal %d, code %d, address %#lx", status, told->sig, told->code,
			     told->addr);
	}
}

/* A fault of the stack's, which an emulator may call one of protection. */
static void odd_stack(void)
{
	int status = in_child(push_at, NO_ADDRESS, 0);

	ok(WIFSIGNALED(status) && (WTERMSIG(status) == SIGBUS || WTERMSIG(status) == SIGSEGV),
	   "a stack at no address (%#x)", status);
}

/* ---- state that is not a program's to choose ---- */

static unsigned long wanted_rip, wanted_flags;
static unsigned short wanted_cs;

/* Return from a handler to where, and as what, a program may not go. */
static void change_frame(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	greg_t *r = uc->uc_mcontext.gregs;

	(void)sig;
	(void)info;
	signal(SIGSEGV, SIG_DFL);
	if (wanted_rip)
		r[REG_RIP] = (greg_t)wanted_rip;
	r[REG_EFL] |= (greg_t)wanted_flags;
	if (wanted_cs)
		r[REG_CSGSFS] = (r[REG_CSGSFS] & ~0xffffl) | wanted_cs;
}

static void odd_return(unsigned long port)
{
	struct sigaction sa = { .sa_sigaction = change_frame, .sa_flags = SA_SIGINFO };

	sigaction(SIGUSR1, &sa, NULL);
	raise(SIGUSR1);
	if (port)
		__asm__ volatile("inb %%dx, %%al" : : "d"((unsigned short)port) : "eax");
}

static void frames(void)
{
	static const struct {
		const char *name;
		unsigned long rip, flags;
		unsigned short cs;
		unsigned long port;
		int sig;
	} all[] = {
		{ "sigreturn to no address", NO_ADDRESS, 0, 0, 0, SIGSEGV },
		{ "sigreturn behind the last address", 0x800000000000, 0, 0, 0, SIGSEGV },
		{ "sigreturn to the kernel", KERNEL, 0, 0, 0, SIGSEGV },
		{ "sigreturn with I/O privilege", 0, 0x3000, 0, 0x3f8, SIGSEGV },
		{ "sigreturn with interrupts off, and the like", 0, 0x1d7000, 0, 0, 0 },
		{ "sigreturn as the kernel", KERNEL, 0, 0x08, 0, SIGSEGV },
		{ "sigreturn with the kernel's selector", 0, 0, 0x10, 0, -1 },
	};
	int status;

	for (size_t i = 0; i < N(all); i++) {
		wanted_rip = all[i].rip;
		wanted_flags = all[i].flags;
		wanted_cs = all[i].cs;
		status = in_child(odd_return, all[i].port, 0);
		ok(all[i].sig < 0 || (all[i].sig ? WIFSIGNALED(status) && WTERMSIG(status) == all[i].sig :
		   status == 0), "%s (%#x)", all[i].name, status);
	}
}

/* A system call as the last instruction there is: what follows is not an address of programs. */
static void last_call(unsigned long top)
{
	static const unsigned char code[] = { 0x0f, 0x05 };
	char *p = mmap((void *)(top - PAGE), PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (p != (char *)(top - PAGE))
		_exit(77);
	memcpy(p + PAGE - sizeof(code), code, sizeof(code));
	__asm__ volatile("jmp *%0" : : "r"(p + PAGE - sizeof(code)), "a"(SYS_getpid));
}

static void edges(void)
{
	int status;

	ok(mmap((void *)0x7ffffffff000, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0)
	   == MAP_FAILED, "the last page cannot be mapped");
	status = in_child(last_call, 0x7ffffffff000, 0);
	ok((WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV) || WEXITSTATUS(status) == 77,
	   "a system call at the end of all (%#x)", status);
	is(syscall(SYS_arch_prctl, 0x1002, NO_ADDRESS) ? errno : 0, EPERM, "FS at no address");
	is(syscall(SYS_arch_prctl, 0x1001, KERNEL) ? errno : 0, EPERM, "GS in the kernel");
	syscall(SYS_iopl, 3);
	syscall(SYS_ioperm, 0x60, 1, 1);
	put_code("\xe4\x60\xf4", 3);
	status = in_child(run_code, 3, 0);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "no ports, whatever iopl() says");
	status = -1;
	__asm__ volatile("std; pushfq; orq $0x4000, (%%rsp); popfq; syscall; cld"
			 : "=a"(status) : "0"(SYS_getpid) : "rcx", "r11", "memory");
	is(status, getpid(), "a system call with odd flags");
}

int main(void)
{
	tap_begin();
	told = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	page = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
	    0);
	munmap(page + PAGE, PAGE);
	addresses();
	odd_stack();
	instructions();
	sysenter();
	vectors();
	frames();
	edges();
	return tap_done();
}
