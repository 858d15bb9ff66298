/*
 * use.c - scoring a row: its code, its distances, and its reconstruction
 *
 * Distances are those of distance.c: of the row's code, or, if a classifier
 * has refined the clusters, of its outputs for the row.  Code and
 * reconstruction are the autoencoder's in any case.
 */
#include "deep/model.h"

#include <math.h>
#include <string.h>

#define FC_VARIANTS_OF "deep/use_loops.h"
#include "core/variants.h"

/* Work space of a model that scores rows, FcMetric.private_data */
typedef struct RowScorer
{
	const FcModel *model;
	FcNet		net;
	FcBatch		batch;
	FcReal	   *x;				/* (d) the scaled row */
	FcReal	   *z;				/* (latent) its code */
	FcReal	   *y;				/* (d) its reconstruction */
	FcReal	   *near;			/* (neighbors, latent) codes of its neighbours, or NULL */
	FcNet		classifier;		/* where there is one ... */
	FcBatch		classifying;
	FcReal	   *out;			/* (outputs) ... and its outputs */
	int			embedded;		/* rows that the network has seen, and the classifier, up to 2 ... */
	int			classified;		/* ... for whose sake weights may be packed */
	double	   *distance;		/* (k) */
	double	   *nearest;		/* (k, FC_DEEP_NEAR) work space of fc_deep_nearest() */
} RowScorer;

void *
fc_deep_use_layout(FcArena *a, const FcModel *m)
{
	RowScorer  *placed = fc_take(a, 1, sizeof(RowScorer));
	RowScorer	counting;
	RowScorer  *s = placed ? placed : &counting;

	memset(s, 0, sizeof(RowScorer));
	(void) fc_deep_net(&s->net, m);
	fc_batch_layout(a, &s->batch, &s->net, s->net.count, 1, false);
	s->x = fc_take(a, m->d, sizeof(FcReal));
	s->z = fc_take(a, fc_deep_latent(m), sizeof(FcReal));
	s->y = fc_take(a, m->d, sizeof(FcReal));
	if (fc_deep_neighbors(m) > 0)
		s->near = fc_take(a, fc_times(fc_deep_neighbors(m), fc_deep_latent(m)), sizeof(FcReal));
	if (fc_deep_refines(m))
	{
		(void) fc_deep_classifier(&s->classifier, m);
		fc_batch_layout(a, &s->classifying, &s->classifier, s->classifier.count, 1, false);
		s->out = fc_take(a, fc_deep_outputs(m), sizeof(FcReal));
	}
	s->distance = fc_take(a, m->k, sizeof(double));
	s->nearest = fc_take(a, fc_times(m->k, FC_DEEP_NEAR), sizeof(double));
	return placed;
}

void
fc_deep_load(FcMetric *t)
{
	RowScorer  *s = t->private_data;

	s->model = t->model;
	s->batch.parameters = FC_DEEP_PARAMETERS(t->model).data;
	s->batch.hooks = (FcHooks) {.check = t->hooks.check, .arg = t->hooks.arg};
	s->classifying.parameters = FC_DEEP_CLASSIFIER(t->model).data;
	s->classifying.hooks = s->batch.hooks;
	s->batch.packed = s->classifying.packed = NULL;
	s->embedded = s->classified = 0;
}

/* ---- a row ---- */

/* Packing costs as much as a row or two: a model that is read for one row does without, which changes no bit */
void
fc_deep_pack_from_second_row(FcBatch *b, int *rows)
{
	if (*rows == 1)
		fc_batch_pack(b);
	if (*rows < 2)
		++*rows;
}

/* s->x is set */
static void
embed(RowScorer *s)
{
	fc_deep_pack_from_second_row(&s->batch, &s->embedded);
	fc_embed_rows(&s->batch, s->x, 1, s->z);
	if (s->near)
		fc_deep_join_row(s->model, &s->batch.hooks, s->near, s->z);
}

/* The position of s->x: its code, or the classifier's outputs */
static const FcReal *
find_position(RowScorer *s)
{
	if (s->out == NULL)
	{
		embed(s);
		return s->z;
	}
	fc_deep_pack_from_second_row(&s->classifying, &s->classified);
	fc_apply_rows(&s->classifying, s->x, 1, s->out);
	return s->out;
}

