/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a process must not do, one child for each. It ends, and the kernel's log says so: whoever
 * starts this counts those messages. Then what it may try, but has no capability for.
 */
#include <forbidden.h>

#include "tap.h"

static const unsigned long constant = 1;
static unsigned long data[2];

static void ends(const char *name, int (*fn)(void *arg), void *arg, unsigned reason)
{
	struct wait_info info = { 0 };

	ok(in_child(fn, arg, &info) == 0 && info.reason == reason &&
	    (reason != END_FAULT || info.address == (unsigned long)arg), "%s: ends it", name);
}

static int load(void *at)
{
	return (int)*(volatile unsigned long *)at;
}

static int store(void *at)
{
	*(volatile unsigned long *)at = 0;
	return 0;
}

static int execute(void *at)
{
	((void (*)(void))(uintptr_t)at)();
	return 0;
}

static void test_memory(void)
{
	unsigned long on_stack = 0;
	void *kernel = (void *)FORBIDDEN_KERNEL, *ram = (void *)FORBIDDEN_RAM;
	void *device = (void *)FORBIDDEN_DEVICE, *odd = (void *)0x7fff00000000;
	void *page = (void *)sys_map(0, PAGE, MAP_R | MAP_W);

	ends("reading the kernel's code", load, kernel, END_FAULT);
	ends("writing the kernel's code", store, kernel, END_FAULT);
	ends("executing the kernel's code", execute, kernel, END_FAULT);
	ends("reading RAM by the kernel's address", load, ram, END_FAULT);
	ends("writing RAM by the kernel's address", store, ram, END_FAULT);
	ends("reading a device by the kernel's address", load, device, END_FAULT);
	ends("writing a device by the kernel's address", store, device, END_FAULT);
	ends("reading null", load, NULL, END_FAULT);
	ends("writing null", store, NULL, END_FAULT);
	ends("executing null", execute, NULL, END_FAULT);
	ends("reading what is not mapped", load, odd, END_FAULT);
	ends("writing code", store, (void *)(uintptr_t)(main), END_FAULT);
	ends("writing a constant", store, (void *)(uintptr_t)&constant, END_FAULT);
	ends("executing data", execute, data, END_FAULT);
	ends("executing the stack", execute, &on_stack, END_FAULT);
	ends("executing memory of its own", execute, page, END_FAULT);
}

static int run(void *fn)
{
	((void (*)(void))(uintptr_t)fn)();
	return 0;
}

static void test_instructions(void)
{
	static const struct {
		const char	*name;
		void		(*fn)(void);
	} forbidden[] = { FORBIDDEN };

	for (unsigned i = 0; i < ARRAY_SIZE(forbidden); i++)
		ends(forbidden[i].name, run, (void *)(uintptr_t)forbidden[i].fn, END_EXCEPTION);
}

/* ---- devices ---- */

static struct info_device dev;
static unsigned long device;		/* its handle */

static int map_device(void *arg)
{
	return sys_memory_map(device, 0, PAGE, 0, MAP_R) != -(long)(uintptr_t)arg;
}

static int bind_irq(void *arg)
{
	return sys_irq_bind(device, (unsigned long)sys_notification(), 1) != -(long)(uintptr_t)arg ||
	    sys_irq_ack(device) != -(long)(uintptr_t)arg;
}

static int use_ports(void *arg)
{
	return sys_port_read(device, 0, 1) != -(long)(uintptr_t)arg ||
	    sys_port_write(device, 0, 1, 0) != -(long)(uintptr_t)arg;
}

/* What is mapped by a capability has no more than that allows. */
static void test_rights(void)
{
	unsigned long memory = (unsigned long)sys_memory(PAGE, 0);
	unsigned long weak = (unsigned long)sys_cap_copy(memory, RIGHT_READ, 0);
	long strong_at = sys_memory_map(memory, 0, PAGE, 0, MAP_R);
	long at = sys_memory_map(weak, 0, PAGE, 0, MAP_R);

	ok(sys_memory_map(weak, 0, PAGE, 0, MAP_R | MAP_W) == -E_PERM &&
	    sys_memory_map(weak, 0, PAGE, 0, MAP_R | MAP_X) == -E_PERM &&
	    sys_protect((unsigned long)at, PAGE, MAP_R | MAP_W) == -E_PERM &&
	    sys_protect((unsigned long)at, PAGE, MAP_R | MAP_X) == -E_PERM,
	    "memory that may only be read is not made writable, nor code");
	ends("writing it", store, (void *)at, END_FAULT);
	ends("executing it", execute, (void *)at, END_FAULT);
	ok(sys_protect((unsigned long)strong_at, PAGE, MAP_R | MAP_W) == 0, "by another handle it is");
	(void)sys_cap_inherit(memory, true);
	ends("writing it where it is mapped to be read, beside that", store, (void *)at, END_FAULT);
}

