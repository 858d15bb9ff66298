/*
 * shared.c - resources shared by all backends, for which there is a substitute
 *
 * Dynamic shared memory may be small or full, as in a container, and it has a
 * limited number of segments.  A training does without, so a failure is worth a
 * message in the log only.
 */
#include "pg/fuzzyclust.h"

#include "utils/memutils.h"
#include "utils/resowner.h"

static void
release(ResourceOwner owner)
{
	ResourceOwnerRelease(owner, RESOURCE_RELEASE_BEFORE_LOCKS, false, false);
	ResourceOwnerRelease(owner, RESOURCE_RELEASE_LOCKS, false, false);
	ResourceOwnerRelease(owner, RESOURCE_RELEASE_AFTER_LOCKS, false, false);
	ResourceOwnerDelete(owner);
}

/* Cancellations, and conflicts with the recovery of a standby server */
static bool
ends_statement(int sqlerrcode)
{
	int			category = ERRCODE_TO_CATEGORY(sqlerrcode);

	return category == ERRCODE_OPERATOR_INTERVENTION || category == ERRCODE_TRANSACTION_ROLLBACK;
}

/* Takes the error at hand */
static void
tell_failure(const char *failure)
{
	ErrorData  *error = CopyErrorData();

	FlushErrorState();
	ereport(DEBUG1,
			(errmsg_internal("%s: %s", failure, error->message)));
	FreeErrorData(error);
}

/*
 * Runs a function that asks the server for a resource, for which there is a
 * substitute; false, and a message for the log, after an error other than
 * those that must end the statement.  What it has opened stays open.
 */
bool
fc_attempt_here(void (*action) (void *arg), void *arg, const char *failure)
{
	MemoryContext context = CurrentMemoryContext;
	volatile bool done = false;

	PG_TRY();
	{
		action(arg);
		done = true;
	}
	PG_CATCH();
	{
		if (ends_statement(geterrcode()))
			PG_RE_THROW();
		MemoryContextSwitchTo(context);
		tell_failure(failure);
	}
	PG_END_TRY();
	return done;
}

/* The same, and all resources are released.  Segments of shared memory that are to stay must be pinned. */
bool
fc_attempt(void (*action) (void *arg), void *arg, const char *failure)
{
	ResourceOwner owner = CurrentResourceOwner;
	ResourceOwner own = ResourceOwnerCreate(owner, "fuzzyclust attempt");
	bool		done;

	CurrentResourceOwner = own;
	done = fc_attempt_here(action, arg, failure);
	CurrentResourceOwner = owner;
	release(own);
	return done;
}

/* ---- memory ---- */

typedef struct Segment
{
	Size		size;
	dsm_segment *segment;
} Segment;

static void
create(void *arg)
{
	Segment    *s = arg;

	s->segment = dsm_create(s->size, DSM_CREATE_NULL_IF_MAXSEGMENTS);
	if (s->segment == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_RESOURCES),
				 errmsg_internal("too many dynamic shared memory segments")));
	dsm_pin_mapping(s->segment);
}

/* A segment of dynamic shared memory, mapped until dsm_detach(); NULL: there is none */
dsm_segment *
fc_create_segment(Size size, const char *purpose)
{
	Segment		s = {.size = size};

	(void) fc_attempt(create, &s, psprintf("no shared memory of %zu bytes for %s", size, purpose));
	return s.segment;
}
