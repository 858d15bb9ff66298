/*
 * offset.c - rows far from zero train as the same rows near it
 *
 * Single precision is compared with double precision on the same stored values,
 * double precision with the rows from which the offset has been taken.
 */
#include "core/offset.h"
#include "core/seed.h"
#include "train.h"

#include <float.h>

#define COUNT(array)	((int) (sizeof(array) / sizeof(array[0])))

enum {N = 1200, D = 2, K = 4, MOST = 100, SCATTERED = 11};

/* Normal numbers, by Box and Muller */
static double
normal(FcRng *rng)
{
	return sqrt(-2 * log(1 - fc_rng_uniform(rng))) * cos(6.283185307179586 * fc_rng_uniform(rng));
}

/* K groups at the corners of a square, which overlap a little; values as float32 stores them */
static void
make_rows(double *x, const double *offset, double side, double deviation)
{
	FcRng		rng;

	fc_rng_start(&rng, 99, 0);
	for (int64_t i = 0; i < N; i++)
	{
		x[D * i] = (float) (offset[0] + side * (i % 2) + deviation * normal(&rng));
		x[D * i + 1] = (float) (offset[1] + side * (i / 2 % 2) + deviation * normal(&rng));
	}
}

static bool
run(Training *t, const FcAlgorithm *algo, int isa, FcPrecision precision, int scale, const double *x)
{
	training_begin(t, algo, K, precision, x, N, D);
	t->fit.isa = isa;
	t->model.common[FC_SEED] = 5;
	t->model.common[FC_SCALE] = scale;
	t->model.common[FC_MAX_ITERATIONS] = 2000;
	if (!CHECK_EQ(training_run(t), FC_OK))
		return false;
	check_model(t);
	return true;
}

/* The center of b, (k, d), that is nearest to v, less the offset of each */
static double
way_to_nearest(const double *v, const double *b, int32_t k, const double *between)
{
	double		least = INFINITY;

	for (int32_t c = 0; c < k; c++)
	{
		double		way = 0;

		for (int32_t j = 0; j < D; j++)
			way += pow(v[j] - b[c * D + j] - between[j], 2);
		least = fmin(least, way);
	}
	return sqrt(least);
}

/*
 * The same clusters, in any order, b lying "between" from a.  Single precision
 * loses digits far from the "middle", if that is given.
 */
static void
check_alike(const Training *a, const Training *b, const double *between, const double *middle, double close)
{
	double	   *va = centers_of(&a->model);
	double	   *vb = centers_of(&b->model);

	for (int32_t c = 0; c < a->model.k; c++)
	{
		double		far = middle ? fc_squared_distance(va + c * D, middle, D) : 0;

		CHECK(way_to_nearest(va + c * D, vb, a->model.k, between) <= close + 2 * FLT_EPSILON * sqrt(far));
	}
	/* in a graph, a digit may decide which rows become landmarks */
	CHECK(fabs(a->model.objective - b->model.objective) <=
		  (a->model.algo->traits & FC_EMBEDS ? 1e-2 : 1e-4) * fabs(b->model.objective));
	CHECK_EQ(a->model.converged, b->model.converged);
	CHECK_EQ(a->fit.doubts.twins[0], b->fit.doubts.twins[0]);
	free(va);
	free(vb);
}

/* Rows nearest to each center when they are scored are those that the training counted */
static void
check_counts(const Training *t)
{
	double		count[K + 1] = {0};
	FcScorer	s;
	void	   *memory = scorer_begin(&s, &t->model);

	for (int64_t i = 0; i < t->model.rows; i++)
	{
		fc_score_row(&s, t->source.x + i * D);
		count[fc_score_nearest(&s)]++;
	}
	for (int32_t c = 0; c < t->model.k; c++)
		CHECK_EQ(count[c], t->model.weights[c]);
	free(memory);
}

/* ---- single precision ---- */

