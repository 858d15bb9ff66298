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
 * Above the critical fuzzifier all centers merge at the mean of the rows (core/critical.c), and groups of them below it.
 * So m is found from the rows, unless it is given: halfway from 1 to the critical one, and at most 2; and if two
 * centers coincide in the end, m - 1 is halved, up to MOST_SHARPENED times (core/engine.c).
 *
 * With the distance 1 - cos (direction.c) rows in many dimensions are nearly equally far from all
 * centers, and with m = 2 memberships are equal.  The m that is found is near 1 there, and the
 * first iterations are those of k-means, which is nearly that.
 *
 * Learned values: (k, d) centers.
 */
#include "algo/fcm.h"
#include "core/direction.h"
#include "core/means.h"

#include <math.h>

#define FC_VARIANTS_OF "algo/fcm_loops.h"
#include "core/variants.h"

#define STAGE_TOLERANCE	1e-3	/* of the spread */
#define MEANS_STAGE		1		/* k-means: its place among the stages */
#define NEARLY_CRISP	1.1
#define CRISP_TOLERANCE	1e-4

enum
{
	OPT_FUZZIFIER
};

static const FcOption options[] = {
	[OPT_FUZZIFIER] = {
		.name = "fuzzifier", .type = FC_NUMBER, .initial = NAN, .min = FC_LEAST_FUZZIFIER, .max = 10,
		.help = "softness of the memberships: crisp near 1, nearly equal if large; default: halfway from 1 to the value at which all centers merge, with distance cosine a quarter of the way, at most 2, and nearer to 1 while centers coincide"
	},
	{.name = NULL}
};

const FcWeigh fc_fcm_weights[FC_ISAS][2] = FC_TABLE(weights);
const FcWeigh fc_fcm_memberships[FC_ISAS][2] = FC_TABLE(memberships);

/* For every algorithm whose first option is the fuzzifier */
void
fc_fcm_set_parameters(const FcModel *m, double *parameters)
{
	parameters[0] = fc_fuzzifier(m);
}

const FcKernel fc_fcm_stage_kernel = {.weights = fc_fcm_weights, .memberships = fc_fcm_memberships};

/* Iterates as a stage of the kernel, until the centers have nearly settled, up to "most" iterations since the start */
FcStatus
fc_iterate_as(FcEngine *e, int32_t stage, int32_t most)
{
	FcStatus	status;

	fc_pass_set_stage(e, stage);
	status = fc_engine_iterate(e, STAGE_TOLERANCE * e->fit->sample.spread, most);
	fc_pass_set_stage(e, 0);
	return status;
}

/*
 * Fuzzy c-means as the first stage of an algorithm with a fuzzifier, with that
 * algorithm's distances, which must still be Euclidean
 */
FcStatus
fc_fcm_stage(FcEngine *e)
{
	return fc_iterate_as(e, FC_FCM_STAGE, (int32_t) e->fit->model->common[FC_MAX_ITERATIONS]);
}

/* Do both see rows in the same way, so that what one has found holds for the other? */
static bool
is_same_kind(const FcModel *a, const FcModel *b)
{
	return a->algo == b->algo && a->common[FC_DISTANCE] == b->common[FC_DISTANCE] && a->common[FC_SCALE] == b->common[FC_SCALE];
}

/* That of the model which the training begins with, so that both can be compared; 0 if there is none of this kind */
double
fc_fcm_earlier_fuzzifier(const FcFit *f)
{
	return f->earlier && is_same_kind(f->earlier, f->model) ? fc_fuzzifier(f->earlier) : 0;
}

/* Of a fuzzifier that is not given */
typedef struct Found
{
	bool		given;			/* but it is */
	double		first;			/* as found from the rows, before it was lowered; 0: not from these */
} Found;

/* Where m is nearly 1 rows between two clusters change sides by rounding, as in k-means: then it has the tolerance of that, unless another one is given */
static void
loosen(FcEngine *e)
{
	FcModel    *m = e->fit->model;
	const Found *found = e->scratch;

	if (!found->given && m->option[OPT_FUZZIFIER] < NEARLY_CRISP && m->common[FC_TOLERANCE] == fc_common_options[FC_TOLERANCE].initial)
		m->common[FC_TOLERANCE] = CRISP_TOLERANCE;
}

