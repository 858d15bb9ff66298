/*
 * nn_optimizers.c - steps against golden values, and the schedule
 */
#include "nn.h"
#include "nn/optimizer.h"

static void
count_call(void *arg)
{
	++*(int *) arg;
}

static void
test_adam(void)
{
	FcAdam		adam = fc_adam(golden_adam_lr);
	FcReal	   *p = reals_of(golden_adam_p0, 4);
	FcReal	   *g = reals_of(golden_adam_grads, 16);
	FcReal		m[4] = {0};
	FcReal		v[4] = {0};

	for (int step = 1; step <= 4; step++)
	{
		fc_adam_step(&adam, &no_hooks, step, 4, g + 4 * (step - 1), m, v, p);
		CHECK_NEAR(difference(p, golden_adam_params_after + 4 * (step - 1), 4), 0, CLOSE);
	}
	free(p);
	free(g);
}

static void
test_sgd(void)
{
	FcSgd		sgd = {golden_sgd_momentum_lr, golden_sgd_momentum_momentum};
	FcReal	   *p = reals_of(golden_sgd_momentum_p0, 4);
	FcReal	   *g = reals_of(golden_sgd_momentum_grads, 16);
	FcReal		u[4] = {0};

	for (int step = 0; step < 4; step++)
	{
		fc_sgd_step(&sgd, &no_hooks, 4, g + 4 * step, u, p);
		CHECK_NEAR(difference(p, golden_sgd_momentum_params_after + 4 * step, 4), 0, CLOSE);
	}
	free(p);
	free(g);
}

/* Blocks of more than a slice: all of it is updated, with checks between */
static void
test_slices(void)
{
	size_t		count = 2 * FC_OPTIMIZER_SLICE + 5;
	FcAdam		adam = fc_adam(0.5);
	FcSgd		sgd = {0.5, 0.9};
	FcReal	   *p = calloc(count, sizeof(FcReal));
	FcReal	   *m = calloc(count, sizeof(FcReal));
	FcReal	   *v = calloc(count, sizeof(FcReal));
	FcReal	   *g = reals(count);
	FcHooks		hooks = {.check = count_call};
	int			calls = 0;
	int			wrong = 0;

	hooks.arg = &calls;
	for (size_t i = 0; i < count; i++)
		g[i] = 2;
	fc_adam_step(&adam, &hooks, 1, count, g, m, v, p);
	CHECK_EQ(calls, 3);
	for (size_t i = 0; i < count; i++)	/* the first step is as long as the rate */
		wrong += !(fabs(p[i] + 0.5) < 1e-6);
	memset(p, 0, sizeof(FcReal) * count);
	memset(m, 0, sizeof(FcReal) * count);
	fc_sgd_step(&sgd, &hooks, count, g, m, p);
	CHECK_EQ(calls, 6);
	for (size_t i = 0; i < count; i++)
		wrong += p[i] != -1;
	CHECK_EQ(wrong, 0);
	free(p);
	free(m);
	free(v);
	free(g);
}

/* A moment that vanishes becomes 0, not a subnormal number for ever; a NaN stays */
static void
test_small_moments(void)
{
	FcAdam		adam = fc_adam(1e-3);
	FcReal		p[] = {1, 1};
	FcReal		m[] = {(FcReal) 1e-29, 1};
	FcReal		v[] = {(FcReal) 1e-31, 1};
	FcReal		g[] = {0, (FcReal) NAN};

	for (int step = 1; step < 100; step++)
		fc_adam_step(&adam, &no_hooks, step, 2, g, m, v, p);
	CHECK(m[0] == 0 && v[0] == 0);
	CHECK(isnan(p[1]));
}

static void
test_schedule(void)
{
	CHECK_NEAR(fc_cosine_rate(2, 0.05, 0, 30), 2, 1e-12);
	CHECK_NEAR(fc_cosine_rate(2, 0.05, 15, 30), 2 * 0.525, 1e-12);
	CHECK(fc_cosine_rate(2, 0.05, 29, 30) > 0.1);
	CHECK(fc_cosine_rate(2, 0.05, 29, 30) < 0.11);
}

int
main(void)
{
	test_adam();
	test_sgd();
	test_slices();
	test_small_moments();
	test_schedule();
	return check_report("nn_optimizers");
}
