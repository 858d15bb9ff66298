/*
 * rowstore.c - the rows of a training, in memory or in a temporary file
 *
 * Rows arrive one by one and are kept transposed in blocks, as the core takes
 * them (see FcRows).  The first block starts small and grows, so that many small
 * groups cost little.  When the blocks fill maintenance_work_mem the following
 * ones go to a temporary file: counted against temp_file_limit, and gone with
 * the query.  Which blocks are where does not change any result.
 */
#include "fuzzyclust.h"

#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

static Size
block_size(const RowStore *s, int32 stride)
{
	return (Size) stride * s->d * FC_SIZE(s->precision);
}

static char *
new_block(RowStore *s, int32 stride)
{
	return MemoryContextAllocExtended(s->context, block_size(s, stride), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
}

void
fc_store_begin(RowStore *s, MemoryContext context, const FcAlgorithm *algo, FcPrecision precision, int32 d)
{
	memset(s, 0, sizeof(*s));
	s->context = context;
	s->algo = algo;
	s->began = GetCurrentTimestamp();
	s->precision = precision;
	s->d = d;
	s->stride = FC_LANES;
	s->room = 1;
	s->blocks = MemoryContextAlloc(context, sizeof(char *));
	s->last = s->blocks[0] = new_block(s, s->stride);
	s->nblocks = s->in_memory = 1;
}

/* Doubles the rows that fit the only block */
static void
grow_first_block(RowStore *s)
{
	int32		stride = Min(2 * s->stride, fc_block_rows(s->d));
	Size		size = FC_SIZE(s->precision);
	char	   *grown = new_block(s, stride);

	for (int32 j = 0; j < s->d; j++)
		memcpy(grown + (Size) j * stride * size, s->last + (Size) j * s->stride * size, s->stride * size);
	pfree(s->last);
	s->last = s->blocks[0] = grown;
	s->stride = stride;
}

static void
write_last_block(RowStore *s)
{
	if (s->file == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(s->context);

		s->file = BufFileCreateTemp(false);
		MemoryContextSwitchTo(old);
	}
	BufFileWrite(s->file, s->last, block_size(s, s->stride));
	memset(s->last, 0, block_size(s, s->stride));
}

/* Others see the rows come, once that takes a while */
static void
show_rows(RowStore *s)
{
	if (s->progress == NULL && s->algo != NULL && fc_progress_due(s->began))
		s->progress = fc_progress_begin(s->context, s->algo, s->began);
	if (s->progress == NULL)
		return;
	s->progress->rows_done = s->n;
	fc_progress_show(s->progress);
}

/* The last block is full: makes room for another row */
static void
next_block(RowStore *s)
{
	Size		used = block_size(s, s->stride) * (s->in_memory + 1);

	if (s->file != NULL || used > (Size) maintenance_work_mem * 1024)
	{
		if (s->file == NULL)
			s->in_memory--;		/* the last one becomes the buffer */
		write_last_block(s);
	}
	else
	{
		if (s->in_memory == s->room)
		{
			s->room *= 2;
			s->blocks = repalloc_huge(s->blocks, s->room * sizeof(char *));
		}
		s->last = s->blocks[s->in_memory++] = new_block(s, s->stride);
	}
	s->nblocks++;
	s->in_block = 0;
	show_rows(s);
}

/* Adds a row of d features in the store's precision */
void
fc_store_add(RowStore *s, const void *x)
{
	if (s->in_block == s->stride)
	{
		if (s->stride < fc_block_rows(s->d))
			grow_first_block(s);
		else
			next_block(s);
	}
	if (s->precision == FC_F32)
	{
		float	   *to = (float *) s->last + s->in_block;

		for (int32 j = 0; j < s->d; j++)
			to[(Size) j * s->stride] = ((const float *) x)[j];
	}
	else
	{
		double	   *to = (double *) s->last + s->in_block;

		for (int32 j = 0; j < s->d; j++)
			to[(Size) j * s->stride] = ((const double *) x)[j];
	}
	s->in_block++;
	s->n++;
}

/* Nobody sees the training any more; in a window another may follow */
void
fc_store_hide(RowStore *s)
{
	if (s->progress == NULL)
		return;
	fc_progress_end(s->progress);
	s->progress = NULL;
	s->began = GetCurrentTimestamp();
}

/*
 * Adds the vector that the reader has opened; row is work space of d numbers.
 * False: it has a feature missing, and such rows are to be skipped.
 */
bool
fc_store_add_features(RowStore *s, FeatureReader *r, void *row, bool skip_missing)
{
	int32		missing;

	if (r->d != s->d)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("feature vectors of different lengths: %d and %d", s->d, r->d)));
	missing = fc_features_get(r, row);
	if (missing != 0)
	{
		if (skip_missing && fc_features_missing(r, missing, row))
			return false;
		fc_features_reject(r, missing);
	}
	fc_store_add(s, row);
	return true;
}

void
fc_store_close(RowStore *s)
{
	if (s->file)
		BufFileClose(s->file);
	s->file = NULL;
}

static const void *
read_block(void *source, int64_t b)
{
	RowStoreReader *r = source;
	RowStore   *s = r->store;
	Size		size = block_size(s, s->stride);

	if (s->progress && s->progress->rows_done >= 0)
	{
		s->progress->rows_done = b * s->stride;
		fc_progress_show(s->progress);
	}
	if (b == s->nblocks - 1)
		return s->last;
	if (b < s->in_memory)
		return s->blocks[b];

	if (BufFileSeek(s->file, 0, (off_t) (b - s->in_memory) * size, SEEK_SET) != 0)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not seek in temporary file")));
	BufFileReadExact(s->file, r->buffer, size);
	return r->buffer;
}

/* The rows as the core reads them; the reader lives in the current context */
FcRows
fc_store_rows(RowStore *s, RowStoreReader *reader)
{
	FcRows		rows = {
		.n = s->n, .d = s->d, .stride = s->stride, .precision = s->precision,
		.block = read_block, .source = reader
	};

	reader->store = s;
	reader->buffer = s->file ? palloc_extended(block_size(s, s->stride), MCXT_ALLOC_HUGE) : NULL;
	return rows;
}
