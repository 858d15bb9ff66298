/*
 * start.c - the initial clusters of codes
 *
 * Those of an earlier model; or around centers that the user gives, embedded;
 * or of the graph of neighbours (groups.c), or by k-means (means.c), or the
 * better of these two (choice.c).  The graph is of all rows, or of a random
 * sample of them, and other rows belong to the cluster of the nearest row of
 * the sample.  If there are too few rows for a graph, k-means is used.
 */
#include "core/sample_start.h"
#include "deep/training.h"

#include <math.h>
#include <string.h>

#define KMEANS_STARTS	20		/* times the option restarts */

/* k-means, also where it begins with the caller's centers; methods that go on learning need no more than these */
static bool
uses_means(const FcDeep *t)
{
	return (!fc_deep_has_graph(t->fit) || fc_deep_chooses_start(t->fit)) && (t->fit->start == NULL || t->method->loss == NULL);
}

/* Random ones, as the method asks for, unless the caller has some */
static bool
draws_centers(const FcDeep *t)
{
	return t->fit->start == NULL && fc_deep_option(t->model, t->method->random_centers, 0) != 0;
}

static void
means_layout(FcArena *a, FcDeep *t, int restarts)
{
	FcDeepFirst *f = &t->first;
	bool		given = t->fit->start != NULL;

	if (given)
		f->centers = fc_take(a, fc_times(t->k, t->latent), sizeof(double));
	fc_means_layout(a, &f->means, &t->space, t->n, t->latent, t->k, given ? 1 : KMEANS_STARTS * restarts);
	f->means.common = t->model->common;
	f->means.start = f->centers;
}

static void
graph_layout(FcArena *a, FcDeep *t, int restarts)
{
	FcDeepFirst *f = &t->first;

	f->sampled = fc_deep_sampled(t->n);
	f->graph = fc_graph_start_defaults(f->sampled, t->latent, t->k, (uint64_t) t->model->common[FC_SEED]);
	f->graph.restarts *= restarts;
	f->graph.search = &t->search;
	fc_graph_start_layout(a, &f->graph);
	f->graph.means.common = t->model->common;
	f->sample_label = fc_take(a, f->sampled, sizeof(int32_t));
	if (f->sampled < t->n)
		f->sample = fc_take(a, fc_times(f->sampled, t->latent), sizeof(FcReal));
}

void
fc_deep_start_layout(FcArena *a, FcDeep *t)
{
	int			restarts = fc_restarts(t->fit);

	fc_column_layout(a, &t->clusters.label, &t->space, t->n, sizeof(int32_t), fc_deep_at_hand(t));
	if (uses_means(t))
		means_layout(a, t, restarts);
	if (fc_deep_has_graph(t->fit))
		graph_layout(a, t, restarts);
	if (fc_deep_chooses_start(t->fit))
		fc_deep_choice_layout(a, t, restarts);
}

/* ---- by the graph ---- */

/* The codes that the graph is of */
static const FcReal *
take_sample(FcDeep *t)
{
	FcReal	   *sample = t->first.sample;

	if (sample == NULL)
		return fc_column_read(&t->clusters.z, 0, t->n);
	fc_rng_start(&t->course.rng, (uint64_t) t->model->common[FC_SEED], FC_DEEP_STREAM_SAMPLE);
	fc_deep_shuffle(t);
	for (FcPortion p = fc_portions(&t->fit->hooks, t->first.sampled, t->rows.portion); fc_next_portion(&p);)
		fc_column_take(&t->clusters.z, fc_column_read(&t->rows.order, p.first, p.rows), p.rows, sample + p.first * t->latent);
	return sample;
}

