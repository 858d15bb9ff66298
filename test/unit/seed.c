/*
 * seed.c - the sample of the rows, and the first centers
 */
#include "train.h"

#include "core/candidates.h"
#include "core/scale.h"

/* Everything that choosing centers needs, without a training around it */
typedef struct Seeding
{
	Source		source;
	FcModel		model;
	FcFit		fit;
	FcSeeder	seeder;
	double	   *weight;			/* (n of the sample), all 1 at first */
	void	   *memory;
} Seeding;

static void
seeding_layout(FcArena *a, Seeding *s)
{
	fc_model_layout(a, &s->model);
	fc_sample_layout(a, &s->fit.sample, &s->fit.rows, s->model.k);
	fc_seeder_layout(a, &s->seeder, &s->fit, fc_sample_size(&s->fit.rows, s->fit.model->k));
}

static void
seeding_begin(Seeding *s, int32_t k, FcPrecision precision, const double *x, int64_t n, int32_t d)
{
	FcArena		arena = {0};

	memset(s, 0, sizeof(*s));
	source_begin(&s->source, precision, x, n, d, fc_block_rows(d));
	fc_model_begin(&s->model, fc_algorithms[0], k, d);
	s->fit.model = &s->model;
	s->fit.isa = fc_best_isa();
	s->fit.rows = s->source.rows;
	seeding_layout(&arena, s);
	s->memory = arena.base = hostile_memory(arena.used);
	arena.used = 0;
	seeding_layout(&arena, s);
	fc_sample_fill(&s->fit.sample, &s->fit.rows, 0, &s->fit.hooks);
	s->weight = malloc(s->fit.sample.n * sizeof(double));
	for (int64_t i = 0; i < s->fit.sample.n; i++)
		s->weight[i] = 1;
}

static void
seeding_end(Seeding *s)
{
	source_end(&s->source);
	free(s->memory);
	free(s->weight);
}

/* How often each row of x (n, 1), all different, is a first center; -1 if a center is not a row */
static int
count_chosen(const Seeding *s, const double *x, int64_t n, int *count)
{
	for (int32_t c = 0; c < s->model.k; c++)
	{
		int64_t		i = 0;

		while (i < n && x[i] != s->model.centers[c])
			i++;
		if (i == n)
			return -1;
		count[i]++;
	}
	return 0;
}

static void
test_sample_size(void)
{
	for (int32_t d = 1; d <= FC_MAX_COLUMNS; d = d * 3 + 1)
		for (int64_t n = 1; n < INT64_C(1000000000000); n = n * 7 + 3)
			for (int32_t k = 1; k <= FC_MAX_CLUSTERS && k <= n; k = k * 5 + 2)
			{
				FcRows		rows = {.n = n, .d = d};
				int64_t		size = fc_sample_size(&rows, k);

				CHECK(size >= 1 && size <= n);
				CHECK(n > 1024 || size == n);
				CHECK(size == n || size >= 20 * (int64_t) k);
			}
}

/* Half of the rows are shorter than usual, half at least as long; of many rows, about */
static void
check_usual(const FcSample *s, FcPrecision precision, int32_t d)
{
	int64_t		shorter = 0;
	int64_t		longer = 0;
	int64_t		about = s->n > FC_FEW_ROWS ? s->n / 20 : 0;

	CHECK(s->usual > 0);
	for (int64_t i = 0; i < s->n; i++)
	{
		double		squares = 0;

		for (int32_t j = 0; j < d; j++)
			squares += pow(fc_get(s->x, precision, j * s->stride + i), 2);
		shorter += sqrt(squares) < s->usual * (1 - 1e-14);
		longer += sqrt(squares) > s->usual * (1 + 1e-14);
	}
	CHECK(shorter <= s->n / 2 + about && longer <= s->n / 2 + about);
}

