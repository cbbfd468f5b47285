/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The registers of user code for <rump/rumpext_user.h>: x86_64.
 *
 * The order is that of Linux's struct user_regs_struct. What rumpext_user_run() makes of it:
 *
 * rflags: user code may have CF PF AF ZF SF TF DF OF RF NT AC ID as given; IF is set, and all else
 *	is clear, whatever is given. TF traps after one instruction (EXCEPTION 1).
 * cs, ss, ds, es, fs, gs: ignored, and unchanged at the trap. User code runs with flat 64-bit
 *	segments, the selectors as Linux has them if that is easy (cs 0x33, ss 0x2b, others 0).
 * fs_base, gs_base: loaded, and as they are at the trap (user code may change them only where
 *	hwcap2 has bit 1, FSGSBASE). One at or beyond 2^47 is taken for 0.
 * rip: one at or beyond 2^47: FAULT, access EXEC, without a step into user mode.
 * orig_rax: at a SYSCALL trap the number; else -1. Ignored on the way down.
 * At a SYSCALL trap rcx and r11 are what the instruction leaves there, rip is behind it, and rax
 *	is the number, too. All registers are loaded on the way down, rcx and r11 too.
 *
 * EXCEPTION: vector is the CPU's: 0 #DE, 1 #DB, 3 #BP (rip behind it), 4 #OF, 5 #BR, 6 #UD, 7 #NM
 *	(never: FP is on), 10 to 13 #TS #NP #SS #GP, 16 #MF, 17 #AC, 19 #XM, 21 #CP; code is the
 *	error code, 0 where there is none. At #DB addr is DR6. int 0x80 and other gates that are
 *	not for user code: #GP. A FAULT's code is #PF's (bit 0: protection, 1: write, 2: user, 4:
 *	instruction).
 *
 * FP state (fpget, fpput): with XSAVE, its standard (not compacted) format for the components in
 *	fp_features, which has none but x87, SSE, AVX and AVX-512 (bits 0-2, 5-7); else FXSAVE's
 *	512 bytes. Bytes 464 to 511 are not looked at and written as 0. A component whose bit in
 *	the header (XSTATE_BV) is clear is in its initial state. fpput refuses: reserved bits of
 *	MXCSR; XSTATE_BV beyond fp_features; XCOMP_BV or the header's other bytes not 0.
 */
#ifndef RUMP_RUMPEXT_REGS_H
#define RUMP_RUMPEXT_REGS_H

#include <rump/rumptypes.h>

struct rumpext_regs {
	uint64_t	r15, r14, r13, r12, rbp, rbx;
	uint64_t	r11, r10, r9, r8;
	uint64_t	rax, rcx, rdx, rsi, rdi;
	uint64_t	orig_rax;
	uint64_t	rip, cs, rflags, rsp, ss;
	uint64_t	fs_base, gs_base;
	uint64_t	ds, es, fs, gs;
};

#endif /* RUMP_RUMPEXT_REGS_H */
