/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the POSIX platform promises beyond the contract: hooks, parameters, console, error
 * numbers, guard pages, thread attributes, dl_bootstrap, daemonize, exit; and that it has no user
 * mode.
 */
#define _GNU_SOURCE
#include <sys/prctl.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <rump/rumpext_bus.h>
#include <rump/rumpext_copy.h>
#include <rump/rumpext_user.h>
#include <rump/rumpuser_component.h>

#include "conf.h"
#include "port_posix.h"
#include "rumpuser_posix.h"

int
port_child(void (*f)(void), char *out, size_t len)
{
	int fds[2], status;
	ssize_t n;
	size_t got = 0;
	pid_t pid;

	if (pipe(fds) != 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], 1);
		dup2(fds[1], 2);
		close(fds[0]);
		close(fds[1]);
		f();
		_exit(99);
	}
	close(fds[1]);
	while ((n = read(fds[0], out + got, len - 1 - got)) > 0)
		got += (size_t)n;
	out[got] = '\0';
	close(fds[0]);
	if (waitpid(pid, &status, 0) != pid)
		return -1;
	return status;
}

static char out[4096];

/* Exit and kill */

static void
child_exit3(void)
{

	rumpuser_dprintf("no newline");
	rumpuser_posix_exit_hook(NULL, NULL);
	rumpuser_exit(3);
}

static void
exit_value(void)
{
	int status = port_child(child_exit3, out, sizeof(out));

	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 3);
	CHECK(strstr(out, "no newline") != NULL);
}

static void
child_panic(void)
{

	rumpuser_exit(RUMPUSER_PANIC);
}

static void
exit_panic(void)
{
	int status = port_child(child_panic, out, sizeof(out));

	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == RUMPUSER_POSIX_PANIC_STATUS);
	CHECK(strstr(out, "panic") != NULL);
}

static void
exithook(void *arg, int value)
{

	_exit(*(int *)arg + (value == RUMPUSER_PANIC ? 1 : 0));
}

static void
child_hook(void)
{
	static int base = 50;

	rumpuser_posix_exit_hook(exithook, &base);
	rumpuser_exit(RUMPUSER_PANIC);
}

static void
exit_hook(void)
{
	int status = port_child(child_hook, out, sizeof(out));

	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 51);
}

static int64_t killpid;
static int killsig;

static void
killhook(void *arg, int64_t pid, int sig)
{

	killpid = pid;
	killsig = sig + *(int *)arg;
}

static void
kill_hook(void)
{
	int add = 100;

	rumpuser_posix_kill_hook(killhook, &add);
	CHECK(rumpuser_kill(77, 13) == 0);
	CHECK(killpid == 77 && killsig == 113);
	CHECK(rumpuser_kill(RUMPUSER_PID_SELF, 1) == 0);
	CHECK(killpid == RUMPUSER_PID_SELF && killsig == 101);
	rumpuser_posix_kill_hook(NULL, NULL);
}

static void
kill_nohook(void)
{

	CHECK(rumpuser_kill(RUMPUSER_PID_SELF, SIGKILL) == 0);
	CHECK(rumpuser_kill(getpid(), SIGKILL) == 0);
}

/* Parameters */

static void
param_order(void)
{
	char buf[32];

	setenv("CONF_PARAM", "environment", 1);
	CHECK(rumpuser_getparam("CONF_PARAM", buf, sizeof(buf)) == 0);
	CHECK(strcmp(buf, "environment") == 0);
	CHECK(rumpuser_posix_param_set("CONF_PARAM", "set") == 0);
	CHECK(rumpuser_posix_param_set("CONF_PARAM", "again") == 0);
	CHECK(rumpuser_getparam("CONF_PARAM", buf, sizeof(buf)) == 0);
	CHECK(strcmp(buf, "again") == 0);
	CHECK(rumpuser_getparam("CONF_PARAM", buf, 5) == RUMP_E2BIG);
	CHECK(rumpuser_posix_param_set("CONF_PARAM", NULL) == 0);
	CHECK(rumpuser_getparam("CONF_PARAM", buf, sizeof(buf)) == 0);
	CHECK(strcmp(buf, "environment") == 0);
	rumpuser_posix_param_noenv(1);
	CHECK(rumpuser_getparam("CONF_PARAM", buf, sizeof(buf)) == RUMP_ENOENT);
	rumpuser_posix_param_noenv(0);
}

