/*
 * step.c - one step of a training, of rows in any order and in any parts
 */
#include "steps.h"

#include "core/direction.h"
#include "core/exact.h"
#include "core/shape.h"
#include "core/update.h"

enum {N = 300, MOST_D = 7};

static const char *const algorithms[] = {"kmeans", "fcm", "mec", "tsallis", "logical", "gk", "gg"};

#define ALGORITHMS	((int) (sizeof(algorithms) / sizeof(algorithms[0])))

/* Three groups; "far" of the rows are far away from them */
static double *
make_rows(int32_t n, int32_t d, double place, int32_t far, uint64_t seed)
{
	double	   *x = malloc((size_t) n * d * sizeof(double));
	FcRng		rng;

	fc_rng_start(&rng, seed, 0);
	for (int32_t i = 0; i < n; i++)
		for (int32_t j = 0; j < d; j++)
		{
			double		scale = i % 50 < far ? pow(10, 1 + 2 * (i % 7)) : 1;

			x[i * d + j] = place + scale * ((i % 3 - 1) * (j % 2 ? 4 : -2) + 2 * fc_rng_uniform(&rng) - 1);
		}
	return x;
}

/* For a few iterations, or where the first ones have no shapes yet, more */
static void
iterate(Training *t, int iterations)
{
	t->model.common[FC_MAX_ITERATIONS] = iterations + (t->model.algo->kernel->has_shapes ? 20 : 0);
	t->model.common[FC_TOLERANCE] = 0;
}

/* The bytes of a model of the rows that are not far */
static char *
make_model(const char *name, FcPrecision precision, int32_t k, const double *x, int32_t n, int32_t d, double fuzzifier, size_t *length)
{
	Training	t;
	char	   *bytes;

	training_begin(&t, fc_find_algorithm(name), k, precision, x, n, d);
	iterate(&t, 3);
	if (own_option(&t.model, "fuzzifier") && fuzzifier > 0)
		*own_option(&t.model, "fuzzifier") = fuzzifier;
	CHECK_EQ(training_run(&t), FC_OK);
	bytes = model_bytes(&t.model, length);
	training_end(&t);
	return bytes;
}

/* The same for rows that are seen in another way, by an option of the model */
static char *
make_model_with(const char *name, FcPrecision precision, int32_t k, const double *x, int32_t n, int32_t d, int option, double value,
				size_t *length)
{
	Training	t;
	char	   *bytes;

	training_begin(&t, fc_find_algorithm(name), k, precision, x, n, d);
	iterate(&t, 3);
	if (option == FC_DISTANCE)
		t.model.common[option] = value;
	CHECK_EQ(training_run(&t), FC_OK);
	t.model.common[option] = value;
	bytes = model_bytes(&t.model, length);
	training_end(&t);
	return bytes;
}

/* Some features of some rows are missing, but not all of one */
static void
make_gaps(double *x, int32_t n, int32_t d)
{
	for (int32_t i = 0; i < n; i++)
		for (int32_t j = 0; j < d; j++)
			if (j != i % d && (i * 7 + j * 3) % 5 < 2)
				x[i * d + j] = NAN;
}

/* Rows of length 1, to single precision */
static void
make_unit(double *x, int32_t n, int32_t d, FcPrecision precision)
{
	for (int32_t i = 0; i < n; i++)
	{
		CHECK(fc_make_unit(x + i * d, FC_F64, d));
		for (int32_t j = 0; j < d && precision == FC_F32; j++)
			x[i * d + j] = (float) x[i * d + j];
	}
}

/* ---- the same bytes ---- */

