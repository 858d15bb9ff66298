/*
 * use.h - all that can be done with a model that the reader accepts
 *
 * The results may be useless, but memberships are valid, a model that is
 * written can be read again, and a training that starts from the model ends.
 */
#ifndef USE_H
#define USE_H

#include "forge.h"

#include "deep/model.h"
#include "core/categories.h"
#include "core/match.h"
#include "core/project.h"
#include "core/shape.h"
#include "core/validity.h"
#include "train.h"

#include <sanitizer/asan_interface.h>
#include <setjmp.h>

#define MOST_MEMORY	((size_t) 8 << 20)	/* for a training that is forged; a server has its own limit */

/* ---- training ---- */

typedef struct Patience
{
	jmp_buf		out;
	int32_t		checks;			/* before it is lost */
} Patience;

static void
lose_patience(void *arg)
{
	Patience   *p = arg;

	if (--p->checks < 0)
		longjmp(p->out, 1);
}

/*
 * NaN, aligned as an arena must be, for one training at a time: to ask the system
 * for pages takes longer than the training.  Memory beyond it is out of bounds.
 */
static inline void *
reused_memory(size_t size)
{
	static char *memory;
	static size_t room;

	if (size > room)
	{
		if (memory)
			ASAN_UNPOISON_MEMORY_REGION(memory, room);
		free(memory);
		room = FC_ROUND_UP(2 * size, 64);
		memory = hostile_memory(room);
	}
	ASAN_UNPOISON_MEMORY_REGION(memory, room);
	memset(memory, 0xFF, size);
	ASAN_POISON_MEMORY_REGION(memory + size, room - size);
	return memory;
}

/* Memory for a training whose options are set; false if they are refused, or it needs more than that */
static inline bool
place_training(Training *t, size_t most, void **work)
{
	FcArena		arena = {0};

	t->fit.rows = t->source.rows;
	if (fc_fit_begin(&t->fit) != FC_OK)
		return false;
	(void) fc_fit_layout(&arena, &t->fit);
	if (arena.used > most)
		return false;
	arena.base = reused_memory(arena.used);
	arena.used = 0;
	*work = fc_fit_layout(&arena, &t->fit);
	return true;
}

/* Is there a model?  A training that takes long is left, as a user may leave it */
static inline bool
fit_within(Training *t, void *work, int32_t checks)
{
	Patience	p = {.checks = checks};

	t->fit.hooks = (FcHooks) {.check = lose_patience, .arg = &p};
	return setjmp(p.out) == 0 && fc_fit(&t->fit, work) == FC_OK;
}

/* Number of epochs of each phase of a network */
static inline void
cut_epochs(FcModel *m, double epochs)
{
	static const char *const options[] = {"pretrain_epochs", "epochs", "refine_epochs"};

	for (size_t i = 0; i < COUNT_OF(options); i++)
		if (own_option(m, options[i]))
			*own_option(m, options[i]) = epochs;
}

/* ---- rows ---- */

static void
score(FcScorer *s, const double *x)
{
	double		sum = 0;

	fc_score_row(s, x);
	fc_score_memberships(s);
	for (int32_t c = 0; c < fc_groups(s->model); c++)
	{
		require(s->u[c] >= 0 && s->u[c] <= 1);
		require(c == s->model->k || fc_score_length(s, c) >= 0);
		sum += s->u[c];
	}
	require((s->model->algo->traits & FC_POSSIBILISTIC) || fabs(sum - 1) < 1e-9);
	require(fc_score_outlier(s) >= 0);
	require(fc_score_nearest(s) >= (fc_has_noise(s->model) ? -1 : 0) && fc_score_nearest(s) < s->model->k);
	require(fc_score_nearest_center(s) >= 0 && fc_score_nearest_center(s) < s->model->k);
}

static void
score_rows(const FcModel *m, FcScorer *s, double *x)
{
	static const double values[] = {0, 1, -3.5, 1e-300, 1e300, -1.7e308};

	for (size_t v = 0; v < COUNT_OF(values); v++)
	{
		for (int32_t j = 0; j < m->d; j++)
			x[j] = j % 3 == 2 ? -values[v] : values[v];
		score(s, x);
	}
	for (int32_t c = 0; c < m->k; c++)
	{
		fc_unscale_center(m, c, x);
		for (int32_t j = 0; j < m->d; j++)
			require(!isnan(x[j]));
	}
}

