/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest in QEMU, one of two: Pillion's image or a Linux kernel. QEMU, its machine, its devices
 * and the program are the same for both. A guest's network is a tap in a namespace of its own.
 * Functions return 0, or -1 with the reason in failure(). Locking: none.
 */
#ifndef BENCH_GUEST_H
#define BENCH_GUEST_H

#include "../bench.h"

#define HERE		"192.0.2.1"	/* the host's end of a tap */
#define THERE		"192.0.2.2"	/* the guest */

enum side { OURS, PEER, SIDES };

struct machine {
	enum side side;
	const char *archive;		/* the initial RAM disk, or ours */
	const char *arguments;		/* of the peer's init */
	const char *nic;		/* QEMU's model, or NULL */
	const char *disk;		/* raw image of a virtio disk, or NULL */
	bool writable;
	unsigned mb;			/* memory; 0: MEMORY_MB */
	bool count;			/* -icount shift=0: guest time is instructions */
};

#define MEMORY_MB	256

struct guest {
	pid_t pid;
	int qmp, serial;
	double begun;			/* when the first instruction may run */
	char text[16384];		/* of the console, its end */
	size_t len;
};

int networks_make(void);		/* those of both sides; again: nothing */
int network_of(enum side side);		/* the namespace */

int guest_start(struct guest *g, const struct machine *m);
/* Wait for the line that has this in it; its rest to *figure, when it came to *at (or NULL). */
int guest_wait(struct guest *g, const char *mark, double seconds, double *figure, double *at);
int guest_pause(struct guest *g);
int guest_resume(struct guest *g);
void guest_end(struct guest *g);	/* also of one that was not started: pid 0 */

/* The load of load/load.c from the host's end: one figure. */
int load(enum side side, double *out, const char *what, const char *a, const char *b);

#endif
