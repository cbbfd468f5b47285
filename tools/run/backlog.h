/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QEMU's published ports are listened at with a backlog of 1: of connections that come together
 * all but the first wait for seconds. This gives all listening sockets of the process more. Where
 * the host does not allow it they stay as they are.
 */
#ifndef RUN_BACKLOG_H
#define RUN_BACKLOG_H

#include <sys/types.h>

void backlog_widen(pid_t qemu);

#endif