/* A fork passes a mapping on as its capability is marked then. */
static void test_heirs(void)
{
	unsigned long memory = (unsigned long)sys_memory(PAGE, 0);
	volatile unsigned long *p = (volatile unsigned long *)sys_memory_map(memory, 0, PAGE, 0,
	    MAP_R | MAP_W);

	*p = 5;
	ends("using memory that is not inherited", store, (void *)(uintptr_t)p, END_FAULT);
	(void)sys_cap_inherit(memory, true);
	ok(child_good(store, (void *)(uintptr_t)p) && *p == 0, "a child shares what is");
	*p = 6;
	(void)sys_cap_inherit(memory, false);
	ends("using memory that is inherited no more", store, (void *)(uintptr_t)p, END_FAULT);
	ok(*p == 6, "which nobody has changed");
	(void)sys_cap_inherit(memory, true);
	(void)child_good(load, (void *)(uintptr_t)p);
	(void)sys_cap_close(memory);
	ok(child_good(store, (void *)(uintptr_t)p) && *p == 0,
	    "a child shares what was marked when it was closed");
}

static int make_device(void *arg)
{
	(void)arg;
	return sys_device(HANDLE_SYSTEM, dev.kind, dev.start, dev.length) != -E_BADF ||
	    sys_device(HANDLE_SYSTEM, CAP_IRQ, dev.irq, 1) != -E_BADF;
}

/* Children do not have what is not inherited: E_BADF; nor what they may not: E_PERM. */
static void test_devices(void)
{
	void *badf = (void *)(uintptr_t)E_BADF, *perm = (void *)(uintptr_t)E_PERM;
	unsigned long memory;
	bool ports;
	long irq, at;

	if (!ok(sys_info(HANDLE_SYSTEM, INFO_DEVICE, 0, &dev, sizeof(dev)) > 0, "a device"))
		return;
	ports = dev.kind == CAP_PORTS;
	device = (unsigned long)sys_device(HANDLE_SYSTEM, dev.kind, dev.start, dev.length);
	ok(child_good(ports ? use_ports : map_device, badf), "a device that was not inherited");
	ok(child_good(make_device, NULL), "nor can it be made without the system's capability");
	irq = sys_device(HANDLE_SYSTEM, CAP_IRQ, dev.irq, 1);
	if (!ports) {
		at = sys_memory_map(device, 0, PAGE, 0, MAP_R | MAP_W);
		ends("using a device that was mapped, but not inherited", load, (void *)(at + 0x18),
		    END_FAULT);
		ok(sys_memory_map(device, 0, PAGE, 0, MAP_R | MAP_X) == -E_PERM, "a device is no code");
		ok(sys_memory_map(device, dev.length, PAGE, 0, MAP_R) == -E_INVAL &&
		    sys_memory_map(device, ~0xffful, PAGE, 0, MAP_R) == -E_INVAL, "what is behind it");
	}
	device = (unsigned long)sys_cap_copy(device, 0, 0);
	(void)sys_cap_inherit(device, true);
	ok(child_good(ports ? use_ports : map_device, perm), "a device without the right");
	device = (unsigned long)irq;
	ok(child_good(bind_irq, badf), "an interrupt that was not inherited");
	memory = (unsigned long)sys_memory(PAGE, MEMORY_DMA);
	ok(sys_device(HANDLE_SYSTEM, CAP_DEVICE, (unsigned long)sys_memory_phys(memory, 0), PAGE) ==
	    -E_PERM, "RAM is no device");
}

int main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	test_memory();
	test_instructions();
	test_rights();
	test_heirs();
	test_devices();
	return tap_done();
}
