/*
 * rowshare.c - the rows of a training, read by parallel workers
 *
 * The leader describes where the blocks are: runs of them in segments of
 * dynamic shared memory, and a temporary file by its name.  The description is
 * flat, so that it can be copied to workers, and each of them maps the segments
 * and opens the file for itself.  Leader and workers then read the same blocks,
 * and rows may not be added until the workers have ended.
 */
#include "pg/train/train.h"

#include "utils/memutils.h"

#include <fcntl.h>

/* ---- the leader ---- */

/* The segment of a block, and where in it */
static RowRun
find_block(const RowMemory *m, int64 b)
{
	dsm_segment *segment = fc_row_segment(m, m->block[b]);

	return (RowRun) {
		.segment = dsm_segment_handle(segment),
		.at = m->block[b] - (char *) dsm_segment_address(segment),
		.blocks = 1
	};
}

/* Returns how many; run may be NULL */
static int
find_runs(const RowMemory *m, RowRun *run)
{
	RowRun		last = {.blocks = 0};
	int			runs = 0;

	for (int64 b = 0; b < m->count; b++)
	{
		RowRun		block = find_block(m, b);

		if (last.blocks > 0 && block.segment == last.segment && block.at == last.at + last.blocks * m->size)
			last.blocks++;
		else
		{
			last = block;
			runs++;
		}
		if (run)
			run[runs - 1] = last;
	}
	return runs;
}

/*
 * Describes a store to workers, in the current context.  Blocks move, so what a
 * reader has returned is not valid any more.  NULL: there is no shared memory.
 */
RowStoreShare *
fc_store_share(RowStore *s)
{
	RowStoreShare *share;
	RowStoreReader reader;
	FcRows		rows;
	int			runs;

	if (s->last == NULL || !fc_row_memory_share(&s->memory))
		return NULL;			/* few rows have no block yet */
	s->last = s->memory.block[s->memory.count - 1];
	rows = fc_store_rows(s, &reader);
	runs = find_runs(&s->memory, NULL);
	share = palloc0(offsetof(RowStoreShare, run) + runs * sizeof(RowRun));
	share->size = offsetof(RowStoreShare, run) + runs * sizeof(RowRun);
	share->n = rows.n;
	share->d = rows.d;
	share->stride = rows.stride;
	share->precision = rows.precision;
	share->nblocks = reader.nblocks;
	share->in_memory = reader.in_memory;
	share->runs = find_runs(&s->memory, share->run);
	if (reader.buffer)
	{
		strlcpy(share->file, FilePathName(s->file), sizeof(share->file));
		pfree(reader.buffer);
	}
	return share;
}

/* ---- a worker ---- */

static char *
attach_segment(RowStoreReader *r, dsm_handle handle)
{
	dsm_segment *segment = dsm_find_mapping(handle);

	if (segment == NULL)
	{
		segment = dsm_attach(handle);
		if (segment == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("rows of the training are not there any more")));
		r->segments[r->nsegments++] = segment;
	}
	return dsm_segment_address(segment);
}

static void
attach_blocks(RowStoreReader *r, const RowStoreShare *share)
{
	int64		b = 0;

	for (int i = 0; i < share->runs; i++)
	{
		char	   *block = attach_segment(r, share->run[i].segment) + share->run[i].at;

		for (int64 left = share->run[i].blocks; left > 0; left--, block += r->size)
			r->block[b++] = block;
	}
}

static File
open_shared_file(const char *path)
{
	File		file = PathNameOpenTemporaryFile(path, O_RDONLY | PG_BINARY);

	if (file <= 0)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not open temporary file \"%s\": %m", path)));
	return file;
}

/*
 * The rows of the leader, as fc_store_rows() returns them there.  The reader
 * lives in the current context, until fc_store_detach() or an error.
 */
FcRows
fc_store_attach(const RowStoreShare *share, RowStoreReader *reader)
{
	bool		all = share->in_memory == share->nblocks;

	*reader = (RowStoreReader) {
		.nblocks = share->nblocks, .in_memory = share->in_memory,
		.block = palloc_extended((share->in_memory + 1) * sizeof(char *), MCXT_ALLOC_HUGE),
		.size = (Size) share->stride * share->d * FC_SIZE(share->precision),
		.segments = palloc(share->runs * sizeof(dsm_segment *))
	};
	attach_blocks(reader, share);
	if (!all)
	{
		reader->file = open_shared_file(share->file);
		reader->buffer = palloc_extended(reader->size, MCXT_ALLOC_HUGE);
	}
	return (FcRows) {
		.n = share->n, .d = share->d, .stride = share->stride, .precision = share->precision,
		.block = fc_store_read_block, .source = reader
	};
}

void
fc_store_detach(RowStoreReader *reader)
{
	if (reader->buffer)
		FileClose(reader->file);
	reader->buffer = NULL;
	while (reader->nsegments > 0)
		dsm_detach(reader->segments[--reader->nsegments]);
}
