/*
 * fuzzyclust.c - the module, and what the core asks of the server
 */
#include "pg/fuzzyclust.h"

#include "miscadmin.h"
#include "storage/pmsignal.h"
#include "utils/memutils.h"

PG_MODULE_MAGIC;

/* Memory for what the arena has counted, in the current context; it starts anew */
void
fc_arena_allocate(FcArena *a)
{
	if (a->used > MaxAllocHugeSize - 64)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("more memory is needed than this server can address"),
				 errhint("Use fewer clusters, features or rows.")));
	a->base = (char *) TYPEALIGN(64, palloc_extended(a->used + 64, MCXT_ALLOC_HUGE));
	a->used = 0;
}

/*
 * For FcHooks.check and its like: may longjmp.  A backend learns of the death of
 * the postmaster where it waits, and a training does not wait; but while it goes
 * on no new postmaster begins.  Asking costs next to nothing where the kernel
 * tells of it by a signal, else a read of a pipe.
 */
void
fc_check_interrupts(void *arg pg_attribute_unused())
{
	CHECK_FOR_INTERRUPTS();
	if (IsUnderPostmaster && !PostmasterIsAlive())
		ereport(FATAL,
				(errcode(ERRCODE_ADMIN_SHUTDOWN),
				 errmsg("terminating connection due to unexpected postmaster exit")));
}
