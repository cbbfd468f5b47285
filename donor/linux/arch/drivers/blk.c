// SPDX-License-Identifier: GPL-2.0-only
/*
 * Block devices over rumpext_biov(): disks vda, vdb, ... A completion may come from any host
 * thread at any time; it is pushed on a list and becomes an interrupt.
 *
 * Locking: disks under disks_lock (a mutex); done_list is lock-free (pushed by anyone, emptied by
 * the interrupt). An id is taken for as long as anything has the name that goes with it; its entry
 * is NULL while its disk comes or goes.
 */
#include <linux/kernel.h>
#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/idr.h>
#include <linux/interrupt.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <asm/rump.h>
#include <asm/vcpu.h>

#define QUEUE_DEPTH	64
#define MAX_SEGMENTS	128
#define MINORS		16

struct disk {
	int id, fd;
	struct gendisk *gd;
	struct blk_mq_tag_set tags;
	struct rumpext_blkinfo info;
};

struct command {		/* a request's private part */
	struct command *next;
	int error;
};

static int major;
static DEFINE_IDR(disks);
static DEFINE_MUTEX(disks_lock);
static struct command *done_list;

static blk_status_t to_status(int error)
{
	switch (error) {
	case 0:
		return BLK_STS_OK;
	case RUMP_ENOSPC:
		return BLK_STS_NOSPC;
	case RUMP_EOPNOTSUPP:
		return BLK_STS_NOTSUPP;
	default:
		return BLK_STS_IOERR;
	}
}

static irqreturn_t done_interrupt(int irq, void *arg)
{
	struct command *c = __atomic_exchange_n(&done_list, NULL, __ATOMIC_ACQUIRE), *next;

	for (; c; c = next) {
		next = c->next;
		blk_mq_end_request(blk_mq_rq_from_pdu(c), to_status(c->error));
	}
	return IRQ_HANDLED;
}

/* From any thread, with or without the virtual CPU. */
static void done(void *arg, int error)
{
	struct command *c = arg;

	c->error = error;
	c->next = __atomic_load_n(&done_list, __ATOMIC_RELAXED);
	while (!__atomic_compare_exchange_n(&done_list, &c->next, c, true,
					    __ATOMIC_RELEASE, __ATOMIC_RELAXED))
		;
	pillion_irq_post(PILLION_IRQ_BLOCK);
}

static unsigned int fill_iov(struct request *rq, struct rumpuser_iovec *iov)
{
	struct req_iterator iter;
	struct bio_vec bv;
	unsigned int n = 0;

	rq_for_each_segment(bv, rq, iter) {
		void *p = page_to_virt(bv.bv_page) + bv.bv_offset;

		if (n && iov[n - 1].iov_base + iov[n - 1].iov_len == p) {
			iov[n - 1].iov_len += bv.bv_len;
			continue;
		}
		iov[n].iov_base = p;
		iov[n++].iov_len = bv.bv_len;
	}
	return n;
}

static blk_status_t queue_rq(struct blk_mq_hw_ctx *hctx, const struct blk_mq_queue_data *bd)
{
	static struct rumpuser_iovec iov[MAX_SEGMENTS];	/* copied by the platform before it returns */
	struct request *rq = bd->rq;
	struct disk *d = rq->q->queuedata;
	struct command *c = blk_mq_rq_to_pdu(rq);
	u64 off = blk_rq_pos(rq) << SECTOR_SHIFT;
	u64 len = blk_rq_bytes(rq);
	unsigned int n = 0;
	int op;

	switch (req_op(rq)) {
	case REQ_OP_READ:
		op = RUMPEXT_BIO_READ;
		n = fill_iov(rq, iov);
		break;
	case REQ_OP_WRITE:
		op = RUMPEXT_BIO_WRITE | (rq->cmd_flags & REQ_FUA ? RUMPEXT_BIO_FUA : 0);
		n = fill_iov(rq, iov);
		break;
	case REQ_OP_FLUSH:
		op = RUMPEXT_BIO_FLUSH;
		off = len = 0;
		break;
	case REQ_OP_DISCARD:
		op = RUMPEXT_BIO_DISCARD;
		break;
	case REQ_OP_WRITE_ZEROES:
		op = RUMPEXT_BIO_ZEROES | (rq->cmd_flags & REQ_FUA ? RUMPEXT_BIO_FUA : 0);
		break;
	default:
		return BLK_STS_NOTSUPP;
	}
	blk_mq_start_request(rq);
	rumpext_biov(d->fd, op, n ? iov : NULL, n, off, len, done, c);
	return BLK_STS_OK;
}

static const struct blk_mq_ops mq_ops = {
	.queue_rq = queue_rq,
};

static const struct block_device_operations disk_ops = {
	.owner = THIS_MODULE,
};

static void set_limits(struct disk *d)
{
	struct request_queue *q = d->gd->queue;
	struct rumpext_blkinfo *i = &d->info;

	blk_queue_logical_block_size(q, i->bi_sectsize);
	blk_queue_physical_block_size(q, max(i->bi_physsize, i->bi_sectsize));
	blk_queue_max_segments(q, min_t(u32, i->bi_maxiov ?: MAX_SEGMENTS, MAX_SEGMENTS));
	blk_queue_max_hw_sectors(q, SZ_1M >> SECTOR_SHIFT);
	blk_queue_flag_set(QUEUE_FLAG_NONROT, q);
	if (i->bi_flags & RUMPEXT_BLK_FLUSH)
		blk_queue_write_cache(q, true, true);
	if (i->bi_flags & RUMPEXT_BLK_DISCARD) {
		q->limits.discard_granularity = i->bi_sectsize;
		blk_queue_max_discard_sectors(q, UINT_MAX >> SECTOR_SHIFT);
	}
	if (i->bi_flags & RUMPEXT_BLK_ZEROES)
		blk_queue_max_write_zeroes_sectors(q, UINT_MAX >> SECTOR_SHIFT);
}

