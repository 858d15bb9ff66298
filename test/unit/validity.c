/*
 * validity.c - indices of a clustering, against their definitions row by row
 *
 * fcm with a fuzzifier of 2 has memberships and weights that take one line each;
 * everything else follows from centers and rows alone.
 */
#include "train.h"

#include "core/noise.h"
#include "core/validity.h"

#define ROWS	67
#define COLUMNS	3
#define MOST	4

/* Three unlike groups in different directions, with one column in other units */
static void
make_rows(double *x)
{
	for (int i = 0; i < ROWS; i++)
	{
		int			group = i % 7 < 3 ? 0 : i % 7 < 5 ? 1 : 2;

		x[i * COLUMNS] = 4 * group + sin(i);
		x[i * COLUMNS + 1] = (group == 1 ? 5 : 0) + cos(2.3 * i);
		x[i * COLUMNS + 2] = 100 * (0.3 * group + 0.2 * sin(3.1 * i));
	}
}

/* ---- the definitions; rows z and centers v are scaled ---- */

typedef struct Rows
{
	int32_t		k;
	const double *v;			/* (k, COLUMNS) */
	double		z[ROWS][COLUMNS];
	double		u[ROWS][MOST];
	int			label[ROWS];
	double		mean[COLUMNS];
} Rows;

static double
squared(const double *a, const double *b)
{
	return fc_squared_distance(a, b, COLUMNS);
}

static const double *
center(const Rows *r, int c)
{
	return r->v + c * COLUMNS;
}

static void
describe(Rows *r, const FcModel *m, const double *x)
{
	*r = (Rows) {.k = m->k, .v = m->centers};
	for (int i = 0; i < ROWS; i++)
	{
		for (int j = 0; j < COLUMNS; j++)
		{
			r->z[i][j] = m->shift ? (x[i * COLUMNS + j] - m->shift[j]) * m->factor[j] : x[i * COLUMNS + j];
			r->mean[j] += r->z[i][j] / ROWS;
		}
		for (int c = 0; c < r->k; c++)
		{
			double		sum = 0;

			for (int b = 0; b < r->k; b++)
				sum += squared(r->z[i], center(r, c)) / squared(r->z[i], center(r, b));
			r->u[i][c] = 1 / sum;
			if (squared(r->z[i], center(r, c)) < squared(r->z[i], center(r, r->label[i])))
				r->label[i] = c;
		}
	}
}

/* Least squared distance between two centers */
static double
least_gap(const Rows *r)
{
	double		least = INFINITY;

	for (int c = 1; c < r->k; c++)
		for (int b = 0; b < c; b++)
			least = fmin(least, squared(center(r, c), center(r, b)));
	return least;
}

/* Mean distance of the rows of a cluster to its center */
static double
scatter(const Rows *r, int c)
{
	double		sum = 0;
	int			n = 0;

	for (int i = 0; i < ROWS; i++)
		if (r->label[i] == c)
		{
			sum += sqrt(squared(r->z[i], center(r, c)));
			n++;
		}
	return sum / n;
}

static double
davies_bouldin(const Rows *r)
{
	double		sum = 0;

	for (int c = 0; c < r->k; c++)
	{
		double		worst = 0;

		for (int b = 0; b < r->k; b++)
			if (b != c)
				worst = fmax(worst, (scatter(r, c) + scatter(r, b)) / sqrt(squared(center(r, c), center(r, b))));
		sum += worst / r->k;
	}
	return sum;
}

/* By means of the crisp clusters, not by their centers */
static double
calinski_harabasz(const Rows *r)
{
	double		mean[MOST][COLUMNS] = {{0}};
	int			n[MOST] = {0};
	double		between = 0;
	double		within = 0;

	for (int i = 0; i < ROWS; i++)
		n[r->label[i]]++;
	for (int i = 0; i < ROWS; i++)
		for (int j = 0; j < COLUMNS; j++)
			mean[r->label[i]][j] += r->z[i][j] / n[r->label[i]];
	for (int i = 0; i < ROWS; i++)
	{
		within += squared(r->z[i], mean[r->label[i]]);
		between += squared(mean[r->label[i]], r->mean);
	}
	return between / (r->k - 1) / (within / (ROWS - r->k));
}

