// SPDX-License-Identifier: GPL-2.0-only
/*
 * The virtual CPU's lock, and the host threads that want it, wait for something else, or are gone.
 * vcpu.c has the whole story.
 *
 * Locking: the lock word is taken by compare-and-swap; the waiters' list, their wake-up and the
 * records of ended threads are behind wait_mtx. event, granted and handed are atomics.
 */
#include <linux/kernel.h>
#include <linux/list.h>
#include <asm/rump.h>
#include "vcpu.h"

struct pillion_vcpu pillion_vcpu;
unsigned int pillion_wait_count;

static struct rumpuser_mtx *wait_mtx;
static LIST_HEAD(wait_list);		/* want the virtual CPU */
static LIST_HEAD(spare_list);		/* records of ended host threads */
static unsigned int bypassed;		/* releases since the first of them came to wait */
static long long spin_ns;

#define SPIN_NS		20000
#define SPIN_LEAST	1000
#define SPIN_RETRY	64

/* Who comes back before a woken waiter has got up may go ahead of it, but not for ever. */
#define BYPASS_LIMIT	64

/*
 * Make a thread look around. Costs a wake-up of the host's only if it sleeps and nobody has told
 * it yet: event and sleeping are written before the other is read, on both sides. Taking the
 * mutex waits until a sleeper is really asleep. The platform looks at event itself before it
 * runs user code, and after a kick.
 */
void pillion_ht_wake(struct pillion_hthread *ht)
{
	unsigned int where;

	if (__atomic_exchange_n(&ht->event, 1, __ATOMIC_SEQ_CST))
		return;
	where = __atomic_load_n(&ht->sleeping, __ATOMIC_SEQ_CST);
	if (where == HT_AWAKE)
		return;
#ifdef CONFIG_PILLION_PROGRAMS
	if (where == HT_USER) {
		rumpext_user_kick(ht->user);
		return;
	}
#endif
	rumpuser_mutex_enter_nowrap(ht->mtx);
	rumpuser_mutex_exit(ht->mtx);
	rumpuser_cv_signal(ht->cv);
}

/* Put ht on the list of those that want the virtual CPU; it may already be there. */
void pillion_wait_add(struct pillion_hthread *ht)
{
	rumpuser_mutex_enter_nowrap(wait_mtx);
	if (!ht->queued) {
		ht->queued = 1;
		list_add_tail(&ht->waiters, &wait_list);
		__atomic_add_fetch(&pillion_wait_count, 1, __ATOMIC_SEQ_CST);
	}
	rumpuser_mutex_exit(wait_mtx);
}

void pillion_wait_del(struct pillion_hthread *ht)
{
	if (!__atomic_load_n(&ht->queued, __ATOMIC_RELAXED))
		return;
	rumpuser_mutex_enter_nowrap(wait_mtx);
	if (ht->queued) {
		ht->queued = 0;
		list_del(&ht->waiters);
		__atomic_sub_fetch(&pillion_wait_count, 1, __ATOMIC_SEQ_CST);
	}
	rumpuser_mutex_exit(wait_mtx);
}

/*
 * Give the virtual CPU, which is held, to the first waiter, if enough others went ahead of it:
 * true, and it is held by that one now.
 */
bool pillion_wait_hand_over(void)
{
	struct pillion_hthread *ht;

	if (++bypassed < BYPASS_LIMIT)
		return false;
	bypassed = 0;
	rumpuser_mutex_enter_nowrap(wait_mtx);
	ht = list_first_entry_or_null(&wait_list, struct pillion_hthread, waiters);
	if (ht) {
		ht->queued = 0;
		list_del(&ht->waiters);
		__atomic_sub_fetch(&pillion_wait_count, 1, __ATOMIC_SEQ_CST);
	}
	rumpuser_mutex_exit(wait_mtx);
	if (!ht)
		return false;
	pillion_vcpu.carrier = ht;
	__atomic_store_n(&ht->handed, 1, __ATOMIC_SEQ_CST);
	pillion_ht_wake(ht);
	return true;
}

void pillion_wait_wake_one(void)
{
	struct pillion_hthread *ht;

	rumpuser_mutex_enter_nowrap(wait_mtx);
	ht = list_first_entry_or_null(&wait_list, struct pillion_hthread, waiters);
	rumpuser_mutex_exit(wait_mtx);
	if (ht)
		pillion_ht_wake(ht);	/* the record stays, even if the thread is gone */
}

/* ---- sleeping ---- */

void pillion_ht_sleep(struct pillion_hthread *ht)
{
	rumpuser_mutex_enter_nowrap(ht->mtx);
	__atomic_store_n(&ht->sleeping, HT_ASLEEP, __ATOMIC_SEQ_CST);
	while (!__atomic_load_n(&ht->event, __ATOMIC_SEQ_CST))
		rumpuser_cv_wait_nowrap(ht->cv, ht->mtx);
	__atomic_store_n(&ht->sleeping, HT_AWAKE, __ATOMIC_SEQ_CST);
	__atomic_store_n(&ht->event, 0, __ATOMIC_SEQ_CST);
	rumpuser_mutex_exit(ht->mtx);
}

/*
 * How long to spin before sleeping. It pays where another core works for us meanwhile: a wake-up
 * of the host's costs more than most calls into the donor. It costs twice where the other thread
 * needs this very core. So the time halves when it was in vain, doubles when not, and is tried
 * again now and then after it came down to nothing.
 */
