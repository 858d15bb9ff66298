/*
 * shape.c - covariance matrices of clusters
 *
 *	F_c = sum_i w_ic (x_i - v_c)(x_i - v_c)' / sum_i w_ic			(eq. 1)
 *
 * A pass gathers sums of w y and w y y', y = x - v relative to the previous
 * centers; with delta the movement of a center, F = sum w y y' / sum w - delta
 * delta', which loses no digits because the movement is short.  F is kept as
 * its Cholesky factor L, so that a Mahalanobis distance is |L^-1 (x - v)|^2, a
 * forward substitution, and a determinant a product of diagonal elements:
 * nothing is ever inverted.
 *
 * A covariance with hardly any extent in a direction gets its eigenvalues
 * raised to a small share of the largest (Babuska, van der Veen and Kaymak,
 * 2002).  Both are judged in units of the features' standard deviations, so
 * that it does not depend on the features' own units; and by the pivots, since
 * those of a column that varies only by rounding are mostly positive.
 */
#include "core/sample.h"
#include "core/shape.h"
#include "core/symmetric.h"

#include <math.h>
#include <string.h>

#define FC_VARIANTS_OF "core/shape_loops.h"
#include "core/variants.h"

/* Of the largest eigenvalue, a few roundings: below it, smaller ones are noise */
#define FLOOR(precision) ((precision) == FC_F32 ? 5e-7 : 1e-15)
#define ULPS			8		/* a feature that varies by fewer is constant */
#define EXTENT_ROWS		1024	/* of the sample show in which directions rows have an extent */

const FcDistances fc_distances_times_volume[FC_ISAS][2] = FC_TABLE(times_volume);
const FcDistances fc_distances_plus_volume[FC_ISAS][2] = FC_TABLE(plus_volume);

int
fc_shape_arrays(FcModel *m, FcArray *extra)
{
	extra[0] = (FcArray) {"shape", m->k, (int64_t) m->d * m->d, &FC_FACTOR(m), NULL, NULL, FC_OF_CLUSTERS};
	extra[1] = (FcArray) {"volume", m->k, 1, &FC_VOLUME(m), NULL, NULL, FC_OF_CLUSTERS};
	return FC_SHAPE_ARRAYS;
}

void *
fc_shape_layout(FcArena *a, const FcFit *f)
{
	size_t		d = f->model->d;
	FcShapes	fields = {
		.work = fc_take(a, FC_SYMMETRIC_WORK(d), sizeof(double)),
		.lambda = fc_take(a, d, sizeof(double)),
		.unit = fc_take(a, d, sizeof(double)),
	};

	return fc_place(a, &fields, sizeof(fields));
}

/* May these factors be divided by? */
bool
fc_shape_check(const FcModel *m)
{
	for (int32_t c = 0; c < m->k; c++)
		for (int32_t j = 0; j < m->d; j++)
			if (!(FC_FACTOR(m)[((int64_t) c * m->d + j) * m->d + j] > 0))
				return false;
	return true;
}

/* All clusters get the identity */
void
fc_shape_spherical(FcModel *m, double volume)
{
	memset(FC_FACTOR(m), 0, sizeof(double) * m->k * m->d * m->d);
	for (int32_t c = 0; c < m->k; c++)
	{
		FC_VOLUME(m)[c] = volume;
		for (int32_t j = 0; j < m->d; j++)
			FC_FACTOR(m)[((int64_t) c * m->d + j) * m->d + j] = 1;
	}
}

/* Raises eigenvalues of a, and replaces a by its factor; false if none is above zero */
static bool
raise_eigenvalues(FcEngine *e, double *a, double floor)
{
	const FcShapes *s = e->scratch;
	int32_t		d = e->metric.d;
	double	   *lambda = s->lambda;

	if (!fc_symmetric_eigen(a, d, lambda, s->work, e->metric.isa, &e->fit->hooks) || !(lambda[0] > 0))
		return false;
	for (int32_t i = 0; i < d; i++)
	{
		double		root = sqrt(fmax(lambda[i], floor * lambda[0]));

		for (int32_t j = 0; j < d; j++)
			a[(int64_t) i * d + j] *= root;
	}
	fc_triangle(a, d, s->work, e->metric.isa, &e->fit->hooks);
	return true;
}

