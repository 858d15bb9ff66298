/*
 * shape.c - clusters with a covariance of their own
 *
 *	F_c = sum_i w_ic (x_i - v_c)(x_i - v_c)' / sum_i w_ic			(eq. 1)
 *
 * A pass gathers the squares around the centers as they were; with delta the
 * way that a center goes, F = squares / weight - delta delta', which loses no
 * digits because the way is short.  F is kept as its Cholesky factor L, so that
 * a Mahalanobis distance is |L^-1 (x - v)|^2, a forward substitution, and a
 * determinant a product of diagonal elements: nothing is ever inverted.
 *
 * A covariance that is not positive definite gets its eigenvalues raised to at
 * least 10^-15 of the largest (Babuska, van der Veen and Kaymak, 2002).
 */
#ifdef FC_REAL

/* Forward substitution for all lanes at once; t->y becomes L^-1 (x - v) */
static void
FC_VARIANT(mahalanobis) (FcMetric *t, const void *x, int64_t xstride, int32_t lanes, int32_t c, void *outv)
{
	const double *factor = FC_FACTOR(t->model) + (int64_t) c * t->d * t->d;
	FC_REAL    *out = outv;

	t->ops->relative(x, xstride, lanes, t->d, (FC_REAL *) t->v + (int64_t) c * t->d, NULL, t->y, t->y, t->tile);
	for (int32_t i = 0; i < lanes; i++)
		out[i] = 0;
	for (int32_t a = 0; a < t->d; a++)
	{
		FC_REAL    *y = (FC_REAL *) t->y + (int64_t) a * t->tile;
		FC_REAL		inverse = (FC_REAL) (1 / factor[(int64_t) a * t->d + a]);

		for (int32_t b = 0; b < a; b++)
		{
			const FC_REAL *z = (FC_REAL *) t->y + (int64_t) b * t->tile;
			FC_REAL		l = (FC_REAL) factor[(int64_t) a * t->d + b];

			for (int32_t i = 0; i < lanes; i++)
				y[i] -= l * z[i];
		}
		for (int32_t i = 0; i < lanes; i++)
		{
			y[i] *= inverse;
			out[i] += y[i] * y[i];
		}
	}
}

#else

#include "core/shape.h"

#include <math.h>
#include <string.h>

#define FC_VARIANTS_OF "core/shape.c"
#include "core/variants.h"

#define FLOOR	1e-15			/* of the largest eigenvalue */

const FcMahalanobis fc_mahalanobis[FC_ISAS][2] = FC_TABLE(mahalanobis);

int
fc_shape_arrays(FcModel *m, FcArray *extra)
{
	extra[0] = (FcArray) {"shape", m->k, (int64_t) m->d * m->d, &FC_FACTOR(m), NULL, NULL, FC_OF_CLUSTERS};
	extra[1] = (FcArray) {"volume", m->k, 1, &FC_VOLUME(m), NULL, NULL, FC_OF_CLUSTERS};
	return FC_SHAPE_ARRAYS;
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

/* Raises eigenvalues to the floor; a becomes a factor.  work has FC_SYMMETRIC_WORK(d) numbers and d more */
static bool
raise_eigenvalues(double *a, int32_t d, double *work, int isa, const FcHooks *hooks)
{
	double	   *lambda = work + FC_SYMMETRIC_WORK(d);

	if (!fc_symmetric_eigen(a, d, lambda, work, isa, hooks) || !(lambda[0] > 0))
		return false;
	for (int32_t e = 0; e < d; e++)
	{
		double		root = sqrt(fmax(lambda[e], FLOOR * lambda[0]));

		for (int32_t j = 0; j < d; j++)
			a[(int64_t) e * d + j] *= root;
	}
	fc_triangle(a, d, work, isa, hooks);
	return true;
}

/*
 * The factor of a covariance, both triangles of which are given; false if the
 * rows have no extent at all.  work has d^2 + FC_SYMMETRIC_WORK(d) + d numbers.
 */
static bool
factorize(double *a, int32_t d, double *work, int isa, const FcHooks *hooks)
{
	double	   *kept = work;

	memcpy(kept, a, sizeof(double) * d * d);
	if (fc_cholesky(a, d, isa))
		return true;
	memcpy(a, kept, sizeof(double) * d * d);
	return raise_eigenvalues(a, d, work + (int64_t) d * d, isa, hooks);
}

/*
 * The factor of cluster c after a pass, before its center moves.  With
 * regularization g it is that of (1 - g) F + g sphere I.  False if the rows of
 * the cluster have no extent at all: then its shape stays as it was.
 */
bool
fc_shape_update(FcEngine *e, int32_t c, double regularization, double sphere)
{
	FcModel    *m = e->fit->model;
	int32_t		d = m->d;
	double		weight = e->acc.weight[c];
	const double *sum = e->acc.sum + (int64_t) c * d;
	double	   *squares = e->acc.squares + (int64_t) c * d * d;
	double	   *factor = FC_FACTOR(m) + (int64_t) c * d * d;
	double	   *way = e->work;

	if (weight == 0)
		return false;
	for (int32_t j = 0; j < d; j++)
		way[j] = sum[j] / weight - fc_get(e->metric.v, e->metric.precision, (int64_t) c * d + j);
	for (int32_t a = 0; a < d; a++)
		for (int32_t b = 0; b <= a; b++)
		{
			double		f = squares[(int64_t) a * d + b] / weight - way[a] * way[b];

			f = (1 - regularization) * f + (a == b ? regularization * sphere : 0);
			squares[(int64_t) a * d + b] = squares[(int64_t) b * d + a] = f;
		}
	if (!factorize(squares, d, e->work, e->metric.isa, &e->fit->hooks))
		return false;
	memcpy(factor, squares, sizeof(double) * d * d);
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
 * Of the covariance of the sample, raised as above; -infinity if all of its rows
 * are equal.  work is that of the engine.
 */
double
fc_sample_log_determinant(const FcFit *f, double *work)
{
	const FcSample *s = &f->sample;
	int32_t		d = f->rows.d;
	double	   *more = work + (int64_t) d * d;

	for (int32_t a = 0; a < d; a++)
		for (int32_t b = 0; b <= a; b++)
		{
			double		sum = 0;

			fc_check(&f->hooks);
			for (int64_t i = 0; i < s->n; i++)
				sum += (fc_get(s->x, f->rows.precision, a * s->stride + i) - s->mean[a]) *
					(fc_get(s->x, f->rows.precision, b * s->stride + i) - s->mean[b]);
			work[(int64_t) a * d + b] = work[(int64_t) b * d + a] = sum / s->n;
		}
	if (!factorize(work, d, more, f->isa, &f->hooks))
		return -INFINITY;
	return log_determinant(work, d);
}

/* L L' in the units of the features; out is (d, d) */
void
fc_shape_covariance(const FcModel *m, int32_t c, double *out)
{
	const double *l = FC_FACTOR(m) + (int64_t) c * m->d * m->d;

	for (int32_t a = 0; a < m->d; a++)
		for (int32_t b = 0; b <= a; b++)
		{
			double		sum = 0;

			for (int32_t j = 0; j <= b; j++)
				sum += l[(int64_t) a * m->d + j] * l[(int64_t) b * m->d + j];
			if (m->factor)
				sum /= m->factor[a] * m->factor[b];
			out[(int64_t) a * m->d + b] = out[(int64_t) b * m->d + a] = sum;
		}
}

#endif
