/*
 * fuzzyclust.c - module start, and what the core asks of the server
 */
#include "fuzzyclust.h"

#include <cblas.h>
#include <signal.h>

#include "miscadmin.h"

PG_MODULE_MAGIC;

void		_PG_init(void);

/* Ends the threads of OpenBLAS; asking for a number of them begins them anew */
extern int	blas_thread_shutdown_(void);

/*
 * A backend is one thread as far as PostgreSQL knows.  OpenBLAS has started a
 * pool when it was loaded, whose threads would take the backend's signals and
 * run its handlers, so the pool goes before anything can happen.
 */
void
_PG_init(void)
{
	sigset_t	all;
	sigset_t	before;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	openblas_set_num_threads(1);
	blas_thread_shutdown_();
	sigprocmask(SIG_SETMASK, &before, NULL);
}

/* Memory for what the arena has counted, in the current context; it starts anew */
void
fc_arena_allocate(FcArena *a)
{
	a->base = (char *) TYPEALIGN(64, palloc_extended(a->used + 64, MCXT_ALLOC_HUGE));
	a->used = 0;
}

/* For FcHooks.check and its like: may longjmp */
void
fc_check_interrupts(void *arg pg_attribute_unused())
{
	CHECK_FOR_INTERRUPTS();
}
