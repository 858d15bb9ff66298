/*
 * fuzzyclust.c - the module, and services of the server for the core
 */
#include "pg/fuzzyclust.h"

#include "miscadmin.h"
#include "storage/pmsignal.h"
#include "utils/memutils.h"

#include <dlfcn.h>
#include <sys/stat.h>

PG_MODULE_MAGIC;

/* The file of this library, when it was loaded; inode 0: not known */
static struct stat file;

static bool
find_file(Dl_info *info, struct stat *found)
{
	return dladdr(&file, info) != 0 && info->dli_fname != NULL && stat(info->dli_fname, found) == 0;
}

extern PGDLLEXPORT void _PG_init(void);
void
_PG_init(void)
{
	Dl_info		info;

	if (!find_file(&info, &file))
		file.st_ino = 0;
}

/*
 * The path of this library, from which a worker can load it, too; NULL: it cannot,
 * as the file has been replaced since, and what it contains may differ
 */
const char *
fc_library(void)
{
	Dl_info		info;
	struct stat now;

	if (file.st_ino == 0 || !find_file(&info, &now) || now.st_ino != file.st_ino || now.st_dev != file.st_dev)
		return NULL;
	return info.dli_fname;
}

/* Allocates the memory counted by the arena in the current context, and resets the arena */
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
 * For FcHooks.check and similar hooks: may longjmp.  A backend notices the
 * death of the postmaster when it waits, but a training does not wait, and no
 * new postmaster can start while it runs.  The check is almost free where the
 * kernel reports the death by a signal; otherwise it reads from a pipe.
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
