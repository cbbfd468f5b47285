// SPDX-License-Identifier: GPL-2.0-only
/*
 * Network interfaces over the virtual-interface hypercalls, with checksum and segmentation
 * offload where the platform has it. Names are the donor's: eth0, eth1, ...
 *
 * A received packet comes on a platform thread, which takes the virtual CPU as an interrupt
 * would.
 */
#include <linux/kernel.h>
#include <linux/etherdevice.h>
#include <linux/interrupt.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/uio.h>
#include <linux/virtio_net.h>
#include <asm/rump.h>
#include <asm/vcpu.h>

#define HEAD_LEN 256		/* of a received packet: what goes into the skb itself */

struct virtif_sc {
	struct net_device *dev;
	struct virtif_user *viu;
	unsigned int txready;	/* set by the platform: wake the queue */
	struct virtif_sc *next;
};

static struct virtif_sc *interfaces;

static_assert(sizeof(struct rumpext_pktmeta) == sizeof(struct virtio_net_hdr));

static netdev_tx_t start_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct virtif_sc *sc = netdev_priv(dev);
	struct iovec iov[MAX_SKB_FRAGS + 1];
	union {
		struct virtio_net_hdr vnet;
		struct rumpext_pktmeta meta;
	} hdr;
	size_t n = 0, len = skb->len;
	int i, error;

	if (virtio_net_hdr_from_skb(skb, &hdr.vnet, true, false, 0)) {
		error = RUMP_EINVAL;
		goto drop;
	}
	iov[n].iov_base = (void __user __force *)skb->data;
	iov[n++].iov_len = skb_headlen(skb);
	for (i = 0; i < skb_shinfo(skb)->nr_frags; i++) {
		iov[n].iov_base = (void __user __force *)skb_frag_address(&skb_shinfo(skb)->frags[i]);
		iov[n++].iov_len = skb_frag_size(&skb_shinfo(skb)->frags[i]);
	}
	error = rumpext_virtif_send(sc->viu, iov, n, &hdr.meta);
	if (error == RUMP_EAGAIN) {
		netif_stop_queue(dev);
		return NETDEV_TX_BUSY;
	}
drop:
	if (error) {
		dev->stats.tx_errors++;
	} else {
		dev->stats.tx_packets++;
		dev->stats.tx_bytes += len;
	}
	dev_kfree_skb_any(skb);
	return NETDEV_TX_OK;
}

static int open(struct net_device *dev)
{
	netif_start_queue(dev);
	return 0;
}

static int stop(struct net_device *dev)
{
	netif_stop_queue(dev);
	return 0;
}

static const struct net_device_ops ops = {
	.ndo_open = open,
	.ndo_stop = stop,
	.ndo_start_xmit = start_xmit,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
};

static irqreturn_t net_interrupt(int irq, void *arg)
{
	struct virtif_sc *sc;

	for (sc = interfaces; sc; sc = sc->next)
		if (__atomic_exchange_n(&sc->txready, 0, __ATOMIC_SEQ_CST))
			netif_wake_queue(sc->dev);
	return IRQ_HANDLED;
}

void rump_ext_virtif_txready(struct virtif_sc *sc)
{
	__atomic_store_n(&sc->txready, 1, __ATOMIC_SEQ_CST);
	pillion_irq_post(PILLION_IRQ_NET);
}

static void receive(struct virtif_sc *sc, const struct iovec *iov, size_t iovcnt,
		    const struct rumpext_pktmeta *meta)
{
	struct net_device *dev = sc->dev;
	size_t i, off = 0, len = 0;
	struct sk_buff *skb;
	int error;

	for (i = 0; i < iovcnt; i++)
		len += iov[i].iov_len;
	if (len < ETH_HLEN || len > ETH_HLEN + 65536 + 64 || !netif_running(dev))
		goto drop;
	skb = alloc_skb_with_frags(NET_SKB_PAD + NET_IP_ALIGN + min_t(size_t, len, HEAD_LEN),
				   len > HEAD_LEN ? len - HEAD_LEN : 0, PAGE_ALLOC_COSTLY_ORDER, &error,
				   GFP_ATOMIC);
	if (!skb)
		goto drop;
	skb->dev = dev;
	skb_reserve(skb, NET_SKB_PAD + NET_IP_ALIGN);
	skb_put(skb, min_t(size_t, len, HEAD_LEN));
	if (len > HEAD_LEN) {
		skb->data_len = len - HEAD_LEN;
		skb->len += skb->data_len;
	}
	for (i = 0; i < iovcnt; i++) {
		skb_store_bits(skb, off, (void __force *)iov[i].iov_base, iov[i].iov_len);
		off += iov[i].iov_len;
	}
	if (meta && virtio_net_hdr_to_skb(skb, (const struct virtio_net_hdr *)meta, true)) {
		kfree_skb(skb);
		goto drop;
	}
	if (meta && (meta->pm_flags & VIRTIO_NET_HDR_F_DATA_VALID))
		skb->ip_summed = CHECKSUM_UNNECESSARY;
	skb->protocol = eth_type_trans(skb, dev);
	dev->stats.rx_packets++;
	dev->stats.rx_bytes += len;
	netif_rx(skb);
	return;
drop:
	dev->stats.rx_dropped++;
}

