/*
 * silhouette.c - silhouettes and Dunn's index against their definitions, and the sample that they are of
 */
#include "train.h"

#include "core/row_sample.h"
#include "core/silhouette.h"

#define ROWS	83
#define MOST	(3 * ROWS)
#define COLUMNS	3
#define K		4

/* Rows, each with its weight */
typedef struct Rows
{
	int			n;
	int32_t		d;
	const double *x;			/* (n, d) */
	const double *weight;		/* (n) */
} Rows;

typedef struct Found
{
	FcSilhouetteIndices index;
	double		of_cluster[K];
	int32_t		rows;			/* that were compared */
	int32_t		noise;
} Found;

/* ---- the definition ---- */

/* What counts as one row: what rows weigh on average, if that is less than 1 */
static double
unit_of(const Rows *r)
{
	double		total = 0;

	for (int i = 0; i < r->n; i++)
		total += r->weight[i];
	return fmin(1, total / r->n);
}

/* Euclidean, over the features that both rows have, times the share of them; NaN: they have none in common */
static double
distance(const double *a, const double *b, int32_t d)
{
	double		sum = 0;
	int			both = 0;

	for (int32_t j = 0; j < d; j++)
		if (!isnan(a[j] - b[j]))
		{
			sum += (a[j] - b[j]) * (a[j] - b[j]);
			both++;
		}
	return both > 0 ? sqrt(sum * d / both) : NAN;
}

/* Mean distance of row i to the other rows of a cluster; NaN: there are none */
static double
mean_distance(const Rows *r, const double *z, const int *label, int i, int cluster)
{
	double		unit = unit_of(r);
	double		sum = 0;
	double		n = 0;

	for (int j = 0; j < r->n; j++)
	{
		double		apart = distance(z + i * r->d, z + j * r->d, r->d);

		if (label[j] != cluster || isnan(apart))
			continue;
		sum += r->weight[j] * apart;
		n += r->weight[j] - (i == j ? fmin(r->weight[j], unit) : 0);
	}
	return n > 0 ? sum / n : NAN;
}

static double
silhouette(const Rows *r, const double *z, const int *label, int32_t k, int i)
{
	double		a = mean_distance(r, z, label, i, label[i]);
	double		b = INFINITY;

	for (int c = 0; c < k; c++)
		if (c != label[i])
			b = fmin(b, mean_distance(r, z, label, i, c));	/* fmin() leaves out NaN */
	return isnan(a) || isinf(b) ? 0 : (b - a) / fmax(a, b);
}

/* z (n, d): the rows as the model has them */
static void
by_definition(const Rows *r, const double *z, const int *label, const double *margin, int32_t k, Found *found)
{
	double		total = 0;
	double		margins = 0;
	double		n[K] = {0};
	double		between = INFINITY;
	double		within = 0;

	*found = (Found) {.rows = r->n};
	for (int i = 0; i < r->n; i++)
	{
		double		s = r->weight[i] * silhouette(r, z, label, k, i);

		total += r->weight[i];
		margins += r->weight[i] * margin[i];
		n[label[i]] += r->weight[i];
		found->index.silhouette += s;
		found->index.fuzzy += margin[i] * s;
		found->of_cluster[label[i]] += s;
		for (int j = 0; j < i; j++)
		{
			double		apart = distance(z + i * r->d, z + j * r->d, r->d);

			if (label[i] == label[j])
				within = fmax(within, apart);
			else
				between = fmin(between, apart);
		}
	}
	found->index.silhouette /= total;
	found->index.fuzzy /= margins;
	found->index.dunn = between / within;
	for (int c = 0; c < k; c++)
		found->of_cluster[c] /= n[c];
}

/* ---- the core: rows go through a sample ---- */

static void
make_room(FcRowSample *s)
{
	int32_t		room = fc_row_sample_room(s, &(FcHooks) {0});
	void	   *old = s->memory;

	if (room == s->state.room.rows)
		return;
	fc_row_sample_move(s, hostile_memory(fc_row_sample_size(s, room)), room);
	free(old);
}

