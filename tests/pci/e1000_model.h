/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A model of the Intel 82540EM behind the PCI hypercalls, for tests: slot 3 of bus 0.
 *
 * It is strict. Whatever the hardware's manual leaves undefined (a register that is not there, a
 * write to a read-only one, a descriptor or buffer outside of DMA-able memory, a ring of a wrong
 * size, DMA or a register access while the configuration space forbids it, a reserved descriptor
 * type) is recorded as an error; a test ends with e1000m_errors() == 0.
 *
 * Locking: one lock for all of the device. The wire's callback is called without it, by the
 * device's DMA thread; all functions may be called by any thread, the wire's callback included.
 */
#ifndef E1000_MODEL_H
#define E1000_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define E1000M_MAXFRAME 16384

struct e1000m_options {
	uint8_t mac[6];
	bool bad_checksum; /* of the EEPROM */
	bool no_device;	   /* an empty bus */
	/* What reading a register gives: 0 what it should, ~0 all ones, else noise of this seed. */
	unsigned garbage;
	/* The device has sent a frame (without its CRC). */
	void (*tx)(void *arg, const uint8_t *frame, size_t len);
	void *arg;
};

/* Before the donor boots. */
void e1000m_start(const struct e1000m_options *opt);
/* After its end: stops the device's threads. */
void e1000m_stop(void);

/* A frame (without CRC) arrives. false: it was lost, no room or no link. wait: until there is room.
 */
bool e1000m_receive(const uint8_t *frame, size_t len, bool wait);
/* As if it had arrived with an error that the MAC counts: not delivered. */
void e1000m_link(bool up);
/* Interrupt causes come from nowhere. */
void e1000m_raise(uint32_t causes);
/* The card is pulled out: all reads give all ones, nothing is done. */
void e1000m_unplug(void);
/* From now on registers answer like options.garbage. */
void e1000m_garbage(unsigned seed);

unsigned e1000m_errors(void);
void e1000m_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

struct e1000m_counts {
	uint64_t tx_frames, rx_frames; /* on the wire; delivered into memory */
	uint64_t rx_missed;	       /* no room in the packet buffer */
	uint64_t tso_frames;	       /* made by segmentation */
	uint64_t csum_frames;	       /* checksum inserted */
	uint64_t interrupts;
	uint64_t dma_after_stop; /* descriptors touched while bus mastering was off */
	bool rx_enabled, tx_enabled, bus_master;
};
void e1000m_counts(struct e1000m_counts *c);

#endif
