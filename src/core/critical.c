/*
 * critical.c - the temperature, or fuzzifier, at which all centers merge
 *
 * The state with all centers at the grand mean mu is stable against small
 * moves, so that a training may end there, if the largest eigenvalue of a
 * weighted scatter matrix is small enough.  With s_i = |x_i - mu|^2 and
 * lambda(g) the largest eigenvalue of (1/n) sum_i g(s_i) (x_i - mu)(x_i - mu)':
 *
 *	maximum entropy		2 lambda(1) < T									(eq. 1)
 *	Tsallis, q > 1		2 q lambda(1 / (1 + (q - 1) s / T)) < T			(eq. 2)
 *	fuzzy c-means		2 m / (m - 1) lambda(1 / s) < 1					(eq. 3)
 *
 * (Rose, Gurewitz and Fox, 1990, for eq. 1; the others by the same linearization.)
 *
 * Where rows and centers have length 1 (direction.c), mu is the direction of the mean, R the
 * mean's length, a move of a center is orthogonal to mu, and what moves a center is divided
 * by R: with P the projection that is orthogonal to mu, and 1 - cos = s / 2,
 *
 *	maximum entropy		lambda(P (1/n) sum_i x_i x_i' P) / R < T					(eq. 4)
 *	fuzzy c-means		m / (m - 1) lambda(P (1/n) sum_i 2 / s_i x_i x_i' P) / R < 1	(eq. 5)
 *
 * which is eq. 1 to 3 with P (x - mu) = P x in place of x - mu, and R.  Near R = 0 eq. 4 says that
 * centers never merge all.  But groups of them do, one on each side, up to a T of about the
 * root of lambda, where exp(cos / T) is no longer linear over the rows: defaults are
 * found with the larger of R and that root.
 *
 * Eigenvalues come from power iteration over a part of the sample, or of directions, which have many
 * features, all of it, whose rows are divided by their spread: the squares of eigenvalues neither
 * overflow nor vanish then.
 *
 * Where rows have gaps, with I, p and p_i of gaps.c and P_j the share of the rows that have
 * column j, the same linearization gives (1/n) sum_i g(s_i) (p / p_i) I_ij I_il (x_ij -
 * mu_j)(x_il - mu_l) / sqrt(P_j P_l), and s_i is a partial distance.
 */
#include "core/critical.h"

#include "core/direction.h"
#include "core/sample.h"
#include "core/scale.h"

#include <math.h>
#include <string.h>

#define VALUES		262144		/* of the sample that are used, at most ... */
#define VALUES_OF_FUZZIFIER 65536	/* ... for eq. 3, but at least ... */
#define ROWS_A_COLUMN	8			/* ... this many times as many rows as columns: lambda of few is far too large ... */
#define VALUES_OF_DIRECTIONS INT64_MAX	/* ... and of directions */
#define AT_ONCE		128			/* rows, whose columns are read one after the other */
#define POWER_STEPS	100
#define PRECISION	1e-6
#define NO_LENGTH	1e-24		/* squared, of a vector that is rounding */

/* The weight of a row at squared distance s from the mean */
typedef double (*RowWeight) (double s, double argument);

static double
same_weight(double s, double argument)
{
	(void) s;
	(void) argument;
	return 1;
}

static double
inverse_weight(double s, double argument)
{
	(void) argument;
	return s > 0 ? 1 / s : 0;
}

/* argument is T / (q - 1), in squared spreads like s */
static double
tsallis_weight(double s, double argument)
{
	return 1 / (1 + s / argument);
}

/* A weighted scatter matrix, and how well its largest eigenvalue is to be known */
typedef struct Scatter
{
	int64_t		values;			/* of the sample that are used, at most */
	RowWeight	weight;
	double		argument;		/* of weight() */
	double		enough;			/* an eigenvalue above this need not be exact; 0: it must be */
} Scatter;

/* Rows of the sample that take part */
typedef struct Rows
{
	const FcFit *fit;
	int64_t		step;			/* every so many */
	int64_t		n;
	double		total;			/* of their weights */
	double		stretch;		/* mu is so many times the mean */
} Rows;

/* R, which eigenvalues are divided by; 1 where centers are no directions */
static double
resultant(const FcFit *f)
{
	const double *mean = f->sample.mean;

	return fc_is_cosine(f->model) ? sqrt(fc_inner_product(mean, mean, f->rows.d)) : 1;
}

/* What makes the mean mu: 0 where it has no direction, and nothing is to be orthogonal to it */
static double
stretch_of(const FcFit *f)
{
	double		r = resultant(f);

	return r > FC_EPSILON(f->rows.precision) ? 1 / r : 0;
}