static void
add_to_sample(FcRowSample *s, const Rows *r, int i)
{
	double		row[COLUMNS + 1];

	memcpy(row, r->x + (int64_t) i * r->d, sizeof(double) * r->d);
	if (s->state.kind.weighted)
		row[r->d] = r->weight[i];
	make_room(s);
	fc_row_sample_add(s, row);
}

static Found
compare(const FcModel *m, FcRowSample *sample)
{
	FcHooks		hooks = {0};
	FcScorer	scorer;
	FcSilhouettes s;
	FcArena		arena = {0};
	void	   *memory = scorer_begin(&scorer, m);
	uint32_t   *work;
	const uint32_t *order;
	Found		found = {.rows = 0};

	fc_row_sample_settle(sample, &hooks);
	work = malloc(sizeof(uint32_t) * 2 * sample->state.count);
	order = fc_row_sample_sort(sample, work, &hooks);
	fc_silhouettes_layout(&arena, &s, m, sample->state.count);
	arena.base = hostile_memory(arena.used);
	arena.used = 0;
	fc_silhouettes_layout(&arena, &s, m, sample->state.count);
	fc_silhouettes_begin(&s, &hooks);
	for (int32_t i = 0; i < sample->state.count; i++)
	{
		FcSampledRow row = fc_row_sample_get(sample, order[i]);

		fc_silhouettes_add(&s, &scorer, row.x, NULL, row.count, row.weight);
	}
	found.index = fc_silhouettes_finish(&s, &scorer, &hooks);
	found.rows = s.n;
	found.noise = s.noise;
	memcpy(found.of_cluster, s.of_cluster, sizeof(double) * m->k);
	free(work);
	free(arena.base);
	free(memory);
	return found;
}

static Found
measure(const FcModel *m, const Rows *r, bool weighted)
{
	FcRowSample sample;
	Found		found;

	fc_row_sample_begin(&sample, r->d, weighted, MOST);
	for (int i = 0; i < r->n; i++)
		add_to_sample(&sample, r, i);
	found = compare(m, &sample);
	free(sample.memory);
	return found;
}

static void
check_same(const Found *a, const Found *b, int32_t k, double tolerance)
{
	CHECK_NEAR(a->index.silhouette, b->index.silhouette, tolerance);
	CHECK_NEAR(a->index.fuzzy, b->index.fuzzy, tolerance);
	CHECK_NEAR(a->index.dunn, b->index.dunn, tolerance);
	for (int32_t c = 0; c < k; c++)
		if (!(isnan(a->of_cluster[c]) && isnan(b->of_cluster[c])))
			CHECK_NEAR(a->of_cluster[c], b->of_cluster[c], tolerance);
}

/* The definition for a model: its labels, memberships and units */
static Found
expected_of(const FcModel *m, const Rows *r)
{
	FcScorer	s;
	void	   *memory = scorer_begin(&s, m);
	double		z[MOST * COLUMNS];
	double		margin[MOST];
	int			label[MOST];
	Found		found;

	for (int i = 0; i < r->n; i++)
	{
		double		most[2] = {0};

		fc_score_row(&s, r->x + i * r->d);
		label[i] = fc_score_nearest(&s);
		fc_score_memberships(&s);
		for (int32_t c = 0; c < m->k; c++)
			if (s.u[c] > most[0])
			{
				most[1] = most[0];
				most[0] = s.u[c];
			}
			else
				most[1] = fmax(most[1], s.u[c]);
		margin[i] = most[0] - most[1];
		memcpy(z + i * r->d, fc_scaled_row(&s, r->x + i * r->d), sizeof(double) * r->d);
	}
	by_definition(r, z, label, margin, m->k, &found);
	free(memory);
	return found;
}

/* ---- tests ---- */

static double ones[MOST];

