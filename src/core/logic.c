/*
 * logic.c - uninorm, absorbing norm, and the fuzzy logical distance
 *
 * A generator u_e maps the unit interval onto the reals, with u_e(e) = 0
 * (Fodor, Yager and Rybalov, 1997; Batyrshin, Kaynak and Rudas, 2002).  With
 * u = u_theta and v = u_vartheta:
 *
 *	x (+) y = u^-1(u(x) + u(y)),  (-) x = u^-1(-u(x))		uninorm, negation	(eq. 1)
 *	x (x) y = v^-1(v(x) v(y))								absorbing norm		(eq. 2)
 *	S(x, y) = (x (-) y) (x) (y (-) x),  D(x, y) = (-) S(x, y)					(eq. 3)
 *	D(x, y) = (+)_j D(x_j, y_j),  d = (D - theta) / (1 - theta)					(eq. 4)
 *
 * (Kagan, Novoselsky and Rybalov, 2025).  Everything about two vectors is in
 * Sigma = u(D), which adds up over the columns.  With c = v(theta):
 *
 *	Sigma(x, y) = sum_j (u(x_j) - u(y_j))^2 + d c (1 - c)						(eq. 5)
 *
 * for generators that shift, u_e(x) = u(x) - u(e), and for all if c = 0.  Rank
 * by Sigma: in double precision d is 1 from Sigma = 37 on.
 *
 *	logit		u_e(x) = ln(x / (1 - x)) - ln(e / (1 - e))
 *	power		u_e(x) = ln(x^a / (1 - x^a)), a = -ln 2 / ln e
 *	cauchy		u_e(x) = tan(pi (x - 1/2)) - tan(pi (e - 1/2))
 *
 * At 0 and 1, where u is infinite: equal values have difference 0, others an
 * infinite one, so d(0, 0) = 0 and d(0, 1) = 1; 0 (+) 1 = 0, as in a conjunctive
 * uninorm; vartheta absorbs 0 and 1 too.
 */
#include "core/logic.h"

#include <string.h>

#define FC_VARIANTS_OF "core/logic_loops.h"
#include "core/variants.h"

#define PI	3.14159265358979323846
#define LN2	0.69314718055994530942

/* ---- logit ---- */

static double
logit(double x)
{
	return log(x / (1 - x));
}

static double
shift_carry(double z, const FcZero *from, const FcZero *to)
{
	return z + (from->parameter - to->parameter);
}

static double
logit_forward(double x, const FcZero *zero)
{
	return logit(x) - zero->parameter;
}

static double
logit_inverse(double z, const FcZero *zero)
{
	return 1 / (1 + exp(-(z + zero->parameter)));
}

static double
logit_rise(double z, const FcZero *zero)
{
	double		fall = expm1(-z);

	return -fall / (1 + (1 + fall) * (1 - zero->e) / zero->e);
}

/* ---- power ---- */

static double
power_exponent(double e)
{
	return -LN2 / log(e);
}

static double
power_forward(double x, const FcZero *zero)
{
	double		s = zero->parameter * log(x);

	return s - log(-expm1(s));
}

/* ln(1 + e^-z) */
static double
softplus(double z)
{
	return z > 0 ? log1p(exp(-z)) : log1p(exp(z)) - z;
}

static double
power_inverse(double z, const FcZero *zero)
{
	return exp(-softplus(z) / zero->parameter);
}

/*
 * power_forward of power_inverse, but from the logarithm of x: near 1 the
 * values themselves would be too coarse, and farther on there is an asymptote.
 */
static double
power_carry(double z, const FcZero *from, const FcZero *to)
{
	double		ratio = to->parameter / from->parameter;
	double		far = z - log(ratio);
	double		s = -ratio * softplus(z);

	return z > 37 && far > 37 ? far : s - log(-expm1(s));
}

static double
power_rise(double z, const FcZero *zero)
{
	return zero->e * expm1(-log1p(expm1(-z) / 2) / zero->parameter) / (1 - zero->e);
}

/* ---- cauchy ---- */

/* tan(pi (x - 1/2)); near 0 and 1 from the distance to them, which is exact */
static double
cotangent(double x)
{
	if (x < 0.25)
		return -1 / tan(PI * x);
	if (x > 0.75)
		return 1 / tan(PI * (1 - x));
	return tan(PI * (x - 0.5));
}

static double
cauchy_forward(double x, const FcZero *zero)
{
	return cotangent(x) - zero->parameter;
}

static double
cauchy_inverse(double z, const FcZero *zero)
{
	return atan2(1, -(z + zero->parameter)) / PI;
}

/* atan(p + z) - atan(p) as one angle */
static double
cauchy_rise(double z, const FcZero *zero)
{
	double		p = zero->parameter;

	return atan2(z, 1 + p * (p + z)) / (PI * (1 - zero->e));
}

/* ---- the generators ---- */

const FcGenerator fc_generators[] = {
	{
		.name = "logit", .shifts = true, .parameter = logit,
		.forward = logit_forward, .inverse = logit_inverse, .carry = shift_carry, .rise = logit_rise
	},
	{
		.name = "power", .shifts = false, .parameter = power_exponent,
		.forward = power_forward, .inverse = power_inverse, .carry = power_carry, .rise = power_rise
	},
	{
		.name = "cauchy", .shifts = true, .parameter = cotangent,
		.forward = cauchy_forward, .inverse = cauchy_inverse, .carry = shift_carry, .rise = cauchy_rise
	},
	{.name = NULL}
};

