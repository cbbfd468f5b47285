/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Time: the TSC is the clock, the local APIC's timer (or the PIT's) makes interrupts.
 *
 * The TSC's frequency is asked of the hypervisor or the CPU where they say it, else measured
 * against a counter of known frequency, for a moment at boot and for longer later, when the clock's
 * rate is corrected. The APIC's timer is measured against the TSC, both read at once.
 *
 * Locking: none; boot, and one timer.
 */
#include <nucleus/boot.h>
#include <nucleus/clock.h>
#include <nucleus/log.h>
#include <nucleus/space.h>
#include <nucleus/string.h>

#include "pc.h"

#define PIT_HZ		1193182u
#define PIT_CHANNEL0	0x40
#define PIT_CHANNEL2	0x42
#define PIT_MODE	0x43
#define PIT_GATE	0x61
#define PM_TIMER_HZ	3579545u
#define STILL_MAX	1000		/* reads of a counter that does not move: it never will */
#define MEASURE_FIRST	(100 * NSEC_PER_USEC)
#define TICKS_FIRST	100		/* of the reference, at least */
#define MEASURE_APIC	(20 * NSEC_PER_USEC)
#define MEASURE_LATER	(250 * NSEC_PER_MSEC)

/* A counter to measure against: ticks that have gone by are (now - then) & mask. */
struct reference {
	const char	*name;
	uint32_t	(*read)(void);
	uint32_t	mask;
	uint64_t	hz;
};

/* All at one instant, as far as possible. */
struct sample {
	uint64_t	tsc;
	uint32_t	ref, apic;
};

static struct sample first;
static uint64_t tsc_hz, apic_per_tsc;	/* the latter times 2^32 */
static volatile uint32_t *hpet;
static uint16_t pm_timer;

/* ---- reference counters ---- */

static uint32_t none_read(void)
{
	return 0;
}

static struct reference ref = { "nothing", none_read, 0, 0 };

/* Become the reference, unless it stands still. */
static bool use(const struct reference *r)
{
	uint32_t v = r->read();

	for (unsigned i = 0; i < STILL_MAX; i++) {
		if (r->read() != v) {
			ref = *r;
			return true;
		}
	}
	return false;
}

static uint32_t hpet_read(void)
{
	return hpet[0xf0 / 4];
}

static uint32_t pm_timer_read(void)
{
	return inl(pm_timer);
}

/* Channel 2 counts down from 65536 again and again. */
static uint32_t pit_read(void)
{
	uint32_t v;

	outb(PIT_MODE, 0x80);			/* hold the value */
	v = inb(PIT_CHANNEL2);
	v |= (uint32_t)inb(PIT_CHANNEL2) << 8;
	return 0u - v;
}

static bool hpet_init(void)
{
	struct {
		struct acpi_header header;
		uint32_t	id;
		struct acpi_address address;
	} PACKED const *table = acpi_table("HPET");
	uint32_t period;

	if (table == NULL || table->header.length < sizeof(*table) || table->address.space != 0)
		return false;
	hpet = device_map(table->address.address, 0x400, PROT_R | PROT_W | PROT_DEVICE);
	if (hpet == NULL)
		return false;
	period = hpet[1];			/* femtoseconds */
	if (period == 0 || period > 100000000)
		return false;
	hpet[0x10 / 4] |= 1;
	return use(&(struct reference) { "HPET", hpet_read, UINT32_MAX,
	    1000000000000000ull / period });
}

static bool pm_timer_init(void)
{
	pm_timer = acpi_pm_timer();
	if (pm_timer == 0 || inl(pm_timer) == UINT32_MAX)
		return false;
	return use(&(struct reference) { "ACPI timer", pm_timer_read, 0xffffff, PM_TIMER_HZ });
}

static bool pit_init(void)
{
	outb(PIT_GATE, (uint8_t)((inb(PIT_GATE) & ~2u) | 1));	/* count, no sound */
	outb(PIT_MODE, 0xb4);			/* channel 2, both bytes, rate generator */
	outb(PIT_CHANNEL2, 0);
	outb(PIT_CHANNEL2, 0);
	return use(&(struct reference) { "PIT", pit_read, 0xffff, PIT_HZ });
}

/* ---- measuring ---- */

/* Of a few tries the one in which the least time went by between the two counters. */
static struct sample sample(void)
{
	uint64_t best = UINT64_MAX;
	struct sample s = { 0 };

