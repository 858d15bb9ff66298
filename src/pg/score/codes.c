/*
 * codes.c - rows and clusters in the space of codes, of models that are networks
 *
 * The centers of codes are those of a model of its own, in which distances are
 * Euclidean: so what is measured of rows (core/validity.c, core/silhouette.c) can be
 * measured of their codes.
 */
#include "pg/score/score.h"

#include "core/means.h"

bool
fc_has_network(const FcAlgorithm *algo)
{
	return algo->network != NULL;
}

/* The codes of a model, in a context that lasts as long as its slot is used; an error if it has none */
CodeSpace *
fc_code_space(MemoryContext context, ModelSlot *slot)
{
	const FcModel *m = &slot->model;
	const FcNetworkHooks *network = m->algo->network;
	MemoryContext old;
	CodeSpace  *s;
	FcArena		arena;

	fc_refuse_without(m->algo, fc_has_network, "a ", "network");
	old = MemoryContextSwitchTo(context);
	s = palloc0(sizeof(CodeSpace));
	s->slot = slot;
	fc_model_begin(&s->model, &fc_means_algorithm, m->k, network->latent(m));
	s->model.centers = unconstify(double *, network->centers(m));
	s->model.radius = m->radius;
	FC_LAY_OUT(&arena, fc_scorer_layout(&arena, &s->scorer, &s->model));
	fc_scorer_begin(&s->scorer);
	s->code = palloc(sizeof(float) * s->model.d);
	s->z = palloc(sizeof(double) * s->model.d);
	MemoryContextSwitchTo(old);
	return s;
}

/* The code of a row in the user's units */
const double *
fc_code_of(CodeSpace *s, const double *x)
{
	FcScorer   *scorer = &s->slot->scorer;

	s->slot->model.algo->network->embed(&scorer->metric, fc_scaled_row(scorer, x), s->code);
	for (int32 j = 0; j < s->model.d; j++)
		s->z[j] = s->code[j];
	return s->z;
}