/* Rows belong to the cluster of the nearest row of the sample */
static void
spread_labels(FcDeep *t)
{
	FcDeepFirst *f = &t->first;
	FcColumn	sample = fc_column_of(f->sample, f->sampled, sizeof(FcReal) * t->latent);

	for (FcPortion p = fc_deep_portions(t, t->rows.portion); fc_next_portion(&p);)
	{
		int32_t    *label = fc_column_place(&t->clusters.label, p.first, p.rows);
		FcSought	sought = {
			.base = fc_column_whole(&sample), .queries = {&t->clusters.z, p.first, p.rows}, .self = -1, .m = t->latent,
			.count = 1
		};

		fc_search(&t->search, &t->fit->hooks, &sought, label);
		for (int64_t i = 0; i < p.rows; i++)
			label[i] = f->sample_label[label[i]];
		fc_column_write(&t->clusters.label, p.first, p.rows);
	}
}

/* The codes of the graph and their clusters, for a model that keeps them */
static void
store_codes(FcModel *m, const FcReal *z, const int32_t *label, int32_t latent)
{
	const FcNarrow *codes = &FC_DEEP_CODES(m);
	float	   *row = codes->data;

	for (int64_t i = 0; i < codes->rows; i++, row += latent + 1)
	{
		memcpy(row, z + i * latent, sizeof(float) * latent);
		row[latent] = (float) label[i];
	}
}

static FcStatus
find_graph_clusters(FcDeep *t, const FcReal *z, FcReal *centers)
{
	FcDeepFirst *f = &t->first;
	FcStatus	status = fc_graph_start(&f->graph, &t->fit->hooks, z, f->sample_label, centers);

	t->fit->failure.distinct = f->graph.distinct;
	return status;
}

/* Labels of the codes in the graph become those of all rows */
static void
use_graph(FcDeep *t, const FcReal *z)
{
	FcDeepFirst *f = &t->first;

	t->outcome.start = FC_START_GRAPH;
	store_codes(t->model, z, f->sample_label, t->latent);
	if (f->sample)
	{
		spread_labels(t);
		return;
	}
	memcpy(fc_column_place(&t->clusters.label, 0, t->n), f->sample_label, sizeof(int32_t) * t->n);
	fc_column_write(&t->clusters.label, 0, t->n);
}

static FcStatus
start_by_graph(FcDeep *t)
{
	const FcReal *z = take_sample(t);
	FcStatus	status = find_graph_clusters(t, z, t->clusters.now.v);

	if (status == FC_OK)
		use_graph(t, z);
	return status;
}

/* ---- by k-means ---- */

static FcStatus
start_by_means(FcDeep *t)
{
	FcMeans    *means = &t->first.means;
	uint64_t	seed = (uint64_t) t->model->common[FC_SEED];
	FcStatus	status = fc_means(means, &t->fit->hooks, &t->clusters.z, t->k, seed, &t->clusters.label);

	t->outcome.start = FC_START_KMEANS;
	t->fit->failure.distinct = means->fit.failure.distinct;
	for (int64_t i = 0; status == FC_OK && i < (int64_t) t->k * t->latent; i++)
		t->clusters.now.v[i] = (FcReal) means->model.centers[i];
	return status;
}

/* ---- by the better of them ---- */

/* Labels by k-means of the codes in the graph */
static void
take_means_labels(FcDeep *t, int32_t *to)
{
	FcColumn   *label = &t->clusters.label;

	if (t->first.sample == NULL)
	{
		memcpy(to, fc_column_read(label, 0, t->n), sizeof(int32_t) * t->n);
		return;
	}
	for (FcPortion p = fc_portions(&t->fit->hooks, t->first.sampled, t->rows.portion); fc_next_portion(&p);)
		fc_column_take(label, fc_column_read(&t->rows.order, p.first, p.rows), p.rows, to + p.first);
}

/* A graph that does not have as many clusters is not the better one */
static FcStatus
start_by_better(FcDeep *t)
{
	FcDeepChoice *c = &t->first.choice;
	FcStatus	status = start_by_means(t);
	const FcReal *z;

	if (status != FC_OK)
		return status;
	z = take_sample(t);
	if (find_graph_clusters(t, z, c->centers) != FC_OK)
		return FC_OK;
	take_means_labels(t, c->means);
	if (!fc_deep_prefers_graph(t, z))
		return FC_OK;
	memcpy(t->clusters.now.v, c->centers, sizeof(FcReal) * t->k * t->latent);
	use_graph(t, z);
	return FC_OK;
}