static double
silhouette(const Rows *r)
{
	double		sum = 0;

	for (int i = 0; i < ROWS; i++)
	{
		double		a = sqrt(squared(r->z[i], center(r, r->label[i])));
		double		b = INFINITY;

		for (int c = 0; c < r->k; c++)
			if (c != r->label[i])
				b = fmin(b, sqrt(squared(r->z[i], center(r, c))));
		sum += (b - a) / fmax(a, b);
	}
	return sum / ROWS;
}

static void
by_definition(const Rows *r, double *index)
{
	double		compactness = 0;
	double		separation = 0;
	double		away = 0;

	for (int i = 0; i < FC_INDICES; i++)
		index[i] = 0;
	for (int c = 0; c < r->k; c++)
		away += squared(center(r, c), r->mean);
	for (int i = 0; i < ROWS; i++)
		for (int c = 0; c < r->k; c++)
		{
			double		u = r->u[i][c];

			index[FC_PARTITION_COEFFICIENT] += u * u / ROWS;
			index[FC_PARTITION_ENTROPY] -= u * log(u) / ROWS;
			index[FC_INTER_CLUSTER_VARIANCE] += u * squared(center(r, c), r->mean) / ROWS;
			compactness += u * u * squared(r->z[i], center(r, c));
			separation += u * u * squared(center(r, c), r->mean);
		}
	index[FC_PARTITION_COEFFICIENT_NORMALIZED] = 1 - r->k / (r->k - 1.0) * (1 - index[FC_PARTITION_COEFFICIENT]);
	index[FC_XIE_BENI] = compactness / ROWS / least_gap(r);
	index[FC_FUKUYAMA_SUGENO] = compactness - separation;
	index[FC_KWON] = (compactness + away / r->k) / least_gap(r);
	index[FC_DAVIES_BOULDIN] = davies_bouldin(r);
	index[FC_CALINSKI_HARABASZ] = calinski_harabasz(r);
	index[FC_SILHOUETTE] = silhouette(r);
}

/* ---- the indices of the core ---- */

static void *
validity_begin(FcValidity *v, const FcModel *m)
{
	FcArena		arena = {0};

	fc_validity_layout(&arena, v, m->k, COLUMNS, fc_has_noise(m));
	arena.base = hostile_memory(arena.used);
	arena.used = 0;
	fc_validity_layout(&arena, v, m->k, COLUMNS, fc_has_noise(m));
	fc_validity_begin(v, m);
	return arena.base;
}

/* Of row i: how often it is added, and with which weight */
typedef struct Presence
{
	int			(*times) (int i);
	double		(*weight) (int i);
} Presence;

static int
once(int i)
{
	(void) i;
	return 1;
}

static double
one(int i)
{
	(void) i;
	return 1;
}

/* Indices of the rows, added in two parts that are merged */
static void
measure_rows(const FcModel *m, const double *x, int first_part, Presence p, double *index)
{
	FcValidity	part[2];
	FcScorer	s;
	double		numbers[4][MOST];
	double		difference[MOST * COLUMNS];
	double		mean[COLUMNS];
	FcIndexSums sums = {
		.k = m->k, .d = COLUMNS, .u = numbers[0], .w = numbers[1], .count = numbers[2], .distance = numbers[3],
		.difference = difference, .mean = mean
	};
	void	   *scorer = scorer_begin(&s, m);
	void	   *memory[2] = {validity_begin(&part[0], m), validity_begin(&part[1], m)};

	for (int i = 0; i < ROWS; i++)
		for (int times = p.times(i); times > 0; times--)
			fc_validity_add(&part[i >= first_part], &s, x + i * COLUMNS, p.weight(i));
	fc_validity_merge(&part[1], part[0].words);
	fc_validity_sums(&part[1], m->centers, &sums);
	fc_indices(&sums, &s, index);
	free(memory[0]);
	free(memory[1]);
	free(scorer);
}