static void
test_single(const FcAlgorithm *algo, int isa)
{
	static const double offsets[][D] = {
		{0, 0}, {100, -300}, {1e5, 1e5}, {500000, 5400000}, {-1e6, 0}, {1e7, -3}, {0, 1.6e7}
	};
	static const double between[D] = {0};
	double	   *x = malloc(sizeof(double) * N * D);

	for (int o = 0; o < COUNT(offsets); o++)
	{
		Training	single;
		Training	twice;

		make_rows(x, offsets[o], 20, 3);
		for (int scale = FC_SCALE_NONE; scale <= (scales_itself(algo) ? FC_SCALE_NONE : FC_SCALE_ZSCORE); scale++)
		{
			if (run(&single, algo, isa, FC_F32, scale, x) && run(&twice, algo, isa, FC_F64, scale, x))
				check_alike(&single, &twice, between, NULL, 2e-3);
			if (algo->traits & FC_CRISP)
				check_counts(&single);
			training_end(&single);
			training_end(&twice);
		}
	}
	free(x);
}

/* How far apart two rows are, once they are scaled, that lie "way" apart in column j */
static double
scaled_way(int scale, const double *x, int64_t n, int32_t j, double way)
{
	double		low = INFINITY;
	double		high = -INFINITY;
	double		mean = 0;
	double		squares = 0;

	for (int64_t i = 0; i < n; i++)
	{
		low = fmin(low, x[D * i + j]);
		high = fmax(high, x[D * i + j]);
		mean += x[D * i + j] / n;
	}
	for (int64_t i = 0; i < n; i++)
		squares += pow(x[D * i + j] - mean, 2);
	return scale == FC_SCALE_NONE ? way : way / (scale == FC_SCALE_MINMAX ? high - low : sqrt(squares / n));
}

/*
 * K groups, and "fill" rows around another place: trained with a cluster for those.  A
 * graph is of all rows, or a digit decides which are landmarks; a temperature is low
 * enough for the groups to be seen.
 */
static void
begin_filled(Training *t, const FcAlgorithm *algo, int isa, FcPrecision precision, int scale, const double *x)
{
	int64_t		n = algo->traits & FC_EMBEDS ? N / 6 : N;
	double	   *temperature;

	training_begin(t, algo, K + 1, precision, x, n, D);
	t->fit.isa = isa;
	t->model.common[FC_SEED] = 5;
	t->model.common[FC_SCALE] = scale;
	t->model.common[FC_MAX_ITERATIONS] = 2000;
	temperature = own_option(&t->model, "temperature");
	if (temperature)
		*temperature = pow(fmin(scaled_way(scale, x, n, 0, 3), scaled_way(scale, x, n, 1, 3)), 2);
	if (own_option(&t->model, "q"))	/* found from rows of which one lies elsewhere it says nothing about the others */
		*own_option(&t->model, "q") = 2;
}

/* Both precisions, which must agree */
static void
check_filled(Training *t, const double *middle)
{
	static const double between[D] = {0};

	for (int precision = FC_F32; precision <= FC_F64; precision++)
	{
		CHECK_EQ(training_run(&t[precision]), FC_OK);
		check_model(&t[precision]);
		if (t->model.algo->traits & FC_CRISP)
			check_counts(&t[precision]);
	}
	check_alike(&t[FC_F32], &t[FC_F64], between, middle, 1e-2);
}

/* Groups around "offset" and rows around "odd": one where clusters need no shape */
static void
make_filled(const FcAlgorithm *algo, double *x, const double *offset, const double *odd)
{
	bool		scattered = !takes_collinear(algo);

	make_rows(x, offset, 20, 3);
	for (int32_t i = 0; i < (scattered ? SCATTERED : 1); i++)
		for (int32_t j = 0; j < D; j++)
			x[i * 100 * D + j] = (float) (odd[j] + (scattered ? x[i * 100 * D + j] - offset[j] : 0));
}

