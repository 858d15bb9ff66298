/*
 * score.c - using a model on one row
 *
 * The centers are kept transposed, as if they were the rows of a block, so the
 * block operations find the distances of one row to all of them at once.
 */
#include "core/kernel.h"

#include <math.h>
#include <string.h>

void
fc_scorer_layout(FcArena *a, FcScorer *s, const FcModel *m)
{
	s->model = m;
	s->padded = FC_ROUND_UP(m->k, FC_LANES);
	s->centers = fc_take(a, (size_t) s->padded * m->d, sizeof(double));
	s->x = fc_take(a, m->d, sizeof(double));
	s->squared = fc_take(a, s->padded, sizeof(double));
	s->u = fc_take(a, m->k, sizeof(double));
}

/* Once the model is known */
void
fc_scorer_begin(FcScorer *s)
{
	const FcModel *m = s->model;

	s->isa = fc_best_isa();
	memset(s->centers, 0, (size_t) s->padded * m->d * sizeof(double));
	for (int32_t c = 0; c < m->k; c++)
		for (int32_t j = 0; j < m->d; j++)
			s->centers[(int64_t) j * s->padded + c] = m->centers[(int64_t) c * m->d + j];
	if (m->algo->kernel->prepare)
		m->algo->kernel->prepare(m, s->parameters);
}

/* Squared distances of a row that is scaled already */
void
fc_score_distances(FcScorer *s, const double *scaled)
{
	fc_block_ops(s->isa, FC_F64)->distance(s->centers, s->padded, s->padded, s->model->d,
										   scaled, 1, s->squared, s->padded);
}

/* Squared distances of a row in the user's units; the others follow from them */
void
fc_score_row(FcScorer *s, const double *x)
{
	const FcModel *m = s->model;

	if (m->shift == NULL)
	{
		fc_score_distances(s, x);
		return;
	}
	for (int32_t j = 0; j < m->d; j++)
		s->x[j] = (x[j] - m->shift[j]) * m->factor[j];
	fc_score_distances(s, s->x);
}

/* The first of the nearest centers */
int32_t
fc_score_nearest(const FcScorer *s)
{
	int32_t		best = 0;

	for (int32_t c = 1; c < s->model->k; c++)
		if (s->squared[c] < s->squared[best])
			best = c;
	return best;
}

void
fc_score_memberships(FcScorer *s)
{
	memcpy(s->u, s->squared, s->model->k * sizeof(double));
	s->model->algo->kernel->memberships[s->isa][FC_F64](s->parameters, s->u, 1, 1, 1, s->model->k);
}

/* Distance to the nearest center over the mean distance of its cluster's rows */
double
fc_score_outlier(const FcScorer *s)
{
	int32_t		c = fc_score_nearest(s);
	double		distance = sqrt(s->squared[c]);

	return s->model->radius[c] > 0 ? distance / s->model->radius[c] : distance > 0 ? INFINITY : 0;
}