/* A small sample is all rows in their order; mean, spread and usual length are theirs */
static void
test_whole_sample(FcPrecision precision, int64_t n)
{
	enum {D = 3};
	double	   *x = make_noise(n, D, 9);
	Seeding		s;
	double		squares = 0;
	int			wrong = 0;

	seeding_begin(&s, 1, precision, x, n, D);
	CHECK_EQ(s.fit.sample.n, n);
	CHECK(s.fit.sample.stride >= n && s.fit.sample.stride % FC_LANES == 0);
	for (int32_t j = 0; j < D; j++)
	{
		double		mean = 0;

		for (int64_t i = 0; i < s.fit.sample.stride; i++)
		{
			double		expected = i < n ? x[i * D + j] : 0;

			if (precision == FC_F32)
				expected = (float) expected;
			wrong += fc_get(s.fit.sample.x, precision, j * s.fit.sample.stride + i) != expected;
			mean += expected / n;
		}
		CHECK_NEAR(s.fit.sample.mean[j], mean, 1e-14);
		for (int64_t i = 0; i < n; i++)
			squares += (x[i * D + j] - mean) * (x[i * D + j] - mean);
	}
	CHECK_EQ(wrong, 0);
	CHECK_NEAR(s.fit.sample.spread, sqrt(squares / n), precision == FC_F32 ? 1e-6 : 1e-13);
	check_usual(&s.fit.sample, precision, D);
	seeding_end(&s);
	free(x);
}

/* One row from each stretch of a large input: different rows, in order, whole rows */
static void
test_sample_of_many(FcPrecision precision, int64_t n)
{
	enum {D = 1024};
	double	   *x = malloc((size_t) n * D * sizeof(double));
	Seeding		s;
	FcSample   *sample = &s.fit.sample;
	double	   *first;
	int			wrong = 0;
	int			moved = 0;

	for (int64_t i = 0; i < n; i++)
		for (int32_t j = 0; j < D; j++)
			x[i * D + j] = (double) (i + j);
	seeding_begin(&s, 2, precision, x, n, D);
	CHECK(sample->n < n);
	first = malloc(sample->n * sizeof(double));
	for (int64_t i = 0; i < sample->n; i++)
	{
		first[i] = fc_get(sample->x, precision, i);
		wrong += first[i] < 0 || first[i] > n - 1 || (i > 0 && first[i] <= first[i - 1]);
		wrong += fabs(first[i] - (i + 0.5) * n / sample->n) > n / sample->n + 1;
		for (int32_t j = 1; j < D; j++)
			wrong += fc_get(sample->x, precision, j * sample->stride + i) != first[i] + j;
	}
	CHECK_EQ(wrong, 0);

	fc_sample_fill(sample, &s.fit.rows, 0, &s.fit.hooks);
	for (int64_t i = 0; i < sample->n; i++)
		wrong += fc_get(sample->x, precision, i) != first[i];
	CHECK_EQ(wrong, 0);
	fc_sample_fill(sample, &s.fit.rows, 1, &s.fit.hooks);
	for (int64_t i = 0; i < sample->n; i++)
		moved += fc_get(sample->x, precision, i) != first[i];
	CHECK(moved > 0);
	free(first);
	seeding_end(&s);
	free(x);
}

/* Each of k values with many copies becomes a center once, however they are chosen */
static void
test_no_duplicates(FcPrecision precision, int init)
{
	enum {N = 330, K = 5};
	static const double values[K] = {0, 1, 1.5, -7, 100};
	double		x[N];
	Seeding		s;

	for (int i = 0; i < N; i++)
		x[i] = values[i % 30 < K ? i % 30 : 0];
	seeding_begin(&s, K, precision, x, N, 1);
	s.model.common[FC_INIT] = init;
	for (uint64_t stream = 0; stream < 200; stream++)
	{
		int			count[K] = {0};
		int			wrong = 0;

		if (!CHECK_EQ(fc_first_centers(&s.fit, &s.seeder, stream), FC_OK))
			break;
		CHECK_EQ(count_chosen(&s, values, K, count), 0);
		for (int c = 0; c < K; c++)
			wrong += count[c] != 1;
		CHECK_EQ(wrong, 0);
	}
	seeding_end(&s);
}

