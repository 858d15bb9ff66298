/*
 * forged_step.c - a step model or statistics that are valid except for a field or
 * two must not make a step, or what is done with its statistics, misbehave
 *
 * Threat: both are values that anybody can write, as arguments of cluster_step,
 * cluster_merge, cluster_subtract and cluster_update, and within the states of
 * aggregates.  Whatever is accepted is canonical: what is added can be taken away
 * again, to the byte, and the next model, if there is one, can be read.
 */
#include "bases.h"
#include "steps.h"
#include "core/optional.h"
#include "core/step_indices.h"
#include "core/update.h"

#define HEAD_OF_STEP		640	/* bytes before the arrays, about */
#define HEAD_OF_STATISTICS	160

static const double scales[] = {1, 1, 1, 0, -1, 1e-3, 1e3, 1e-20, 1e-44, 1e14, 1e-300, 1e100};

/* ---- bytes ---- */

static Bytes
finished(Gathered *g)
{
	size_t		length = fc_statistics_finish(&g->s);

	return copy_bytes(g->memory, length);
}

/* A view of a copy, which can grow; its status */
static FcStatus
open_copy(Gathered *g, const Bytes *bytes, bool resumes)
{
	g->memory = copy_bytes(bytes->data, bytes->size).data;
	return resumes ? fc_statistics_resume(&g->s, g->memory, bytes->size, bytes->size) :
		fc_statistics_open(&g->s, g->memory, bytes->size, bytes->size);
}

static Bytes
step_bytes(const FcModel *m)
{
	Bytes		bytes = {.size = fc_step_size(m, NULL)};

	bytes.data = malloc(bytes.size);
	require(bytes.data != NULL);
	fc_step_write(m, NULL, &(FcHooks) {0}, bytes.data);
	return bytes;
}

/* ---- use ---- */

/* Rows of any size that a feature may have */
static FcStatus
add_rows(Recipe *r, FcStep *step, Gathered *g)
{
	double	   *x = make_noise(ROWS, step->model.d, 7);
	double		weight[ROWS];
	double		scale = PICK(r, scales);
	double		heavy = fabs(PICK(r, scales));
	FcStatus	status;

	for (int64_t i = 0; i < (int64_t) ROWS * step->model.d; i++)
	{
		x[i] *= i % 3 == 0 ? scale : 3;
		x[i] = fmax(-FC_LIMIT(step->precision), fmin(x[i], FC_LIMIT(step->precision)));
	}
	for (int i = 0; i < ROWS; i++)
		weight[i] = i % 4 == 0 ? heavy : i % 2;
	for (int i = 0; (step->gather & FC_GATHER_GAPS) && i < ROWS; i++)
		for (int32_t j = i % 3; j < step->model.d; j += 3)
			if (j != i % step->model.d)
				x[(int64_t) i * step->model.d + j] = NAN;
	status = gather_rows(step, g, x, pick(r, 2) ? weight : NULL, NULL, 0, ROWS);
	free(x);
	require(status == FC_OK || status == FC_DIVERGED || status == FC_TOO_MANY_ROWS);
	return status;
}

/* All that can be read of them */
static void
read_sums(const FcStatistics *s)
{
	uint64_t	k = s->kind.k;
	uint64_t	d = s->kind.d;

	require(fc_statistics_rows(s) >= 0 && fc_statistics_skipped(s) >= 0);
	for (uint64_t c = 0; c < k; c++)
	{
		require(!isnan(fc_statistics_get(s, FC_SUM_WEIGHT, c)) && !isnan(fc_statistics_get(s, FC_SUM_MASS, c)));
		require(!isnan(fc_statistics_get(s, FC_SUM_RADIUS, c)) && !isnan(fc_statistics_get(s, FC_SUM_COUNT, c)));
		for (uint64_t j = 0; j < d; j++)
			require(!isnan(fc_statistics_get(s, FC_SUM_X, c * d + j)) && fc_statistics_get(s, FC_SUM_OBSERVED, c * d + j) >= 0);
	}
	require(!isnan(fc_statistics_get(s, FC_SUM_OBJECTIVE, 0)));
	if (s->kind.gather & FC_GATHER_NOISE)
		require(fc_statistics_get(s, FC_SUM_MASS, k) >= 0 && fc_statistics_get(s, FC_SUM_COUNT, k) >= 0);
}

/* Adding and taking away */
static void
combine(const Bytes *bytes, const Bytes *others)
{
	Gathered	to;
	Gathered	from;
	FcStatus	status;
	Bytes		back;

	require(open_copy(&to, bytes, false) == FC_OK && open_copy(&from, others, false) == FC_OK);
	while ((status = fc_statistics_merge(&to.s, &from.s)) == FC_TOO_LITTLE_ROOM)
		gathered_grow(&to);
	require(status == FC_OK || status == FC_OTHER_STATISTICS || status == FC_TOO_MANY_ROWS);
	if (status == FC_OK)
	{
		(void) fc_statistics_finish(&to.s);
		require(gathered_subtract(&to, &from) == FC_OK);
		back = finished(&to);
		require(back.size == bytes->size && memcmp(back.data, bytes->data, back.size) == 0);
		free(back.data);
	}
	gathered_end(&to);
	gathered_end(&from);
}