/*
 * Fill values and a first row that lies elsewhere do not keep the others from being
 * shifted, scaled or not: if they are, the others end far from zero.  A cluster of rows
 * in one place has no shape.
 */
static void
test_outliers(const FcAlgorithm *algo, int isa)
{
	static const double offset[D] = {3e6, 8e5};
	static const double odd[][D] = {{0, 0}, {-9999, -9999}, {0.1, 1e-3}, {4e6, 1e6}};
	double	   *x = malloc(sizeof(double) * N * D);

	for (int o = 0; o < COUNT(odd) && !scales_itself(algo); o++)
	{
		make_filled(algo, x, offset, odd[o]);
		for (int scale = FC_SCALE_NONE; scale <= FC_SCALE_ZSCORE; scale++)
		{
			Training	t[2];

			for (int precision = FC_F32; precision <= FC_F64; precision++)
				begin_filled(&t[precision], algo, isa, precision, scale, x);
			check_filled(t, offset);
			training_end(&t[FC_F32]);
			training_end(&t[FC_F64]);
		}
	}
	free(x);
}

/* Rows that a and b score to clusters of other numbers */
static int
count_swapped(const FcModel *a, const FcModel *b, const double *x, int64_t n)
{
	FcScorer	s[2];
	void	   *memory[] = {scorer_begin(&s[0], a), scorer_begin(&s[1], b)};
	int			swapped = 0;

	for (int64_t i = 0; i < n; i++)
	{
		fc_score_row(&s[0], x + i * D);
		fc_score_row(&s[1], x + i * D);
		swapped += fc_score_nearest(&s[0]) != fc_score_nearest(&s[1]);
	}
	free(memory[0]);
	free(memory[1]);
	return swapped;
}

/* Trainings that start from centers in the user's units, or from a model of either precision, continue there */
static void
test_further(const FcAlgorithm *algo, int isa)
{
	static const double offset[D] = {3e6, 8e5};
	static const double odd[D] = {0, 0};
	const double given[(K + 1) * D] = {3e6, 8e5, 0, 0, 3e6 + 20, 8e5, 3e6, 8e5 + 20, 3e6 + 20, 8e5 + 20};
	double	   *x = malloc(sizeof(double) * N * D);

	make_filled(algo, x, offset, odd);
	for (int scale = FC_SCALE_NONE; scale <= FC_SCALE_ZSCORE && !scales_itself(algo); scale++)
	{
		Training	first[2];
		Training	next[2];
		double	   *centers[2];

		for (int precision = FC_F32; precision <= FC_F64; precision++)
		{
			begin_filled(&first[precision], algo, isa, precision, scale, x);
			first[precision].model.common[FC_INIT] = FC_INIT_CENTERS;
			first[precision].fit.start = given;
		}
		check_filled(first, offset);
		for (int precision = FC_F32; precision <= FC_F64; precision++)
		{
			centers[precision] = centers_of(&first[precision].model);
			for (int32_t c = 0; c < K + 1 && !(algo->traits & FC_EMBEDS); c++)
				CHECK(sqrt(fc_squared_distance(centers[precision] + c * D, given + c * D, D)) < 5);
			begin_filled(&next[!precision], algo, isa, !precision, scale, x);
			next[!precision].model.common[FC_INIT] = FC_INIT_MODEL;
			next[!precision].fit.earlier = &first[precision].model;
			next[!precision].fit.start = centers[precision];
		}
		check_filled(next, offset);
		for (int precision = FC_F32; precision <= FC_F64; precision++)
		{
			CHECK(count_swapped(&first[precision].model, &next[!precision].model, x, first[0].model.rows) <= 1);
			CHECK(next[precision].model.iterations <= first[precision].model.iterations);
			training_end(&first[precision]);
			free(centers[precision]);
		}
		training_end(&next[FC_F32]);
		training_end(&next[FC_F64]);
	}
	free(x);
}

