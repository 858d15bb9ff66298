/*
 * symmetric.c - factors and eigenvalues of symmetric matrices
 *
 * Matrices are (d, d), row-major and in double precision, with d up to some
 * hundreds: so small that one processor is enough and that all of a matrix stays
 * in its caches.  Inner loops run along rows.
 *
 *	A = L L'			by elimination, eight pivots at once (Cholesky)
 *	A = Q T Q'			by Householder's reflections, T tridiagonal
 *	T = W diag W'		by the implicit QL method (Wilkinson and Reinsch 1971,
 *						contribution II/4), whose rotations are applied a sweep at a
 *						time to a few columns that stay in registers
 *	B' B = L L'			by reflections again (the QR decomposition of B)
 *
 * Errors are backward stable: a few d epsilon of the largest eigenvalue.
 */
#include "core/symmetric.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define PIVOTS		8			/* eliminated together */
#define MOST_SWEEPS	60			/* for one eigenvalue; two are usual */

/*
 * Householder: I - beta v v' takes x, of n numbers, to a multiple of the first unit
 * vector, which is returned.  x becomes v; beta is 0 where nothing is to be done.
 */
static double
reflection(double *x, int32_t n, double *beta)
{
	double		most = 0;
	double		sum = 0;
	double		length;

	for (int32_t j = 1; j < n; j++)
		most = fmax(most, fabs(x[j]));
	*beta = 0;
	if (most == 0)
		return x[0];
	most = fmax(most, fabs(x[0]));
	for (int32_t j = 0; j < n; j++)
	{
		x[j] /= most;
		sum += x[j] * x[j];
	}
	length = copysign(sqrt(sum), x[0]);
	*beta = 1 / (sum + length * x[0]);
	x[0] += length;
	return -length * most;
}

#define FC_VARIANTS_OF "core/symmetric_loops.h"
#define FC_ONLY_F64
#include "core/variants.h"
#undef FC_ONLY_F64

const FcDot fc_dot[FC_ISAS] = FC_TABLE_F64(dot);
static bool (*const eliminate[FC_ISAS]) (double *, int32_t) = FC_TABLE_F64(eliminate);
static void (*const tridiagonalize[FC_ISAS]) (double *, int32_t, double *, double *, double *, double *, const FcHooks *)
			= FC_TABLE_F64(tridiagonalize);
static void (*const gather[FC_ISAS]) (const double *, int32_t, const double *, double *, const FcHooks *) = FC_TABLE_F64(gather);
static void (*const rotate[FC_ISAS]) (double *, int32_t, int32_t, int32_t, const double *, const double *) = FC_TABLE_F64(rotate);
static void (*const orthogonalize[FC_ISAS]) (double *, int32_t, double *, const FcHooks *) = FC_TABLE_F64(orthogonalize);

/* The upper triangle becomes the lower one, and is cleared */
static void
turn(double *a, int32_t d)
{
	for (int32_t i = 0; i < d; i++)
		for (int32_t j = 0; j < i; j++)
		{
			a[(int64_t) i * d + j] = a[(int64_t) j * d + i];
			a[(int64_t) j * d + i] = 0;
		}
}

/*
 * Cholesky: a becomes the lower triangle L, with A = L L'; of a the upper
 * triangle is used.  False, and a spoilt, if A is not positive definite.
 */
bool
fc_cholesky(double *a, int32_t d, int isa)
{
	if (!eliminate[isa] (a, d))
		return false;
	turn(a, d);
	return true;
}

/* One sweep of the QL method over rows first .. last; its rotations into c and s */
static void
sweep(double *diagonal, double *below, int32_t first, int32_t last, double *c, double *s)
{
	double		g = (diagonal[first + 1] - diagonal[first]) / (2 * below[first]);
	double		sine = 1;
	double		cosine = 1;
	double		p = 0;

	g = diagonal[last] - diagonal[first] + below[first] / (g + copysign(hypot(g, 1), g));
	for (int32_t i = last - 1; i >= first; i--)
	{
		double		f = sine * below[i];
		double		b = cosine * below[i];
		double		r = hypot(f, g);

		if (i + 1 < last)
			below[i + 1] = r;
		/* both are 0 where the matrix falls apart: no rotation */
		sine = r > 0 ? f / r : 0;
		cosine = r > 0 ? g / r : 1;
		g = diagonal[i + 1] - p;
		r = (diagonal[i] - g) * sine + 2 * cosine * b;
		p = sine * r;
		diagonal[i + 1] = g + p;
		g = cosine * r - b;
		c[i] = cosine;
		s[i] = sine;
	}
	diagonal[first] -= p;
	below[first] = g;
}

