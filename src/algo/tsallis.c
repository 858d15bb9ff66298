/*
 * tsallis.c - fuzzy c-means with Tsallis entropy, by deterministic annealing
 * (Yasuda, 2015, doi 10.1155/2015/404510)
 *
 * Maximizing the Tsallis entropy of order q > 1 at temperature T gives
 *
 *	u_ic = (1 + (q - 1) d_ic / T)^(-1 / (q - 1)) / Z_i			(eq. 7, 8 of the paper)
 *	v_c  = sum_i u_ic^q x_i / sum_i u_ic^q						(eq. 9)
 *
 * with d_ic = |x_i - v_c|^2.  With lambda = T / (q - 1) that is fuzzy c-means
 * with m = q on d + lambda.  These steps decrease the free energy F = -T sum_i
 * ln_q Z_i, ln_q z = (z^(1-q) - 1) / (1 - q).  With a row's least distance l,
 * s = sum_c ((l + lambda) / (d_ic + lambda))^(1 / (q - 1)) and e = s^(1-q) -
 * 1, its part of F is l (1 + e) + lambda e; as q goes to 1, l - T ln s, which
 * is that of maximum entropy.
 *
 * Three schedules, with Tk = T_high exp(-rate k^(1/D)) in step k (Ingber, 1989):
 *
 *	temperature	T = Tk, q fixed
 *	q_fit		q = a Tk^b, T = T_high; a and b make step k as sharp as q at Tk
 *				would be, by least squares (qfit.c)				(eq. 12 to 15)
 *	q_inverse	q = T_high / Tk + alpha, T = T_high				(eq. 16)
 *
 * Each step iterates until no center moves by inner_tolerance; the steps end
 * when one moved no center by outer_tolerance.  Two centers closer than a
 * twentieth of the rows' spread do not count as settled, and coinciding ones
 * are moved apart slightly: above the critical temperature all merge, and
 * would stay together.  Near that temperature they part by a hundredth of their distance
 * in an iteration; so where nothing else moves, what parts is moved twice as far apart.  Once q has reached q_max, or T its end, all steps are
 * the same, and centers that are together then never separate.
 *
 * As T goes to 0 this is fuzzy c-means with m = q, and as q grows at any T, with as large an m: far rows
 * draw all centers to their mean if m is above the critical fuzzifier m_c (critical.c).  So the default of
 * q is that of the fuzzifier, and the default of q_max halfway from 1 to m_c.  Groups of centers may
 * merge below m_c; but with q = 1 it is maximum entropy, where all separate as T falls.  So if
 * centers coincide in the end, what was found is lowered, up to MOST_SHARPENED times (core/engine.c): q - 1, or, where T
 * stays, q_max - 1 and T.
 *
 * For large q the weights u^q of a whole cluster would underflow: they are
 * computed as logarithms and divided by the cluster's previous sum.
 *
 * With the distance 1 - cos (direction.c) d_ic is that, half of the square, and so F and T are;
 * tolerances are lengths among the features.
 *
 * Learned values: (k, d) centers; the last q and T.
 */
#include "algo/qfit.h"
#include "core/critical.h"
#include "core/direction.h"
#include "core/engine.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define FC_VARIANTS_OF "algo/tsallis_loops.h"
#include "core/variants.h"

#define APART		0.05		/* of the spread: closer centers have not settled */
#define PARTING			1.001	/* centers that are this many times as far apart after a step are parting: rounding moves settled ones by less */
#define NUDGE		1e-6		/* of the spread: centers closer than this are moved by it */
#define MOST_DIMENSIONS	4	/* of the cooling, unless set: with 16 it almost stops after the first step */
#define COLDEST		1e-30		/* of T_high */
#define FARTHEST	22.0		/* the fit of q regards d up to this many squared spreads */
#define FIT_DISTANCES	200		/* of the fit of q */
#define SAFE_LOG	50.0		/* weights above exp(-this) need no offset */
#define LARGEST_Q	100.0		/* by default */