static int add_disk_for(struct disk *d, bool rdonly)
{
	struct gendisk *gd;
	int error;

	d->tags.ops = &mq_ops;
	d->tags.nr_hw_queues = 1;
	d->tags.queue_depth = QUEUE_DEPTH;
	d->tags.numa_node = NUMA_NO_NODE;
	d->tags.cmd_size = sizeof(struct command);
	d->tags.flags = BLK_MQ_F_SHOULD_MERGE;
	error = blk_mq_alloc_tag_set(&d->tags);
	if (error)
		return error;
	gd = blk_mq_alloc_disk(&d->tags, d);
	if (IS_ERR(gd)) {
		error = PTR_ERR(gd);
		goto out_tags;
	}
	d->gd = gd;
	gd->major = major;
	gd->first_minor = d->id * MINORS;
	gd->minors = MINORS;
	gd->fops = &disk_ops;
	gd->private_data = d;
	if (d->id < 26)
		snprintf(gd->disk_name, DISK_NAME_LEN, "vd%c", 'a' + d->id);
	else
		snprintf(gd->disk_name, DISK_NAME_LEN, "vd%c%c", 'a' + d->id / 26 - 1, 'a' + d->id % 26);
	set_limits(d);
	set_capacity(gd, d->info.bi_size >> SECTOR_SHIFT);
	if (rdonly || (d->info.bi_flags & RUMPEXT_BLK_RDONLY))
		set_disk_ro(gd, true);
	error = device_add_disk(NULL, gd, NULL);
	if (!error)
		return 0;
	put_disk(gd);
out_tags:
	blk_mq_free_tag_set(&d->tags);
	return error;
}

static void free_id(int id)
{
	mutex_lock(&disks_lock);
	idr_remove(&disks, id);
	mutex_unlock(&disks_lock);
}

static int attach(const char *path, bool rdonly, char name[32], int *id)
{
	struct disk *d = kzalloc(sizeof(*d), GFP_KERNEL);
	int error;

	if (!d)
		return -ENOMEM;
	error = -pillion_from_rump(rumpuser_open(path, RUMPUSER_OPEN_BIO |
		(rdonly ? RUMPUSER_OPEN_RDONLY : RUMPUSER_OPEN_RDWR), &d->fd));
	if (error)
		goto out;
	error = -pillion_from_rump(rumpext_blkinfo(d->fd, &d->info));
	if (!error && d->info.bi_size < d->info.bi_sectsize)
		error = -ENXIO;
	if (error)
		goto out_close;
	mutex_lock(&disks_lock);
	d->id = idr_alloc(&disks, NULL, 0, 26 * 27, GFP_KERNEL);
	mutex_unlock(&disks_lock);
	error = d->id < 0 ? d->id : add_disk_for(d, rdonly);
	if (error)
		goto out_id;
	strscpy(name, d->gd->disk_name, 32);
	*id = d->id;
	mutex_lock(&disks_lock);
	idr_replace(&disks, d, d->id);	/* from now on somebody else may detach it */
	mutex_unlock(&disks_lock);
	return 0;
out_id:
	if (d->id >= 0)
		free_id(d->id);
out_close:
	rumpuser_close(d->fd);
out:
	kfree(d);
	return error;
}

static int detach(int id)
{
	struct disk *d;

	mutex_lock(&disks_lock);
	d = idr_find(&disks, id);
	if (!d || disk_openers(d->gd)) {
		mutex_unlock(&disks_lock);
		return d ? -EBUSY : -ENXIO;
	}
	idr_replace(&disks, NULL, id);
	mutex_unlock(&disks_lock);
	del_gendisk(d->gd);
	put_disk(d->gd);
	free_id(id);
	blk_mq_free_tag_set(&d->tags);
	rumpuser_close(d->fd);
	kfree(d);
	return 0;
}

static int __init blk_init(void)
{
	major = register_blkdev(0, "vd");
	if (major < 0)
		return major;
	return request_irq(PILLION_IRQ_BLOCK, done_interrupt, 0, "block", NULL);
}
subsys_initcall(blk_init);

/* ---- upcalls ---- */

int rump_ext_blk_attach(const char *path, unsigned int flags, char name[32], int *id)
{
	struct pillion_hthread *ht = pillion_task_enter();
	int error;

	if (IS_ERR(ht))
		return pillion_to_rump(-PTR_ERR(ht));
	error = attach(path, flags & RUMPEXT_BLKATTACH_RDONLY, name, id);
	pillion_task_leave(ht);
	return pillion_to_rump(-error);
}

int rump_ext_blk_detach(int id)
{
	struct pillion_hthread *ht = pillion_task_enter();
	int error;

	if (IS_ERR(ht))
		return pillion_to_rump(-PTR_ERR(ht));
	error = detach(id);
	pillion_task_leave(ht);
	return pillion_to_rump(-error);
}
