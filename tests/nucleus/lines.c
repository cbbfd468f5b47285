/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupt lines, with a device that raises one when told: an 82540EM, whose registers make an
 * interrupt that stays until its cause is read. Handlers that wait, and that come and go meanwhile.
 */
#include "tap.h"

#define NIC_ID		0x100e8086
#define ICR		(0xc0 / 4)	/* causes; reading clears them */
#define ICS		(0xc8 / 4)	/* raise */
#define IMS		(0xd0 / 4)	/* let through */
#define IMC		(0xd8 / 4)	/* and not */
#define CAUSE		4

static volatile uint32_t *nic;
static unsigned line;
static unsigned calls, late, gone_calls;
static struct mutex gate = MUTEX_INIT(gate);

static bool find_nic(void)
{
	for (unsigned bus = 0; bus < 8; bus++) {
		for (unsigned dev = 0; dev < 32; dev++) {
			int n;

			if (board_pci_read(bus, dev, 0, 0) != NIC_ID)
				continue;
			board_pci_write(bus, dev, 0, 4, 2, board_pci_read(bus, dev, 0, 4) | 6);
			nic = device_map(board_pci_read(bus, dev, 0, 0x10) & ~0xfu, 0x20000,
			    PROT_R | PROT_W | PROT_DEVICE);
			n = board_pci_irq(bus, dev, 0, board_pci_read(bus, dev, 0, 0x3c) & 0xff);
			tap_note("bus %u, device %u: line %d", bus, dev, n);
			line = (unsigned)n;
			return n >= 0 && nic != NULL;
		}
	}
	return false;
}

static void raise(void)
{
	nic[IMS] = CAUSE;
	nic[ICS] = CAUSE;
}

static void quiet(void)
{
	nic[IMC] = CAUSE;
	(void)nic[ICR];
}

/* Until *p is n, or a second. */
static bool becomes(const unsigned *p, unsigned n)
{
	for (unsigned i = 0; i < 100 && READ_ONCE(*p) != n; i++)
		sleep_until(clock_now() + 10 * NSEC_PER_MSEC);
	return READ_ONCE(*p) == n;
}

static int proper(void *arg)
{
	(void)arg;
	calls++;
	return nic[ICR] != 0;
}

static int stranger(void *arg)
{
	(void)arg;
	late++;
	return 0;
}

static int waits(void *arg)
{
	(void)arg;
	calls++;
	mutex_lock(&gate);
	mutex_unlock(&gate);
	return nic[ICR] != 0;
}

static void on_gone(void *arg)
{
	(void)arg;
	gone_calls++;
}

static void test_delivery(unsigned flags, const char *what)
{
	struct irq *irq;

	calls = 0;
	ok(irq_attach(line, IRQ_LEVEL | flags, "test", proper, NULL, &irq) == 0, "%s: attach", what);
	for (unsigned i = 1; i <= 3; i++) {
		raise();
		(void)becomes(&calls, i);
	}
	ok(calls == 3, "%s: three interrupts, %u calls", what, calls);
	quiet();
	irq_detach(irq, NULL);
	raise();
	sleep_until(clock_now() + 10 * NSEC_PER_MSEC);
	ok(calls == 3, "%s: and none once it is detached", what);
	quiet();
}

/* Nobody reads the cause: the line stays raised. */
static void test_storm(unsigned flags, const char *what)
{
	struct irq_stats before, after, later;
	struct irq *a, *b;

	late = calls = 0;
	(void)irq_stats(line, &before);
	ok(irq_attach(line, IRQ_LEVEL | flags, "test", stranger, NULL, &a) == 0, "%s: attach", what);
	raise();
	sleep_until(clock_now() + 200 * NSEC_PER_MSEC);
	(void)irq_stats(line, &after);
	sleep_until(clock_now() + 50 * NSEC_PER_MSEC);
	(void)irq_stats(line, &later);
	ok(after.unclaimed - before.unclaimed >= 1000 && later.count == after.count,
	    "%s: nobody's line is masked after %u interrupts", what,
	    (unsigned)(after.count - before.count));
	ok(irq_attach(line, IRQ_LEVEL | flags, "test", proper, NULL, &b) == 0 && becomes(&calls, 1),
	    "%s: who comes then gets it", what);
	quiet();
	irq_detach(a, NULL);
	irq_detach(b, NULL);
}

static struct irq *other;
static unsigned detached;

static void detacher(void *arg)
{
	irq_detach(arg, NULL);
	detached = 1;
}

/* A handler that waits for what we have: others can come and go, and it itself can go. */
static void test_waiting(void)
{
	struct irq *irq;
	struct thread *t;

	calls = gone_calls = late = 0;
	mutex_lock(&gate);
	ok(irq_attach(line, IRQ_LEVEL | IRQ_THREADED, "test", waits, NULL, &irq) == 0, "attach");
	raise();
	ok(becomes(&calls, 1), "a handler that waits for a mutex of ours");
	ok(irq_attach(line, IRQ_LEVEL | IRQ_THREADED, "test", stranger, NULL, &other) == 0,
	    "meanwhile another is attached");
	irq_detach(other, NULL);
	ok(late == 0, "and detached");
	irq_detach(irq, on_gone);
	ok(gone_calls == 0, "the one that waits is detached without waiting for it");
	mutex_unlock(&gate);
	ok(becomes(&gone_calls, 1), "and says when it is gone");

	calls = 0;
	mutex_lock(&gate);
	ok(irq_attach(line, IRQ_LEVEL | IRQ_THREADED, "test", waits, NULL, &irq) == 0, "attach");
	raise();
	(void)becomes(&calls, 1);
	t = thread_create("detacher", PRIO_HIGH, 0, true, detacher, irq);
	sleep_until(clock_now() + 10 * NSEC_PER_MSEC);
	ok(detached == 0, "who detaches and waits, waits until the call has ended");
	mutex_unlock(&gate);
	thread_join(t);
	ok(detached == 1, "and no longer");
	ok(irq_attach(line, IRQ_LEVEL, "test", proper, NULL, &irq) == 0, "attach");
	irq_detach(irq, on_gone);
	ok(gone_calls == 2, "a handler that is not running is gone at once");
	quiet();
}

void test_lines(void)
{
	if (!find_nic()) {
		ok(nic == NULL, "lines # SKIP no 82540EM");
		return;
	}
	quiet();
	test_delivery(0, "direct");
	test_delivery(IRQ_THREADED, "threaded");
	test_storm(0, "direct");
	test_storm(IRQ_THREADED, "threaded");
	test_waiting();
}