static void
make_rows(double *x)
{
	for (int i = 0; i < ROWS; i++)
	{
		int			group = i % 9 < 4 ? 0 : i % 9 < 7 ? 1 : 2;

		x[i * COLUMNS] = 3 * group + sin(i);
		x[i * COLUMNS + 1] = (group == 1 ? 4 : 0) + cos(2.3 * i);
		x[i * COLUMNS + 2] = 10 * (0.3 * group + 0.2 * sin(3.1 * i));
	}
}

/* A model of these rows; t is to be ended */
static bool
train(Training *t, const char *name, int32_t k, const double *x, int scale)
{
	training_begin(t, fc_find_algorithm(name), k, FC_F64, x, ROWS, COLUMNS);
	t->model.common[FC_SCALE] = scale;
	t->model.common[FC_MAX_ITERATIONS] = 5;
	return CHECK(training_run(t) == FC_OK);
}

static void
test_definition(const char *name, int32_t k, int scale)
{
	double		x[ROWS * COLUMNS];
	double		weight[ROWS];
	double		copies[MOST * COLUMNS];
	Rows		r = {ROWS, COLUMNS, x, ones};
	Rows		weighted = {ROWS, COLUMNS, x, weight};
	Rows		many = {0, COLUMNS, copies, ones};
	Training	t;
	Found		expected;
	Found		found;

	make_rows(x);
	if (train(&t, name, k, x, scale))
	{
		expected = expected_of(&t.model, &r);
		found = measure(&t.model, &r, false);
		check_same(&found, &expected, k, 1e-12);
		CHECK_EQ(found.rows, ROWS);
		CHECK_EQ(found.noise, 0);
		found = measure(&t.model, &r, true);
		check_same(&found, &expected, k, 1e-12);

		/* rows that are there several times, and as weights */
		for (int i = 0; i < ROWS; i++)
		{
			weight[i] = 1 + i % 3;
			for (int times = 0; times < weight[i] && many.n < MOST; times++, many.n++)
				memcpy(copies + many.n * COLUMNS, x + i * COLUMNS, sizeof(double) * COLUMNS);
		}
		expected = expected_of(&t.model, &many);
		found = measure(&t.model, &many, false);
		check_same(&found, &expected, k, 1e-12);
		CHECK_EQ(found.rows, ROWS);
		found = measure(&t.model, &weighted, true);
		check_same(&found, &expected, k, 1e-12);

		/* weights that are all small count as rows */
		for (int i = 0; i < ROWS; i++)
			weight[i] = 1e-12;
		expected = expected_of(&t.model, &r);
		found = measure(&t.model, &weighted, true);
		check_same(&found, &expected, k, 1e-9);
	}
	training_end(&t);
}

/* Fractions as weights, of rows some of which are equal; "scale" makes all of them small or large */
static void
test_fractions(double scale)
{
	double		x[ROWS * COLUMNS];
	double		weight[ROWS];
	Rows		r = {ROWS, COLUMNS, x, weight};
	Training	t;
	Found		expected;
	Found		found;

	make_rows(x);
	for (int i = 0; i < ROWS; i++)
	{
		weight[i] = scale * (i % 5 == 1 ? weight[i - 1] / scale : exp(2 * sin(i)));
		if (i % 5 == 1)
			memcpy(x + i * COLUMNS, x + (i - 1) * COLUMNS, sizeof(double) * COLUMNS);
	}
	if (train(&t, "fcm", 3, x, FC_SCALE_NONE))
	{
		expected = expected_of(&t.model, &r);
		found = measure(&t.model, &r, true);
		check_same(&found, &expected, 3, 1e-12);
		CHECK_EQ(found.rows, ROWS - 17);
	}
	training_end(&t);
}

/* Rows with gaps: some have nothing in common */
static void
test_gaps(void)
{
	double		x[ROWS * COLUMNS];
	Rows		r = {ROWS, COLUMNS, x, ones};
	Training	t;
	Found		expected;
	Found		found;

	make_rows(x);
	if (train(&t, "fcm", 3, x, FC_SCALE_ZSCORE))
	{
		double		gaps[ROWS * COLUMNS];

		memcpy(gaps, x, sizeof(gaps));
		r.x = gaps;
		for (int i = 0; i < ROWS; i += 2)
			for (int j = 0; j < i % 3; j++)
				gaps[i * COLUMNS + (i + j) % COLUMNS] = i % 4 ? NAN : -NAN;
		expected = expected_of(&t.model, &r);
		found = measure(&t.model, &r, false);
		check_same(&found, &expected, 3, 1e-12);
	}
	training_end(&t);
}

