/*
 * project.c - rows on a plane: their coordinates along the first two principal components
 *
 * With W the weights of rows, which add up to 1, and x' their differences to the mean, axes are
 * the eigenvectors of
 *
 *	C = X' W X							(eq. 1)
 *
 * that have the largest eigenvalues.  C is never formed: of d features it has d^2 numbers.  A basis
 * of a block Krylov space (Golub and Underwood 1977) begins with two vectors, and grows by what
 * the image C q of one of its vectors q has outside of it.  Of the vectors whose images are known,
 * C has a small matrix, whose eigenvectors are combinations of them; the rest of their images is
 * an error bound.  Two vectors to begin with, so that equal eigenvalues are found too.  Of few
 * features the basis is that of the space, the small matrix is C, and axes are exact.
 *
 * A frame is (3, width): the mean, and two axes of length 1, whose largest number is positive.  It is
 * found at the end of a training, on at most 2048 rows of its sample, fewer where rows are long: all rows if
 * they are few.  What is missing counts as the mean.  Of rows that vary along one axis only, or not
 * at all, the other axes are those closest to a feature.
 */
#include "core/project.h"

#include "core/sample.h"
#include "core/symmetric.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define MOST_ROWS		2048
#define FEWEST_ROWS		64		/* however long they are, if there are as many ... */
#define MOST_NUMBERS	(1 << 18)	/* ... else this many numbers */
#define MOST_VECTORS	50		/* in the basis */
#define FIRST_VECTORS	2
#define FEW_FEATURES	16
#define CHECKED			6		/* images after which the error is judged */
#define TOLERANCE		1e-6	/* of the first eigenvalue */
#define NOTHING			1e-13	/* part of a vector that is rounding */
#define LEAST_REACH		1e-290
#define SAME_SIZE		(1 - 1e-6)	/* part of the largest number that counts as as large */
#define STREAM			0x70726f6a	/* of random numbers, which do not depend on the seed of a training */

#define FC_VARIANTS_OF "core/project_loops.h"
#include "core/variants.h"

typedef void (*Center) (const void *x, int32_t n, double mean, double *column);
typedef void (*Add) (const void *x, int32_t n, double mean, double v, double *y);

static const Center center[FC_ISAS][2] = FC_TABLE(center);
static const Add add[FC_ISAS][2] = FC_TABLE(add);

/* Of n rows */
int32_t
fc_principal_rows(int64_t n, int32_t width)
{
	int64_t		rows = MOST_NUMBERS / width;

	rows = rows > MOST_ROWS ? MOST_ROWS : rows < FEWEST_ROWS ? FEWEST_ROWS : rows;
	return (int32_t) (rows < n ? rows : n);
}

/* copy: bytes of a number, if rows are to be copied, else 0 */
void
fc_principal_layout(FcArena *a, FcPrincipal *p, int64_t n, int32_t width, size_t copy)
{
	int32_t		rows = fc_principal_rows(n, width);

	memset(p, 0, sizeof(FcPrincipal));
	p->room = width < MOST_VECTORS ? width : MOST_VECTORS;
	if (copy > 0)
		p->x = fc_take(a, fc_times(rows, width), copy);
	p->from = fc_take(a, rows, sizeof(int32_t));
	p->basis = fc_take(a, fc_times(p->room, width), sizeof(double));
	p->image = fc_take(a, width, sizeof(double));
	p->outside = fc_take(a, p->room, sizeof(double));
	p->matrix = fc_take(a, fc_times(p->room, p->room), sizeof(double));
	p->vectors = fc_take(a, fc_times(p->room, p->room), sizeof(double));
	p->lambda = fc_take(a, p->room, sizeof(double));
	p->work = fc_take(a, FC_SYMMETRIC_WORK(p->room), sizeof(double));
	p->y = fc_take(a, rows, sizeof(double));
	p->column = fc_take(a, rows, sizeof(double));
}

