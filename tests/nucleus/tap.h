/* SPDX-License-Identifier: BSD-2-Clause */
/* TAP from within the nucleus: on the console, between whatever else is said there. */
#ifndef TAP_H
#define TAP_H

#include <nucleus/board.h>
#include <nucleus/boot.h>
#include <nucleus/clock.h>
#include <nucleus/error.h>
#include <nucleus/heap.h>
#include <nucleus/irq.h>
#include <nucleus/log.h>
#include <nucleus/page.h>
#include <nucleus/random.h>
#include <nucleus/space.h>
#include <nucleus/string.h>
#include <nucleus/thread.h>
#include <nucleus/user.h>

/* Count and report one test; the result is cond. */
bool tap_ok(bool cond, const char *fmt, ...) PRINTF(2, 3);
void tap_note(const char *fmt, ...) PRINTF(1, 2);

/* Free pages, and blocks of the heap in use: exactly, when nothing else goes on. */
size_t free_pages(void);
size_t heap_blocks(void);

#define ok(cond, ...)	tap_ok((cond), __VA_ARGS__)

void test_format(void);
void test_memory(void);
void test_heap(void);
void test_space(void);
void test_tables(void);
void test_threads(void);
void test_locks(void);
void test_time(void);
void test_user(void);
void test_machine(void);
void test_cpus(void);
void test_stress(void);
void test_cost(void);
void test_lines(void);
void test_console(void);
void test_cap(void);
void test_ipc(void);
void test_ipc_loans(void);		/* parts of it */
void test_ipc_load(void);
void test_vm(void);
void fault(const char *kind);		/* provoke it */

#endif /* TAP_H */
