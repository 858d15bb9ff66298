/*
 * state.c - the state of a step: a value that is changed in place
 *
 * Flat, because it crosses processes and servers before it is complete: a header,
 * the bytes of the step model, statistics of the rows that have been weighed, and
 * a block of rows that have not.  Rows are gathered as a row store does it, FC_LANES
 * of them as they arrive, which are then transposed together; they are weighed when the
 * block is full.  A block starts small and grows with the rows, as do statistics
 * with values beyond the grid of the model: then the state moves, to a value of the
 * row's context, which the executor copies into that of the aggregate.
 *
 * A transition function trusts a state with the number of its table, which was made here
 * (attached.c).  Any other may be anybody's bytes, and is checked as a whole.
 */
#include "pg/step/step.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "core/transpose.h"

#include <math.h>

#define MAGIC	0x53435A46		/* "FZCS" */

/* Behind it: model, statistics, block (d, stride), bundle (FC_LANES, d), weights (stride), each in whole units of 8 bytes */
struct StepState
{
	int32		vl_len_;
	uint32		magic;
	uint64		owner;			/* number of the table; 0: it was not made by a step */
	int32		opened;			/* number of the step in that table */
	int32		precision;
	int32		stride;			/* rows that the block has room for */
	int32		rows;			/* that have not been weighed */
	int32		weighted;		/* rows have weights */
	int32		d;
	int64		skipped;		/* rows that statistics do not yet count */
	uint64		model;			/* bytes of the step model */
	uint64		used;			/* bytes of statistics */
	FcStatistics statistics;	/* their capacity is that in the state; without a pointer, which the state could not keep */
};

/* ---- parts ---- */

static Size
whole(Size size)
{
	return TYPEALIGN(8, size);
}

static char *
model_of(const StepState *s)
{
	return (char *) s + whole(sizeof(StepState));
}

static char *
statistics_of(const StepState *s)
{
	return model_of(s) + whole(s->model);
}

static Size
row_size(const StepState *s)
{
	return FC_SIZE(s->precision) * s->d;
}

static char *
block_of(const StepState *s)
{
	return statistics_of(s) + whole(s->statistics.capacity);
}

static char *
bundle_of(const StepState *s)
{
	return block_of(s) + row_size(s) * s->stride;
}

static double *
weights_of(const StepState *s)
{
	return (double *) (bundle_of(s) + row_size(s) * FC_LANES);
}

/* Of a state whose header is set; SIZE_MAX: it cannot be that large */
static Size
state_size(const StepState *s)
{
	Size		rows = row_size(s) * (s->stride + FC_LANES) + (s->weighted ? sizeof(double) * s->stride : 0);

	if (s->model > MaxAllocSize || s->statistics.capacity > MaxAllocSize || rows > MaxAllocSize)
		return SIZE_MAX;
	return whole(sizeof(StepState)) + whole(s->model) + whole(s->statistics.capacity) + rows;
}

/* A new one with this header, whose parts are not set, in the current context */
static StepState *
allocate(const StepState *header)
{
	Size		size = state_size(header);
	StepState  *s;

	if (!AllocSizeIsValid(size))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("statistics would be too large"),
				 errdetail("Too many values are far from those that the model was trained on."),
				 errhint("Train a new model on these rows.")));
	CHECK_FOR_INTERRUPTS();
	s = palloc(size);
	memcpy(s, header, sizeof(StepState));
	SET_VARSIZE(s, size);
	return s;
}

/* The same with more room, for rows or statistics */
static StepState *
move(const StepState *s, int32 stride, Size capacity)
{
	StepState	header = *s;
	StepState  *to;

	header.stride = stride;
	header.statistics.capacity = capacity;
	to = allocate(&header);
	memcpy(model_of(to), model_of(s), s->model);
	memcpy(statistics_of(to), statistics_of(s), s->used);
	for (int32 j = 0; j < s->d; j++)
		memcpy(block_of(to) + FC_SIZE(s->precision) * stride * j, block_of(s) + FC_SIZE(s->precision) * s->stride * j,
			   FC_SIZE(s->precision) * Min(s->stride, stride));
	memcpy(bundle_of(to), bundle_of(s), row_size(s) * FC_LANES);
	if (s->weighted)
		memcpy(weights_of(to), weights_of(s), sizeof(double) * Min(s->stride, stride));
	return to;
}

/* ---- states as values ---- */

/* Without rows, in the current context */
StepState *
fc_begin_state(const StepTable *t, const OpenStep *step, bool weighted)
{
	Size		capacity = fc_step_statistics_size(&step->step);
	StepState	header = {
		.magic = MAGIC, .owner = t->owner, .opened = step->number, .precision = step->step.precision,
		.stride = FC_LANES, .weighted = weighted, .d = step->step.model.d, .model = step->length,
		.statistics = {.capacity = capacity}
	};
	StepState  *s = allocate(&header);

	memcpy(model_of(s), step->bytes, step->length);
	fc_step_statistics(&step->step, &s->statistics, statistics_of(s), capacity);
	s->used = fc_statistics_length(&s->statistics);
	s->statistics.word = NULL;
	return s;
}

