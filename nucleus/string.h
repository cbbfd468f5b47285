/* SPDX-License-Identifier: BSD-2-Clause */
/* C's memory and string functions, as far as the kernel has them. */
#ifndef NUCLEUS_STRING_H
#define NUCLEUS_STRING_H

#include <nucleus/types.h>

void *memcpy(void *dst, const void *src, size_t len);
void *memmove(void *dst, const void *src, size_t len);
void *memset(void *dst, int c, size_t len);
int memcmp(const void *a, const void *b, size_t len);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t len);
char *strchr(const char *s, int c);

/* As BSD's: always ends dst, and returns the length of src. */
size_t strlcpy(char *dst, const char *src, size_t len);

/* A number in base 10, or 16 after "0x", modulo 2^64; *end: what follows it, unless end is NULL. */
uint64_t string_number(const char *s, const char **end);

#endif /* NUCLEUS_STRING_H */
