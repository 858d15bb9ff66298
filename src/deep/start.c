/*
 * start.c - the first clusters of codes
 *
 * Those of an earlier model; or around centers that the user gives, embedded; or
 * of the graph of neighbours (nn/start.c), or by k-means.  The graph is of all
 * rows, or of a random sample of them, and others belong where the nearest row
 * of the sample does.  Fewer rows than make a graph are left to k-means.
 */
#include "deep/training.h"

#include <math.h>
#include <string.h>

#define KMEANS_STARTS	20		/* times the option restarts */

/* k-means, also where it begins with the caller's centers; methods that go on learning need no more than these */
static bool
uses_means(const FcDeep *t)
{
	return !fc_deep_uses_graph(t->fit) && (t->fit->start == NULL || t->method->loss == NULL);
}

void
fc_deep_start_layout(FcArena *a, FcDeep *t)
{
	int			restarts = (int) t->model->common[FC_RESTARTS];

	fc_column_layout(a, &t->clusters.label, &t->space, t->n, sizeof(int32_t), fc_deep_at_hand(t));
	if (uses_means(t))
	{
		if (t->fit->start)
			t->first.centers = fc_take(a, fc_times(t->k, t->latent), sizeof(double));
		fc_means_layout(a, &t->first.means, &t->space, t->n, t->latent, t->k, t->fit->start ? 1 : KMEANS_STARTS * restarts);
		t->first.means.common = t->model->common;
		t->first.means.start = t->first.centers;
	}
	if (!fc_deep_uses_graph(t->fit))
		return;
	t->first.sampled = fc_deep_sampled(t->n);
	t->first.graph = fc_graph_start_defaults(t->first.sampled, t->latent, t->k, (uint64_t) t->model->common[FC_SEED]);
	t->first.graph.restarts *= restarts;
	fc_graph_start_layout(a, &t->first.graph);
	t->first.graph.means.common = t->model->common;
	if (t->first.sampled < t->n)
	{
		t->first.sample = fc_take(a, fc_times(t->first.sampled, t->latent), sizeof(FcReal));
		t->first.sample_label = fc_take(a, t->first.sampled, sizeof(int32_t));
		fc_search_layout(a, &t->first.search, t->latent, 1);
	}
}

/* ---- by the graph ---- */

static void
take_sample(FcDeep *t)
{
	fc_rng_start(&t->course.rng, (uint64_t) t->model->common[FC_SEED], FC_DEEP_STREAM_SAMPLE);
	fc_deep_shuffle(t);
	for (int64_t first = 0; first < t->first.sampled; first += t->rows.portion)
	{
		int64_t		count = t->first.sampled - first < t->rows.portion ? t->first.sampled - first : t->rows.portion;

		fc_check(&t->fit->hooks);
		fc_column_take(&t->clusters.z, fc_column_read(&t->rows.order, first, count), count, t->first.sample + first * t->latent);
	}
}

/* Rows belong to the cluster of the nearest row of the sample */
static void
spread_labels(FcDeep *t)
{
	FcColumn	sample = fc_column_of(t->first.sample, t->first.sampled, sizeof(FcReal) * t->latent);

	for (int64_t first = 0; first < t->n; first += t->rows.portion)
	{
		int64_t		rows = fc_deep_rows_from(t, first, t->rows.portion);
		int32_t    *label = fc_column_place(&t->clusters.label, first, rows);

		fc_search(&t->first.search, &t->fit->hooks, fc_column_whole(&sample), (FcSlice) {&t->clusters.z, first, rows}, -1, label);
		for (int64_t i = 0; i < rows; i++)
			label[i] = t->first.sample_label[label[i]];
		fc_column_write(&t->clusters.label, first, rows);
	}
}

/* The codes of the graph and their clusters, for a model that keeps them */
static void
store_codes(FcDeep *t, const FcReal *z, const int32_t *label)
{
	FcModel    *m = t->model;
	int32_t		width = t->latent + 1;

	for (int64_t i = 0; i < FC_DEEP_CODES(m).rows; i++)
	{
		memcpy(FC_DEEP_CODES(m).data + i * width, z + i * t->latent, sizeof(float) * t->latent);
		FC_DEEP_CODES(m).data[i * width + t->latent] = (float) label[i];
	}
}

static FcStatus
start_by_graph(FcDeep *t)
{
	bool		all = t->first.sample == NULL;
	const FcReal *z = all ? fc_column_read(&t->clusters.z, 0, t->n) : t->first.sample;
	int32_t    *label = all ? fc_column_place(&t->clusters.label, 0, t->n) : t->first.sample_label;
	FcStatus	status;

	if (!all)
		take_sample(t);
	status = fc_graph_start(&t->first.graph, &t->fit->hooks, z, label, t->clusters.now.v);
	t->fit->distinct = t->first.graph.distinct;
	if (status != FC_OK)
		return status;
	store_codes(t, z, label);
	if (all)
		fc_column_write(&t->clusters.label, 0, t->n);
	else
		spread_labels(t);
	return FC_OK;
}