/* The next model, which others can read */
static void
update(Recipe *r, const Bytes *base, const FcStep *step, const FcStatistics *of)
{
	Bytes		bytes = copy_bytes(base->data, base->size);
	FcArena		arena = {0};
	double		forgetting = pick(r, 3) / 2.0;
	double		mass[4];
	FcModel		m;
	size_t		size;
	char	   *written;
	void	   *work;

	require(fc_model_read(&m, bytes.data, bytes.size) == FC_OK);
	if (pick(r, 2))
	{
		FC_CENTER_MASS(&m) = memcpy(mass, m.weights, sizeof(double) * m.k);
		m.optional.arrays |= 1u << FC_WITH_MASS;
	}
	(void) fc_update_layout(&arena, step);
	arena.base = hostile_memory(arena.used);
	arena.used = 0;
	work = fc_update_layout(&arena, step);
	if (fc_update(&m, step, of, forgetting, &(FcHooks) {0}, work) == FC_OK)
	{
		written = model_bytes(&m, &size);
		require(fc_model_read(&m, written, size) == FC_OK);
		use(&m);
		free(written);
	}
	free(arena.base);
	free(bytes.data);
}

/* Validity indices, as far as they follow */
static void
judge_sums(FcStep *step, const FcStatistics *of)
{
	FcArena		arena = {0};
	FcIndexSums sums;
	FcScorer	scorer;
	double		index[FC_INDICES];
	void	   *memory = scorer_begin(&scorer, &step->model);

	fc_index_sums_layout(&arena, &sums, of->kind.k, of->kind.d);
	arena.base = hostile_memory(arena.used);
	arena.used = 0;
	fc_index_sums_layout(&arena, &sums, of->kind.k, of->kind.d);
	fc_step_index_sums(step, of, &sums);
	fc_indices(&sums, &scorer, index);
	free(arena.base);
	free(memory);
}

/* More rows into bytes as they lie in a state: what they become may be refused, like any other bytes */
static void
resume(Recipe *r, FcStep *step, Bytes *bytes)
{
	Gathered	g;

	if (open_copy(&g, bytes, true) == FC_OK)
	{
		if (fc_step_fits(step, &g.s))
			(void) add_rows(r, step, &g);
		free(bytes->data);
		*bytes = finished(&g);
	}
	gathered_end(&g);
}

/* Statistics that are finished, and some that were changed */
static void
use_statistics(Recipe *r, const Bytes *base, FcStep *step, const Bytes *bytes)
{
	Bytes		forged = forge_bytes(r, bytes, HEAD_OF_STATISTICS);
	Gathered	g;

	if (pick(r, 4) == 0)
		resume(r, step, &forged);
	if (open_copy(&g, &forged, false) == FC_OK)
	{
		read_sums(&g.s);
		combine(bytes, &forged);
		combine(&forged, bytes);
		judge_sums(step, &g.s);
		update(r, base, step, &g.s);
	}
	gathered_end(&g);
	free(forged.data);
}

static void
use_step(Recipe *r, const Bytes *base, const Bytes *bytes)
{
	Stepper		t;
	Gathered	g;
	Bytes		statistics;
	Bytes		own = copy_bytes(bytes->data, bytes->size);

	if (stepper_begin(&t, own.data, own.size, pick(r, 2) ? FC_F32 : FC_F64, 0, pick(r, 2) ? (int) fc_best_isa() : FC_ISA_BASE) == FC_OK)
	{
		gathered_begin(&g, &t.step);
		if (add_rows(r, &t.step, &g) == FC_OK)
		{
			statistics = finished(&g);
			use_statistics(r, base, &t.step, &statistics);
			free(statistics.data);
		}
		gathered_end(&g);
	}
	stepper_end(&t);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Recipe		r = {data, size};
	const Bytes *base = variant_of((int) pick(&r, count_plain()), (int) pick(&r, VARIANTS));
	Bytes		copy = copy_bytes(base->data, base->size);
	Bytes		plain;
	Bytes		bytes;
	FcModel		m;

	require(fc_model_read(&m, copy.data, copy.size) == FC_OK);
	if (fc_step_supports(m.algo))
	{
		plain = step_bytes(&m);
		bytes = pick(&r, 4) == 0 ? forge_bytes(&r, base, 2 * HEAD_OF_STEP) : forge_bytes(&r, &plain, HEAD_OF_STEP);
		use_step(&r, base, &bytes);
		free(plain.data);
		free(bytes.data);
	}
	free(copy.data);
	require(check_failed == 0);	/* in steps.h */
	return 0;
}
