/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's log, formatted output, panic.
 *
 * The log keeps the last messages in memory, for a debugger (gdb.py), and writes those of at least
 * the console's level to the sinks. Conversions: d i u x X o c s p %, with flags 0 - + # space,
 * width, precision, h hh l ll z j t; no floating point.
 *
 * Locking: one spin lock inside, broken by panic(). Any context.
 */
#ifndef NUCLEUS_LOG_H
#define NUCLEUS_LOG_H

#include <nucleus/list.h>
#include <nucleus/types.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* One message; a newline is added. "[seconds.microseconds] " goes before it. */
void log_print(enum log_level level, const char *fmt, ...) PRINTF(2, 3);
#define log_error(...)	log_print(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)	log_print(LOG_WARN, __VA_ARGS__)
#define log_info(...)	log_print(LOG_INFO, __VA_ARGS__)
#define log_debug(...)	log_print(LOG_DEBUG, __VA_ARGS__)

/* The level up to which messages go to the console; LOG_WARN unless told otherwise. */
void log_set_level(enum log_level level);

/* From now on no lock is taken: the kernel panics. */
void log_break_lock(void);

/* As C's. The result is the length that the whole would have had. */
int format(char *buf, size_t len, const char *fmt, ...) PRINTF(3, 4);
int vformat(char *buf, size_t len, const char *fmt, va_list ap);

/*
 * Say what happened, with a backtrace of the calling thread, and end: machine_exit(EXIT_PANIC).
 * panic_at: the backtrace begins at another place (of a fault). Any context, any state.
 */
void panic(const char *fmt, ...) PRINTF(1, 2) NORETURN;
void panic_at(uintptr_t pc, uintptr_t fp, const char *fmt, ...) PRINTF(3, 4) NORETURN;

/*
 * A function to be told first (a donor that can say more): fn(message, pc, fp). Called once; a
 * panic within it goes on without.
 */
void panic_hook(void (*fn)(const char *message, uintptr_t pc, uintptr_t fp));

#define assert(cond) \
	do { \
		if (unlikely(!(cond))) \
			panic("%s:%d: assertion failed: %s", __FILE__, __LINE__, #cond); \
	} while (0)

/* Backtrace by frame pointers from (pc, fp), to the console. */
void backtrace(uintptr_t pc, uintptr_t fp);

/* What lies at an address that the kernel must not have accessed as it did: for people. */
const char *address_kind(uintptr_t addr);

/* The function that addr lies in, and the offset in it; NULL if not known. */
const char *symbol_name(uintptr_t addr, size_t *offset);

#endif /* NUCLEUS_LOG_H */
