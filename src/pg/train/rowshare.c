/*
 * rowshare.c - the rows of a training, read by parallel workers
 *
 * The leader copies blocks to dynamic shared memory, and describes where they
 * are: runs in segments, and in its temporary file, which workers open by name.
 * Blocks for which there is no shared memory are copied to that file.  The
 * description is flat, so that it can be copied to workers, and each of them
 * maps the segments and opens the file for itself.
 *
 * Rows may not be added until the workers have ended.
 */
#include "pg/train/train.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include <fcntl.h>

#define COPIED_AT_ONCE	((Size) 8 << 20)	/* bytes between two checks */

/* ---- the leader: blocks that stay private ---- */

/* In the file the copies come after the blocks that are only there */
static int64
copies_offset(const RowStore *s)
{
	return (s->nblocks - s->memory.count) * s->memory.size;
}

/* Blocks "from" to before "to" of a store */
typedef struct Copy
{
	RowStore   *store;
	int64		from;
	int64		to;
} Copy;

static void
copy_blocks(void *arg)
{
	const Copy *c = arg;
	RowStore   *s = c->store;
	const RowMemory *m = &s->memory;

	for (int64 b = c->from; b < c->to; b++)
		fc_store_write(s, m->block[b], m->size, (off_t) (copies_offset(s) + (b - m->shared) * m->size));
}

/* False: there is no room for them, or not as much as the user may have */
static bool
copy_private_blocks(RowStore *s)
{
	const RowMemory *m = &s->memory;
	int64		many = Max(1, (int64) (COPIED_AT_ONCE / m->size));

	for (int64 b = m->shared; b < m->count; b += many)
	{
		Copy		copy = {s, b, Min(b + many, m->count)};

		CHECK_FOR_INTERRUPTS();
		if (!fc_attempt_here(copy_blocks, &copy, "rows of a training cannot be shared"))
			return false;
	}
	return true;
}

/* ---- the leader: the description ---- */

static void
add_run(RowStoreShare *share, int64 blocks, dsm_handle segment, int64 at)
{
	RowRun	   *before = &share->run[share->runs - 1];
	int64		first = share->runs == 0 ? 0 : before->first + before->blocks;

	if (blocks > 0)
		share->run[share->runs++] = (RowRun) {first, blocks, segment, at};
}

/* Blocks in memory come first, except the last of them: that is the last of all, after those in the file */
static void
describe_blocks(RowStoreShare *share, const RowStore *s)
{
	const RowMemory *m = &s->memory;
	dsm_segment *const *segment;
	const int64 *blocks;
	int			segments = fc_row_segments(m, &segment, &blocks);
	bool		all = m->shared == m->count;
	int64		copies = copies_offset(s);

	for (int i = 0; i < segments; i++)
		add_run(share, blocks[i] - (all && i == segments - 1), dsm_segment_handle(segment[i]), 0);
	if (!all)
		add_run(share, m->count - 1 - m->shared, DSM_HANDLE_INVALID, copies);
	add_run(share, s->nblocks - m->count, DSM_HANDLE_INVALID, 0);
	if (all)
		add_run(share, 1, dsm_segment_handle(segment[segments - 1]), (blocks[segments - 1] - 1) * m->size);
	else
		add_run(share, 1, DSM_HANDLE_INVALID, copies + (m->count - 1 - m->shared) * m->size);
	if (!all || s->nblocks > m->count)
		strlcpy(share->file, FilePathName(s->file), sizeof(share->file));
}

static Size
size_with(int segments)
{
	return offsetof(RowStoreShare, run) + (segments + 3) * sizeof(RowRun);
}

/* The most bytes that a description can have */
Size
fc_store_share_room(void)
{
	return size_with(FC_MOST_ROW_SEGMENTS);
}

/*
 * Describes a store to workers, in the current context.  Blocks may move, so what a
 * reader has returned is not valid any more.  NULL: there is no room.
 */