static void
measure(const FcModel *m, const double *x, int first_part, double *index)
{
	measure_rows(m, x, first_part, (Presence) {once, one}, index);
}

static int
copies(int i)
{
	return 1 + i % 3;
}

static double
copies_as_weight(int i)
{
	return copies(i);
}

static double
small(int i)
{
	(void) i;
	return 1e-12;
}

static double
large(int i)
{
	return copies(i) * 1e14;
}

/* Indices of rows with weights are those of rows that are there as often; if they all weigh little, of as many rows */
static void
test_weights(const double *x, const char *name)
{
	Training	t;
	double		expected[FC_INDICES];
	double		found[FC_INDICES];

	training_begin(&t, fc_find_algorithm(name), 3, FC_F64, x, ROWS, COLUMNS);
	if (CHECK(training_run(&t) == FC_OK))
	{
		measure_rows(&t.model, x, 20, (Presence) {copies, one}, expected);
		measure_rows(&t.model, x, 50, (Presence) {once, copies_as_weight}, found);
		for (int i = 0; i < FC_INDICES; i++)
			CHECK_NEAR(found[i], expected[i], 1e-12 * (1 + fabs(expected[i])));
		measure_rows(&t.model, x, 20, (Presence) {once, large}, found);
		CHECK_NEAR(found[FC_SILHOUETTE], expected[FC_SILHOUETTE], 1e-12);
		CHECK_NEAR(found[FC_DAVIES_BOULDIN], expected[FC_DAVIES_BOULDIN], 1e-12);
		measure(&t.model, x, 20, expected);
		measure_rows(&t.model, x, 20, (Presence) {once, small}, found);
		for (int i = 0; i < FC_INDICES; i++)
			CHECK_NEAR(found[i], expected[i], 1e-9 * (1 + fabs(expected[i])));
	}
	training_end(&t);
}

static void
test_definitions(const double *x, int32_t k, int scale)
{
	Training	t;
	Rows		r;
	double		expected[FC_INDICES];
	double		found[FC_INDICES];

	training_begin(&t, fc_find_algorithm("fcm"), k, FC_F64, x, ROWS, COLUMNS);
	t.model.common[FC_SCALE] = scale;
	t.model.common[FC_MAX_ITERATIONS] = 3;	/* centers are not means of anything */
	if (CHECK(training_run(&t) == FC_OK))
	{
		describe(&r, &t.model, x);
		by_definition(&r, expected);
		for (int part = 0; part <= ROWS; part += 33)
		{
			measure(&t.model, x, part, found);
			for (int i = 0; i < FC_INDICES; i++)
				if (!CHECK_NEAR(found[i], expected[i], 1e-9))
					printf("%s, %d clusters, scale %d\n", fc_index_names[i], k, scale);
		}
	}
	training_end(&t);
}

/* The sums of rows first, first + step, ... as bytes, in memory of exactly their size */
static uint64_t *
bytes_of(const FcModel *m, const double *x, int first, int end, int step, size_t *size)
{
	FcValidity	v;
	FcScorer	s;
	void	   *scorer = scorer_begin(&s, m);
	void	   *memory = validity_begin(&v, m);
	uint64_t   *bytes;

	for (int i = first; i != end; i += step)
		fc_validity_add(&v, &s, x + i * COLUMNS, 1);
	*size = fc_validity_size(&v);
	bytes = malloc(*size);
	fc_validity_write(&v, 42, bytes);
	free(memory);
	free(scorer);
	return bytes;
}

