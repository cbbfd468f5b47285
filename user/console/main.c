/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console's server: a serial port for all who write and read. The calls are in <user.h>.
 *
 * Input comes by interrupt. Output goes as the port has room, which is looked for when something
 * happens, and every millisecond while some waits: a port's FIFO lasts longer. Who has to wait, for
 * input, room or new text, has its reply saved until then.
 *
 * Input is the shell's, told by its badge, but while that waits for a program and wants to know of
 * ^C. What is typed faster than it is read stays in the port, and with the sender; in that time it
 * is lost, so that ^C is reached.
 */
#include <nucleus/string.h>
#include <user.h>

#include "port.h"

#define OUTPUT		4096		/* powers of two: what is not sent yet, and before it what was */
#define INPUT		1024
#define WAITERS		17
#define LOOK		NSEC_PER_MSEC
#define INTERRUPTED	1		/* bit of the notification */
#define CTRL_C		3
#define ROOM		(2 * TEXT_MAX)	/* new lines become two characters */

static const struct serial_port *port;
static unsigned endpoint, irq;
static bool masked;			/* the interrupt, until there is room for input */

/* Positions count up for ever. */
static char output[OUTPUT], input[INPUT];
static unsigned long written, sent, typed, taken;

static unsigned long told;		/* notification that hears of ^C; 0: none */

/* op 0: free. The first is for the shell only, which so finds room always. */
static struct waiter {
	unsigned	op, bytes;
	bool		control;
	unsigned long	reply, position, came;
	char		text[TEXT_MAX];
} waiters[WAITERS];

/* ---- the port ---- */

static void put(const char *s, size_t len)
{
	for (; len > 0; len--, s++) {
		if (*s == '\n')
			output[written++ % OUTPUT] = '\r';
		output[written++ % OUTPUT] = *s;
	}
}

static void push_output(void)
{
	unsigned room;

	while (sent < written && (room = port->room()) > 0) {
		for (; room > 0 && sent < written; room--)
			port->put(output[sent++ % OUTPUT]);
	}
}

static void pull_input(void)
{
	for (unsigned n = 0; n < INPUT && (typed - taken < INPUT || told != 0) && port->has(); n++) {
		char c = port->get();

		if (c == CTRL_C && told != 0 && sys_notify(told, 1) == 0)
			taken = typed;
		else if (typed - taken < INPUT)
			input[typed++ % INPUT] = c;
	}
	if (masked && (typed - taken < INPUT || told != 0)) {
		masked = false;
		(void)sys_irq_ack(irq);
		port->input(true);
	}
}

/* ---- calls ---- */

/* The answer to a call, if there is one already. */
static bool try(unsigned op, unsigned bytes, unsigned long position, struct message *m)
{
	char *text = (char *)m->word;
	unsigned n = 0;

	switch (op) {
	case CONSOLE_WRITE:
		if (written - sent > OUTPUT - ROOM)
			return false;
		put(text, bytes);
		m->tag = 0;
		return true;
	case CONSOLE_READ:
		while (n < bytes && taken + n < typed) {
			text[n] = input[(taken + n) % INPUT];
			n++;
		}
		m->tag = LABEL(0, n);
		return n > 0;
	default:			/* CONSOLE_WATCH */
		if (position > written || written - position > OUTPUT) {
			m->tag = CONSOLE_LOST;
			m->word[0] = position > written ? 0 : written - OUTPUT;
			return true;
		}
		for (; n < TEXT_MAX && position + n < written; n++)
			text[n] = output[(position + n) % OUTPUT];
		m->tag = LABEL(0, n);
		return n > 0;
	}
}

static bool may_have(unsigned op, bool control)
{
	return op != CONSOLE_READ || control || told != 0;
}

/* False: who has waited is gone. */
static bool finish(struct waiter *w, struct message *m)
{
	bool there = ipc_reply(w->reply, m) == 0;

	if (!there)
		(void)sys_cap_close(w->reply);
	w->op = 0;
	return there;
}

/*
 * A free place, or that of the program that has waited for input the longest, which asks again if
 * it is still there. NULL: none.
 */
