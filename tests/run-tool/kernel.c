/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A kernel for the tests of `pillion run`: it finds the archive and its configuration as
 * <pillion/image.h> says, and does what the program's arguments tell.
 *
 *	config		print the configuration
 *	echo		what comes in goes out, until the end of the input
 *	exit N		end with this status
 *	port N		the same by the exit port alone, without a record
 *	panic, oom, mount	end so, with a text that has an escape sequence in it
 *	phases		send some, and other records that are none
 *	hang		for ever
 *	stay		the same, after a line
 *	reset		by a triple fault
 *	flood		write 1 MiB, then end
 *	linger		say the status 5, go on with records, and never end
 *	late		write 1 MiB, then the same
 *
 * 32-bit code in a 64-bit ELF file, entered by PVH (%ebx: its start information) or multiboot2.
 * Built by gcc -m32 -S and as --64 (run-tool.mk).
 */
#include <pillion/image.h>

#define COM1 0x3f8
#define MULTIBOOT2 0x36d76289

typedef unsigned char u8;
typedef unsigned u32;
typedef unsigned long long u64;

/* Entry, stack, and the headers that loaders look for. */
asm(".pushsection .head, \"ax\"\n"
    ".balign 8\n"
    "multiboot: .long 0xe85250d6, 0, 16, -(0xe85250d6 + 16), 0, 8\n"
    ".globl start\n"
    "start: mov $stack_top, %esp\n"
    "	push %ebx\n"
    "	push %eax\n"
    "	call kernel\n"
    "1:	jmp 1b\n"
    ".popsection\n"
    ".pushsection .note.Xen, \"a\", @note\n"
    "	.long 4, 4, 18\n"		/* XEN_ELFNOTE_PHYS32_ENTRY */
    "	.asciz \"Xen\"\n"
    "	.long start\n"
    ".popsection\n"
    ".pushsection .note.Pillion, \"a\", @note\n"
    "	.long 8, 24, 1\n"
    "	.asciz \"" PILLION_NOTE_NAME "\"\n"
    "note:	.long 1, 0\n"
    "	.quad 0, 0\n"
    ".popsection\n"
    ".lcomm stack, 16384\n"
    ".set stack_top, stack + 16384\n");
extern volatile struct pillion_note_archive note;