/* All rows at once, and each alone */
static void
test_alone(Stepper *t, const double *x, const double *weight)
{
	Gathered	whole;
	Gathered	parts;
	Gathered	one;
	FcRng		rng;
	int32_t		order[N];

	fc_rng_start(&rng, 3, 1);
	for (int32_t i = 0; i < N; i++)
		order[i] = i;
	gathered_begin(&whole, &t->step);
	CHECK_EQ(gather_rows(&t->step, &whole, x, weight, NULL, 0, N), FC_OK);
	CHECK_EQ(fc_statistics_rows(&whole.s), N);

	/* each alone, merged */
	gathered_begin(&parts, &t->step);
	for (int32_t i = 0; i < N; i++)
	{
		gathered_begin(&one, &t->step);
		CHECK_EQ(gather_rows(&t->step, &one, x, weight, NULL, i, 1), FC_OK);
		gathered_merge(&parts, &one);
		gathered_end(&one);
	}
	CHECK(same_statistics(&whole, &parts));
	gathered_end(&parts);

	/* shuffled, in blocks of all sizes: every row gets into other lanes and tiles */
	for (int shuffle = 0; shuffle < 4; shuffle++)
	{
		for (int32_t i = N - 1; i > 0; i--)
		{
			int32_t		other = (int32_t) fc_rng_below(&rng, i + 1);
			int32_t		kept = order[i];

			order[i] = order[other];
			order[other] = kept;
		}
		gathered_begin(&parts, &t->step);
		for (int32_t first = 0, count; first < N; first += count)
		{
			count = 1 + (int32_t) fc_rng_below(&rng, 5 + 40 * shuffle);
			count = count < N - first ? count : N - first;
			CHECK_EQ(gather_rows(&t->step, &parts, x, weight, order, first, count), FC_OK);
		}
		CHECK(same_statistics(&whole, &parts));

		/* what was added leaves no trace */
		CHECK_EQ(gathered_subtract(&parts, &whole), FC_OK);
		CHECK_EQ(fc_statistics_rows(&parts.s), 0);
		gathered_begin(&one, &t->step);
		CHECK(same_statistics(&parts, &one));
		gathered_end(&one);
		gathered_end(&parts);
	}
	gathered_end(&whole);
}

static void
test_order(const char *name, FcPrecision precision, int isa, int32_t k, int32_t d, double place, int32_t far, double fuzzifier)
{
	double	   *x = make_rows(N, d, place, 0, 5);
	double	   *y = make_rows(N, d, place, far, 6);
	double		weight[N];
	size_t		length;
	char	   *bytes = make_model(name, precision, k, x, N, d, fuzzifier, &length);
	Stepper		t;

	for (int32_t i = 0; i < N; i++)
		weight[i] = i % 5 == 0 ? 1000.0 * i : i % 3 * 0.7;
	CHECK_EQ(stepper_begin(&t, bytes, length, precision, far % 3 == 2 ? FC_GATHER_SUMS : far % 3 == 1 ? FC_GATHER_SIZES : 0, isa), FC_OK);
	test_alone(&t, y, far > 1 ? weight : NULL);
	stepper_end(&t);
	free(x);
	free(y);
}

/* The same of rows with gaps, and of directions */
static void
test_order_of_others(const char *name, FcPrecision precision, int isa, int32_t d, int32_t far)
{
	double	   *x = make_rows(N, d, 1, 0, 5);
	double	   *y = make_rows(N, d, 1, far, 6);
	double	   *weight = malloc(N * sizeof(double));
	size_t		length;
	char	   *bytes = make_model_with(name, precision, 3, x, N, d, FC_MISSING, FC_MISSING_PARTIAL, &length);
	Stepper		t;

	for (int32_t i = 0; i < N; i++)
		weight[i] = i % 5 == 0 ? 1000.0 * i : i % 3 * 0.7;
	make_gaps(y, N, d);
	CHECK_EQ(stepper_begin(&t, bytes, length, precision, 0, isa), FC_OK);
	CHECK(t.step.gather & FC_GATHER_GAPS);
	test_alone(&t, y, far > 0 ? weight : NULL);
	stepper_end(&t);
	make_unit(x, N, d, precision);
	bytes = make_model_with(name, precision, 3, x, N, d, FC_DISTANCE, FC_COSINE, &length);
	CHECK_EQ(stepper_begin(&t, bytes, length, precision, 0, isa), FC_OK);
	test_alone(&t, x, far > 0 ? weight : NULL);
	stepper_end(&t);
	free(weight);
	free(x);
	free(y);
}

/* ---- the next model ---- */