/* Rows that are noise are left out */
static void
test_noise(const char *name)
{
	double		x[ROWS * COLUMNS];
	double		inside[ROWS * COLUMNS];
	Rows		r = {ROWS, COLUMNS, x, ones};
	Rows		rest = {0, COLUMNS, inside, ones};
	Training	t;
	Found		expected;
	Found		found;

	make_rows(x);
	training_begin(&t, fc_find_algorithm(name), 3, FC_F64, x, ROWS, COLUMNS);
	t.model.common[FC_NOISE_DISTANCE] = 2;
	if (CHECK(training_run(&t) == FC_OK))
	{
		FcScorer	s;
		void	   *memory = scorer_begin(&s, &t.model);

		for (int i = 0; i < ROWS; i++)
		{
			fc_score_row(&s, x + i * COLUMNS);
			if (fc_score_nearest(&s) >= 0)
				memcpy(inside + rest.n++ * COLUMNS, x + i * COLUMNS, sizeof(double) * COLUMNS);
		}
		free(memory);
		CHECK(rest.n > 20 && rest.n < ROWS);
		expected = expected_of(&t.model, &rest);
		found = measure(&t.model, &r, false);
		check_same(&found, &expected, 3, 1e-12);
		CHECK_EQ(found.rows, rest.n);
		CHECK_EQ(found.noise, ROWS - rest.n);
	}
	training_end(&t);
}

/* One cluster has nothing to be compared with; rows that are alone in theirs have the silhouette 0 */
static void
test_edges(void)
{
	double		x[ROWS * COLUMNS];
	Rows		r = {ROWS, COLUMNS, x, ones};
	Training	t;
	Found		found;

	make_rows(x);
	if (train(&t, "fcm", 1, x, FC_SCALE_NONE))
	{
		found = measure(&t.model, &r, false);
		CHECK(isnan(found.index.silhouette) && isnan(found.index.fuzzy) && isnan(found.index.dunn) && isnan(found.of_cluster[0]));
	}
	training_end(&t);
	if (train(&t, "kmeans", 3, x, FC_SCALE_NONE))
	{
		r.n = 1;
		found = measure(&t.model, &r, false);
		CHECK(isnan(found.index.silhouette) && isnan(found.index.dunn));
		memcpy(x, t.model.centers, sizeof(double) * 3 * COLUMNS);
		r.n = 3;
		found = measure(&t.model, &r, false);
		CHECK(found.index.silhouette == 0 && found.index.fuzzy == 0 && found.of_cluster[2] == 0);
		CHECK(isinf(found.index.dunn));
	}
	training_end(&t);
}

/* ---- the sample ---- */

#define MANY	3000
#define DISTINCT 700

/* Row i of a table with rows that are equal, zeros of both signs and gaps */
static void
make_row(double *x, int i)
{
	int			value = i * 37 % DISTINCT;

	x[0] = value % 10 == 0 ? (i / DISTINCT % 2 ? 0.0 : -0.0) : value % 13;
	x[1] = value % 7 == 0 ? (i / DISTINCT % 2 ? NAN : -NAN) : value / 3;
	x[2] = value;
}

static void
add_many(FcRowSample *s, int first, int end, int step)
{
	double		x[COLUMNS];

	for (int i = first; i != end; i += step)
	{
		make_row(x, i);
		add_to_sample(s, &(Rows) {1, COLUMNS, x, ones}, 0);
	}
}

