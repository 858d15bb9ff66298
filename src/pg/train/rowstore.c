/*
 * rowstore.c - the rows of a training, in memory or in a temporary file
 *
 * Rows arrive one by one and are kept transposed in blocks, as the core takes
 * them (see FcRows).  They are gathered as they arrive, FC_LANES of them, and
 * then transposed together: a single row would be scattered over d cache lines.
 * The first block starts small and grows, so that many small groups cost
 * little.  When the blocks fill maintenance_work_mem the following
 * ones go to a temporary file: counted against temp_file_limit, and gone with
 * the query, or with fc_store_close where the store survives a commit.  Which
 * blocks are where does not change any result.
 *
 * Where rows have weights, those of a block are behind its features, so that they go
 * wherever the block goes.  Their total is added up in the order of the rows.
 *
 * The file is written and read in whole blocks, so that it needs no buffer; and
 * closing it, unlike a BufFile, cannot fail, as it must not after an error.
 */
#include "pg/train/train.h"

#include "core/direction.h"
#include "core/transpose.h"

#include "commands/tablespace.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

#include <errno.h>

#define NO_FILE	0				/* which no file of the server ever is */

static Size
block_size(const RowStore *s, int32 stride)
{
	return fc_block_size(stride, s->d, s->precision, s->weights.given);
}

/* (stride) of the rows of a block */
static double *
block_weights(const RowStore *s, const char *block, int32 stride)
{
	return (double *) (block + fc_features_size(stride, s->d, s->precision));
}

static void
set_first_block(RowStore *s, int32 stride)
{
	s->stride = stride;
	s->last = s->memory.block[0];
}

/* How rows are kept for this model to learn from */
int
fc_store_flags(const FcModel *m)
{
	return fc_is_cosine(m) ? FC_STORE_UNIT : 0;
}

/* A store that survives a commit, if context does, is to be closed after any error too */
void
fc_store_begin(RowStore *s, MemoryContext context, const FcAlgorithm *algo, int flags, FcPrecision precision, int32 d)
{
	memset(s, 0, sizeof(*s));
	s->context = context;
	s->algo = algo;
	s->began = GetCurrentTimestamp();
	s->flags = flags;
	s->weights.given = (flags & FC_STORE_WEIGHTED) != 0;
	s->directions.unit = (flags & FC_STORE_UNIT) != 0;
	s->file = NO_FILE;
	s->columns = NO_FILE;
	s->precision = precision;
	s->d = d;
	s->stride = FC_LANES;
	s->nblocks = 1;				/* not in memory before there is a bundle */
	fc_row_memory_begin(&s->memory, context);
	s->bundle = MemoryContextAllocExtended(context, block_size(s, FC_LANES), MCXT_ALLOC_HUGE);
}

/* Doubles the rows that fit the only block */
static void
grow_first_block(RowStore *s)
{
	int32		stride = Min(2 * s->stride, fc_block_rows(s->d));
	Size		size = FC_SIZE(s->precision);
	char	   *old = fc_row_memory_first(&s->memory, block_size(s, stride));
	char	   *grown = s->memory.block[0];

	for (int32 j = 0; j < s->d; j++)
		memcpy(grown + (Size) j * stride * size, old + (Size) j * s->stride * size, s->stride * size);
	if (s->weights.given)
		memcpy(block_weights(s, grown, stride), block_weights(s, old, s->stride), s->stride * sizeof(double));
	fc_row_memory_drop(&s->memory, old);
	set_first_block(s, stride);
}

/* Where a block is in the file, whose first one is the last that is in memory */
static off_t
block_offset(const RowMemory *m, int64 b)
{
	return (off_t) ((b - (m->count - 1)) * m->size);
}

/*
 * In temp_tablespaces.  The server puts a file that outlives a transaction
 * into the database's tablespace, because nothing protects another tablespace
 * from being dropped; but a tablespace is not dropped while a file is in it.
 * Only that function counts the file against temp_file_limit, so it is called
 * with another default.
 */
static File
open_file(bool survives)
{
	Oid			place = MyDatabaseTableSpace;
	Oid			chosen;
	File		file;

	PrepareTempTablespaces();
	if (!survives)
		return OpenTemporaryFile(false);
	chosen = GetNextTempTableSpace();
	PG_TRY();
	{
		if (OidIsValid(chosen))
			MyDatabaseTableSpace = chosen;
		file = OpenTemporaryFile(true);
	}
	PG_FINALLY();
	{
		MyDatabaseTableSpace = place;
	}
	PG_END_TRY();
	return file;
}