static struct waiter *place(bool control)
{
	struct message m = { .tag = E_BUSY };
	struct waiter *oldest = NULL;

	for (struct waiter *w = waiters + !control; w < waiters + WAITERS; w++) {
		if (w->op == 0)
			return w;
		if (w->op == CONSOLE_READ && !w->control && (oldest == NULL || w->came < oldest->came))
			oldest = w;
	}
	if (oldest != NULL)
		(void)finish(oldest, &m);
	return oldest;
}

/* False: the caller waits. */
static bool serve(struct message *m)
{
	static unsigned long calls;
	unsigned op = LABEL_OP(m->tag), bytes = MIN(LABEL_BYTES(m->tag), (unsigned)TEXT_MAX);
	bool control = m->badge == BADGE_CONTROL;
	struct waiter *w;
	long reply;

	if (op == CONSOLE_INTERRUPT && control) {
		if (told != 0)
			(void)sys_cap_close(told);
		told = m->tag & TAG_CAP ? m->word[3] : 0;
		m->tag = 0;
		return true;
	}
	if (m->tag & TAG_CAP)
		(void)sys_cap_close(m->word[3]);
	if (op < CONSOLE_WRITE || op > CONSOLE_WATCH || (op == CONSOLE_READ && bytes == 0)) {
		m->tag = op == CONSOLE_INTERRUPT ? E_PERM : E_INVAL;
		return true;
	}
	if (may_have(op, control) && try(op, bytes, m->word[0], m)) {
		taken += op == CONSOLE_READ ? LABEL_BYTES(m->tag) : 0;
		return true;
	}
	w = place(control);
	reply = w != NULL ? sys_reply_save() : -E_BUSY;
	if (reply < 0) {
		m->tag = E_BUSY;
		return true;
	}
	*w = (struct waiter) { op, bytes, control, (unsigned long)reply, m->word[0], calls++, { 0 } };
	memcpy(w->text, m->word, sizeof(w->text));
	return false;
}

/* Those who wait for the same, in the order in which they came. Input of one who is gone stays. */
static void answer_waiters(unsigned op)
{
	for (;;) {
		struct waiter *first = NULL;
		struct message m = { 0 };

		for (struct waiter *w = waiters; w < waiters + WAITERS; w++) {
			if (w->op == op && may_have(op, w->control) && (first == NULL || w->came < first->came))
				first = w;
		}
		if (first == NULL)
			return;
		memcpy(m.word, first->text, sizeof(first->text));
		if (!try(op, first->bytes, first->position, &m))
			return;
		if (finish(first, &m))
			taken += op == CONSOLE_READ ? LABEL_BYTES(m.tag) : 0;
	}
}

static long start(char **argv)
{
	long notification = sys_notification(), error;

	endpoint = (unsigned)string_number(argv[2], NULL);
	irq = (unsigned)string_number(argv[4], NULL);
	port = port_open(argv[1], (unsigned)string_number(argv[3], NULL));
	if (port == NULL)
		return -E_NXIO;
	error = notification < 0 ? notification :
	    sys_irq_bind(irq, (unsigned long)notification, INTERRUPTED);
	if (error == 0)
		error = sys_bind(endpoint, (unsigned long)notification);
	port->input(true);
	return error;
}

int main(int argc, char **argv)
{
	struct message m = { 0 };
	bool answered = false;

	if (argc < 5 || start(argv) != 0)
		return 1;
	for (;;) {
		bool waiting = sent < written;
		long error;

		m.tag = (answered ? m.tag : 0) | (waiting ? TAG_TIMED : 0);
		error = syscall_message(answered ? SYS_REPLY_RECEIVE : SYS_RECEIVE, endpoint, &m,
		    waiting ? sys_clock() + LOOK : 0);
		answered = false;
		if (error == 0 && (m.tag & TAG_NOTIFIED))
			masked = true;
		else if (error == 0)
			answered = serve(&m);
		else if (error != -E_TIMEDOUT)
			return 1;
		pull_input();
		push_output();
		for (unsigned op = CONSOLE_WRITE; op <= CONSOLE_WATCH; op++)
			answer_waiters(op);
	}
}
