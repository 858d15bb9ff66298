/*
 * choice.c - the first clusters by the graph or by k-means, where the user leaves the choice
 *
 * Both are tried on the same codes, and the graph is used if both are true:
 *
 *	- its clusters are separated better: the mean over clusters of the share of the edges
 *		between a code and its nearest neighbours that leave the cluster (the conductance)
 *		is less than 2/3 of that of the clusters by k-means						(eq. 1)
 *	- they are stable: graphs of parts of the codes lead to the same clusters, with a
 *		mean adjusted Rand index of at least 3/4 (core/stability.c)				(eq. 2)
 *
 * With images 9/10 and 1/2 are enough: training moves them about, so codes of similar ones
 * lie on sheets, which a graph follows and k-means cuts.
 *
 * Why: k-means cuts through dense codes where clusters are not balls of equal size, as with
 * images, and then the graph cuts far fewer edges.  But a graph always has some best
 * partition, also where it shows no clusters, as with few rows, blurred clusters, or texts: it
 * prefers groups of equal size there, which are others for other rows.  Where both cut
 * equally many edges, the clusters are balls, and k-means finds them from any rows.
 */
#include "deep/training.h"

#include <math.h>
#include <string.h>

#define PARTS			3

/* Of tables and texts, and of images */
static const double separated[2] = {2.0 / 3, 0.9};
static const double stable[2] = {0.75, 0.5};

void
fc_deep_choice_layout(FcArena *a, FcDeep *t, int restarts)
{
	FcDeepChoice *c = &t->first.choice;
	int64_t		rows = fc_part_rows(t->first.sampled);

	c->means = fc_take(a, t->first.sampled, sizeof(int32_t));
	c->centers = fc_take(a, fc_times(t->k, t->latent), sizeof(FcReal));
	fc_stability_layout(a, &c->agreement, t->first.sampled, t->k, false);
	c->part = fc_graph_start_defaults(rows, t->latent, t->k, (uint64_t) t->model->common[FC_SEED]);
	c->part.restarts *= restarts;
	c->part.search = &t->search;
	fc_graph_start_layout(a, &c->part);
	c->part.means.common = t->model->common;
	c->z = fc_take(a, fc_times(rows, t->latent), sizeof(FcReal));
	c->part_label = fc_take(a, rows, sizeof(int32_t));
	c->part_centers = fc_take(a, fc_times(t->k, t->latent), sizeof(FcReal));
	c->edges = fc_take(a, fc_times(2, t->k), sizeof(int64_t));
}

/* z (sampled, latent): some of them, to c->z */
static void
draw_part(FcDeep *t, const FcReal *z, int32_t number)
{
	FcDeepChoice *c = &t->first.choice;
	FcReal	   *to = c->z;
	FcSubsample drawing;

	fc_subsample_begin(&drawing, (uint64_t) t->model->common[FC_SEED], number, t->first.sampled, c->part.n);
	for (int64_t i = 0; i < t->first.sampled; i++, z += t->latent)
		if (fc_subsample_takes_next(&drawing))
		{
			memcpy(to, z, sizeof(FcReal) * t->latent);
			to += t->latent;
		}
}

/* Clusters of a part; all codes belong to that of the nearest code of the part */
static bool
cluster_part(FcDeep *t, const FcReal *z)
{
	FcDeepChoice *c = &t->first.choice;
	const FcHooks *hooks = &t->fit->hooks;
	size_t		width = sizeof(FcReal) * t->latent;
	FcColumn	part = fc_column_of(c->z, c->part.n, width);
	FcColumn	codes = fc_column_of(z, t->first.sampled, width);
	int32_t    *again = c->agreement.again;

	if (fc_graph_start(&c->part, hooks, c->z, c->part_label, c->part_centers) != FC_OK)
		return false;
	fc_search(&t->search, hooks, &(FcSought) {
		.base = fc_column_whole(&part), .queries = fc_column_whole(&codes), .self = -1, .m = t->latent, .count = 1
	}, again);
	for (int64_t i = 0; i < t->first.sampled; i++)
		again[i] = c->part_label[again[i]];
	return true;
}

/* Eq. 2, of the labels by the graph; 0 where a part has no such clusters */
static double
find_stability(FcDeep *t, const FcReal *z)
{
	FcStability *s = &t->first.choice.agreement;
	double		sum = 0;

	for (int32_t b = 0; b < PARTS; b++)
	{
		draw_part(t, z, b);
		if (!cluster_part(t, z))
			return 0;
		sum += fc_stability_add(s, &t->fit->hooks);
	}
	return sum / PARTS;
}

static double
conductance(FcDeep *t, const int32_t *label)
{
	const FcGraphStart *g = &t->first.graph;

	return fc_mean_conductance(&t->fit->hooks, g->nearest, g->n, g->neighbors, t->k, label, t->first.choice.edges);
}

/* z (sampled, latent) are codes, in t->first their graph, and labels by the graph and by k-means: is the graph to be used? */
bool
fc_deep_prefers_graph(FcDeep *t, const FcReal *z)
{
	FcDeepFirst *f = &t->first;
	FcDeepStarts *starts = &t->outcome.starts;
	FcStability *s = &f->choice.agreement;
	bool		images = t->model->option[FC_DEEP_SHAPE] > 0;

	memcpy(s->label, f->sample_label, sizeof(int32_t) * s->n);
	memcpy(s->again, f->choice.means, sizeof(int32_t) * s->n);
	starts->agreement = fc_stability_add(s, &t->fit->hooks);
	starts->graph_conductance = conductance(t, f->sample_label);
	starts->means_conductance = conductance(t, f->choice.means);
	if (!(starts->graph_conductance < separated[images] * starts->means_conductance))
		return false;
	starts->stability = find_stability(t, z);
	return starts->stability > stable[images];
}