/* First centers that are given are where the caller says, and random ones among the rows */
static void
test_starts(const FcAlgorithm *algo, int isa)
{
	static const double offset[D] = {2e6, 7e5};
	static const double between[D] = {0};
	const double start[K * D] = {2e6, 7e5, 2e6 + 20, 7e5, 2e6, 7e5 + 20, 2e6 + 20, 7e5 + 20};
	double	   *x = malloc(sizeof(double) * N * D);

	make_rows(x, offset, 20, 3);
	for (int init = FC_INIT_RANDOM; init <= FC_INIT_CENTERS; init++)
	{
		Training	t[2];

		for (int precision = FC_F32; precision <= FC_F64; precision++)
		{
			training_begin(&t[precision], algo, K, precision, x, N, D);
			t[precision].fit.isa = isa;
			t[precision].model.common[FC_INIT] = init;
			t[precision].model.common[FC_SEED] = 3;
			t[precision].model.common[FC_MAX_ITERATIONS] = 2000;
			t[precision].fit.start = init == FC_INIT_CENTERS ? start : NULL;
			CHECK_EQ(training_run(&t[precision]), FC_OK);
			check_model(&t[precision]);
		}
		check_alike(&t[FC_F32], &t[FC_F64], between, NULL, 2e-3);
		if (init == FC_INIT_CENTERS)
			for (int32_t c = 0; c < K; c++)	/* in their order */
				CHECK(fabs(t[FC_F32].model.centers[c * D] - (t[FC_F32].model.shift ? 0 : start[c * D])) < 3);
		training_end(&t[FC_F32]);
		training_end(&t[FC_F64]);
	}
	free(x);
}

/* ---- double precision ---- */

static void
test_double(const FcAlgorithm *algo, int isa)
{
	static const double origin[D] = {0, 0};
	static const double offset[][D] = {{1e12, 0}, {1099511627776.0, -4398046511104.0}, {68719476736.0, 5e10}};
	double	   *near = malloc(sizeof(double) * N * D);
	double	   *far = malloc(sizeof(double) * N * D);
	Training	a;

	/* multiples of 1/8, so that offsets can be added without a loss */
	make_rows(near, origin, 20, 3);
	for (int64_t i = 0; i < N * D; i++)
		near[i] = round(8 * near[i]) / 8;
	for (int scale = FC_SCALE_NONE; scale <= (scales_itself(algo) ? FC_SCALE_NONE : FC_SCALE_ZSCORE); scale++)
	{
		run(&a, algo, isa, FC_F64, scale, near);
		for (int o = 0; o < COUNT(offset); o++)
		{
			Training	b;

			for (int64_t i = 0; i < N * D; i++)
				far[i] = near[i] + offset[o][i % D];
			if (run(&b, algo, isa, FC_F64, scale, far))
				check_alike(&b, &a, offset[o], NULL, 1e-3);
			if (algo->traits & FC_CRISP)
				check_counts(&b);
			training_end(&b);
		}
		training_end(&a);
	}
	free(near);
	free(far);
}

/* ---- shifted columns, and their shifts ---- */

/* The shift of one column, of rows as they come or as a scale made them; 0: none */
static double
shift_at(int scale, FcPrecision precision, const double *x, int64_t n)
{
	FcArena		arena = {0};
	FcModel		m;
	FcFit		f = {.model = &m};
	Source		source;
	double		shift = NAN;
	bool		any;

	source_begin(&source, precision, x, n, 1, fc_block_rows(1));
	fc_model_begin(&m, fc_algorithms[0], 1, 1);
	m.common[FC_SCALE] = scale;
	f.rows = source.rows;
	fc_sample_layout(&arena, &f.sample, &f.rows, 1);
	arena.base = hostile_memory(arena.used);
	arena.used = 0;
	fc_sample_layout(&arena, &f.sample, &f.rows, 1);
	fc_sample_fill(&f.sample, &f.rows, 0, &f.hooks);
	any = fc_offset_choose(&f, &shift);
	CHECK_EQ(any, shift != 0);
	source_end(&source);
	free(arena.base);
	return shift;
}

