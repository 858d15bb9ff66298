/*
 * rowcopy.c - copies of the rows of a training, for parallel workers
 *
 * Each worker has rows of its own, in huge pages as the leader has them, where
 * maintenance_work_mem has room for that.  Mapping as much shared memory, whose
 * pages are small, takes several times as long as copying does, and so does
 * giving it up.
 *
 * The leader writes blocks into a few slots of shared memory, which stay in a
 * cache, and all workers that have arrived take them from there at the same time.
 * It does so between two portions of its work: so it need not wait for workers
 * to start, and those that arrive later get theirs later.
 */
#include "pg/train/rowcopy.h"

#include "miscadmin.h"

#define SLOTS_SIZE	((Size) 1 << 20)	/* of all slots, unless that is less than two */
#define MOST_SLOTS	32

/* Of a worker: it asks for rows, and the leader begins to send them */
typedef enum CopyState
{
	COPY_NONE,
	COPY_WANTED,
	COPY_BEGUN
} CopyState;

typedef struct Recipient
{
	pg_atomic_uint32 state;
	pg_atomic_uint64 taken;		/* blocks */
	char		apart[PG_CACHE_LINE_SIZE];
} Recipient;

struct RowCopies
{
	FcRows		rows;			/* without their functions */
	bool		weighted;		/* blocks have weights behind their features */
	Size		size;			/* of a block */
	int64		blocks;
	int64		slots;
	int			workers;
	ConditionVariable changed;	/* any of the following */
	pg_atomic_uint32 over;		/* no rows will be sent */
	pg_atomic_uint64 sent;		/* blocks of this copy */
	Recipient	recipient[FLEXIBLE_ARRAY_MEMBER];	/* (workers), then the slots */
};

static Size
slots_offset(int workers)
{
	return CACHELINEALIGN(offsetof(RowCopies, recipient) + workers * sizeof(Recipient));
}

static int64
slots_of(const RowStore *s)
{
	return Max(2, Min(MOST_SLOTS, SLOTS_SIZE / s->memory.size));
}

static char *
slot_of(RowCopies *c, int64 block)
{
	return (char *) c + slots_offset(c->workers) + block % c->slots * c->size;
}

/* Of rows that are all in memory */
Size
fc_copies_size(const RowStore *s, int workers)
{
	return slots_offset(workers) + slots_of(s) * s->memory.size;
}

void
fc_copies_begin(RowCopies *c, RowStore *s, int workers)
{
	*c = (RowCopies) {
		.rows = {.n = s->n, .d = s->d, .stride = s->stride, .precision = s->precision, .gaps = s->gaps, .total = s->weights.total},
		.weighted = s->weights.given,
		.size = s->memory.size, .blocks = s->memory.count, .slots = slots_of(s), .workers = workers
	};
	ConditionVariableInit(&c->changed);
	pg_atomic_init_u32(&c->over, 0);
	pg_atomic_init_u64(&c->sent, 0);
	for (int w = 0; w < workers; w++)
	{
		pg_atomic_init_u32(&c->recipient[w].state, COPY_NONE);
		pg_atomic_init_u64(&c->recipient[w].taken, 0);
	}
}

/* ---- the leader ---- */

/* Have all workers to which rows are being sent taken this number of blocks? */
static bool
have_taken(void *arg, int64 blocks)
{
	RowCopies  *c = arg;

	for (int w = 0; w < c->workers; w++)
		if (pg_atomic_read_u32(&c->recipient[w].state) == COPY_BEGUN &&
			(int64) pg_atomic_read_u64(&c->recipient[w].taken) < blocks)
			return false;
	return true;
}

static bool
is_wanted(RowCopies *c)
{
	for (int w = 0; w < c->workers; w++)
		if (pg_atomic_read_u32(&c->recipient[w].state) == COPY_WANTED)
			return true;
	return false;
}

/* Slots are free when those who were sent rows before have all of them */
static void
begin_copy(RowCopies *c, bool spins)
{
	fc_wait_until(have_taken, c, pg_atomic_read_u64(&c->sent), &c->changed, spins);
	pg_atomic_write_u64(&c->sent, 0);
	pg_memory_barrier();
	for (int w = 0; w < c->workers; w++)
		if (pg_atomic_read_u32(&c->recipient[w].state) == COPY_WANTED)
			pg_atomic_write_u32(&c->recipient[w].state, COPY_BEGUN);
	ConditionVariableBroadcast(&c->changed);
}

/* To workers that have arrived since the last time, if there are any.  May longjmp */
void
fc_copies_send(RowCopies *c, RowStore *s, bool spins)
{
	if (!is_wanted(c))
		return;
	begin_copy(c, spins);
	for (int64 b = 0; b < c->blocks; b++)
	{
		CHECK_FOR_INTERRUPTS();
		fc_wait_until(have_taken, c, b + 1 - c->slots, &c->changed, spins);
		memcpy(slot_of(c, b), s->memory.block[b], c->size);
		pg_memory_barrier();
		pg_atomic_write_u64(&c->sent, b + 1);
		ConditionVariableBroadcast(&c->changed);
	}
}

/* Workers that have no rows get none */
void
fc_copies_end(RowCopies *c)
{
	pg_atomic_write_u32(&c->over, 1);
	ConditionVariableBroadcast(&c->changed);
}

/* ---- a worker ---- */

static bool
has_begun(void *arg, int64 worker)
{
	RowCopies  *c = arg;

	return pg_atomic_read_u32(&c->recipient[worker].state) == COPY_BEGUN ||
		pg_atomic_read_u32(&c->over) != 0;
}

static bool
is_sent(void *arg, int64 block)
{
	return (int64) pg_atomic_read_u64(&((RowCopies *) arg)->sent) > block;
}

/* As FcRows.block */
static const void *
read_block(void *source, int64_t b)
{
	const RowCopy *r = source;

	return r->memory + b * r->size;
}

/* As FcRows.weights */
static const double *
read_weights(void *source, int64_t b)
{
	const RowCopy *r = source;

	return (const double *) (r->memory + b * r->size + r->features);
}

static void
take_blocks(RowCopies *c, Recipient *r, char *to, bool spins)
{
	for (int64 b = 0; b < c->blocks; b++)
	{
		CHECK_FOR_INTERRUPTS();
		fc_wait_until(is_sent, c, b, &c->changed, spins);
		memcpy(to + b * c->size, slot_of(c, b), c->size);
		pg_memory_barrier();
		pg_atomic_write_u64(&r->taken, b + 1);
		ConditionVariableBroadcast(&c->changed);
	}
}

/* The rows, in the current context; false: the training is over */
bool
fc_copies_receive(RowCopies *c, int worker, bool spins, RowCopy *copy, FcRows *rows)
{
	Recipient  *r = &c->recipient[worker];
	char	   *allocated;

	if (pg_atomic_read_u32(&c->over) != 0)
		return false;
	copy->size = c->size;
	copy->features = fc_features_size(c->rows.stride, c->rows.d, c->rows.precision);
	copy->memory = fc_huge_memory(CurrentMemoryContext, c->blocks * c->size, &allocated);
	fc_map_memory(copy->memory, c->blocks * c->size);	/* before the leader has to wait for it */
	pg_atomic_write_u32(&r->state, COPY_WANTED);
	fc_wait_until(has_begun, c, worker, &c->changed, spins);
	if (pg_atomic_read_u32(&r->state) != COPY_BEGUN)
		return false;
	take_blocks(c, r, copy->memory, spins);
	*rows = c->rows;
	rows->block = read_block;
	rows->weights = c->weighted ? read_weights : NULL;
	rows->source = copy;
	return true;
}
