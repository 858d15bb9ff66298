/*
 * skew.c - how lopsided a column is, and on which scale it is less so
 *
 *	skewness = mean of ((x - mean) / deviation)^3					(eq. 1)
 *
 * A column of amounts, times or counts has most values near zero and a few far from it; k-means makes the latter a
 * cluster.  Tukey's ladder of powers (1977): the scale on which eq. 1 is least, of x, its square and cube root and its logarithm.
 * Roots are of the difference to the least value, so that they do not depend on where zero is; for the logarithm all values must
 * be above 0.  A column with a long tail on the other side is turned round before.
 */
#include "core/skew.h"

#include <math.h>

static double
on_scale(double x, double least, FcPower power)
{
	switch (power)
	{
		case FC_SQUARE_ROOT:
			return sqrt(x - least);
		case FC_CUBE_ROOT:
			return cbrt(x - least);
		case FC_LOGARITHM:
			return log(x);
		default:
			return x;
	}
}

/* Eq. 1 of values (n) on a scale; 0 if all are equal */
static double
skewness_on(const double *values, int32_t n, double least, FcPower power)
{
	double		mean = 0;
	double		squares = 0;
	double		cubes = 0;

	for (int32_t i = 0; i < n; i++)
		mean += on_scale(values[i], least, power) / n;
	for (int32_t i = 0; i < n; i++)
	{
		double		difference = on_scale(values[i], least, power) - mean;

		squares += difference * difference / n;
		cubes += difference * difference * difference / n;
	}
	return squares > 0 ? cubes / (squares * sqrt(squares)) : 0;
}

double
fc_skewness(const double *values, int32_t n)
{
	return skewness_on(values, n, 0, FC_AS_IT_IS);
}

/* The standard deviation of values (n), and their mean */
double
fc_deviation(const double *values, int32_t n, double *mean)
{
	double		squares = 0;

	*mean = 0;
	for (int32_t i = 0; i < n; i++)
		*mean += values[i] / n;
	for (int32_t i = 0; i < n; i++)
		squares += (values[i] - *mean) * (values[i] - *mean) / n;
	return sqrt(squares);
}

static double
least_of(const double *values, int32_t n)
{
	double		least = INFINITY;

	for (int32_t i = 0; i < n; i++)
		least = fmin(least, values[i]);
	return least;
}

/* Puts values (n) that are skewed on the scale on which they are least so; returns which */
FcPower
fc_straighten(double *values, int32_t n)
{
	double		skewness = fc_skewness(values, n);
	FcPower		best = FC_AS_IT_IS;
	double		least;

	if (fabs(skewness) <= FC_SKEWED)
		return best;
	for (int32_t i = 0; i < n && skewness < 0; i++)
		values[i] = -values[i];
	skewness = fabs(skewness);
	least = least_of(values, n);
	for (FcPower power = FC_SQUARE_ROOT; power <= FC_LOGARITHM; power++)
	{
		double		other = power == FC_LOGARITHM && least <= 0 ? INFINITY : fabs(skewness_on(values, n, least, power));

		if (other < skewness)
		{
			skewness = other;
			best = power;
		}
	}
	for (int32_t i = 0; i < n; i++)
		values[i] = on_scale(values[i], least, best);
	return best;
}
