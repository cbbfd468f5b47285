/* SPDX-License-Identifier: BSD-2-Clause */
/* Running QEMU; see runner.h. */
#include "runner.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <pillion/image.h>

#include "backlog.h"
#include "console.h"
#include "qemu.h"
#include "record.h"
#include "report.h"
#include "sys.h"

#define GRACE 3.0			/* seconds from asking QEMU to end to making it */
#define LINGER 1.0			/* and from its end to giving up a reader that does not read */
#define NOT_STARTED 126			/* of the child; even, so no status by the exit port */
#define OLD_PANIC 127			/* of the exit port without a record: EXIT_PANIC */

enum { FD_SIGNAL, FD_RECORDS, FD_OUTPUT, FD_STDOUT, FD_ERRORS, FD_STDIN, FD_INPUT, NFDS };

struct run {
	struct runner *r;
	pid_t pid;
	int input, output, errors, signals;	/* input: QEMU reads it */
	struct console console;
	struct records records;
	struct pollfd fd[NFDS];
	char buf[1 << 16];		/* output, from at to len still to be written */
	size_t at, len;
	double deadline;		/* 0: none */
	int forced;			/* the status, decided by us: timeout, signal; or -1 */
	bool heard, ending;		/* the guest runs; it has said its status */
	bool asked, killed, exited;
	int status;			/* of QEMU, when exited */
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int runner_init(struct runner *r)
{
	if (pipe2(r->records, O_CLOEXEC) == 0)
		return 0;
	report_fail(EXIT_RUN, -errno, "a pipe");
	return -1;
}

static void child(const struct runner *r, char *const *argv, const int fd[3], pid_t parent)
{
	sigset_t none;
	int err;

	/* away from the terminal: its ^C is for us, and we end QEMU in order */
	setsid();
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(NOT_STARTED);
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int i = 0; i < 3; i++) {
		if (dup2(fd[i], i) < 0)
			_exit(NOT_STARTED);
	}
	fcntl(r->records[1], F_SETFD, 0);
	for (int i = 0; i < r->nkeep; i++)
		fcntl(r->keep[i], F_SETFD, 0);
	execvp(argv[0], argv);
	err = errno;
	report_fail(EXIT_RUN, -err, "%s", argv[0]);
	if (err == ENOENT)
		fputs("  (Debian package qemu-system-x86)\n", stderr);
	_exit(NOT_STARTED);
}

/* 0, or -1 reported. */
static int start(struct run *u, char *const *argv)
{
	int in[2] = { -1, -1 }, out[2] = { -1, -1 }, err[2] = { -1, -1 };
	pid_t parent = getpid();

	u->pid = -1;
	if (pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0 && pipe2(err, O_CLOEXEC) == 0)
		u->pid = fork();
	if (u->pid == 0)
		child(u->r, argv, (int[]){ in[0], out[1], err[1] }, parent);
	if (u->pid < 0)
		report_fail(EXIT_RUN, -errno, "cannot start %s", argv[0]);
	close(in[0]);
	close(out[1]);
	close(err[1]);
	close(u->r->records[1]);
	u->input = in[1];
	u->output = out[0];
	u->errors = err[0];
	if (u->pid < 0)
		return -1;
	fcntl(u->input, F_SETFL, O_NONBLOCK);
	return 0;
}

static void take_signals(struct run *u)
{
	static const int wanted[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction act;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		/* what the caller has ignored (nohup) stays so */
		if (sigaction(wanted[i], NULL, &act) == 0 && act.sa_handler != SIG_IGN)
			sigaddset(&set, wanted[i]);
	}
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);	/* ignored, by a caller, there would be none */
	u->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static double earlier(double deadline, double t)
{
	return deadline > 0 && deadline < t ? deadline : t;
}

/* End QEMU, for this reason if there was none before. */
static void end(struct run *u, int status)
{
	if (u->forced < 0)
		u->forced = status;
	if (u->exited) {
		u->deadline = earlier(u->deadline, now() + LINGER);
		return;
	}
	kill(u->pid, u->asked ? SIGKILL : SIGTERM);
	u->killed = u->asked;
	u->asked = true;
	u->deadline = now() + GRACE;
}

