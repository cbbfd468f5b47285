/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Raspberry Pi 3: the order in which its parts come up, its serial ports, and the end.
 *
 * Interface: board_early, board_init, board_devices, board_cpus, board_cpu_start, board_cpu_init,
 * board_device, board_poweroff, board_reset.
 */
#include <nucleus/abi.h>
#include <nucleus/board.h>
#include <nucleus/clock.h>
#include <nucleus/error.h>
#include <nucleus/irq.h>
#include <nucleus/log.h>
#include <nucleus/random.h>
#include <nucleus/serial.h>
#include <nucleus/space.h>
#include <nucleus/string.h>

#include "raspi3.h"

#define SCREEN_WIDTH	640
#define SCREEN_HEIGHT	480
#define BUS_MASK	0x3fffffff	/* an address of the firmware's as one of ours */

#define USUAL_RAM	0x3b400000	/* 1 GiB less the GPU's usual share */
#define CRYSTAL		19200000
#define USUAL_UART	48000000
#define USUAL_CORE	250000000

/* Pins 14 and 15, on the header, can be either serial port's. */
#define GPIO_SELECT1	(0x04 / 4)
#define SELECT_SHIFT	12		/* of pin 14; 15's follows */
#define SELECT_PL011	4		/* "alternative 0" */
#define SELECT_MINI	2		/* "alternative 5" */

/* The watchdog, which is also how to reset the machine, and to stop it. */
enum { PM_RSTC = 0x1c / 4, PM_RSTS = 0x20 / 4, PM_WDOG = 0x24 / 4 };
#define PM_PASSWORD	0x5a000000
#define RSTC_KIND	0x00000030
#define RSTC_FULL	0x00000020
#define RSTS_HALT	0x00000555	/* the firmware does not start again */
#define WDOG_TICKS	10

enum { RNG_CONTROL = 0, RNG_STATUS = 0x04 / 4, RNG_DATA = 0x08 / 4 };
#define RNG_WARMUP	0x40000		/* numbers that are thrown away at first */
#define RNG_ON		1
#define RNG_WORDS	16
#define RNG_WAIT	1000000

static bool mini;
static unsigned revision, described;	/* described: devices that the tree has */

static unsigned clock_rate(unsigned which, unsigned usual)
{
	uint32_t words[2] = { which, 0 };

	return mailbox_property(TAG_CLOCK_RATE, words, 2) && words[1] != 0 ? words[1] : usual;
}

/*
 * What "serial=mini" or "serial=pl011" says; else the port that the firmware has connected to the
 * header; where it has connected none, PL011, if the tree has not switched it off.
 */
static void console_init(void)
{
	volatile uint32_t *select = peripheral(GPIO) + GPIO_SELECT1;
	unsigned now = *select >> SELECT_SHIFT & 7, wish;
	char word[8];

	mini = boot_option("serial", word, sizeof(word)) >= 0 ? strcmp(word, "mini") == 0 :
	    now == SELECT_MINI || (now != SELECT_PL011 && !device_there(UART0));
	wish = mini ? SELECT_MINI : SELECT_PL011;
	if (now != wish)
		*select = (*select & ~(63u << SELECT_SHIFT)) | (wish | wish << 3) << SELECT_SHIFT;
	if (mini)
		miniuart_init(peripheral(AUX), clock_rate(CLOCK_CORE, USUAL_CORE));
	else
		pl011_init(peripheral(UART0), clock_rate(CLOCK_UART, USUAL_UART));
}

static void entropy_init(void)
{
	volatile uint32_t *rng = peripheral(RNG);
	uint32_t word[RNG_WORDS];
	unsigned got = 0;

	if (!device_there(RNG))
		return;
	rng[RNG_STATUS] = RNG_WARMUP;
	rng[RNG_CONTROL] = RNG_ON;
	for (unsigned n = 0; got < RNG_WORDS && n < RNG_WAIT; n++) {
		if (rng[RNG_STATUS] >> 24 != 0)
			word[got++] = rng[RNG_DATA];
	}
	random_add(word, got * sizeof(word[0]), got * 16);
	memset(word, 0, sizeof(word));
}

/*
 * A screen of the firmware's, as large as one page of text needs. All in one message, as the
 * firmware wants it.
 */