static FcStatus
resolve_options(FcEngine *e)
{
	FcModel    *m = e->fit->model;
	double	   *fuzzifier = &m->option[OPT_FUZZIFIER];
	Found	   *found = e->scratch;

	*found = (Found) {.given = !isnan(*fuzzifier)};
	if (!found->given)
		*fuzzifier = fc_fcm_earlier_fuzzifier(e->fit);
	if (*fuzzifier == 0)
		found->first = *fuzzifier = fmax(fc_usual_fuzzifier(e->fit), FC_LEAST_FUZZIFIER);
	loosen(e);
	return FC_OK;
}

/* Centers coincide: half of m - 1, where m was found */
static bool
sharpen(FcEngine *e)
{
	double	   *fuzzifier = &e->fit->model->option[OPT_FUZZIFIER];
	Found	   *found = e->scratch;

	if (found->first == 0 || *fuzzifier <= FC_LEAST_FUZZIFIER)
		return false;
	*fuzzifier = fmax(1 + (*fuzzifier - 1) / 2, FC_LEAST_FUZZIFIER);
	e->fit->outcome = found;
	return true;
}

static void
tell_lowered(const FcFit *f, FcWords *w)
{
	const Found *found = f->outcome;

	if (found != NULL)
	{
		w->say(w, FC_MESSAGE, "centers of fcm coincided, so the fuzzifier was lowered from %.4g to %.4g",
			   found->first, f->model->option[OPT_FUZZIFIER]);
		w->say(w, FC_HINT, "Specify the option fuzzifier to train with another one, or ask for fewer clusters.");
	}
}

static const FcAdviceHooks advice = {.doubt = tell_lowered};

/* Not from those of a model, which are better; and where the user gives both centers and m, these are meant */
static bool
begins_as_means(const FcEngine *e)
{
	const FcFit *f = e->fit;
	const Found *found = e->scratch;

	return fc_is_cosine(f->model) && (f->start == NULL || (found->first > 0 && f->model->common[FC_INIT] == FC_INIT_CENTERS));
}

/*
 * From where k-means ends, nearly; at least a quarter of the iterations is for what follows.  A sample
 * has few rows a cluster, and what follows would not end on it: starts are compared as they are then.
 */
static FcStatus
optimize(FcEngine *e)
{
	FcModel    *m = e->fit->model;
	FcStatus	status;

	loosen(e);
	if (!begins_as_means(e))
		return fc_engine_descend(e);
	status = fc_iterate_as(e, MEANS_STAGE, (int32_t) (m->common[FC_MAX_ITERATIONS] * 0.75));
	m->converged = false;
	return status != FC_OK || e->trial.running ? status : fc_engine_descend(e);
}

static void *
scratch_layout(FcArena *a, const FcFit *f)
{
	(void) f;
	return fc_take(a, 1, sizeof(Found));
}

static const FcKernel *const stages[] = {&fc_means_kernel, NULL};

static const FcKernel kernel = {
	.weights = fc_fcm_weights,
	.memberships = fc_fcm_memberships,
	.row_memberships = fc_fcm_row_memberships,
	.set_parameters = fc_fcm_set_parameters,
	.stages = stages,
	.sums_distances = true,
	.accelerates = true,
	.tries_on_sample = true,
	.restarts = {.on_sample = 10, .on_few_rows = 10, .early = true},
	.scratch_layout = scratch_layout,
	.resolve_options = resolve_options,
	.found = {.sharpen = sharpen},
	.optimize = optimize,
	.go_on = optimize,
};

extern const FcAlgorithm fc_fcm;
const FcAlgorithm fc_fcm = {
	.name = "fcm",
	.title = "fuzzy c-means",
	.traits = FC_SHARES_TIES | FC_DESCENDS | FC_TAKES_COSINE | FC_TAKES_CATEGORIES | FC_TAKES_GAPS | FC_TAKES_NOISE,
	.options = options,
	.kernel = &kernel,
	.advice = &advice,
	.team = &fc_engine_team,
	.layout = fc_engine_layout,
	.fit = fc_engine_fit,
};
