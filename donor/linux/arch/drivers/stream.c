// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/stream: the console as bytes, without a line discipline. It is standard input and output of
 * a program where that of the machine's user is no terminal either. From the first time that it is
 * opened for reading alone, the console's input goes here and not to the tty. A byte after ^V is
 * data, whatever it is; a ^D that is not is the end.
 *
 * Locking: the fifo has one writer, the interrupt, and one reader at a time, by the mutex.
 */
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kfifo.h>
#include <linux/miscdevice.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#include <asm/irq.h>
#include <asm/rump.h>
#include <asm/vcpu.h>
#include "console.h"

#define QUOTE	0x16
#define END	0x04

static DEFINE_KFIFO(fifo, unsigned char, 4096);
static DEFINE_MUTEX(reader);
static DECLARE_WAIT_QUEUE_HEAD(arrived);
static bool wanted, quoted, ended;

bool pillion_stream_wanted(void)
{
	return wanted;
}

static void take(unsigned char c)
{
	if (!quoted && c == QUOTE) {
		quoted = true;
		return;
	}
	if (!quoted && c == END)
		ended = true;
	else if (!ended)
		kfifo_put(&fifo, c);
	quoted = false;
}

/* No more than there is room for: the platform keeps the rest, and the reader asks for it. */
void pillion_stream_input(void)
{
	unsigned char buf[256];
	size_t n, i;

	do {
		n = min_t(size_t, kfifo_avail(&fifo), sizeof(buf));
		if (n)
			n = rumpext_console_read(buf, n);
		for (i = 0; i < n; i++)
			take(buf[i]);
	} while (n);
	wake_up_interruptible(&arrived);
}

static bool readable(void)
{
	return !kfifo_is_empty(&fifo) || ended;
}

static ssize_t stream_read(struct file *f, char __user *buf, size_t len, loff_t *pos)
{
	unsigned int n = 0;
	int error = 0;

	while (!error && len && !n) {
		if (!readable() && f->f_flags & O_NONBLOCK)
			return -EAGAIN;
		error = wait_event_interruptible(arrived, readable());
		if (!error)
			error = mutex_lock_interruptible(&reader);
		if (error)
			break;
		error = kfifo_to_user(&fifo, buf, len, &n);
		mutex_unlock(&reader);
		if (ended)
			break;
	}
	if (n)
		pillion_irq_post(PILLION_IRQ_CONSOLE);
	return error ? error : (ssize_t)n;
}

static ssize_t stream_write(struct file *f, const char __user *buf, size_t len, loff_t *pos)
{
	char part[256];
	size_t done, n;

	for (done = 0; done < len; done += n) {
		n = min(len - done, sizeof(part));
		if (done && fatal_signal_pending(current))
			break;
		if (copy_from_user(part, buf + done, n))
			return done ?: -EFAULT;
		pillion_console_put(part, n);
		cond_resched();
	}
	return done;
}

static __poll_t stream_poll(struct file *f, poll_table *table)
{
	poll_wait(f, &arrived, table);
	return EPOLLOUT | EPOLLWRNORM | (readable() ? EPOLLIN | EPOLLRDNORM : 0);
}

static int stream_open_file(struct inode *inode, struct file *f)
{
	if ((f->f_flags & O_ACCMODE) == O_RDONLY)
		wanted = true;
	return stream_open(inode, f);
}

static const struct file_operations fops = {
	.owner = THIS_MODULE,
	.open = stream_open_file,
	.read = stream_read,
	.write = stream_write,
	.poll = stream_poll,
	.llseek = no_llseek,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "stream",
	.fops = &fops,
	.mode = 0666,
};

static int __init stream_setup(void)
{
	return misc_register(&device);
}
device_initcall(stream_setup);
