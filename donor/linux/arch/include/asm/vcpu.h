/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_VCPU_H
#define _ASM_PILLION_VCPU_H

/* The virtual CPU and the host threads that carry it: kernel/vcpu.c has the whole story. */
#include <linux/list.h>
#include <linux/types.h>
#include <linux/compiler.h>

struct task_struct;
struct rumpuser_mtx;
struct rumpuser_cv;
struct rumpuser_hyperup;
struct rumpext_regs;
struct rumpext_space;
struct rumpext_trap;

#define PILLION_MAX_SIGNALS 8

/* hthread.sleeping: where the thread waits for its event */
#define HT_AWAKE	0
#define HT_ASLEEP	1		/* on its cv */
#define HT_USER		2		/* in user mode (kernel/program.c) */

struct pillion_hthread {
	void *home;			/* stack pointer of the thread's own context while it carries another */
	struct task_struct *task;	/* the library task whose body it is now, or NULL */
	struct list_head tasks;		/* all its tasks (thread.tasks): one for each process that it joined */
	struct rumpuser_mtx *mtx;	/* event and cv: sleep and wake-up */
	struct rumpuser_cv *cv;
	unsigned int event;		/* somebody wants the thread to look around */
	unsigned int sleeping;		/* it will have to be woken for that: HT_* */
	unsigned int granted;		/* the virtual CPU was handed to it, running its task */
	unsigned int handed;		/* the virtual CPU was handed to it, to schedule */
	unsigned int queued;		/* on the list of those that want the virtual CPU */
	unsigned int unspun;		/* waits without spinning */
	long long spin;			/* ns to spin before sleeping: adapts */
	int error;			/* why it could not become a task (positive) */
	struct list_head waiters;
	struct list_head inside;	/* its task is blocked in the donor; or moved off, in user mode */
	bool temporary;			/* the thread has no context of its own: for one visit only */
	/* What is to be done once the thread is back home (it then stands on no stack but its own). */
	struct pillion_hthread *grant_to;
	bool release;
	/* Donor signals to hand to the embedder after the virtual CPU is released. */
	unsigned int nsignals;
	int signals[PILLION_MAX_SIGNALS];
#ifdef CONFIG_PILLION_PROGRAMS
	struct rumpext_user *user;	/* FP state of the program task whose body it is; stays */
	bool forked;			/* it begins where the scheduler has switched to it */
#endif
};

struct pillion_vcpu {
	unsigned int lock;
	bool takeover;			/* the schedule() under way moves a parked task off */
	struct pillion_hthread *carrier;
	struct task_struct *last;	/* what current ran after, for finish_task_switch() */
};
extern struct pillion_vcpu pillion_vcpu;

/* cpu/<isa>/switch.S */
void pillion_ctx_switch(void **save, void *load);
void pillion_ctx_start(void);

/* lock.c */
void pillion_vcpu_init(void);
void pillion_vcpu_fini(void);
void pillion_hthread_init(struct pillion_hthread *ht);
struct pillion_hthread *pillion_hthread_get(void);
void pillion_hthread_put(struct pillion_hthread *ht);
void pillion_ht_sleep(struct pillion_hthread *ht);
void pillion_ht_wake(struct pillion_hthread *ht);

/* vcpu.c */
void *pillion_ctx_make(void *base, size_t size, void (*fn)(void *), void *arg);
void pillion_carry(struct pillion_hthread *ht, void *ctx);
void pillion_ht_acquire(struct pillion_hthread *ht);
bool pillion_ht_try(struct pillion_hthread *ht);
void pillion_ht_leave(struct pillion_hthread *ht);
void pillion_ht_schedule(struct pillion_hthread *ht);
int pillion_ht_wait_turn(struct pillion_hthread *ht);
void pillion_enter_held(struct pillion_hthread *ht);
void pillion_enter_slow(struct pillion_hthread *ht);
void pillion_leave_slow(struct pillion_hthread *ht);

/* user.c */
void __noreturn pillion_user_loop(struct pillion_hthread *ht);

/* task.c */
struct pillion_hthread *pillion_hthread_self(void);
struct pillion_hthread *pillion_visit(void);
void pillion_visit_end(struct pillion_hthread *ht);
int pillion_attach(struct pillion_hthread *ht, int pid);
void pillion_detach(struct pillion_hthread *ht, long code);
int pillion_rfork(struct pillion_hthread *ht, int *pid);
struct pillion_hthread *pillion_task_enter(void);
void pillion_task_leave(struct pillion_hthread *ht);
int __noreturn pillion_leader_main(void *arg);
int pillion_library_start(void *arg);
bool pillion_alone(struct pillion_hthread *ht);
void __noreturn pillion_become_init(void);
struct pillion_leader *pillion_leader_new(void);
void pillion_leader_signals(void);

/* mm/init.c */
void pillion_memory_init(void);
void *pillion_stack_map(struct task_struct *tsk);
int pillion_arena_get(void);

/* hyperup.c */
extern const struct rumpuser_hyperup pillion_hyperup;

/* drivers/pci.c */
void pillion_pci_stop(void);

/* drivers/net.c */
void pillion_net_stop(void);

/* irq.c, time.c */
struct pillion_hthread *pillion_irq_thread(void);
int pillion_irq_thread_start(void);
void pillion_irq_thread_stop(void);
bool pillion_irq_raise(unsigned int irq);
void pillion_irq_post(unsigned int irq);
unsigned long pillion_irq_begin(void);
void pillion_irq_end(unsigned long flags);
long long pillion_now(void);
void pillion_timer_arm(long long deadline);

/* signal.c: true if the call has to be made again */
bool pillion_exit_work(struct pillion_hthread *ht, long *ret);
void pillion_default_signals(void);
void pillion_group_exit(int code);
void pillion_deliver_signals(struct pillion_hthread *ht, int pid);

#endif
