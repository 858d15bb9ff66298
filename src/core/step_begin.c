/*
 * step_begin.c - the memory of a step, and its grid
 *
 * The exponents of features come with the step (step_bytes.c), those of the objective and of lengths
 * follow from them: of the distances that rows on the grid can have, or, where clusters have shapes, of
 * those 32 standard deviations away.
 */
#include "core/direction.h"
#include "core/gaps.h"
#include "core/noise.h"
#include "core/shape.h"
#include "core/step_bytes.h"
#include "core/step_work.h"

#include <string.h>

#define TILE_NUMBERS	262144	/* of one tile, in the second-level cache: distances of rows */
#define TILE_FEATURES	1048576	/* of one tile, of which there are up to five copies */
#define FARTHEST		1024	/* squared standard deviations in which a feature's distances are expected */
#define FARTHEST_DIRECTION 4	/* squared, of two rows of length 1 */

/* ---- layout ---- */

static int32_t
tile_rows(const FcStep *s)
{
	int64_t		products = (int64_t) s->model.k * s->model.d;
	int64_t		rows = s->kernel->is_crisp ? FC_TILE : TILE_NUMBERS / s->model.k;

	if (s->model.algo->kernel->has_shapes)
		products *= s->model.d;
	if (rows > FC_PRODUCTS / products)
		rows = FC_PRODUCTS / products;
	if (rows > TILE_FEATURES / s->model.d)
		rows = TILE_FEATURES / s->model.d;
	rows = rows / FC_LANES * FC_LANES;
	return rows < FC_LANES ? FC_LANES : rows > FC_TILE ? FC_TILE : (int32_t) rows;
}

static void *
layout_work(FcArena *a, const FcStep *s)
{
	size_t		size = FC_SIZE(s->precision);
	size_t		tile = s->tile;
	size_t		k = fc_groups(&s->model);
	size_t		d = s->model.d;
	FcStepWork	w = {
		.scale = fc_take(a, d, size), .scale_of_difference = fc_take(a, d, size),
		.view = fc_take(a, fc_times(d, tile), size), .x = fc_take(a, fc_times(d, tile), size),
		.least = fc_take(a, tile, size), .factor = fc_take(a, tile, size), .worst = fc_take(a, tile, size),
		.terms = fc_take(a, tile, sizeof(double)), .length = fc_take(a, tile, sizeof(double)),
		.count = fc_take(a, tile, sizeof(double)), .nearest = fc_take(a, tile, sizeof(int32_t)),
		.mass = fc_take(a, k, sizeof(double)), .seen = fc_take(a, k, sizeof(int32_t)),
		.counts = fc_take(a, k, sizeof(int64_t)), .lengths = fc_take(a, k, sizeof(int64_t)), .tally = fc_take(a, k, sizeof(int64_t)),
	};

	if (s->gather & FC_GATHER_GAPS)
	{
		w.observed = fc_take(a, fc_times(d, tile), size);
		w.share = fc_take(a, d, sizeof(double));
	}
	if (s->kernel->is_crisp)
	{
		w.part = fc_take(a, fc_times(k, FC_EXACT_STRIDE(d)), sizeof(int64_t));
		if (s->gather & FC_GATHER_GAPS)
			w.observed_part = fc_take(a, fc_times(k, FC_EXACT_STRIDE(d)), sizeof(int64_t));
	}
	else
	{
		w.at = fc_take(a, fc_times(k, tile), size);
		w.u = fc_take(a, fc_times(k, tile), size);
	}
	if (s->kernel->has_shapes)
	{
		w.y = fc_take(a, fc_times(d, tile), size);
		w.wy = fc_take(a, fc_times(d, tile), size);
	}
	return fc_place(a, &w, sizeof(w));
}

void
fc_step_layout(FcArena *a, FcStep *s)
{
	const FcKernel *kernel = s->model.algo->kernel;

	s->kernel = s->stage == 0 ? kernel : kernel->stages[s->stage - 1];
	s->gather = fc_step_gather(s->kernel, fc_has_noise(&s->model), s->gather);
	s->tile = tile_rows(s);
	s->origin = fc_take(a, s->model.d, sizeof(double));
	s->centers = fc_take(a, fc_times(s->model.k, s->model.d), sizeof(double));
	s->exponents = fc_take(a, FC_EXPONENTS + (size_t) s->model.d, sizeof(int32_t));
	s->weighing.offset = fc_take(a, fc_groups(&s->model), sizeof(double));
	fc_metric_layout(a, &s->metric, &s->model, s->precision, s->tile);
	s->work = layout_work(a, s);
}

/* ---- beginning ---- */

/* How rows are seen, and centers with them */
static void
begin_view(FcStep *s)
{
	FcModel    *m = &s->model;
	bool		has_origin = fc_step_has_origin(s);
	bool		moves = has_origin && fc_step_is_absolute(s);
	bool		any = false;

	if (has_origin)
		fc_step_read_origin(s, s->origin);
	fc_step_read_exponents(s, s->exponents);
	for (int32_t j = 0; has_origin && j < m->d; j++)
		any = any || s->origin[j] != 0;
	for (int64_t i = 0; i < (int64_t) m->k * m->d; i++)
		s->centers[i] = m->centers[i] - (moves ? s->origin[i % m->d] : 0);
	m->centers = s->centers;
	s->shift = fc_is_scaled(m) ? m->shift : any ? s->origin : NULL;
	s->factor = fc_is_scaled(m) ? m->factor : NULL;
}