static long long spin_begin(struct pillion_hthread *ht)
{
	if (!spin_ns)
		return 0;
	if (!ht->spin && ++ht->unspun % SPIN_RETRY)
		return 0;
	if (!ht->spin)
		ht->spin = SPIN_LEAST;
	return pillion_now() + ht->spin;
}

static void spin_end(struct pillion_hthread *ht, bool paid)
{
	if (paid)
		ht->spin = min(2 * ht->spin, spin_ns);
	else
		ht->spin = ht->spin / 2 < SPIN_LEAST ? 0 : ht->spin / 2;
}

/* Wait for something to do. */
enum pillion_turn pillion_ht_wait(struct pillion_hthread *ht)
{
	long long until = spin_begin(ht);
	bool spun = until;
	enum pillion_turn turn;
	unsigned int n = 0;

	for (;;) {
		if (__atomic_load_n(&ht->granted, __ATOMIC_ACQUIRE)) {
			ht->granted = 0;
			turn = TURN_GRANTED;
			break;
		}
		if (__atomic_load_n(&ht->handed, __ATOMIC_ACQUIRE)) {
			ht->handed = 0;
			turn = TURN_TOOK;
			break;
		}
		if (__atomic_load_n(&ht->queued, __ATOMIC_RELAXED) && pillion_vcpu_try(ht)) {
			bypassed = 0;
			turn = TURN_TOOK;
			break;
		}
		if (__atomic_load_n(&ht->error, __ATOMIC_ACQUIRE)) {
			turn = TURN_FAILED;
			break;
		}
		if (until) {
			pillion_cpu_pause();
			if (++n % 16 == 0 && pillion_now() >= until)
				until = 0;
			continue;
		}
		pillion_ht_sleep(ht);
	}
	if (spun)
		spin_end(ht, until);
	pillion_wait_del(ht);
	return turn;
}

/* ---- records ---- */

void pillion_vcpu_init(void)
{
	int ncpu = 1;
	char buf[16];

	rumpuser_mutex_init(&wait_mtx, RUMPUSER_MTX_SPIN);
	if (rumpuser_getparam(RUMPUSER_PARAM_NCPU, buf, sizeof(buf)) == 0)
		ncpu = buf[0] == '1' && !buf[1] ? 1 : 2;
	spin_ns = ncpu > 1 ? SPIN_NS : 0;
}

void pillion_hthread_init(struct pillion_hthread *ht)
{
	memset(ht, 0, sizeof(*ht));
	INIT_LIST_HEAD(&ht->tasks);
	INIT_LIST_HEAD(&ht->inside);
	rumpuser_mutex_init(&ht->mtx, RUMPUSER_MTX_SPIN);
	rumpuser_cv_init(&ht->cv);
}

#ifdef CONFIG_PILLION_PROGRAMS
#define SPARES_KEPT	16

static unsigned int spares;		/* spare records that have a user, which takes memory */

static void drop_user(struct pillion_hthread *ht)
{
	if (ht->user)
		rumpext_user_destroy(ht->user);
	ht->user = NULL;
}

static bool join_spares(struct pillion_hthread *ht)
{
	if (spares >= SPARES_KEPT)
		drop_user(ht);
	spares += ht->user != NULL;
	return ht->user;
}

static void leave_spares(struct pillion_hthread *ht)
{
	spares -= ht->user != NULL;
}
#else
static void drop_user(struct pillion_hthread *ht) { }
static bool join_spares(struct pillion_hthread *ht) { return true; }
static void leave_spares(struct pillion_hthread *ht) { }
#endif

/*
 * Records of host threads that ended are kept for the next: who granted or woke a thread may
 * still be about to signal its cv when the thread is long gone. A late signal to the next owner
 * is only a look around.
 */
struct pillion_hthread *pillion_hthread_get(void)
{
	struct pillion_hthread *ht = NULL;
	void *mem;

	rumpuser_mutex_enter_nowrap(wait_mtx);
	if (!list_empty(&spare_list)) {
		ht = list_first_entry(&spare_list, struct pillion_hthread, waiters);
		list_del(&ht->waiters);
		leave_spares(ht);
	}
	rumpuser_mutex_exit(wait_mtx);
	if (!ht) {
		if (rumpuser_malloc(sizeof(*ht), 0, &mem))
			return NULL;
		ht = mem;
		pillion_hthread_init(ht);
	}
	return ht;
}

void pillion_hthread_put(struct pillion_hthread *ht)
{
	pillion_wait_del(ht);
	rumpuser_mutex_enter_nowrap(wait_mtx);
	if (join_spares(ht))
		list_add(&ht->waiters, &spare_list);
	else
		list_add_tail(&ht->waiters, &spare_list);
	rumpuser_mutex_exit(wait_mtx);
}

static void hthread_fini(struct pillion_hthread *ht)
{
	drop_user(ht);
	rumpuser_cv_destroy(ht->cv);
	rumpuser_mutex_destroy(ht->mtx);
}

/* Nobody is left but the caller. */
void pillion_vcpu_fini(void)
{
	struct pillion_hthread *ht, *next;

	list_for_each_entry_safe(ht, next, &spare_list, waiters) {
		hthread_fini(ht);
		rumpuser_free(ht, sizeof(*ht));
	}
	hthread_fini(pillion_irq_thread());
	rumpuser_mutex_destroy(wait_mtx);
}