	for (unsigned i = 0; i < 3; i++) {
		uint64_t before = rdtsc(), after;
		uint32_t r = ref.read(), a = irq_uses_apic() ? apic_timer_left() : 0;

		after = rdtsc();
		if (after - before < best) {
			best = after - before;
			s = (struct sample) { before + (after - before) / 2, r, a };
		}
	}
	return s;
}

static uint64_t elapsed(const struct sample *a, const struct sample *b)
{
	return (b->ref - a->ref) & ref.mask;
}

/* The TSC's frequency if it is not known, and the APIC's, whose timer counts down. */
static void measure(void)
{
	uint64_t ticks = MAX(ref.hz * MEASURE_FIRST / NSEC_PER_SEC, TICKS_FIRST);
	struct sample now;

	if (irq_uses_apic()) {
		apic_timer_mode(false);
		apic_timer_start(UINT32_MAX);
	}
	first = sample();
	do {
		now = sample();
	} while (tsc_hz == 0 ? elapsed(&first, &now) < ticks :
	    now.tsc - first.tsc < tsc_hz * MEASURE_APIC / NSEC_PER_SEC);
	ticks = elapsed(&first, &now);
	if (tsc_hz == 0)
		tsc_hz = (now.tsc - first.tsc) * ref.hz / ticks;
	apic_per_tsc = ((uint64_t)(first.apic - now.apic) << 32) / (now.tsc - first.tsc);
	if (irq_uses_apic())
		apic_timer_start(0);
}

static void measure_again(struct timer *t)
{
	struct sample now = sample();
	uint64_t ticks = elapsed(&first, &now), hz;

	(void)t;
	if (ticks == 0)
		return;
	hz = (now.tsc - first.tsc) * ref.hz / ticks;
	if (hz < tsc_hz - tsc_hz / 16 || hz > tsc_hz + tsc_hz / 16)
		return;				/* not believable: leave it */
	log_debug("TSC: %llu kHz after all", (unsigned long long)(hz / 1000));
	tsc_hz = hz;
	clock_source_adjust(hz);
}

/* ---- who knows the frequency ---- */

/*
 * KVM's clock: a structure of which we want the factor from TSC ticks to nanoseconds only:
 * ns = (ticks << shift or >> -shift) * mul >> 32.
 */
static uint64_t kvm_tsc_hz(void)
{
	static struct {
		uint32_t	version, pad0;
		uint64_t	tsc, system;
		uint32_t	mul;
		int8_t		shift;
		uint8_t		flags, pad[2];
	} kvm ALIGNED(32);
	struct cpuid c = cpuid(0x40000000, 0);
	uint64_t hz;

	if (memcmp(&c.ebx, "KVMKVMKVM\0\0\0", 12) != 0 || !(cpuid(0x40000001, 0).eax & 8))
		return 0;
	wrmsr(0x4b564d01, virt_to_phys(&kvm) | 1);
	hz = READ_ONCE(kvm.mul) != 0 ? (NSEC_PER_SEC << 32) / kvm.mul : 0;
	hz = kvm.shift < 0 ? hz << -kvm.shift : hz >> kvm.shift;
	wrmsr(0x4b564d01, 0);
	return hz;
}

static uint64_t known_tsc_hz(void)
{
	struct cpuid c;
	uint64_t hz = cpu_features.hypervisor ? kvm_tsc_hz() : 0;

	if (hz == 0 && cpu_features.hypervisor && cpuid(0x40000000, 0).eax >= 0x40000010)
		hz = (uint64_t)cpuid(0x40000010, 0).eax * 1000;
	if (hz == 0 && cpuid(0, 0).eax >= 0x15) {
		c = cpuid(0x15, 0);		/* crystal, and the TSC's ratio to it */
		if (c.eax != 0 && c.ebx != 0 && c.ecx != 0)
			hz = (uint64_t)c.ecx * c.ebx / c.eax;
	}
	return hz;
}

/* ---- the timers ---- */

static void apic_set(nsec_t delta)
{
	uint64_t ticks = MIN(delta, 2 * NSEC_PER_SEC) * tsc_hz / NSEC_PER_SEC;
	uint64_t count = (uint64_t)((unsigned __int128)ticks * apic_per_tsc >> 32);

	apic_timer_start((uint32_t)MIN(MAX(count, 1u), (uint64_t)UINT32_MAX));
}

