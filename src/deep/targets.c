/*
 * targets.c - labels and targets of all rows for the second and the third
 * phase
 *
 * A refresh leaves memberships q in t->clusters.target.  They are smoothed over the
 * nearest neighbours of each row, among at most 50,000 rows,
 *
 *	q_i <- (q_i + mean of q of the 10 nearest) / 2, several rounds			(eq. 1)
 *
 * labels are the largest of them, and targets are q or what nn/target.c makes of it.
 */
#include "deep/training.h"

#include <string.h>

#define CHUNK	50000			/* rows among which neighbours are sought */

/* ---- memory ---- */

static void
smoothing_layout(FcArena *a, FcDeep *t)
{
	FcDeepSmoothing *s = &t->smoothing;

	s->nearest = fc_take(a, fc_times(s->chunk, FC_DEEP_NEIGHBORS), sizeof(int32_t));
	s->smooth = fc_take(a, fc_times(s->chunk, t->k), sizeof(FcReal));
}

/* Of methods that cluster */
void
fc_deep_targets_layout(FcArena *a, FcDeep *t)
{
	FcDeepSmoothing *s = &t->smoothing;
	int64_t		chunks = (t->n + CHUNK - 1) / CHUNK;
	size_t		before = fc_deep_taken(a);
	bool		smooths;

	s->chunk = (t->n + chunks - 1) / chunks;	/* all of equal size */
	s->by_codes = t->model->option[FC_DEEP_SMOOTHING] > 0 && t->n > FC_DEEP_NEIGHBORS;	/* a single row has none */
	smooths = s->by_codes || fc_deep_refines(t->model);
	fc_column_layout(a, &t->clusters.target, &t->space, t->n, sizeof(FcReal) * t->k,
					 smooths && s->chunk > t->rows.portion ? s->chunk : t->rows.portion);
	if (smooths)
		smoothing_layout(a, t);
	t->fit->memory.rows += fc_deep_taken(a) - before;
}

/* ---- labels ---- */

/* Rows of each cluster */
void
fc_deep_count_labels(FcDeep *t)
{
	FcDeepClusters *s = &t->clusters;

	memset(s->count, 0, sizeof(int64_t) * t->k);
	for (FcPortion p = fc_deep_portions(t, t->rows.portion); fc_next_portion(&p);)
	{
		const int32_t *label = fc_column_read(&s->label, p.first, p.rows);

		for (int64_t i = 0; i < p.rows; i++)
			s->count[label[i]]++;
	}
}

/* The first of the largest memberships */
static int32_t
largest_of(const FcReal *q, int32_t k)
{
	int32_t		best = 0;

	for (int32_t c = 1; c < k; c++)
		if (q[c] > q[best])
			best = c;
	return best;
}

/* Labels by the largest membership; returns the share of them that changed */
double
fc_deep_label_rows(FcDeep *t)
{
	FcDeepClusters *s = &t->clusters;
	int64_t		changed = 0;

	for (FcPortion p = fc_deep_tiles(t); fc_next_portion(&p);)
	{
		const FcReal *q = fc_column_read(&s->target, p.first, p.rows);
		int32_t    *label = fc_column_read(&s->label, p.first, p.rows);

		for (int64_t i = 0; i < p.rows; i++)
		{
			int32_t		best = largest_of(q + i * t->k, t->k);

			changed += label[i] != best;
			label[i] = best;
		}
		fc_column_write(&s->label, p.first, p.rows);
	}
	return (double) changed / t->n;
}

/* ---- targets ---- */

/* Targets are labels */
void
fc_deep_target_labels(FcDeep *t)
{
	FcDeepClusters *s = &t->clusters;

	for (FcPortion p = fc_deep_tiles(t); fc_next_portion(&p);)
	{
		const int32_t *label = fc_column_read(&s->label, p.first, p.rows);
		FcReal	   *target = fc_column_place(&s->target, p.first, p.rows);

		fc_clear(&t->fit->hooks, target, sizeof(FcReal) * p.rows * t->k);
		for (int64_t i = 0; i < p.rows; i++)
			target[i * t->k + label[i]] = 1;
		fc_column_write(&s->target, p.first, p.rows);
	}
}

/* Eq. 1 for rows from "first" on, which are neighbours where their codes are near; few rows are left as they are */
void
fc_deep_smooth_targets(FcDeep *t, FcSlice codes, int64_t first, int rounds)
{
	FcDeepSmoothing *s = &t->smoothing;
	FcColumn   *target = &t->clusters.target;

	if (rounds == 0 || codes.n <= FC_DEEP_NEIGHBORS)
		return;
	fc_search(&t->search, &t->fit->hooks, &(FcSought) {
		.base = codes, .queries = codes, .m = (int32_t) (codes.column->width / sizeof(FcReal)), .count = FC_DEEP_NEIGHBORS
	}, s->nearest);
	fc_smooth_rows(&t->fit->hooks, s->nearest, codes.n, FC_DEEP_NEIGHBORS, t->k, rounds,
				   fc_column_read(target, first, codes.n), s->smooth);
	fc_column_write(target, first, codes.n);
}

/* Targets of nn/target.c from memberships */
void
fc_deep_sharpen_targets(FcDeep *t)
{
	FcDeepClusters *s = &t->clusters;

	memset(s->frequency, 0, sizeof(double) * t->k);
	for (FcPortion p = fc_deep_tiles(t); fc_next_portion(&p);)
		fc_add_frequencies(fc_column_read(&s->target, p.first, p.rows), p.rows, t->k, s->frequency);
	for (FcPortion p = fc_deep_tiles(t); fc_next_portion(&p);)
	{
		FcReal	   *q = fc_column_read(&s->target, p.first, p.rows);

		fc_target(q, s->frequency, p.rows, t->k, q);
		fc_column_write(&s->target, p.first, p.rows);
	}
}

/* t->work.p becomes the targets of these rows */
void
fc_deep_take_targets(FcDeep *t, const int32_t *rows, int32_t count)
{
	fc_column_take(&t->clusters.target, rows, count, t->work.p);
}

/* ---- centers that targets make ---- */

/* Centers as means of the codes, weighted by the targets of before */
void
fc_deep_move_to_means(FcDeep *t)
{
	double	   *total = t->clusters.frequency;
	double	   *sum = total + t->k;

	memset(total, 0, sizeof(double) * t->k * (t->latent + 1));
	for (FcPortion p = fc_deep_tiles(t); fc_next_portion(&p);)
	{
		FcCodes		codes = {
			.n = p.rows, .k = t->k, .m = t->latent, .z = fc_column_read(&t->clusters.z, p.first, p.rows),
			.v = t->clusters.now.v, .scale = 1, .hooks = &t->network.batch.hooks
		};

		t->method->center_weights(t->model, &codes, fc_column_read(&t->clusters.target, p.first, p.rows), t->work.q);
		fc_add_code_sums(&codes, t->work.q, total, sum);
	}
	fc_code_means(total, sum, t->k, t->latent, t->clusters.now.v);
}
