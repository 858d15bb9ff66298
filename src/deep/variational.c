/*
 * variational.c - codes and clusters that are normal distributions, for methods
 * with FcDeepVariational
 *
 * In the second phase the decoder gets a draw from the distribution of a row's code,
 *
 *	z = mu + sqrt(t) e,  e standard normal numbers of the step and the row		(eq. 1)
 *	2 dL/d ln t_j = dL/dz_j (z_j - mu_j)										(eq. 2)
 *
 * which everywhere else is its mean mu.  The phase begins with a mixture that is
 * fitted to the codes by a few rounds of EM, and each refresh has one more: between
 * them network and mixture learn together, but the mixture, in as many small steps,
 * would stay behind codes that move.  cluster.c finds the memberships, and here are weights,
 * means and variances of the clusters from them.  No variance is below a thousandth of their mean, lest rows that are equal make
 * one 0.  Those of codes begin as a tenth of it, for which decoders know codes well.
 */
#include "deep/training.h"

#include <math.h>
#include <string.h>

#define LEAST_VARIANCE	1e-12
#define VARIANCE_FLOOR	1e-3	/* of the mean variance */
#define CODE_VARIANCE	0.1		/* of that, at first */
#define LEAST_WEIGHT	1e-6	/* of a cluster */
#define LEAST_ERROR		1e-6	/* the decoder's variance */

void
fc_deep_variation_layout(FcArena *a, FcDeep *t)
{
	FcDeepVariation *w = &t->variation;
	size_t		count = (size_t) fc_deep_more(t->model);
	size_t		codes = fc_times(t->batch_size, t->latent);

	if (count == 0)
		return;
	t->clusters.now.more = fc_take_shared(a, count, sizeof(FcReal));
	w->mean = fc_take_shared(a, codes, sizeof(FcReal));
	w->logs = fc_take_shared(a, codes, sizeof(FcReal));
	w->dlogs = fc_take_shared(a, codes, sizeof(FcReal));
	for (int i = 0; i < 2; i++)
		w->moment[i] = fc_take_shared(a, count, sizeof(FcReal));
	w->dmore = fc_take(a, count, sizeof(FcReal));
	if (fc_deep_leads(t))
		t->best.centers.more = fc_take(a, count, sizeof(FcReal));
}

/* ---- the first mixture ---- */

/* Codes z (n, latent) among the present centers and all else */
static FcCodes
codes_of(const FcDeep *t, const FcReal *z, int64_t n)
{
	const FcDeepCenters *now = &t->clusters.now;

	return (FcCodes) {
		.n = n, .k = t->k, .m = t->latent, .z = z, .v = now->v, .scale = 1, .hooks = &t->network.batch.hooks,
		.more = now->more
	};
}

/* Adds targets u (n, k) times the variances of codes */
static void
add_spread(FcDeep *t, const FcCodes *codes, const FcReal *u, double *squares)
{
	FcReal	   *logs = t->variation.logs;

	t->method->variational->spread(codes, logs);
	for (int64_t i = 0; i < codes->n * codes->m; i++)
		logs[i] = fc_real_exp(logs[i]);
	for (int64_t i = 0; i < codes->n; i++)
	{
		fc_codes_check(codes);
		for (int32_t b = 0; b < codes->k; b++)
			for (int32_t j = 0; j < codes->m; j++)
				squares[(int64_t) b * codes->m + j] += (double) u[i * codes->k + b] * logs[i * codes->m + j];
	}
}

/*
 * Sums over all rows of targets (k), and of targets times squared differences to the
 * centers (k, latent): of means of codes, or of their distributions
 */
static void
add_squares(FcDeep *t, bool distributions, double *total, double *squares)
{
	memset(total, 0, sizeof(double) * t->k);
	memset(squares, 0, sizeof(double) * t->k * t->latent);
	for (FcPortion p = fc_deep_tiles(t); fc_next_portion(&p);)
	{
		FcCodes		codes = codes_of(t, fc_column_read(&t->clusters.z, p.first, p.rows), p.rows);
		const FcReal *u = fc_column_read(&t->clusters.target, p.first, p.rows);

		fc_add_frequencies(u, p.rows, t->k, total);
		fc_code_spread(&codes, u, 1, squares);
		if (distributions)
			add_spread(t, &codes, u, squares);
	}
}

