/*
 * use.c - a model and a row: its code, its distances, and what the decoder makes of it
 *
 *	D_c = scale sum_j w_cj (z_j - v_cj)^2					(eq. 1)
 *
 * with all w = 1, or scale = m where the method has weights, whose sums are 1.
 *
 * Where the clusters of an autoencoder are of the graph of neighbours, centers say
 * little about them: D_c is the mean of the squared distances to the nearest three
 * of the stored codes that belong to cluster c.
 *
 * Where a classifier has refined the clusters, it takes the encoder's place: its
 * head has centers for eq. 1, without weights; or it ends with a softmax, and then
 * D_c = -ln u_c of the membership.  Code and reconstruction remain what they were.
 *
 * Codes that are of neighbours too: see joint.c.
 */
#include "deep/deep.h"

#include <math.h>
#include <string.h>

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
	FcReal	   *out;			/* (outputs) ... and what it makes */
	double	   *at;				/* (k) */
	double	   *near;			/* (k, FC_DEEP_NEAR) */
} Use;

void *
fc_deep_own(FcArena *a, const FcModel *m)
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
	Use		   *u = t->own;

	u->model = t->model;
	u->batch.parameters = t->model->network;
	u->batch.hooks = (FcHooks) {.check = t->hooks.check, .arg = t->hooks.arg};
	u->classifying.parameters = t->model->classifier;
	u->classifying.hooks = u->batch.hooks;
	fc_batch_pack(&u->batch);
	if (u->out)
		fc_batch_pack(&u->classifying);
}

/* ---- distances of a code ---- */

static bool
has_softmax(const FcModel *m)
{
	return fc_deep_refines(m) && m->option[FC_DEEP_REFINE_HEAD] == FC_HEAD_SOFTMAX;
}

/* Eq. 1 for centers v (k, width), with weights w (k, width) unless that is NULL */
static void
to_centers(const FcReal *z, const double *v, const double *w, int32_t k, int32_t width, double *at)
{
	for (int32_t c = 0; c < k; c++, v += width)
	{
		double		sum = 0;

		for (int32_t j = 0; j < width; j++)
			sum += (w ? width * w[(int64_t) c * width + j] : 1) * (z[j] - v[j]) * (z[j] - v[j]);
		at[c] = sum;
	}
}

/* -ln softmax */
static void
to_outputs(const FcReal *out, int32_t k, double *at)
{
	double		most = out[0];
	double		sum = 0;

	for (int32_t c = 1; c < k; c++)
		most = fmax(most, out[c]);
	for (int32_t c = 0; c < k; c++)
		sum += exp(out[c] - most);
	for (int32_t c = 0; c < k; c++)
		at[c] = log(sum) - (out[c] - most);
}

/* near (FC_DEEP_NEAR), sorted, takes up one more if it is nearer than the last */
static void
insert(double *near, double distance)
{
	int			place = FC_DEEP_NEAR - 1;

	if (!(distance < near[place]))
		return;
	for (; place > 0 && distance < near[place - 1]; place--)
		near[place] = near[place - 1];
	near[place] = distance;
}

/* Clusters that no stored code belongs to are infinitely far */
static void
to_codes(const FcModel *m, const FcReal *z, double *at, double *near)
{
	int32_t		width = fc_deep_latent(m);
	const float *code = m->codes;

	for (int64_t i = 0; i < (int64_t) m->k * FC_DEEP_NEAR; i++)
		near[i] = INFINITY;
	for (int32_t i = 0; i < m->ncodes; i++, code += width + 1)
	{
		float		sum = 0;

		for (int32_t j = 0; j < width; j++)
			sum += (z[j] - code[j]) * (z[j] - code[j]);
		insert(near + (int64_t) code[width] * FC_DEEP_NEAR, sum);
	}
	for (int32_t c = 0; c < m->k; c++, near += FC_DEEP_NEAR)
	{
		int			found = 0;
		double		sum = 0;

		for (; found < FC_DEEP_NEAR && isfinite(near[found]); found++)
			sum += near[found];
		at[c] = found > 0 ? sum / found : INFINITY;
	}
}

/*
 * Squared distances at (k) of a code, or of what a classifier makes of a row, and
 * the first of the nearest; near is work space
 */
int32_t
fc_deep_nearest(const FcModel *m, const FcReal *z, double *at, double *near)
{
	int32_t		best = 0;

	if (has_softmax(m))
		to_outputs(z, m->k, at);
	else if (fc_deep_refines(m))
		to_centers(z, FC_DEEP_HEAD(m), NULL, m->k, fc_deep_outputs(m), at);
	else if (m->ncodes > 0)
		to_codes(m, z, at, near);
	else
		to_centers(z, FC_DEEP_CENTERS(m), m->algo->deep->weighs ? FC_DEEP_WEIGHTS(m) : NULL, m->k, fc_deep_latent(m), at);
	for (int32_t c = 1; c < m->k; c++)
		if (at[c] < at[best])
			best = c;
	return best;
}

/* ---- a row ---- */

/* u->x is set */
static void
embed(Use *u)
{
	fc_embed_rows(&u->batch, u->x, 1, u->z);
	if (u->codes)
		fc_deep_join_row(u->model, &u->batch.hooks, u->codes, u->z);
}

/* Where u->x is: its code, or what the classifier makes of it */
static const FcReal *
place(Use *u)
{
	if (u->out == NULL)
	{
		embed(u);
		return u->z;
	}
	fc_apply_rows(&u->classifying, u->x, 1, u->out);
	return u->out;
}

static void
distances(FcMetric *t, const void *x, int64_t xstride, int32_t lanes, void *at, int32_t stride)
{
	Use		   *u = t->own;

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

/* Distances that are -ln u: back to u */
static double
exponential(FcWeighing *g, void *atv, int32_t stride, int32_t lanes, int32_t rows, int32_t k)
{
	double	   *at = atv;

	(void) g;
	(void) lanes;
	for (int32_t i = 0; i < rows; i++)
	{
		double		least = INFINITY;
		double		sum = 0;

		for (int32_t c = 0; c < k; c++)
			least = fmin(least, at[(int64_t) c * stride + i]);
		for (int32_t c = 0; c < k; c++)
			sum += at[(int64_t) c * stride + i] = exp(least - at[(int64_t) c * stride + i]);
		for (int32_t c = 0; c < k; c++)
			at[(int64_t) c * stride + i] /= sum;
	}
	return 0;
}

/* Rows are scored one by one, in double precision */
static const FcWeigh exponentials[FC_ISAS][2] = {
	{NULL, exponential},
	{NULL, exponential},
	{NULL, exponential},
};

/* Of a classifier that ends with a softmax; NULL: as the method weighs */
FcWeighTable
fc_deep_weigh(const FcModel *m)
{
	return has_softmax(m) ? exponentials : NULL;
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
void
fc_deep_embed(FcMetric *t, const double *x, float *z)
{
	Use		   *u = t->own;

	encode(u, x, t->d);
	for (int32_t j = 0; j < fc_deep_latent(t->model); j++)
		z[j] = (float) u->z[j];
}

/* y (d), which may be x: the row as the decoder makes it from its code, scaled */
void
fc_deep_reconstruct(FcMetric *t, const double *x, double *y)
{
	Use		   *u = t->own;

	encode(u, x, t->d);
	fc_decode_rows(&u->batch, u->z, 1, u->y);
	for (int32_t j = 0; j < t->d; j++)
		y[j] = u->y[j];
}