enum
{
	OPT_SCHEDULE,
	OPT_Q,
	OPT_TEMPERATURE,
	OPT_RATE,
	OPT_DIMENSION_EXPONENT,
	OPT_ALPHA,
	OPT_FIT_A,
	OPT_FIT_B,
	OPT_INNER_TOLERANCE,
	OPT_OUTER_TOLERANCE,
	OPT_Q_MAX,
	OPT_MAX_STEPS
};

enum
{
	SCHEDULE_TEMPERATURE,
	SCHEDULE_Q_FIT,
	SCHEDULE_Q_INVERSE
};

static const char *const schedules[] = {"temperature", "q_fit", "q_inverse", NULL};

static const FcOption options[] = {
	[OPT_SCHEDULE] = {
		.name = "schedule", .type = FC_CHOICE, .initial = SCHEDULE_TEMPERATURE, .min = 0, .max = SCHEDULE_Q_INVERSE,
		.choices = schedules,
		.help = "what changes from step to step: the temperature, q by a fit (q_fit), or q as the inverse temperature (q_inverse)"
	},
	[OPT_Q] = {
		.name = "q", .type = FC_NUMBER, .initial = NAN, .min = 1, .max = 100,
		.help = "order of the entropy; with q_fit, the order imitated by the fit; default: as the fuzzifier of fcm, and nearer to 1 while centers coincide"
	},
	[OPT_TEMPERATURE] = {
		.name = "temperature", .type = FC_NUMBER, .initial = NAN, .min = 1e-307, .max = 1e300,
		.help = "T_high, in squared units of the features, or of 1 - cos; default: a quarter of the critical temperature"
	},
	[OPT_RATE] = {
		.name = "rate", .type = FC_NUMBER, .initial = 2, .min = 1e-3, .max = 100,
		.help = "cooling rate of the (pseudo-)temperature"
	},
	[OPT_DIMENSION_EXPONENT] = {
		.name = "dimension_exponent", .type = FC_NUMBER, .initial = NAN, .min = 1, .max = 65535,
		.help = "exponent D of the cooling schedule; default: the number of features, but at most 4"
	},
	[OPT_ALPHA] = {
		.name = "alpha", .type = FC_NUMBER, .initial = 0.1, .min = 1e-6, .max = 100,
		.help = "constant added to the inverse temperature by q_inverse"
	},
	[OPT_FIT_A] = {
		.name = "fit_a", .type = FC_NUMBER, .initial = NAN, .min = 1e-300, .max = 1e300,
		.help = "factor a in q = a T^b; default: fitted"
	},
	[OPT_FIT_B] = {
		.name = "fit_b", .type = FC_NUMBER, .initial = NAN, .min = -100, .max = 0,
		.help = "exponent b in q = a T^b; default: fitted"
	},
	[OPT_INNER_TOLERANCE] = {
		.name = "inner_tolerance", .type = FC_NUMBER, .initial = NAN, .min = 0, .max = 1e300,
		.help = "a step ends when no center moves by more than this; default: a tenth of the mean standard deviation"
	},
	[OPT_OUTER_TOLERANCE] = {
		.name = "outer_tolerance", .type = FC_NUMBER, .initial = NAN, .min = 0, .max = 1e300,
		.help = "training ends when a step moves no center by more than this; default: a hundredth of the mean standard deviation"
	},
	[OPT_Q_MAX] = {
		.name = "q_max", .type = FC_NUMBER, .initial = NAN, .min = 1, .max = 10000,
		.help = "maximum of q, for q_fit and q_inverse; default: halfway from 1 to the fuzzifier at which all centers merge, nearer to 1 while centers coincide, at most 100"
	},
	[OPT_MAX_STEPS] = {
		.name = "max_steps", .type = FC_INTEGER, .initial = 400, .min = 1, .max = 100000,
		.help = "maximum number of steps"
	},
	{.name = NULL}
};

static const FcWeigh weights[FC_ISAS][2] = FC_TABLE(weights);
static const FcWeigh memberships[FC_ISAS][2] = FC_TABLE(memberships);

/* The last q and T */
#define STATE(m)	((m)->own.extra[0])

static int
arrays(FcModel *m, FcArray *extra)
{
	extra[0] = (FcArray) {"annealing", 2, 1, &m->own.extra[0], NULL, NULL, FC_OF_MODEL};
	return 1;
}