/* Of a number in a code, within its cluster, over all rows and numbers */
static double
mean_variance(const FcDeep *t, const double *squares)
{
	double		sum = 0;

	for (int64_t i = 0; i < (int64_t) t->k * t->latent; i++)
		sum += squares[i];
	return fmax(sum / t->n / t->latent, LEAST_VARIANCE);
}

/* Variances of codes that are all alike, and that of the decoder */
static void
begin_variation(FcDeep *t, double variance)
{
	FcReal	   *head = t->clusters.now.more + (int64_t) t->k * (1 + t->latent);
	int64_t		count = fc_deep_more(t->model) - (int64_t) t->k * (1 + t->latent);

	memset(head, 0, sizeof(FcReal) * count);
	for (int32_t j = 0; j < t->latent; j++)
		head[(int64_t) j * (t->latent + 1) + t->latent] = (FcReal) log(CODE_VARIANCE * variance);
	head[count - 1] = (FcReal) log(fmax(t->outcome.reconstruction, LEAST_ERROR));
}

/* Equal weights, and one variance of all numbers of all clusters: the nearest center has the largest membership */
static void
begin_equal(FcDeep *t)
{
	double	   *squares = t->clusters.frequency + t->k;
	FcReal	   *row = t->clusters.now.more;
	double		variance;

	add_squares(t, false, t->clusters.frequency, squares);
	variance = mean_variance(t, squares);
	begin_variation(t, variance);
	for (int32_t c = 0; c < t->k; c++, row += 1 + t->latent)
	{
		row[0] = (FcReal) -log(t->k);
		for (int32_t j = 0; j < t->latent; j++)
			row[1 + j] = (FcReal) log(variance);
	}
}

/* That of an earlier model whose clusters these are; false: it has none */
static bool
take_earlier(FcDeep *t)
{
	const FcModel *earlier = t->fit->earlier;
	int64_t		mixture = (int64_t) t->k * (1 + t->latent);

	if (earlier == NULL || t->fit->start == NULL || earlier->algo != t->model->algo || earlier->k != t->k)
		return false;
	for (int64_t i = 0; i < mixture; i++)
		t->clusters.now.more[i] = (FcReal) FC_DEEP_MIXTURE(earlier)[i];
	memcpy(t->clusters.now.more + mixture, FC_DEEP_VARIATION(earlier).data, sizeof(FcReal) * FC_DEEP_VARIATION(earlier).rows);
	return true;
}

/* By the first labels; true: EM shall go on from there, as nobody gave these clusters */
bool
fc_deep_begin_mixture(FcDeep *t)
{
	for (int i = 0; i < 2; i++)
		memset(t->variation.moment[i], 0, sizeof(FcReal) * fc_deep_more(t->model));
	if (take_earlier(t))
		return false;
	fc_deep_target_labels(t);
	begin_equal(t);
	return t->fit->start == NULL;
}

/* Centers, weights and variances of the greatest likelihood, by memberships in t->clusters.target */
void
fc_deep_fit_mixture(FcDeep *t)
{
	double	   *total = t->clusters.frequency;
	double	   *sum = total + t->k;
	FcReal	   *row = t->clusters.now.more;
	double		floor;

	memset(total, 0, sizeof(double) * t->k * (t->latent + 1));
	for (FcPortion p = fc_deep_tiles(t); fc_next_portion(&p);)
	{
		FcCodes		codes = codes_of(t, fc_column_read(&t->clusters.z, p.first, p.rows), p.rows);

		fc_add_code_sums(&codes, fc_column_read(&t->clusters.target, p.first, p.rows), total, sum);
	}
	fc_code_means(total, sum, t->k, t->latent, t->clusters.now.v);
	add_squares(t, true, total, sum);
	floor = VARIANCE_FLOOR * mean_variance(t, sum);
	for (int32_t c = 0; c < t->k; c++, row += 1 + t->latent)
	{
		row[0] = (FcReal) log(fmax(total[c] / t->n, LEAST_WEIGHT));
		for (int32_t j = 0; j < t->latent; j++)
			row[1 + j] = (FcReal) log(fmax(sum[(int64_t) c * t->latent + j] / fmax(total[c], LEAST_WEIGHT), fmax(floor, LEAST_VARIANCE)));
	}
}

