/*
 * opened.c - step models, ready to weigh rows
 *
 * All states of an aggregate that have the same model share one, and its work
 * space.  It belongs to the memory context of the aggregate.
 */
#include "pg/step/step.h"

#include "miscadmin.h"

#include "core/variants.h"

static const char table_kind[] = "cluster_step";

/* The steps of an aggregate */
StepTable *
fc_step_table(FunctionCallInfo fcinfo)
{
	MemoryContext context = fc_aggregate_context(fcinfo);
	StepTable  *t = fc_attached(context, table_kind, sizeof(StepTable));

	if (t->context == NULL)
	{
		fc_refuse_misuse(fcinfo);
		t->owner = fc_owner_number();
		t->context = context;
	}
	return t;
}

/* ---- bytes of a step model ---- */

/* An aligned copy of a value, in the current context */
void *
fc_aligned_bytes(Datum datum, Size *length)
{
	bytea	   *bytes = DatumGetByteaPP(datum);
	char	   *copy;

	*length = VARSIZE_ANY_EXHDR(bytes);
	copy = palloc_extended(Max(*length, 1), MCXT_ALLOC_HUGE);
	memcpy(copy, VARDATA_ANY(bytes), *length);
	CHECK_FOR_INTERRUPTS();
	return copy;
}

static bool
supports_steps(const FcAlgorithm *algo)
{
	return fc_step_supports(algo);
}

/* The bytes of the step model of a model, in the current context */
char *
fc_compact_model(const FcModel *m, Size *length)
{
	FcHooks		hooks = {.check = fc_check_interrupts};
	char	   *bytes;

	CHECK_FOR_INTERRUPTS();
	fc_refuse_without(m->algo, supports_steps, "", "steps");
	*length = fc_step_size(m, NULL);
	bytes = palloc_extended(*length, MCXT_ALLOC_HUGE);
	fc_step_write(m, NULL, &hooks, bytes);
	return bytes;
}

/*
 * The bytes of a step model, as such or of a model, in the current context.  The
 * names of the features are those of a model, or NULL.
 */
char *
fc_step_bytes(Datum datum, Size *length, FcModel *model)
{
	char	   *bytes = fc_aligned_bytes(datum, length);

	if (fc_step_is(bytes, *length))
	{
		model->names = NULL;
		return bytes;
	}
	fc_model_from_datum(model, datum);
	return fc_compact_model(model, length);
}

pg_noreturn static void
report_step(FcStatus status)
{
	if (status == FC_NEWER_MODEL || status == FC_UNKNOWN_ALGORITHM)
		fc_refuse_newer("step model was");
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("invalid step model"),
			 errdetail("The value is damaged or incomplete."),
			 errhint("Pass a model, or the result of cluster_step_model().")));
}

/* ---- opening ---- */

/* Statistics that cannot be sent around are refused before they are gathered */
static void
check_size(const FcStep *s)
{
	Size		size = fc_step_statistics_size(s);

	if (size > MOST_STATISTICS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("statistics of %s with %s would take %zu MB",
						fc_counted(s->model.k, "cluster"), fc_counted(s->model.d, "feature"), size / (1024 * 1024)),
				 errdetail("The maximum is %d MB.", MOST_STATISTICS / (1024 * 1024)),
				 s->model.algo->kernel->has_shapes ?
				 errhint("Train with fewer clusters or features, or by an algorithm whose clusters have no covariance matrices.") :
				 errhint("Train with fewer clusters or features.")));
}

/* *s becomes a view of bytes of fc_step_bytes() */
void
fc_view_step(FcStep *s, char *bytes, Size length)
{
	FcStatus	status;
	FcArena		counting = {0};

	CHECK_FOR_INTERRUPTS();
	status = fc_step_open(s, bytes, length);
	CHECK_FOR_INTERRUPTS();
	if (status != FC_OK)
		report_step(status);
	fc_step_layout(&counting, s);
	check_size(s);
}

/* The same, ready for rows of this precision, in the current context */
void
fc_begin_step(FcStep *s, char *bytes, Size length, FcPrecision precision)
{
	FcHooks		hooks = {.check = fc_check_interrupts};
	FcArena		arena;

	fc_view_step(s, bytes, length);
	s->precision = precision;
	FC_LAY_OUT(&arena, fc_step_layout(&arena, s));
	fc_step_begin(s, fc_best_isa(), &hooks);
	CHECK_FOR_INTERRUPTS();
}

