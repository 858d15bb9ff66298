/*
 * twins.c - centers that an iteration has led to the same place
 *
 * Extrapolation (anderson.c) also finds saddle points of the objective, of which those
 * with equal centers are the usual ones.  But equal centers can be a minimum as
 * well.  A few plain steps after a nudge tell: they multiply the difference of two centers,
 * delta, by a matrix.  Of
 *
 *	delta(t) = a delta(t - 1) + b delta(t - 2)				(eq. 1)
 *
 * in the sense of least squares, z^2 = a z + b has the largest eigenvalue as its
 * larger root, nearly, which is above 1 in a saddle point (a Ritz value never is above
 * the largest), and delta(t) - z' delta(t - 1), with the other root z', is free of the second.
 *
 * In a minimum the centers go back to where they were.  Plain steps would leave
 * a saddle point by and by, at a rate that is often near 1; so the centers are moved
 * along their difference at once, by a tenth of the way to the next center.
 */
#include "core/twins.h"
#include "core/direction.h"
#include "core/sample.h"

#include <math.h>
#include <string.h>

#define NEAR			1e-3	/* of the usual radius: closer centers are as good as equal */
#define PRODUCTS		(1 << 24)	/* for that radius, or LEAST_ROWS */
#define LEAST_ROWS		64
#define STEPS			4		/* of a test */
#define MOST_TESTS		3
#define LOST			1e-4	/* of its square: a difference that shrank to less is rounding */
#define PUSH			0.1		/* of the distance to the next center */
#define PARALLEL		1e-3	/* squared sine of an angle up to which two differences are parallel, but for rounding */

void
fc_twins_layout(FcArena *a, FcTwins *t, int32_t k, int32_t d)
{
	t->other = fc_take(a, k, sizeof(int32_t));
	t->begun = fc_take(a, k, sizeof(double));
	t->from = fc_take(a, fc_times(k, d), sizeof(double));
	for (int i = 0; i < FC_DIFFERENCES; i++)
		t->delta[i] = fc_take(a, fc_times(k, d), sizeof(double));
}

/* Before a descent */
void
fc_twins_begin(FcTwins *t)
{
	t->left = 0;
	t->tests = MOST_TESTS;
}

static double *
center(const FcModel *m, int32_t c)
{
	return m->centers + (int64_t) c * m->d;
}

/* Squared distance from row i of the few of the sample to the nearest center */
static double
least_distance(const FcFit *f, int32_t i)
{
	const FcModel *m = f->model;
	double		least = INFINITY;

	for (int32_t c = 0; c < m->k; c++)
	{
		double		squared = 0;

		for (int32_t j = 0; j < m->d; j++)
		{
			double		way = fc_sample_one_of_few(&f->sample, f->rows.precision, j, i) - center(m, c)[j];

			squared += way * way;
		}
		least = fmin(least, squared);
	}
	return least;
}

/* The median distance from rows to their centers: unlike the spread, no few outliers make it large */
static double
usual_radius(const FcFit *f)
{
	const FcModel *m = f->model;
	int32_t		rows = fc_sample_few(&f->sample);
	int64_t		most = PRODUCTS / ((int64_t) m->k * m->d);

	most = most < LEAST_ROWS ? LEAST_ROWS : most;
	rows = rows < most ? rows : (int32_t) most;
	for (int32_t i = 0; i < rows; i++)
	{
		fc_check(&f->hooks);
		f->sample.few[i] = least_distance(f, i);
	}
	return sqrt(fc_select_rank(f->sample.few, rows, rows / 2));
}

/* The first center before c that is as good as equal; -1: none */
static int32_t
find_twin(const FcTwins *t, const FcFit *f, int32_t c)
{
	const FcModel *m = f->model;
	double		near = NEAR * t->radius;

	fc_check(&f->hooks);
	for (int32_t b = 0; b < c; b++)
		if (fc_squared_distance(center(m, b), center(m, c), m->d) < near * near)
			return b;
	return -1;
}

/* Moves center c a little, by what the objective does not resolve, in a direction that depends on c alone */
static void
nudge(const FcTwins *t, const FcFit *f, int32_t c)
{
	double	   *v = center(f->model, c);
	double		way = sqrt(FC_EPSILON(f->rows.precision)) * t->radius;
	FcRng		rng;

	fc_rng_start(&rng, 0, c);
	for (int32_t j = 0; j < f->model->d; j++)
		v[j] += way * (2 * fc_rng_uniform(&rng) - 1);
	if (fc_is_cosine(f->model))
		(void) fc_make_unit(v, FC_F64, f->model->d);
}

