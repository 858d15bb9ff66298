/*
 * nn_outputs.c - losses of a network's outputs: squared errors, cross-entropy,
 * softmax
 */
#include "nn.h"

typedef struct Output
{
	int64_t		n;
	int32_t		k;
	FcReal	   *x;
	FcReal	   *target;
	FcReal	   *q;
	FcReal	   *dx;
} Output;

static double
mse_of(void *arg)
{
	Output	   *o = arg;

	return fc_mse(&no_hooks, o->x, o->target, o->n * o->k, 1, o->dx);
}

static double
entropy_of(void *arg)
{
	Output	   *o = arg;

	return fc_cross_entropy(o->x, o->target, o->n, o->k, 1, o->q, o->dx);
}

static void
test_outputs(void)
{
	Output		o = {11, 7, NULL, NULL, NULL, NULL};
	FcReal	   *y = reals_of(golden_mse_y, 12);
	FcReal	   *target = reals_of(golden_mse_target, 12);
	FcReal	   *gradient = reals(77);

	CHECK_NEAR(fc_mse(&no_hooks, y, target, 12, 1, y), golden_mse_loss, CLOSE);
	CHECK_REALS(y, golden_mse_dy, CLOSE);
	o.x = random_reals(77, -3, 3, 1);
	o.target = random_memberships(11, 7, 2);
	o.q = reals(77);
	o.dx = reals(77);
	(void) mse_of(&o);
	memcpy(gradient, o.dx, sizeof(FcReal) * 77);
	check_gradient(mse_of, &o, o.x, 77, gradient);
	(void) entropy_of(&o);
	memcpy(gradient, o.dx, sizeof(FcReal) * 77);
	check_gradient(entropy_of, &o, o.x, 77, gradient);
	free(o.x);
	free(o.target);
	free(o.q);
	free(o.dx);
	free(y);
	free(target);
	free(gradient);
}

static void
test_softmax_extremes(void)
{
	FcReal		x[] = {1000, 1000, -1000};
	FcReal		p[] = {0, 0, 1};
	FcReal		q[3];
	FcReal		dx[3];

	fc_softmax(x, 1, 3, q);
	CHECK(q[0] == (FcReal) 0.5 && q[1] == (FcReal) 0.5 && q[2] == 0);
	CHECK_NEAR(fc_cross_entropy(x, p, 1, 3, 2, q, dx), 2000 + log(2), CLOSE);
	CHECK_NEAR(dx[2], -2, CLOSE);
}

/* -log q is a number where q itself is 0 */
static void
test_negative_log_softmax(void)
{
	const FcReal x[4] = {1000, -1000, 999, 0.5};
	const double rest = log1p(exp(-1));	/* of the two largest */
	double		at[4];

	fc_negative_log_softmax(x, 4, at);
	CHECK_NEAR(at[0], rest, 1e-14);
	CHECK_NEAR(at[1], 2000 + rest, 1e-14);
	CHECK_NEAR(at[2], 1 + rest, 1e-14);
	CHECK_NEAR(at[3], 999.5 + rest, 1e-14);
}

int
main(void)
{
	test_outputs();
	test_softmax_extremes();
	test_negative_log_softmax();
	return check_report("nn_outputs");
}
