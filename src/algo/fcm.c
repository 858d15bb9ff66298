/*
 * fcm.c - fuzzy c-means (Bezdek, 1981)
 *
 * Minimizes  J = sum_i sum_c u_ic^m d_ic,  d_ic = |x_i - v_c|^2,  by turns:
 *
 *	u_ic = 1 / sum_b (d_ic / d_ib)^(1/(m-1))				(eq. 1)
 *	v_c  = sum_i u_ic^m x_i / sum_i u_ic^m					(eq. 2)
 *
 * With r_ic = (min_b d_ib / d_ic)^(1/(m-1)), which lies in [0, 1], and
 * s_i = sum_c r_ic, everything follows from one power an element:
 *
 *	u_ic = r_ic / s_i										(eq. 3)
 *	u_ic^m = r_ic (min_b d_ib / d_ic) s_i^-m				(eq. 4)
 *	sum_c u_ic^m d_ic = min_b d_ib s_i^(1-m)				(eq. 5)
 *
 * Nothing overflows, and a row that lies on one or on several centers is no
 * special case: r is 1 where d equals the minimum.
 *
 * Learned values: (k, d) centers.
 */
#ifdef FC_REAL

#include "core/nearest.h"

/*
 * Replaces d by r, and gives s.  "power" 1 is m = 2, where r is the ratio.
 */
static inline __attribute__((always_inline)) void
FC_VARIANT(ratios) (FC_REAL *at, int32_t stride, int32_t lanes, int32_t k, double power,
					const FC_REAL *least, FC_REAL *s)
{
	FC_REAL		p = (FC_REAL) power;

	for (int32_t i = 0; i < lanes; i++)
		s[i] = 0;
	for (int32_t c = 0; c < k; c++)
	{
		FC_REAL    *d = at + (int64_t) c * stride;

		for (int32_t i = 0; i < lanes; i++)
		{
			d[i] = d[i] > least[i] ? least[i] / d[i] : 1;
			if (power != 1)
				d[i] = FC_EXP(p * FC_LOG(d[i]));
			s[i] += d[i];
		}
	}
}

/* Eq. 4 and 5 for m = 2: no logarithm, no exponential */
static double
FC_VARIANT(weigh_2) (FC_REAL *at, int32_t stride, int32_t lanes, int32_t rows, int32_t k)
{
	FC_REAL		least[FC_TILE];
	FC_REAL		s[FC_TILE];
	double		part[FC_TILE];

	FC_VARIANT(least_of) (at, stride, lanes, k, least);
	FC_VARIANT(ratios) (at, stride, lanes, k, 1, least, s);
	for (int32_t i = 0; i < lanes; i++)
		s[i] = 1 / s[i];
	for (int32_t c = 0; c < k; c++)
	{
		FC_REAL    *r = at + (int64_t) c * stride;

		for (int32_t i = 0; i < lanes; i++)
			r[i] = (r[i] * s[i]) * (r[i] * s[i]);
	}
	for (int32_t i = 0; i < lanes; i++)
		part[i] = least[i] * s[i];
	return FC_VARIANT(sum_of) (part, lanes, rows);
}

/* Eq. 4 and 5 for any m */
static double
FC_VARIANT(weigh_m) (double m, FC_REAL *at, int32_t stride, int32_t lanes, int32_t rows, int32_t k)
{
	FC_REAL		least[FC_TILE];
	FC_REAL		s[FC_TILE];
	double		part[FC_TILE];
	FC_REAL		p = (FC_REAL) (1 / (m - 1));
	FC_REAL		e = (FC_REAL) -m;

	FC_VARIANT(least_of) (at, stride, lanes, k, least);
	for (int32_t i = 0; i < lanes; i++)
		s[i] = 0;
	for (int32_t c = 0; c < k; c++)
	{
		FC_REAL    *d = at + (int64_t) c * stride;

		for (int32_t i = 0; i < lanes; i++)
		{
			FC_REAL		ratio = d[i] > least[i] ? least[i] / d[i] : 1;
			FC_REAL		r = FC_EXP(p * FC_LOG(ratio));

			s[i] += r;
			d[i] = r * ratio;
		}
	}
	for (int32_t i = 0; i < lanes; i++)
	{
		FC_REAL		power = FC_EXP(e * FC_LOG(s[i]));

		part[i] = least[i] * s[i] * power;
		s[i] = power;
	}
	for (int32_t c = 0; c < k; c++)
		for (int32_t i = 0; i < lanes; i++)
			at[(int64_t) c * stride + i] *= s[i];
	return FC_VARIANT(sum_of) (part, lanes, rows);
}