/* Bytes of parts, merged, are those of all rows in any order; damaged ones are refused */
static void
test_bytes(const double *x)
{
	Training	t;
	FcValidity	a;
	FcValidity	b;
	uint64_t	model;
	size_t		size;

	training_begin(&t, fc_find_algorithm("fcm"), 3, FC_F64, x, ROWS, COLUMNS);
	if (CHECK(training_run(&t) == FC_OK))
	{
		uint64_t   *all = bytes_of(&t.model, x, 0, ROWS, 1, &size);
		uint64_t   *backwards = bytes_of(&t.model, x, ROWS - 1, -1, -1, &size);
		uint64_t   *part = bytes_of(&t.model, x, 0, 20, 1, &size);
		uint64_t   *rest = bytes_of(&t.model, x, ROWS - 1, 19, -1, &size);

		CHECK(memcmp(all, backwards, size) == 0 && memcmp(all, part, size) != 0);
		CHECK(fc_validity_open(&a, &model, part, size) == FC_OK && model == 42 && a.k == 3 && a.d == COLUMNS);
		CHECK(fc_validity_open(&b, &model, rest, size) == FC_OK);
		fc_validity_merge(&a, b.words);
		fc_validity_close(&a);
		CHECK(memcmp(all, part, size) == 0);

		for (size_t length = 0; length < size; length++)
			CHECK(fc_validity_open(&a, &model, all, length) == (length < 8 ? FC_NOT_STATISTICS : FC_DAMAGED_STATISTICS));
		((char *) all)[7] = 3;
		CHECK(fc_validity_open(&a, &model, all, size) == FC_NEWER_STATISTICS);
		((char *) all)[7] = 2;	/* with noise there are more words */
		CHECK(fc_validity_open(&a, &model, all, size) == FC_DAMAGED_STATISTICS);
		((char *) all)[7] = 1;
		((char *) all)[16] = 4;
		CHECK(fc_validity_open(&a, &model, all, size) == FC_DAMAGED_STATISTICS);
		((char *) all)[0] = 'f';
		CHECK(fc_validity_open(&a, &model, all, size) == FC_NOT_STATISTICS);
		free(all);
		free(backwards);
		free(part);
		free(rest);
	}
	training_end(&t);
}

/* A row beyond all measure makes sums infinite, whatever came before or comes afterwards */
static void
test_far_rows(const double *x)
{
	Training	t;
	double		rows[4 * COLUMNS];
	size_t		size;

	training_begin(&t, fc_find_algorithm("kmeans"), 2, FC_F64, x, ROWS, COLUMNS);
	if (CHECK(training_run(&t) == FC_OK))
	{
		uint64_t   *one;
		uint64_t   *other;

		memcpy(rows, x, sizeof(rows));
		rows[0] = 1e200;
		rows[2 * COLUMNS] = -1e200;
		rows[3 * COLUMNS + 1] = 1e60;
		one = bytes_of(&t.model, rows, 0, 4, 1, &size);
		other = bytes_of(&t.model, rows, 3, -1, -1, &size);
		CHECK(memcmp(one, other, size) == 0);
		free(one);
		free(other);
	}
	training_end(&t);
}

/* ---- noise ---- */

static double part_of_row[ROWS];	/* 1 - noise */

static int
no_noise(int i)
{
	return part_of_row[i] > 0;
}

static double
part_as_weight(int i)
{
	return part_of_row[i];
}

/* The model with noise that far; returns how many rows are noise */
static int
add_noise(FcModel *m, const double *x, double distance)
{
	FcScorer	s;
	void	   *memory;
	int			noise = 0;

	m->common[FC_NOISE_DISTANCE] = distance;
	memory = scorer_begin(&s, m);
	for (int i = 0; i < ROWS; i++)
	{
		fc_score_row(&s, x + i * COLUMNS);
		fc_score_memberships(&s);
		part_of_row[i] = 1 - s.u[m->k];
		noise += fc_score_nearest(&s) < 0;
	}
	free(memory);
	return noise;
}

