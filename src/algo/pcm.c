/*
 * pcm.c - possibilistic c-means (Krishnapuram and Keller, 1993 and 1996), and
 * possibilistic fuzzy c-means (Pal, Pal, Keller and Bezdek, 2005)
 *
 * A typicality t_ic says how well row i fits cluster c, whatever the other clusters are:
 * those of a row do not add up to 1.  With d_ic = |x_i - v_c|^2 and eta_c > 0, the squared
 * distance at which a row is half typical,
 *
 *	J = sum_i sum_c t_ic^m d_ic + sum_c eta_c sum_i (1 - t_ic)^m			(eq. 1)
 *
 * is minimized by alternating
 *
 *	t_ic = 1 / (1 + (d_ic / eta_c)^(1/(m-1)))								(eq. 2)
 *	v_c  = sum_i t_ic^m x_i / sum_i t_ic^m									(eq. 3)
 *
 * each of which lowers J while the rest is fixed.  J is least where all clusters are at the densest
 * group of rows: what is sought is the minimum next to the first centers, so steps are not
 * extrapolated, as that might lead to another group.  Training begins with fuzzy c-means, whose
 * memberships u also give eta, once for all, with the option eta_factor as K:
 *
 *	eta_c = K sum_i u_ic^m d_ic / sum_i u_ic^m								(eq. 4)
 *
 * Clusters of eq. 1 do not know of each other, and may end at the same place.  A center that is
 * closer to one of a larger cluster than merge_distance times the smaller root of eta is left out.
 * Large are clusters with much weight, sum_i u_ic^m, in fuzzy c-means.
 *
 * With a > 0, the option membership_weight, memberships that do add up to 1 keep clusters
 * apart.  b is typicality_weight, and p the exponent of typicalities, typicality_exponent:
 *
 *	J = sum_i sum_c (a u_ic^m + b t_ic^p) d_ic + sum_c eta_c sum_i (1 - t_ic)^p	(eq. 5)
 *	t_ic = 1 / (1 + (b d_ic / eta_c)^(1/(p-1)))								(eq. 6)
 *	v_c  = sum_i (a u_ic^m + b t_ic^p) x_i / sum_i (a u_ic^m + b t_ic^p)	(eq. 7)
 *
 * and u as in fcm.c.  With r = (b d / eta)^(1/(p-1)), t = 1 / (1 + r) and 1 - t = r t, what row and
 * cluster add to J besides a u^m d is
 *
 *	b t^p d + eta (1 - t)^p = eta (1 - t)^(p-1)								(eq. 8)
 *
 * which nothing makes overflow.  Weights are those of eq. 7 divided by a + b, and so at most 1.
 *
 * The kernel measures d / eta, by which the nearest center is the one of which a row is most
 * typical.  While fuzzy c-means runs, eta is 1.
 *
 * Learned values: (k, d) centers; (k) eta.
 */
#include "algo/fcm.h"
#include "core/gaps.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum
{
	OPT_FUZZIFIER,
	OPT_TYPICALITY_EXPONENT,
	OPT_MEMBERSHIP_WEIGHT,
	OPT_TYPICALITY_WEIGHT,
	OPT_ETA_FACTOR,
	OPT_MERGE_DISTANCE
};

/* Parameters of the weights; the first is that of fuzzy c-means */
enum
{
	FUZZIFIER,
	EXPONENT,
	MEMBERSHIP_WEIGHT,
	TYPICALITY_WEIGHT
};

static const FcOption options[] = {
	[OPT_FUZZIFIER] = FC_FUZZIFIER,
	[OPT_TYPICALITY_EXPONENT] = {
		.name = "typicality_exponent", .type = FC_NUMBER, .initial = NAN, .min = 1.01, .max = 10,
		.help = "softness of the typicalities: a step at the root of eta near 1, falling slowly if large; default: the fuzzifier"
	},
	[OPT_MEMBERSHIP_WEIGHT] = {
		.name = "membership_weight", .type = FC_NUMBER, .initial = 0, .min = 0, .max = 1e6,
		.help = "how much memberships, which add up to 1, count in centers; above 0: possibilistic fuzzy c-means, whose clusters stay apart"
	},
	[OPT_TYPICALITY_WEIGHT] = {
		.name = "typicality_weight", .type = FC_NUMBER, .initial = 1, .min = 1e-6, .max = 1e6,
		.help = "how much typicalities count in centers; it also divides eta"
	},
	[OPT_ETA_FACTOR] = {
		.name = "eta_factor", .type = FC_NUMBER, .initial = 1, .min = 1e-6, .max = 1e6,
		.help = "factor of eta, the squared distance at which a row is half typical: below 1 clusters are narrower, and fewer coincide"
	},
	[OPT_MERGE_DISTANCE] = {
		.name = "merge_distance", .type = FC_NUMBER, .initial = 0.5, .min = 0, .max = 10,
		.help = "clusters whose centers are closer than this times the root of the smaller eta are merged; 0: none are"
	},
	{.name = NULL}
};