/* Which of n rows: all, or one of each of equal stretches */
void
fc_principal_choose(FcPrincipal *p, int64_t n, int32_t width)
{
	FcRng		rng;

	fc_rng_start(&rng, 0, STREAM);
	p->cloud.n = fc_principal_rows(n, width);
	p->cloud.stride = p->cloud.n;
	p->cloud.width = width;
	for (int64_t i = 0; i < p->cloud.n; i++)
		p->from[i] = (int32_t) (p->cloud.n == n ? i : fc_one_of_stretch(i, p->cloud.n, n, &rng));
}

/* ---- C ---- */

static double
weight_of(const FcCloud *c, int32_t i)
{
	return c->weight ? c->weight[i] : 1;
}

static const void *
column_of(const FcCloud *c, int32_t j)
{
	return (const char *) c->x + j * c->stride * FC_SIZE(c->precision);
}

/* The mean of feature j; 0 where no row has it */
static double
mean_of(const FcCloud *c, int32_t j)
{
	double		weight = 0;
	double		sum = 0;

	for (int32_t i = 0; i < c->n; i++)
	{
		double		x = fc_get(column_of(c, j), c->precision, i);

		if (isnan(x))
			continue;
		weight += weight_of(c, i);
		sum += weight_of(c, i) * x;
	}
	return weight > 0 ? sum / weight : 0;
}

/* Means, and how far rows lie from them */
static void
describe(FcPrincipal *p, double *mean)
{
	FcCloud    *c = &p->cloud;

	p->total = p->reach = 0;
	for (int32_t i = 0; i < c->n; i++)
		p->total += weight_of(c, i);
	for (int32_t j = 0; j < c->width; j++)
	{
		mean[j] = mean_of(c, j);
		center[p->isa][c->precision] (column_of(c, j), c->n, mean[j], p->column);
		for (int32_t i = 0; i < c->n; i++)
			p->reach = fmax(p->reach, fabs(p->column[i]));
	}
	if (!(p->total > 0))
		p->reach = 0;
	p->mean = mean;
}

/* p->image = C v, with x' in units of the reach: products neither overflow nor vanish */
static void
find_image(FcPrincipal *p, const double *v)
{
	const FcCloud *c = &p->cloud;

	fc_check(p->hooks);
	memset(p->y, 0, sizeof(double) * c->n);
	for (int32_t j = 0; j < c->width; j++)
		if (v[j] != 0)
			add[p->isa][c->precision] (column_of(c, j), c->n, p->mean[j], v[j] / p->reach, p->y);
	for (int32_t i = 0; i < c->n; i++)
		p->y[i] *= weight_of(c, i) / p->total;
	fc_check(p->hooks);
	for (int32_t j = 0; j < c->width; j++)
	{
		center[p->isa][c->precision] (column_of(c, j), c->n, p->mean[j], p->column);
		p->image[j] = fc_dot[p->isa] (p->column, p->y, c->n) / p->reach;
	}
}

/* ---- the basis ---- */

static double *
basis_vector(const FcPrincipal *p, int32_t s)
{
	return p->basis + (int64_t) s * p->cloud.width;
}

/* to += f from */
static void
add_vector(double *to, double f, const double *from, int32_t width)
{
	for (int32_t j = 0; j < width; j++)
		to[j] += f * from[j];
}

static double
length_of(const FcPrincipal *p, const double *v)
{
	return sqrt(fc_dot[p->isa] (v, v, p->cloud.width));
}

/* Makes p->image orthogonal to the basis, again where that took most of it, which leaves rounding; returns its length */
static double
leave_basis(FcPrincipal *p)
{
	double		whole = length_of(p, p->image);
	double		length = whole;
	double		before;

	do
	{
		before = length;
		for (int32_t s = 0; s < p->count; s++)
			add_vector(p->image, -fc_dot[p->isa] (basis_vector(p, s), p->image, p->cloud.width), basis_vector(p, s), p->cloud.width);
		length = length_of(p, p->image);
	} while (length < before / 2 && length > NOTHING * whole);
	return length;
}

/* The basis gets what p->image has outside of it, if that is more than rounding and there is room; returns its length */
static double
extend(FcPrincipal *p)
{
	double		whole = length_of(p, p->image);
	double		length = leave_basis(p);
	double	   *next;

	if (!(length > NOTHING * whole))
		return 0;
	if (p->count == p->room)
		return length;
	next = basis_vector(p, p->count);
	for (int32_t j = 0; j < p->cloud.width; j++)
		next[j] = p->image[j] / length;
	p->count++;
	return length;
}

