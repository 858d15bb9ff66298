/*
 * qfit.c - how q must grow for a fixed temperature to do what cooling does
 * (Yasuda, 2015, eq. 12 to 15)
 *
 * N(q, T, d) = (1 + (q - 1) d / T)^(-q / (q - 1)) is the numerator of u^q.  For
 * each T on the way from T_high down, the q is sought whose N at T_high comes
 * closest to that of q0 at T, by least squares over equally spaced distances d
 * from 0 to "farthest":
 *
 *	q(T) = argmin_q  sum_d (N(q0, T, d) - N(q, T_high, d))^2		(eq. 1)
 *
 * and ln q = ln a + b ln T is fitted to these by least squares again.
 */
#include "algo/qfit.h"

#include <math.h>

#define TEMPERATURES	16
#define COLDEST			3.0		/* the last T is T_high exp(-this) */

static double
numerator(double q, double t, double d)
{
	return q - 1 < 1e-9 ? exp(-d / t) : exp(-q / (q - 1) * log1p((q - 1) * d / t));
}

typedef struct Target
{
	double		q0;
	double		t;
	double		t_high;
	double		farthest;
	int			distances;
	const FcHooks *hooks;
} Target;

/* The sum of eq. 1 */
static double
misfit(const Target *g, double q)
{
	double		sum = 0;

	fc_check(g->hooks);
	for (int i = 0; i < g->distances; i++)
	{
		double		d = g->farthest * i / (g->distances - 1);
		double		difference = numerator(g->q0, g->t, d) - numerator(q, g->t_high, d);

		sum += difference * difference;
	}
	return sum;
}

/*
 * Eq. 1 by golden sections in ln(q - 1), about q - 1 = (q0 - 1) T_high / T,
 * which N suggests as it depends mainly on (q - 1) / T.
 */
static double
best_q(const Target *g)
{
	const double golden = 0.6180339887498949;
	double		guess = log(fmax(g->q0 - 1, 1e-3) * g->t_high / g->t);
	double		low = guess - 2;
	double		high = guess + 2;
	double		a = high - golden * (high - low);
	double		b = low + golden * (high - low);
	double		at_a = misfit(g, 1 + exp(a));
	double		at_b = misfit(g, 1 + exp(b));

	while (high - low > 1e-6)
	{
		if (at_a < at_b)
		{
			high = b;
			b = a;
			at_b = at_a;
			a = high - golden * (high - low);
			at_a = misfit(g, 1 + exp(a));
		}
		else
		{
			low = a;
			a = b;
			at_a = at_b;
			b = low + golden * (high - low);
			at_b = misfit(g, 1 + exp(b));
		}
	}
	return 1 + exp((low + high) / 2);
}

/* a and b of q = a T^b */
void
fc_fit_q(double q0, double t_high, double farthest, int distances, const FcHooks *hooks, double *a, double *b)
{
	double		sum_x = 0;
	double		sum_y = 0;
	double		sum_xx = 0;
	double		sum_xy = 0;

	for (int i = 0; i < TEMPERATURES; i++)
	{
		double		t = t_high * exp(-COLDEST * i / (TEMPERATURES - 1));
		Target		g = {q0, t, t_high, farthest, distances, hooks};
		double		x = log(t);
		double		y = log(best_q(&g));

		sum_x += x;
		sum_y += y;
		sum_xx += x * x;
		sum_xy += x * y;
	}
	*b = (TEMPERATURES * sum_xy - sum_x * sum_y) / (TEMPERATURES * sum_xx - sum_x * sum_x);
	*a = exp((sum_y - *b * sum_x) / TEMPERATURES);
}