/* A file that is not there is begun */
static void
write_file(RowStore *s, File *file, const void *data, Size size, off_t at)
{
	if (*file == NO_FILE)
		*file = open_file((s->flags & FC_STORE_SURVIVES) != 0);
	errno = 0;
	if (FileWrite(*file, (char *) data, size, at, WAIT_EVENT_BUFFILE_WRITE) != (int) size)
	{
		if (errno == 0)
			errno = ENOSPC;		/* as a short write means */
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not write to temporary file: %m")));
	}
}

/* Any file of a store */
void
fc_store_read(File file, void *data, Size size, off_t at)
{
	int			read = FileRead(file, data, size, at, WAIT_EVENT_BUFFILE_READ);

	if (read != (int) size)
		ereport(ERROR,
				(errcode_for_file_access(),
				 read < 0 ? errmsg("could not read from temporary file: %m") :
				 errmsg("could not read from temporary file: %d of %zu bytes", read, size)));
}

/* To the file of blocks */
void
fc_store_write(RowStore *s, const void *data, Size size, off_t at)
{
	write_file(s, &s->file, data, size, at);
}

static void
close_file(File *file)
{
	if (*file != NO_FILE)
		FileClose(*file);
	*file = NO_FILE;
}

/* Shows the reading of rows to other sessions, after a delay */
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

/* For rows in memory, in bytes; what workers need for themselves is left to them */
static Size
memory_limit(const RowStore *s)
{
	Size		limit = (Size) maintenance_work_mem * 1024;
	Size		taken = fc_dictionaries_size(s->categories.dictionaries) + (s->flags & FC_STORE_PRIVATE ? 0 : FC_LEFT_BY_ROWS(limit));

	return limit > taken ? limit - taken : 0;
}

/* The last block is full: makes room for another row */
static void
next_block(RowStore *s)
{
	bool		fits = s->nblocks == s->memory.count;
	char	   *block = fits ? fc_row_memory_add(&s->memory, memory_limit(s)) : NULL;

	if (block != NULL)
		s->last = block;
	else
		fc_store_write(s, s->last, s->memory.size, block_offset(&s->memory, s->nblocks - 1));
	s->nblocks++;
	s->in_block = 0;
	show_rows(s);
}

/* Rows of the last block that are only in the bundle */
static int32
bundled(const RowStore *s)
{
	return (int32) (s->in_block % FC_LANES);
}

/* Where the next row is to be written, d features in the store's precision; then commit_row() */
static void *
next_row(RowStore *s)
{
	if (s->in_block == s->stride)
	{
		if (s->stride < fc_block_rows(s->d))
			grow_first_block(s);
		else
			next_block(s);
	}
	return s->bundle + (Size) bundled(s) * s->d * FC_SIZE(s->precision);
}

/* The bundle into the block; first is its first row there */
static void
transpose_bundle(RowStore *s, int64 first)
{
	if (s->last == NULL)
	{
		(void) fc_row_memory_first(&s->memory, block_size(s, FC_LANES));
		set_first_block(s, FC_LANES);
	}
	fc_transpose(s->bundle, s->d, s->precision, s->last + first * FC_SIZE(s->precision), s->stride);
	if (s->weights.given)
		memcpy(block_weights(s, s->last, s->stride) + first, block_weights(s, s->bundle, FC_LANES), FC_LANES * sizeof(double));
}

/* That of the next rows, until another is set: above 0, of a store that was begun with FC_STORE_WEIGHTED */
void
fc_store_weigh(RowStore *s, double weight)
{
	s->weights.next = weight;
}

/* The row that was written has its weight */
static void
weigh_row(RowStore *s)
{
	block_weights(s, s->bundle, FC_LANES)[bundled(s)] = s->weights.next;
	s->weights.total += s->weights.next;
}

/* The row that was written is complete */
static void
commit_row(RowStore *s)
{
	if (s->weights.given)
		weigh_row(s);
	s->in_block++;
	s->n++;
	if (bundled(s) == 0)
		transpose_bundle(s, s->in_block - FC_LANES);
}