RowStoreShare *
fc_store_share(RowStore *s)
{
	RowMemory  *m = &s->memory;
	RowStoreShare *share;
	dsm_segment *const *segment;
	const int64 *blocks;
	Size		size;

	if (s->n == 0)
		return NULL;
	fc_store_complete(s);
	if (s->shared != s->n && m->moved == 0)
		fc_row_memory_end(m);	/* rows have been added to the last block */
	fc_row_memory_share(m);
	s->shared = s->n;
	s->last = m->block[m->count - 1];
	if (m->shared < m->count && !copy_private_blocks(s))
		return NULL;
	size = size_with(fc_row_segments(m, &segment, &blocks));
	share = palloc0(size);
	share->size = size;
	share->n = s->n;
	share->d = s->d;
	share->stride = s->stride;
	share->precision = s->precision;
	share->weighted = s->weights.given;
	share->total = s->weights.total;
	share->gaps = s->gaps;
	describe_blocks(share, s);
	return share;
}

/* ---- a worker ---- */

static char *
attach_segment(RowShareReader *r, dsm_handle handle)
{
	dsm_segment *segment = dsm_find_mapping(handle);

	if (segment == NULL)
	{
		segment = dsm_attach(handle);
		if (segment == NULL)
			elog(ERROR, "rows of a training are not shared any more");
		r->segment[r->segments++] = segment;
	}
	return dsm_segment_address(segment);
}

static void
open_shared_file(RowShareReader *r)
{
	if (r->file != 0)
		return;
	r->file = PathNameOpenTemporaryFile(r->share->file, O_RDONLY | PG_BINARY);
	if (r->file <= 0)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not open temporary file \"%s\": %m", r->share->file)));
	r->buffer = palloc_extended(r->size, MCXT_ALLOC_HUGE);
}

static void
open_run(RowShareReader *r, int i)
{
	const RowRun *run = &r->share->run[i];

	r->start[i] = NULL;
	if (run->segment != DSM_HANDLE_INVALID)
		r->start[i] = attach_segment(r, run->segment) + run->at;
	else
		open_shared_file(r);
}

/* Blocks are mostly read in their order */
static int
find_run(RowShareReader *r, int64 b)
{
	const RowRun *run = r->share->run;

	while (b < run[r->run].first)
		r->run--;
	while (b >= run[r->run].first + run[r->run].blocks)
		r->run++;
	return r->run;
}

/* One from the file stays in the buffer until another is read.  As FcRows.block */
static const void *
read_block(void *source, int64_t b)
{
	RowShareReader *r = source;
	int			i = find_run(r, b);
	const RowRun *run = &r->share->run[i];
	Size		at = (b - run->first) * r->size;

	if (r->start[i] != NULL)
		return r->start[i] + at;
	if (r->buffered != b)
	{
		r->buffered = -1;
		fc_store_read(r->file, r->buffer, r->size, (off_t) (run->at + at));
		r->buffered = b;
	}
	return r->buffer;
}

/* As FcRows.weights */
static const double *
read_weights(void *source, int64_t b)
{
	const RowStoreShare *s = ((RowShareReader *) source)->share;
	const char *block = read_block(source, b);

	return (const double *) (block + fc_features_size(s->stride, s->d, s->precision));
}

/*
 * The rows of the leader, as fc_store_rows() returns them there.  The reader
 * lives in the current context, until fc_store_detach() or an error.
 */
FcRows
fc_store_attach(const RowStoreShare *share, RowShareReader *reader)
{
	*reader = (RowShareReader) {
		.share = share,
		.size = fc_block_size(share->stride, share->d, share->precision, share->weighted),
		.start = palloc(share->runs * sizeof(char *)),
		.segment = palloc(share->runs * sizeof(dsm_segment *)),
		.buffered = -1
	};
	for (int i = 0; i < share->runs; i++)
		open_run(reader, i);
	return (FcRows) {
		.n = share->n, .d = share->d, .stride = share->stride, .precision = share->precision, .gaps = share->gaps,
		.block = read_block, .source = reader,
		.weights = share->weighted ? read_weights : NULL, .total = share->total
	};
}

void
fc_store_detach(RowShareReader *reader)
{
	if (reader->file > 0)
		FileClose(reader->file);
	reader->file = 0;
	while (reader->segments > 0)
		dsm_detach(reader->segment[--reader->segments]);
}