/* NULL if the name, which need not end with a zero byte, is unknown */
const FcGenerator *
fc_find_generator(const char *name, size_t length)
{
	for (const FcGenerator *g = fc_generators; g->name != NULL; g++)
		if (strlen(g->name) == length && memcmp(g->name, name, length) == 0)
			return g;
	return NULL;
}

void
fc_logic_begin(FcLogic *l, const FcGenerator *generator, double theta, double vartheta)
{
	double		c;

	l->generator = generator;
	l->isa = fc_best_isa();
	l->theta.e = theta;
	l->theta.parameter = generator->parameter(theta);
	l->vartheta = l->theta;
	l->squares = true;
	l->excess = 0;
	if (vartheta == theta)
		return;

	l->vartheta.e = vartheta;
	l->vartheta.parameter = generator->parameter(vartheta);
	l->squares = generator->shifts;
	c = generator->forward(theta, &l->vartheta);
	l->excess = c * (1 - c);
}

/* ---- the operators ---- */

/* So that the neutral and the absorbing element are reproduced exactly */
static double
invert(const FcLogic *l, double z, const FcZero *zero)
{
	return z == 0 ? zero->e : l->generator->inverse(z, zero);
}

/* Eq. 1 */
double
fc_uninorm(const FcLogic *l, double x, double y)
{
	double		z;

	if (x == l->theta.e)
		return y;
	if (y == l->theta.e)
		return x;
	z = l->generator->forward(x, &l->theta) + l->generator->forward(y, &l->theta);
	return isnan(z) ? 0 : invert(l, z, &l->theta);	/* 0 with 1 */
}

/* Eq. 2 */
double
fc_absorbing_norm(const FcLogic *l, double x, double y)
{
	double		z;

	if (x == l->vartheta.e || y == l->vartheta.e)
		return l->vartheta.e;
	z = l->generator->forward(x, &l->vartheta) * l->generator->forward(y, &l->vartheta);
	return isnan(z) ? l->vartheta.e : invert(l, z, &l->vartheta);	/* 0 or 1 with vartheta, up to rounding */
}

/* Eq. 1 */
double
fc_logical_not(const FcLogic *l, double x)
{
	return invert(l, -l->generator->forward(x, &l->theta), &l->theta);
}

/* ---- dissimilarity and distance ---- */

/* The first element that is not in [0, 1], or -1 */
int32_t
fc_outside_unit(const double *x, int32_t d)
{
	for (int32_t j = 0; j < d; j++)
		if (!(x[j] >= 0 && x[j] <= 1))
			return j;
	return -1;
}

/* u(x) - u(y), NaN if one of them is not in [0, 1] */
static double
difference(const FcLogic *l, double x, double y)
{
	double		z;

	if (!(x >= 0 && x <= 1 && y >= 0 && y <= 1))
		return NAN;
	if (x == y)
		return 0;
	z = l->generator->forward(x, &l->theta) - l->generator->forward(y, &l->theta);
	return isnan(z) ? INFINITY : z; /* both beyond the largest number */
}

/* Eq. 3 in one column: u(D) from u(x (-) y), without the excess of eq. 5 */
double
fc_logical_square(const FcLogic *l, double z)
{
	const FcGenerator *g = l->generator;
	double		product;

	if (l->squares)
		return z * z;
	product = g->carry(z, &l->theta, &l->vartheta) * g->carry(-z, &l->theta, &l->vartheta);
	return -g->carry(product, &l->vartheta, &l->theta);
}

/* Sum over j of (u(x_j) - u(y_j))^2 for the logit: eq. 5 without its constant */
double
fc_logit_squares(int isa, FcPrecision precision, const void *x, const void *y, int32_t d)
{
	static double (*const variants[FC_ISAS][2]) (const void *, const void *, int32_t) = FC_TABLE(logit_squares);

	return variants[isa][precision] (x, y, d);
}

/* Sigma of two vectors, u(D), by eq. 4 and 5; NaN if one of them is not in the unit cube */
double
fc_logical_sigma(const FcLogic *l, const double *x, const double *y, int32_t d)
{
	double		sum = 0;

	if (l->generator == &fc_generators[0])
		sum = fc_logit_squares(l->isa, FC_F64, x, y, d);
	else
		for (int32_t j = 0; j < d; j++)
			sum += fc_logical_square(l, difference(l, x[j], y[j]));
	return l->squares ? sum + d * l->excess : sum;
}

/* D of eq. 4, which is theta for equal vectors if theta = vartheta */
double
fc_logical_dissimilarity(const FcLogic *l, double sigma)
{
	return invert(l, sigma, &l->theta);
}

/* d of eq. 4, from 0 to 1; D < theta, which takes vartheta != theta, gives 0 */
double
fc_logical_rise(const FcGenerator *g, const FcZero *theta, double sigma)
{
	if (sigma <= 0)
		return 0;
	return sigma < INFINITY ? fmin(g->rise(sigma, theta), 1) : 1;
}

double
fc_logical_distance(const FcLogic *l, double sigma)
{
	return fc_logical_rise(l->generator, &l->theta, sigma);
}
