/*
 * anderson.c - extrapolation of a fixed-point iteration v = G(v) (Anderson, 1965)
 *
 * With f(v) = G(v) - v and the differences df_i, dG_i of f and G between the
 * last points, at most FC_MIXED_STEPS of them,
 *
 *	gamma = argmin |f(v) - sum_i gamma_i df_i|				(eq. 1)
 *	next v = G(v) - sum_i gamma_i dG_i						(eq. 2)
 *
 * in the notation of Walker and Ni (2011, doi 10.1137/10078356X).  Where G is
 * nearly linear this takes about the steps of GMRES, and not the many of an
 * iteration whose rate is near 1.
 *
 * Far from a fixed point the mixture can be worse than G(v).  The caller knows
 * an objective that G never raises, so, as Zhang, O'Donoghue and Boyd (2020, doi
 * 10.1137/18M1232772) do by the residual, a mixture is kept only if the objective
 *
 *	J(next v) <= J(v) + 4 epsilon |J(v)|						(eq. 3)
 *
 * with the epsilon of the rows, which J cannot resolve better.  Else the plain
 * step G(v), which is kept for that, is next: one pass has been lost.  The next
 * mixtures then go a smaller part of the way from G(v), a quarter of the last, which doubles
 * with each that is kept.  Where a plain step makes the residual longer, the iteration
 * leaves a saddle point, to which eq. 2 would lead back: the differences are forgotten, and
 *
 *	next v = G(v) + l f(v),  l = 1, 2, 4, ...					(eq. 4)
 *
 * as long as eq. 3 holds and the residual grows.
 *
 * Eq. 1 is solved by a QR factorization, modified Gram-Schmidt from the newest
 * difference to the oldest; one that is nearly a combination of newer ones is
 * left out.  All sums run in one order.
 */
#include "core/anderson.h"

#include <math.h>
#include <string.h>

#define MOST_NUMBERS	(1 << 22)	/* of the differences: longer points have fewer of them */
#define DEPENDENT		1e-7		/* the share of a difference that must be new */
#define ROUNDINGS		4			/* of the objective, eq. 3 */
#define LEAST_SHARE		0.01		/* of a mixture's way from the plain step */
#define MOST_LEAP		16			/* the l of eq. 4 */

/* Memory for points of "length" numbers; without room for two differences there is no extrapolation */
void
fc_mixing_layout(FcArena *a, FcMixing *x, uint64_t length)
{
	uint64_t	room = length > 0 ? MOST_NUMBERS / 2 / length : 0;
	uint64_t	window = room < FC_MIXED_STEPS ? room : FC_MIXED_STEPS;

	if (window > length)
		window = length;
	*x = (FcMixing) {.length = length, .window = (int32_t) window};
	if (window == 0)
		return;
	x->from = fc_take(a, length, sizeof(double));
	x->image = fc_take(a, length, sizeof(double));
	x->residual = fc_take(a, length, sizeof(double));
	x->images = fc_take(a, fc_times(window, length), sizeof(double));
	x->residuals = fc_take(a, fc_times(window, length), sizeof(double));
	x->basis = fc_take(a, fc_times(window, length), sizeof(double));
}

/* Forgets all points */
void
fc_mixing_begin(FcMixing *x)
{
	x->count = 0;
	x->newest = 0;
	x->has_last = x->is_mixed = false;
	x->size = INFINITY;
	x->leap = 0;
	x->share = 1;
}

/* Is the point of this pass a mixture, and too bad to keep? */
bool
fc_mixing_rejects(const FcMixing *x, double objective, FcPrecision precision)
{
	double		allowed = x->objective + ROUNDINGS * FC_EPSILON(precision) * fabs(x->objective);

	return x->is_mixed && !(objective <= allowed);
}

/* The plain step as the next point */
void
fc_mixing_take_back(FcMixing *x, double *v)
{
	memcpy(v, x->image, x->length * sizeof(double));
	x->is_mixed = false;
	x->leap = 0;
	x->share = fmax(x->share / 4, LEAST_SHARE);
}

/* Before a point v becomes its image: fc_mixing_next() needs both */
void
fc_mixing_from(FcMixing *x, const double *v)
{
	memcpy(x->from, v, x->length * sizeof(double));
}