/* Feature j of row i that has been gathered: in the block, or still in the bundle */
static double
feature_of(const StepState *s, int32 i, int32 j)
{
	int32		transposed = s->rows / FC_LANES * FC_LANES;

	return i < transposed ? fc_get(block_of(s), s->precision, (Size) j * s->stride + i) :
		fc_get(bundle_of(s), s->precision, (Size) (i - transposed) * s->d + j);
}

/* Are the numbers of row i features?  Some may be missing, if the step takes such rows */
static bool
row_holds(const StepState *s, int32 i, bool gaps)
{
	int32		missing = 0;

	for (int32 j = 0; j < s->d; j++)
	{
		double		x = feature_of(s, i, j);

		if (gaps && isnan(x))
			missing++;
		else if (!(fabs(x) <= FC_LIMIT(s->precision)))
			return false;
	}
	return missing < s->d && !(s->weighted && !(weights_of(s)[i] >= 0 && weights_of(s)[i] <= DBL_MAX));
}

/* Are rows that have been gathered rows? */
static bool
rows_hold(const StepState *s, bool gaps)
{
	for (int32 i = 0; i < s->rows; i++)
		if (!row_holds(s, i, gaps))
			return false;
	return true;
}

static bool
header_holds(const StepState *s, Size size)
{
	return size > sizeof(StepState) && s->magic == MAGIC && (s->precision == FC_F32 || s->precision == FC_F64) &&
		s->stride >= FC_LANES && s->stride <= FC_TILE && s->stride % FC_LANES == 0 && s->d >= 1 && s->d <= FC_MAX_COLUMNS &&
		s->rows >= 0 && s->rows <= s->stride && (s->weighted == 0 || s->weighted == 1) && s->skipped >= 0 &&
		s->used <= s->statistics.capacity && s->used > 0 && state_size(s) == size;
}

pg_noreturn static void
refuse_state(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("invalid state of cluster_step"),
			 errhint("Its transition, combine and final functions are not meant to be called directly.")));
}

/* Checks a state that comes from elsewhere, and makes it one of this table; it is aligned and may be changed */
static void
adopt(StepTable *t, StepState *s)
{
	OpenStep   *step;
	FcStatistics statistics;

	CHECK_FOR_INTERRUPTS();
	if (!header_holds(s, VARSIZE(s)))
		refuse_state();
	step = fc_open_step_bytes(t, model_of(s), s->model, s->precision);
	if (step->step.model.d != s->d ||
		fc_statistics_resume(&statistics, statistics_of(s), s->used, s->statistics.capacity) != FC_OK ||
		!fc_step_fits(&step->step, &statistics) || !rows_hold(s, (step->step.gather & FC_GATHER_GAPS) != 0))
		refuse_state();
	s->statistics = statistics;
	s->statistics.word = NULL;
	s->opened = step->number;
	s->owner = t->owner;
}

/* A state that was made here; others are refused, as a transition function has no others */
StepState *
fc_own_state(const StepTable *t, Datum datum)
{
	StepState  *s = (StepState *) DatumGetPointer(datum);

	if (VARATT_IS_EXTENDED(s) || VARSIZE(s) <= sizeof(StepState) || s->owner != t->owner ||
		s->opened < 0 || s->opened >= t->count)
		refuse_state();
	return s;
}

/* A state from anywhere: a copy, which is checked */
StepState *
fc_foreign_state(StepTable *t, Datum datum)
{
	bytea	   *value = DatumGetByteaPP(datum);
	Size		size = VARSIZE_ANY_EXHDR(value) + VARHDRSZ;
	StepState  *s = palloc(size);

	memcpy((char *) s + VARHDRSZ, VARDATA_ANY(value), size - VARHDRSZ);
	SET_VARSIZE(s, size);
	adopt(t, s);
	return s;
}

/* ---- rows ---- */

/* Rows that are only in the bundle, into the block; others may follow */
static void
complete(StepState *s)
{
	int32		bundled = s->rows % FC_LANES;

	if (bundled == 0)
		return;
	memset(bundle_of(s) + bundled * row_size(s), 0, (FC_LANES - bundled) * row_size(s));
	fc_transpose(bundle_of(s), s->d, s->precision, block_of(s) + (s->rows - bundled) * FC_SIZE(s->precision), s->stride);
}

