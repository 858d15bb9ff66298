/*
 * wide.c - where k d is huge, a pass takes the clusters in parts: the sums are those of all
 *
 *	u_ic = (1 / |x_i - v_c|^2) / sum_b 1 / |x_i - v_b|^2,	weights u^2
 *
 * of fuzzy c-means with a fuzzifier of 2, in plain C.
 */
#include "train.h"

#include "core/engine.h"

#define N	13
#define K	2100
#define D	4100				/* FC_LANES D K is more than FC_PRODUCTS */

/* A pass over x (N, D) at centers v (K, D), without the training around it */
typedef struct Pass
{
	Source		source;
	FcModel		model;
	FcFit		fit;
	FcEngine   *engine;
	void	   *memory;
} Pass;

static FcEngine *
pass_layout(FcArena *a, Pass *p)
{
	fc_model_layout(a, &p->model);
	return fc_engine_layout(a, &p->fit);
}

static void
pass_begin(Pass *p, const double *x, const double *v)
{
	FcArena		arena = {0};

	memset(p, 0, sizeof(*p));
	source_begin(&p->source, FC_F64, x, N, D, fc_block_rows(D));
	fc_model_begin(&p->model, fc_find_algorithm("fcm"), K, D);
	p->model.precision = FC_F64;
	p->model.option[0] = 2;
	p->model.rows = N;
	p->fit = (FcFit) {.model = &p->model, .rows = p->source.rows, .isa = fc_best_isa()};
	(void) pass_layout(&arena, p);
	p->memory = arena.base = hostile_memory(arena.used);
	arena.used = 0;
	p->engine = pass_layout(&arena, p);
	memcpy(p->model.centers, v, sizeof(double) * K * D);
	fc_engine_begin(p->engine, &p->fit);
	fc_engine_set_parameters(p->engine);
}

static void
pass_end(Pass *p)
{
	source_end(&p->source);
	free(p->memory);
}

/* Weights u^2 of all rows in all clusters, (N, K) */
static double *
find_weights(const double *x, const double *v)
{
	double	   *w = malloc(sizeof(double) * N * K);

	for (int32_t i = 0; i < N; i++)
	{
		double		sum = 0;

		for (int32_t c = 0; c < K; c++)
			sum += w[i * K + c] = 1 / fc_squared_distance(x + i * D, v + (int64_t) c * D, D);
		for (int32_t c = 0; c < K; c++)
			w[i * K + c] = pow(w[i * K + c] / sum, 2);
	}
	return w;
}

static void
test_parts(void)
{
	double	   *x = make_noise(N, D, 31);
	double	   *v = make_noise(K, D, 32);
	double	   *w = find_weights(x, v);
	int			wrong = 0;
	Pass		p;

	CHECK((int64_t) FC_LANES * D * K > FC_PRODUCTS);
	pass_begin(&p, x, v);
	fc_pass_accumulate(p.engine);
	for (int32_t c = 0; c < K; c++)
	{
		double		weight = 0;
		double		sum[2] = {0};

		for (int32_t i = 0; i < N; i++)
		{
			weight += w[i * K + c];
			sum[0] += w[i * K + c] * x[i * D];
			sum[1] += w[i * K + c] * x[i * D + D - 1];
		}
		wrong += !(fabs(p.engine->acc.weight[c] - weight) < 1e-9 * weight);
		wrong += !(fabs(p.engine->acc.sum[(int64_t) c * D] - sum[0]) < 1e-9 * weight);
		wrong += !(fabs(p.engine->acc.sum[(int64_t) c * D + D - 1] - sum[1]) < 1e-9 * weight);
	}
	CHECK_EQ(wrong, 0);
	pass_end(&p);
	free(x);
	free(v);
	free(w);
}

int
main(void)
{
	test_parts();
	return check_report("wide");
}