/* Column j of some of them, relative to its mean and in units of the spread, into x */
static void
read_column(const Rows *r, int32_t j, int64_t first, int n, double *x)
{
	const FcSample *s = &r->fit->sample;
	int64_t		at = j * s->stride + first * r->step;
	double		unit = 1 / s->spread;
	double		mu = s->mean[j] * r->stretch;

	if (r->fit->rows.precision == FC_F32)
		for (int i = 0; i < n; i++)
			x[i] = (((const float *) s->x)[at + i * r->step] - mu) * unit;
	else
		for (int i = 0; i < n; i++)
			x[i] = (((const double *) s->x)[at + i * r->step] - mu) * unit;
}

/* Gaps of column j become its mean; "present" counts the columns that rows have */
static void
fill_gaps(const Rows *r, int32_t j, int n, double *x, double *present)
{
	double		share = r->fit->columns->share[j];

	for (int i = 0; i < n; i++)
		if (isnan(x[i]))
			x[i] = 0;
		else
			present[i] += share;
}

/* A column with gaps or without */
static void
read_observed(const Rows *r, int32_t j, int64_t first, int n, double *x, double *present)
{
	read_column(r, j, first, n, x);
	if (r->fit->sample.present)
		fill_gaps(r, j, n, x, present);
}

/* 1 / sqrt(P_j) */
static double
unit_of(const Rows *r, int32_t j)
{
	const double *present = r->fit->sample.present;

	return present == NULL ? 1 : present[j] > 0 ? 1 / sqrt(present[j]) : 0;
}

/* p / p_i of n rows */
static void
stretch(const Rows *r, int n, const double *present, double *values)
{
	double		columns = 0;

	for (int32_t j = 0; j < r->fit->rows.d; j++)
		columns += r->fit->columns->share[j];
	for (int i = 0; i < n; i++)
		values[i] *= present[i] > 0 ? columns / present[i] : 0;
}

/* Adds the part of n rows to product */
static void
multiply_some(const Rows *r, int64_t first, int n, const Scatter *of, const double *direction, double *product)
{
	double		along[AT_ONCE] = {0};
	double		squared[AT_ONCE] = {0};
	double		present[AT_ONCE] = {0};
	double		x[AT_ONCE];

	for (int32_t j = 0; j < r->fit->rows.d; j++)
	{
		double		way = direction[j] * unit_of(r, j);

		read_observed(r, j, first, n, x, present);
		for (int i = 0; i < n; i++)
		{
			along[i] += x[i] * way;
			squared[i] += x[i] * x[i];
		}
	}
	if (r->fit->sample.present)
	{
		stretch(r, n, present, along);
		stretch(r, n, present, squared);
	}
	for (int i = 0; i < n; i++)
		along[i] *= fc_sample_weight(&r->fit->sample, (first + i) * r->step) * of->weight(squared[i], of->argument) / r->total;
	for (int32_t j = 0; j < r->fit->rows.d; j++)
	{
		double		unit = unit_of(r, j);

		read_observed(r, j, first, n, x, present);
		for (int i = 0; i < n; i++)
			product[j] += along[i] * (x[i] * unit);
	}
}

/* Takes the part along mu out of a vector (d), which moves of centers do not have */
static void
project(const FcFit *f, double *vector)
{
	const double *mean = f->sample.mean;
	double		stretch = stretch_of(f);
	double		along = fc_inner_product(mean, vector, f->rows.d) * stretch * stretch;

	for (int32_t j = 0; j < f->rows.d; j++)
		vector[j] -= along * mean[j];
}

/* The scatter matrix times direction; returns their Rayleigh quotient, which is at most the largest eigenvalue */
static double
multiply(const FcFit *f, const Scatter *of, const double *direction, double *product)
{
	Rows		r = {.fit = f, .step = 1 + f->sample.n * f->rows.d / of->values, .stretch = 1};
	double		quotient = 0;

	if (fc_is_cosine(f->model))
		r.stretch = stretch_of(f);
	r.n = (f->sample.n + r.step - 1) / r.step;
	for (int64_t i = 0; i < r.n; i++)
		r.total += fc_sample_weight(&f->sample, i * r.step);
	memset(product, 0, f->rows.d * sizeof(double));
	for (int64_t first = 0; first < r.n; first += AT_ONCE)
	{
		fc_check(&f->hooks);
		multiply_some(&r, first, r.n - first < AT_ONCE ? (int) (r.n - first) : AT_ONCE, of, direction, product);
	}
	if (fc_is_cosine(f->model))
		project(f, product);
	for (int32_t j = 0; j < f->rows.d; j++)
		quotient += product[j] * direction[j];
	return quotient;
}

/* f->direction keeps the eigenvector, from which a similar matrix starts */
static double
largest_eigenvalue(const FcFit *f, Scatter of)
{
	double	   *direction = f->direction;
	double	   *product = f->direction + f->rows.d;
	double		before = 0;

	for (int step = 0; step < POWER_STEPS; step++)
	{
		double		lambda = multiply(f, &of, direction, product);
		double		length = 0;

		for (int32_t j = 0; j < f->rows.d; j++)
			length += product[j] * product[j];
		if (length == 0)
			return 0;
		for (int32_t j = 0; j < f->rows.d; j++)
			direction[j] = product[j] / sqrt(length);
		if (fabs(lambda - before) <= PRECISION * lambda || (of.enough > 0 && lambda > of.enough))
			return lambda;
		before = lambda;
	}
	return before;
}