static u8 in8(unsigned port)
{
	u8 v;

	asm volatile("inb %w1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static void out8(unsigned port, u8 v)
{
	asm volatile("outb %0, %w1" : : "a"(v), "Nd"(port));
}

static void out32(unsigned port, u32 v)
{
	asm volatile("outl %0, %w1" : : "a"(v), "Nd"(port));
}

static void put(char c)
{
	while (!(in8(COM1 + 5) & 0x20))
		;
	out8(COM1, (u8)c);
}

static char get(void)
{
	while (!(in8(COM1 + 5) & 1))
		;
	return (char)in8(COM1);
}

static void print(const char *s)
{
	while (*s)
		put(*s++);
}

static void record(const char *s)
{
	while (*s)
		out8(PILLION_RECORD_PORT, (u8)*s++);
}

static void end(u32 status)
{
	out32(PILLION_EXIT_PORT, status);
	for (;;)
		asm volatile("hlt");
}

static void exit_with(u32 status)
{
	char text[] = "exit 000\n";

	text[5] = (char)('0' + status / 100 % 10);
	text[6] = (char)('0' + status / 10 % 10);
	text[7] = (char)('0' + status % 10);
	record(text);
	end(status);
}

static int starts(const char *s, const char *with)
{
	while (*with && *s == *with)
		s++, with++;
	return !*with;
}

static u32 number(const char *s)
{
	u32 n = 0;

	for (; *s >= '0' && *s <= '9'; s++)
		n = n * 10 + (u32)(*s - '0');
	return n;
}

static void die(const char *why)
{
	print("test kernel: ");
	print(why);
	record("panic ");
	record(why);
	record("\n");
	end(PILLION_STATUS_PANIC);
}

/* Where the archive is; from the loader, else from the note. */
static const char *find_archive(u32 magic, const u32 *info, u32 *size)
{
	const u64 *module;

	if (magic == MULTIBOOT2) {
		for (const u32 *tag = info + 2; tag[0]; tag += ((tag[1] + 7) & ~7U) / 4) {
			if (tag[0] == 3) {
				*size = tag[3] - tag[2];
				return (const char *)tag[2];
			}
		}
	} else if (info[0] == 0x336ec578 && info[3] > 0) {
		module = (const u64 *)info[4];	/* modlist_paddr */
		*size = (u32)module[1];
		return (const char *)(u32)module[0];
	}
	*size = (u32)note.size;
	return (const char *)(u32)note.addr;
}

static u32 hex(const char *s)
{
	u32 n = 0;

	for (int i = 0; i < 8; i++)
		n = n << 4 | (u32)(s[i] <= '9' ? s[i] - '0' : (s[i] | 32) - 'a' + 10);
	return n;
}

/* The file of the archive's second entry. */
static const char *find_config(const char *a, u32 size, u32 *len)
{
	u32 at = 0;

	for (int i = 0; i < 2; i++) {
		u32 names, next;

		if (at + 110 > size || !starts(a + at, PILLION_ARCHIVE_MAGIC))
			die("no archive");
		names = hex(a + at + 94);
		*len = hex(a + at + 54);
		next = (at + 110 + names + 3) & ~3U;
		if (i == 1 && starts(a + at + 110, PILLION_CONFIG_NAME))
			return a + next;
		at = (next + *len + 3) & ~3U;
	}
	die("no configuration");
	return 0;
}

/* Undo the quoting, as a line discipline would. */
static void echo(void)
{
	char c;

	record("input\n");
	while ((c = get()) != 0x04)
		put(c == 0x16 ? get() : c);
}

static void phases(void)
{
	record("phase one 1500000\nphase two\nphase  \nnonsense \033[2J\nexit 300\nexit\n\n");
	for (int i = 0; i < 100000; i++)
		record("x");
	record("\nphase three 2500000\nexit 9\nexit 10\npanic late\n");
	end(9);
}

static void flood(void)
{
	for (int i = 0; i < 1 << 20; i++)
		put(i % 64 == 63 ? '\n' : 'f');
}

static void linger(void)
{
	record("exit 5\n");
	for (;;)
		record("phase still 1\n");
}

static void obey(const char *what, const char *n)
{
	if (starts(what, "echo"))
		echo();
	else if (starts(what, "exit"))
		exit_with(number(n));
	else if (starts(what, "port"))
		end(number(n));
	else if (starts(what, "mount"))
		record("mount vdz: \033[31mred\n");
	else if (starts(what, "panic"))
		record("panic it is \033[31mred\n");
	else if (starts(what, "oom"))
		record("oom 64 MB wanted\n");
	else if (starts(what, "phases"))
		phases();
	else if (starts(what, "linger"))
		linger();
	else if (starts(what, "stay"))
		print("here\n");
	else if (starts(what, "flood") || starts(what, "late"))
		flood();
	else if (starts(what, "reset"))
		asm volatile("lidt %0; int3" : : "m"((struct { char c[6]; }){ { 0 } }));
	if (starts(what, "late"))
		linger();
	while (starts(what, "hang") || starts(what, "stay"))
		;
	exit_with(0);
}

__attribute__((used)) void kernel(u32 magic, const u32 *info)
{
	u32 size, len, args = 0;
	const char *archive = find_archive(magic, info, &size);
	const char *config = find_config(archive, size, &len), *arg[4] = { "", "", "", "" };

	for (const char *p = config; p < config + len && args < 4; p++) {
		if (p != config && p[-1] != '\n')
			continue;
		if (starts(p, "arg="))
			arg[args++] = p + 4;
	}
	if (!starts(config, "version=1\n"))
		die("an unknown version");
	if (starts(arg[1], "config")) {
		for (u32 i = 0; i < len; i++)
			put(config[i]);
	}
	obey(arg[1], arg[2]);
}