void rump_ext_virtif_deliver(struct virtif_sc *sc, const struct iovec *iov, size_t iovcnt,
			     const struct rumpext_pktmeta *meta, int more)
{
	struct pillion_hthread *ht = pillion_visit();
	unsigned long flags;

	if (!ht)
		return;
	flags = pillion_irq_begin();
	receive(sc, iov, iovcnt, meta);
	pillion_irq_end(flags);
	pillion_visit_end(ht);
}

/* The classic upcall comes with the virtual CPU held. */
void rump_virtif_virt_deliverpkt(struct virtif_sc *sc, struct iovec *iov, size_t iovcnt)
{
	unsigned long flags = pillion_irq_begin();

	receive(sc, iov, iovcnt, NULL);
	pillion_irq_end(flags);
}

static void set_features(struct virtif_sc *sc)
{
	struct net_device *dev = sc->dev;
	u32 got = 0, mtu = ETH_DATA_LEN;

	rumpext_virtif_features(sc->viu, RUMPEXT_VIRTIF_CSUM | RUMPEXT_VIRTIF_TSO4 |
				RUMPEXT_VIRTIF_TSO6, &got, &mtu);
	dev->hw_features = NETIF_F_SG;
	if (got & RUMPEXT_VIRTIF_CSUM)
		dev->hw_features |= NETIF_F_HW_CSUM;
	if (got & RUMPEXT_VIRTIF_TSO4)
		dev->hw_features |= NETIF_F_TSO | NETIF_F_TSO_ECN;
	if (got & RUMPEXT_VIRTIF_TSO6)
		dev->hw_features |= NETIF_F_TSO6;
	dev->features = dev->hw_features | NETIF_F_HIGHDMA;
	dev->mtu = mtu;
	dev->max_mtu = ETH_MAX_MTU;
}

static int attach(const char *devstr, char name[32])
{
	u8 mac[ETH_ALEN] = { 0 };
	struct net_device *dev = alloc_etherdev(sizeof(struct virtif_sc));
	struct virtif_sc *sc;
	int error;

	if (!dev)
		return -ENOMEM;
	sc = netdev_priv(dev);
	sc->dev = dev;
	eth_random_addr(mac);
	error = -pillion_from_rump(rumpcomp_virt_create(devstr, sc, mac, &sc->viu));
	if (error)
		goto out;
	eth_hw_addr_set(dev, mac);
	dev->netdev_ops = &ops;
	set_features(sc);
	error = register_netdev(dev);
	if (error) {
		rumpcomp_virt_destroy(sc->viu);
		goto out;
	}
	sc->next = interfaces;
	interfaces = sc;
	netif_carrier_on(dev);
	strscpy(name, dev->name, 32);
	return 0;
out:
	free_netdev(dev);
	return error;
}

static int __init net_driver_init(void)
{
	return request_irq(PILLION_IRQ_NET, net_interrupt, 0, "net", NULL);
}
device_initcall(net_driver_init);

int rump_ext_virtif_attach(const char *devstr, char name[32])
{
	struct pillion_hthread *ht = pillion_task_enter();
	int error;

	if (IS_ERR(ht))
		return pillion_to_rump(-PTR_ERR(ht));
	error = attach(devstr, name);
	pillion_task_leave(ht);
	return pillion_to_rump(-error);
}

/*
 * The platform's threads go before the machine does. Timers of the protocols still run: they must
 * find no interface to send through.
 */
void pillion_net_stop(void)
{
	struct virtif_sc *sc;

	rtnl_lock();
	for (sc = interfaces; sc; sc = sc->next) {
		dev_close(sc->dev);
		netif_device_detach(sc->dev);
	}
	rtnl_unlock();
	for (sc = interfaces; sc; sc = sc->next)
		rumpcomp_virt_dying(sc->viu);
	for (sc = interfaces; sc; sc = sc->next)
		rumpcomp_virt_destroy(sc->viu);
	interfaces = NULL;
}