/* Who reads the output gets the time that he needs, but where the end was forced. */
static void on_exit_of_qemu(struct run *u)
{
	u->exited = true;
	u->deadline = u->forced >= 0 ? now() + LINGER : 0;
}

static void on_signal(struct run *u)
{
	struct signalfd_siginfo info;

	while (read(u->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo != SIGCHLD)
			end(u, 128 + (int)info.ssi_signo);
		else if (!u->exited && waitpid(u->pid, &u->status, WNOHANG) == u->pid)
			on_exit_of_qemu(u);
	}
}

/* Time is up for QEMU; or, if the program has ended, for its last steps: that is no timeout. */
static void on_deadline(struct run *u)
{
	int status;

	console_restore();	/* so that lines end as they should again */
	if (!u->asked && !records_status(&u->records, &status))
		report_fail(EXIT_RUN_TIMEOUT, 0, "timeout: the program has not ended");
	end(u, records_status(&u->records, &status) ? u->forced : EXIT_RUN_TIMEOUT);
}

static void on_output(struct run *u)
{
	ssize_t n = read(u->output, u->buf, sizeof(u->buf));

	if (n < 0 && errno == EINTR)
		return;
	if (n <= 0) {
		close(u->output);
		u->output = -1;
		return;
	}
	u->at = 0;
	u->len = (size_t)n;
}

static bool unwritten(const struct run *u)
{
	return u->at < u->len;
}

/*
 * As much as a pipe that is ready takes without blocking: it may be the caller's terminal or log,
 * so it is not made non-blocking.
 */
static void on_stdout(struct run *u)
{
	size_t len = u->len - u->at;
	ssize_t n = write(STDOUT_FILENO, u->buf + u->at, len < PIPE_BUF ? len : PIPE_BUF);
	int err = errno;

	if (n >= 0) {
		u->at += (size_t)n;
		return;
	}
	if (err == EINTR || err == EAGAIN)
		return;
	if (err != EPIPE)
		report_fail(EXIT_RUN, -err, "standard output");
	u->at = u->len = 0;
	close(u->output);
	u->output = -1;
	end(u, err == EPIPE ? 128 + SIGPIPE : EXIT_RUN);
}

static void on_records(struct run *u)
{
	char buf[4096];
	ssize_t n = read(u->r->records[0], buf, sizeof(buf));
	int status;

	if (n > 0 && !u->heard && u->r->listens)
		backlog_widen(u->pid);
	u->heard = u->heard || n > 0;
	if (n > 0)
		records_take(&u->records, buf, (size_t)n);
	else if (n == 0 || errno != EINTR)
		u->fd[FD_RECORDS].fd = -1;
	/* it is about to end; should that fail we end it */
	if (!u->ending && records_status(&u->records, &status) && !u->asked) {
		u->ending = true;
		u->deadline = earlier(u->deadline, now() + GRACE);
	}
}

/* What QEMU complains about; but not about its end, when it is we who ask for that. */
static void on_errors(struct run *u)
{
	char buf[4096];
	ssize_t n = read(u->errors, buf, sizeof(buf));

	if (n > 0 && !u->asked)
		sys_write_all(&host_side, STDERR_FILENO, buf, (size_t)n);
	else if (n == 0 || (n < 0 && errno != EINTR))
		u->fd[FD_ERRORS].fd = -1;
}

static int wait_time(const struct run *u)
{
	double left = u->deadline - now();

	if (u->exited && !unwritten(u))
		return 0;		/* what is in the pipes, and no more */
	if (u->deadline <= 0)
		return -1;
	return left <= 0 ? 0 : left > 3600 ? 3600000 : (int)(left * 1000) + 1;
}