#define ETA(m)	((m)->own.extra[0])	/* (k) in squared scaled units */

#define ETA_STAGE	2			/* after that of fuzzy c-means: memberships times distances */
#define FAR			64			/* squared spreads within which distances are expected there */
#define ROUNDINGS	8			/* of the length of a usual row: no row is atypical because of these */

#define FC_VARIANTS_OF "algo/pcm_loops.h"
#include "core/variants.h"

static const FcDistances distances[FC_ISAS][2] = FC_TABLE(distances);
static const FcWeigh weights[FC_ISAS][2] = FC_TABLE(weights);
static const FcWeigh typicalities[FC_ISAS][2] = FC_TABLE(typicalities);
static const FcWeigh inertias[FC_ISAS][2] = FC_TABLE(inertias);

/* ---- the model ---- */

static int
arrays(FcModel *m, FcArray *extra)
{
	extra[0] = (FcArray) {"eta", m->k, 1, &ETA(m), NULL, NULL, FC_OF_CLUSTERS};
	return 1;
}

static bool
check(const FcModel *m)
{
	for (int32_t c = 0; c < m->k; c++)
		if (!(ETA(m)[c] > 0 && ETA(m)[c] <= DBL_MAX))
			return false;
	return true;
}

static double
exponent(const FcModel *m)
{
	return isnan(m->option[OPT_TYPICALITY_EXPONENT]) ? fc_fuzzifier(m) : m->option[OPT_TYPICALITY_EXPONENT];
}

static void
set_parameters(const FcModel *m, double *parameters)
{
	parameters[FUZZIFIER] = fc_fuzzifier(m);
	parameters[EXPONENT] = exponent(m);
	parameters[MEMBERSHIP_WEIGHT] = m->option[OPT_MEMBERSHIP_WEIGHT];
	parameters[TYPICALITY_WEIGHT] = m->option[OPT_TYPICALITY_WEIGHT];
}

/* The Euclidean distance */
static double
length(const FcModel *m, int32_t c, double distance)
{
	return sqrt(distance * ETA(m)[c]);
}

static double
of_squared(const FcModel *m, int32_t c, double squared)
{
	return fmin(squared / ETA(m)[c], DBL_MAX);
}

/* (x_j - v_cj)^2 / eta_c, of what is not missing */
static double
parts(const FcModel *m, const double *x, int32_t c, double *part, double *share)
{
	const double *v = m->centers + (int64_t) c * m->d;
	double		times;

	fc_feature_shares(m, FC_F64, share);
	times = fc_columns_over_observed(share, x, m->d) / ETA(m)[c];
	for (int32_t j = 0; j < m->d; j++)
		part[j] = isnan(x[j]) ? 0 : times * ((x[j] - v[j]) * (x[j] - v[j]));
	return 0;
}

/* ---- eta ---- */

typedef struct Scratch
{
	double	   *weight;			/* (k) of clusters, as far as they are large or small */
	bool	   *leaves;			/* (k) is the cluster merged into another? */
	int32_t		asked;			/* clusters before some were merged */
} Scratch;

static void *
scratch_layout(FcArena *a, const FcFit *f)
{
	Scratch		fields = {
		.weight = fc_take(a, f->model->k, sizeof(double)),
		.leaves = fc_take(a, f->model->k, sizeof(bool)),
	};

	return fc_place(a, &fields, sizeof(fields));
}

static void
set_all(FcModel *m, double eta)
{
	for (int32_t c = 0; c < m->k; c++)
		ETA(m)[c] = eta;
}

/* Squared distances up to this may be roundings */
static double
squared_rounding(const FcFit *f)
{
	double		rounding = ROUNDINGS * FC_EPSILON(f->rows.precision) * f->sample.usual;

	return rounding * rounding;
}

/* What distances can be divided by */
static double
least_divisor(const FcFit *f)
{
	return f->rows.precision == FC_F32 ? FLT_MIN : DBL_MIN;
}

