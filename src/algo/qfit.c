/*
 * qfit.c - growth of q at a fixed temperature that is equivalent to cooling
 * (Yasuda, 2015, eq. 12 to 15)
 *
 * N(q, T, d) = (1 + (q - 1) d / T)^(-q / (q - 1)) is the numerator of u^q.
 * For each T on the way from T_high down, find the q whose N at T_high is
 * closest to that of q0 at T, by least squares over distances d from 0 to
 * "farthest":
 *
 *	q(T) = argmin_q  integral (N(q0, T, d) - N(q, T_high, d))^2 dd		(eq. 1)
 *
 * and ln q = ln a + b ln T is fitted to these by least squares again.  N
 * changes near 0, on a scale that shrinks with T; so the integral is a sum
 * over graded points, d = farthest x^2 for equally spaced x, a few hundred of
 * which suffice.
 */
#include "algo/qfit.h"

#include <math.h>

#define TEMPERATURES	16
#define COLDEST			3.0		/* the last T is T_high exp(-this) */
#define REACH			2.0		/* of the search for ln(q - 1), either way */
#define CLOSE			1e-6	/* between ln(q - 1) and the best */
#define GOLDEN			0.3819660112501051

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
	FcFitGrid	grid;
	const FcHooks *hooks;
} Target;

/* The integral of eq. 1, up to a factor, at q = 1 + exp(log_q) */
static double
misfit(const Target *g, double log_q)
{
	double		q = 1 + exp(log_q);
	double		sum = 0;

	fc_check(g->hooks);
	for (int i = 0; i < g->grid.points; i++)
	{
		double		x = (double) i / (g->grid.points - 1);
		double		d = g->grid.farthest * (g->grid.graded ? x * x : x);
		double		difference = numerator(g->q0, g->t, d) - numerator(q, g->t_high, d);

		sum += difference * difference * (g->grid.graded ? x : 1);
	}
	return sum;
}

/* A point and its misfit */
typedef struct Point
{
	double		at;
	double		misfit;
} Point;

/* The way from p[0] to the lowest point of the parabola through three points; 0 if there is none */
static double
way_to_vertex(const Point *p)
{
	double		r = (p[0].at - p[1].at) * (p[0].misfit - p[2].misfit);
	double		s = (p[0].at - p[2].at) * (p[0].misfit - p[1].misfit);
	double		up = (p[0].at - p[2].at) * s - (p[0].at - p[1].at) * r;
	double		down = 2 * (s - r);

	return down == 0 ? 0 : -up / down;
}

/* The lowest point lies between low and high; next narrows its position */
static void
narrow(double *low, double *high, const Point *p, Point next)
{
	bool		better = next.misfit <= p[0].misfit;
	double		bound = better ? p[0].at : next.at;

	if ((next.at < p[0].at) == better)
		*high = bound;
	else
		*low = bound;
}

static void
remember(Point *p, Point next)
{
	if (next.misfit <= p[0].misfit)
	{
		p[2] = p[1];
		p[1] = p[0];
		p[0] = next;
	}
	else if (next.misfit <= p[1].misfit || p[1].at == p[0].at)
	{
		p[2] = p[1];
		p[1] = next;
	}
	else if (next.misfit <= p[2].misfit || p[2].at == p[0].at || p[2].at == p[1].at)
		p[2] = next;
}

/*
 * Eq. 1 for ln(q - 1), about q - 1 = (q0 - 1) T_high / T, which N suggests as it
 * depends mainly on (q - 1) / T.  By parabolas through the three best points,
 * and golden sections where a parabola leads nowhere (Brent, 1973, chapter 5).
 */
static double
best_q(const Target *g)
{
	double		guess = log(fmax(g->q0 - 1, 1e-3) * g->t_high / g->t);
	double		low = guess - REACH;
	double		high = guess + REACH;
	double		last = high - low;	/* the step before the last */
	double		step = last;
	Point		p[3] = {{guess, misfit(g, guess)}};	/* the best three, best first */

	p[1] = p[2] = p[0];
	while (high - low > CLOSE && fmax(p[0].at - low, high - p[0].at) > CLOSE)
	{
		double		parabola = way_to_vertex(p);
		bool		leads = parabola != 0 && fabs(parabola) < fabs(last) / 2 &&
			p[0].at + parabola > low && p[0].at + parabola < high;
		double		golden = GOLDEN * (p[0].at > (low + high) / 2 ? low - p[0].at : high - p[0].at);
		Point		next;

		last = leads ? step : golden;
		step = leads ? parabola : golden;
		if (fabs(step) < CLOSE / 3)
			step = copysign(CLOSE / 3, step);
		next.at = p[0].at + step;
		next.misfit = misfit(g, next.at);
		narrow(&low, &high, p, next);
		remember(p, next);
	}
	return 1 + exp(p[0].at);
}

/* a and b of q = a T^b */
void
fc_fit_q(double q0, double t_high, FcFitGrid grid, const FcHooks *hooks, double *a, double *b)
{
	double		sum_x = 0;
	double		sum_y = 0;
	double		sum_xx = 0;
	double		sum_xy = 0;

	for (int i = 0; i < TEMPERATURES; i++)
	{
		double		t = t_high * exp(-COLDEST * i / (TEMPERATURES - 1));
		Target		g = {q0, t, t_high, grid, hooks};
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
