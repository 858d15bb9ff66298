/*
 * compat.h - differences between PostgreSQL 14 to 19; every test of
 * PG_VERSION_NUM is here
 */
#ifndef COMPAT_H
#define COMPAT_H

#if PG_VERSION_NUM < 180000
#define pg_noreturn pg_attribute_noreturn()
#endif

#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

#ifndef FirstUnpinnedObjectId
#define FirstUnpinnedObjectId 12000
#endif

/* May a role use a schema?  The includer has utils/acl.h */
#if PG_VERSION_NUM >= 160000
#define fc_schema_aclcheck(schema, role, mode) object_aclcheck(NamespaceRelationId, schema, role, mode)
#else
#define fc_schema_aclcheck(schema, role, mode) pg_namespace_aclcheck(schema, role, mode)
#endif

/* Are parallel workers to be used wherever they can be?  The includer has optimizer/optimizer.h */
#if PG_VERSION_NUM >= 160000
#define fc_forces_parallel() (debug_parallel_query != DEBUG_PARALLEL_OFF)
#else
#define fc_forces_parallel() (force_parallel_mode != FORCE_PARALLEL_OFF)
#endif

/* The next one of a sorted sequence of datums passed by value; false: there are no more.  The includer has utils/tuplesort.h */
#if PG_VERSION_NUM >= 160000
#define fc_sort_next_datum(sort, value, null) tuplesort_getdatum(sort, true, false, value, null, NULL)
#else
#define fc_sort_next_datum(sort, value, null) tuplesort_getdatum(sort, true, value, null, NULL)
#endif

/*
 * fc_shared_memory(name, size, init): memory by name that all backends share,
 * set up by init when it is new; an error if there is no space left.  An error
 * may leave resources to an abort of the (sub)transaction, in other callers
 * only lwlocks.
 */
#if PG_VERSION_NUM >= 170000
#include "storage/dsm_registry.h"

#define FC_SHARED_MEMORY_IN_SUBTRANSACTION true

#if PG_VERSION_NUM >= 190000
static inline void
fc_init_shared_memory(void *memory, void *init)
{
	(*(void (**) (void *)) init) (memory);
}
#endif

static inline void *
fc_shared_memory(const char *name, Size size, void (*init) (void *))
{
	bool		found;

#if PG_VERSION_NUM >= 190000
	return GetNamedDSMSegment(name, size, fc_init_shared_memory, &found, &init);
#else
	return GetNamedDSMSegment(name, size, init, &found);
#endif
}
#else
#include "storage/lwlock.h"
#include "storage/shmem.h"

#define FC_SHARED_MEMORY_IN_SUBTRANSACTION false

/* From the server's spare shared memory */
static inline void *
fc_shared_memory(const char *name, Size size, void (*init) (void *))
{
	bool		found;
	void	   *memory;

	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	memory = ShmemInitStruct(name, size, &found);
	if (!found)
		init(memory);
	LWLockRelease(AddinShmemInitLock);
	return memory;
}
#endif

#endif