/* Is a squared pivot below "floor" of the largest? */
static bool
has_small_pivot(const double *factor, int32_t d, double floor)
{
	double		least = INFINITY;
	double		most = 0;

	for (int32_t j = 0; j < d; j++)
	{
		least = fmin(least, factor[(int64_t) j * d + j]);
		most = fmax(most, factor[(int64_t) j * d + j]);
	}
	return least * least < floor * most * most;
}

/* A covariance as if all features had the standard deviation 1 */
static void
in_units(const double *unit, int32_t d, double *a)
{
	for (int32_t i = 0; i < d; i++)
		for (int32_t j = 0; j < d; j++)
			a[(int64_t) i * d + j] /= unit[i] * unit[j];
}

/*
 * out becomes the factor of the covariance a, of which both triangles are given
 * and nothing is left.  False, and out is as it was, if the rows have no extent
 * at all.
 */
static bool
factorize(FcEngine *e, double *a, double *out)
{
	FcShapes   *s = e->scratch;
	int32_t		d = e->metric.d;
	double		floor = FLOOR(e->metric.precision);

	in_units(s->unit, d, a);
	memcpy(s->work, a, sizeof(double) * d * d);
	if (fc_cholesky(s->work, d, e->metric.isa) && !has_small_pivot(s->work, d, floor))
		a = s->work;
	else if (raise_eigenvalues(e, a, floor))
		s->singular++;
	else
		return false;
	for (int32_t i = 0; i < d; i++)
		for (int32_t j = 0; j < d; j++)
			out[(int64_t) i * d + j] = a[(int64_t) i * d + j] * s->unit[i];
	return true;
}

/* The factor of cluster c after a pass, before its center moves; false as above */
static bool
update_shape(FcEngine *e, int32_t c, double regularization)
{
	FcModel    *m = e->fit->model;
	const FcShapes *s = e->scratch;
	int32_t		d = m->d;
	double		weight = e->acc.weight[c];
	const double *way = e->acc.sum + (int64_t) c * d;
	double	   *squares = e->acc.squares + (int64_t) c * d * d;

	if (weight == 0)
		return false;
	for (int32_t a = 0; a < d; a++)
		for (int32_t b = 0; b <= a; b++)
		{
			double		f = squares[(int64_t) a * d + b] / weight - way[a] / weight * (way[b] / weight);

			f = (1 - regularization) * f + (a == b ? regularization * s->sphere : 0);
			squares[(int64_t) a * d + b] = squares[(int64_t) b * d + a] = f;
		}
	return factorize(e, squares, FC_FACTOR(m) + (int64_t) c * d * d);
}

/* The factors of all clusters, and what set_volume() makes of each */
void
fc_shape_update(FcEngine *e, double regularization, void (*set_volume) (FcModel *m, int32_t c))
{
	FcModel    *m = e->fit->model;
	FcShapes   *s = e->scratch;

	s->singular = 0;
	for (int32_t c = 0; c < m->k; c++)
	{
		fc_check(&e->fit->hooks);
		if (update_shape(e, c, regularization))
			set_volume(m, c);
	}
}

/* Clusters of the start that ended last with fewer rows than a covariance needs */
int32_t
fc_shape_thin(const FcEngine *e)
{
	const FcFit *f = e->fit;
	double		unit = fc_row_unit(fc_total_weight(&f->rows), fc_row_count(&f->rows));
	int32_t		thin = 0;

	for (int32_t c = 0; c < f->model->k; c++)
		thin += f->model->weights[c] < (f->model->d + 1) * unit;
	return thin;
}

