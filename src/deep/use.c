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

/* A row on its way through the net */
typedef struct Use
{
	const FcModel *model;
	FcNet		net;
	FcBatch		batch;
	FcReal	   *x;				/* (d) */
	FcReal	   *z;				/* (m) */
	FcReal	   *y;				/* (d) */
	FcReal	   *codes;			/* (neighbors, m), or NULL */
	FcNet		classifier;		/* where there is one ... */
	FcBatch		classifying;
	FcReal	   *out;			/* (outputs) ... and its outputs */
	int			embedded;		/* rows that the network has seen, and the classifier, up to 2 ... */
	int			classified;		/* ... for whose sake weights may be packed */
	double	   *at;				/* (k) */
	double	   *near;			/* (k, FC_DEEP_NEAR) */
} Use;

void *
fc_deep_use_layout(FcArena *a, const FcModel *m)
{
	Use		   *placed = fc_take(a, 1, sizeof(Use));
	Use			counting;
	Use		   *u = placed ? placed : &counting;

	memset(u, 0, sizeof(Use));
	(void) fc_deep_net(&u->net, m);
	fc_batch_layout(a, &u->batch, &u->net, u->net.count, 1, false);
	u->x = fc_take(a, m->d, sizeof(FcReal));
	u->z = fc_take(a, fc_deep_latent(m), sizeof(FcReal));
	u->y = fc_take(a, m->d, sizeof(FcReal));
	if (fc_deep_neighbors(m) > 0)
		u->codes = fc_take(a, fc_times(fc_deep_neighbors(m), fc_deep_latent(m)), sizeof(FcReal));
	if (fc_deep_refines(m))
	{
		(void) fc_deep_classifier(&u->classifier, m);
		fc_batch_layout(a, &u->classifying, &u->classifier, u->classifier.count, 1, false);
		u->out = fc_take(a, fc_deep_outputs(m), sizeof(FcReal));
	}
	u->at = fc_take(a, m->k, sizeof(double));
	u->near = fc_take(a, fc_times(m->k, FC_DEEP_NEAR), sizeof(double));
	return placed;
}

void
fc_deep_load(FcMetric *t)
{
	Use		   *u = t->private_data;

	u->model = t->model;
	u->batch.parameters = FC_DEEP_PARAMETERS(t->model).data;
	u->batch.hooks = (FcHooks) {.check = t->hooks.check, .arg = t->hooks.arg};
	u->classifying.parameters = FC_DEEP_CLASSIFIER(t->model).data;
	u->classifying.hooks = u->batch.hooks;
	u->batch.packed = u->classifying.packed = NULL;
	u->embedded = u->classified = 0;
}

/* ---- a row ---- */

/* Packing costs as much as a row or two: a model that is read for one row does without, which changes no bit */
static void
pack_from_second_row(FcBatch *b, int *rows)
{
	if (*rows == 1)
		fc_batch_pack(b);
	if (*rows < 2)
		++*rows;
}

/* u->x is set */
static void
embed(Use *u)
{
	pack_from_second_row(&u->batch, &u->embedded);
	fc_embed_rows(&u->batch, u->x, 1, u->z);
	if (u->codes)
		fc_deep_join_row(u->model, &u->batch.hooks, u->codes, u->z);
}

/* The position of u->x: its code, or the classifier's outputs */
static const FcReal *
place(Use *u)
{
	if (u->out == NULL)
	{
		embed(u);
		return u->z;
	}
	pack_from_second_row(&u->classifying, &u->classified);
	fc_apply_rows(&u->classifying, u->x, 1, u->out);
	return u->out;
}

static void
distances(FcMetric *t, const void *x, int64_t xstride, int32_t lanes, void *at, int32_t stride)
{
	Use		   *u = t->private_data;

	for (int32_t i = 0; i < (t->one_row ? 1 : lanes); i++)
	{
		fc_check(&t->hooks);
		for (int32_t j = 0; j < t->d; j++)
			u->x[j] = (FcReal) fc_get(x, t->precision, j * xstride + i);
		(void) fc_deep_nearest(t->model, place(u), u->at, u->near);
		for (int32_t c = 0; c < t->k; c++)
			fc_set(at, t->precision, (int64_t) c * stride + i, u->at[c]);
	}
}

const FcDistances fc_deep_distances[FC_ISAS][2] = {
	{distances, distances},
	{distances, distances},
	{distances, distances},
};

static const FcWeigh exponentials[FC_ISAS][2] = FC_TABLE(exponentials);

/* Of a classifier that ends with a softmax; NULL: as the method weighs */
FcWeighTable
fc_deep_scoring_memberships(const FcModel *m)
{
	return fc_deep_has_softmax(m) ? exponentials : NULL;
}

/* u->z becomes the code of a scaled row */
static void
encode(Use *u, const double *x, int32_t d)
{
	for (int32_t j = 0; j < d; j++)
		u->x[j] = (FcReal) x[j];
	embed(u);
}

/* z (latent) of a scaled row */
static void
embed_row(FcMetric *t, const double *x, float *z)
{
	Use		   *u = t->private_data;

	encode(u, x, t->d);
	for (int32_t j = 0; j < fc_deep_latent(t->model); j++)
		z[j] = (float) u->z[j];
}

/* y (d), which may be x: the row as the decoder makes it from its code, scaled */
static void
reconstruct_row(FcMetric *t, const double *x, double *y)
{
	Use		   *u = t->private_data;

	encode(u, x, t->d);
	fc_decode_rows(&u->batch, u->z, 1, u->y);
	for (int32_t j = 0; j < t->d; j++)
		y[j] = u->y[j];
}

static int64_t
parameters(const FcModel *m)
{
	return (int64_t) FC_DEEP_PARAMETERS(m).rows + FC_DEEP_CLASSIFIER(m).rows + FC_DEEP_NEIGHBOR_NET(m).rows;
}

const FcNetworkHooks fc_deep_network_hooks = {
	.parameters = parameters,
	.latent = fc_deep_latent,
	.embed = embed_row,
	.reconstruct = reconstruct_row,
};