static void
param_hostname(void)
{
	char buf[32];

	CHECK(rumpuser_posix_param_set(RUMPUSER_PARAM_HOSTNAME, "mine") == 0);
	CHECK(rumpuser_getparam(RUMPUSER_PARAM_HOSTNAME, buf, sizeof(buf)) == 0);
	CHECK(strcmp(buf, "mine") == 0);
	CHECK(rumpuser_posix_param_set(RUMPUSER_PARAM_HOSTNAME, NULL) == 0);
}

/* Console */

static char sunk[256];
static size_t sinks, sunklen;

static void
sink(void *arg, const char *buf, size_t len)
{

	(void)arg;
	sinks++;
	if (sunklen + len < sizeof(sunk))
		memcpy(sunk + sunklen, buf, len);
	sunklen += len;
}

static void
puts_(const char *s)
{

	while (*s != '\0')
		rumpuser_putchar(*s++);
}

static void
console_lines(void)
{
	char c;

	sinks = sunklen = 0;
	rumpuser_posix_console_sink(sink, NULL);
	puts_("one\ntw");
	CHECK(sinks == 1 && sunklen == 4 && memcmp(sunk, "one\n", 4) == 0);
	puts_("o\n");
	CHECK(sinks == 2 && sunklen == 8);
	puts_("login: ");
	CHECK(sinks == 2);
	CHECK(rumpext_console_read(&c, 1) == 0);
	CHECK(sinks == 3 && sunklen == 15 && memcmp(sunk + 8, "login: ", 7) == 0);
	rumpuser_dprintf("%s", "x\n");
	CHECK(sinks == 4);
	rumpuser_posix_console_sink(NULL, NULL);
}

static void
console_long(void)
{
	int i;

	sinks = sunklen = 0;
	rumpuser_posix_console_sink(sink, NULL);
	for (i = 0; i < 5000; i++)
		rumpuser_putchar('x');
	rumpuser_putchar('\n');
	CHECK(sunklen == 5001 && sinks > 1);
	rumpuser_posix_console_sink(NULL, NULL);
}

/* Itself prints more than a line holds, as a callback that panics would. */
static void
printing_sink(void *arg, const char *buf, size_t len)
{

	(void)arg;
	(void)buf;
	sunklen += len;
	if (sinks++ == 0)
		rumpuser_dprintf("%0900d", 0);
}

static void
child_nested(void)
{
	int i;

	sinks = sunklen = 0;
	rumpuser_posix_console_sink(printing_sink, NULL);
	for (i = 0; i < 512; i++)
		rumpuser_putchar('x');
	rumpuser_posix_console_sink(NULL, NULL);
	_exit(sinks == 3 && sunklen == 512 + 900 ? 5 : 6);
}

static void
console_nested(void)
{
	int status = port_child(child_nested, out, sizeof(out));

	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 5);
}

static int inputs;

void
rump_ext_console_input(void)
{

	ADD(&inputs, 1);
}

static void
console_input(void)
{
	static char big[10000];
	char buf[16];
	size_t n, total;

	STORE(&inputs, 0);
	CHECK(rumpuser_posix_console_input("hello", 5) == 5);
	CHECK(LOAD(&inputs) == 1);
	CHECK(rumpext_console_read(buf, 3) == 3 && memcmp(buf, "hel", 3) == 0);
	CHECK(rumpext_console_read(buf, sizeof(buf)) == 2 && memcmp(buf, "lo", 2) == 0);
	CHECK(rumpext_console_read(buf, sizeof(buf)) == 0);
	n = rumpuser_posix_console_input(big, sizeof(big));
	CHECK(n > 0 && n < sizeof(big));
	CHECK(rumpuser_posix_console_input(big, 1) == 0);
	for (total = 0; total < n; total++)
		CHECK(rumpext_console_read(buf, 1) == 1);
	CHECK(rumpext_console_read(buf, 1) == 0);
}

/* Error numbers */