/* May covariances of the best start be doubted? */
void
fc_shape_diagnose(FcEngine *e)
{
	const FcShapes *s = e->scratch;

	e->fit->doubts.singular = s->singular;
	e->fit->doubts.thin = fc_shape_thin(e);
}

/*
 * Shapes of the initial model, in this one's units; false, and unspecified, if
 * it has none
 */
bool
fc_shape_start(FcEngine *e)
{
	FcModel    *m = e->fit->model;
	const FcModel *earlier = e->fit->earlier;

	if (e->fit->start == NULL || earlier == NULL || !earlier->algo->kernel->has_shapes || earlier->k != m->k || earlier->d != m->d)
		return false;
	for (int32_t c = 0; c < m->k; c++)
	{
		fc_check(&e->fit->hooks);
		for (int32_t a = 0; a < m->d; a++)
		{
			int64_t		row = ((int64_t) c * m->d + a) * m->d;
			double		unit = (m->factor ? m->factor[a] : 1) / (earlier->factor ? earlier->factor[a] : 1);

			for (int32_t b = 0; b < m->d; b++)
				FC_FACTOR(m)[row + b] = FC_FACTOR(earlier)[row + b] * unit;
			if (!(FC_FACTOR(m)[row + a] > 0) || !isfinite(FC_FACTOR(m)[row + a]))
				return false;
		}
	}
	return true;
}

static double
log_determinant(const double *factor, int32_t d)
{
	double		sum = 0;

	for (int32_t j = 0; j < d; j++)
		sum += 2 * log(factor[(int64_t) j * d + j]);
	return sum;
}

double
fc_shape_log_determinant(const FcModel *m, int32_t c)
{
	return log_determinant(FC_FACTOR(m) + (int64_t) c * m->d * m->d, m->d);
}

/*
 * Standard deviations of the features in the sample, around a mean that is
 * exact for a constant; features that are constant up to rounding get the mean
 * one of the others, or 1
 */
static void
measure_units(FcEngine *e)
{
	const FcFit *f = e->fit;
	const FcSample *sample = &f->sample;
	double	   *unit = ((FcShapes *) e->scratch)->unit;
	double		epsilon = FC_EPSILON(f->rows.precision);
	double		usual = sample->spread > 0 ? sample->spread / sqrt(f->rows.d) : 1;

	for (int32_t j = 0; j < f->rows.d; j++)
	{
		double		first = fc_get(sample->x, f->rows.precision, j * sample->stride);
		double		largest = 0;
		double		offset = f->offset ? f->offset[j] : 0;
		double		sum = 0;
		double		squares = 0;

		fc_check(&f->hooks);
		for (int64_t i = 0; i < sample->n; i++)
		{
			double		x = fc_get(sample->x, f->rows.precision, j * sample->stride + i);

			sum += fc_sample_weight(sample, i) * (x - first);
			largest = fmax(largest, fabs(x + offset));
		}
		for (int64_t i = 0; i < sample->n; i++)
		{
			double		away = fc_get(sample->x, f->rows.precision, j * sample->stride + i) - first - sum / sample->total;

			squares += fc_sample_weight(sample, i) * (away * away);
		}
		unit[j] = sqrt(squares / sample->total);
		if (unit[j] <= ULPS * epsilon * largest)
			unit[j] = usual;
	}
}

/* The covariance of every so many rows of the sample */
static void
sample_covariance(const FcFit *f, int64_t step, double *out)
{
	const FcSample *s = &f->sample;
	int32_t		d = f->rows.d;

	for (int32_t a = 0; a < d; a++)
		for (int32_t b = 0; b <= a; b++)
		{
			double		sum = 0;
			double		weight = step > 1 ? 0 : s->total;

			fc_check(&f->hooks);
			for (int64_t i = 0; step > 1 && i < s->n; i += step)
				weight += fc_sample_weight(s, i);
			for (int64_t i = 0; i < s->n; i += step)
				sum += fc_sample_weight(s, i) * ((fc_get(s->x, f->rows.precision, a * s->stride + i) - s->mean[a]) *
												 (fc_get(s->x, f->rows.precision, b * s->stride + i) - s->mean[b]));
			out[(int64_t) a * d + b] = out[(int64_t) b * d + a] = sum / weight;
		}
}