/* Adds the point x->from with its image to the differences */
static void
remember(FcMixing *x, const double *image)
{
	double	   *dimage;
	double	   *dresidual;

	if (x->has_last)
	{
		x->newest = (x->newest + 1) % x->window;
		x->count += x->count < x->window;
	}
	dimage = x->images + x->newest * x->length;
	dresidual = x->residuals + x->newest * x->length;
	for (size_t i = 0; i < x->length; i++)
	{
		double		residual = image[i] - x->from[i];

		if (x->has_last)
		{
			dimage[i] = image[i] - x->image[i];
			dresidual[i] = residual - x->residual[i];
		}
		x->image[i] = image[i];
		x->residual[i] = residual;
	}
	x->has_last = true;
}

/* a -= factor * b */
static void
subtract(double *a, double factor, const double *b, size_t length)
{
	for (size_t i = 0; i < length; i++)
		a[i] -= factor * b[i];
}

/* The place of a difference, from the newest */
static int32_t
place_of(const FcMixing *x, int32_t age)
{
	return (x->newest - age + x->window) % x->window;
}

/* A factorization: columns are differences of the residuals that are not left out */
typedef struct Factors
{
	int32_t		count;
	int32_t		place[FC_MIXED_STEPS];	/* of each */
	double		r[FC_MIXED_STEPS][FC_MIXED_STEPS];	/* upper triangle */
} Factors;

/* The next column of the factorization, unless it is nearly a combination of those before */
static void
add_column(FcMixing *x, Factors *f, int32_t place)
{
	const double *column = x->residuals + place * x->length;
	double	   *q = x->basis + f->count * x->length;
	double		size = sqrt(fc_inner_product(column, column, x->length));
	double		left;

	memcpy(q, column, x->length * sizeof(double));
	for (int32_t i = 0; i < f->count; i++)
	{
		const double *other = x->basis + i * x->length;

		f->r[i][f->count] = fc_inner_product(other, q, x->length);
		subtract(q, f->r[i][f->count], other, x->length);
	}
	left = sqrt(fc_inner_product(q, q, x->length));
	if (!(left > DEPENDENT * size))
		return;
	for (size_t i = 0; i < x->length; i++)
		q[i] /= left;
	f->r[f->count][f->count] = left;
	f->place[f->count++] = place;
}

/* Eq. 1 */
static void
solve(FcMixing *x, Factors *f, double *gamma)
{
	f->count = 0;
	for (int32_t age = 0; age < x->count; age++)
		add_column(x, f, place_of(x, age));
	for (int32_t i = 0; i < f->count; i++)
		gamma[i] = fc_inner_product(x->basis + i * x->length, x->residual, x->length);
	for (int32_t i = f->count - 1; i >= 0; i--)
	{
		for (int32_t j = i + 1; j < f->count; j++)
			gamma[i] -= f->r[i][j] * gamma[j];
		gamma[i] /= f->r[i][i];
	}
}

/*
 * Is the fixed point that the differences point to one that plain steps leave, as a
 * saddle point of the objective?  Then the residual grows along them
 */
static bool
is_leaving(FcMixing *x)
{
	double		before = x->size;

	x->size = fc_inner_product(x->residual, x->residual, x->length);
	return (!x->is_mixed || x->leap > 0) && x->size > before;
}

/* Eq. 4: v is G of the last point */
static void
leap(FcMixing *x, double *v)
{
	x->count = 0;
	x->leap = x->leap > 0 ? fmin(2 * x->leap, MOST_LEAP) : 1;
	subtract(v, -x->leap, x->residual, x->length);
	x->is_mixed = true;
}

/* Eq. 2, as far as is trusted */
static void
mix(FcMixing *x, double *v)
{
	double		gamma[FC_MIXED_STEPS];
	Factors		f;

	x->leap = 0;
	solve(x, &f, gamma);
	for (int32_t i = 0; i < f.count; i++)
		subtract(v, x->share * gamma[i], x->images + f.place[i] * x->length, x->length);
	x->is_mixed = f.count > 0;
}

/*
 * After a pass at x->from, where the objective is given: v, which is G of it,
 * becomes the point of the next pass
 */
void
fc_mixing_next(FcMixing *x, double *v, double objective)
{
	if (x->is_mixed)
		x->share = fmin(2 * x->share, 1);
	remember(x, v);
	x->objective = objective;
	if (is_leaving(x))
		leap(x, v);
	else
		mix(x, v);
	for (size_t i = 0; i < x->length && x->is_mixed; i++)
		x->is_mixed = isfinite(v[i]);
	if (!x->is_mixed)
		memcpy(v, x->image, x->length * sizeof(double));
}