/* All 0 if there is none: of one feature, nothing is orthogonal to the mean */
static void
random_direction(const FcFit *f)
{
	FcRng		rng;
	double		length = 0;

	fc_rng_start(&rng, 0, 0);
	for (int32_t j = 0; j < f->rows.d; j++)
		f->direction[j] = fc_rng_uniform(&rng) - 0.5;
	if (fc_is_cosine(f->model))
		project(f, f->direction);
	for (int32_t j = 0; j < f->rows.d; j++)
		length += f->direction[j] * f->direction[j];
	for (int32_t j = 0; j < f->rows.d; j++)
		f->direction[j] = length > NO_LENGTH ? f->direction[j] / sqrt(length) : 0;
}

/* May rows be divided by their spread? */
static bool
is_spread(const FcFit *f)
{
	return f->sample.spread > 0 && isfinite(f->sample.spread) && isfinite(1 / f->sample.spread);
}

/* R, or what is used in its place; f->direction is an eigenvector afterwards */
static double
usual_resultant(const FcFit *f)
{
	random_direction(f);
	return fmax(resultant(f), f->sample.spread * sqrt(largest_eigenvalue(f, (Scatter) {.values = VALUES_OF_DIRECTIONS, .weight = same_weight})));
}

/*
 * Eq. 1 for q = 1, else the largest T with equality in eq. 2; 0 if rows do not
 * spread.  The right side of T = 2 q lambda(T) rises with T, so iteration from
 * above comes down to it; where centers merge at every T, down to nothing, and
 * then it ends at a T that is as good as 0.  T is in units of the option.
 */
double
fc_critical_temperature(const FcFit *f, double q)
{
	double		spread = f->sample.spread;
	double		factor = 2 * q;
	int64_t		values = fc_is_cosine(f->model) ? VALUES_OF_DIRECTIONS : VALUES;
	double		first;
	double		t;

	if (!is_spread(f))
		return 0;
	if (fc_is_cosine(f->model))
		factor /= usual_resultant(f);
	else
		random_direction(f);
	t = first = factor * largest_eigenvalue(f, (Scatter) {.values = values, .weight = same_weight});
	for (int step = 0; step < POWER_STEPS && q - 1 >= 1e-9; step++)
	{
		double		last = t;

		t = factor * largest_eigenvalue(f, (Scatter) {.values = values, .weight = tsallis_weight, .argument = t / (q - 1)});
		if (last - t <= 1e-6 * last || t <= 1e-6 * first)
			break;
	}
	return t * spread * spread / fc_squared_unit(f->model);
}

/* How many values of the sample eq. 3 or 5 needs */
static int64_t
values_of_fuzzifier(const FcFit *f)
{
	int64_t		d = f->rows.d;

	if (fc_is_cosine(f->model))
		return VALUES_OF_DIRECTIONS;
	return d * d * ROWS_A_COLUMN > VALUES_OF_FUZZIFIER ? d * d * ROWS_A_COLUMN : VALUES_OF_FUZZIFIER;
}

/* Where the left side of eq. 3, or of eq. 5 with this R, is 1; 0: nowhere.  If "most" is above 1, any larger value is as good as it */
static double
critical_fuzzifier(const FcFit *f, double r, double most)
{
	double		enough = most > 1 ? (1 - 1 / most) / 2 * r : 0;
	double		lambda = largest_eigenvalue(f, (Scatter) {.values = values_of_fuzzifier(f), .weight = inverse_weight, .enough = enough}) / r;

	return lambda < 0.5 ? 1 / (1 - 2 * lambda) : 0;
}

/* Below this fuzzifier eq. 3 or 5 fails, and centers stay apart; 0: below any */
double
fc_safe_fuzzifier(const FcFit *f)
{
	double		r = resultant(f);

	if (!is_spread(f) || r == 0)
		return 0;
	random_direction(f);
	return critical_fuzzifier(f, r, 0);
}

/*
 * The default: halfway from 1 to the critical fuzzifier, which groups of centers merge below, and at most the
 * usual one.  Of directions a quarter of the way: pairs of centers merge far below the critical one.
 */
double
fc_usual_fuzzifier(const FcFit *f)
{
	double		share = fc_is_cosine(f->model) ? 0.25 : 0.5;
	double		most = 1 + (FC_USUAL_FUZZIFIER - 1) / share;
	double		r = 1;
	double		critical;

	if (!is_spread(f))
		return FC_USUAL_FUZZIFIER;
	if (fc_is_cosine(f->model))
		r = usual_resultant(f);
	else
		random_direction(f);
	critical = critical_fuzzifier(f, r, most);
	return critical > 0 && critical < most ? 1 + share * (critical - 1) : FC_USUAL_FUZZIFIER;
}
