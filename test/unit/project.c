/*
 * project.c - the plane that a model projects rows on
 */
#include "team.h"

#include "core/project.h"
#include "core/variants.h"

#include "../data/project.h"

/* ---- against a singular value decomposition ---- */

/* As in test/golden/project.py */
static double
number(int i, int j)
{
	return (i * 31 + j * 17 + i * j * 5) % 53 - 26 + 40 * (i % 3 - 1) * (j % 4 - 1) + 25 * (i / 3 % 2) * (j % 5 - 2);
}

/* The frame of rows x (n, d), to be freed; weight may be NULL */
static double *
frame_of(const double *x, const double *weight, int n, int d, FcPrecision precision, int isa)
{
	double	   *frame = hostile_memory(sizeof(double) * 3 * d);
	FcArena		arena = {0};
	FcPrincipal p;
	void	   *memory;

	fc_principal_layout(&arena, &p, n, d, FC_SIZE(precision));
	memory = arena.base = hostile_memory(arena.used);
	arena.used = 0;
	fc_principal_layout(&arena, &p, n, d, FC_SIZE(precision));
	fc_principal_choose(&p, n, d);
	for (int i = 0; i < p.cloud.n; i++)
		for (int j = 0; j < d; j++)
			fc_set(p.x, precision, (size_t) j * p.cloud.stride + i, x[(size_t) p.from[i] * d + j]);
	p.cloud.x = p.x;
	p.cloud.weight = weight;
	p.cloud.precision = precision;
	fc_principal_axes(&p, isa, &(FcHooks) {0}, frame);
	free(memory);
	return frame;
}

/* Length 1, orthogonal, the largest number positive */
static void
check_axes(const double *frame, int32_t d)
{
	const double *axis = frame + d;

	for (int a = 0; a < 2; a++)
	{
		double		low = 0;
		double		high = 0;

		for (int32_t j = 0; j < d; j++)
		{
			low = fmin(low, axis[a * d + j]);
			high = fmax(high, axis[a * d + j]);
		}
		CHECK(high >= -low * (1 - 1e-5));
		CHECK_NEAR(fc_inner_product(axis + a * d, axis + a * d, d), d == 1 && a == 1 ? 0 : 1, 1e-12);
	}
	CHECK_NEAR(fc_inner_product(axis, axis + d, d), 0, 1e-9);
}

static void
test_golden(const double *expected, int n, int d, bool weighted, bool gaps, double close)
{
	double	   *x = malloc(sizeof(double) * n * d);
	double	   *weight = malloc(sizeof(double) * n);

	for (int i = 0; i < n; i++)
	{
		weight[i] = i % 5;
		for (int j = 0; j < d; j++)
			x[i * d + j] = gaps && (i * 7 + j * 3) % 11 == 0 ? NAN : number(i, j);
	}
	for (int isa = FC_ISA_BASE; isa <= (int) fc_best_isa(); isa++)
		for (int precision = FC_F32; precision <= FC_F64; precision++)
		{
			double	   *frame = frame_of(x, weighted ? weight : NULL, n, d, precision, isa);

			for (int j = 0; j < 3 * d; j++)
				CHECK_NEAR(frame[j], expected[j], close);
			check_axes(frame, d);
			free(frame);
		}
	free(x);
	free(weight);
}

/* ---- rows of few kinds ---- */

/* All equal, on a line, of one feature, without any value in one */
static void
test_degenerate(void)
{
	static const double equal[] = {7, 8, 9, 7, 8, 9, 7, 8, 9};
	static const double line[] = {0, 0, 5, 1, 2, 5, 2, 4, 5, 3, 6, 5};
	static const double one[] = {3, -1, 4, 1, -5};
	static const double gone[] = {1, NAN, 2, 3, NAN, 1, 5, NAN, 6};
	double	   *frame = frame_of(equal, NULL, 3, 3, FC_F64, FC_ISA_BASE);
	double		at[2];

	CHECK(frame[3] == 1 && frame[4] == 0 && frame[6] == 0 && frame[7] == 1 && frame[8] == 0);
	fc_project(frame, 3, equal, at);
	CHECK(at[0] == 0 && at[1] == 0);
	free(frame);

	frame = frame_of(line, NULL, 4, 3, FC_F64, FC_ISA_BASE);
	CHECK_NEAR(frame[3], sqrt(0.2), 1e-12);
	CHECK_NEAR(frame[4], sqrt(0.8), 1e-12);
	CHECK(frame[5] == 0 && frame[6] == 0 && frame[7] == 0 && frame[8] == 1);
	free(frame);

	frame = frame_of(one, NULL, 5, 1, FC_F32, FC_ISA_BASE);
	CHECK(frame[1] == 1 && frame[2] == 0);
	free(frame);

	frame = frame_of(gone, NULL, 3, 3, FC_F64, FC_ISA_BASE);
	CHECK(frame[4] == 0 && frame[7] == 0);
	check_axes(frame, 3);
	fc_project(frame, 3, gone, at);
	CHECK(isfinite(at[0]) && isfinite(at[1]));
	free(frame);
}