/* Makes the subdiagonal vanish; false if it does not.  work is (2, d) */
static bool
diagonalize(double *q, int32_t d, double *diagonal, double *below, double *work, int isa, const FcHooks *hooks)
{
	double		norm = 0;

	for (int32_t i = 0; i < d; i++)
		norm = fmax(norm, fabs(diagonal[i]) + (i + 1 < d ? fabs(below[i]) : 0));
	for (int32_t first = 0; first < d; first++)
		for (int sweeps = 0;; sweeps++)
		{
			int32_t		last = first;

			while (last + 1 < d && fabs(below[last]) > DBL_EPSILON / 2 * norm)
				last++;
			if (last == first)
				break;
			if (sweeps == MOST_SWEEPS)
				return false;
			fc_check(hooks);
			sweep(diagonal, below, first, last, work, work + d);
			rotate[isa] (q, d, first, last, work, work + d);
		}
	return true;
}

/* Divides by a power of two, 2^exponent, so that the largest number is about 1; false if one is not finite */
static bool
normalize(double *a, int32_t d, int *exponent)
{
	double		most = 0;

	for (int64_t i = 0; i < (int64_t) d * d; i++)
	{
		if (!isfinite(a[i]))
			return false;
		most = fmax(most, fabs(a[i]));
	}
	frexp(most, exponent);
	for (int64_t i = 0; i < (int64_t) d * d; i++)
		a[i] = ldexp(a[i], -*exponent);
	return true;
}

/* Largest first */
static void
sort(double *q, int32_t d, double *lambda)
{
	for (int32_t i = 0; i < d; i++)
	{
		int32_t		best = i;

		for (int32_t e = i + 1; e < d; e++)
			if (lambda[e] > lambda[best])
				best = e;
		for (int32_t j = 0; j < d && best != i; j++)
		{
			double		kept = q[(int64_t) i * d + j];

			q[(int64_t) i * d + j] = q[(int64_t) best * d + j];
			q[(int64_t) best * d + j] = kept;
		}
		if (best != i)
		{
			double		kept = lambda[i];

			lambda[i] = lambda[best];
			lambda[best] = kept;
		}
	}
}

/*
 * Eigenvalues, the largest first, into lambda (d), and their orthonormal vectors
 * into the rows of a, which holds the matrix, both triangles.  work has
 * FC_SYMMETRIC_WORK(d) numbers.  False if the method does not converge, or a number is not finite.
 */
bool
fc_symmetric_eigen(double *a, int32_t d, double *lambda, double *work, int isa, const FcHooks *hooks)
{
	double	   *q = work;
	double	   *below = work + (int64_t) d * d;
	double	   *beta = below + d;
	double	   *more = beta + d;
	int			exponent;

	if (!normalize(a, d, &exponent))
		return false;
	tridiagonalize[isa] (a, d, lambda, below, beta, more, hooks);
	gather[isa] (a, d, beta, q, hooks);
	if (!diagonalize(q, d, lambda, below, more, isa, hooks))
		return false;
	sort(q, d, lambda);
	for (int32_t i = 0; i < d; i++)
		lambda[i] = ldexp(lambda[i], exponent);
	memcpy(a, q, sizeof(double) * d * d);
	return true;
}

/* b becomes the lower triangle L, with a diagonal that is not negative, of B' B = L L'.  work is (2, d) */
void
fc_triangle(double *b, int32_t d, double *work, int isa, const FcHooks *hooks)
{
	orthogonalize[isa] (b, d, work, hooks);
	for (int32_t i = 0; i < d; i++)
		for (int32_t j = d - 1; j >= i; j--)
			b[(int64_t) i * d + j] = copysign(1, b[(int64_t) i * d + i]) * b[(int64_t) i * d + j];
	turn(b, d);
}