/* ---- a step ---- */

/* Means and variances of the codes of a part of a batch, which was encoded */
void
fc_deep_find_spread(FcDeep *t, FcDeepPart p, const FcBatch *part)
{
	int64_t		at = (int64_t) p.first * t->latent;
	FcCodes		codes = codes_of(t, t->variation.mean + at, p.rows);

	memcpy(t->variation.mean + at, fc_batch_embedding(part), sizeof(FcReal) * p.rows * t->latent);
	t->method->variational->spread(&codes, t->variation.logs + at);
}

/* Eq. 1, in place of the codes */
void
fc_deep_draw(FcDeep *t, FcDeepPart p, FcBatch *part)
{
	const FcReal *logs = t->variation.logs + (int64_t) p.first * t->latent;
	FcReal	   *z = fc_batch_embedding(part);
	FcRng		rng;

	fc_rng_start(&rng, (uint64_t) t->model->common[FC_SEED], FC_DEEP_STREAM_DRAWS + (uint64_t) t->turn->step);
	fc_rng_skip(&rng, (uint64_t) p.first * t->latent * 2);
	for (int64_t i = 0; i < (int64_t) p.rows * t->latent; i++)
		z[i] += fc_real_exp(logs[i] / 2) * (FcReal) fc_rng_normal(&rng);
}

/* Eq. 2, and from codes to the gradients of all layers */
void
fc_deep_draw_backward(FcDeep *t, FcDeepPart p, FcBatch *part)
{
	int64_t		at = (int64_t) p.first * t->latent;
	const FcReal *mean = t->variation.mean + at;
	FcReal	   *dlogs = t->variation.dlogs + at;
	FcReal	   *dz = t->work.dz + at;
	const FcReal *z = fc_batch_embedding(part);
	const FcReal *gradient;
	FcCodes		codes = codes_of(t, mean, p.rows);

	gradient = fc_batch_backward_decoder(part, dz);
	for (int64_t i = 0; i < (int64_t) p.rows * t->latent; i++)
		dlogs[i] += gradient[i] * (z[i] - mean[i]) / 2;
	t->method->variational->chain(&codes, dlogs, dz);
	fc_batch_backward(part, false, dz);
}

/* A step of centers and all else, for the whole batch */
void
fc_deep_learn_mixture(FcDeep *t)
{
	FcDeepVariation *w = &t->variation;
	FcCodes		codes = codes_of(t, w->mean, t->turn->size);

	t->method->variational->learn(&codes, t->work.s, w->logs, w->dlogs, t->work.dv, w->dmore);
	fc_optimize(&t->turn->how, codes.hooks, 0, (size_t) t->k * t->latent, t->work.dv, t->work.moment, t->clusters.now.v);
	fc_optimize(&t->turn->how, codes.hooks, 0, (size_t) fc_deep_more(t->model), w->dmore, w->moment, t->clusters.now.more);
}

/* ---- the result ---- */

void
fc_deep_store_mixture(FcDeep *t)
{
	FcModel    *m = t->model;
	const FcReal *more = t->clusters.now.more;
	int64_t		mixture = (int64_t) t->k * (1 + t->latent);

	if (more == NULL)
		return;
	for (int64_t i = 0; i < mixture; i++)
		FC_DEEP_MIXTURE(m)[i] = more[i];
	memcpy(FC_DEEP_VARIATION(m).data, more + mixture, sizeof(FcReal) * FC_DEEP_VARIATION(m).rows);
}