/* As the sphere raises variances */
static void
raise_units(FcEngine *e, double regularization)
{
	FcShapes   *s = e->scratch;

	for (int32_t j = 0; j < e->metric.d; j++)
		s->unit[j] = sqrt((1 - regularization) * s->unit[j] * s->unit[j] + regularization * s->sphere);
}

/* In how many directions rows have an extent: features, less those that are constant or determined by others.  Uses the memory of a pass */
int32_t
fc_shape_extent(FcEngine *e)
{
	FcShapes   *s = e->scratch;
	int32_t		d = e->metric.d;
	int64_t		step = 1 + e->fit->sample.n / EXTENT_ROWS;
	double		floor = FLOOR(e->metric.precision);
	int32_t		extent = 0;

	sample_covariance(e->fit, step, e->acc.squares);
	in_units(s->unit, d, e->acc.squares);
	memcpy(s->work, e->acc.squares, sizeof(double) * d * d);
	if (fc_cholesky(s->work, d, e->metric.isa) && !has_small_pivot(s->work, d, floor))
		return d;
	if (!fc_symmetric_eigen(e->acc.squares, d, s->lambda, s->work, e->metric.isa, &e->fit->hooks))
		return d;
	while (extent < d && s->lambda[extent] > floor * s->lambda[0])
		extent++;
	return extent;
}

/* Before the first pass: what covariances are judged and regularized by */
void
fc_shape_begin(FcEngine *e, double regularization)
{
	FcModel    *m = e->fit->model;
	FcShapes   *s = e->scratch;

	measure_units(e);
	s->sphere = 0;
	if (regularization == 0)
		return;
	/* of the first cluster is the memory only */
	sample_covariance(e->fit, 1, e->acc.squares);
	if (factorize(e, e->acc.squares, FC_FACTOR(m)))
		s->sphere = exp(log_determinant(FC_FACTOR(m), m->d) / m->d);
	raise_units(e, regularization);
}

/* The mean of the centers, by the weights of a pass; the sum of these */
static double
mean_center(const FcEngine *e, double *mean)
{
	const FcModel *m = e->fit->model;
	double		total = 0;

	for (int32_t c = 0; c < m->k; c++)
		total += e->acc.weight[c];
	for (int32_t j = 0; j < m->d; j++)
	{
		mean[j] = 0;
		for (int32_t c = 0; c < m->k; c++)
			mean[j] += e->acc.weight[c] / total * m->centers[(int64_t) c * m->d + j];
	}
	return total;
}

/* The covariance of all rows after a pass: that within clusters, and that of centers around their mean */
static void
covariance_of_pass(const FcEngine *e, const double *mean, double total, double *out)
{
	const FcModel *m = e->fit->model;
	int64_t		d = m->d;

	for (int64_t a = 0; a < d; a++)
		for (int64_t b = 0; b <= a; b++)
		{
			double		sum = 0;

			for (int64_t c = 0; c < m->k; c++)
				sum += (e->acc.squares[(c * d + a) * d + b] + e->acc.weight[c] *
						(m->centers[c * d + a] - mean[a]) * (m->centers[c * d + b] - mean[b])) / total;
			out[a * d + b] = out[b * d + a] = sum;
		}
}