static void deadline_set(nsec_t delta)
{
	apic_timer_deadline(rdtsc() + delta / NSEC_PER_SEC * tsc_hz +
	    delta % NSEC_PER_SEC * tsc_hz / NSEC_PER_SEC);
}

static void pit_set(nsec_t delta)
{
	uint64_t count = MIN(delta, 50 * NSEC_PER_MSEC) * PIT_HZ / NSEC_PER_SEC;

	count = MAX(count, 2u);
	outb(PIT_MODE, 0x30);			/* channel 0, both bytes, interrupt at the end */
	outb(PIT_CHANNEL0, (uint8_t)count);
	outb(PIT_CHANNEL0, (uint8_t)(count >> 8));
}

static const struct clock_timer apic_timer = { "APIC", apic_set };
static const struct clock_timer deadline_timer = { "TSC deadline", deadline_set };
static const struct clock_timer pit_timer = { "PIT", pit_set };

static const struct clock_timer *choose_timer(void)
{
	if (!irq_uses_apic()) {
		pic_mask(0, false);
		return &pit_timer;
	}
	if (cpu_features.deadline) {
		apic_timer_mode(true);
		return &deadline_timer;
	}
	apic_timer_mode(false);
	return &apic_timer;
}

/* ---- the wall clock ---- */

static uint8_t rtc_read(uint8_t reg)
{
	outb(0x70, reg);
	return inb(0x71);
}

static unsigned from_bcd(unsigned v)
{
	return (v >> 4) * 10 + (v & 15);
}

/* Days since 1970-01-01 of a date in the Gregorian calendar, years beginning in March. */
static uint64_t days(unsigned year, unsigned month, unsigned day)
{
	unsigned y = month > 2 ? year : year - 1, m = (month + 9) % 12;

	return (uint64_t)365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

static nsec_t rtc_now(void)
{
	static const uint8_t regs[] = { 0, 2, 4, 7, 8, 9 };	/* s, min, h, day, month, year */
	unsigned v[6], again[6], status, tries = 0;
	bool pm;

	do {				/* twice the same: no update in between */
		for (unsigned i = 0; i < 6; i++)
			v[i] = rtc_read(regs[i]);
		for (unsigned i = 0; i < 6; i++)
			again[i] = rtc_read(regs[i]);
	} while (memcmp(v, again, sizeof(v)) != 0 && tries++ < 100);
	status = rtc_read(11);
	pm = v[2] & 0x80;
	v[2] &= 0x7f;
	for (unsigned i = 0; i < 6 && !(status & 4); i++)
		v[i] = from_bcd(v[i]);
	if (!(status & 2))
		v[2] = v[2] % 12 + (pm ? 12 : 0);
	if (v[4] < 1 || v[4] > 12 || v[3] < 1 || v[3] > 31)
		return 0;
	return (((days(2000 + v[5], v[4], v[3]) * 24 + v[2]) * 60 + v[1]) * 60 + v[0]) * NSEC_PER_SEC;
}

void time_init(void)
{
	static struct timer again;
	const struct clock_timer *timer;

	tsc_hz = known_tsc_hz();
	if (tsc_hz == 0 && !hpet_init() && !pm_timer_init() && !pit_init()) {
		log_warn("clock: nothing to measure the TSC against, its frequency is a guess");
		tsc_hz = NSEC_PER_SEC;
	}
	if (tsc_hz == 0 && ref.mask / ref.hz >= 1)
		timer_init(&again, measure_again);
	if (tsc_hz == 0 || (irq_uses_apic() && !cpu_features.deadline))
		measure();
	clock_source_set(&(struct clock_source) { "TSC", rdtsc, tsc_hz, boot_info.entry_counter,
	    CLOCK_COUNTER_CPU });
	if (!cpu_features.invariant_tsc && !cpu_features.hypervisor)
		log_warn("clock: this CPU's TSC may change its rate");
	timer = choose_timer();
	clock_timer_set(timer);
	if (again.fn != NULL)
		timer_set(&again, clock_now() + MEASURE_LATER);
	clock_set_wall(rtc_now());
	log_info("clock: TSC %llu kHz by %s, timer: %s", (unsigned long long)(tsc_hz / 1000),
	    ref.hz != 0 ? ref.name : "what the CPU says", timer->name);
}

void time_init_secondary(void)
{
	apic_timer_mode(cpu_features.deadline);
}