pg_noreturn static void
report_rows(FcStatus status)
{
	if (status == FC_TOO_MANY_ROWS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many rows for one value of statistics"),
				 errhint("Compute statistics of parts of the rows.")));
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("a row is too far from all clusters of the model"),
			 errdetail("Its weights are not finite numbers."),
			 errhint("Leave such rows out, or cast the features to double precision[].")));
}

/*
 * Weighs the rows that have been gathered, from number *first on, into "to"; false:
 * that needs to->needed bytes, and then the same call again
 */
static bool
weigh(const StepState *s, OpenStep *step, FcStatistics *to, int32 *first)
{
	while (*first < s->rows)
	{
		int32		done = 0;
		FcStatus	status = fc_step_add(&step->step, to, block_of(s) + *first * FC_SIZE(s->precision), s->stride,
										 s->rows - *first, s->weighted ? weights_of(s) + *first : NULL, &done);

		*first += done;
		if (status == FC_TOO_LITTLE_ROOM)
			return false;
		if (status != FC_OK)
			report_rows(status);
	}
	return true;
}

/* A view of the statistics in the state, between two calls of which it may have moved */
static FcStatistics
view_of(const StepState *s)
{
	FcStatistics view = s->statistics;

	view.word = (uint64 *) statistics_of(s);
	return view;
}

static void
keep_view(StepState *s, const FcStatistics *view)
{
	s->statistics = *view;
	s->statistics.word = NULL;
	s->used = fc_statistics_length(view);
}

/* Adds the rows of "from" to the statistics of "to", which may be the same, and may move */
static StepState *
add_rows(StepTable *t, const StepState *from, StepState *to)
{
	OpenStep   *step = t->step[to->opened];
	FcStatistics view = view_of(to);
	int32		first = 0;

	while (!weigh(from, step, &view, &first))
	{
		keep_view(to, &view);
		to = move(to, to->stride, view.needed);
		view = view_of(to);
	}
	keep_view(to, &view);
	return to;
}

/* There are as many rows as the block has room for */
static StepState *
make_room(StepTable *t, StepState *s)
{
	int32		most = t->step[s->opened]->rows;

	if (s->stride < most)
		return move(s, Min(most, 5 * s->stride), s->statistics.capacity);
	s = add_rows(t, s, s);
	s->rows = 0;
	return s;
}

/* Where the d features of the next row belong; the state may move */
void *
fc_next_row(StepTable *t, StepState **state)
{
	StepState  *s = *state;

	if (s->rows == s->stride)
		s = *state = make_room(t, s);
	return bundle_of(s) + s->rows % FC_LANES * row_size(s);
}

/* They are there */
void
fc_commit_row(StepState *s, double weight)
{
	if (s->weighted)
		weights_of(s)[s->rows] = weight;
	s->rows++;
	if (s->rows % FC_LANES == 0)
		fc_transpose(bundle_of(s), s->d, s->precision, block_of(s) + (s->rows - FC_LANES) * FC_SIZE(s->precision), s->stride);
}

void
fc_skip_row(StepState *s)
{
	s->skipped++;
}

/* The step of a state, and another one of the same model */
OpenStep *
fc_step_of_state(const StepTable *t, const StepState *s)
{
	return t->step[s->opened];
}

void
fc_replace_step(StepState *s, const OpenStep *step)
{
	s->opened = step->number;
}

/* ---- the end ---- */

/* Adds rows and sums of another state, of the same table and step; "to" may move */
StepState *
fc_merge_states(StepTable *t, StepState *to, StepState *from)
{
	FcStatistics other = view_of(from);
	FcStatistics view;
	FcStatus	status;

	complete(from);
	to = add_rows(t, from, to);
	view = view_of(to);
	while ((status = fc_statistics_merge(&view, &other)) == FC_TOO_LITTLE_ROOM)
	{
		to = move(to, to->stride, view.needed);
		view = view_of(to);
	}
	if (status != FC_OK)
		report_rows(status);
	keep_view(to, &view);
	to->skipped += from->skipped;
	return to;
}

/* The statistics of all rows, in the current context; the state stays as it is, but for its scratch */
bytea *
fc_finish_state(StepTable *t, StepState *s)
{
	FcStatistics view = s->statistics;
	int32		first = 0;
	Size		length;
	bytea	   *result;

	CHECK_FOR_INTERRUPTS();
	view.word = palloc(view.capacity);
	memcpy(view.word, statistics_of(s), s->used);
	complete(s);
	while (!weigh(s, t->step[s->opened], &view, &first))
	{
		view.word = repalloc_huge(view.word, view.needed);
		view.capacity = view.needed;
	}
	if (fc_statistics_skip(&view, s->skipped) != FC_OK)
		report_rows(FC_TOO_MANY_ROWS);
	length = fc_statistics_finish(&view);
	CHECK_FOR_INTERRUPTS();
	result = fc_bytea(length);
	memcpy(VARDATA(result), view.word, length);
	return result;
}