/* The first two rows that a sample of n rows leaves out */
static void
find_outside(FcPrecision precision, int64_t n, int32_t d, int64_t *outside)
{
	double	   *x = calloc(n * d, sizeof(double));
	int64_t		at = 0;
	int			found = 0;
	Seeding		s;

	for (int64_t i = 0; i < n; i++)
		x[i * d] = i;
	seeding_begin(&s, 1, precision, x, n, d);
	for (int64_t i = 0; i < n && found < 2; i++)
		if (at < s.fit.sample.n && fc_get(s.fit.sample.x, precision, at) == i)
			at++;
		else
			outside[found++] = i;
	CHECK_EQ(found, 2);
	seeding_end(&s);
	free(x);
}

/* Every row becomes a center once where k is their number, copies aside */
static void
test_all_rows(FcPrecision precision, int init, int copies)
{
	enum {K = 150};
	double	   *x = malloc(sizeof(double) * K * copies);
	double		values[K];
	Seeding		s;

	for (int i = 0; i < K; i++)
		values[i] = (i * 7 % K) * (i % 3 + 1) + i / 1024.0;
	for (int i = 0; i < K * copies; i++)
		x[i] = values[i % K];
	seeding_begin(&s, K, precision, x, K * copies, 1);
	s.model.common[FC_INIT] = init;
	for (uint64_t stream = 0; stream < 20; stream++)
	{
		int			count[K] = {0};
		int			wrong = 0;

		CHECK_EQ(fc_first_centers(&s.fit, &s.seeder, stream), FC_OK);
		CHECK_EQ(count_chosen(&s, values, K, count), 0);
		for (int c = 0; c < K; c++)
			wrong += count[c] != 1;
		CHECK_EQ(wrong, 0);
	}
	seeding_end(&s);
	free(x);
}

/* With too few different rows it is known how many there are, also where the sample has fewer */
static void
test_too_few(FcPrecision precision, int init, int64_t n)
{
	enum {D = 1024, K = 40, DISTINCT = 23};
	double	   *x = calloc(n * D, sizeof(double));
	Seeding		s;

	for (int64_t i = 0; i < n; i++)
		for (int j = 0; j < 3; j++)
			x[i * D + j] = i % 50 < DISTINCT ? i % 50 * (j + 1) : 0;
	seeding_begin(&s, K, precision, x, n, D);
	s.model.common[FC_INIT] = init;
	CHECK_EQ(fc_first_centers(&s.fit, &s.seeder, 0), FC_TOO_FEW_ROWS);
	CHECK_EQ(s.fit.failure.distinct, DISTINCT);
	seeding_end(&s);
	free(x);
}

/* Many different rows, of which the sample has next to none: one search among all rows finds them all */
static void
test_many_outside(FcPrecision precision, int more)
{
	enum {N = 30000, D = 64, EVERY = 1000, K = 1 + N / EVERY};
	double	   *x = calloc((size_t) N * D, sizeof(double));
	int			wrong = 0;
	Seeding		s;

	for (int i = EVERY / 2; i < N; i += EVERY)
	{
		x[(int64_t) i * D + i % D] = 1 + i / EVERY;
		x[(int64_t) (i + 1) * D + i % D] = 1 + i / EVERY;	/* a copy */
	}
	seeding_begin(&s, K + more, precision, x, N, D);
	CHECK(s.fit.sample.n < N);
	CHECK_EQ(fc_first_centers(&s.fit, &s.seeder, 0), more ? FC_TOO_FEW_ROWS : FC_OK);
	if (more)
		CHECK_EQ(s.fit.failure.distinct, K);
	for (int a = 0; a < K; a++)
		for (int b = 0; b < a; b++)
			wrong += memcmp((char *) s.seeder.chosen + a * D * FC_SIZE(precision),
							(char *) s.seeder.chosen + b * D * FC_SIZE(precision), D * FC_SIZE(precision)) == 0;
	CHECK_EQ(wrong, 0);
	seeding_end(&s);
	free(x);
}

/* D^2 of row i of the sample becomes value[i] */
static void
set_squares(Seeding *s, const double *value)
{
	for (int64_t i = 0; i < s->fit.sample.stride; i++)
		fc_set(s->seeder.least, s->fit.rows.precision, i, i < s->fit.sample.n ? value[i] : 0);
	fc_set_chances(&s->fit, &s->seeder, true);
}

