/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers, descriptors and bits of the Intel 82540EM that its model implements, by the names
 * of the "PCI/PCI-X Family of Gigabit Ethernet Controllers Software Developer's Manual". Facts
 * only.
 */
#ifndef E1000_REGS_H
#define E1000_REGS_H

#define REG_SPACE	0x20000u	/* BAR 0: 128 KB */
#define IO_SPACE	64u		/* BAR 2: IOADDR at 0, IODATA at 4 */

enum {
	R_CTRL = 0x0000, R_CTRL_DUP = 0x0004, R_STATUS = 0x0008, R_EECD = 0x0010, R_EERD = 0x0014,
	R_CTRL_EXT = 0x0018, R_MDIC = 0x0020, R_FCAL = 0x0028, R_FCAH = 0x002c, R_FCT = 0x0030,
	R_VET = 0x0038, R_ICR = 0x00c0, R_ITR = 0x00c4, R_ICS = 0x00c8,
	R_IMS = 0x00d0, R_IMC = 0x00d8,
	R_RCTL = 0x0100, R_FCTTV = 0x0170, R_TXCW = 0x0178, R_RXCW = 0x0180, R_TCTL = 0x0400,
	R_TIPG = 0x0410, R_AIFS = 0x0458, R_LEDCTL = 0x0e00, R_PBA = 0x1000, R_FCRTL = 0x2160,
	R_FCRTH = 0x2168, R_RDFH = 0x2410, R_RDFT = 0x2418, R_RDFHS = 0x2420, R_RDFTS = 0x2428,
	R_RDFPC = 0x2430, R_RDBAL = 0x2800, R_RDBAH = 0x2804, R_RDLEN = 0x2808, R_RDH = 0x2810,
	R_RDT = 0x2818, R_RDTR = 0x2820, R_RXDCTL = 0x2828, R_RADV = 0x282c, R_RSRPD = 0x2c00,
	R_TDFH = 0x3410, R_TDFT = 0x3418, R_TDFHS = 0x3420, R_TDFTS = 0x3428, R_TDFPC = 0x3430,
	R_TDBAL = 0x3800, R_TDBAH = 0x3804, R_TDLEN = 0x3808, R_TDH = 0x3810, R_TDT = 0x3818,
	R_TIDV = 0x3820, R_TXDCTL = 0x3828, R_TADV = 0x382c, R_TSPMT = 0x3830,
	R_RXCSUM = 0x5000, R_MTA = 0x5200, R_RAL = 0x5400, R_VFTA = 0x5600, R_WUC = 0x5800,
	R_WUFC = 0x5808, R_WUS = 0x5810, R_MANC = 0x5820, R_IPAV = 0x5838, R_IP4AT = 0x5840,
	R_IP6AT = 0x5880, R_WUPL = 0x5900,
};

/* Statistics: cleared by reading. */
enum {
	S_FIRST = 0x4000, S_MPC = 0x4010, S_RLEC = 0x4040, S_PRC64 = 0x405c, S_GPRC = 0x4074,
	S_BPRC = 0x4078, S_MPRC = 0x407c, S_GPTC = 0x4080, S_GORCL = 0x4088, S_GOTCL = 0x4090,
	S_RNBC = 0x40a0, S_RUC = 0x40a4, S_ROC = 0x40ac, S_TORL = 0x40c0, S_TOTL = 0x40c8,
	S_TPR = 0x40d0, S_TPT = 0x40d4, S_PTC64 = 0x40d8, S_MPTC = 0x40f0, S_BPTC = 0x40f4,
	S_TSCTC = 0x40f8, S_TSCTFC = 0x40fc, S_LAST = 0x4124,
};

#define CTRL_FD		0x00000001u
#define CTRL_SLU	0x00000040u
#define CTRL_RST	0x04000000u
#define CTRL_VME	0x40000000u
#define CTRL_PHY_RST	0x80000000u
#define CTRL_EXT_EE_RST	0x00002000u