static bool
check(const FcModel *m)
{
	return STATE(m)[0] >= 1 && STATE(m)[1] > 0;
}

static void
set_parameters(const FcModel *m, double *parameters)
{
	parameters[0] = STATE(m)[0];
	parameters[1] = STATE(m)[1] * fc_squared_unit(m);
}

typedef struct Scratch
{
	double	   *centers;		/* (k, d) before a step */
	double		given[OPT_MAX_STEPS + 1];	/* options before those that are not given were found */
} Scratch;

static void *
scratch_layout(FcArena *a, const FcFit *f)
{
	Scratch		s = {.centers = fc_take(a, fc_times(f->model->k, f->model->d), sizeof(double))};

	return fc_place(a, &s, sizeof(s));
}

static bool
raises_q(const FcModel *m)
{
	return m->option[OPT_SCHEDULE] != SCHEDULE_TEMPERATURE;
}

/* Halfway from 1 to the order at which all centers merge as T falls; of directions, pairs of them do so far below that */
static double
usual_order(const FcFit *f, double most)
{
	double		critical;

	if (fc_is_cosine(f->model))
		return fc_usual_fuzzifier(f);
	critical = fc_safe_fuzzifier(f);
	return critical > 0 ? fmin(1 + (critical - 1) / 2, most) : most;
}

/* Orders of the entropy; "share" of what the largest has above 1 is left */
static void
find_orders(const FcFit *f, double share)
{
	double	   *o = f->model->option;
	bool		raises = raises_q(f->model);

	if (isnan(o[OPT_Q]) && o[OPT_SCHEDULE] != SCHEDULE_Q_INVERSE)
		o[OPT_Q] = 1 + (raises ? 1 : share) * (usual_order(f, FC_USUAL_FUZZIFIER) - 1);
	if (isnan(o[OPT_Q_MAX]) && raises)
		o[OPT_Q_MAX] = 1 + share * (usual_order(f, LARGEST_Q) - 1);
}

static void
find_temperature(const FcFit *f, double share)
{
	double	   *o = f->model->option;
	double		first_q = o[OPT_SCHEDULE] == SCHEDULE_Q_INVERSE ? 1 + o[OPT_ALPHA] : o[OPT_Q];

	if (isnan(o[OPT_TEMPERATURE]))
		o[OPT_TEMPERATURE] = fc_critical_temperature(f, first_q) / 4 * (raises_q(f->model) ? share : 1);
	if (o[OPT_TEMPERATURE] == 0)
		o[OPT_TEMPERATURE] = 1;
}

static void
fit_q(const FcFit *f)
{
	double	   *o = f->model->option;
	double		farthest = FARTHEST * f->sample.spread * f->sample.spread / fc_squared_unit(f->model);
	double		a;
	double		b;

	fc_fit_q(o[OPT_Q], o[OPT_TEMPERATURE], (FcFitGrid) {farthest, FIT_DISTANCES, true}, &f->hooks, &a, &b);
	o[OPT_FIT_A] = isnan(o[OPT_FIT_A]) ? fmax(1e-300, fmin(a, 1e300)) : o[OPT_FIT_A];
	o[OPT_FIT_B] = isnan(o[OPT_FIT_B]) ? b : o[OPT_FIT_B];
}

/* Options that are found from the data, halved so often */
static void
find_options(FcEngine *e, int halvings)
{
	FcModel    *m = e->fit->model;
	const Scratch *s = e->scratch;
	double	   *o = m->option;
	double		deviation = e->fit->sample.spread / sqrt(m->d);
	double		share = ldexp(1, -halvings);

	memcpy(o, s->given, sizeof(s->given));
	find_orders(e->fit, share);
	find_temperature(e->fit, share);
	if (isnan(o[OPT_DIMENSION_EXPONENT]))
		o[OPT_DIMENSION_EXPONENT] = fmin(m->d, MOST_DIMENSIONS);
	if (isnan(o[OPT_INNER_TOLERANCE]))
		o[OPT_INNER_TOLERANCE] = 0.1 * deviation;
	if (isnan(o[OPT_OUTER_TOLERANCE]))
		o[OPT_OUTER_TOLERANCE] = 0.01 * deviation;
	if (o[OPT_SCHEDULE] == SCHEDULE_Q_FIT && (isnan(o[OPT_FIT_A]) || isnan(o[OPT_FIT_B])))
		fit_q(e->fit);
}

