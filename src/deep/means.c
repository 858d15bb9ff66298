/*
 * means.c - k-means on codes, by the engine of the core
 *
 * Codes z (n, latent) are copied into the transposed blocks that the engine reads (see
 * FcRows), and labels (n) are the nearest centers of the model that it learns.
 */
#include "deep/groups.h"
#include "core/means.h"

#include <string.h>

#define ROWS_BETWEEN_CHECKS	256

static const void *
block(void *source, int64_t b)
{
	FcMeans    *s = source;

	return fc_column_read(&s->blocks, b, 1);
}

static void
begin(FcMeans *s, int32_t k)
{
	fc_model_begin(&s->model, &fc_means_algorithm, k, s->latent);
	s->model.common[FC_RESTARTS] = s->restarts;
	if (s->common && s->common[FC_INIT] < FC_INIT_CENTERS)
		s->model.common[FC_INIT] = s->common[FC_INIT];
	if (s->common)
		s->model.common[FC_TOLERANCE] = s->common[FC_TOLERANCE];
	s->fit = (FcFit) {.model = &s->model, .start = s->start, .isa = fc_best_isa()};
	s->fit.rows = (FcRows) {
		.n = s->n, .d = s->latent, .stride = fc_block_rows(s->latent), .precision = FC_REAL_PRECISION,
		.block = block, .source = s
	};
}

/*
 * Columns in a file have a buffer of FC_TILE rows.  Prepares k-means for up to
 * "most" clusters, keeping the best of the restarts; s must not move between
 * this and a run.  Then the caller may set s->common and s->start.
 */
void
fc_means_layout(FcArena *a, FcMeans *s, FcColumnSpace *space, int64_t n, int32_t latent, int32_t most, int restarts)
{
	FcArena		engine = {0};

	*s = (FcMeans) {.n = n, .latent = latent, .restarts = restarts};
	begin(s, most);
	(void) fc_fit_layout(&engine, &s->fit);
	fc_scorer_layout(&engine, &s->scorer, &s->model);
	fc_column_layout(a, &s->blocks, space, fc_blocks(&s->fit.rows), sizeof(FcReal) * s->fit.rows.stride * latent, 1);
	s->memory = fc_take(a, engine.used, 1);
	s->row = fc_take(a, latent, sizeof(double));
}

static void
copy_codes(FcMeans *s, FcColumn *z)
{
	const FcRows *rows = &s->fit.rows;

	for (int64_t b = 0; b < fc_blocks(rows); b++)
	{
		int32_t		count = fc_rows_in_block(rows, b);
		const FcReal *from = fc_column_read(z, b * rows->stride, count);
		FcReal	   *to = fc_column_place(&s->blocks, b, 1);

		fc_check(&s->fit.hooks);
		memset(to, 0, s->blocks.width);
		for (int64_t i = 0; i < count; i++)
			for (int64_t j = 0; j < s->latent; j++)
				to[j * rows->stride + i] = from[i * s->latent + j];
		fc_column_write(&s->blocks, b, 1);
	}
}

static int32_t
nearest_center(FcMeans *s, const FcReal *z)
{
	for (int32_t j = 0; j < s->latent; j++)
		s->row[j] = z[j];
	fc_score_row(&s->scorer, s->row);
	return fc_score_nearest(&s->scorer);
}

static void
label_rows(FcMeans *s, FcColumn *z, FcColumn *label)
{
	fc_scorer_begin(&s->scorer);
	for (FcPortion p = fc_portions(&s->fit.hooks, s->n, ROWS_BETWEEN_CHECKS); fc_next_portion(&p);)
	{
		const FcReal *from = fc_column_read(z, p.first, p.rows);
		int32_t    *to = fc_column_place(label, p.first, p.rows);

		for (int64_t i = 0; i < p.rows; i++)
			to[i] = nearest_center(s, from + i * s->latent);
		fc_column_write(label, p.first, p.rows);
	}
}

/* With FC_TOO_FEW_ROWS, s->fit.failure.distinct is their number */
FcStatus
fc_means(FcMeans *s, const FcHooks *hooks, FcColumn *z, int32_t k, uint64_t seed, FcColumn *label)
{
	FcArena		engine = {.base = s->memory};
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
