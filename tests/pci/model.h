/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the model's files share: bus.c (configuration space, hypercalls, interrupts), regs.c
 * (registers, EEPROM, PHY), tx.c, segment.c, rx.c (rings). Locking: everything under dev.lock
 * unless said otherwise.
 */
#ifndef PCI_MODEL_H
#define PCI_MODEL_H

#include <pthread.h>

#include "e1000_model.h"
#include "e1000_regs.h"

#define EEPROM_WORDS 64
#define FIFO_BYTES   49152 /* of the packet buffer, what PBA gives to receiving */

struct fifo_frame {
	struct fifo_frame *next;
	size_t len;
	uint8_t data[];
};

struct microwire {
	unsigned state, shift, count, addr;
	uint16_t out;
};

struct device {
	pthread_mutex_t lock;
	pthread_cond_t work; /* for the DMA thread */
	pthread_cond_t line; /* for the interrupt thread */
	pthread_cond_t room; /* in the receive FIFO */
	struct e1000m_options opt;
	uint32_t reg[REG_SPACE / 4];
	uint16_t eeprom[EEPROM_WORDS];
	uint16_t phy[32];
	struct microwire mw;
	uint32_t ioaddr;
	bool stopping, gone, cable, master, io_on, mem_on;
	struct fifo_frame *rx_head, **rx_tail;
	size_t fifo_used;
	uint64_t asserted; /* how often the interrupt line went up */
	struct e1000m_counts counts;
};
extern struct device dev;

#define REG(r) (dev.reg[(r) / 4])

/* regs.c */
uint32_t regs_read(uint32_t off);
void regs_write(uint32_t off, uint32_t value);
void regs_reset(bool power_on);
void regs_cause(uint32_t causes);
void regs_link(void);
void regs_count(uint32_t off, uint32_t n);
void regs_count64(uint32_t low, uint64_t n);
void regs_count_size(uint32_t base, size_t len);

/* phy.c */
void eeprom_init(void);
uint32_t eecd_read(void);
void eecd_write(uint32_t value);
void eerd_write(uint32_t value);
void mdic_write(uint32_t value);
void phy_reset(void);
bool phy_link(void);

/* tx.c, rx.c */
bool ring_base(uint32_t bal, uint32_t len, uint32_t *count, uint64_t *base);
/* Do one step of work; false if there is none. Drops and takes the lock around the wire. */
bool tx_step(void);
bool rx_step(void);
void tx_reset(void);

/* bus.c; dma_ptr: len bytes for DMA, NULL (and an error) if the device must not go there */
void *dma_ptr(uint64_t addr, size_t len, const char *what);
void bus_line_changed(void);

/* segment.c: what a context descriptor says, and the frame gathered so far */
struct tx_context {
	uint8_t ipcss, ipcso, tucss, tucso, hdrlen, tucmd;
	uint16_t ipcse, tucse, mss;
	uint32_t paylen;
};
/* Insert the checksums that popts asks for. */
void tx_checksums(uint8_t *frame, size_t len, const struct tx_context *c, unsigned popts);
/* Cut [frame, len) into segments, each given to the wire. */
void tx_segment(const uint8_t *frame, size_t len, const struct tx_context *c, unsigned popts);
void tx_wire(uint8_t *frame, size_t len);

/* sum.c: the Internet checksum of a range, not complemented; the CRC of Ethernet */
uint32_t sum16(const void *p, size_t len, uint32_t sum);
uint16_t sum_fold(uint32_t sum);
uint32_t ether_crc(const uint8_t *p, size_t len);

#endif