/* After centers have settled: begins a test, unless all differ or there are too few iterations left */
bool
fc_twins_test(FcTwins *t, const FcFit *f, int32_t left)
{
	FcModel    *m = f->model;

	if (t->tests == 0 || left < STEPS + 1)
		return false;
	t->tests--;
	t->radius = usual_radius(f);
	memcpy(t->from, m->centers, sizeof(double) * m->k * m->d);
	for (int32_t c = 0; c < m->k; c++)
		t->other[c] = find_twin(t, f, c);
	for (int32_t c = 0; c < m->k; c++)
		if (t->other[c] >= 0)
		{
			nudge(t, f, c);
			t->begun[c] = fc_squared_distance(center(m, c), center(m, t->other[c]), m->d);
			t->left = STEPS;
		}
	return t->left > 0;
}

/* How far a center is moved that plain steps would lead away from its twin */
static double
way_to_push(const FcTwins *t, const FcFit *f, int32_t c)
{
	const FcModel *m = f->model;
	double		least = t->radius * t->radius / (PUSH * PUSH);

	for (int32_t b = 0; b < m->k; b++)
		if (b != c && b != t->other[c] && t->other[b] != t->other[c])
			least = fmin(least, fc_squared_distance(center(m, b), center(m, c), m->d));
	return PUSH * sqrt(least);
}

/* The differences of all pairs after a step, newest first */
static void
remember(FcTwins *t, const FcModel *m)
{
	double	   *oldest = t->delta[FC_DIFFERENCES - 1];

	for (int i = FC_DIFFERENCES - 1; i > 0; i--)
		t->delta[i] = t->delta[i - 1];
	t->delta[0] = oldest;
	for (int32_t c = 0; c < m->k; c++)
		for (int32_t j = 0; j < m->d && t->other[c] >= 0; j++)
			oldest[(int64_t) c * m->d + j] = center(m, c)[j] - center(m, t->other[c])[j];
}

/* The largest eigenvalue for the difference of center c and its twin; *other is the second root, 0 if it is not known */
static double
largest_eigenvalue(const FcTwins *t, int32_t c, int32_t d, double *other)
{
	const double *delta[FC_DIFFERENCES];
	double		square[2];
	double		product[2];
	double		mixed;
	double		determinant;
	double		a;
	double		root;

	for (int i = 0; i < FC_DIFFERENCES; i++)
		delta[i] = t->delta[i] + (int64_t) c * d;
	for (int i = 0; i < 2; i++)
	{
		square[i] = fc_inner_product(delta[i + 1], delta[i + 1], d);
		product[i] = fc_inner_product(delta[i + 1], delta[0], d);
	}
	mixed = fc_inner_product(delta[1], delta[2], d);
	determinant = square[0] * square[1] - mixed * mixed;
	*other = 0;
	if (!(determinant > PARALLEL * square[0] * square[1]))
		return product[0] / square[0];
	a = (product[0] * square[1] - product[1] * mixed) / determinant;
	root = a * a + 4 * (square[0] * product[1] - mixed * product[0]) / determinant;
	root = root > 0 ? sqrt(root) : 0;
	*other = (a - root) / 2;
	return (a + root) / 2;
}

/* Moves center c away from its twin, in the direction in which they part */
static void
push(const FcTwins *t, const FcFit *f, int32_t c, double other)
{
	int32_t		d = f->model->d;
	double	   *way = t->delta[0] + (int64_t) c * d;
	const double *last = t->delta[1] + (int64_t) c * d;
	double		factor;

	fc_check(&f->hooks);
	for (int32_t j = 0; j < d; j++)
		way[j] -= other * last[j];
	factor = way_to_push(t, f, c) / sqrt(fc_inner_product(way, way, d));
	for (int32_t j = 0; j < d && isfinite(factor); j++)
		center(f->model, c)[j] += factor * way[j];
	if (fc_is_cosine(f->model))
		(void) fc_make_unit(center(f->model, c), FC_F64, d);
}

/* Pushes those apart that part; false if there are none */
static bool
push_parting(const FcTwins *t, const FcFit *f)
{
	int32_t		d = f->model->d;
	bool		any = false;

	for (int32_t c = 0; c < f->model->k; c++)
	{
		const double *delta = t->delta[0] + (int64_t) c * d;
		double		other;

		if (t->other[c] < 0 || !(fc_inner_product(delta, delta, d) > LOST * t->begun[c]))
			continue;
		if (largest_eigenvalue(t, c, d, &other) > 1)
		{
			push(t, f, c, other);
			any = true;
		}
	}
	return any;
}

/* After a plain step of a test, and its end after the last one */
void
fc_twins_step(FcTwins *t, const FcFit *f)
{
	FcModel    *m = f->model;

	remember(t, m);
	if (--t->left > 0 || push_parting(t, f))
		return;
	memcpy(m->centers, t->from, sizeof(double) * m->k * m->d);
	t->tests = 0;
}