/* A model after three iterations and a step is that after four, where centers move without extrapolation */
static void
test_update(const char *name, FcPrecision precision)
{
	enum {K = 3, D = 3};
	double	   *x = make_rows(N, D, 2, 0, 5);
	size_t		length;
	char	   *bytes = make_model(name, precision, K, x, N, D, 0, &length);
	char	   *copy = hostile_memory(length);
	Training	t;
	FcModel		m;
	Stepper		s;
	Gathered	g;
	FcArena		arena = {0};

	training_begin(&t, fc_find_algorithm(name), K, precision, x, N, D);
	iterate(&t, 4);
	CHECK_EQ(training_run(&t), FC_OK);
	memcpy(copy, bytes, length);
	CHECK_EQ(fc_model_read(&m, copy, length), FC_OK);
	CHECK_EQ(stepper_begin(&s, bytes, length, precision, 0, fc_best_isa()), FC_OK);
	gathered_begin(&g, &s.step);
	CHECK_EQ(gather_rows(&s.step, &g, x, NULL, NULL, 0, N), FC_OK);
	fc_statistics_finish(&g.s);
	fc_update_layout(&arena, &s.step);
	arena.base = hostile_memory(arena.used);
	arena.used = 0;
	CHECK_EQ(fc_update(&m, &s.step, &g.s, 0, &(FcHooks) {0}, fc_update_layout(&arena, &s.step)), FC_OK);
	CHECK_EQ(m.rows, N);
	for (int i = 0; i < K * D; i++)
		CHECK_NEAR(m.centers[i], t.model.centers[i], precision == FC_F32 ? 1e-5 : 1e-10);
	for (int i = 0; t.model.algo->kernel->has_shapes && i < K * D * D; i++)
		CHECK_NEAR(FC_FACTOR(&m)[i], FC_FACTOR(&t.model)[i], precision == FC_F32 ? 1e-4 : 1e-10);
	free(arena.base);
	free(copy);
	free(x);
	gathered_end(&g);
	stepper_end(&s);
	training_end(&t);
}

/* Sums of a first stage, which has no shapes, are not enough for the next model */
static void
test_update_of_stage(const char *name)
{
	enum {K = 3, D = 3};
	FcStepPlan	plan = {.precision = FC_F64, .gather = FC_GATHER_SUMS | FC_GATHER_SIZES, .stage = 1};
	double	   *x = make_rows(N, D, 2, 0, 5);
	size_t		length;
	char	   *bytes = make_model(name, FC_F64, K, x, N, D, 0, &length);
	char	   *of_stage;
	FcModel		m;
	Stepper		s;
	Gathered	g;
	FcArena		arena = {0};

	CHECK_EQ(fc_model_read(&m, bytes, length), FC_OK);
	of_stage = hostile_memory(fc_step_size(&m, &plan));
	fc_step_write(&m, &plan, &(FcHooks) {0}, of_stage);
	CHECK_EQ(stepper_begin(&s, of_stage, fc_step_size(&m, &plan), FC_F64, 0, fc_best_isa()), FC_OK);
	gathered_begin(&g, &s.step);
	fc_statistics_finish(&g.s);
	fc_update_layout(&arena, &s.step);
	arena.base = hostile_memory(arena.used);
	arena.used = 0;
	CHECK_EQ(fc_update(&m, &s.step, &g.s, 0, &(FcHooks) {0}, fc_update_layout(&arena, &s.step)), FC_OTHER_STATISTICS);
	free(arena.base);
	free(bytes);
	free(x);
	gathered_end(&g);
	stepper_end(&s);
}

/* A model, its step of rows with weights, and the model after that */
typedef struct Moved
{
	FcModel		before;
	FcModel		after;
	Stepper		stepper;
	Gathered	gathered;
	char	   *copy[2];
	void	   *work;
} Moved;