/* The same as fc_shape_begin(), where there is no sample but the sums of a pass; work is (2, d, d) */
void
fc_shape_measure(FcEngine *e, double regularization, double *work)
{
	FcShapes   *s = e->scratch;
	int64_t		d = e->metric.d;
	double		total = mean_center(e, s->lambda);
	double		sum = 0;

	covariance_of_pass(e, s->lambda, total, work);
	for (int64_t j = 0; j < d; j++)
		sum += work[j * d + j];
	for (int64_t j = 0; j < d; j++)
	{
		double		variance = work[j * d + j];

		s->unit[j] = sqrt(variance > 0 ? variance : sum > 0 ? sum / d : 1);
	}
	s->sphere = 0;
	if (regularization == 0)
		return;
	if (factorize(e, work, work + d * d))
		s->sphere = exp(log_determinant(work + d * d, (int32_t) d) / d);
	raise_units(e, regularization);
}

/* Is |L^-1 y|^2 at most "most"?  y is overwritten; mostly the first numbers decide */
static bool
is_within(const double *factor, int32_t d, double *y, double most)
{
	double		sum = 0;

	for (int32_t a = 0; a < d; a++)
	{
		for (int32_t b = 0; b < a; b++)
			y[a] -= factor[(int64_t) a * d + b] * y[b];
		y[a] /= factor[(int64_t) a * d + a];
		sum += y[a] * y[a];
		if (!(sum <= most))
			return false;
	}
	return true;
}

/*
 * Are the centers of clusters a and b nearer to each other than "share" of a
 * standard deviation of either, on average over the directions?  work is (d)
 */
bool
fc_shapes_coincide(const FcModel *m, int32_t a, int32_t b, double share, double *work)
{
	const int32_t of[] = {a, b};

	for (int i = 0; i < 2; i++)
	{
		for (int32_t j = 0; j < m->d; j++)
			work[j] = m->centers[(int64_t) a * m->d + j] - m->centers[(int64_t) b * m->d + j];
		if (!is_within(FC_FACTOR(m) + (int64_t) of[i] * m->d * m->d, m->d, work, share * share * m->d))
			return false;
	}
	return true;
}

/* L L' in the units of the features; out is (d, d) */
void
fc_shape_covariance(const FcModel *m, int32_t c, double *out)
{
	const double *l = FC_FACTOR(m) + (int64_t) c * m->d * m->d;

	for (int32_t a = 0; a < m->d; a++)
		for (int32_t b = 0; b <= a; b++)
		{
			double		sum = fc_dot[FC_ISA_BASE] (l + (int64_t) a * m->d, l + (int64_t) b * m->d, b + 1);

			if (m->factor)
				sum /= m->factor[a] * m->factor[b];
			out[(int64_t) a * m->d + b] = out[(int64_t) b * m->d + a] = sum;
		}
}

/*
 * With y = x - v and F^-1 y by two substitutions, part[j] = factor y_j (F^-1 y)_j: they add up
 * to the squared Mahalanobis distance times that; z is (d)
 */
static void
mahalanobis_parts(const FcModel *m, const double *x, int32_t c, double factor, double *part, double *z)
{
	const double *l = FC_FACTOR(m) + (int64_t) c * m->d * m->d;
	const double *v = m->centers + (int64_t) c * m->d;
	int64_t		d = m->d;

	for (int64_t a = 0; a < d; a++)
	{
		z[a] = x[a] - v[a];
		for (int64_t b = 0; b < a; b++)
			z[a] -= l[a * d + b] * z[b];
		z[a] /= l[a * d + a];
	}
	for (int64_t a = d - 1; a >= 0; a--)
	{
		z[a] /= l[a * d + a];
		for (int64_t b = 0; b < a; b++)
			z[b] -= l[a * d + b] * z[a];
	}
	for (int64_t a = 0; a < d; a++)
		part[a] = factor * (x[a] - v[a]) * z[a];
}

double
fc_parts_times_volume(const FcModel *m, const double *x, int32_t c, double *part, double *work)
{
	mahalanobis_parts(m, x, c, FC_VOLUME(m)[c], part, work);
	return 0;
}

double
fc_parts_plus_volume(const FcModel *m, const double *x, int32_t c, double *part, double *work)
{
	mahalanobis_parts(m, x, c, 0.5, part, work);
	return FC_VOLUME(m)[c];
}
