/*
 * attached.c - memory that belongs to the memory context of an aggregate
 *
 * A transition function that another one calls for each row (worker_partial_agg
 * of Citus) keeps nothing from one row to the next in its call.  The memory context
 * of the aggregate remains.  What belongs to it is found through a callback of the
 * context, which does nothing, and is forgotten when the context is reset.
 *
 * A state that is a plain SQL value could be anybody's bytes: that of an
 * aggregate whose INITCOND somebody wrote.  So a function that changes states in
 * place gives them a random number which it keeps here, and trusts those that
 * have it: from outside they cannot, for the number is drawn when there are states.
 */
#include "pg/step/step.h"

#include "nodes/memnodes.h"
#include "utils/memutils.h"

typedef struct Attachment
{
	MemoryContextCallback callback;
	const char *kind;
	uint64		memory[FLEXIBLE_ARRAY_MEMBER];
} Attachment;

/* The callback by which an attachment is recognized */
static void
forget(void *attachment)
{
	(void) attachment;
}

/* Memory of a kind that belongs to context, zeros at first; kind is compared by its address */
void *
fc_attached(MemoryContext context, const char *kind, Size size)
{
	Attachment *a;

	for (MemoryContextCallback *c = context->reset_cbs; c != NULL; c = c->next)
		if (c->func == forget && ((Attachment *) c->arg)->kind == kind)
			return ((Attachment *) c->arg)->memory;
	a = MemoryContextAllocZero(context, offsetof(Attachment, memory) + size);
	a->kind = kind;
	a->callback = (MemoryContextCallback) {.func = forget, .arg = a};
	MemoryContextRegisterResetCallback(context, &a->callback);
	return a->memory;
}

/* Nobody can guess it */
uint64
fc_owner_number(void)
{
	uint64		number;

	if (!pg_strong_random(&number, sizeof(number)))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate a random number")));
	return number;
}