/* Candidates are drawn by D^2, and those that stay when D^2 has fallen are as if drawn by that */
static void
test_draw(FcPrecision precision)
{
	enum {N = 6, DRAWS = 40000};
	static const double before[N] = {8, 0, 4, 2, 1, 1};
	static const double after[N] = {1, 0, 4, 1, 0.5, 0};
	double		x[N] = {0, 1, 2, 3, 4, 5};
	int			drawn[N] = {0};
	int			kept[N] = {0};
	double		all = 0;
	FcRng		rng;
	Seeding		s;

	fc_rng_start(&rng, 3, 0);
	seeding_begin(&s, 3, precision, x, N, 1);
	for (int i = 0; i < DRAWS; i++)
	{
		set_squares(&s, before);
		s.seeder.count = 0;
		fc_fill_pool(&s.fit, &s.seeder, &rng, 1);
		drawn[s.seeder.pool[0].row]++;
		set_squares(&s, after);
		fc_thin_pool(&s.fit, &s.seeder, 1);
		if (s.seeder.count == 1)
		{
			kept[s.seeder.pool[0].row]++;
			all++;
		}
	}
	CHECK_NEAR(all / DRAWS, 6.5 / 16, 0.01);
	for (int i = 0; i < N; i++)
	{
		CHECK_NEAR(drawn[i] / (double) DRAWS, before[i] / 16, 0.01);
		CHECK_NEAR(kept[i] / all, after[i] / 6.5, 0.01);
	}
	seeding_end(&s);
}

/* The sum over the sample of D^2, as if candidate l were a center */
static double
sum_with(const Seeding *s, int32_t l)
{
	double		sum = 0;

	for (int64_t i = 0; i < s->fit.sample.n; i++)
		sum += fmin(fc_get(s->seeder.least, s->fit.rows.precision, i),
					fc_get(s->seeder.at, s->fit.rows.precision, l * s->fit.sample.stride + i));
	return sum;
}

/* The best candidate lowers the sum of D^2 more than any other that is alive, though few gains are found again */
static void
test_lazy(FcPrecision precision)
{
	enum {N = 2500, D = 3, POOL = 30};
	double	   *x = make_noise(N, D, 77);
	double		start[N];
	int			chosen = 0;
	FcRng		rng;
	Seeding		s;

	fc_rng_start(&rng, 5, 0);
	for (int i = 0; i < N; i++)
		start[i] = 0.3;
	seeding_begin(&s, 3, precision, x, N, D);
	set_squares(&s, start);
	s.seeder.count = 0;
	fc_fill_pool(&s.fit, &s.seeder, &rng, POOL);
	for (int32_t best; (best = fc_best_candidate(&s.fit, &s.seeder, 1)) >= 0; chosen++)
	{
		double		least = sum_with(&s, best);

		for (int32_t l = 0; l < s.seeder.count; l++)
			if (fc_get(s.seeder.least, precision, s.seeder.pool[l].row) >= fmax(s.seeder.pool[l].threshold, 1e-30))
				CHECK(least <= sum_with(&s, l) * (1 + 1e-5));
		fc_cover_by_candidate(&s.fit, &s.seeder, best);
	}
	CHECK(chosen >= 3 && chosen < POOL);
	seeding_end(&s);
	free(x);
}

/* If all rows of the sample are equal, the others are whole rows from outside it, the farthest first */
static void
test_rows_outside(FcPrecision precision)
{
	enum {N = 1100, D = 1024, K = 3};
	double	   *x = malloc(sizeof(double) * N * D);
	int64_t		outside[2] = {0, 1};
	Seeding		s;
	int			wrong = 0;

	find_outside(precision, N, D, outside);
	for (int64_t i = 0; i < N * D; i++)
		x[i] = i % D;
	for (int32_t j = 0; j < D; j++)
	{
		x[outside[0] * D + j] = 2 * j + 1;
		x[outside[1] * D + j] = -5 * j - 3;
	}
	seeding_begin(&s, K, precision, x, N, D);
	CHECK_EQ(fc_first_centers(&s.fit, &s.seeder, 0), FC_OK);
	for (int32_t j = 0; j < D; j++)
		wrong += s.model.centers[j] != j || s.model.centers[D + j] != -5 * j - 3 ||
			s.model.centers[2 * D + j] != 2 * j + 1;
	CHECK_EQ(wrong, 0);
	seeding_end(&s);
	free(x);
}