static FcStatus
resolve_options(FcEngine *e)
{
	Scratch    *s = e->scratch;

	memcpy(s->given, e->fit->model->option, sizeof(s->given));
	find_options(e, 0);
	return FC_OK;
}

/* Has the schedule an option that was found, and keeps centers together? */
static bool
may_sharpen(const FcModel *m, const double *given)
{
	return raises_q(m) ? isnan(given[OPT_Q_MAX]) || isnan(given[OPT_TEMPERATURE]) : isnan(given[OPT_Q]);
}

/* Centers coincide: what was found is halved */
static bool
sharpen(FcEngine *e)
{
	Scratch    *s = e->scratch;

	if (!may_sharpen(e->fit->model, s->given))
		return false;
	find_options(e, e->fit->doubts.sharpened + 1);
	e->fit->outcome = s;
	return true;
}

/* What was found is in the order of the text: q, or q_max and T_high, of which one may be given */
static void
doubt(const FcFit *f, FcWords *w)
{
	const Scratch *s = f->outcome;
	const double *o = f->model->option;
	const char *times;

	if (s == NULL)
		return;
	times = f->doubts.sharpened == 1 ? "time" : "times";
	if (!raises_q(f->model))
		w->say(w, FC_MESSAGE, "centers of tsallis coincided, so q - 1 was halved %d %s, to q = %.4g", f->doubts.sharpened, times, o[OPT_Q]);
	else if (!isnan(s->given[OPT_TEMPERATURE]))
		w->say(w, FC_MESSAGE, "centers of tsallis coincided, so q_max - 1 was halved %d %s, to q_max = %.4g", f->doubts.sharpened, times, o[OPT_Q_MAX]);
	else if (!isnan(s->given[OPT_Q_MAX]))
		w->say(w, FC_MESSAGE, "centers of tsallis coincided, so the temperature was halved %d %s, to %.4g", f->doubts.sharpened, times, o[OPT_TEMPERATURE]);
	else
		w->say(w, FC_MESSAGE, "centers of tsallis coincided, so q_max - 1 and the temperature were halved %d %s, to q_max = %.4g and %.4g",
			   f->doubts.sharpened, times, o[OPT_Q_MAX], o[OPT_TEMPERATURE]);
	w->say(w, FC_HINT, raises_q(f->model) ? "Specify the options q_max and temperature to train with other ones, or ask for fewer clusters." :
		   "Specify the option q to train with another one, or ask for fewer clusters.");
}

static const FcAdviceHooks advice = {.doubt = doubt};

/* Where T stays: from here on it is fuzzy c-means */
static double
coldest(const FcModel *m)
{
	return fmax(COLDEST * m->option[OPT_TEMPERATURE], DBL_MIN);
}

/* May u^q of a whole cluster, whose largest u is about 1 / k, become too small? */
static bool
needs_offsets(const FcModel *m)
{
	return m->option[raises_q(m) ? OPT_Q_MAX : OPT_Q] * log(m->k) > SAFE_LOG;
}

/*
 * The divisors of the weights, before the first pass with a new q.  If q has
 * changed little, the previous sums are good enough: they are between u^q and
 * n u^q of the largest u, and that u tends to 1 / k.
 */
static void
set_offsets(FcEngine *e, double before)
{
	FcModel    *m = e->fit->model;
	double	   *offset = e->weighing.offset;
	double		q = STATE(m)[0];
	bool		measure = q / before * log(m->rows) + (q - before) * log(m->k) > SAFE_LOG;

	if (measure)
		fc_pass_largest_memberships(e, offset);
	for (int32_t c = 0; c < m->k; c++)
		offset[c] = !measure ? offset[c] * q / before : offset[c] > 0 ? q * log(offset[c]) : 0;
}