/* Around the distances that rows have, a power of two, by which no digits are lost */
static double
unit_of_inertias(const FcFit *f)
{
	double		squared = FAR * f->sample.spread * f->sample.spread;
	int			power;

	if (!(squared > 0) || !isfinite(squared))
		return 1;
	(void) frexp(squared, &power);
	return ldexp(1, power);
}

/*
 * Eq. 4, at the centers of fuzzy c-means.  A cluster without rows gets what all have together, and one of equal
 * rows what distances are as good as 0.
 */
static FcStatus
find_eta(FcEngine *e)
{
	FcModel    *m = e->fit->model;
	Scratch    *s = e->scratch;
	double		unit = unit_of_inertias(e->fit);
	double		factor = m->option[OPT_ETA_FACTOR] * unit;
	double		rounding = squared_rounding(e->fit);
	double		least = least_divisor(e->fit);
	double		weight = 0;
	double		inertia = 0;

	fc_pass_accumulate(e);
	memcpy(s->weight, e->acc.weight, sizeof(double) * m->k);
	set_all(m, unit);
	fc_pass_set_stage(e, ETA_STAGE);
	fc_pass_measure(e);			/* memberships are those times distances */
	for (int32_t c = 0; c < m->k; c++)
	{
		weight += s->weight[c];
		inertia += m->weights[c];
	}
	if (factor * inertia > rounding * weight && factor * inertia < least * weight)
		return FC_TOO_CLOSE;
	for (int32_t c = 0; c < m->k; c++)
	{
		double		mean = s->weight[c] > 0 ? m->weights[c] / s->weight[c] : inertia / weight;

		ETA(m)[c] = fmax(factor * mean, fmax(rounding, least));
	}
	return FC_OK;
}

/* Takes eta of the initial model, which is one of this kind, in this one's units */
static void
take_eta(FcEngine *e)
{
	FcModel    *m = e->fit->model;
	const FcModel *earlier = e->fit->earlier;
	double		unit = 0;

	for (int32_t j = 0; j < m->d; j++)
	{
		double		ratio = (m->factor ? m->factor[j] : 1) / (earlier->factor ? earlier->factor[j] : 1);

		unit += ratio * ratio / m->d;
	}
	for (int32_t c = 0; c < m->k; c++)
		ETA(m)[c] = fmax(ETA(earlier)[c] * unit, fmax(squared_rounding(e->fit), least_divisor(e->fit)));
	memcpy(((Scratch *) e->scratch)->weight, earlier->weights, sizeof(double) * m->k);
}

/* Does the training go on from a model of this kind, without fuzzy c-means? */
static bool
continues(const FcFit *f)
{
	const FcModel *m = f->model;

	return f->start != NULL && f->earlier != NULL && f->earlier->algo == m->algo && f->earlier->k == m->k && f->earlier->d == m->d;
}

static FcStatus
resolve_options(FcEngine *e)
{
	FcModel    *m = e->fit->model;

	m->option[OPT_TYPICALITY_EXPONENT] = exponent(m);
	if (continues(e->fit))
		take_eta(e);
	else
		fc_pass_set_stage(e, FC_FCM_STAGE);
	return FC_OK;
}

/* Each start is one of fuzzy c-means */
static FcStatus
first_centers(FcEngine *e, int32_t restart)
{
	set_all(e->fit->model, 1);
	return fc_first_centers(e->fit, &e->seeder, restart);
}

/* ---- merging ---- */

/* Are two clusters one? */
static bool
coincide(const FcModel *m, int32_t a, int32_t b)
{
	double		reach = m->option[OPT_MERGE_DISTANCE];

	return fc_squared_distance(m->centers + (int64_t) a * m->d, m->centers + (int64_t) b * m->d, m->d) <
		reach * reach * fmin(ETA(m)[a], ETA(m)[b]);
}

/* Is there a larger cluster, or one as large before it, that coincides with cluster c? */
static bool
is_merged(FcEngine *e, int32_t c)
{
	const FcModel *m = e->fit->model;
	const double *weight = ((Scratch *) e->scratch)->weight;

	fc_check(&e->fit->hooks);
	for (int32_t b = 0; b < m->k; b++)
		if (b != c && (weight[b] > weight[c] || (weight[b] == weight[c] && b < c)) && coincide(m, b, c))
			return true;
	return false;
}

