/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Being asked to stop: SIGINT, SIGTERM, SIGHUP.
 *
 * The first one sets a flag and wakes the main thread out of a blocked call, on the host and in
 * the donor; the command unwinds, the file systems are unmounted and the tool exits with 128 +
 * the signal. The second one exits at once.
 */
#ifndef TOOL_STOP_H
#define TOOL_STOP_H

#include <stdbool.h>

/*
 * Before the boot starts other threads: block the signals, so that every thread inherits that.
 * Until then, while files are opened and servers started, they end the process as they do any.
 */
void stop_prepare(void);
/*
 * After the donor booted: start the thread that waits for them. The caller is the thread to wake.
 */
void stop_start(void);
/* No call of this thread is to be interrupted any more (the unmount is to end in peace). */
void stop_end(void);
bool stop_requested(void);
int stop_signal(void);		/* the signal, or 0 */
/* Further threads to wake (the copy pipeline). */
void stop_join_current_thread(void);
void stop_leave_current_thread(void);

#endif