static void
errors(void)
{
	int e, saved = errno;

	CHECK(rumpuser_component_errtrans(0) == 0);
	CHECK(rumpuser_component_errtrans(EAGAIN) == RUMP_EAGAIN);
	CHECK(rumpuser_component_errtrans(EDEADLK) == RUMP_EDEADLK);
	CHECK(rumpuser_component_errtrans(ETIMEDOUT) == RUMP_ETIMEDOUT);
	CHECK(rumpuser_component_errtrans(EOPNOTSUPP) == RUMP_EOPNOTSUPP);
	CHECK(rumpuser_component_errtrans(ELOOP) == RUMP_ELOOP);
	CHECK(rumpuser_component_errtrans(99999) == RUMP_EIO);
	CHECK(rumpuser_component_errtrans(-1) == RUMP_EIO);
	for (e = 1; e < 134; e++)
		CHECK(rumpuser_component_errtrans(e) >= 1 &&
		    rumpuser_component_errtrans(e) <= RUMP_ELAST);
	for (e = 1; e <= 34; e++)
		if (e != EAGAIN)
			CHECK(rumpuser_component_errtrans(e) == e);
	errno = saved;
}

static void
seterrno(void)
{
	int saved = errno, e1, e2, e3;

	rumpuser_seterrno(RUMP_ETIMEDOUT);
	e1 = errno;
	rumpuser_seterrno(RUMP_EAGAIN);
	e2 = errno;
	rumpuser_seterrno(5000);
	e3 = errno;
	errno = saved;
	CHECK(e1 == ETIMEDOUT && e2 == EAGAIN && e3 == EIO);
}

/* Memory and threads */

static void
guard(void)
{
	uint8_t c = 0;
	void *mem;

	CHECK(rumpuser_anonmmap(NULL, 65536, 0, 0, &mem) == 0);
	CHECK(rumpext_copy(mem, &c, 1) == 0);
	CHECK(rumpext_copy((uint8_t *)mem - 1, &c, 1) == 1);
	rumpuser_unmap(mem, 65536);
	CHECK(rumpext_copy(mem, &c, 1) == 1);
}

static int
mappings(void)
{
	FILE *f = fopen("/proc/self/maps", "r");
	int n = 0, c;

	if (f == NULL)
		return -1;
	while ((c = getc(f)) != EOF)
		n += c == '\n';
	fclose(f);
	return n;
}

static void
unmapped(void)
{
	static void *mem[500];
	int before = mappings(), i;

#if defined(__SANITIZE_THREAD__)
	SKIP("the sanitizer's own mappings come and go");
#endif
	/* Guard pages and what alignment cut off go too. */
	for (i = 0; i < 500; i++)
		CHECK(rumpuser_anonmmap(NULL, 8192, 12 + i % 8, 0, &mem[i]) == 0);
	for (i = 0; i < 500; i++)
		rumpuser_unmap(mem[i], 8192);
	CHECK(mappings() <= before + 8);
}

static void *
attributes(void *arg)
{
	sigset_t set;
	char name[16] = "";

	*(int *)arg = 1;
	if (pthread_sigmask(SIG_BLOCK, NULL, &set) != 0 || sigismember(&set, SIGSEGV) ||
	    sigismember(&set, SIGBUS) || sigismember(&set, SIGFPE) || sigismember(&set, SIGILL))
		*(int *)arg = 2;
	if (!sigismember(&set, SIGINT) || !sigismember(&set, SIGTERM) ||
	    !sigismember(&set, SIGALRM) || !sigismember(&set, SIGUSR1))
		*(int *)arg = 3;
	(void)prctl(PR_GET_NAME, name);
	if (strcmp(name, "a-rather-long-t") != 0)
		*(int *)arg = 4;
	return NULL;
}

static void
threadattr(void)
{
	sigset_t before, after;
	int seen = 0;
	void *t;

	(void)pthread_sigmask(SIG_BLOCK, NULL, &before);
	CHECK(rumpuser_thread_create(attributes, &seen, "a-rather-long-thread-name", 1, -1, -1,
	    &t) == 0);
	(void)pthread_sigmask(SIG_BLOCK, NULL, &after);
	CHECK(rumpuser_thread_join(t) == 0);
	CHECK(seen == 1);
	CHECK(sigismember(&before, SIGALRM) == sigismember(&after, SIGALRM));
}

/* Link sets: the main program's own, and those of two shared objects */