/* Rows that are only in the bundle, into the block, which the core reads in whole lanes; others may follow */
void
fc_store_complete(RowStore *s)
{
	int32		rows = bundled(s);
	Size		row = s->d * FC_SIZE(s->precision);

	if (rows == 0)
		return;
	memset(s->bundle + rows * row, 0, (FC_LANES - rows) * row);
	if (s->weights.given)
		memset(block_weights(s, s->bundle, FC_LANES) + rows, 0, (FC_LANES - rows) * sizeof(double));
	transpose_bundle(s, s->in_block - rows);
}

/* Adds a row of d features in the store's precision */
void
fc_store_add(RowStore *s, const void *x)
{
	memcpy(next_row(s), x, s->d * FC_SIZE(s->precision));
	commit_row(s);
}

/* The same from doubles */
void
fc_store_add_doubles(RowStore *s, const double *x)
{
	void	   *row = next_row(s);

	for (int32 j = 0; j < s->d; j++)
		fc_set(row, s->precision, j, x[j]);
	commit_row(s);
}

/* The training is not shown any more; in a window another may follow */
void
fc_store_hide(RowStore *s)
{
	if (s->progress == NULL)
		return;
	fc_progress_end(s->progress);
	s->progress = NULL;
	s->began = GetCurrentTimestamp();
}

/* Columns are categories or not from the first row on */
static void
take_categories(RowStore *s, const FeatureReader *r)
{
	MemoryContext old;

	if (s->n > 0 || s->categories.known)
	{
		fc_refuse_other_kinds(r, s->categories.dictionaries);
		return;
	}
	s->categories.known = true;
	old = MemoryContextSwitchTo(s->context);
	s->categories.dictionaries = fc_begin_dictionaries(r);
	MemoryContextSwitchTo(old);
}

/* The first row type gives the names, which the others must have too, and the kinds of columns */
static void
take_columns(RowStore *s, const FeatureReader *r)
{
	take_categories(s, r);
	if (s->names != NULL)
		fc_refuse_other_names(s->names, r->names, s->d, "earlier rows");
	else if (r->names != NULL)
	{
		s->names = memcpy(MemoryContextAlloc(s->context, r->names_length), r->names, r->names_length);
		s->names_length = r->names_length;
	}
	s->changes = r->changes;
}

/* A vector with a feature missing, "first" from 1, in the bundle; false: it is left out */
static bool
take_gaps(RowStore *s, FeatureReader *r, void *x, int32 first, int missing)
{
	if (missing == FC_MISSING_ERROR)
		fc_features_reject(r, first);
	if (missing == FC_MISSING_SKIP || !fc_features_leave_gaps(r, x, s->precision))
		return false;
	s->gaps = true;
	return true;
}

/* Is the row that was written one that can be kept?  It is divided by its length, if rows are */
static bool
take_direction(const RowStore *s, void *x)
{
	return !s->directions.unit || fc_make_unit(x, s->precision, s->d);
}

/*
 * Adds the vector that the reader has opened.  False: it has a feature missing,
 * or no direction, and such rows are to be skipped, or all features are missing.
 */
bool
fc_store_add_features(RowStore *s, FeatureReader *r, int missing)
{
	void	   *row;
	int32		first;

	if (r->d != s->d)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("feature vectors have different lengths: %d and %d", s->d, r->d)));
	if (s->changes != r->changes)
		take_columns(s, r);
	row = next_row(s);
	first = fc_features_get(r, row);
	if (first != 0 && !take_gaps(s, r, row, first, missing))
		return false;
	if (s->categories.dictionaries)
		fc_read_codes(r, s->categories.dictionaries, s->n, row);
	if (!take_direction(s, row))
	{
		if (missing == FC_MISSING_ERROR)
			fc_features_refuse_zero();
		s->directions.zeros++;
		return false;
	}
	commit_row(s);
	return true;
}

/* Adds a vector as most are, after a first one; false: it is to be opened, and checked */
bool
fc_store_add_plain(RowStore *s, const FeatureReader *r, Datum value)
{
	const char *plain = fc_plain_elements(r, value, s->d);
	void	   *x;

	if (plain == NULL)
		return false;
	x = next_row(s);
	if (!r->elements->read(plain, s->d, x) || !take_direction(s, x))
		return false;
	commit_row(s);
	return true;
}

void
fc_store_close(RowStore *s)
{
	close_file(&s->file);
	close_file(&s->columns);
	fc_row_memory_end(&s->memory);
}

