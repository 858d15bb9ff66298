/*
 * search.c - searches for neighbours that members of a team share
 *
 * There is one at a time: among codes for the first clusters, for neighbours whose
 * codes are joined, or to smooth memberships; or among hidden layers of a classifier.
 */
#include "deep/training.h"

/* Is there any? */
static bool
searches(const FcDeep *t)
{
	return fc_deep_has_graph(t->fit) || t->joint.count > 0 || fc_deep_refines(t->model) ||
		(t->method->loss && t->model->option[FC_DEEP_SMOOTHING] > 0);
}

/* After all phases */
void
fc_deep_search_layout(FcArena *a, FcDeep *t)
{
	int32_t		width = t->refine.width > t->latent ? t->refine.width : t->latent;

	if (searches(t))
		fc_search_layout(a, &t->search, width, t->joint.count > FC_DEEP_NEIGHBORS ? t->joint.count : FC_DEEP_NEIGHBORS, t->n);
}

static void
search_portion(FcFit *f, int64_t portion)
{
	FcDeep	   *t = f->work;

	fc_search_portion(&t->search, &f->hooks, portion);
}

const FcTask fc_deep_search_task = {.number = FC_DEEP_TASK_SEARCH, .run = search_portion};

static void
share(void *arg, int64_t portions)
{
	FcDeep	   *t = arg;

	fc_team_run(t->fit, &fc_deep_search_task, portions);
}

/* The part of fc_deep_connect() */
void
fc_deep_connect_search(FcDeep *t)
{
	t->search.share = share;
	t->search.arg = t;
}