/* The corners of a cube, where all axes are alike, and far more features than vectors of the basis */
static void
test_equal_axes(void)
{
	enum {CORNERS = 128, WIDE = 64};
	double	   *x = calloc((size_t) 2 * WIDE * WIDE, sizeof(double));
	double	   *frame;

	for (int j = 0; j < WIDE; j++)
		for (int side = 0; side < 2; side++)
			x[(2 * j + side) * WIDE + j] = side ? 1 : -1;
	frame = frame_of(x, NULL, CORNERS, WIDE, FC_F64, fc_best_isa());
	check_axes(frame, WIDE);
	free(frame);

	/* two are larger than the others, and equal */
	for (int side = 0; side < 2; side++)
	{
		x[side * WIDE] *= 3;
		x[(8 + side) * WIDE + 4] *= 3;
	}
	frame = frame_of(x, NULL, CORNERS, WIDE, FC_F64, fc_best_isa());
	check_axes(frame, WIDE);
	for (int j = 0; j < WIDE; j++)
		if (j != 0 && j != 4)
			CHECK_NEAR(frame[WIDE + j], 0, 1e-7);
	free(frame);
	free(x);
}

/* As large, and as small, as features may be */
static void
test_sizes(FcPrecision precision)
{
	static const double sizes[] = {1, 1e15, 1e-30, 1e140, 1e-140, 4.9e-324};

	for (int s = 0; s < (int) (sizeof(sizes) / sizeof(sizes[0])); s++)
	{
		double	   *x = make_noise(40 * 5, 3, 9);
		double	   *frame;

		for (int i = 0; i < 40 * 5; i++)
			x[i] *= sizes[s];
		if (precision == FC_F32 && (sizes[s] > 1e15 || sizes[s] < 1e-30))
		{
			free(x);
			continue;
		}
		frame = frame_of(x, NULL, 40, 5, precision, fc_best_isa());
		for (int j = 0; j < 15; j++)
			CHECK(isfinite(frame[j]));
		check_axes(frame, 5);
		free(frame);
		free(x);
	}
}

/* Rows whose kinds take turns, more than are taken: the axes are those of all */
static void
test_periodic(void)
{
	enum {MANY = 40960, KINDS = 20};
	double	   *x = malloc(sizeof(double) * 2 * MANY);
	double	   *frame;

	for (int i = 0; i < MANY; i++)
	{
		x[2 * i] = i % KINDS + 0.001 * sin(i);
		x[2 * i + 1] = i % KINDS * 0.5 + 0.01 * cos(i);
	}
	frame = frame_of(x, NULL, MANY, 2, FC_F32, fc_best_isa());
	CHECK_NEAR(frame[0], 9.5, 0.5);
	CHECK_NEAR(frame[2], sqrt(0.8), 1e-3);
	CHECK_NEAR(frame[3], sqrt(0.2), 1e-3);
	free(frame);
	free(x);
}

/* ---- of models ---- */

enum {N = 3000, D = 4, K = 3};

/* The mean is that of rows as the model sees them, absolute where they were shifted; axes are in proportion */
static void
test_model(const FcAlgorithm *algo, FcPrecision precision, bool far)
{
	int			n = is_deep(algo) || (algo->traits & FC_EMBEDS) ? 600 : N;
	double	   *x = make_blobs(n, D, K, 5);
	double		mean[D] = {0};
	int32_t		width;
	Training	t;

	for (int i = 0; i < n * D; i++)
		x[i] += far ? 5e4 : 0;
	training_begin(&t, algo, K, precision, x, n, D);
	if (CHECK_EQ(training_run(&t), FC_OK) && CHECK(FC_HAS(&t.model, FC_WITH_PROJECTION)))
	{
		width = fc_projection_width(&t.model);
		check_axes(FC_PROJECTION(&t.model), width);
		for (int i = 0; i < n; i++)
			for (int j = 0; j < D; j++)
			{
				double		value = t.model.shift ? (x[i * D + j] - t.model.shift[j]) * t.model.factor[j] : x[i * D + j];

				mean[j] += value / n;
			}
		for (int j = 0; !is_deep(algo) && j < D; j++)
			CHECK_NEAR(FC_PROJECTION(&t.model)[j], mean[j], t.model.shift ? 0.01 : far ? 1e-4 : 0.2);
	}
	training_end(&t);
	free(x);
}