static void screen_init(void)
{
	struct boot_framebuffer *fb = &boot_info.fb;
	uint32_t m[] = {
		TAG_FB_SIZE, 8, 0, SCREEN_WIDTH, SCREEN_HEIGHT,
		TAG_FB_VIRTUAL_SIZE, 8, 0, SCREEN_WIDTH, SCREEN_HEIGHT,
		TAG_FB_DEPTH, 4, 0, 32,
		TAG_FB_ALLOCATE, 8, 0, PAGE_SIZE, 0,		/* alignment; address and length */
		TAG_FB_PITCH, 4, 0, 0,
	};

	if (!mailbox_message(m, ARRAY_SIZE(m)) || m[17] == 0 || m[18] < m[22] * m[4])
		return;
	*fb = (struct boot_framebuffer) { .base = m[17] & BUS_MASK, .width = m[3], .height = m[4],
		.pitch = m[22], .bpp = m[13], .red_shift = 16, .green_shift = 8 };
}

/* What the firmware has left us, which is less than the loader may think. */
static paddr_t ram_end(void)
{
	uint32_t words[2] = { 0, 0 };

	return mailbox_property(TAG_ARM_MEMORY, words, 2) && words[1] != 0 ?
	    (paddr_t)words[0] + words[1] : USUAL_RAM;
}

void board_early(void)
{
	(void)cpu_boot_map(PERIPHERALS, PERIPHERALS_LEN, true);
	(void)cpu_boot_map(LOCALS, LOCALS_LEN, true);
	boot_open();
	described = devices_find();
	boot_parse(0, ram_end());
	console_init();
	(void)mailbox_property(TAG_BOARD_REVISION, &revision, 1);
}

void board_init(void)
{
	irq_init();
	timer_start(CRYSTAL);
	entropy_init();
	log_info("Raspberry Pi, revision %#x, console: %s; %u devices are in the device tree", revision,
	    mini ? "mini-UART" : "PL011", described);
}

void board_devices(void)
{
	serial_input_init(device_line(mini ? AUX : UART0), IRQ_LEVEL);
	screen_init();
}

int board_resource(unsigned idx, struct info_device *dev)
{
	const struct boot_framebuffer *fb = &boot_info.fb;

	if (idx > 1 || (idx == 1 && fb->base == 0))
		return E_NXIO;
	if (idx == 1)
		*dev = (struct info_device) { "framebuffer", fb->base,
			ROUND_UP((size_t)fb->pitch * fb->height, PAGE_SIZE), CAP_DEVICE, INFO_NO_IRQ,
			{ fb->width, fb->height, fb->pitch, fb->bpp } };
	else if (mini)
		*dev = (struct info_device) { "mini-uart", device_base(AUX), PAGE_SIZE, CAP_DEVICE,
			device_line(AUX), { 0 } };
	else
		*dev = (struct info_device) { "pl011", device_base(UART0), PAGE_SIZE, CAP_DEVICE,
			device_line(UART0), { 0 } };
	return 0;
}

/*
 * ---- other CPUs ----
 *
 * They wait in the firmware's code for an address to become other than 0, in the page that is
 * nobody's RAM. Number and core are the same.
 */

#define CORES		4

unsigned board_cpus(void)
{
	return CORES;
}

bool board_cpu_start(unsigned id, paddr_t entry)
{
	static uint8_t *page;

	if (page == NULL)
		page = device_map(0, PAGE_SIZE, PROT_R | PROT_W | PROT_WC);
	if (page == NULL)
		return false;
	*(volatile uint64_t *)(page + core_release(id)) = entry;
	dsb();
	__asm__ volatile("sev");
	return true;
}

void board_cpu_init(void)
{
	irq_init_secondary();
	timer_start_secondary();
}

int board_device(unsigned idx, struct board_device *dev)
{
	(void)idx;
	(void)dev;
	return E_NXIO;
}

/* ---- the end ---- */

static void watchdog(void)
{
	volatile uint32_t *pm = peripheral(POWER);

	pm[PM_WDOG] = PM_PASSWORD | WDOG_TICKS;
	pm[PM_RSTC] = PM_PASSWORD | (pm[PM_RSTC] & ~(uint32_t)RSTC_KIND & 0xffffff) | RSTC_FULL;
	dsb();
	for (volatile unsigned i = 0; i < 100000000; i++)
		cpu_pause();
}

void board_poweroff(void)
{
	volatile uint32_t *pm = peripheral(POWER);

	pm[PM_RSTS] = PM_PASSWORD | (pm[PM_RSTS] & 0xffffff) | RSTS_HALT;
	watchdog();
}

void board_reset(void)
{
	volatile uint32_t *pm = peripheral(POWER);

	(void)cpu_irq_save();
	pm[PM_RSTS] = PM_PASSWORD | (pm[PM_RSTS] & 0xffffff & ~(uint32_t)RSTS_HALT);
	watchdog();
	cpu_halt();
}