static double
shift_of(FcPrecision precision, const double *x, int64_t n)
{
	return shift_at(FC_SCALE_NONE, precision, x, n);
}

static void
test_choice(FcPrecision precision)
{
	static const double iris[] = {5.1, 4.9, 4.7, 7, 6.4, 6.9, 6.3, 5.8, 7.1};
	double		x[MOST];

	CHECK(shift_of(precision, iris, COUNT(iris)) == 0);
	for (int i = 0; i < MOST; i++)
		x[i] = 7;
	CHECK(shift_of(precision, x, MOST) == 7);	/* all are equal: so are their centers */
	for (int i = 0; i < MOST; i++)
		x[i] = i % 20 == 3 ? 0 : 8;
	CHECK(shift_of(precision, x, MOST) == 8);
	for (int i = 0; i < MOST; i++)
		x[i] = i % 2 ? -1e6 : 1e6;
	CHECK(shift_of(precision, x, MOST) == 0);
	for (int i = 0; i < MOST; i++)
		x[i] = i == 0 ? 1e14 : 1 + i * 0.01;
	CHECK(shift_of(precision, x, MOST) == 0);	/* one row far, the others near */
	for (int i = 0; i < MOST; i++)
		x[i] = i == 0 ? -1e14 : -1e7 - i % 5;
	CHECK(shift_of(precision, x, MOST) == -1e7 - 2);
	for (int i = 0; i < MOST; i++)
		x[i] = i % 20 == 3 ? 1e-9 * i : 1e10;	/* a tail that would be lost */
	CHECK(shift_of(precision, x, MOST) == 0);
	for (int i = 0; i < MOST; i++)
		x[i] = 1e12 + 65536 * (i % 3);
	CHECK(shift_of(precision, x, MOST) == 1e12 + 65536 || precision == FC_F32);
	CHECK(fabs(shift_of(precision, x, MOST) - 1e12 - 65536) < 1e5);
	CHECK(shift_of(precision, x, 1) == x[0] || precision == FC_F32);
	/* a tail that needs one digit more, as scales make them: many values, and all rounded before */
	for (int i = 0; i < MOST; i++)
		x[i] = i % 20 == 3 ? -3.97123456789 - 1e-7 * i : 0.22941573;
	CHECK(shift_of(precision, x, MOST) == 0);
	CHECK_NEAR(shift_at(FC_SCALE_ZSCORE, precision, x, MOST), 0.22941573, 1e-7);
	for (int i = 0; i < MOST; i++)
		x[i] = i % 20 == 3 ? 1e-9 * i : 0.9999;
	CHECK(shift_at(FC_SCALE_MINMAX, precision, x, MOST) == 0);
}

/* Without an offset nothing is subtracted, and bits are as they were */
static void
test_near(const FcAlgorithm *algo, int isa, FcPrecision precision)
{
	double	   *x = make_blobs(600, 3, 3, 2);
	Training	t;

	training_begin(&t, algo, 3, precision, x, 600, 3);
	t.fit.isa = isa;
	CHECK_EQ(training_run(&t), FC_OK);
	check_model(&t);
	CHECK(t.fit.offset == NULL);
	CHECK(t.fit.rows.source == &t.source);
	training_end(&t);
	free(x);
}

int
main(int argc, char **argv)
{
	test_choice(FC_F32);
	test_choice(FC_F64);
	FOR_EACH_ALGORITHM(algo)
		for (int isa = 0; isa <= (int) fc_best_isa(); isa++)
		{
			if (!is_wanted(algo, argc, argv) || is_deep(algo))
				continue;
			test_single(algo, isa);
			test_outliers(algo, isa);
			test_further(algo, isa);
			test_starts(algo, isa);
			test_double(algo, isa);
			test_near(algo, isa, FC_F32);
			test_near(algo, isa, FC_F64);
		}
	return check_report("offset");
}
