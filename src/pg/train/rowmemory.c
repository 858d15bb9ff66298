/*
 * rowmemory.c - memory for the rows of a training, which parallel workers can
 * read
 *
 * Blocks of rows begin in private memory, because most trainings are small.
 * Beyond 8 MB further ones are put into segments of dynamic shared memory, if
 * a team of workers may be wanted; what is private then moves there when it is.
 * Where there is no such memory, as in a container whose /dev/shm is small or
 * full, blocks stay private: it costs the team, never the training.
 *
 * A segment is mapped for as long as the memory context of the rows lives, or
 * until they are closed, which may be before or after the end of the
 * transaction that filled it.
 */
#include "pg/train/train.h"

#include "access/parallel.h"
#include "miscadmin.h"
#include "optimizer/optimizer.h"
#include "storage/dsm.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#ifndef WIN32
#include <sys/mman.h>
#endif

#define MB				((Size) 1 << 20)
#define PRIVATE			(8 * MB)	/* without shared memory */
#define SMALL_CHUNK		(8 * MB)	/* allocated at a time, at least, from there on ... */
#define LARGE_CHUNK		(64 * MB)	/* ... and at most, up to 16 times as much: it cannot be interrupted */
#define TOUCHED			(2 * MB)	/* mapped at a time */
#define HUGE_PAGE		(2 * MB)
#define MOST_SEGMENTS	128			/* of this backend; the server has 64, and 5 for each backend */

struct RowSegments
{
	MemoryContextCallback callback;
	int			count;
	int			found;			/* the last one that was looked up */
	dsm_segment *segment[MOST_SEGMENTS];
	char	   *start[MOST_SEGMENTS];
	char	   *end[MOST_SEGMENTS];
};

/* A limit of the server is shared by its backends */
static int	segments_in_use = 0;

/* May a team of workers be wanted? */
static bool
may_share(void)
{
	return IsUnderPostmaster && !IsParallelWorker() && max_parallel_workers > 0 && max_parallel_maintenance_workers > 0;
}

/* All blocks are to have the same size, once the first one is complete */
void
fc_row_memory_begin(RowMemory *m, MemoryContext context, bool private)
{
	memset(m, 0, sizeof(*m));
	m->context = context;
	m->shared = !private && may_share();
	m->room = 1;
	m->block = MemoryContextAlloc(context, sizeof(char *));
}

/* ---- segments of shared memory ---- */

/* Also when the context is deleted */
static void
free_segments(void *arg)
{
	RowSegments *s = arg;

	s->found = 0;
	while (s->count > 0)
	{
		s->count--;
		segments_in_use--;
		dsm_detach(s->segment[s->count]);
	}
}

static void
begin_segments(RowMemory *m)
{
	m->segments = MemoryContextAllocZero(m->context, sizeof(RowSegments));
	m->segments->callback.func = free_segments;
	m->segments->callback.arg = m->segments;
	MemoryContextRegisterResetCallback(m->context, &m->segments->callback);
}

/* Takes the error at hand */
static void
report_no_memory(Size size)
{
	ErrorData  *error = CopyErrorData();

	FlushErrorState();
	ereport(DEBUG1,
			(errmsg_internal("no dynamic shared memory of %zu bytes for rows: %s", size, error->message)));
	FreeErrorData(error);
}

static void
release(ResourceOwner owner)
{
	ResourceOwnerRelease(owner, RESOURCE_RELEASE_BEFORE_LOCKS, false, false);
	ResourceOwnerRelease(owner, RESOURCE_RELEASE_LOCKS, false, false);
	ResourceOwnerRelease(owner, RESOURCE_RELEASE_AFTER_LOCKS, false, false);
	ResourceOwnerDelete(owner);
}

/*
 * NULL if there is no memory.  A failure leaves the beginning of a segment to
 * the resource owner, so it has one of its own.
 */
static dsm_segment *
create_segment(Size size)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	ResourceOwner own = ResourceOwnerCreate(owner, "fuzzyclust rows");
	dsm_segment *volatile segment = NULL;

	CurrentResourceOwner = own;
	PG_TRY();
	{
		segment = dsm_create(size, DSM_CREATE_NULL_IF_MAXSEGMENTS);
		if (segment != NULL)
			dsm_pin_mapping(segment);
		else
			ereport(DEBUG1,
					(errmsg_internal("no segment of dynamic shared memory is left for rows")));
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		report_no_memory(size);
	}
	PG_END_TRY();
	CurrentResourceOwner = owner;
	release(own);
	return segment;
}

/* Returns its memory */
static char *
keep_segment(RowSegments *s, dsm_segment *segment, Size size)
{
	s->segment[s->count] = segment;
	s->start[s->count] = dsm_segment_address(segment);
	s->end[s->count] = s->start[s->count] + size;
	return s->start[s->count++];
}

/* Memory of a new segment, or NULL */
static char *
add_segment(RowMemory *m, Size size)
{
	dsm_segment *segment;

	if (segments_in_use >= MOST_SEGMENTS)
		return NULL;
	if (m->segments == NULL)
		begin_segments(m);
	segment = create_segment(size);
	if (segment == NULL)
		return NULL;
	segments_in_use++;
	return keep_segment(m->segments, segment, size);
}

