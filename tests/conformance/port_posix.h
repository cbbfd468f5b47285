/* SPDX-License-Identifier: BSD-2-Clause */
/* What the POSIX platform's own conformance tests share. */
#ifndef PORT_POSIX_H
#define PORT_POSIX_H

extern const struct test posix_tests[], posixblk_tests[], posixio_tests[], posixsig_tests[],
	posixnet_tests[],
    posixend_tests[];
extern char port_dir[64];

/* Seconds for the whole suite, an emulator's pace included. */
#define PORT_ALARM 300

/* A file of size bytes in the private directory; "disk" and "other" are removed at the end. */
bool	port_file(const char *name, uint64_t size, char *path, size_t len);

/*
 * Run by an emulator of another instruction set (CONF_EMULATED in the environment): it has
 * threads and descriptors of its own, and does not do all that the host's kernel does.
 */
bool	port_emulated(void);

/* Has the mock donor rump_ext_virtif_deliver() in this program? */
bool	port_extdonor(void);

/* Run f in a child process; its wait status, and what it wrote to standard output and error. */
int	port_child(void (*f)(void), char *out, size_t len);

#endif /* PORT_POSIX_H */
