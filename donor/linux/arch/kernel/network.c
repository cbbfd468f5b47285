// SPDX-License-Identifier: GPL-2.0-only
/*
 * Network cards that nobody waits for at boot: "network_later" on the command line. A card's driver
 * takes its time to begin (e1000 reads its EEPROM bit by bit, with 50 microseconds between edges).
 * The embedder has it do so beside the program, which waits where it would notice: in the call that
 * makes its first socket of the network.
 *
 * Locking: the virtual CPU.
 */
#include <linux/kernel.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/init.h>
#include <linux/pci.h>
#include <linux/sched.h>
#include <linux/socket.h>
#include <linux/syscalls.h>
#include <linux/wait.h>
#include <asm/program.h>
#include <asm/rump.h>
#include <asm/syscall.h>
#include <asm/vcpu.h>
#include "../drivers/bus.h"

#define NICE	10		/* while drivers begin: what the program asks for comes first */

static bool later;		/* until rump_ext_network_ready() */
static DECLARE_WAIT_QUEUE_HEAD(ready);

static int __init network_later(char *arg)
{
	later = true;
	return 1;
}
__setup("network_later", network_later);

long pillion_sys_socket(int family, int type, int protocol)
{
	if (unlikely(later) && family != AF_UNIX && pillion_is_program(current) &&
	    wait_event_interruptible(ready, !later))
		return -ERESTARTSYS;
	return sys_socket(family, type, protocol);
}

#ifdef CONFIG_PCI
#define for_each_card(dev) \
	for_each_pci_dev(dev) if ((dev)->class >> 16 == PCI_BASE_CLASS_NETWORK)

/* Before there are drivers. */
void __init pillion_bus_hold_cards(void)
{
	struct pci_dev *dev = NULL;

	for_each_card(dev)
		dev->match_driver = !later;
}

static void probe_cards(void)
{
	struct pci_dev *dev = NULL;

	for_each_card(dev) {
		if (dev->match_driver)
			continue;
		dev->match_driver = true;
		if (device_attach(&dev->dev) < 0)
			pci_warn(dev, "its driver does not begin\n");
	}
}
#else
static void probe_cards(void)
{
}
#endif

int rump_ext_network_probe(void)
{
	struct pillion_hthread *ht = pillion_task_enter();
	int nice;

	if (IS_ERR(ht))
		return pillion_to_rump(-PTR_ERR(ht));
	nice = task_nice(current);
	set_user_nice(current, NICE);
	probe_cards();
	set_user_nice(current, nice);
	pillion_task_leave(ht);
	return 0;
}

int rump_ext_network_ready(void)
{
	struct pillion_hthread *ht = pillion_task_enter();

	if (IS_ERR(ht))
		return pillion_to_rump(-PTR_ERR(ht));
	later = false;
	wake_up_all(&ready);
	pillion_task_leave(ht);
	return 0;
}