/* What a network makes of a row may be infinite, or no number; it goes nowhere else */
static void
use_network(const FcModel *m, FcScorer *s, double *x)
{
	const FcNetworkHooks *network = m->algo->network;
	float	   *z = hostile_memory(sizeof(float) * fc_deep_latent(m));
	FcRng		rng;

	memset(x, 0, sizeof(double) * m->d);
	network->embed(&s->metric, x, z);
	network->reconstruct(&s->metric, x, x);
	if (network->has_density && network->has_density(m->algo))
	{
		require(!isnan(network->density(&s->metric, x)));
		fc_rng_start(&rng, 1, 0);
		for (int32_t c = 0; c < m->k; c++)
			network->generate(&s->metric, c, &rng, x);
	}
	free(z);
}

static void
judge(const FcModel *m, FcScorer *s, double *x)
{
	FcArena		arena = {0};
	FcValidity	v;
	double		index[FC_INDICES];
	FcIndexSums sums;

	fc_validity_layout(&arena, &v, m->k, m->d, fc_has_noise(m));
	fc_index_sums_layout(&arena, &sums, m->k, m->d);
	arena.base = hostile_memory(arena.used);
	arena.used = 0;
	fc_validity_layout(&arena, &v, m->k, m->d, fc_has_noise(m));
	fc_index_sums_layout(&arena, &sums, m->k, m->d);
	fc_validity_begin(&v, m);
	for (int i = 0; i < 3; i++)
	{
		for (int32_t j = 0; j < m->d; j++)
			x[j] = i - 0.25 * j;
		fc_validity_add(&v, s, x, 1);
	}
	fc_validity_sums(&v, m->centers, &sums);
	fc_indices(&sums, s, index);
	free(arena.base);
}

static void
read_history(const FcModel *m)
{
	for (int32_t i = 0; i < m->history.count; i++)
		for (int column = 0; column < FC_HISTORY_COLUMNS; column++)
		{
			double		value = fc_history_get(m, i, (FcHistoryColumn) column);

			require(isfinite(value) || (column >= FC_HISTORY_PHASE && isnan(value)));
			if (column == FC_HISTORY_PHASE && m->algo->network)
				require(value >= 0 && value < FC_DEEP_PHASES);
		}
}

static void
use_shapes(const FcModel *m)
{
	double	   *out;

	if (m->algo->kernel == NULL || !m->algo->kernel->has_shapes)
		return;
	out = hostile_memory(sizeof(double) * m->d * m->d);
	for (int32_t c = 0; c < m->k; c++)
		fc_shape_covariance(m, c, out);
	free(out);
}

/* Where a row is on the plane of the model, if it has one, and on that of its centers */
static void
project(const FcModel *m)
{
	int32_t		width = fc_projection_width(m);
	FcArena		arena = {0};
	FcPrincipal p;
	double	   *frame = hostile_memory(sizeof(double) * 3 * width);
	double	   *z = hostile_memory(sizeof(double) * width);
	double		at[2];

	fc_project_centers_layout(&arena, &p, m);
	arena.base = hostile_memory(arena.used);
	arena.used = 0;
	fc_project_centers_layout(&arena, &p, m);
	fc_project_centers(&p, m, &(FcHooks) {0}, frame);
	for (int32_t j = 0; j < width; j++)
		z[j] = j - 0.5;
	fc_project(frame, width, z, at);
	if (FC_HAS(m, FC_WITH_PROJECTION))
		fc_project(FC_PROJECTION(m), width, z, at);
	free(arena.base);
	free(frame);
	free(z);
}

/* ---- models ---- */

/* What is written is accepted, and written the same again */
static void
write_again(const FcModel *m)
{
	size_t		size = fc_model_size(m);
	char	   *first = hostile_memory(size);
	char	   *second = hostile_memory(size);
	FcModel		back;

	fc_model_write(m, &(FcHooks) {0}, first);
	fc_model_write(m, &(FcHooks) {0}, second);
	require(fc_model_read(&back, first, size) == FC_OK);
	require(fc_model_size(&back) == size);
	fc_model_write(&back, &(FcHooks) {0}, first);
	require(memcmp(first, second, size) == 0);
	free(first);
	free(second);
}

/* Numbers of clusters turned by one; the model's bytes are changed */
UNUSED static void
permute(FcModel *m)
{
	int32_t    *place = hostile_memory(sizeof(int32_t) * m->k);
	int32_t    *work = hostile_memory(sizeof(int32_t) * m->k);

	for (int32_t c = 0; c < m->k; c++)
		place[c] = (c + 1) % m->k;
	fc_model_permute(m, place, work);
	write_again(m);
	free(place);
	free(work);
}