#define STATUS_FD	0x00000001u
#define STATUS_LU	0x00000002u
#define STATUS_SPEED1000 0x00000080u
#define STATUS_ASDV1000	0x00000200u

#define EECD_SK		0x00000001u
#define EECD_CS		0x00000002u
#define EECD_DI		0x00000004u
#define EECD_DO		0x00000008u
#define EECD_FWE	0x00000030u
#define EECD_REQ	0x00000040u
#define EECD_GNT	0x00000080u
#define EECD_PRES	0x00000100u
#define EERD_START	0x00000001u
#define EERD_DONE	0x00000010u

#define MDIC_OP_WRITE	1u
#define MDIC_OP_READ	2u
#define MDIC_READY	0x10000000u
#define MDIC_INT	0x20000000u
#define MDIC_ERROR	0x40000000u

#define ICR_TXDW	0x00000001u
#define ICR_TXQE	0x00000002u
#define ICR_LSC		0x00000004u
#define ICR_RXDMT0	0x00000010u
#define ICR_RXO		0x00000040u
#define ICR_RXT0	0x00000080u
#define ICR_MDAC	0x00000200u
#define ICR_ALL		0x0001ffffu

#define RCTL_EN		0x00000002u
#define RCTL_SBP	0x00000004u
#define RCTL_UPE	0x00000008u
#define RCTL_MPE	0x00000010u
#define RCTL_LPE	0x00000020u
#define RCTL_LBM	0x000000c0u
#define RCTL_BAM	0x00008000u
#define RCTL_VFE	0x00040000u
#define RCTL_BSEX	0x02000000u
#define RCTL_SECRC	0x04000000u

#define TCTL_EN		0x00000002u
#define TCTL_PSP	0x00000008u

#define RXCSUM_IPOFL	0x00000100u
#define RXCSUM_TUOFL	0x00000200u
#define RAH_AV		0x80000000u

/* Receive descriptor: status and errors. */
#define RXS_DD		0x01u
#define RXS_EOP		0x02u
#define RXS_IXSM	0x04u
#define RXS_VP		0x08u
#define RXS_TCPCS	0x20u
#define RXS_IPCS	0x40u
#define RXE_TCPE	0x20u
#define RXE_IPE		0x40u

/* Transmit descriptor: the command byte (bits 31:24 of the third word); types of extended ones. */
#define TXC_EOP		0x01u
#define TXC_IFCS	0x02u
#define TXC_IC		0x04u
#define TXC_TSE		0x04u
#define TXC_RS		0x08u
#define TXC_DEXT	0x20u
#define TXC_VLE		0x40u
#define TXC_IDE		0x80u
#define TUCMD_TCP	0x01u
#define TUCMD_IP	0x02u
#define TXS_DD		0x01u
#define DTYP_CONTEXT	0u
#define DTYP_DATA	1u
#define POPTS_IXSM	0x01u
#define POPTS_TXSM	0x02u

/* PHY (Marvell 88E1011 and IEEE 802.3 clause 22) */
enum {
	PHY_CTRL = 0, PHY_STATUS = 1, PHY_ID1 = 2, PHY_ID2 = 3, PHY_ANAR = 4, PHY_LPAR = 5,
	PHY_ANER = 6, PHY_NPT = 7, PHY_NPR = 8, PHY_1000CTRL = 9, PHY_1000STATUS = 10,
	PHY_EXTSTATUS = 15, PHY_PSCR = 16, PHY_PSSR = 17, PHY_IER = 18, PHY_ISR = 19,
	PHY_EPSCR = 20, PHY_RXERR = 21,
};
#define PHY_ADDRESS	1u
#define PHY_CTRL_RESET	0x8000u
#define PHY_CTRL_AUTONEG 0x1000u
#define PHY_CTRL_POWERDOWN 0x0800u
#define PHY_CTRL_RESTART 0x0200u

#endif
