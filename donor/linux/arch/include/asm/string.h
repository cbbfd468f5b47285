/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_STRING_H
#define _ASM_PILLION_STRING_H

/*
 * The platform's: helpers of the C language that any freestanding environment has (rule 2 of the
 * design).
 */
#ifndef __rumpcall
#define __rumpcall __attribute__((visibility("default")))
#endif
#define __HAVE_ARCH_MEMCPY
extern void *memcpy(void *dst, const void *src, __kernel_size_t n) __rumpcall;
#define __HAVE_ARCH_MEMMOVE
extern void *memmove(void *dst, const void *src, __kernel_size_t n) __rumpcall;
#define __HAVE_ARCH_MEMSET
extern void *memset(void *dst, int c, __kernel_size_t n) __rumpcall;
#define __HAVE_ARCH_MEMCMP
extern int memcmp(const void *a, const void *b, __kernel_size_t n) __rumpcall;
#define __HAVE_ARCH_STRLEN
extern __kernel_size_t strlen(const char *s) __rumpcall;

#endif
