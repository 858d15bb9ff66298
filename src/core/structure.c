/*
 * structure.c - whether rows have clusters at all, by comparison with rows that have none
 *
 * Every algorithm finds k clusters in any rows, and on a long rectangle finds the same ones each time.  So two
 * signs of clusters are measured on a sample of the rows, and on draws of distributions without clusters that are as
 * wide as the rows in each direction:
 *
 *	s = max over k of the mean silhouette of k-means						(eq. 1: Rousseeuw 1987)
 *	g = max over edges e of the spanning tree of w_e, with w_ij = d_ij / sqrt(c_i c_j)		(eq. 2: spanning_tree.c)
 *
 * where c_i is the distance of row i to a near neighbour, and edges count that leave a fair share of the rows on both
 * sides.  The first is the sign of compact clusters.  The second is that of connected ones: parts of any shape with a gap
 * between them that is wide for the distances of rows around it.
 *
 * Nulls, in the coordinates of the principal components:
 *
 *	- a gaussian of the same covariance;
 *	- uniform in the box of the components (Tibshirani, Walther and Hastie 2001, gap statistic, choice b);
 *	- where rows have longer tails than a gaussian, radial: lengths of the rows, with each component in units of its
 *	  deviation, in directions drawn at random.
 *
 * Rows have clusters if g exceeds that of GAPS draws of each null: of rows that follow one of the nulls that has a
 * probability of at most 1 / 100 (Barnard 1963).  Or if s exceeds that of SILHOUETTES draws, and their mean by DEVIATIONS
 * standard deviations.  The first draw that is not exceeded decides.
 */
#include "core/structure.h"

#include <math.h>
#include <string.h>

#include "core/few_means.h"
#include "core/sort.h"
#include "core/spanning_tree.h"
#include "core/symmetric.h"

#define SILHOUETTES	19
#define DEVIATIONS	3			/* by which a silhouette exceeds the mean of the draws, too */
#define GAPS		99
#define SAME		1e-9		/* part of the range of a column: rounding, too */
#define NOTHING		1e-6		/* of the largest eigenvalue of a covariance: rounding, of machine and rows */
#define PI			3.14159265358979323846
#define STREAM		0x73747275	/* of random numbers; then one for each draw */

/* ---- memory ---- */

static int32_t
most_axes(const FcStructure *s)
{
	int32_t		least = s->d < s->n ? s->d : s->n;

	return least < FC_STRUCTURE_AXES ? least : FC_STRUCTURE_AXES;
}

void
fc_structure_layout(FcArena *a, FcStructure *s)
{
	int32_t		n = s->n;
	int32_t		axes = most_axes(s);
	FcFewMeans	means;
	FcSpanningTree tree;

	s->x = fc_take(a, fc_times(n, s->d), sizeof(double));
	s->z = fc_take(a, fc_times(n, axes), sizeof(double));
	s->reach = fc_take(a, fc_times(3, axes), sizeof(double));
	s->length = fc_take(a, n, sizeof(double));
	s->y = fc_take(a, fc_times(n, axes), sizeof(double));
	s->distance = fc_take(a, fc_times(n, n), sizeof(double));
	s->matrix = fc_take(a, fc_times(n, n), sizeof(double));
	s->values = fc_take(a, n, sizeof(double));
	s->work = fc_take(a, FC_SYMMETRIC_WORK(n), sizeof(double));
	fc_few_means_layout(a, &means, n, axes, s->most);
	s->means = fc_place(a, &means, sizeof(means));
	fc_spanning_tree_layout(a, &tree, n);
	s->tree = fc_place(a, &tree, sizeof(tree));
}

/* ---- rounded numbers ---- */

/* The least difference between values (n) that is more than rounding of the machine; 0: all are equal */
static double
resolution(double *values, int32_t n, const FcHooks *hooks)
{
	double		least = INFINITY;
	double		range;

	fc_sort_numbers(values, n, hooks);
	range = values[n - 1] - values[0];
	for (int32_t i = 1; i < n; i++)
		if (values[i] - values[i - 1] > SAME * range)
			least = fmin(least, values[i] - values[i - 1]);
	return range > 0 ? least : 0;
}

/*
 * Whole numbers, and others that are rounded, get digits by chance in place of those they have lost, as rows of the nulls
 * have them: else each value would be a cluster.  Where numbers are not rounded, this changes next to nothing.  False: all rows are equal.
 */
