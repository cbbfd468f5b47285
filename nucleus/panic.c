/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end: message, backtrace with names. The interface is in log.h.
 *
 * The symbol table is made from a first link (symtab.pl) and added by a second: symbol_count
 * addresses in order, relative to the image's beginning, and as many offsets of names.
 *
 * Locking: none; the console's and the log's are broken.
 */
#include <nucleus/board.h>
#include <nucleus/console.h>
#include <nucleus/cpu.h>
#include <nucleus/log.h>
#include <nucleus/smp.h>
#include <nucleus/string.h>
#include <nucleus/thread.h>

#define FRAMES_MAX	32		/* different ones, one after the other */
#define LINE		200

extern const uint32_t symbol_count, symbol_address[], symbol_offset[];
extern const char symbol_names[];
extern const char image_start[], image_text[], image_text_end[], image_rodata[],
    image_rodata_end[];

static void (*hook)(const char *message, uintptr_t pc, uintptr_t fp);
static unsigned depth;			/* of panics */

static void say(const char *fmt, ...) PRINTF(1, 2);

static void say(const char *fmt, ...)
{
	char line[LINE];
	va_list ap;

	va_start(ap, fmt);
	vformat(line, sizeof(line), fmt, ap);
	va_end(ap);
	console_write(line, strlen(line));
}

const char *symbol_name(uintptr_t addr, size_t *offset)
{
	uint32_t low = 0, high = symbol_count, relative = (uint32_t)(addr - (uintptr_t)image_start);

	if (addr < (uintptr_t)image_text || addr >= (uintptr_t)image_text_end)
		return NULL;
	while (low < high) {			/* the first that is above */
		uint32_t mid = (low + high) / 2;

		if (symbol_address[mid] <= relative)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == 0)
		return NULL;
	*offset = relative - symbol_address[low - 1];
	return symbol_names + symbol_offset[low - 1];
}

static void say_address(uintptr_t addr)
{
	size_t offset;
	const char *name = symbol_name(addr, &offset);

	if (name != NULL)
		say("  %#lx %s+%#zx\n", addr, name, offset);
	else
		say("  %#lx\n", addr);
}

static void say_repeated(unsigned n)
{
	if (n > 0)
		say("  ... and %u more\n", n);
}

/*
 * A frame is the caller's frame pointer and the return address. What calls itself again and again,
 * from one place, is printed once.
 */
void backtrace(uintptr_t pc, uintptr_t fp)
{
	uintptr_t frame[2], last = 0;
	unsigned same = 0;

	say_address(pc);
	for (unsigned i = 0; i < FRAMES_MAX && fp >= DIRECT_BASE && fp % sizeof(fp) == 0; ) {
		if (copy_checked(frame, (const void *)fp, sizeof(frame)) != 0 || frame[1] == 0)
			break;
		if (frame[1] == last) {
			same++;
		} else {
			say_repeated(same);
			say_address(frame[1] - 1);
			last = frame[1];
			same = 0;
			i++;
		}
		if (frame[0] <= fp)
			break;
		fp = frame[0];
	}
	say_repeated(same);
}

const char *address_kind(uintptr_t addr)
{
	const struct thread *t = cpu_thread();

	if (addr < PAGE_SIZE)
		return "null pointer";
	if (addr < USER_END)
		return "user address";
	if (t != NULL && t->stack != 0 && addr < t->stack && addr >= t->stack - PAGE_SIZE)
		return "kernel stack overflow";
	if (addr >= (uintptr_t)image_text && addr < (uintptr_t)image_text_end)
		return "kernel code";
	if (addr >= (uintptr_t)image_rodata && addr < (uintptr_t)image_rodata_end)
		return "kernel constant";
	if (addr >= KERNEL_BASE)
		return "kernel data";
	if (addr >= KVA_BASE && addr < KVA_END)
		return "kernel mapping";
	if (addr >= DIRECT_BASE && addr < PAGE_ARRAY_BASE)
		return "direct map";
	return "no memory";
}

void panic_hook(void (*fn)(const char *message, uintptr_t pc, uintptr_t fp))
{
	hook = fn;
}

static void die(uintptr_t pc, uintptr_t fp, const char *fmt, va_list ap) NORETURN;

static void die(uintptr_t pc, uintptr_t fp, const char *fmt, va_list ap)
{
	static char message[LINE];
	const struct thread *t = cpu_thread();

	(void)cpu_irq_save();
	smp_stop_others();
	console_break_lock();
	log_break_lock();
	if (depth++ > 2)
		machine_exit(EXIT_PANIC);
	vformat(message, sizeof(message), fmt, ap);
	say("\npanic: %s\n", message);
	say("in thread %s (%u)\n", t != NULL ? t->name : "(none)", t != NULL ? t->id : 0);
	backtrace(pc, fp);
	if (depth == 1 && hook != NULL)
		hook(message, pc, fp);
	machine_exit(EXIT_PANIC);
}

void panic(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	die((uintptr_t)__builtin_return_address(0) - 1, *(uintptr_t *)cpu_frame(), fmt, ap);
}

void panic_at(uintptr_t pc, uintptr_t fp, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	die(pc, fp, fmt, ap);
}

/* What the compiler calls when a function finds its stack overwritten, and its guard value. */
uintptr_t __stack_chk_guard = 0x00000aff0d0a1fe7;
void __stack_chk_fail(void) NORETURN;

void __stack_chk_fail(void)
{
	panic("stack smashed in the function below");
}