/* Images of random vectors, so that the basis has nothing of features that do not vary */
static void
begin_basis(FcPrincipal *p)
{
	FcRng		rng;

	fc_rng_start(&rng, 0, STREAM);
	p->count = 0;
	for (int b = 0; b < FIRST_VECTORS && p->count < p->room; b++)
	{
		double	   *v = basis_vector(p, p->count);

		for (int32_t j = 0; j < p->cloud.width; j++)
			v[j] = fc_rng_uniform(&rng) - 0.5;
		find_image(p, v);
		(void) extend(p);
	}
}

/* Eigenvectors of C in the space of the first "known" vectors, into rows of p->vectors; false: not found */
static bool
find_vectors(FcPrincipal *p, int32_t known)
{
	for (int32_t s = 0; s < known; s++)
		memcpy(p->vectors + (int64_t) s * known, p->matrix + (int64_t) s * p->room, sizeof(double) * known);
	return fc_symmetric_eigen(p->vectors, known, p->lambda, p->work, p->isa, p->hooks);
}

/* Are two eigenvectors known?  What is outside of the space is that of the last images */
static bool
is_settled(FcPrincipal *p, int32_t known)
{
	if (!find_vectors(p, known))
		return false;
	for (int a = 0; a < 2; a++)
	{
		double		squares = 0;

		for (int32_t s = known - FIRST_VECTORS; s < known; s++)
		{
			double		part = p->outside[s] * p->vectors[(int64_t) a * known + s];

			squares += part * part;
		}
		if (sqrt(squares) > TOLERANCE * p->lambda[0])
			return false;
	}
	return true;
}

/* All of C, in a basis of unit vectors */
static int32_t
take_features(FcPrincipal *p)
{
	int32_t		width = p->cloud.width;

	memset(p->basis, 0, sizeof(double) * width * width);
	for (int32_t j = 0; j < width; j++)
	{
		basis_vector(p, j)[j] = 1;
		find_image(p, basis_vector(p, j));
		memcpy(p->matrix + (int64_t) j * p->room, p->image, sizeof(double) * width);
	}
	return width;
}

/* Returns how many vectors of the basis have images that are known */
static int32_t
grow(FcPrincipal *p)
{
	int32_t		known = 0;

	begin_basis(p);
	while (known < p->count)
	{
		find_image(p, basis_vector(p, known));
		for (int32_t s = 0; s <= known; s++)
		{
			double		product = fc_dot[p->isa] (basis_vector(p, s), p->image, p->cloud.width);

			p->matrix[(int64_t) s * p->room + known] = p->matrix[(int64_t) known * p->room + s] = product;
		}
		p->outside[known++] = extend(p);
		if (known % CHECKED == 0 && is_settled(p, known))
			break;
	}
	return known;
}

/* ---- axes ---- */

/* Length 1, and positive where it is largest: the first number, where several are as large but for rounding */
static void
normalize(const FcPrincipal *p, double *axis)
{
	double		length = length_of(p, axis);
	double		most = 0;
	int32_t		j = 0;

	for (int32_t e = 0; e < p->cloud.width; e++)
		most = fmax(most, fabs(axis[e]));
	while (fabs(axis[j]) < SAME_SIZE * most)
		j++;
	length = axis[j] < 0 ? -length : length;
	for (int32_t e = 0; e < p->cloud.width; e++)
		axis[e] = axis[e] / length + 0.0;
}

/* An axis in place of one that rows do not have: orthogonal to the others, and close to the feature that these have least of */
static void
choose_axis(const FcPrincipal *p, const double *other, double *axis)
{
	int32_t		width = p->cloud.width;
	int32_t		least = 0;

	memset(axis, 0, sizeof(double) * width);
	if (other != NULL && width == 1)
		return;
	for (int32_t j = 1; other != NULL && j < width; j++)
		if (fabs(other[j]) < fabs(other[least]))
			least = j;
	axis[least] = 1;
	if (other != NULL)
		add_vector(axis, -other[least], other, width);
	normalize(p, axis);
}