/* Members of a team, and the leader alone: the same bits */
static void
test_team(FcPrecision precision)
{
	double	   *x = make_blobs(N, D, K, 5);
	Training	t[2];

	for (int i = 0; i < 2; i++)
		training_begin(&t[i], fc_find_algorithm("fcm"), K, precision, x, N, D);
	CHECK_EQ(training_run(&t[0]), FC_OK);
	CHECK_EQ(team_run(&t[1], 3, NULL), FC_OK);
	CHECK(memcmp(FC_PROJECTION(&t[0].model), FC_PROJECTION(&t[1].model), sizeof(double) * 3 * D) == 0);
	for (int i = 0; i < 2; i++)
		training_end(&t[i]);
	free(x);
}

/* Numbers that are not finite are refused, wherever the model comes from */
static void
test_check(void)
{
	double	   *x = make_blobs(300, D, K, 5);
	Training	t;
	FcModel		back;
	size_t		length;
	char	   *bytes;

	training_begin(&t, fc_find_algorithm("kmeans"), K, FC_F64, x, 300, D);
	if (CHECK_EQ(training_run(&t), FC_OK))
	{
		FC_PROJECTION(&t.model)[3 * D - 1] = INFINITY;
		CHECK_EQ(fc_model_check(&t.fit), FC_UNREADABLE);
		CHECK(strcmp(t.fit.failure.array, "projection") == 0);
		bytes = model_bytes(&t.model, &length);
		CHECK_EQ(fc_model_read(&back, bytes, length), FC_DAMAGED_MODEL);
		free(bytes);
	}
	training_end(&t);
	free(x);
}

/* A model without a frame gets that of its centers, or of those of codes */
static void
test_centers(const FcAlgorithm *algo)
{
	double	   *x = make_blobs(300, D, K, 5);
	Training	t;
	FcPrincipal p;
	FcArena		arena = {0};
	double	   *frame;
	int32_t		width;

	training_begin(&t, algo, K, FC_F64, x, 300, D);
	if (CHECK_EQ(training_run(&t), FC_OK))
	{
		const double *centers = algo->network ? algo->network->centers(&t.model) : t.model.centers;
		double		sum[2] = {0};

		width = fc_projection_width(&t.model);
		fc_project_centers_layout(&arena, &p, &t.model);
		arena.base = hostile_memory(arena.used);
		arena.used = 0;
		fc_project_centers_layout(&arena, &p, &t.model);
		frame = hostile_memory(sizeof(double) * 3 * width);
		fc_project_centers(&p, &t.model, &(FcHooks) {0}, frame);
		check_axes(frame, width);
		for (int c = 0; c < K; c++)
		{
			double		at[2];

			fc_project(frame, width, centers + c * width, at);
			sum[0] += at[0];
			sum[1] += at[1];
		}
		CHECK_NEAR(sum[0], 0, 1e-9);
		CHECK_NEAR(sum[1], 0, 1e-9);
		free(frame);
		free(arena.base);
	}
	training_end(&t);
	free(x);
}

int
main(int argc, char **argv)
{
	test_golden(projection_plain, 60, 6, false, false, 1e-9);
	test_golden(projection_weighted, 60, 6, true, false, 1e-9);
	test_golden(projection_gaps, 60, 6, false, true, 1e-9);
	test_golden(projection_wide, 300, 80, false, false, 1e-5);
	test_degenerate();
	test_equal_axes();
	test_periodic();
	test_check();
	for (int precision = FC_F32; precision <= FC_F64; precision++)
	{
		test_sizes(precision);
		test_team(precision);
	}
	FOR_EACH_ALGORITHM(algo)
	{
		if (!is_wanted(algo, argc, argv))
			continue;
		for (int precision = FC_F32; precision <= FC_F64; precision++)
			for (int far = 0; far <= !is_deep(algo); far++)
				test_model(algo, precision, far);
		test_centers(algo);
	}
	return check_report("project");
}