/* The segment that holds an address; NULL: it is private */
dsm_segment *
fc_row_segment(const RowMemory *m, const char *at)
{
	RowSegments *s = m->segments;

	for (int tries = 0; s && tries < s->count; tries++)
	{
		if (at >= s->start[s->found] && at < s->end[s->found])
			return s->segment[s->found];
		s->found = (s->found + 1) % s->count;
	}
	return NULL;
}

/* ---- chunks of several blocks ---- */

/* Page faults are fewer; only advice */
static void
ask_for_huge_pages(char *memory, Size size)
{
#ifdef MADV_HUGEPAGE
	char	   *start = (char *) TYPEALIGN(HUGE_PAGE, memory);
	char	   *end = (char *) TYPEALIGN_DOWN(HUGE_PAGE, memory + size);

	if (end > start)
		(void) madvise(start, end - start, MADV_HUGEPAGE);
#endif
}

/* Maps whole pages before they are used, many at a time */
static void
touch(RowMemory *m)
{
	Size		size = Max(Min(TOUCHED, m->left * m->size), m->size);

#ifdef MADV_POPULATE_WRITE
	static long page = 0;
	char	   *start;
	char	   *end;

	if (page == 0)
		page = sysconf(_SC_PAGESIZE);
	start = (char *) TYPEALIGN(page, m->next);
	end = (char *) TYPEALIGN_DOWN(page, m->next + size);
	if (end > start)
		(void) madvise(start, end - start, MADV_POPULATE_WRITE);
#endif
	m->touched = m->next + size;
}

static char *
add_private(RowMemory *m, Size size)
{
	char	   *memory;

	if (m->private == NULL)
		m->private = AllocSetContextCreate(m->context, "fuzzyclust rows", ALLOCSET_SMALL_SIZES);
	memory = MemoryContextAllocExtended(m->private, size, MCXT_ALLOC_HUGE);
	ask_for_huge_pages(memory, size);
	return memory;
}

/* The more there are, the more at a time, up to this limit */
static int64
chunk_blocks(const RowMemory *m, int64 limit)
{
	Size		used = m->count * m->size;
	Size		size;

	if (used < PRIVATE)
		size = Min(used, PRIVATE - used);
	else
		size = Max(SMALL_CHUNK, Max(Min(used / 4, LARGE_CHUNK), used / 16));
	return Max(1, Min(limit, (int64) (size / m->size)));
}

static void
add_chunk(RowMemory *m, int64 limit)
{
	int64		blocks = chunk_blocks(m, limit);
	char	   *memory = NULL;

	if (m->shared && m->count * m->size >= PRIVATE)
	{
		memory = add_segment(m, blocks * m->size);
		m->shared = memory != NULL;
	}
	m->next = memory ? memory : add_private(m, blocks * m->size);
	m->left = blocks;
	m->touched = m->next;
}

static void
append(RowMemory *m, char *block)
{
	if (m->count == m->room)
	{
		m->room *= 2;
		m->block = repalloc_huge(m->block, m->room * sizeof(char *));
	}
	m->block[m->count++] = block;
}

/* ---- blocks ---- */

/* A first block of this size takes the place of the one there is, which is returned, or NULL */
char *
fc_row_memory_first(RowMemory *m, Size size)
{
	char	   *old = m->count > 0 ? m->block[0] : NULL;

	m->block[0] = MemoryContextAllocExtended(m->context, size, MCXT_ALLOC_HUGE);
	m->size = size;
	m->count = 1;
	return old;
}

/* Of a first block that has been replaced; a segment remains */
void
fc_row_memory_drop(RowMemory *m, char *block)
{
	if (fc_row_segment(m, block) == NULL)
		pfree(block);
}

/* Another block, whose content is not defined; NULL: all of them would exceed a limit in bytes */
char *
fc_row_memory_add(RowMemory *m, Size limit)
{
	int64		most = limit / m->size - m->count;

	if (m->left == 0)
	{
		if (most <= 0)
			return NULL;
		add_chunk(m, most);
	}
	if (m->next + m->size > m->touched)
		touch(m);
	append(m, m->next);
	m->next += m->size;
	m->left--;
	return m->block[m->count - 1];
}

/* Bytes of private blocks */
static Size
private_size(const RowMemory *m)
{
	Size		size = 0;

	for (int64 b = 0; b < m->count; b++)
		if (fc_row_segment(m, m->block[b]) == NULL)
			size += m->size;
	return size;
}

static void
free_private(RowMemory *m, char *first)
{
	if (first != m->block[0])
		pfree(first);
	if (m->private)
		MemoryContextDelete(m->private);
	m->private = NULL;
	if (m->left > 0 && fc_row_segment(m, m->next) == NULL)
		m->left = 0;
}

/* Moves private blocks to a segment; false: there is no memory, and nothing has changed */
bool
fc_row_memory_share(RowMemory *m)
{
	Size		size = private_size(m);
	char	   *first = m->block[0];
	char	   *to;

	if (size == 0)
		return true;
	to = may_share() ? add_segment(m, size) : NULL;
	if (to == NULL)
		return false;
	for (int64 b = 0; b < m->count; b++)
	{
		if (fc_row_segment(m, m->block[b]) != NULL)
			continue;
		CHECK_FOR_INTERRUPTS();
		m->block[b] = memcpy(to, m->block[b], m->size);
		to += m->size;
	}
	free_private(m, first);
	return true;
}

/* Of what would not end with the transaction */
void
fc_row_memory_end(RowMemory *m)
{
	if (m->segments)
		free_segments(m->segments);
}