static bool
restore_digits(FcStructure *s, FcRng *rng)
{
	bool		differ = false;

	for (int32_t j = 0; j < s->d; j++)
	{
		double		unit;

		for (int32_t i = 0; i < s->n; i++)
			s->length[i] = s->x[(int64_t) i * s->d + j];
		unit = resolution(s->length, s->n, s->hooks);
		differ |= unit > 0;
		for (int32_t i = 0; i < s->n; i++)
			s->x[(int64_t) i * s->d + j] += unit * (fc_rng_uniform(rng) - .5);
	}
	return differ;
}

/* ---- principal components ---- */

/* Columns of x get the mean 0 */
static void
center_columns(FcStructure *s)
{
	for (int32_t j = 0; j < s->d; j++)
	{
		double		mean = 0;

		for (int32_t i = 0; i < s->n; i++)
			mean += s->x[(int64_t) i * s->d + j] / s->n;
		for (int32_t i = 0; i < s->n; i++)
			s->x[(int64_t) i * s->d + j] -= mean;
	}
}

/* Inner products of all rows: their eigenvectors times the roots of the eigenvalues are the components, in any number of columns */
static void
inner_products(FcStructure *s)
{
	FcDot		dot = fc_dot[s->isa];

	for (int32_t i = 0; i < s->n; i++)
	{
		fc_check(s->hooks);
		for (int32_t h = 0; h <= i; h++)
			s->matrix[(int64_t) i * s->n + h] = s->matrix[(int64_t) h * s->n + i] =
				dot(s->x + (int64_t) i * s->d, s->x + (int64_t) h * s->d, s->d);
	}
}

static void
measure_component(FcStructure *s, int32_t l)
{
	double	   *deviation = s->reach + l;
	double	   *low = deviation + s->width;
	double	   *high = low + s->width;

	*deviation = sqrt(s->values[l] / s->n);
	*low = INFINITY;
	*high = -INFINITY;
	for (int32_t i = 0; i < s->n; i++)
	{
		double		value = s->matrix[(int64_t) l * s->n + i] * sqrt(s->values[l]);

		s->z[(int64_t) i * s->width + l] = value;
		*low = fmin(*low, value);
		*high = fmax(*high, value);
	}
}

static void
measure_lengths(FcStructure *s)
{
	for (int32_t i = 0; i < s->n; i++)
	{
		double		squared = 0;

		for (int32_t l = 0; l < s->width; l++)
			squared += pow(s->z[(int64_t) i * s->width + l] / s->reach[l], 2);
		s->length[i] = sqrt(squared);
	}
}

/* False: all rows are equal, or a number was not finite */
static bool
find_components(FcStructure *s)
{
	center_columns(s);
	inner_products(s);
	if (!fc_symmetric_eigen(s->matrix, s->n, s->values, s->work, s->isa, s->hooks) || !(s->values[0] > 0))
		return false;
	s->width = 0;
	while (s->width < most_axes(s) && s->values[s->width] > NOTHING * s->values[0])
		s->width++;
	for (int32_t l = 0; l < s->width; l++)
		measure_component(s, l);
	measure_lengths(s);
	return true;
}

/* ---- nulls ---- */

/* Box and Muller 1958 */
static double
draw_normal(FcRng *rng)
{
	double		u = 1 - fc_rng_uniform(rng);

	return sqrt(-2 * log(u)) * cos(2 * PI * fc_rng_uniform(rng));
}

/* A row y (width) of a gaussian, or in its direction, of a length that a row has */
static void
draw_gaussian(const FcStructure *s, bool radial, FcRng *rng, double *y)
{
	double		squared = 0;
	double		factor = 1;

	for (int32_t l = 0; l < s->width; l++)
	{
		y[l] = draw_normal(rng);
		squared += y[l] * y[l];
	}
	if (radial && squared > 0)
		factor = s->length[fc_rng_below(rng, s->n)] / sqrt(squared);
	for (int32_t l = 0; l < s->width; l++)
		y[l] *= factor * s->reach[l];
}

static void
draw_from_box(const FcStructure *s, FcRng *rng, double *y)
{
	const double *low = s->reach + s->width;
	const double *high = low + s->width;

	for (int32_t l = 0; l < s->width; l++)
		y[l] = low[l] + fc_rng_uniform(rng) * (high[l] - low[l]);
}

static void
draw_rows(FcStructure *s, FcNull null, FcRng *rng)
{
	for (int32_t i = 0; i < s->n; i++)
	{
		double	   *y = s->y + (int64_t) i * s->width;

		if (null == FC_NULL_BOX)
			draw_from_box(s, rng, y);
		else
			draw_gaussian(s, null == FC_NULL_RADIAL, rng, y);
	}
}

/* ---- signs ---- */