/* What is waited for now: no output is read before what was read is written. */
static void choose(struct run *u)
{
	bool input = u->records.input && u->console.at < u->console.len;

	u->fd[FD_OUTPUT].fd = unwritten(u) ? -1 : u->output;
	u->fd[FD_STDOUT].fd = unwritten(u) ? STDOUT_FILENO : -1;
	u->fd[FD_STDIN].fd = console_wants(&u->console) && !u->asked ? STDIN_FILENO : -1;
	u->fd[FD_INPUT].fd = input && u->input >= 0 ? u->input : -1;
}

/* After QEMU's end: false: all that it wrote was passed on, or nobody takes it. */
static bool more(const struct run *u)
{
	if (unwritten(u))
		return u->deadline <= 0 || now() < u->deadline;
	return u->fd[FD_OUTPUT].revents || u->fd[FD_STDOUT].revents ||
	       u->fd[FD_RECORDS].revents || u->fd[FD_ERRORS].revents;
}

/* One turn. false: QEMU has ended, and all that it wrote was read. */
static bool turn(struct run *u)
{
	choose(u);
	if (poll(u->fd, NFDS, wait_time(u)) < 0)
		return errno == EINTR;
	if (u->fd[FD_SIGNAL].revents)
		on_signal(u);
	if (u->fd[FD_RECORDS].revents)
		on_records(u);
	if (u->fd[FD_OUTPUT].revents)
		on_output(u);
	if (u->fd[FD_STDOUT].revents)
		on_stdout(u);
	if (u->fd[FD_ERRORS].revents)
		on_errors(u);
	if (u->exited)
		return more(u);
	if (u->fd[FD_STDIN].revents && !console_read(&u->console))
		end(u, 128 + SIGTERM);
	if (u->fd[FD_INPUT].revents && !console_write(&u->console, u->input)) {
		close(u->input);	/* QEMU is about to end */
		u->input = -1;
		u->console.ended = true;
		u->console.at = u->console.len;
	}
	if (u->deadline > 0 && now() >= u->deadline)
		on_deadline(u);
	return true;
}

/* No record said how the program ended. */
static int status_without_record(const struct run *u)
{
	int code = WIFEXITED(u->status) ? WEXITSTATUS(u->status) : -1;

	if (code == 0) {
		report_fail(EXIT_RUN, 0, "the machine was reset, or switched off, before the program "
			    "ended");
		return PILLION_STATUS_PANIC;
	}
	/* the exit port alone has 7 bits, and success looks like a failure of QEMU's */
	if (code > 1 && (code & 1) && code >> 1 != OLD_PANIC)
		return code >> 1;
	if (code == (OLD_PANIC << 1 | 1)) {
		report_fail(EXIT_RUN, 0, "panic, or an end without a record");
		return PILLION_STATUS_PANIC;
	}
	if (code < 0)
		report_fail(EXIT_RUN, 0, "QEMU was ended by signal %d", WTERMSIG(u->status));
	else if (code != NOT_STARTED)	/* child() has said why */
		report_fail(EXIT_RUN, 0, "QEMU failed with status %d", code);
	return EXIT_RUN;
}

static int outcome(struct run *u)
{
	int status;

	/* a status is worth nothing where the output is not all there */
	if (records_status(&u->records, &status) && !unwritten(u))
		return status;
	return u->forced >= 0 ? u->forced : status_without_record(u);
}

int runner_run(struct runner *r, char *const *argv)
{
	static struct run u;

	u = (struct run){ .r = r, .forced = -1 };
	records_init(&u.records, r->timings);
	take_signals(&u);
	fflush(NULL);
	if (start(&u, argv) != 0)
		return EXIT_RUN;
	console_init(&u.console);
	for (int i = 0; i < NFDS; i++)
		u.fd[i] = (struct pollfd){ .fd = -1, .events = i == FD_INPUT || i == FD_STDOUT ?
							       POLLOUT : POLLIN };
	u.fd[FD_SIGNAL].fd = u.signals;
	u.fd[FD_RECORDS].fd = r->records[0];
	u.fd[FD_ERRORS].fd = u.errors;
	if (r->timeout > 0)
		u.deadline = now() + r->timeout;
	while (turn(&u))
		;
	console_restore();
	records_end(&u.records);
	return outcome(&u);
}