struct modinfo { const char *name; };
struct rump_component { const char *name; };
#define SET(set, var) static const void *const set##var					\
	__attribute__((__used__, __section__("link_set_" #set))) = &var

static const struct modinfo main_mod = { "main-module" };
static const struct rump_component main_comp = { "main-component" };
SET(modules, main_mod);
SET(rump_components, main_comp);

static int mods, comps, syms;

static void
modinit(const struct modinfo *const *mi, size_t n)
{

	while (n-- > 0)
		if (strcmp((*mi++)->name, "main-module") == 0)
			mods += 1;
		else if (strcmp(mi[-1]->name, "hidden-module") == 0)
			mods += 10;
		else if (strcmp(mi[-1]->name, "exported-module") == 0)
			mods += 100;
		else
			mods += 100000;
}

static void
compload(const struct rump_component *rc)
{

	if (strcmp(rc->name, "main-component") == 0)
		comps += 1;
	else if (strcmp(rc->name, "hidden-component") == 0)
		comps += 10;
	else if (strcmp(rc->name, "exported-component") == 0)
		comps += 100;
	else
		comps += 100000;
}

static int
symload(void *symtab, uint64_t symlen, char *strtab, uint64_t strlen_)
{

	syms += symtab != NULL && symlen > 0 && strtab[strlen_ - 1] == '\0';
	free(symtab);
	free(strtab);
	return 0;
}

static void
bootstrap(void)
{

	mods = comps = syms = 0;
	rumpuser_dl_bootstrap(modinit, symload, compload);
	CHECK(mods == CONF_SETS);
	CHECK(comps == CONF_SETS);
	CHECK(syms >= 1 || CONF_SETS == 1);
	rumpuser_dl_bootstrap(NULL, NULL, NULL);
}

/* Daemonizing */

static int verdict;

static void
child_daemon(void)
{
	struct { pid_t sid, pid; } w;
	char buf[2];

	if (rumpuser_daemonize_begin() != 0)
		_exit(77);
	if (rumpuser_daemonize_begin() != RUMP_EINVAL)
		_exit(78);
	if (verdict == -1)
		_exit(0);	/* without a word */
	if (verdict == -2) {
		if (rumpuser_daemonize_done(0) != 0)
			_exit(79);
		w.sid = getsid(0);
		w.pid = getpid();
		if (w.sid != w.pid || read(0, buf, 2) != 0 || write(1, "lost", 4) != 4)
			_exit(80);
		_exit(0);
	}
	(void)rumpuser_daemonize_done(verdict);
	_exit(0);
}

static void
daemonize(void)
{
	int status;

	verdict = 5;
	status = port_child(child_daemon, out, sizeof(out));
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 5);
	verdict = -1;
	status = port_child(child_daemon, out, sizeof(out));
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	verdict = -2;
	status = port_child(child_daemon, out, sizeof(out));
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	CHECK(strstr(out, "lost") == NULL);
}

static void
daemonize_bad(void)
{

	CHECK(rumpuser_daemonize_done(0) == RUMP_EINVAL);
}

/* User mode */

static void
user_none(void)
{
	static const struct rumpext_clock zero;
	struct rumpext_user_info info;
	struct rumpext_clock clk;

	memset(&clk, 0, sizeof(clk));
	CHECK_NOUPCALL(rumpext_user_info(&info) == RUMP_ENOTSUP);
	CHECK_NOUPCALL(rumpext_user_clock(&clk) == RUMP_ENOTSUP);
	CHECK(memcmp(&clk, &zero, sizeof(clk)) == 0);
}

const struct test posix_tests[] = {
	{ "posix exit: value; output is complete", exit_value },
	{ "posix exit: a panic has its own status and message", exit_panic },
	{ "posix exit: hook", exit_hook },
	{ "posix kill: hook", kill_hook },
	{ "posix kill: never a signal of the host", kill_nohook },
	{ "posix getparam: set, then environment", param_order },
	{ "posix getparam: host name can be set", param_hostname },
	{ "posix console: sink gets lines, and what waits before input", console_lines },
	{ "posix console: long lines", console_long },
	{ "posix console: what a sink prints itself overruns no line", console_nested },
	{ "posix console: input, upcall, full", console_input },
	{ "posix errors: every host number has one of the contract", errors },
	{ "posix seterrno: the host's number", seterrno },
	{ "posix anonmmap: guard page below, nothing after unmap", guard },
	{ "posix unmap: no mapping is left", unmapped },
	{ "posix thread: signals blocked, name, creator's mask unchanged", threadattr },
	{ "posix dl_bootstrap: link sets of program and shared objects", bootstrap },
	{ "posix daemonize: verdict reaches the parent", daemonize },
	{ "posix daemonize: done without begin is EINVAL", daemonize_bad },
	{ "posix user mode: there is none, and no clock for it", user_none },
	{ NULL, NULL },
};