static void
move(Moved *v, const char *name, FcPrecision precision, const double *fit, const double *x, const double *weight, int32_t n, int32_t d,
	 int option, double value, double forgetting)
{
	FcArena		arena = {0};
	size_t		length;
	char	   *bytes = make_model_with(name, precision, 3, fit, n, d, option, value, &length);

	for (int i = 0; i < 2; i++)
	{
		v->copy[i] = hostile_memory(length);
		memcpy(v->copy[i], bytes, length);
		CHECK_EQ(fc_model_read(i == 0 ? &v->before : &v->after, v->copy[i], length), FC_OK);
	}
	CHECK_EQ(stepper_begin(&v->stepper, bytes, length, precision, 0, fc_best_isa()), FC_OK);
	gathered_begin(&v->gathered, &v->stepper.step);
	CHECK_EQ(gather_rows(&v->stepper.step, &v->gathered, x, weight, NULL, 0, n), FC_OK);
	fc_statistics_finish(&v->gathered.s);
	fc_update_layout(&arena, &v->stepper.step);
	v->work = arena.base = hostile_memory(arena.used);
	arena.used = 0;
	CHECK_EQ(fc_update(&v->after, &v->stepper.step, &v->gathered.s, forgetting, &(FcHooks) {0},
					   fc_update_layout(&arena, &v->stepper.step)), FC_OK);
}

static void
moved_end(Moved *v)
{
	free(v->work);
	free(v->copy[0]);
	free(v->copy[1]);
	gathered_end(&v->gathered);
	stepper_end(&v->stepper);
}

/* A row's weights (3) in the update, of kmeans or of fcm with m = 2, from squared distances; returns its part of the objective */
static double
weigh_row(bool crisp, const double *distance, double *w)
{
	double		sum = 0;
	double		objective = 0;
	int			nearest = 0;

	for (int c = 0; c < 3; c++)
	{
		nearest = distance[c] < distance[nearest] ? c : nearest;
		sum += 1 / distance[c];
	}
	for (int c = 0; c < 3; c++)
	{
		double		u = crisp ? c == nearest : 1 / (distance[c] * sum);

		w[c] = u * u;
		objective += w[c] * distance[c];
	}
	return objective;
}

/* Partial distances, and means of what is there (gaps.c, eq. 1 and 2), by their definition */
static void
test_gaps(const char *name, FcPrecision precision)
{
	enum {D = 4, K = 3, ROWS = 60};
	double	   *fit = make_rows(ROWS, D, 2, 0, 5);
	double	   *x = make_rows(ROWS, D, 2, 0, 6);
	double		weight[ROWS];
	double		sum[K][D] = {{0}};
	double		observed[K][D] = {{0}};
	double		objective = 0;
	double		tolerance = precision == FC_F32 ? 1e-5 : 1e-9;	/* sums have a fixed resolution */
	Moved		v;

	make_gaps(x, ROWS, D);
	for (int i = 0; i < ROWS; i++)
	{
		weight[i] = 0.5 + i % 4;
		x[i * D + D - 1] = i % 3 == 0 ? NAN : x[i * D + D - 1];
	}
	move(&v, name, precision, fit, x, weight, ROWS, D, FC_MISSING, FC_MISSING_PARTIAL, 0);
	for (int i = 0; i < ROWS; i++)
	{
		double		distance[K] = {0};
		double		w[K];
		int			there = 0;

		for (int j = 0; j < D; j++)
			there += !isnan(x[i * D + j]);
		for (int c = 0; c < K; c++)
		{
			for (int j = 0; j < D; j++)
				if (!isnan(x[i * D + j]))
					distance[c] += pow(x[i * D + j] - v.before.centers[c * D + j], 2);
			distance[c] *= (double) D / there;
		}
		objective += weight[i] * weigh_row(v.before.algo->kernel->is_crisp, distance, w);
		for (int c = 0; c < K; c++)
			for (int j = 0; j < D; j++)
				if (!isnan(x[i * D + j]))
				{
					sum[c][j] += weight[i] * w[c] * x[i * D + j];
					observed[c][j] += weight[i] * w[c];
				}
	}
	CHECK_NEAR(v.after.objective / objective, 1, tolerance);
	for (int c = 0; c < K; c++)
		for (int j = 0; j < D; j++)
			CHECK_NEAR(v.after.centers[c * D + j], observed[c][j] > 0 ? sum[c][j] / observed[c][j] : v.before.centers[c * D + j], tolerance);
	moved_end(&v);
	free(fit);
	free(x);
}

