/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The conformance suite: what its parts share.
 *
 * The suite proper uses the contract (include/rump), the C language's memory functions and the
 * port layer below, so that every platform can run it, one without a C library too. What only one
 * platform has is tested in a file of that platform (posix.c), through the same tables.
 *
 * A test is a function in a table; it holds the mock donor's CPU as a thread of the mock donor.
 * CHECK() ends it on failure; SKIP() leaves it out.
 *
 * Locking: results belong to the thread that runs the tests; other threads use FAIL_IF() only.
 */
#ifndef CONF_H
#define CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <rump/rumpuser.h>

/*
 * Port layer: a line of output; the end, with 0 if all went well; a scratch disk of at least size
 * bytes to write on, by a name for rumpuser_open() (false: the port has none); tables of the
 * port's own tests.
 */
void	port_print(const char *line);
void	port_exit(int status) __attribute__((__noreturn__));
bool	port_scratch(uint64_t size, char name[64]);
struct test {
	const char	*t_name;
	void		(*t_func)(void);
};
extern const struct test *const port_tables[];	/* ends with NULL */

/* The suite; the port calls it. Only tests whose names begin with conf_only, NULL: all. */
void	conf_main(void);
extern const char *conf_only;

/* A lwp of the mock donor, with what its upcalls have seen. Only its own thread changes it. */
struct lwp {
	bool		l_used;
	bool		l_temp;		/* made by hyp_schedule */
	int		l_pid;
	int		l_holding;	/* has the CPU */
	int		l_nlocks;	/* of the big lock */
	unsigned	l_unsched, l_resched;
	void		*l_interlock;	/* of the last unschedule */
	struct rumpuser_mtx *l_watch;	/* look who owns this in the upcalls */
	struct lwp	*l_ownunsched, *l_ownresched;
};
extern const struct rumpuser_hyperup mock_hyperup;
void	mock_init(void);
struct lwp *mock_attach(int pid);	/* a new lwp for this thread, without the CPU */
void	mock_detach(void);
void	mock_enter(void);		/* take and give up the CPU */
void	mock_leave(void);
extern unsigned mock_errors;		/* upcalls made wrongly */
extern unsigned mock_kthreads;		/* lwps of process 0 alive */

/* A thread of the mock donor that runs f(arg) with the CPU; without lwp and CPU. Joinable. */
void	*conf_thread(void (*f)(void *), void *arg);
void	*conf_rawthread(void (*f)(void *), void *arg);
void	conf_join(void *);

int64_t	conf_now(void);			/* nanoseconds */
void	conf_sleep(int64_t ns);		/* gives up the CPU if this thread has it */
bool	conf_until(bool (*cond)(void *), void *arg);	/* wait up to 20 s */

/* Wait until the lwp has given up the CPU once more than so often, and a while longer. */
struct conf_waiter {
	struct lwp	*l;
	unsigned	unsched;
};
void	conf_waits(struct conf_waiter *);

uint32_t conf_rand(uint32_t *state);
void	conf_pattern(uint8_t *p, size_t len, unsigned seed);

/* request.c: requests of rumpext_biov(), to their end; the error, or -1 if none came in time. */
struct conf_result {
	int	calls, error;
};
void	conf_done(void *result, int error);
bool	conf_called(void *result);		/* for conf_until() */
int	conf_request(int fd, int op, struct rumpuser_iovec *iov, size_t cnt, uint64_t off,
	    uint64_t len);
int	conf_transfer(int fd, int op, void *p, size_t len, uint64_t off);	/* p NULL: no data */

void	conf_fail(const char *file, int line, const char *what);
bool	conf_failed(void);
void	conf_skip(const char *why);

#define FAIL_IF(e) do {							\
	if (e)								\
		conf_fail(__FILE__, __LINE__, #e);			\
} while (0)
#define CHECK(e) do {							\
	if (!(e)) {							\
		conf_fail(__FILE__, __LINE__, "not: " #e);		\
		return;							\
	}								\
} while (0)
#define SKIP(why) do {							\
	conf_skip(why);							\
	return;								\
} while (0)

/* The expression makes exactly one pair of upcalls, with no interlock; makes none. */
#define CHECK_WRAPS(e) do {						\
	unsigned u_ = rumpuser_curlwp()->l_unsched;			\
	unsigned r_ = rumpuser_curlwp()->l_resched;			\
	CHECK(e);							\
	CHECK(rumpuser_curlwp()->l_unsched == u_ + 1);			\
	CHECK(rumpuser_curlwp()->l_resched == r_ + 1);			\
	CHECK(rumpuser_curlwp()->l_interlock == NULL);			\
} while (0)
#define CHECK_NOUPCALL(e) do {						\
	unsigned u_ = rumpuser_curlwp()->l_unsched;			\
	CHECK(e);							\
	CHECK(rumpuser_curlwp()->l_unsched == u_);			\
} while (0)

#define MS	1000000ll
#define LOAD(p)	__atomic_load_n(p, __ATOMIC_SEQ_CST)
#define STORE(p, v) __atomic_store_n(p, v, __ATOMIC_SEQ_CST)
#define ADD(p, v) __atomic_add_fetch(p, v, __ATOMIC_SEQ_CST)

#endif /* CONF_H */