static void
distances(FcMetric *t, const void *x, int64_t xstride, int32_t lanes, void *at, int32_t stride)
{
	RowScorer  *s = t->private_data;

	for (int32_t i = 0; i < (t->one_row ? 1 : lanes); i++)
	{
		fc_check(&t->hooks);
		for (int32_t j = 0; j < t->d; j++)
			s->x[j] = (FcReal) fc_get(x, t->precision, j * xstride + i);
		(void) fc_deep_nearest(t->model, find_position(s), s->distance, s->nearest);
		for (int32_t c = 0; c < t->k; c++)
			fc_set(at, t->precision, (int64_t) c * stride + i, s->distance[c]);
	}
}

const FcDistances fc_deep_distances[FC_ISAS][2] = {
	{distances, distances},
	{distances, distances},
	{distances, distances},
};

const FcWeigh fc_deep_exponentials[FC_ISAS][2] = FC_TABLE(exponentials);

/* Of a classifier that ends with a softmax; NULL: those of the method */
FcWeighTable
fc_deep_scoring_memberships(const FcModel *m)
{
	return fc_deep_has_softmax(m) ? fc_deep_exponentials : NULL;
}

/* s->z becomes the code of a scaled row */
static void
encode(RowScorer *s, const double *x, int32_t d)
{
	for (int32_t j = 0; j < d; j++)
		s->x[j] = (FcReal) x[j];
	embed(s);
}

/* z (latent) of a scaled row */
static void
embed_row(FcMetric *t, const double *x, float *z)
{
	RowScorer  *s = t->private_data;

	encode(s, x, t->d);
	for (int32_t j = 0; j < fc_deep_latent(t->model); j++)
		z[j] = (float) s->z[j];
}

/* y (d), which may be x: the row as the decoder makes it from its code, scaled */
static void
reconstruct_row(FcMetric *t, const double *x, double *y)
{
	RowScorer  *s = t->private_data;

	encode(s, x, t->d);
	fc_decode_rows(&s->batch, s->z, 1, s->y);
	for (int32_t j = 0; j < t->d; j++)
		y[j] = s->y[j];
}

static bool
has_density(const FcAlgorithm *algo)
{
	return ((const FcDeepMethod *) algo->method)->variational != NULL;
}

/* ln p of a scaled row, or a bound of it; a row whose code is not a number has none */
static double
density(FcMetric *t, const double *x)
{
	RowScorer  *s = t->private_data;
	double		squares = 0;
	double		value;

	encode(s, x, t->d);
	fc_decode_rows(&s->batch, s->z, 1, s->y);
	for (int32_t j = 0; j < t->d; j++)
		squares += (s->y[j] - x[j]) * (s->y[j] - x[j]);
	value = fc_deep_method(t->model)->variational->density(t->model, s->z, squares);
	return isnan(value) ? -INFINITY : value;
}

/* y (d): a code of cluster c, decoded */
static void
generate(FcMetric *t, int32_t c, FcRng *rng, double *y)
{
	RowScorer  *s = t->private_data;

	fc_deep_method(t->model)->variational->draw(t->model, c, rng, s->z);
	fc_decode_rows(&s->batch, s->z, 1, s->y);
	for (int32_t j = 0; j < t->d; j++)
		y[j] = s->y[j];
}

static int64_t
parameters(const FcModel *m)
{
	return (int64_t) FC_DEEP_PARAMETERS(m).rows + FC_DEEP_CLASSIFIER(m).rows + FC_DEEP_NEIGHBOR_NET(m).rows +
		fc_deep_more(m);
}

static const double *
centers(const FcModel *m)
{
	return FC_DEEP_CENTERS(m);
}

const FcNetworkHooks fc_deep_network_hooks = {
	.parameters = parameters,
	.latent = fc_deep_latent,
	.centers = centers,
	.embed = embed_row,
	.reconstruct = reconstruct_row,
	.has_density = has_density,
	.density = density,
	.generate = generate,
};