/* The best of several candidates: well separated blobs get one center each */
static void
test_greedy(FcPrecision precision)
{
	enum {N = 600, D = 2, K = 8};
	double	   *x = make_blobs(N, D, K, 0.5);
	Seeding		s;
	int			missed = 0;

	seeding_begin(&s, K, precision, x, N, D);
	for (uint64_t stream = 0; stream < 200; stream++)
	{
		bool		found[K] = {false};

		CHECK_EQ(fc_first_centers(&s.fit, &s.seeder, stream), FC_OK);
		for (int32_t c = 0; c < K; c++)
			for (int32_t b = 0; b < K; b++)
				if (fabs(s.model.centers[c * D] - blob_center(b, 0)) < 1)
					found[b] = true;
		for (int32_t b = 0; b < K; b++)
			missed += !found[b];
	}
	CHECK_EQ(missed, 0);
	seeding_end(&s);
	free(x);
}

/* Streams differ, and every row can be chosen; without D^2 all are equally likely */
static void
test_frequencies(void)
{
	enum {N = 8, STREAMS = 4000};
	double		x[N];
	int			count[N] = {0};
	Seeding		s;

	for (int i = 0; i < N; i++)
		x[i] = i * i * i;
	seeding_begin(&s, 2, FC_F64, x, N, 1);
	s.model.common[FC_INIT] = FC_INIT_SAMPLE;
	for (uint64_t stream = 0; stream < STREAMS; stream++)
	{
		CHECK_EQ(fc_first_centers(&s.fit, &s.seeder, stream), FC_OK);
		CHECK_EQ(count_chosen(&s, x, N, count), 0);
	}
	for (int i = 0; i < N; i++)
		CHECK_NEAR(count[i] / (2.0 * STREAMS), 1.0 / N, 0.015);
	seeding_end(&s);
}

/* Rows that weigh 1 are rows without weights */
static void
test_equal_weights(FcPrecision precision)
{
	enum {N = 300, D = 2, K = 8};
	double	   *x = make_noise(N, D, 31);
	double		centers[K * D];
	int			other = 0;
	Seeding		s;

	seeding_begin(&s, K, precision, x, N, D);
	for (uint64_t stream = 0; stream < 50; stream++)
	{
		s.fit.sample.weight = NULL;
		CHECK_EQ(fc_first_centers(&s.fit, &s.seeder, stream), FC_OK);
		memcpy(centers, s.model.centers, sizeof(centers));
		s.fit.sample.weight = s.weight;
		CHECK_EQ(fc_first_centers(&s.fit, &s.seeder, stream), FC_OK);
		other += memcmp(centers, s.model.centers, sizeof(centers)) != 0;
	}
	CHECK_EQ(other, 0);
	seeding_end(&s);
	free(x);
}

/* Rows of weight 0 are never chosen, the others by weight */
static void
test_weights(int init)
{
	enum {N = 12, STREAMS = 4000};
	double		x[N];
	int			count[N] = {0};
	int			unwanted = 0;
	Seeding		s;

	for (int i = 0; i < N; i++)
		x[i] = i % 3 == 0 ? i : i % 3 == 1 ? 1000 + i : -1000 - i;
	seeding_begin(&s, 1, FC_F64, x, N, 1);
	s.model.common[FC_INIT] = init;
	s.fit.sample.weight = s.weight;
	for (int i = 0; i < N; i++)
		s.weight[i] = i % 2 == 0 ? 0 : i == 11 ? 5 : 1;
	for (uint64_t stream = 0; stream < STREAMS; stream++)
	{
		CHECK_EQ(fc_first_centers(&s.fit, &s.seeder, stream), FC_OK);
		CHECK_EQ(count_chosen(&s, x, N, count), 0);
	}
	CHECK_NEAR(count[11] / (double) STREAMS, 0.5, 0.03);
	CHECK_NEAR(count[3] / (double) STREAMS, 0.1, 0.02);
	for (int i = 0; i < N; i += 2)
		unwanted += count[i];
	CHECK_EQ(unwanted, 0);
	seeding_end(&s);
}

