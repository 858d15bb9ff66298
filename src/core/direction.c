/*
 * direction.c - rows and centers as directions, for the distance 1 - cos
 *
 * Rows are divided by their length once, where they are read.  Then
 *
 *	|x - v|^2 = 2 (1 - cos(x, v))								(eq. 1)
 *
 * for centers of length 1, and all that is done with squared Euclidean distances stays as it
 * is, but for the update: of all v of length 1
 *
 *	v_c = sum_i w_ic x_i / |sum_i w_ic x_i|						(eq. 2)
 *
 * makes sum_i w_ic |x_i - v_c|^2 least (Dhillon and Modha, 2001, for k-means; Kummamuru, Dhawale
 * and Krishnapuram, 2003, for fuzzy c-means).  What people see is 1 - cos: half of the squares.
 *
 * A row without length has no direction, and counts as one with a missing feature.
 */
#include "core/direction.h"
#include "core/kernel.h"

#include <math.h>

#define LEAST_SQUARES	1e-250	/* of a row: smaller sums may have lost digits */

/* The sum of squares; four sums run side by side */
static double
squares_of(const void *x, FcPrecision precision, int32_t d)
{
	const float *narrow = x;
	const double *wide = x;
	double		part[4] = {0};
	int32_t		whole = d / 4 * 4;

	if (precision == FC_F32)
		for (int32_t j = 0; j < whole; j += 4)
			for (int l = 0; l < 4; l++)
				part[l] += (double) narrow[j + l] * narrow[j + l];
	else
		for (int32_t j = 0; j < whole; j += 4)
			for (int l = 0; l < 4; l++)
				part[l] += wide[j + l] * wide[j + l];
	for (int32_t j = whole; j < d; j++)
		part[j - whole] += fc_get(x, precision, j) * fc_get(x, precision, j);
	return (part[0] + part[1]) + (part[2] + part[3]);
}

static double
largest_of(const void *x, FcPrecision precision, int32_t d)
{
	double		largest = 0;

	for (int32_t j = 0; j < d; j++)
		largest = fmax(largest, fabs(fc_get(x, precision, j)));
	return largest;
}

static void
divide(void *x, FcPrecision precision, int32_t d, double divisor)
{
	float	   *narrow = x;
	double	   *wide = x;

	if (precision == FC_F32)
		for (int32_t j = 0; j < d; j++)
			narrow[j] = (float) (narrow[j] / divisor);
	else
		for (int32_t j = 0; j < d; j++)
			wide[j] /= divisor;
}

/* Has a row no direction? */
bool
fc_is_zero(const double *x, int32_t d)
{
	int32_t		j = 0;

	while (j < d && x[j] == 0)
		j++;
	return j == d;
}

/* Divides x (d), finite numbers, by its length; false: that is 0 */
bool
fc_make_unit(void *x, FcPrecision precision, int32_t d)
{
	double		squares = squares_of(x, precision, d);

	if (squares < LEAST_SQUARES)
	{
		double		largest = largest_of(x, precision, d);

		if (largest == 0)
			return false;
		divide(x, precision, d, largest);
		squares = squares_of(x, precision, d);
	}
	divide(x, precision, d, sqrt(squares));
	return true;
}

/* All centers; false: one has no direction, and keeps its place */
bool
fc_make_centers_unit(FcModel *m)
{
	bool		all = true;

	for (int32_t c = 0; c < m->k; c++)
		all = fc_make_unit(m->centers + (int64_t) c * m->d, FC_F64, m->d) && all;
	return all;
}

/*
 * Eq. 2 for a center v (d) of rows in this precision, from their weighted sum.  Where the rows cancel
 * each other out, up to rounding, it stays.  Returns the squared way that it went.
 */
double
fc_move_direction(double *v, const double *sum, double weight, int32_t d, FcPrecision precision)
{
	double		length = sqrt(squares_of(sum, FC_F64, d));
	double		squared = 0;

	if (length <= FC_EPSILON(precision) * weight)
		return 0;
	for (int32_t j = 0; j < d; j++)
	{
		double		to = sum[j] / length;

		squared += (to - v[j]) * (to - v[j]);
		v[j] = to;
	}
	return squared;
}

/* A distance to center c as the kernel measures it, for people: see FcKernel.length */
double
fc_length(const FcModel *m, int32_t c, double distance)
{
	const FcKernel *kernel = m->algo->kernel;

	if (fc_measures_cosine(m))
		return distance / 2;
	return kernel->length ? kernel->length(m, c, distance) : sqrt(distance);
}

/* The radius of cluster c as a length among the features: eq. 1 */
double
fc_radius_of_features(const FcModel *m, int32_t c)
{
	return fc_measures_cosine(m) ? sqrt(2 * m->radius[c]) : m->radius[c];
}