/* Combines the basis; vectors are (known, known) */
static void
combine(const FcPrincipal *p, int32_t known, int which, double *axis)
{
	memset(axis, 0, sizeof(double) * p->cloud.width);
	for (int32_t s = 0; s < known; s++)
		add_vector(axis, p->vectors[(int64_t) which * known + s], basis_vector(p, s), p->cloud.width);
	normalize(p, axis);
}

/* The mean of the cloud, which is complete, and its axes, into frame (3, width) */
void
fc_principal_axes(FcPrincipal *p, int isa, const FcHooks *hooks, double *frame)
{
	int32_t		width = p->cloud.width;
	int32_t		known = 0;

	p->isa = isa;
	p->hooks = hooks;
	describe(p, frame);
	if (p->reach > LEAST_REACH)
		known = width > FEW_FEATURES ? grow(p) : take_features(p);
	if (known > 0 && !find_vectors(p, known))
		known = 0;
	for (int a = 0; a < 2; a++)
	{
		double	   *axis = frame + (int64_t) (a + 1) * width;

		if (a < known && p->lambda[a] > 4 * DBL_EPSILON * p->lambda[0])
			combine(p, known, a, axis);
		else
			choose_axis(p, a > 0 ? axis - width : NULL, axis);
	}
}

/* ---- frames of models ---- */

/* The rows that were chosen move to the front of the sample, which is not needed any more */
static void
thin_sample(FcSample *s, const FcPrincipal *p, FcPrecision precision)
{
	size_t		size = FC_SIZE(precision);

	if (p->cloud.n == s->n)
		return;
	for (int32_t j = 0; j < p->cloud.width; j++)
	{
		char	   *column = (char *) s->x + j * s->stride * size;

		for (int32_t i = 0; i < p->cloud.n; i++)
			memcpy(column + i * size, column + p->from[i] * size, size);
	}
	for (int32_t i = 0; s->weight && i < p->cloud.n; i++)
		s->weight[i] = s->weight[p->from[i]];
}

/* At the end of a training, of its sample: p is laid out for that */
void
fc_project_sample(FcFit *f, FcPrincipal *p)
{
	FcSample   *s = &f->sample;
	double	   *frame = FC_PROJECTION(f->model);

	fc_principal_choose(p, s->n, f->rows.d);
	thin_sample(s, p, f->rows.precision);
	p->cloud.x = s->x;
	p->cloud.stride = s->stride;
	p->cloud.weight = s->weight;
	p->cloud.precision = f->rows.precision;
	fc_principal_axes(p, f->isa, &f->hooks, frame);
	for (int32_t j = 0; f->offset && j < f->rows.d; j++)
		frame[j] += f->offset[j];
}

/* Of a model without a frame */
void
fc_project_centers_layout(FcArena *a, FcPrincipal *p, const FcModel *m)
{
	fc_principal_layout(a, p, m->k, fc_projection_width(m), sizeof(double));
}

/* The frame of its centers, which all count the same; of a network those of codes */
void
fc_project_centers(FcPrincipal *p, const FcModel *m, const FcHooks *hooks, double *frame)
{
	int32_t		width = fc_projection_width(m);
	const double *centers = m->algo->network ? m->algo->network->centers(m) : m->centers;
	double	   *x = p->x;

	fc_principal_choose(p, m->k, width);
	for (int32_t i = 0; i < p->cloud.n; i++)
		for (int32_t j = 0; j < width; j++)
			x[(int64_t) j * p->cloud.stride + i] = centers[(int64_t) p->from[i] * width + j];
	p->cloud.x = x;
	p->cloud.precision = FC_F64;
	fc_principal_axes(p, fc_best_isa(), hooks, frame);
}

/* Where z (width) is, a row as the model sees it, or its code: at (2) */
void
fc_project(const double *frame, int32_t width, const double *z, double *at)
{
	const double *axis = frame + width;

	at[0] = at[1] = 0;
	for (int32_t j = 0; j < width; j++)
	{
		double		away = z[j] - frame[j];

		if (isnan(away))
			continue;
		at[0] += away * axis[j];
		at[1] += away * axis[width + j];
	}
}