/* ... nor as a later center, even when it is the farthest row */
static void
test_weights_of_more(void)
{
	enum {N = 12, K = 4};
	double		x[N];
	int			count[N] = {0};
	int			unwanted = 0;
	Seeding		s;

	for (int i = 0; i < N; i++)
		x[i] = i % 2 == 0 ? 1000 * i : i;
	seeding_begin(&s, K, FC_F64, x, N, 1);
	s.fit.sample.weight = s.weight;
	for (int i = 0; i < N; i++)
		s.weight[i] = i % 2;
	for (uint64_t stream = 0; stream < 500; stream++)
	{
		CHECK_EQ(fc_first_centers(&s.fit, &s.seeder, stream), FC_OK);
		CHECK_EQ(count_chosen(&s, x, N, count), 0);
	}
	for (int i = 0; i < N; i += 2)
		unwanted += count[i];
	CHECK_EQ(unwanted, 0);
	seeding_end(&s);
}

/* Of three far groups the one that weighs nearly nothing gets no center */
static void
test_weights_decide(void)
{
	enum {N = 60};
	double		x[N];
	int			heavy = 0;
	Seeding		s;

	for (int i = 0; i < N; i++)
		x[i] = i < 20 ? i * 1e-3 : i < 40 ? 100 + i * 1e-3 : -100 - i * 1e-3;
	seeding_begin(&s, 2, FC_F64, x, N, 1);
	s.fit.sample.weight = s.weight;
	for (int i = 40; i < N; i++)
		s.weight[i] = 1e-9;
	for (uint64_t stream = 0; stream < 200; stream++)
	{
		CHECK_EQ(fc_first_centers(&s.fit, &s.seeder, stream), FC_OK);
		heavy += s.model.centers[0] > -1 && s.model.centers[1] > -1;
	}
	CHECK_EQ(heavy, 200);
	seeding_end(&s);
}

/* In the bounding box, and not on rows */
static void
test_random_start(void)
{
	enum {N = 50, D = 2, K = 6};
	double		low[D] = {-0.25, 3};
	double		high[D] = {0.5, 4};
	FcColumns	columns = {.low = low, .high = high};
	double	   *x = make_noise(N, D, 1);
	int			outside = 0;
	Seeding		s;

	seeding_begin(&s, K, FC_F64, x, N, D);
	s.model.common[FC_INIT] = FC_INIT_RANDOM;
	s.fit.columns = &columns;
	for (uint64_t stream = 0; stream < 50; stream++)
	{
		CHECK_EQ(fc_first_centers(&s.fit, &s.seeder, stream), FC_OK);
		for (int i = 0; i < K * D; i++)
			outside += !(s.model.centers[i] >= low[i % D] && s.model.centers[i] <= high[i % D]);
	}
	CHECK_EQ(outside, 0);
	seeding_end(&s);
	free(x);
}

int
main(void)
{
	test_sample_size();
	for (int precision = FC_F32; precision <= FC_F64; precision++)
	{
		test_whole_sample(precision, 1);
		test_whole_sample(precision, 33);
		test_whole_sample(precision, 2049);
		test_sample_of_many(precision, 1025);
		test_sample_of_many(precision, 1500);
		test_sample_of_many(precision, 3000);
		test_no_duplicates(precision, FC_INIT_KMEANSPP);
		test_no_duplicates(precision, FC_INIT_SAMPLE);
		for (int init = FC_INIT_KMEANSPP; init <= FC_INIT_SAMPLE; init += FC_INIT_SAMPLE - FC_INIT_KMEANSPP)
		{
			test_all_rows(precision, init, 1);
			test_all_rows(precision, init, 5);
			test_too_few(precision, init, 500);
			test_too_few(precision, init, 3000);
		}
		test_many_outside(precision, 0);
		test_many_outside(precision, 5);
		test_draw(precision);
		test_lazy(precision);
		test_rows_outside(precision);
		test_greedy(precision);
		test_equal_weights(precision);
	}
	test_frequencies();
	test_weights(FC_INIT_KMEANSPP);
	test_weights(FC_INIT_SAMPLE);
	test_weights_of_more();
	test_weights_decide();
	test_random_start();
	return check_report("seed");
}
