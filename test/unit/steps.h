/*
 * steps.h - steps and statistics for the unit tests
 *
 * Rows are (n, d) row-major doubles, which a step gets in blocks whose other lanes are hostile.
 */
#ifndef STEPS_H
#define STEPS_H

#include "train.h"

#include "core/step.h"

/* A step that is open, of a model's bytes or a step model's, and ready */
typedef struct Stepper
{
	FcStep		step;
	char	   *bytes;
	void	   *memory;
} Stepper;

/* Statistics in memory that grows when it is asked to */
typedef struct Gathered
{
	FcStatistics s;
	void	   *memory;
	size_t		length;			/* once finished */
} Gathered;

/* Owns "bytes" from here on */
static inline FcStatus
stepper_begin(Stepper *t, char *bytes, size_t length, FcPrecision precision, int gather, int isa)
{
	FcArena		arena = {0};
	FcStatus	status;

	*t = (Stepper) {.bytes = bytes};
	status = fc_step_open(&t->step, bytes, length);
	if (status != FC_OK)
		return status;
	t->step.precision = precision;
	if (gather)
		t->step.gather = gather;
	fc_step_layout(&arena, &t->step);
	t->memory = arena.base = hostile_memory(arena.used);
	arena.used = 0;
	fc_step_layout(&arena, &t->step);
	fc_step_begin(&t->step, isa, NULL);
	return FC_OK;
}

static inline void
stepper_end(Stepper *t)
{
	free(t->memory);
	free(t->bytes);
}

static inline void
gathered_begin(Gathered *g, const FcStep *step)
{
	size_t		size = fc_step_statistics_size(step);

	g->memory = hostile_memory(size);
	fc_step_statistics(step, &g->s, g->memory, size);
}

static inline void
gathered_grow(Gathered *g)
{
	size_t		length = fc_statistics_length(&g->s);
	size_t		capacity = g->s.needed;
	void	   *larger = hostile_memory(capacity);

	memcpy(larger, g->memory, length);
	free(g->memory);
	g->memory = larger;
	CHECK_EQ(fc_statistics_resume(&g->s, larger, length, capacity), FC_OK);
}

static inline void
gathered_end(Gathered *g)
{
	free(g->memory);
}

/* Adds rows order[first .. first + count - 1], or these themselves, in one block; weight (n) or NULL */
static inline FcStatus
gather_rows(FcStep *step, Gathered *g, const double *x, const double *weight, const int32_t *order, int32_t first, int32_t count)
{
	int32_t		d = step->model.d;
	int64_t		stride = FC_ROUND_UP(count, FC_LANES) + FC_LANES;
	char	   *block = hostile_memory((size_t) (d * stride) * FC_SIZE(step->precision));
	double	   *w = malloc((size_t) (count + 1) * sizeof(double));
	FcStatus	status;
	int32_t		at = 0;
	int32_t		done;

	for (int32_t i = 0; i < count; i++)
	{
		int32_t		row = order ? order[first + i] : first + i;

		w[i] = weight ? weight[row] : 1;
		for (int32_t j = 0; j < d; j++)
			fc_set(block, step->precision, j * stride + i, x[(int64_t) row * d + j]);
	}
	do
	{
		status = fc_step_add(step, &g->s, block + (size_t) at * FC_SIZE(step->precision), stride, count - at,
							 weight ? w + at : NULL, &done);
		at += done;
		if (status == FC_TOO_LITTLE_ROOM)
			gathered_grow(g);
	}
	while (status == FC_TOO_LITTLE_ROOM);
	free(block);
	free(w);
	return status;
}

static inline void
gathered_merge(Gathered *to, const Gathered *from)
{
	FcStatus	status;

	while ((status = fc_statistics_merge(&to->s, &from->s)) == FC_TOO_LITTLE_ROOM)
		gathered_grow(to);
	CHECK_EQ(status, FC_OK);
}

static inline FcStatus
gathered_subtract(Gathered *to, const Gathered *from)
{
	FcStatus	status;

	while ((status = fc_statistics_subtract(&to->s, &from->s)) == FC_TOO_LITTLE_ROOM)
		gathered_grow(to);
	return status;
}

static inline bool
same_statistics(Gathered *a, Gathered *b)
{
	a->length = fc_statistics_finish(&a->s);
	b->length = fc_statistics_finish(&b->s);
	return a->length == b->length && memcmp(a->memory, b->memory, a->length) == 0;
}

#endif