/* The rows in order, as bytes: to be freed */
static uint64_t *
sorted_rows(FcRowSample *s, size_t *size)
{
	FcHooks		hooks = {0};
	uint32_t   *work = malloc(sizeof(uint32_t) * 2 * MANY);
	const uint32_t *order;
	size_t		width = COLUMNS + 1;
	uint64_t   *rows;

	fc_row_sample_settle(s, &hooks);
	order = fc_row_sample_sort(s, work, &hooks);
	*size = sizeof(uint64_t) * width * s->state.count;
	rows = malloc(*size);
	for (int32_t i = 0; i < s->state.count; i++)
	{
		FcSampledRow row = fc_row_sample_get(s, order[i]);

		memcpy(rows + i * width, row.x, sizeof(double) * COLUMNS);
		rows[i * width + COLUMNS] = (uint64_t) row.count;
	}
	free(work);
	return rows;
}

/* The sample of both, the second as bytes */
static void
merge(FcRowSample *to, FcRowSample *from)
{
	size_t		size;
	uint64_t   *bytes;

	fc_row_sample_settle(from, &(FcHooks) {0});
	size = fc_row_sample_bytes_size(from);
	bytes = malloc(size);
	fc_row_sample_write(from, bytes);
	for (int32_t i = 0; i < ((FcRowSampleHeader *) (void *) bytes)->count; i++)
	{
		make_room(to);
		fc_row_sample_add_bytes(to, bytes, i);
	}
	fc_row_sample_add_count(to, bytes);
	free(bytes);
}

/* A sample does not depend on the order of the rows, nor on how they are divided; its counts are exact */
static void
test_sample(int32_t most)
{
	FcRowSample s[4];
	size_t		size[2];
	uint64_t   *rows[2];
	int64_t		total = 0;

	for (int part = 0; part < 4; part++)
		fc_row_sample_begin(&s[part], COLUMNS, false, most);
	add_many(&s[0], 0, MANY, 1);
	add_many(&s[1], MANY - 1, 2000, -1);
	add_many(&s[2], 0, 1000, 1);
	add_many(&s[3], 2000, 999, -1);
	merge(&s[1], &s[2]);
	merge(&s[3], &s[1]);
	CHECK_EQ(s[0].state.rows, MANY);
	CHECK_EQ(s[3].state.rows, MANY);
	rows[0] = sorted_rows(&s[0], &size[0]);
	rows[1] = sorted_rows(&s[3], &size[1]);
	CHECK_EQ(s[0].state.count, most < DISTINCT ? most : DISTINCT);
	CHECK(size[0] == size[1] && memcmp(rows[0], rows[1], size[0]) == 0);
	for (int32_t i = 0; i < s[0].state.count; i++)
	{
		double		value;
		int64_t		count = 0;

		memcpy(&value, rows[0] + i * (COLUMNS + 1) + 2, sizeof(value));
		for (int n = 0; n < MANY; n++)
			count += n * 37 % DISTINCT == value;
		CHECK_EQ(rows[0][i * (COLUMNS + 1) + COLUMNS], count);
		total += count;
	}
	CHECK(total == MANY || most < DISTINCT);
	for (int part = 0; part < 4; part++)
		free(s[part].memory);
	free(rows[0]);
	free(rows[1]);
}

int
main(void)
{
	for (int i = 0; i < MOST; i++)
		ones[i] = 1;
	for (int scale = FC_SCALE_NONE; scale <= FC_SCALE_ZSCORE; scale++)
		for (int32_t k = 2; k <= K; k++)
		{
			test_definition("fcm", k, scale);
			test_definition("kmeans", k, scale);
		}
	test_definition("gk", 3, FC_SCALE_NONE);
	test_definition("mec", 3, FC_SCALE_NONE);
	test_fractions(0.05);
	test_fractions(0.5);
	test_fractions(5);
	test_gaps();
	test_noise("kmeans");
	test_noise("fcm");
	test_edges();
	test_sample(1);
	test_sample(50);
	test_sample(600);
	test_sample(5000);
	CHECK_EQ(fc_silhouette_rows(1), 2000);
	CHECK_EQ(fc_silhouette_rows(2097), 2000);
	CHECK_EQ(fc_silhouette_rows(65535), 64);
	return check_report("silhouette");
}