/* Leaves out clusters that coincide with larger ones, of which the largest stays; were there any? */
static bool
merge(FcEngine *e)
{
	FcModel    *m = e->fit->model;
	Scratch    *s = e->scratch;
	int32_t		kept = 0;
	int32_t		before = m->k;

	for (int32_t c = 0; c < m->k; c++)
		s->leaves[c] = is_merged(e, c);
	for (int32_t c = 0; c < m->k; c++)
	{
		if (s->leaves[c])
			continue;
		memmove(m->centers + (int64_t) kept * m->d, m->centers + (int64_t) c * m->d, sizeof(double) * m->d);
		ETA(m)[kept] = ETA(m)[c];
		s->weight[kept++] = s->weight[c];
	}
	m->k = kept;
	return kept < before;
}

/* ---- one training ---- */

static FcStatus
after_pass(FcEngine *e)
{
	e->progress[FC_HISTORY_PHASE] = 1;	/* that of fuzzy c-means is 0 */
	return FC_OK;
}

/* From the best start: eta, typicalities, and clusters that are one */
static FcStatus
fit(FcFit *f, void *work)
{
	FcEngine   *e = work;
	FcStatus	status;

	((Scratch *) e->scratch)->asked = f->model->k;
	f->outcome = e->scratch;
	status = fc_engine_fit(f, work);
	if (status == FC_OK && f->stage == FC_FCM_STAGE)
		status = find_eta(e);
	if (status != FC_OK)
		return status;
	fc_pass_set_stage(e, 0);
	fc_engine_set_parameters(e);
	do
		status = fc_engine_descend(e);
	while (status == FC_OK && merge(e) && f->model->option[OPT_MEMBERSHIP_WEIGHT] > 0);
	if (status != FC_OK)
		return status;
	fc_pass_measure(e);
	f->doubts.largest = 0;		/* says nothing of typicalities */
	return FC_OK;
}

static const FcKernel fcm_kernel = {
	.weights = fc_fcm_weights,
	.memberships = fc_fcm_memberships,
	.set_parameters = set_parameters,
	.sums_distances = true,
	.accelerates = true,
	.first_centers = first_centers,
};

static const FcKernel eta_kernel = {.weights = fc_fcm_weights, .memberships = inertias};

static const FcKernel *const stages[] = {&fcm_kernel, &eta_kernel, NULL};

static const FcKernel kernel = {
	.weights = weights,
	.memberships = typicalities,
	.set_parameters = set_parameters,
	.distances = distances,
	.metric.parts = parts,
	.metric.of_squared = of_squared,
	.length = length,
	.stages = stages,
	.tries_on_sample = true,
	.restarts.on_sample = 10,
	.scratch_layout = scratch_layout,
	.resolve_options = resolve_options,
	.after_pass = after_pass,
};

/* ---- messages ---- */

static void
explain(const FcFit *f, FcStatus status, FcWords *w)
{
	if (status != FC_VANISHED || f->stage != 0)
		return;
	w->say(w, FC_MESSAGE, "no row is typical of any cluster of pcm");
	w->say(w, FC_HINT, "Raise the option eta_factor, which was %g.", f->model->option[OPT_ETA_FACTOR]);
}

static void
doubt(const FcFit *f, FcWords *w)
{
	const Scratch *s = f->outcome;
	int32_t		merged = s->asked - f->model->k;

	if (merged == 0)
		return;
	w->say(w, FC_MESSAGE, merged == 1 ? "%d of %d clusters of pcm coincided with another one and was merged" :
		   "%d of %d clusters of pcm coincided with others and were merged", merged, s->asked);
	w->say(w, FC_DETAIL, f->model->k == 1 ? "The model has %d cluster." : "The model has %d clusters.", f->model->k);
	w->say(w, FC_HINT, f->model->option[OPT_MEMBERSHIP_WEIGHT] > 0 ? "Lower the option eta_factor, raise membership_weight, or ask for fewer clusters." :
		   "Lower the option eta_factor, set membership_weight above 0, or ask for fewer clusters.");
}

static const FcAdviceHooks advice = {.explain = explain, .doubt = doubt};

extern const FcAlgorithm fc_pcm;
const FcAlgorithm fc_pcm = {
	.name = "pcm",
	.title = "possibilistic c-means",
	.traits = FC_SHARES_TIES | FC_DESCENDS | FC_POSSIBILISTIC | FC_TAKES_CATEGORIES | FC_TAKES_GAPS,
	.history = 1 << FC_HISTORY_PHASE,
	.options = options,
	.kernel = &kernel,
	.arrays = arrays,
	.check = check,
	.advice = &advice,
	.team = &fc_engine_team,
	.layout = fc_engine_layout,
	.fit = fit,
};
