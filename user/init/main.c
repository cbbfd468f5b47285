/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first process: it starts the servers and the shell, starts them again when they end, and
 * tells everybody who asks where a name's server is.
 *
 * A server's endpoint is init's: a server that is started again receives from the same one, so that
 * the handles of its clients stay good. Clients get a copy that can only send, with a badge, so
 * that they cannot give themselves the shell's.
 *
 * Locking: the table is filled before there is a second thread. After that the main thread
 * answers, and only reads; the other one waits for ends, and starts again.
 */
#include <nucleus/log.h>
#include <nucleus/string.h>
#include <user.h>

#define SOON		NSEC_PER_SEC	/* who ends sooner than that, */
#define SOON_MAX	3		/* more often than that in a row, */
#define DELAY_FIRST	(2ul * NSEC_PER_MSEC)	/* waits, */
#define DELAY_MAX	(1ul * NSEC_PER_SEC)	/* longer each time */

struct service {
	const char	*program, *name;
	const char	*device[3];	/* needs the first of these that there is; none: no device */
	bool		control;	/* is given the machine and the keyboard: the shell */
	bool		wanted;		/* the device is there */
	unsigned	endpoint, client;	/* handles: to receive, and to send, which is passed on */
	unsigned	resource, irq;	/* handles */
	struct info_device dev;
	long		process;	/* handle; 0: it does not run, */
	unsigned long	due;		/* and is to be started then */
	unsigned long	started, delay;
	unsigned	soon;		/* ends in a row that were too soon */
};

static struct service services[] = {	/* the console first */
	{ .program = "console", .name = "console", .device = { "pl011", "mini-uart", "16550" } },
	{ .program = "framebuffer", .device = { "framebuffer" } },
	{ .program = "shell", .control = true },
};

/* To the kernel's log: the console's server may be the one that there is trouble with. */
static void PRINTF(1, 2) say(const char *fmt, ...)
{
	char text[LOG_MAX];
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vformat(text, sizeof(text), fmt, ap);
	va_end(ap);
	(void)sys_log(text, MIN((size_t)len, sizeof(text) - 1));
}

/* ---- what a service is given ---- */

static bool find_device(struct service *s)
{
	for (unsigned i = 0; sys_info(HANDLE_SYSTEM, INFO_DEVICE, i, &s->dev, sizeof(s->dev)) > 0; i++) {
		for (unsigned n = 0; n < ARRAY_SIZE(s->device) && s->device[n] != NULL; n++) {
			if (strcmp(s->device[n], s->dev.name) == 0)
				return true;
		}
	}
	return false;
}

/* A capability of all that end up with the service's process only; 0: there is none. */
static unsigned own(const struct service *s, long handle)
{
	if (handle < 0) {
		say("init: %s: a capability: %s", s->program, error_text(handle));
		return 0;
	}
	return (unsigned)handle;
}

static void prepare(struct service *s)
{
	if (s->device[0] != NULL && !find_device(s))
		return;
	s->wanted = true;
	if (s->name != NULL) {
		s->endpoint = own(s, sys_endpoint());
		s->client = own(s, sys_cap_copy(s->endpoint, RIGHT_SEND | RIGHT_GRANT, BADGE_ALL));
	}
	if (s->control) {
		s->endpoint = own(s, sys_cap_copy(services[0].endpoint, RIGHT_SEND, BADGE_CONTROL));
		s->resource = own(s, sys_cap_copy(HANDLE_SYSTEM, RIGHTS_ALL, 0));
	}
	if (s->device[0] == NULL)
		return;
	s->resource = own(s, sys_device(HANDLE_SYSTEM, s->dev.kind, s->dev.start, s->dev.length));
	if (s->dev.irq != INFO_NO_IRQ)
		s->irq = own(s, sys_device(HANDLE_SYSTEM, CAP_IRQ, s->dev.irq, 1));
}

static void pass_on(const struct service *s, bool on)
{
	const unsigned handles[] = { s->endpoint, s->resource, s->irq };

	for (unsigned i = 0; i < ARRAY_SIZE(handles); i++) {
		if (handles[i] != 0)
			(void)sys_cap_inherit(handles[i], on);
	}
}

struct beginning {
	const struct service *service;
	char	**argv;
};

/*
 * In the child: what it is given is not its children's, unless it says so. What fails is said
 * without the console, whose server this may be.
 */
static long become(void *arg)
{
	const struct beginning *b = arg;
	long error;

	pass_on(b->service, false);
	error = exec_program(b->argv);
	if (b->service->delay < DELAY_MAX)
		say("init: %s: %s", b->argv[0], error_text(error));
	sys_exit(127);
}