static void
measure_distances(FcStructure *s, const double *x)
{
	for (int32_t i = 0; i < s->n; i++)
	{
		fc_check(s->hooks);
		for (int32_t h = 0; h <= i; h++)
			s->distance[(int64_t) i * s->n + h] = s->distance[(int64_t) h * s->n + i] =
				sqrt(fc_squared_distance(x + (int64_t) i * s->width, x + (int64_t) h * s->width, s->width));
	}
}

/* Eq. 1 */
static void
find_silhouette(FcStructure *s, const double *x, FcRng *rng, FcStructureSigns *signs)
{
	for (int32_t k = 2; k <= s->most; k++)
	{
		double		silhouette;

		fc_few_means(s->means, x, s->width, k, rng, s->hooks);
		silhouette = fc_few_silhouette(s->means, s->distance, k, s->hooks);
		if (silhouette <= signs->silhouette)
			continue;
		signs->silhouette = silhouette;
		signs->clusters = k;
	}
}

/* ---- the test ---- */

/* Does it say something of these rows?  Tails are longer than those of a gaussian if its fourth moment is exceeded (Mardia 1970) */
static bool
applies(const FcStructure *s, FcNull null)
{
	double		sum = 0;

	for (int32_t i = 0; i < s->n; i++)
		sum += pow(s->length[i], 4) / s->n;
	return null != FC_NULL_RADIAL || sum > s->width * (s->width + 2.0);
}

/* Draw number "draw" of a null, whose distances are measured */
static void
measure_draw(FcStructure *s, FcNull null, int draw, FcRng *rng)
{
	fc_rng_start(rng, s->seed, STREAM + 1 + (uint64_t) (null * GAPS + draw));
	draw_rows(s, null, rng);
	measure_distances(s, s->y);
}

/* Does the gap of the rows exceed those of all draws? */
static bool
exceeds_by_gap(FcStructure *s, FcNull null)
{
	FcRng		rng;

	for (int draw = 0; draw < GAPS && s->signs.gap > s->null[null].gap; draw++)
	{
		measure_draw(s, null, draw, &rng);
		s->null[null].gap = fmax(s->null[null].gap, fc_widest_gap(s->tree, s->distance, s->hooks));
	}
	return s->signs.gap > s->null[null].gap;
}

/* The same of the silhouette */
static bool
exceeds_by_silhouette(FcStructure *s, FcNull null)
{
	FcStructureSigns *largest = &s->null[null];
	double		mean = 0;
	double		squares = 0;
	FcRng		rng;

	for (int draw = 0; draw < SILHOUETTES && s->signs.silhouette > largest->silhouette; draw++)
	{
		FcStructureSigns signs = {.silhouette = -INFINITY};

		measure_draw(s, null, draw, &rng);
		find_silhouette(s, s->y, &rng, &signs);
		mean += signs.silhouette / SILHOUETTES;
		squares += signs.silhouette * signs.silhouette / SILHOUETTES;
		if (signs.silhouette <= largest->silhouette)
			continue;
		largest->silhouette = signs.silhouette;
		largest->clusters = signs.clusters;
	}
	return s->signs.silhouette > largest->silhouette &&
		s->signs.silhouette > mean + DEVIATIONS * sqrt(fmax(0, squares - mean * mean));
}

/* Does a sign exceed those of all nulls that say something of the rows? */
static bool
exceeds_all(FcStructure *s, bool (*exceeds) (FcStructure *s, FcNull null))
{
	for (FcNull null = 0; null < FC_NULLS; null++)
		if (applies(s, null) && !exceeds(s, null))
			return false;
	return true;
}

static void
find_signs(FcStructure *s, FcRng *rng)
{
	s->signs = (FcStructureSigns) {.silhouette = -INFINITY};
	measure_distances(s, s->z);
	find_silhouette(s, s->z, rng, &s->signs);
	s->signs.gap = fc_widest_gap(s->tree, s->distance, s->hooks);
	for (FcNull null = 0; null < FC_NULLS; null++)
		s->null[null] = (FcStructureSigns) {.silhouette = -INFINITY};
}

/*
 * Finds whether there are clusters, by either sign.  False: it cannot be said, as rows are too few, or all equal.
 */
bool
fc_structure_test(FcStructure *s)
{
	FcRng		rng;

	s->by_silhouette = s->by_gap = false;
	fc_rng_start(&rng, s->seed, STREAM);
	if (s->most < 2 || s->n <= s->most)
		return false;
	if (!restore_digits(s, &rng) || !find_components(s))
		return false;
	find_signs(s, &rng);
	s->by_gap = exceeds_all(s, exceeds_by_gap);
	s->by_silhouette = !s->by_gap && exceeds_all(s, exceeds_by_silhouette);
	return true;
}