/* One from the file stays in the buffer until another is read */
static const char *
get_block(RowStoreReader *r, int64 b)
{
	RowStore   *s = r->store;

	if (b == s->nblocks - 1)
		return s->last;
	if (b < s->memory.count - 1)
		return s->memory.block[b];
	if (r->buffered != b)
	{
		r->buffered = -1;
		fc_store_read(s->file, r->buffer, s->memory.size, block_offset(&s->memory, b));
		r->buffered = b;
	}
	return r->buffer;
}

static const void *
read_block(void *source, int64_t b)
{
	RowStoreReader *r = source;
	RowStore   *s = r->store;

	if (s->progress && s->progress->rows_done >= 0 && !(s->algo->traits & FC_SHUFFLES))
	{
		s->progress->rows_done = b * s->stride;
		fc_progress_show(s->progress);
	}
	return get_block(r, b);
}

/* For FcRows.weights */
static const double *
read_weights(void *source, int64_t b)
{
	RowStoreReader *r = source;

	return block_weights(r->store, get_block(r, b), r->store->stride);
}

/* The rows as the core reads them; the reader lives in the current context */
FcRows
fc_store_rows(RowStore *s, RowStoreReader *reader)
{
	FcRows		rows = {
		.n = s->n, .d = s->d, .stride = s->stride, .precision = s->precision, .gaps = s->gaps,
		.block = read_block, .source = reader, .elsewhere = s->elsewhere,
		.weights = s->weights.given ? read_weights : NULL, .total = s->weights.total
	};

	fc_store_complete(s);
	reader->store = s;
	reader->buffer = s->nblocks > s->memory.count ? palloc_extended(s->memory.size, MCXT_ALLOC_HUGE) : NULL;
	reader->buffered = -1;
	return rows;
}

/* ---- row by row ---- */

/* Before the first row; lives in the current context */
void
fc_cursor_begin(RowCursor *c, RowStore *s)
{
	c->rows = fc_store_rows(s, &c->reader);
	c->blocks = 0;
	c->rows_in_block = 0;
	c->row = -1;
	c->values = NULL;
}

/* False: there are no more.  May be interrupted */
bool
fc_cursor_next(RowCursor *c)
{
	fc_check_interrupts(NULL);
	if (++c->row < c->rows_in_block)
		return true;
	if (c->blocks == fc_blocks(&c->rows))
		return false;
	c->block = c->rows.block(c->rows.source, c->blocks);
	c->weights = fc_row_weights(&c->rows, c->blocks);
	c->rows_in_block = fc_rows_in_block(&c->rows, c->blocks);
	c->blocks++;
	c->row = 0;
	return true;
}

/* The (d) features of the row at hand */
void
fc_cursor_get(const RowCursor *c, double *row)
{
	for (int32 j = 0; j < c->rows.d; j++)
		row[j] = fc_get(c->block, c->rows.precision, (size_t) j * c->rows.stride + c->row);
}

/* ... and its weight */
double
fc_cursor_weight(const RowCursor *c)
{
	return c->weights ? c->weights[c->row] : 1;
}

/* ---- per-row data of a training ---- */

#define SLICE	((Size) 1 << 23)	/* bytes between two checks */

static void
read_columns(void *arg, int64_t at, void *to, size_t size)
{
	RowStore   *s = arg;

	for (Size done = 0; done < size; done += SLICE)
	{
		CHECK_FOR_INTERRUPTS();
		fc_store_read(s->columns, (char *) to + done, Min(size - done, SLICE), (off_t) (at + done));
	}
}

static void
write_columns(void *arg, int64_t at, const void *from, size_t size)
{
	RowStore   *s = arg;

	for (Size done = 0; done < size; done += SLICE)
	{
		CHECK_FOR_INTERRUPTS();
		write_file(s, &s->columns, (const char *) from + done, Min(size - done, SLICE), (off_t) (at + done));
	}
}

/* Columns that do not fit into memory go to another file of the store, until fc_store_end() */
FcSpill
fc_store_spill(RowStore *s)
{
	return (FcSpill) {.read = read_columns, .write = write_columns, .arg = s};
}

/* The training is over: it is not shown any more, and only its rows are kept */
void
fc_store_end(RowStore *s)
{
	close_file(&s->columns);
	fc_store_hide(s);
}
