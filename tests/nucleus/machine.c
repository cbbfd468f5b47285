/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine: interrupts, random numbers, the command line, PCI, checked copies. */
#include "tap.h"

static void test_random(void)
{
	uint8_t a[64] = { 0 }, b[64] = { 0 };
	unsigned bits = 0;

	random_report();
	random_bytes(a, sizeof(a));
	random_bytes(b, sizeof(b));
	for (unsigned i = 0; i < sizeof(a) * 8; i++)
		bits += (a[i / 8] ^ b[i / 8]) >> i % 8 & 1;
	ok(bits > 180 && bits < 332, "random numbers differ in %u of 512 bits", bits);
}

static void test_copies(void)
{
	uint8_t *p = kva_alloc(2 * PAGE_SIZE);
	static uint8_t buf[2 * 4096];
	bool exact = true;
	uint32_t v = 5, prev = 0;

	(void)space_unmap(&kernel_space, (vaddr_t)p + PAGE_SIZE, PAGE_SIZE);
	for (size_t n = 0; n < 80; n++) {
		for (size_t len = 1; len < 1200; len = len * 2 + 1) {
			size_t want = len > n ? len - n : 0;

			exact &= copy_checked(p + PAGE_SIZE - n, buf, len) == want;
			exact &= copy_checked(buf, p + PAGE_SIZE - n, len) == want;
		}
	}
	ok(exact, "copies say exactly what they left");
	ok(copy_checked(buf, (void *)0x123456789abcdef0, 8) == 8, "an address that is none");
	ok(cmpxchg32_checked(&v, 5, 6, &prev) == 0 && v == 6 && prev == 5 &&
	    cmpxchg32_checked(&v, 5, 7, &prev) == 0 && v == 6 && prev == 6, "compare and swap");
	ok(cmpxchg32_checked((uint32_t *)(p + PAGE_SIZE), 0, 1, &prev) == E_FAULT && prev == 6,
	    "compare and swap of nothing");
}

static volatile unsigned interrupts;

static int on_interrupt(void *arg)
{
	*(volatile unsigned *)arg += 1;
	return 1;
}

/*
 * A message-signalled interrupt can be made by a write of our own: that is all that a device does.
 */
static void test_msi(void)
{
	struct irq *direct, *threaded;
	static unsigned by_thread;
	struct irq_stats st;
	volatile uint32_t *p;
	uint64_t addr;
	uint32_t data;
	unsigned n;
	int error = irq_msi_alloc(4, &n, &addr, &data);

	if (error == E_NODEV) {
		ok(true, "message-signalled interrupts # SKIP this machine has none");
		return;
	}
	ok(error == 0 && data % 4 == 0, "four message-signalled interrupts");
	ok(irq_attach(n + 1, 0, "test", on_interrupt, (void *)&interrupts, &direct) == 0 &&
	    irq_attach(n + 1, IRQ_THREADED, "test", on_interrupt, &by_thread, &threaded) == 0, "attach");
	/* QEMU takes a write by the CPU to the window's beginning as a message. */
	p = device_map(addr, PAGE_SIZE, PROT_R | PROT_W | PROT_DEVICE);
	for (unsigned i = 0; i < 3; i++) {
		*p = data + 1;
		sleep_until(clock_now() + NSEC_PER_MSEC);
	}
	if (interrupts == 0) {
		ok(true, "messages # SKIP the CPU cannot send them on this machine");
	} else {
		ok(interrupts == 3, "three interrupts");
		ok(by_thread == 3, "and three calls on the thread");
		ok(irq_stats(n + 1, &st) == 0 && st.count == 3, "counted");
	}
	irq_detach(direct, NULL);
	irq_detach(threaded, NULL);
	irq_msi_free(n, 4);
	ok(irq_msi_alloc(3, &n, &addr, &data) == E_INVAL, "three are not a power of two");
	ok(irq_attach(100000, 0, "test", on_interrupt, NULL, &direct) == E_INVAL, "no such line");
}

/* On a line that no device of these machines has. */
static void test_sharing(void)
{
	struct irq *a, *b;
	unsigned refused = 0;

	ok(irq_attach(5, IRQ_LEVEL, "test", on_interrupt, (void *)&interrupts, &a) == 0 &&
	    irq_attach(5, IRQ_LEVEL, "test", on_interrupt, (void *)&interrupts, &b) == 0,
	    "share a line");
	irq_detach(b, NULL);
	ok(irq_attach(5, IRQ_EDGE, "test", on_interrupt, NULL, &b) == E_INVAL,
	    "not with another trigger");
	for (unsigned polarity = IRQ_LOW; polarity <= IRQ_HIGH; polarity *= 2) {
		if (irq_attach(5, polarity, "test", on_interrupt, NULL, &b) == E_INVAL)
			refused++;
		else
			irq_detach(b, NULL);
	}
	ok(refused == 1, "with one of two polarities");
	irq_detach(a, NULL);
}

void test_machine(void)
{
	struct board_device dev;
	char word[16];
	unsigned found = 0;

	tap_note("loader %s, command line \"%s\"", boot_info.loader, boot_info.cmdline);
	test_sharing();
	ok(boot_option("number", word, sizeof(word)) == 2 && strcmp(word, "42") == 0, "an option");
	ok(boot_option("flag", word, sizeof(word)) == 0, "a flag");
	ok(boot_option("numb", word, sizeof(word)) == -1, "no prefix of a name");
	ok(boot_option("long", word, 4) == 3 && strcmp(word, "abc") == 0, "cut short");
	for (unsigned i = 0; i < boot_info.nmodules; i++) {
		size_t len;
		const char *data = boot_module_data(i, &len);

		tap_note("module %u: %zu bytes \"%.8s\"", i, len, data);
		found += len == 12 && memcmp(data, "module data\n", 12) == 0;
	}
	ok(boot_option("module", word, sizeof(word)) < 0 || found == 1, "the module");
	if (board_pci_config_size() > 0 && boot_option("nopci", word, sizeof(word)) < 0) {
		ok((board_pci_read(0, 0, 0, 0) & 0xffff) == 0x8086, "PCI: the host bridge is there");
		ok(board_pci_read(0, 31, 7, 0) == ~0u, "PCI: a function that is not");
	}
	for (found = 0; board_device(found, &dev) == 0; found++)
		tap_note("%s at %#llx, %zu bytes, line %u", dev.name, (unsigned long long)dev.base, dev.len,
		    dev.irq);
	if (boot_option("devices", word, sizeof(word)) > 0)
		ok(found == string_number(word, NULL), "described devices: %u", found);
	test_random();
	test_copies();
	test_msi();
}