/* ---- around centers of the caller ---- */

/* Centers in the user's units become codes */
static void
embed_centers(FcDeep *t)
{
	const FcModel *m = t->model;
	FcReal	   *x = t->rows.moved;

	for (int32_t c = 0; c < t->k; c++)
	{
		const double *center = t->fit->start + (int64_t) c * t->d;

		for (int32_t j = 0; j < t->d; j++)
			x[j] = (FcReal) (m->shift ? (center[j] - m->shift[j]) * m->factor[j] : center[j]);
		fc_check(&t->fit->hooks);
		fc_embed_rows(&t->network.batch, x, 1, t->clusters.now.v + (int64_t) c * t->latent);
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
	return t->clusters.now.w && has_earlier_centers(t->fit) && fc_deep_method(t->fit->earlier)->has_weights &&
		t->method->weight_exponent && t->method->weight_exponent(t->model) != 0;
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
	FcDeepClusters *s = &t->clusters;

	for (FcPortion p = fc_deep_tiles(t); fc_next_portion(&p);)
	{
		const FcReal *z = fc_column_read(&s->z, p.first, p.rows);
		int32_t    *label = fc_column_place(&s->label, p.first, p.rows);

		for (int64_t i = 0; i < p.rows; i++)
			label[i] = nearest_center(t, z + i * t->latent);
		fc_column_write(&s->label, p.first, p.rows);
	}
}

/* ---- around random centers ---- */

static double
draw_normal(FcRng *rng)
{
	double		u = 1 - fc_rng_uniform(rng);
	double		angle = 2 * acos(-1) * fc_rng_uniform(rng);

	return sqrt(-2 * log(u)) * cos(angle);
}

/* All directions are equally likely; the length is for the caller */
static void
draw_centers(FcDeep *t)
{
	FcRng		rng;

	fc_rng_start(&rng, (uint64_t) t->model->common[FC_SEED], FC_DEEP_STREAM_SAMPLE);
	for (int64_t i = 0; i < (int64_t) t->k * t->latent; i++)
		t->clusters.now.v[i] = (FcReal) draw_normal(&rng);
	fc_l2norm(t->clusters.now.v, t->k, t->latent, t->clusters.now.v);
}

/* ---- all of them ---- */

/* Equal weights of all dimensions, unless an earlier model provides others */
static void
begin_weights(FcDeep *t)
{
	FcReal	   *w = t->clusters.now.w;

	for (int64_t i = 0; w && i < (int64_t) t->k * t->latent; i++)
		w[i] = fc_deep_has_earlier_weights(t) ? (FcReal) FC_DEEP_WEIGHTS(t->fit->earlier)[i] : (FcReal) 1 / t->latent;
}

/* Labels of all rows and centers, from their codes */
FcStatus
fc_deep_start(FcDeep *t)
{
	FcReal	   *v = t->clusters.now.v;
	double	   *given = t->first.centers;
	FcStatus	status = FC_OK;

	if (t->fit->start)
		take_centers(t);
	for (int64_t i = 0; given && i < (int64_t) t->k * t->latent; i++)
		given[i] = v[i];
	if (draws_centers(t))
	{
		draw_centers(t);
		label_by_centers(t);
	}
	else if (fc_deep_chooses_start(t->fit))
		status = start_by_better(t);
	else if (fc_deep_has_graph(t->fit))
		status = start_by_graph(t);
	else if (uses_means(t))
		status = start_by_means(t);
	else
		label_by_centers(t);
	if (t->method->unit_centers && !(has_earlier_centers(t->fit) && fc_deep_method(t->fit->earlier)->unit_centers))
		fc_l2norm(v, t->k, t->latent, v);
	begin_weights(t);
	return status;
}
