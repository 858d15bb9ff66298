/*
 * fcm.c - fuzzy c-means (Bezdek, 1981)
 *
 * Minimizes J = sum_i sum_c u_ic^m d_ic, d_ic = |x_i - v_c|^2, by alternating:
 *
 *	u_ic = 1 / sum_b (d_ic / d_ib)^(1/(m-1))				(eq. 1)
 *	v_c  = sum_i u_ic^m x_i / sum_i u_ic^m					(eq. 2)
 *
 * With r_ic = (min_b d_ib / d_ic)^(1/(m-1)), which lies in [0, 1], and s_i =
 * sum_c r_ic, one power per element is sufficient:
 *
 *	u_ic = r_ic / s_i										(eq. 3)
 *	u_ic^m = r_ic (min_b d_ib / d_ic) s_i^-m				(eq. 4)
 *	sum_c u_ic^m d_ic = min_b d_ib s_i^(1-m)				(eq. 5)
 *
 * Nothing overflows, and a row on one or several centers needs no special
 * case: r is 1 where d equals the minimum.
 *
 * Learned values: (k, d) centers.
 */
#include "algo/fcm.h"

#define FC_VARIANTS_OF "algo/fcm_loops.h"
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
fc_fcm_set_parameters(const FcModel *m, double *parameters)
{
	parameters[0] = m->option[OPT_FUZZIFIER];
}

const FcKernel fc_fcm_stage_kernel = {.weights = fc_fcm_weights, .memberships = fc_fcm_memberships};

/*
 * Fuzzy c-means as the first stage of an algorithm with a fuzzifier, with that
 * algorithm's distances, which must still be Euclidean
 */
FcStatus
fc_fcm_stage(FcEngine *e)
{
	FcStatus	status;

	fc_pass_set_stage(e, FC_FCM_STAGE);
	status = fc_engine_iterate(e, STAGE_TOLERANCE * e->fit->sample.spread,
							   (int32_t) e->fit->model->common[FC_MAX_ITERATIONS]);
	fc_pass_set_stage(e, 0);
	return status;
}

static const FcKernel kernel = {
	.weights = fc_fcm_weights,
	.memberships = fc_fcm_memberships,
	.row_memberships = fc_fcm_row_memberships,
	.set_parameters = fc_fcm_set_parameters,
	.sums_distances = true,
	.accelerates = true,
	.tries_on_sample = true,
	.restarts_on_sample = 10,
};

extern const FcAlgorithm fc_fcm;
const FcAlgorithm fc_fcm = {
	.name = "fcm",
	.title = "fuzzy c-means",
	.traits = FC_SHARES_TIES | FC_DESCENDS | FC_TAKES_CATEGORIES,
	.options = options,
	.kernel = &kernel,
	.team = &fc_engine_team,
	.layout = fc_engine_layout,
	.fit = fc_engine_fit,
};