/* ---- in other ways ---- */

static FcStatus
start_by_means(FcDeep *t)
{
	FcStatus	status = fc_means(&t->first.means, &t->fit->hooks, &t->clusters.z, t->k, (uint64_t) t->model->common[FC_SEED],
								  &t->clusters.label);

	t->fit->distinct = t->first.means.fit.distinct;
	for (int64_t i = 0; status == FC_OK && i < (int64_t) t->k * t->latent; i++)
		t->clusters.now.v[i] = (FcReal) t->first.means.model.centers[i];
	return status;
}

/* Centers in the user's units become codes */
static void
embed_centers(FcDeep *t)
{
	const FcModel *m = t->model;

	for (int32_t c = 0; c < t->k; c++)
	{
		for (int32_t j = 0; j < t->d; j++)
		{
			double		x = t->fit->start[(int64_t) c * t->d + j];

			t->rows.moved[j] = (FcReal) (m->shift ? (x - m->shift[j]) * m->factor[j] : x);
		}
		fc_check(&t->fit->hooks);
		fc_embed_rows(&t->network.batch, t->rows.moved, 1, t->clusters.now.v + (int64_t) c * t->latent);
	}
}

/* Has an earlier model learned as many centers together with its codes? */
static bool
has_earlier_centers(const FcFit *f)
{
	return f->earlier && f->start && fc_deep_method(f->earlier)->loss && f->earlier->k == f->model->k;
}

/* ... and weights of dimensions, which this method continues to use? */
bool
fc_deep_has_earlier_weights(const FcDeep *t)
{
	return t->clusters.now.w && has_earlier_centers(t->fit) && fc_deep_method(t->fit->earlier)->weighs &&
		t->method->spread && t->method->spread(t->model) != 0;
}

/* Where the caller's centers are: known, if an earlier model has them */
static void
take_centers(FcDeep *t)
{
	const FcModel *earlier = t->fit->earlier;

	if (!has_earlier_centers(t->fit))
	{
		embed_centers(t);
		return;
	}
	for (int64_t i = 0; i < (int64_t) t->k * t->latent; i++)
		t->clusters.now.v[i] = (FcReal) FC_DEEP_CENTERS(earlier)[i];
}

/* The center nearest to a code */
static int32_t
nearest_center(const FcDeep *t, const FcReal *z)
{
	const FcReal *v = t->clusters.now.v;
	FcReal		least = INFINITY;
	int32_t		nearest = 0;

	for (int32_t c = 0; c < t->k; c++, v += t->latent)
	{
		FcReal		distance = 0;

		for (int32_t j = 0; j < t->latent; j++)
			distance += (z[j] - v[j]) * (z[j] - v[j]);
		if (distance < least)
		{
			least = distance;
			nearest = c;
		}
	}
	return nearest;
}

static void
label_by_centers(FcDeep *t)
{
	for (int64_t first = 0; first < t->n; first += t->batch_size)
	{
		int64_t		rows = fc_deep_rows_from(t, first, t->batch_size);
		const FcReal *z = fc_column_read(&t->clusters.z, first, rows);
		int32_t    *label = fc_column_place(&t->clusters.label, first, rows);

		fc_check(&t->fit->hooks);
		for (int64_t i = 0; i < rows; i++)
			label[i] = nearest_center(t, z + i * t->latent);
		fc_column_write(&t->clusters.label, first, rows);
	}
}

/* t->clusters.label and t->clusters.now.v, of codes in t->clusters.z */
FcStatus
fc_deep_start(FcDeep *t)
{
	FcStatus	status = FC_OK;

	if (t->fit->start)
		take_centers(t);
	for (int64_t i = 0; t->first.centers && i < (int64_t) t->k * t->latent; i++)
		t->first.centers[i] = t->clusters.now.v[i];
	if (fc_deep_uses_graph(t->fit))
		status = start_by_graph(t);
	else if (uses_means(t))
		status = start_by_means(t);
	else
		label_by_centers(t);
	if (t->method->unit_centers && !(has_earlier_centers(t->fit) && fc_deep_method(t->fit->earlier)->unit_centers))
		fc_l2norm(t->clusters.now.v, t->k, t->latent, t->clusters.now.v);
	for (int64_t i = 0; t->clusters.now.w && i < (int64_t) t->k * t->latent; i++)
		t->clusters.now.w[i] = fc_deep_has_earlier_weights(t) ? (FcReal) FC_DEEP_WEIGHTS(t->fit->earlier)[i] : (FcReal) 1 / t->latent;
	return status;
}