/* Arguments: the device's name, then its handles and what it needs to know, as numbers. */
static void start(struct service *s)
{
	char number[3][12], values[4][12];
	char *argv[] = { (char *)s->program, s->dev.name, number[0], number[1], number[2], values[0],
	    values[1], values[2], values[3], NULL };
	const unsigned handles[] = { s->endpoint, s->resource, s->irq };
	struct beginning b = { s, argv };

	s->due = 0;
	for (unsigned i = 0; i < ARRAY_SIZE(handles); i++)
		(void)format(number[i], sizeof(number[i]), "%u", handles[i]);
	for (unsigned i = 0; i < ARRAY_SIZE(values); i++)
		(void)format(values[i], sizeof(values[i]), "%u", s->dev.values[i]);
	pass_on(s, true);
	s->started = sys_clock();
	s->process = spawn(argv, become, &b);
	pass_on(s, false);
	if (s->process < 0) {
		say("init: %s: %s", s->program, error_text(s->process));
		s->process = 0;
		s->due = s->started + DELAY_MAX;
	}
}

/* ---- ends ---- */

/*
 * The server comes first: the line that says so may take longer than it does. Of one that waits as
 * long as can be each time nothing more is said.
 */
static void ended(struct service *s, const struct wait_info *w)
{
	static const char *const reasons[] = { "exit", "killed", "fault", "exception", "no memory" };
	bool said = s->delay == DELAY_MAX;

	s->process = 0;
	s->soon = sys_clock() - s->started > SOON ? 0 : s->soon + 1;
	s->delay = s->soon <= SOON_MAX ? 0 : MIN(MAX(s->delay * 2, DELAY_FIRST), DELAY_MAX);
	if (s->delay == 0)
		start(s);
	else
		s->due = sys_clock() + s->delay;
	if (said && s->delay == DELAY_MAX)
		return;
	say("init: %s (process %u) has ended: %s, status %d, address %#lx; again in %lu ms", s->program,
	    w->id, w->reason < ARRAY_SIZE(reasons) ? reasons[w->reason] : "?", w->status, w->address,
	    s->delay / (unsigned long)NSEC_PER_MSEC);
}

/* Those whose time has come; when that of the next is. */
static unsigned long start_due(void)
{
	unsigned long next = DEADLINE_NEVER;

	for (struct service *s = services; s < services + ARRAY_SIZE(services); s++) {
		if (s->due != 0 && s->due <= sys_clock())
			start(s);
		if (s->due != 0)
			next = MIN(next, s->due);
	}
	return next;
}

/* Children that are no service's are those whose parent has ended. */
static void supervise(void *arg)
{
	struct wait_info w;

	(void)arg;
	for (;;) {
		unsigned long next = start_due();
		long process = sys_wait(0, next, &w);

		if (process > 0)
			(void)sys_cap_close((unsigned long)process);
		else if (process != -E_TIMEDOUT)
			sleep_ns(DELAY_FIRST);	/* nobody runs */
		for (unsigned i = 0; i < ARRAY_SIZE(services) && process > 0; i++) {
			if (services[i].process != process)
				continue;
			ended(&services[i], &w);
			break;
		}
	}
}

/* ---- names ---- */

static void answer(struct message *m)
{
	char name[NAME_MAX + 1] = "";

	if (m->tag & TAG_CAP)
		(void)sys_cap_close(m->word[3]);	/* nobody asked for it: not to be kept */
	memcpy(name, m->word, NAME_MAX);
	for (unsigned i = 0; LABEL_OP(m->tag) == NAMES_LOOKUP && i < ARRAY_SIZE(services); i++) {
		const struct service *s = &services[i];

		if (s->wanted && s->name != NULL && strcmp(s->name, name) == 0) {
			m->tag = TAG_CAP;
			m->word[3] = s->client;
			return;
		}
	}
	m->tag = LABEL_OP(m->tag) == NAMES_LOOKUP ? E_NOENT : E_NOSYS;
}

int main(int argc, char **argv)
{
	long names = sys_endpoint(), client = sys_cap_copy((unsigned)names, RIGHT_SEND | RIGHT_GRANT, 0);
	struct message m;
	long error;

	(void)argc;
	(void)argv;
	if (client != HANDLE_NAMES) {
		say("init: names have handle %ld", client);
		return 1;
	}
	(void)sys_cap_inherit(HANDLE_NAMES, true);
	for (unsigned i = 0; i < ARRAY_SIZE(services); i++)
		prepare(&services[i]);
	for (unsigned i = 0; i < ARRAY_SIZE(services); i++) {
		if (services[i].wanted)
			start(&services[i]);
	}
	error = thread_create(supervise, NULL, 0);
	if (error < 0)
		say("init: nobody supervises: %s", error_text(error));
	error = ipc_receive((unsigned long)names, &m);
	while (error == 0) {
		answer(&m);
		error = ipc_reply_receive((unsigned long)names, &m);
		if (error != 0) {	/* the handle cannot be sent: no memory */
			m.tag = (unsigned long)-error;
			error = ipc_reply_receive((unsigned long)names, &m);
		}
	}
	say("init: %s", error_text(error));
	return 1;
}