static double
FC_VARIANT(weights) (FcWeighing *g, void *at, int32_t stride,
					 int32_t lanes, int32_t rows, int32_t k)
{
	if (g->parameters[0] == 2)
		return FC_VARIANT(weigh_2) (at, stride, lanes, rows, k);
	return FC_VARIANT(weigh_m) (g->parameters[0], at, stride, lanes, rows, k);
}

/* Eq. 3 */
static double
FC_VARIANT(memberships) (FcWeighing *g, void *atv, int32_t stride,
						 int32_t lanes, int32_t rows, int32_t k)
{
	FC_REAL    *at = atv;
	FC_REAL		least[FC_TILE];
	FC_REAL		s[FC_TILE];
	double		m = g->parameters[0];
	FC_REAL		e = (FC_REAL) (1 - m);
	double		part[FC_TILE];

	FC_VARIANT(least_of) (at, stride, lanes, k, least);
	FC_VARIANT(ratios) (at, stride, lanes, k, 1 / (m - 1), least, s);
	for (int32_t c = 0; c < k; c++)
		for (int32_t i = 0; i < lanes; i++)
			at[(int64_t) c * stride + i] /= s[i];
	for (int32_t i = 0; i < lanes; i++)
		part[i] = least[i] * FC_EXP(e * FC_LOG(s[i]));
	return FC_VARIANT(sum_of) (part, lanes, rows);
}

#else

#include "algo/fcm.h"

#define FC_VARIANTS_OF "algo/fcm.c"
#include "core/variants.h"

#define STAGE_TOLERANCE	1e-3	/* of the spread */

enum
{
	OPT_FUZZIFIER
};

static const FcOption options[] = {
	[OPT_FUZZIFIER] = FC_FUZZIFIER,
	{.name = NULL}
};

const FcWeigh fc_fcm_weights[FC_ISAS][2] = FC_TABLE(weights);
const FcWeigh fc_fcm_memberships[FC_ISAS][2] = FC_TABLE(memberships);

/* For every algorithm whose first option is the fuzzifier */
void
fc_fcm_prepare(const FcModel *m, double *parameters)
{
	parameters[0] = m->option[OPT_FUZZIFIER];
}

/*
 * Fuzzy c-means as the first stage of an algorithm that has a fuzzifier, with
 * that one's distances, which are to be Euclidean as yet
 */
FcStatus
fc_fcm_stage(FcEngine *e)
{
	const FcKernel *own = e->kernel;
	const FcKernel stage = {.weights = fc_fcm_weights, .memberships = fc_fcm_memberships};
	FcStatus	status;

	e->kernel = &stage;
	status = fc_engine_iterate(e, STAGE_TOLERANCE * e->fit->sample.spread,
							   (int32_t) e->fit->model->common[FC_MAX_ITERATIONS]);
	e->kernel = own;
	return status;
}

static const FcKernel kernel = {
	.weights = fc_fcm_weights,
	.memberships = fc_fcm_memberships,
	.prepare = fc_fcm_prepare,
};

extern const FcAlgorithm fc_fcm;
const FcAlgorithm fc_fcm = {
	.name = "fcm",
	.title = "fuzzy c-means (Bezdek)",
	.traits = FC_SHARES_TIES | FC_DESCENDS,
	.options = options,
	.kernel = &kernel,
	.layout = fc_engine_layout,
	.fit = fc_engine_fit,
};

#endif
