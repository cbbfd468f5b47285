// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices that the platform describes and nobody can probe (rumpext_platdev): each becomes a
 * platform device of the driver that the platform names, with its registers and its interrupt.
 *
 * Locking: all of it runs once, at boot.
 */
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/ioport.h>
#include <linux/platform_device.h>
#include <asm/rump.h>
#include "bus.h"

static int __init add(unsigned int idx, const struct rumpext_platdev *pd)
{
	struct resource res[2] = { DEFINE_RES_MEM(pd->pd_base, pd->pd_len) };
	int irq = pillion_bus_irq_alloc();
	struct platform_device *dev;

	if (irq < 0)
		return irq;
	if (pillion_bus_irq_establish(pd->pd_irq, irq)) {
		pillion_bus_irq_free(irq);
		return -ENODEV;
	}
	res[1] = (struct resource)DEFINE_RES_IRQ(irq);
	dev = platform_device_register_simple(pd->pd_name, idx, res, ARRAY_SIZE(res));
	return PTR_ERR_OR_ZERO(dev);
}

static int __init platdev_init(void)
{
	struct rumpext_platdev pd;
	unsigned int i;
	int error;

	for (i = 0; rumpext_platdev(i, &pd) == 0; i++) {
		pd.pd_name[sizeof(pd.pd_name) - 1] = 0;
		error = add(i, &pd);
		if (error)
			pr_warn("pillion: no device %s at %llx: error %d\n",
				pd.pd_name, pd.pd_base, error);
	}
	return 0;
}
subsys_initcall(platdev_init);
