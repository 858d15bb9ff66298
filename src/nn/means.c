/*
 * means.c - k-means on codes, by the engine of the core
 *
 * Codes (n, m) are copied into the transposed blocks that the engine reads (see
 * FcRows), and labels (n) are the nearest centers of the model that it learns.
 */
#include "nn/graph.h"

#include <string.h>

#define ROWS_BETWEEN_CHECKS	256

static const void *
block(void *source, int64_t b)
{
	const FcMeans *s = source;

	return s->blocks + b * s->m * s->fit.rows.stride;
}

static void
begin(FcMeans *s, int32_t k)
{
	fc_model_begin(&s->model, fc_find_algorithm("kmeans"), k, s->m);
	s->model.common[FC_RESTARTS] = s->restarts;
	if (s->common && s->common[FC_INIT] < FC_INIT_CENTERS)
		s->model.common[FC_INIT] = s->common[FC_INIT];
	if (s->common)
		s->model.common[FC_TOLERANCE] = s->common[FC_TOLERANCE];
	s->fit = (FcFit) {.model = &s->model, .start = s->start, .isa = fc_best_isa()};
	s->fit.rows = (FcRows) {
		.n = s->n, .d = s->m, .stride = fc_block_rows(s->m), .precision = FC_REAL_PRECISION,
		.block = block, .source = s
	};
}

/*
 * For up to "most" clusters, the best of so many restarts; s must stay where it
 * is between this and a run.  Then the caller may set s->common and s->start.
 */
void
fc_means_layout(FcArena *a, FcMeans *s, int64_t n, int32_t m, int32_t most, int restarts)
{
	FcArena		engine = {NULL, 0};

	*s = (FcMeans) {.n = n, .m = m, .restarts = restarts};
	begin(s, most);
	(void) fc_fit_layout(&engine, &s->fit);
	fc_scorer_layout(&engine, &s->scorer, &s->model);
	s->blocks = fc_take(a, fc_times(fc_times(fc_blocks(&s->fit.rows), s->fit.rows.stride), m), sizeof(FcReal));
	s->memory = fc_take(a, engine.used, 1);
	s->row = fc_take(a, m, sizeof(double));
}

static void
copy_codes(FcMeans *s, const FcReal *z)
{
	int64_t		stride = s->fit.rows.stride;

	memset(s->blocks, 0, sizeof(FcReal) * fc_blocks(&s->fit.rows) * stride * s->m);
	for (int64_t i = 0; i < s->n; i++)
		for (int32_t j = 0; j < s->m; j++)
			s->blocks[(i / stride * s->m + j) * stride + i % stride] = z[i * s->m + j];
}

static void
label_rows(FcMeans *s, const FcReal *z, int32_t *label)
{
	fc_scorer_begin(&s->scorer);
	for (int64_t i = 0; i < s->n; i++)
	{
		if (i % ROWS_BETWEEN_CHECKS == 0)
			fc_check(&s->fit.hooks);
		for (int32_t j = 0; j < s->m; j++)
			s->row[j] = z[i * s->m + j];
		fc_score_row(&s->scorer, s->row);
		label[i] = fc_score_nearest(&s->scorer);
	}
}

/* With FC_TOO_FEW_ROWS, s->fit.distinct says how many there are */
FcStatus
fc_means(FcMeans *s, const FcHooks *hooks, const FcReal *z, int32_t k, uint64_t seed, int32_t *label)
{
	FcArena		engine = {s->memory, 0};
	void	   *work;
	FcStatus	status;

	begin(s, k);
	s->model.common[FC_SEED] = (double) seed;
	s->fit.hooks = (FcHooks) {.check = hooks->check, .arg = hooks->arg};
	work = fc_fit_layout(&engine, &s->fit);
	fc_scorer_layout(&engine, &s->scorer, &s->model);
	copy_codes(s, z);
	status = fc_fit(&s->fit, work);
	if (status == FC_OK)
		label_rows(s, z, label);
	return status;
}