/* q and T of step k; the offsets follow q */
static void
set_step(FcEngine *e, int32_t step)
{
	FcModel    *m = e->fit->model;
	const double *o = m->option;
	double		cooled = o[OPT_TEMPERATURE] * exp(-o[OPT_RATE] * pow(step, 1 / o[OPT_DIMENSION_EXPONENT]));
	double		q = o[OPT_Q];
	double		before = STATE(m)[0];

	cooled = fmax(cooled, coldest(m));
	if (o[OPT_SCHEDULE] == SCHEDULE_Q_FIT)
		q = o[OPT_FIT_A] * pow(cooled, o[OPT_FIT_B]);
	else if (o[OPT_SCHEDULE] == SCHEDULE_Q_INVERSE)
		q = o[OPT_TEMPERATURE] / cooled + o[OPT_ALPHA];
	q = fmax(1, fmin(q, o[OPT_Q_MAX]));

	STATE(m)[0] = q;
	STATE(m)[1] = o[OPT_SCHEDULE] == SCHEDULE_TEMPERATURE ? cooled : o[OPT_TEMPERATURE];
	e->progress[FC_HISTORY_PHASE] = step;
	e->progress[FC_HISTORY_TEMPERATURE] = STATE(m)[1];
	e->progress[FC_HISTORY_Q] = q;
	fc_engine_set_parameters(e);
	if (needs_offsets(m))
		set_offsets(e, step == 0 ? 1 : before);
}

/* After a pass: weights of the next one will add up to about 1 */
static FcStatus
follow_weights(FcEngine *e)
{
	const FcModel *m = e->fit->model;

	for (int32_t c = 0; c < m->k && needs_offsets(m); c++)
		if (e->acc.weight[c] > 0)
			e->weighing.offset[c] += log(e->acc.weight[c]);
	return FC_OK;
}

/* Distance of center c, which is not the first, to the nearest of those before it, and which that is */
static double
nearest_before(const FcModel *m, int32_t c, int32_t *nearest)
{
	const double *v = m->centers + (int64_t) c * m->d;

	*nearest = fc_nearest_center(m->centers, c, m->d, v);
	return sqrt(fc_squared_distance(v, m->centers + (int64_t) *nearest * m->d, m->d));
}

/* Of any two centers */
static double
least_distance(const FcEngine *e)
{
	double		least = INFINITY;

	for (int32_t c = 1; c < e->fit->model->k; c++)
	{
		int32_t		nearest;

		fc_check(&e->fit->hooks);
		least = fmin(least, nearest_before(e->fit->model, c, &nearest));
	}
	return least;
}

/* Moves centers that coincide a little apart */
static void
nudge(FcEngine *e, FcRng *rng)
{
	FcModel    *m = e->fit->model;
	double		way = NUDGE * e->fit->sample.spread;

	for (int32_t c = 1; c < m->k; c++)
	{
		int32_t		nearest;

		fc_check(&e->fit->hooks);
		if (nearest_before(m, c, &nearest) < way)
			for (int32_t j = 0; j < m->d; j++)
				m->centers[(int64_t) c * m->d + j] += way * (2 * fc_rng_uniform(rng) - 1);
	}
	if (fc_is_cosine(m))
		(void) fc_make_centers_unit(m);
}

/* Are all further steps like this one? */
static bool
is_last_of_its_kind(const FcModel *m)
{
	if (raises_q(m))
		return STATE(m)[0] >= m->option[OPT_Q_MAX];
	return STATE(m)[1] <= coldest(m);
}

/* Centers closer than this have not settled; many clusters need not be far apart */
static double
least_gap(const FcEngine *e)
{
	return e->fit->sample.spread * fmin(APART, 1.0 / e->fit->model->k);
}

static double
longest_way(const FcModel *m, const double *from)
{
	double		longest = 0;

	for (int32_t c = 0; c < m->k; c++)
		longest = fmax(longest, sqrt(fc_squared_distance(m->centers + (int64_t) c * m->d,
														 from + (int64_t) c * m->d, m->d)));
	return longest;
}