/* Directions of sums, and 1 - cos (direction.c, eq. 1 and 2), by their definition; with forgetting, of old sums too */
static void
test_directions(const char *name, FcPrecision precision, double forgetting)
{
	enum {D = 4, K = 3, ROWS = 60};
	double	   *fit = make_rows(ROWS, D, 2, 0, 5);
	double	   *x = make_rows(ROWS, D, 2, 0, 6);
	double		sum[K][D] = {{0}};
	double		objective = 0;
	double		tolerance = precision == FC_F32 ? 1e-5 : 1e-9;	/* sums have a fixed resolution */
	Moved		v;

	make_unit(fit, ROWS, D, precision);
	make_unit(x, ROWS, D, precision);
	move(&v, name, precision, fit, x, NULL, ROWS, D, FC_DISTANCE, FC_COSINE, forgetting);
	for (int i = 0; i < ROWS; i++)
	{
		double		distance[K] = {0};
		double		w[K];

		for (int c = 0; c < K; c++)
			for (int j = 0; j < D; j++)
				distance[c] += pow(x[i * D + j] - v.before.centers[c * D + j], 2);
		objective += weigh_row(v.before.algo->kernel->is_crisp, distance, w) / 2;
		for (int c = 0; c < K; c++)
			for (int j = 0; j < D; j++)
				sum[c][j] += w[c] * x[i * D + j];
	}
	CHECK_NEAR(v.after.objective / (objective + forgetting * v.before.objective), 1, tolerance);
	for (int c = 0; c < K; c++)
	{
		for (int j = 0; j < D; j++)
			sum[c][j] += forgetting * v.before.weights[c] * v.before.centers[c * D + j];
		for (int j = 0; j < D; j++)
			CHECK_NEAR(v.after.centers[c * D + j], sum[c][j] / sqrt(fc_inner_product(sum[c], sum[c], D)), tolerance);
	}
	moved_end(&v);
	free(fit);
	free(x);
}

/* ---- memory ---- */

/* Of the widest rows, a few are weighed at once */
static void
test_width(const char *name)
{
	FcStep		s = {
		.model = {.algo = fc_find_algorithm(name), .k = 2, .d = FC_MAX_COLUMNS},
		.precision = FC_F64, .gather = FC_GATHER_SUMS | FC_GATHER_SIZES
	};
	FcArena		arena = {0};

	fc_step_layout(&arena, &s);
	CHECK(arena.used < 64 * 1024 * 1024);
	CHECK(s.tile >= FC_LANES && s.tile % FC_LANES == 0);
}

int
main(void)
{
	test_width("kmeans");
	test_width("fcm");
	for (int a = 0; a < ALGORITHMS; a++)
		for (int precision = FC_F32; precision <= FC_F64; precision++)
			for (int isa = FC_ISA_BASE; isa <= (int) fc_best_isa(); isa++)
			{
				test_order(algorithms[a], precision, isa, 3, 2, 0, 0, 0);
				test_order(algorithms[a], precision, isa, 5, 5, 1e4, 1, 1.7);
				test_order(algorithms[a], precision, isa, 4, MOST_D, -3, 2, 2);
				test_order(algorithms[a], precision, isa, 1, 1, 3, 3, 2);
			}
	for (int a = 0; a < 4; a++)
		for (int precision = FC_F32; precision <= FC_F64; precision++)
			for (int isa = FC_ISA_BASE; isa <= (int) fc_best_isa(); isa++)
			{
				test_order_of_others(algorithms[a], precision, isa, 2, 0);
				test_order_of_others(algorithms[a], precision, isa, MOST_D, 2);
			}
	for (int precision = FC_F32; precision <= FC_F64; precision++)
	{
		test_gaps("kmeans", precision);
		test_gaps("fcm", precision);
		test_directions("kmeans", precision, 0);
		test_directions("kmeans", precision, 0.5);
		test_update("kmeans", precision);
		test_update("gk", precision);
		test_update("gg", precision);
	}
	test_update_of_stage("gk");
	test_update_of_stage("gg");
	return check_report("step");
}
