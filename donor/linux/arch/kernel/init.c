// SPDX-License-Identifier: GPL-2.0-only
/*
 * Start and end.
 *
 * rump_init() runs start_kernel() on the donor's boot stack, carried by the calling thread, until
 * everything is idle and "init" is process 1's leader. For process 1 to have memory of its own as
 * every process has, init executes a program: a file in the root file system whose first bytes
 * are our magic, for which there is a binary format that sets up the memory and has nothing to
 * load.
 */
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/initrd.h>
#include <linux/binfmts.h>
#include <linux/fs.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs_struct.h>
#include <linux/mount.h>
#include <linux/namei.h>
#include <linux/nsproxy.h>
#include <linux/device.h>
#include <linux/notifier.h>
#include <linux/reboot.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/start_kernel.h>
#include <linux/syscalls.h>
#include <linux/task_work.h>
#include <asm/rump.h>
#include <asm/vcpu.h>
#include "mount.h"
#include "internal.h"

#define INIT_MAGIC "#pillion init\n"

static bool booted;
static struct pillion_hthread *boot_thread;

static int load_init(struct linux_binprm *bprm)
{
	int error;

	if (booted || memcmp(bprm->buf, INIT_MAGIC, sizeof(INIT_MAGIC) - 1))
		return -ENOEXEC;
	error = begin_new_exec(bprm);
	if (error)
		return error;
	setup_new_exec(bprm);
	finalize_exec(bprm);
	pillion_default_signals();
	return 0;
}

static struct linux_binfmt init_format = {
	.module = THIS_MODULE,
	.load_binary = load_init,
};

static int __init init_program(void)
{
	struct file *f;
	loff_t pos = 0;
	ssize_t n;

	register_binfmt(&init_format);
	wait_for_initramfs();
	f = filp_open("/init", O_WRONLY | O_CREAT | O_TRUNC, 0700);
	if (IS_ERR(f))
		return PTR_ERR(f);
	n = kernel_write(f, INIT_MAGIC, sizeof(INIT_MAGIC) - 1, &pos);
	fput(f);
	flush_delayed_fput();	/* or the file is still open for writing when it is executed */
	task_work_run();
	return n < 0 ? n : 0;
}
late_initcall(init_program);

/* init is about to sit down as leader: the calling thread of rump_init() may join it. */
void __noreturn pillion_become_init(void)
{
	booted = true;
	if (boot_thread)
		pillion_ht_wake(boot_thread);
	pillion_leader_main(pillion_leader_new());
}

static void boot_main(void *arg)
{
	start_kernel();
}

/* Called by nobody before the platform is complete. */
int rump_init(void)
{
	static bool begun;
	struct pillion_hthread *ht;
	int error;

	if (__atomic_exchange_n(&begun, true, __ATOMIC_SEQ_CST))
		return RUMP_EBUSY;
	error = rumpuser_init(RUMPUSER_VERSION, &pillion_hyperup);
	if (error)
		return error;
	error = pillion_arena_get();
	if (error)
		return error;
	pillion_vcpu_init();
	error = pillion_irq_thread_start();
	if (error)
		return error;
	ht = pillion_hthread_self();
	if (!ht)
		return RUMP_ENOMEM;
	boot_thread = ht;
	pillion_ht_acquire(ht);
	pillion_carry(ht, pillion_ctx_make(init_task.stack, THREAD_SIZE, boot_main, NULL));
	while (!__atomic_load_n(&booted, __ATOMIC_ACQUIRE))
		pillion_ht_sleep(ht);
	boot_thread = NULL;
	return rump_ext_attach(0);
}

/* ---- the end ---- */

static bool anybody_left(void)
{
	struct task_struct *p, *t;
	bool any = false;

	rcu_read_lock();
	for_each_process_thread(p, t)
		if (!(t->flags & PF_KTHREAD) && !t->exit_state && t != current && !is_global_init(t))
			any = true;
	rcu_read_unlock();
	return any;
}

/*
 * ht is the only thread, and inside. Its tasks end, in whatever processes they are, and these with
 * them; what they still do at their end (closing files may wait for a disk) is waited for. A new
 * task in process 1 stays, which has its leader's credentials, root and mounts, whatever the others
 * had. Returns 0 inside as that, or an error outside, as before.
 */
static int come_home(struct pillion_hthread *ht)
{
	struct task_struct *old = ht->task;
	int error;

	ht->task = NULL;
	error = pillion_attach(ht, 1);
	if (error) {
		ht->task = old;
		return error;
	}
	while (!list_is_singular(&ht->tasks)) {
		ht->task = list_last_entry(&ht->tasks, struct task_struct, thread.tasks);
		pillion_enter_held(ht);
		pillion_detach(ht, 0);
		pillion_enter_slow(ht);		/* as the newest, which is the first of the list */
	}
	while (anybody_left())
		schedule_timeout_uninterruptible(1);
	return 0;
}

/* What process 1 still holds of the file systems: descriptors, working directory, root. */
static void let_go_of_files(void)
{
	struct path root;

	__close_range(0, UINT_MAX, 0);
	task_work_run();
	root.mnt = &current->nsproxy->mnt_ns->root->mnt;
	root.dentry = root.mnt->mnt_root;
	set_fs_root(current->fs, &root);
	set_fs_pwd(current->fs, &root);
}

static void unmount_all(void)
{
	struct mnt_namespace *ns = current->nsproxy->mnt_ns;
	struct mount *mnt;
	struct path path;
	int error;

	for (;;) {
		mnt = list_last_entry(&ns->list, struct mount, mnt_list);
		if (mnt == ns->root)
			return;
		path.mnt = mntget(&mnt->mnt);
		path.dentry = dget(mnt->mnt.mnt_root);
		error = path_umount(&path, 0);
		if (error) {
			path.mnt = mntget(&mnt->mnt);
			path.dentry = dget(mnt->mnt.mnt_root);
			error = path_umount(&path, MNT_DETACH);
		}
		if (error) {
			pr_warn("pillion: cannot unmount: error %d\n", error);
			return;
		}
		task_work_run();
	}
}

int rump_ext_halt(void)
{
	struct pillion_hthread *ht = pillion_hthread_self();
	int error;

	if (!ht || !ht->task)
		return RUMP_EINVAL;
	pillion_enter_slow(ht);
	if (!pillion_alone(ht)) {
		pillion_leave_slow(ht);
		return RUMP_EBUSY;
	}
	if (!pillion_programs_stop()) {
		pillion_leave_slow(ht);
		return RUMP_EBUSY;
	}
	error = come_home(ht);
	if (error)
		return pillion_to_rump(-error);
	ksys_sync();
	let_go_of_files();
	unmount_all();
	blocking_notifier_call_chain(&reboot_notifier_list, SYS_HALT, NULL);
	system_state = SYSTEM_HALT;
	device_shutdown();
#ifdef CONFIG_NET
	pillion_net_stop();
#endif
	pillion_leave_slow(ht);
#ifdef CONFIG_PCI
	pillion_pci_stop();
#endif
	rump_ext_detach();
	pillion_irq_thread_stop();
	pillion_vcpu_fini();
	return 0;
}
