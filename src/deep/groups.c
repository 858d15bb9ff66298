/*
 * groups.c - initial clusters of codes, from the graph of their neighbours
 *
 *   nb  = the nearest neighbours of each code z_i
 *   h   = z, smoothed over nb many times; then centered, and of unit length
 *   g   = groups of h by k-means, several for each cluster
 *   merge the groups that share the most edges of nb, until k are left
 *   v_c = the mean of z over cluster c
 *
 * Why: k-means on the codes splits wide clusters and merges near ones, and
 * methods that only refine keep the mistake.  Smoothing contracts pieces of a
 * manifold, many groups are pure pieces, and edges show which of them belong
 * together.  This is an addition to the papers; its parts are diffusion on a
 * graph and greedy modularity (Newman, 2004).
 */
#include "deep/groups.h"

#include <string.h>

#define MOST_GROUPS		1024	/* unless there are more clusters: merging is cubic */

FcGraphStart
fc_graph_start_defaults(int64_t n, int32_t latent, int32_t k, uint64_t seed)
{
	return (FcGraphStart) {
		.n = n, .latent = latent, .k = k, .neighbors = 10, .rounds = 60, .over = 4, .restarts = 5, .seed = seed
	};
}

static int32_t
most_groups(const FcGraphStart *s)
{
	int64_t		groups = (int64_t) s->over * s->k;

	if (groups > MOST_GROUPS)
		groups = MOST_GROUPS;
	if (groups > s->n)
		groups = s->n;
	return groups > s->k ? (int32_t) groups : s->k;
}

/* s must stay where it is between this and the start, for which it needs a search; fewer rows have fewer neighbours */
void
fc_graph_start_layout(FcArena *a, FcGraphStart *s)
{
	FcSpill		none = {0};
	FcColumnSpace memory = fc_column_space(&none);

	if (s->neighbors > s->n - 1)
		s->neighbors = (int32_t) s->n - 1;
	s->groups = most_groups(s);
	fc_means_layout(a, &s->means, &memory, s->n, s->latent, s->groups, s->restarts);
	s->nearest = fc_take(a, fc_times(s->n, s->neighbors), sizeof(int32_t));
	s->smooth = fc_take(a, fc_times(s->n, s->latent), sizeof(FcReal));
	s->work = fc_take(a, fc_times(s->n, s->latent), sizeof(FcReal));
	s->edges = fc_take(a, fc_times(s->groups + 2, s->groups), sizeof(double));
	s->sum = fc_take(a, fc_times(s->k, s->latent + 1), sizeof(double));
}

/* Groups of the smoothed codes, or fewer, where fewer of them differ */
static FcStatus
find_groups(FcGraphStart *s, const FcHooks *hooks, int32_t *label, int32_t *groups)
{
	FcColumn	smooth = fc_column_of(s->smooth, s->n, sizeof(FcReal) * s->latent);
	FcColumn	labels = fc_column_of(label, s->n, sizeof(int32_t));
	FcStatus	status = fc_means(&s->means, hooks, &smooth, s->groups, s->seed, &labels);

	*groups = s->groups;
	s->distinct = s->means.fit.failure.distinct;
	if (status != FC_TOO_FEW_ROWS || s->distinct < s->k)
		return status;
	*groups = (int32_t) s->distinct;
	return fc_means(&s->means, hooks, &smooth, *groups, s->seed, &labels);
}

static void
mean_codes(FcGraphStart *s, const FcReal *z, const int32_t *label, FcReal *centers)
{
	memset(s->sum, 0, sizeof(double) * s->k * (s->latent + 1));
	for (int64_t i = 0; i < s->n; i++)
	{
		double	   *sum = s->sum + (int64_t) label[i] * (s->latent + 1);

		for (int32_t j = 0; j < s->latent; j++)
			sum[j] += z[i * s->latent + j];
		sum[s->latent]++;
	}
	for (int32_t c = 0; c < s->k; c++)
		for (int32_t j = 0; j < s->latent; j++)
		{
			const double *sum = s->sum + (int64_t) c * (s->latent + 1);

			centers[(int64_t) c * s->latent + j] = (FcReal) (sum[j] / fmax(sum[s->latent], 1));
		}
}

/* label (n), centers (k, latent); not of unit length, even if the codes are */
FcStatus
fc_graph_start(FcGraphStart *s, const FcHooks *hooks, const FcReal *z, int32_t *label, FcReal *centers)
{
	FcColumn	codes = fc_column_of(z, s->n, sizeof(FcReal) * s->latent);
	FcStatus	status;
	int32_t		groups;

	if (s->neighbors < 1)
	{
		s->distinct = s->n;
		return FC_TOO_FEW_ROWS;
	}
	fc_search(s->search, hooks, &(FcSought) {
		.base = fc_column_whole(&codes), .queries = fc_column_whole(&codes), .m = s->latent, .count = s->neighbors
	}, s->nearest);
	memcpy(s->smooth, z, sizeof(FcReal) * s->n * s->latent);
	fc_smooth_rows(hooks, s->nearest, s->n, s->neighbors, s->latent, s->rounds, s->smooth, s->work);
	fc_center_rows(hooks, s->smooth, s->n, s->latent);
	fc_l2norm(s->smooth, s->n, s->latent, s->smooth);
	status = find_groups(s, hooks, label, &groups);
	if (status != FC_OK)
		return status;
	fc_merge_groups(hooks, s->nearest, s->n, s->neighbors, groups, s->k, s->edges, label);
	mean_codes(s, z, label, centers);
	return FC_OK;
}
