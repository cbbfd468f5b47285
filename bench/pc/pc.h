/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The suite of images: its operands, what the two guests have in common, its rows.
 *
 * The folder (the first operand, made by pc.mk) has: server, init and load; linux, the peer's
 * kernel; none.cpio and net.cpio, its initial RAM disks without and with modules; modules; and,
 * where redis is to be measured, redis.ext4 and redis-benchmark.
 */
#ifndef BENCH_PC_H
#define BENCH_PC_H

#include "../bench.h"
#include "guest.h"

#define IMAGE			(options.operand[1])	/* Pillion's, not stripped */
#define COMMAND			(options.operand[2])	/* the pillion command */
#define SERVER			(in_folder("server"))
#define LOAD			(in_folder("load"))
#define PEER_KERNEL		(in_folder("linux"))
#define PEER_COMMAND_LINE	"console=ttyS0 quiet panic=-1"

#define MACHINE			"pc"
#define CPU			"max"

const char *in_folder(const char *name);	/* its path; to be kept */

/* What a guest is given. */
enum kind { NO_NETWORK, VIRTIO, E1000 };

/*
 * A machine that runs the server with up to two arguments. What it needs is made, and kept until
 * the benchmark ends. -1: failure().
 */
int machine_server(struct machine *m, enum side side, enum kind kind, const char *a, const char *b);
/* One that runs a program of a disk image with an ext4 root; argv ends with NULL. */
int machine_disk(struct machine *m, enum side side, const char *image, const char *const *argv);

void rows_boot(void);		/* entry to main, the first answer, memory, size: boot.c */
void rows_net(void);		/* requests, bulk, disk: net.c */
void rows_redis(void);		/* redis.c */
void rows_calls(void);		/* system calls: boot.c */

#endif