/* Moves centers that are closer than that twice as far apart */
static void
stretch(FcEngine *e)
{
	FcModel    *m = e->fit->model;
	double		gap = least_gap(e);

	for (int32_t c = 1; c < m->k; c++)
	{
		double	   *v = m->centers + (int64_t) c * m->d;
		int32_t		b;

		fc_check(&e->fit->hooks);
		if (nearest_before(m, c, &b) < gap)
			for (int32_t j = 0; j < m->d; j++)
				v[j] += v[j] - m->centers[(int64_t) b * m->d + j];
	}
	if (fc_is_cosine(m))
		(void) fc_make_centers_unit(m);
}

static bool
has_stopped(const FcEngine *e)
{
	const FcModel *m = e->fit->model;
	const Scratch *s = e->scratch;

	return longest_way(m, s->centers) <= m->option[OPT_OUTER_TOLERANCE];
}

/* After a step that moved nothing, and began with centers that were "before" apart */
static bool
has_settled(const FcEngine *e, double before, double after)
{
	return after >= least_gap(e) || (is_last_of_its_kind(e->fit->model) && after <= before);
}

/* How centers are helped to part */
typedef struct Parting
{
	FcRng		rng;
	double		stretched;		/* how far the nearest two were apart when centers were last moved apart; 0: before that, or after a nudge */
	bool		futile;			/* they came back: that is where they belong, though nearer than others */
} Parting;

/* After a step that has not settled: helps centers to part, which would take long, or be forgotten by rounding */
static void
part(FcEngine *e, double before, double after, Parting *p)
{
	p->futile = p->futile || (p->stretched > 0 && after < before);
	p->stretched = 0;
	if (after < NUDGE * e->fit->sample.spread)
	{
		nudge(e, &p->rng);
		p->futile = false;
	}
	else if (!p->futile && after > PARTING * before && after < least_gap(e) && has_stopped(e))
	{
		stretch(e);
		p->stretched = after;
	}
}

static FcStatus
optimize(FcEngine *e)
{
	FcModel    *m = e->fit->model;
	const Scratch *s = e->scratch;
	int32_t		most = (int32_t) m->common[FC_MAX_ITERATIONS];
	bool		settled = false;
	Parting		parting = {.futile = e->fit->start != NULL};	/* given centers are meant to be where they are */

	fc_rng_start(&parting.rng, (uint64_t) m->common[FC_SEED], UINT64_MAX - 1);
	for (int32_t step = 0; step < m->option[OPT_MAX_STEPS] && !settled && m->iterations < most; step++)
	{
		double		before = least_distance(e);
		double		after;
		FcStatus	status;

		memcpy(s->centers, m->centers, sizeof(double) * m->k * m->d);
		set_step(e, step);
		status = fc_engine_iterate(e, m->option[OPT_INNER_TOLERANCE], most);
		if (status != FC_OK)
			return status;
		after = least_distance(e);
		settled = step > 0 && has_stopped(e) && has_settled(e, before, after);
		if (!settled)
			part(e, before, after, &parting);
	}
	m->converged = settled;
	return FC_OK;
}

/* Where q is raised memberships become equal, and decide all the same */
static void
diagnose(FcEngine *e)
{
	if (raises_q(e->fit->model))
		e->fit->doubts.largest = 0;
}

static const FcKernel kernel = {
	.weights = weights,
	.memberships = memberships,
	.set_parameters = set_parameters,
	.scratch_layout = scratch_layout,
	.resolve_options = resolve_options,
	.optimize = optimize,
	.after_pass = follow_weights,
	.diagnose = diagnose,
	.found = {.sharpen = sharpen},
};

extern const FcAlgorithm fc_tsallis;
const FcAlgorithm fc_tsallis = {
	.name = "tsallis",
	.title = "fuzzy c-means with Tsallis entropy by deterministic annealing",
	.traits = FC_SHARES_TIES | FC_ANNEALS | FC_TAKES_COSINE | FC_TAKES_CATEGORIES | FC_TAKES_GAPS,
	.history = 1 << FC_HISTORY_PHASE | 1 << FC_HISTORY_TEMPERATURE | 1 << FC_HISTORY_Q,
	.options = options,
	.kernel = &kernel,
	.arrays = arrays,
	.check = check,
	.advice = &advice,
	.team = &fc_engine_team,
	.layout = fc_engine_layout,
	.fit = fc_engine_fit,
};
