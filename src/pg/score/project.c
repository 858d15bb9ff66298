/*
 * project.c - rows on a plane, for maps of clusters
 */
#include "pg/score/score.h"

#include "core/project.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include <float.h>

/* The frame of centers, which lives as long as the slot */
static double *
find_frame(const ModelSlot *slot)
{
	FcHooks		hooks = {.check = fc_check_interrupts};
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "fuzzyclust projection", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(slot->context);
	double	   *frame = palloc(sizeof(double) * 3 * fc_projection_width(&slot->model));
	FcPrincipal principal;
	FcArena		arena;

	MemoryContextSwitchTo(context);
	FC_LAY_OUT(&arena, fc_project_centers_layout(&arena, &principal, &slot->model));
	fc_project_centers(&principal, &slot->model, &hooks, frame);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return frame;
}

/* Mean and axes, (3, width) */
static const double *
frame_of(ModelSlot *slot)
{
	if (FC_HAS(&slot->model, FC_WITH_PROJECTION))
		return FC_PROJECTION(&slot->model);
	if (slot->frame == NULL)
		slot->frame = find_frame(slot);
	return slot->frame;
}

/* The code of the row in slot->x, to be freed */
static double *
code_of(ModelSlot *slot, int32 width)
{
	float	   *code = palloc(sizeof(float) * width);
	double	   *z = palloc(sizeof(double) * width);

	slot->model.algo->network->embed(&slot->scorer.metric, fc_scaled_row(&slot->scorer, slot->x), code);
	for (int32 j = 0; j < width; j++)
		z[j] = code[j];
	pfree(code);
	return z;
}

static float
coordinate(double value)
{
	if (!(fabs(value) <= FLT_MAX))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("a coordinate of the row is out of range for type real: %s", fc_double_text(value)),
				 errhint("Train with the option scale.")));
	return (float) value;
}

/* Where the row in slot->x is, along the principal components that the model has, of its rows or their codes, or else of its centers */
void
fc_project_row(ModelSlot *slot, double at[2])
{
	int32		width = fc_projection_width(&slot->model);
	const double *frame = frame_of(slot);
	double	   *z;

	if (slot->model.algo->network == NULL)
	{
		fc_project(frame, width, fc_scaled_row(&slot->scorer, slot->x), at);
		return;
	}
	z = code_of(slot, width);
	fc_project(frame, width, z, at);
	pfree(z);
}

/*
 * cluster_project(model bytea, features "any") returns real[]
 *
 * Two coordinates.
 */
PG_FUNCTION_INFO_V1(cluster_project);
Datum
cluster_project(PG_FUNCTION_ARGS)
{
	Scoring    *s = fc_scoring_of(fcinfo, sizeof(Scoring));
	ModelSlot  *slot = fc_scoring_slot(fcinfo, s);
	double		at[2];
	float		result[2];

	if (!fc_read_features(slot, s->reader, PG_GETARG_DATUM(1)))
		PG_RETURN_NULL();
	fc_project_row(slot, at);
	for (int i = 0; i < 2; i++)
		result[i] = coordinate(at[i]);
	PG_RETURN_DATUM(fc_float4_array(result, 2));
}