/* Each row is in some cluster of both models */
UNUSED static void
match(const FcModel *old, const FcModel *new)
{
	FcArena		arena = {0};
	FcMatching	t;

	fc_match_layout(&arena, &t, old, new);
	arena.base = hostile_memory(arena.used);
	arena.used = 0;
	fc_match_layout(&arena, &t, old, new);
	fc_match_begin(&t);
	for (int32_t i = 0; i < 7; i++)
		fc_match_add(&t, i % old->k, i * i % new->k, 1);
	fc_match_finish(&t, NULL, NULL);
	for (int32_t c = 0; c < old->k; c++)
		require(t.match[c] >= -1 && t.match[c] < new->k);
	for (int32_t c = 0; c < new->k; c++)
		require(t.place[c] >= 0 && t.place[c] < new->k);
	free(arena.base);
}

/* As the callers walk over them */
static void
read_names(const FcModel *m)
{
	const char *name = m->names;
	size_t		length = 0;

	for (int32_t column = 0; name && column < fc_model_columns(m); column++)
	{
		length += strlen(name) + 1;
		name = fc_next_name(name);
	}
	require(m->names == NULL || (length == (size_t) m->names_length && fc_is_utf8(m->names, length)));
	require(fc_names_differ(m->names, m->names, fc_model_columns(m)) < 0);
}

/* Every value of every category is found, and is a feature of its own */
static void
read_categories(const FcModel *m)
{
	FcArena		arena = {0};
	FcValueIndex index;
	int32_t    *map = hostile_memory(sizeof(int32_t) * m->d);
	int32_t		features = 0;

	fc_value_index_layout(&arena, &index, &m->categories);
	arena.base = hostile_memory(arena.used);
	arena.used = 0;
	fc_value_index_layout(&arena, &index, &m->categories);
	fc_value_index_begin(&index);
	require(fc_map_features(m, m, map));
	for (FcField at = fc_fields(m); fc_next_field(&at); features += at.features)
		for (int32_t code = 0; code < at.features; code++)
		{
			const char *value = at.values ? fc_nth_value(at.values, code) : NULL;

			require(map[features + code] == features + code);
			require(value == NULL || fc_find_value(&index, at.column, value, strlen(value)) == code);
		}
	require(features == m->d);
	free(map);
	free(arena.base);
}

UNUSED static void
use(const FcModel *m)
{
	FcScorer	s;
	void	   *memory = scorer_begin(&s, m);
	double	   *x = hostile_memory(sizeof(double) * m->d);

	score_rows(m, &s, x);
	judge(m, &s, x);
	if (m->algo->network)
		use_network(m, &s, x);
	use_shapes(m);
	project(m);
	read_history(m);
	read_names(m);
	read_categories(m);
	write_again(m);
	free(x);
	free(memory);
}

/* ---- a training that begins with a model ---- */

/* May these be first centers? */
static bool
are_centers(const double *v, int64_t count, FcPrecision precision)
{
	for (int64_t i = 0; i < count; i++)
		if (!(fabs(v[i]) <= FC_LIMIT(precision)))
			return false;
	return true;
}

/* Options of the model, as far as the algorithm that continues has them */
static void
take_options(Training *t, const FcModel *m)
{
	const FcAlgorithm *algo = t->model.algo;
	int			count = algo == m->algo ? fc_count_options(algo) - FC_NCOMMON : FC_DEEP_OWN;

	memcpy(t->model.common, m->common, sizeof(m->common));
	for (int i = 0; i < count; i++)
		if (fc_option_allows(&algo->options[i], m->option[i]))
			t->model.option[i] = m->option[i];
	for (int i = 0; i < FC_MAX_LISTS; i++)
		t->fit.list[i] = m->list[i];
	t->model.common[FC_INIT] = FC_INIT_MODEL;
	t->model.common[FC_MAX_ITERATIONS] = 3;
	t->model.common[FC_RESTARTS] = 1;
	cut_epochs(&t->model, 1);
}

/* Few rows, and one epoch of each phase of a network */
UNUSED static void
start_from(const FcModel *m, const FcAlgorithm *algo)
{
	int64_t		n = m->k + 5;
	double	   *x = make_noise(n, m->d, 3);
	double	   *centers = centers_of(m);
	Training	t;
	void	   *work;

	training_begin(&t, algo, m->k, m->precision, x, n, m->d);
	take_options(&t, m);
	if (algo->traits & FC_TAKES_CATEGORIES)
		t.model.categories = m->categories;
	t.fit.start = m->algo->network && fc_deep_method(m)->loss == NULL ? NULL : centers;
	t.fit.earlier = m->algo->network && algo->network ? m : NULL;
	if (are_centers(centers, (int64_t) m->k * m->d, m->precision) && place_training(&t, MOST_MEMORY, &work) &&
		fit_within(&t, work, 2000))
		use(&t.model);
	training_end(&t);
	free(centers);
	free(x);
}

#endif