/* Were the features of models named in the same way? */
static bool
same_names(const FcModel *a, const FcModel *b)
{
	if (a->names == NULL || b->names == NULL)
		return a->names == b->names;
	return a->names_length == b->names_length && memcmp(a->names, b->names, a->names_length) == 0;
}

bool
fc_same_step(const OpenStep *a, const OpenStep *b)
{
	return a == b || (a->step.precision == b->step.precision && a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0);
}

/* An open step of these bytes, and of these names unless "named" is NULL; NULL: there is none */
static OpenStep *
find_step(const StepTable *t, const char *bytes, Size length, FcPrecision precision, const FcModel *named)
{
	for (int i = 0; i < t->count; i++)
	{
		OpenStep   *s = t->step[i];

		if (s->step.precision == precision && s->length == length && memcmp(s->bytes, bytes, length) == 0 &&
			(named == NULL || same_names(&s->step.model, named)))
			return s;
	}
	return NULL;
}

static void
add_step(StepTable *t, OpenStep *s)
{
	if (t->count == t->room)
	{
		int			room = Max(4, 2 * t->room);
		OpenStep  **grown = MemoryContextAlloc(t->context, sizeof(OpenStep *) * room);

		if (t->count > 0)
			memcpy(grown, t->step, sizeof(OpenStep *) * t->count);
		t->step = grown;
		t->room = room;
	}
	s->number = t->count;
	t->step[t->count++] = s;
}

/* Rows that are gathered before they are weighed: an odd number of whole lanes, as fc_block_rows() has them */
static int32
rows_at_once(const FcStep *s)
{
	int32		rows = Min(s->tile, fc_block_rows(s->model.d));

	rows = Min(rows, (int32) (MOST_GATHERED / (FC_SIZE(s->precision) * s->model.d) / FC_LANES * FC_LANES));
	if (rows / FC_LANES % 2 == 0)
		rows -= FC_LANES;
	return Max(rows, FC_LANES);
}

static OpenStep *
load_step(StepTable *t, const char *bytes, Size length, FcPrecision precision, const FcModel *named)
{
	MemoryContext old = MemoryContextSwitchTo(t->context);
	OpenStep   *s = palloc0(sizeof(OpenStep));

	s->bytes = memcpy(palloc_extended(length, MCXT_ALLOC_HUGE), bytes, length);
	s->length = length;
	fc_begin_step(&s->step, s->bytes, length, precision);
	if (named && named->names)
	{
		s->step.model.names = memcpy(palloc(named->names_length), named->names, named->names_length);
		s->step.model.names_length = named->names_length;
	}
	if (fc_has_categories(&s->step.model))
	{
		s->columns = palloc(sizeof(double) * fc_model_columns(&s->step.model));
		fc_index_values(&s->values, &s->step.model);
	}
	s->rows = rows_at_once(&s->step);
	add_step(t, s);
	MemoryContextSwitchTo(old);
	return s;
}

/* The step of bytes that came with a state */
OpenStep *
fc_open_step_bytes(StepTable *t, const char *bytes, Size length, FcPrecision precision)
{
	OpenStep   *s = find_step(t, bytes, length, precision, NULL);

	return s ? s : load_step(t, bytes, length, precision, NULL);
}

bool
fc_step_holds(const OpenStep *s, Datum model)
{
	return s->key != NULL && fc_same_bytes(s->key, fc_comparable(model));
}

/* The step of a model, or step model, which is recognized by its value */
OpenStep *
fc_open_step(StepTable *t, Datum model, FcPrecision precision)
{
	struct varlena *key = fc_comparable(model);
	FcModel		named;
	Size		length;
	char	   *bytes;
	OpenStep   *s;

	for (int i = 0; i < t->count; i++)
		if (t->step[i]->step.precision == precision && fc_step_holds(t->step[i], PointerGetDatum(key)))
			return t->step[i];
	bytes = fc_step_bytes(PointerGetDatum(key), &length, &named);
	s = find_step(t, bytes, length, precision, &named);
	if (s == NULL)
		s = load_step(t, bytes, length, precision, &named);
	if (s->key != NULL)
		pfree(s->key);
	s->key = memcpy(MemoryContextAllocExtended(t->context, VARSIZE_ANY(key), MCXT_ALLOC_HUGE), key, VARSIZE_ANY(key));
	return s;
}
