/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What `pillion run` hands to a nucleus image, and what the image answers: version 1.
 *
 * THE ARCHIVE is a cpio archive in the "newc" format (magic 070701). Its names are relative
 * ("usr/bin/env"), a directory comes before what is in it, every regular file has its own data (no
 * hard links), and it ends with TRAILER!!!. It reaches the image in one of two ways:
 *   - as a boot module (PVH's initial RAM disk, a multiboot2 module) that begins with the magic;
 *   - inside the image, as a further segment that the loader places. The image reserves for this an
 *     ELF note, in a segment that is loaded (notes aligned to 4, or QEMU does not find the one of
 *     PVH), and a program header of type PT_NULL. pillion run turns the latter into a PT_LOAD of
 *     the archive, behind all others in physical memory, and writes where it is into the note:
 *     struct pillion_note_archive below.
 * A module goes before the segment.
 *
 * THE CONFIGURATION is the archive's file .pillion/config, the second entry after its directory.
 * Text, a line "key=value" each, the first one "version=1". In a value "\\" stands for a backslash
 * and "\n" for the end of a line; all else stands for itself. An unknown key is an error.
 *
 *   version=1
 *   program=PATH		what to run: a path in the guest
 *   arg=TEXT			an argument; one line each, the first is argv[0]
 *   env=NAME=VALUE		of the environment; one line each
 *   root=DEV:TYPE:rw|ro	mount this instead of unpacking the archive's files
 *   mount=DEV:PATH:TYPE:rw|ro	mount it there, in this order; PATH is made if need be
 *				DEV is a name below /dev, without it; TYPE may be "auto"
 *   net=none|dhcp|static	the first interface; static is followed by:
 *   address=A.B.C.D/BITS
 *   gateway=A.B.C.D		(may be missing)
 *   dns=A.B.C.D		for /etc/resolv.conf; up to 3; with dhcp: instead of the server's
 *   loglevel=0..7		messages of nucleus and donor, as Linux numbers them: up to this one
 *   strace=0|1			show the program's system calls
 *   timings=0|1		send the records "phase"
 *   stdin=terminal|stream	stream: the program's input is no terminal. A ^D is its end, a byte
 *				after ^V is data, and so are all others
 *   stdout=terminal|stream	stream: the program's output is no terminal, messages end in LF, not
 *				CR LF
 *   winsize=ROWS COLUMNS	of the terminal, where there is one
 *
 * THE ANSWER is text on a port of its own: a line a record, of at most PILLION_RECORD_MAX bytes
 * with the LF. The port is there if reading it gives PILLION_RECORD_PORT.
 *
 *   input			the console takes input; before this it may be lost, or slow for ever
 *   phase NAME NANOSECONDS	boot has come so far, so long after entry
 *   exit STATUS		the program ended: 0..255, 128 + n after signal n
 *   panic TEXT			the nucleus or the donor cannot go on
 *   oom TEXT			there was not enough memory to run the program
 *   mount DISK: TEXT		a disk is not there, or has nothing that can be mounted
 *
 * The first of the last four ends the run. The image then writes the status, or
 * PILLION_STATUS_PANIC, to the exit port as a byte, which ends QEMU, and where that did not help
 * turns the power off.
 */
#ifndef PILLION_IMAGE_H
#define PILLION_IMAGE_H

#define PILLION_IMAGE_VERSION	1

#define PILLION_ARCHIVE_MAGIC	"070701"
#define PILLION_CONFIG_NAME	".pillion/config"

#define PILLION_NOTE_NAME	"Pillion"	/* namesz 8, with the NUL */
#define PILLION_NOTE_ARCHIVE	1		/* type */

#ifndef __ASSEMBLER__
/* The note's descriptor. The image has zeroes in addr and size, and reads them as volatile. */
struct pillion_note_archive {
	unsigned int	version;	/* PILLION_IMAGE_VERSION */
	unsigned int	reserved;
	unsigned long long addr;	/* physical; a multiple of 4096 */
	unsigned long long size;	/* of the archive in bytes; 0: there is none */
};
#endif

/* On a PC: I/O ports of QEMU's devices isa-debugcon and isa-debug-exit. */
#define PILLION_RECORD_PORT	0xe9
#define PILLION_RECORD_MAX	256
#define PILLION_EXIT_PORT	0xf4

/* The command's exit status where the program has none. 70 is libpillion's as well. */
#define PILLION_STATUS_PANIC	70
#define PILLION_STATUS_NOMEM	71
#define PILLION_STATUS_MOUNT	72

#endif