/* The largest distance that is expected, as the kernel measures it, or squared where it has of_squared() */
static double
farthest(const FcStep *s)
{
	const FcModel *m = &s->model;
	double		most = FC_LIMIT(s->precision) * FC_LIMIT(s->precision);
	double		sum = 0;
	double		volume = 0;

	if (!m->algo->kernel->has_shapes)
	{
		for (int32_t j = 0; j < m->d; j++)
			sum += ldexp(1, 2 * (s->exponents[FC_EXPONENTS + j] + 1));
		if (fc_measures_cosine(m))
			return FARTHEST_DIRECTION;
		if (s->gather & FC_GATHER_GAPS)
			sum *= m->d;		/* of a row that has one of them only */
		return sum < most ? sum : most;
	}
	for (int32_t c = 0; c < m->k; c++)
		volume = fmax(volume, fabs(FC_VOLUME(m)[c]));
	sum = FARTHEST * (double) m->d;
	return fmin(m->algo->kernel->distances == fc_distances_plus_volume ? volume + sum / 2 : volume * sum, most);
}

/* The distance to center c as the kernel measures it, where the largest that is expected of any is this */
static double
distance_to(const FcStep *s, int32_t c, double distance)
{
	const FcKernel *kernel = s->model.algo->kernel;

	return kernel->metric.of_squared ? kernel->metric.of_squared(&s->model, c, distance) : distance;
}

/* Terms of a row with these distances to all centers: the largest absolute value */
static double
term_of(FcStep *s, double distance)
{
	FcStepWork *w = s->work;
	FcWeighing	g = s->weighing;

	if (s->kernel->is_crisp)
		return fabs(distance) > s->metric.noise ? s->metric.noise : fabs(distance);
	for (int32_t c = 0; c < s->metric.groups; c++)
		for (int32_t i = 0; i < FC_LANES; i++)
			fc_set(w->at, s->precision, (int64_t) c * s->tile + i, c < s->metric.k ? distance_to(s, c, distance) : s->metric.noise);
	g.terms = w->terms;
	s->kernel->memberships[s->metric.isa][s->precision] (&g, w->at, s->tile, FC_LANES, FC_LANES, s->metric.groups);
	return fabs(w->terms[0]);
}

/* Exponents of the objective and of lengths */
static void
begin_grid(FcStep *s)
{
	FcStepWork *w = s->work;
	double		most = farthest(s);
	double		length = 0;
	int32_t		weight = s->exponents[FC_WEIGHT_EXPONENT];

	for (int32_t c = 0; c < s->model.k; c++)
	{
		double		of_cluster = fc_length(&s->model, c, distance_to(s, c, most));

		length = of_cluster > length ? of_cluster : length;
	}
	s->term_exponent = weight + fc_step_exponent(term_of(s, 0), term_of(s, most));
	s->exponents[FC_OBJECTIVE_EXPONENT] = s->term_exponent - (fc_measures_cosine(&s->model) ? 1 : 0);
	s->exponents[FC_RADIUS_EXPONENT] = weight + fc_step_exponent(length, 0);
	for (int32_t j = 0; j < s->model.d; j++)
	{
		fc_set(w->scale, s->precision, j, ldexp(1, -s->exponents[FC_EXPONENTS + j]));
		fc_set(w->scale_of_difference, s->precision, j, ldexp(1, -s->exponents[FC_EXPONENTS + j] - 1));
	}
}

static void
clear_parts(const FcStep *s)
{
	FcStepWork *w = s->work;
	size_t		k = fc_groups(&s->model);

	memset(w->seen, 0, k * sizeof(int32_t));
	memset(w->counts, 0, k * sizeof(int64_t));
	memset(w->lengths, 0, k * sizeof(int64_t));
	memset(w->tally, 0, k * sizeof(int64_t));
	if (s->kernel->is_crisp)
		memset(w->part, 0, k * FC_EXACT_STRIDE(s->model.d) * sizeof(int64_t));
	if (w->observed_part)
		memset(w->observed_part, 0, k * FC_EXACT_STRIDE(s->model.d) * sizeof(int64_t));
}

void
fc_step_begin(FcStep *s, int isa, const FcHooks *hooks)
{
	FcStepWork *w = s->work;

	s->hooks = hooks ? *hooks : (FcHooks) {NULL};
	s->metric.model = &s->model;
	s->metric.isa = isa;
	s->metric.hooks = s->hooks;
	w->ops = fc_exact_ops(isa, s->precision);
	s->weighing.mass = w->mass;
	s->weighing.terms = NULL;
	memset(w->mass, 0, (size_t) fc_groups(&s->model) * sizeof(double));
	begin_view(s);
	fc_step_read_offset(s, s->weighing.offset);
	fc_weighing_load(&s->weighing, &s->model);
	fc_metric_load(&s->metric);
	if (s->gather & FC_GATHER_GAPS)
	{
		fc_feature_shares(&s->model, FC_F64, w->share);
		s->metric.share = w->share;
	}
	begin_grid(s);
	clear_parts(s);
}

static FcStatisticsKind
kind_of(const FcStep *s)
{
	return (FcStatisticsKind) {s->hash, s->precision, s->metric.isa, s->gather, s->model.k, s->model.d};
}

size_t
fc_step_statistics_size(const FcStep *s)
{
	FcStatisticsKind kind = kind_of(s);

	return fc_statistics_size(&kind);
}

void
fc_step_statistics(const FcStep *s, FcStatistics *to, void *memory, size_t capacity)
{
	FcStatisticsKind kind = kind_of(s);

	fc_statistics_begin(to, &kind, s->exponents, memory, capacity);
}

bool
fc_step_fits(const FcStep *s, const FcStatistics *of)
{
	FcStatisticsKind kind = kind_of(s);

	return fc_statistics_have(of, &kind, s->exponents);
}