/* Of crisp clusters: indices of the rows that are no noise, which makes one more group */
static void
test_crisp_noise(const double *x)
{
	Training	t;
	double		expected[FC_INDICES];
	double		found[FC_INDICES];

	training_begin(&t, fc_find_algorithm("kmeans"), 3, FC_F64, x, ROWS, COLUMNS);
	if (CHECK(training_run(&t) == FC_OK))
	{
		int			noise = add_noise(&t.model, x, 12);

		CHECK(noise > 0 && noise < ROWS / 2);
		measure(&t.model, x, 40, found);
		t.model.common[FC_NOISE_DISTANCE] = NAN;
		measure_rows(&t.model, x, 40, (Presence) {no_noise, one}, expected);
		for (int i = 0; i < FC_INDICES; i++)
			CHECK_NEAR(found[i], expected[i], 1e-12 * (1 + fabs(expected[i])));
		add_noise(&t.model, x, 1e-9);
		measure(&t.model, x, 40, found);
		for (int i = 0; i < FC_INDICES; i++)
			CHECK(i <= FC_PARTITION_ENTROPY ? isfinite(found[i]) : isnan(found[i]));
	}
	training_end(&t);
}

/* Of fuzzy ones: a row weighs in its cluster what is no noise of it; noise that is far changes nothing */
static void
test_fuzzy_noise(const double *x)
{
	Training	t;
	double		plain[FC_INDICES];
	double		expected[FC_INDICES];
	double		found[FC_INDICES];

	training_begin(&t, fc_find_algorithm("fcm"), 3, FC_F64, x, ROWS, COLUMNS);
	if (CHECK(training_run(&t) == FC_OK))
	{
		measure(&t.model, x, 10, plain);
		CHECK(add_noise(&t.model, x, 9) > 0);
		measure(&t.model, x, 10, found);
		t.model.common[FC_NOISE_DISTANCE] = NAN;
		measure_rows(&t.model, x, 40, (Presence) {once, part_as_weight}, expected);
		CHECK_NEAR(found[FC_SILHOUETTE], expected[FC_SILHOUETTE], 1e-12);
		CHECK_NEAR(found[FC_DAVIES_BOULDIN], expected[FC_DAVIES_BOULDIN], 1e-12);
		CHECK(fabs(found[FC_SILHOUETTE] - plain[FC_SILHOUETTE]) > 1e-3);
		CHECK_EQ(add_noise(&t.model, x, 1e9), 0);
		measure(&t.model, x, 10, found);
		for (int i = 0; i < FC_INDICES; i++)
			CHECK(i == FC_PARTITION_COEFFICIENT_NORMALIZED || fabs(found[i] - plain[i]) < 1e-9 * (1 + fabs(plain[i])));
	}
	training_end(&t);
}

/* With one cluster only what needs no second one has a meaning */
static void
test_one_cluster(const double *x)
{
	Training	t;
	double		index[FC_INDICES];

	training_begin(&t, fc_find_algorithm("fcm"), 1, FC_F64, x, ROWS, COLUMNS);
	if (CHECK(training_run(&t) == FC_OK))
	{
		measure(&t.model, x, 0, index);
		CHECK_NEAR(index[FC_PARTITION_COEFFICIENT], 1, 1e-12);
		CHECK_NEAR(index[FC_PARTITION_ENTROPY], 0, 1e-12);
		CHECK_NEAR(index[FC_INTER_CLUSTER_VARIANCE], 0, 1e-9);
		CHECK(isnan(index[FC_PARTITION_COEFFICIENT_NORMALIZED]));
		CHECK(isnan(index[FC_XIE_BENI]));
		CHECK(isnan(index[FC_KWON]));
		CHECK(isnan(index[FC_DAVIES_BOULDIN]));
		CHECK(isnan(index[FC_CALINSKI_HARABASZ]));
		CHECK(isnan(index[FC_SILHOUETTE]));
	}
	training_end(&t);
}

int
main(void)
{
	double		x[ROWS * COLUMNS];

	make_rows(x);
	for (int32_t k = 2; k <= MOST; k++)
		for (int scale = FC_SCALE_NONE; scale <= FC_SCALE_ZSCORE; scale++)
			test_definitions(x, k, scale);
	test_one_cluster(x);
	test_weights(x, "fcm");
	test_weights(x, "kmeans");
	test_weights(x, "gg");
	test_bytes(x);
	test_far_rows(x);
	test_crisp_noise(x);
	test_fuzzy_noise(x);
	return check_report("validity");
}
