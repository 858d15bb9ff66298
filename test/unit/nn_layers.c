/*
 * nn_layers.c - each layer against golden values, finite differences and plain loops
 */
#include "nn.h"

/* ---- channel by channel (golden values) and pixel by pixel (ours) ---- */

/* (a, b, c) to (a, c, b) */
static FcReal *
swap_last(const double *x, int64_t a, int64_t b, int64_t c)
{
	FcReal	   *y = reals(a * b * c);

	for (int64_t i = 0; i < a; i++)
		for (int64_t j = 0; j < b; j++)
			for (int64_t l = 0; l < c; l++)
				y[(i * c + l) * b + j] = (FcReal) x[(i * b + j) * c + l];
	return y;
}

/* and back, as double */
static double *
swap_back(const FcReal *x, int64_t a, int64_t b, int64_t c)
{
	double	   *y = malloc(sizeof(double) * a * b * c);

	for (int64_t i = 0; i < a; i++)
		for (int64_t j = 0; j < b; j++)
			for (int64_t l = 0; l < c; l++)
				y[(i * b + j) * c + l] = x[(i * c + l) * b + j];
	return y;
}

typedef struct Images
{
	int32_t		n;
	FcShape		in;
	FcShape		out;
	FcWindow	window;
	bool		transpose;
	const double *x,
			   *w,
			   *b,
			   *y,
			   *dy,
			   *dx,
			   *dw,
			   *db;
} Images;

static void
check_images(const FcReal *x, FcShape shape, int32_t n, const double *expected)
{
	double	   *y = swap_back(x, n, shape.channels, fc_shape_pixels(shape));
	double		most = 0;

	for (int64_t i = 0; i < n * fc_shape_columns(shape); i++)
		most = fabs(y[i] - expected[i]) <= most ? most : fabs(y[i] - expected[i]);
	CHECK_NEAR(most, 0, CLOSE);
	free(y);
}

/* A layer alone: dx is asked for, which a net does not do for its first */
static void
check_convolution(const Images *g)
{
	int32_t		outer = g->transpose ? g->in.channels : g->out.channels;
	int32_t		inner = g->transpose ? g->out.channels : g->in.channels;
	FcShape		weights = {inner, g->window.size, g->window.size};
	Rig			r = {0};
	FcReal	   *x = swap_last(g->x, g->n, g->in.channels, fc_shape_pixels(g->in));
	FcReal	   *w = swap_last(g->w, outer, inner, fc_shape_pixels(weights));
	FcReal	   *dy = swap_last(g->dy, g->n, g->out.channels, fc_shape_pixels(g->out));
	FcReal	   *dx = reals(g->n * fc_shape_columns(g->in));
	const FcLayer *l = r.net.layer;

	fc_net_begin(&r.net, g->in);
	if (g->transpose)
		fc_net_conv_transpose(&r.net, g->out.channels, g->window, &fc_linear);
	else
		fc_net_conv(&r.net, g->out.channels, g->window, &fc_linear);
	fc_net_embed(&r.net);
	CHECK_EQ(fc_net_end(&r.net), FC_OK);
	CHECK_EQ(l->out.height, g->out.height);
	CHECK_EQ(l->out.width, g->out.width);
	rig_begin(&r, g->n, g->n, true, 1);
	memcpy(r.parameters + l->weights, w, sizeof(FcReal) * l->nweights);
	for (int32_t j = 0; j < g->out.channels; j++)
		r.parameters[l->bias + j] = (FcReal) g->b[j];
	fc_batch_encode(&r.batch, x, g->n);
	check_images(fc_batch_output(&r.batch), g->out, g->n, g->y);
	memcpy(r.batch.gradient[0], dy, sizeof(FcReal) * g->n * fc_shape_columns(g->out));
	l->ops->backward(&r.batch, l, x, fc_batch_output(&r.batch), r.batch.gradient[0], dx);
	find_gradients(&r.batch, 1, r.gradients);
	check_images(dx, g->in, g->n, g->dx);
	check_images(r.gradients + l->weights, weights, outer, g->dw);
	CHECK_NEAR(difference(r.gradients + l->bias, g->db, g->out.channels), 0, CLOSE);
	rig_end(&r);
	free(x);
	free(w);
	free(dy);
	free(dx);
}

#define GOLDEN(name)	golden_##name##_x, golden_##name##_W, golden_##name##_b, golden_##name##_y, \
	golden_##name##_dy, golden_##name##_dx, golden_##name##_dW, golden_##name##_db

static const Images images[] = {
	{2, {2, 5, 5}, {3, 5, 5}, {3, 1, 1, 1, 1, 1}, false, GOLDEN(conv_k3_s1_p1)},
	{2, {2, 6, 6}, {3, 3, 3}, {3, 2, 1, 1, 1, 1}, false, GOLDEN(conv_k3_s2_p1_even)},
	{1, {2, 7, 7}, {2, 4, 4}, {3, 2, 1, 1, 1, 1}, false, GOLDEN(conv_k3_s2_p1_odd)},
	{1, {1, 8, 8}, {2, 4, 4}, {5, 2, 1, 1, 2, 2}, false, GOLDEN(conv_k5_s2_tfsame_even)},
	{2, {3, 3, 3}, {2, 6, 6}, {3, 2, 1, 1, 0, 0}, true, GOLDEN(convT_k3_s2_p1_op1)},
	{1, {2, 4, 4}, {2, 4, 4}, {3, 1, 1, 1, 1, 1}, true, GOLDEN(convT_k3_s1_p1_op0)},
	{1, {2, 4, 4}, {1, 8, 8}, {5, 2, 2, 2, 1, 1}, true, GOLDEN(convT_k5_s2_p2_op1)},
};

static void
test_golden_dense(void)
{
	Rig			r = {0};
	const FcLayer *l = r.net.layer;
	FcReal	   *x = reals_of(golden_dense_relu_x, 20);
	FcReal	   *dy = reals_of(golden_dense_relu_dy, 12);
	FcReal	   *dx = reals(20);

	fc_net_begin(&r.net, (FcShape) {5, 1, 1});
	fc_net_dense(&r.net, 3, &fc_relu);
	fc_net_embed(&r.net);
	rig_begin(&r, 4, 4, true, 1);
	for (int i = 0; i < 15; i++)
		r.parameters[i] = (FcReal) golden_dense_relu_W[i];
	for (int i = 0; i < 3; i++)
		r.parameters[15 + i] = (FcReal) golden_dense_relu_b[i];
	fc_batch_encode(&r.batch, x, 4);
	CHECK_REALS(fc_batch_output(&r.batch), golden_dense_relu_y, CLOSE);
	memcpy(r.batch.gradient[0], dy, sizeof(FcReal) * 12);
	l->ops->backward(&r.batch, l, x, fc_batch_output(&r.batch), r.batch.gradient[0], dx);
	find_gradients(&r.batch, 1, r.gradients);
	CHECK_REALS(dx, golden_dense_relu_dx, CLOSE);
	CHECK_REALS(r.gradients, golden_dense_relu_dW, CLOSE);
	CHECK_REALS(r.gradients + 15, golden_dense_relu_db, CLOSE);
	rig_end(&r);
	free(x);
	free(dy);
	free(dx);
}

/* ---- plain loops ---- */

/* y of a convolution without bias: pixel by pixel */
static void
convolve(const FcLayer *l, const FcReal *x, const FcReal *w, int32_t n, double *y)
{
	const FcWindow *v = &l->window;

	for (int64_t at = 0; at < n * fc_shape_columns(l->out); at++)
	{
		int64_t		o = at % l->out.channels;
		int64_t		pixel = at / l->out.channels;
		int64_t		column = pixel % l->out.width;
		int64_t		row = pixel / l->out.width % l->out.height;
		int64_t		i = pixel / fc_shape_pixels(l->out);

		y[at] = 0;
		for (int64_t tap = 0; tap < (int64_t) v->size * v->size * l->in.channels; tap++)
		{
			int64_t		c = tap % l->in.channels;
			int64_t		r = row * v->stride - v->top + tap / l->in.channels / v->size;
			int64_t		s = column * v->stride - v->left + tap / l->in.channels % v->size;

			if (r >= 0 && r < l->in.height && s >= 0 && s < l->in.width)
				y[at] += (double) w[(o * v->size * v->size * l->in.channels) + tap] *
					x[((i * l->in.height + r) * l->in.width + s) * l->in.channels + c];
		}
	}
}

/* Shapes by chance; sides up to 11, so that windows and strides fit badly */
static FcShape
random_shape(FcRng *rng)
{
	return (FcShape) {
		1 + (int32_t) fc_rng_below(rng, 4), 1 + (int32_t) fc_rng_below(rng, 11), 1 + (int32_t) fc_rng_below(rng, 11)
	};
}

static FcWindow
random_window(FcRng *rng)
{
	FcWindow	w;

	w.size = 1 + (int32_t) fc_rng_below(rng, 5);
	w.stride = 1 + (int32_t) fc_rng_below(rng, 3);
	w.top = (int32_t) fc_rng_below(rng, w.size);
	w.left = (int32_t) fc_rng_below(rng, w.size);
	w.bottom = (int32_t) fc_rng_below(rng, w.size);
	w.right = (int32_t) fc_rng_below(rng, w.size);
	return w;
}

static void
test_convolution_is_loops(void)
{
	int			fitting = 0;
	FcRng		rng;

	fc_rng_start(&rng, 5, 0);
	for (int trial = 0; trial < 200; trial++)
	{
		Rig			r = {0};
		double	   *y;

		fc_net_begin(&r.net, random_shape(&rng));
		fc_net_conv(&r.net, 1 + (int32_t) fc_rng_below(&rng, 4), random_window(&rng), &fc_linear);
		fc_net_embed(&r.net);
		if (fc_net_end(&r.net) != FC_OK)
			continue;			/* the window is larger than the image */
		fitting++;
		rig_begin(&r, 3, 3, true, trial);
		memset(r.parameters + r.net.layer[0].bias, 0, sizeof(FcReal) * r.net.layer[0].out.channels);
		rig_forward(&r);
		y = malloc(sizeof(double) * 3 * rig_output(&r));
		convolve(r.net.layer, r.x, r.parameters, 3, y);
		CHECK_NEAR(difference(fc_batch_output(&r.batch), y, 3 * rig_output(&r)), 0, CLOSE);
		free(y);
		rig_end(&r);
	}
	CHECK(fitting > 100);
}

static double
dot(const FcReal *a, const FcReal *b, int64_t count)
{
	double		sum = 0;

	for (int64_t i = 0; i < count; i++)
		sum += (double) a[i] * b[i];
	return sum;
}

/* <conv(x), y> = <x, convT(y)> with the same window and weights */
static void
test_transpose_is_adjoint(void)
{
	int			fitting = 0;
	FcRng		rng;

	fc_rng_start(&rng, 6, 0);
	for (int trial = 0; trial < 200; trial++)
	{
		Rig			conv = {0};
		Rig			transposed = {0};
		FcShape		image = random_shape(&rng);
		FcWindow	w = random_window(&rng);
		int32_t		channels = 1 + (int32_t) fc_rng_below(&rng, 4);

		fc_net_begin(&conv.net, image);
		fc_net_conv(&conv.net, channels, w, &fc_linear);
		fc_net_embed(&conv.net);
		if (fc_net_end(&conv.net) != FC_OK)
			continue;
		w.bottom -= (image.height + w.top + w.bottom - w.size) % w.stride; /* the part that no window reaches */
		w.right -= (image.width + w.left + w.right - w.size) % w.stride;
		fc_net_begin(&transposed.net, conv.net.shape);
		fc_net_conv_transpose(&transposed.net, image.channels, w, &fc_linear);
		fc_net_embed(&transposed.net);
		if (!CHECK_EQ(fc_net_end(&transposed.net), FC_OK) || !CHECK_EQ(transposed.net.shape.width, image.width))
			continue;
		fitting++;
		rig_begin(&conv, 2, 2, true, trial);
		rig_begin(&transposed, 2, 2, true, trial);	/* the same weights, as they are the first */
		memset(conv.parameters + conv.net.layer[0].bias, 0, sizeof(FcReal) * channels);
		memset(transposed.parameters + transposed.net.layer[0].bias, 0, sizeof(FcReal) * image.channels);
		rig_forward(&conv);
		rig_forward(&transposed);
		CHECK_NEAR(dot(fc_batch_output(&conv.batch), transposed.x, 2 * rig_output(&conv)),
				   dot(fc_batch_output(&transposed.batch), conv.x, 2 * rig_output(&transposed)), CLOSE * 10);
		rig_end(&conv);
		rig_end(&transposed);
	}
	CHECK(fitting > 100);
}

/* ---- gradients ---- */

static const FcActivation *const activations[] = {&fc_linear, &fc_relu, &fc_sigmoid};

/* A dense layer in front makes each layer send its gradient back */
static void
begin_behind_dense(Rig *r, FcShape shape)
{
	fc_net_begin(&r->net, (FcShape) {3, 1, 1});
	fc_net_dense(&r->net, (int32_t) fc_shape_columns(shape), &fc_linear);
	fc_net_reshape(&r->net, shape);
}

static void
test_gradients(void)
{
	for (int a = 0; a < 3; a++)
	{
		Rig			r = {0};

		begin_behind_dense(&r, (FcShape) {5, 1, 1});
		fc_net_dense(&r.net, 4, activations[a]);
		fc_net_embed(&r.net);
		check_net_gradient(&r, 5, 10 + a);

		begin_behind_dense(&r, (FcShape) {2, 5, 4});
		fc_net_conv(&r.net, 3, (FcWindow) {3, 2, 1, 0, 0, 2}, activations[a]);
		fc_net_embed(&r.net);
		check_net_gradient(&r, 3, 20 + a);

		begin_behind_dense(&r, (FcShape) {2, 3, 4});
		fc_net_conv_transpose(&r.net, 3, fc_window_transposed(3, 2, 1, 1), activations[a]);
		fc_net_embed(&r.net);
		check_net_gradient(&r, 3, 30 + a);
	}
}

static void
test_other_gradients(void)
{
	Rig			r = {0};

	begin_behind_dense(&r, (FcShape) {6, 1, 1});
	fc_net_normalize(&r.net);
	fc_net_embed(&r.net);
	check_net_gradient(&r, 4, 40);

	begin_behind_dense(&r, (FcShape) {20, 1, 1});
	fc_net_dropout(&r.net, 0.3);
	fc_net_embed(&r.net);
	check_net_gradient(&r, 4, 41);

	begin_behind_dense(&r, (FcShape) {3, 4, 2});
	fc_net_interleave(&r.net);
	fc_net_conv(&r.net, 2, fc_window(3, 1, 1), &fc_sigmoid);
	fc_net_embed(&r.net);
	fc_net_separate(&r.net);
	check_net_gradient(&r, 4, 42);
}

/* A few of the gradients of a layer whose images are made in many pieces */
static void
check_some_gradients(Rig *r)
{
	const FcLayer *l = r->net.layer;

	CHECK_EQ(fc_net_end(&r->net), FC_OK);
	CHECK(l->ops->scratch(l) * 3 < (size_t) fc_shape_columns(l->in) * l->window.size * l->window.size);
	rig_begin(r, 3, 3, true, 50);
	rig_backward(r);
	for (size_t i = 1; i < r->net.parameters; i += r->net.parameters / 7)
		check_gradient(rig_loss, r, r->parameters + i, 1, r->gradients + i);
	rig_end(r);
}

static void
test_large_layers(void)
{
	Rig			r = {0};
	double	   *y;

	fc_net_begin(&r.net, (FcShape) {3, 67, 71});
	fc_net_conv(&r.net, 5, fc_window(5, 1, 2), &fc_linear);
	fc_net_embed(&r.net);
	rig_begin(&r, 3, 3, true, 50);
	memset(r.parameters + r.net.layer[0].bias, 0, sizeof(FcReal) * 5);
	rig_forward(&r);
	y = malloc(sizeof(double) * 3 * rig_output(&r));
	convolve(r.net.layer, r.x, r.parameters, 3, y);
	CHECK_NEAR(difference(fc_batch_output(&r.batch), y, 3 * rig_output(&r)), 0, 10 * CLOSE);
	free(y);
	rig_end(&r);

	fc_net_begin(&r.net, (FcShape) {3, 67, 71});
	fc_net_conv(&r.net, 5, fc_window(5, 2, 2), &fc_sigmoid);
	fc_net_embed(&r.net);
	check_some_gradients(&r);
	fc_net_begin(&r.net, (FcShape) {5, 37, 31});
	fc_net_conv_transpose(&r.net, 3, fc_window_transposed(5, 2, 2, 1), &fc_sigmoid);
	fc_net_embed(&r.net);
	check_some_gradients(&r);
}

/* The status of a net whose only layer makes images from images of two channels */
static FcStatus
status_of_transpose(int32_t height, int32_t width, FcWindow w)
{
	FcNet		net;

	fc_net_begin(&net, (FcShape) {2, height, width});
	fc_net_conv_transpose(&net, 1, w, &fc_linear);
	fc_net_embed(&net);
	return fc_net_end(&net);
}

/* Padding may leave nothing of an image, in one direction or the other, and neither side may be too long */
static void
test_sides(void)
{
	FcWindow	half = {.size = 2, .stride = 2, .top = 1, .left = 1, .bottom = 1, .right = 1};
	FcWindow	whole = {.size = 2, .stride = 2};

	CHECK_EQ(status_of_transpose(2, 2, half), FC_OK);
	CHECK_EQ(status_of_transpose(1, 3, half), FC_BAD_SHAPE);
	CHECK_EQ(status_of_transpose(3, 1, half), FC_BAD_SHAPE);
	CHECK_EQ(status_of_transpose(1, 1, half), FC_BAD_SHAPE);
	CHECK_EQ(status_of_transpose(1, 100, whole), FC_OK);
	CHECK_EQ(status_of_transpose(1, 1 << 24, whole), FC_BAD_SHAPE);
	CHECK_EQ(status_of_transpose(1 << 24, 1, whole), FC_BAD_SHAPE);
}

/* More rows than fit into a slice, and more columns than are taken together */
static void
test_slices(void)
{
	static const int32_t widths[] = {5, 700};

	for (int w = 0; w < 2; w++)
	{
		int32_t		columns = widths[w];
		int64_t		rows = 1200000 / columns;
		FcReal	   *y = random_reals(rows * columns, -1, 1, 1);
		FcReal	   *dy = random_reals(rows * columns, -1, 1, 2);
		FcReal	   *kept = reals(rows * columns);
		Rig			r = {0};
		double		sum = 0;
		int			wrong = 0;

		fc_net_begin(&r.net, (FcShape) {1, 1, 1});
		fc_net_dense(&r.net, columns, &fc_relu);
		fc_net_embed(&r.net);
		rig_begin(&r, 1, 1, true, 3);
		memcpy(kept, y, sizeof(FcReal) * rows * columns);
		fc_activate(&r.batch, r.net.layer, rows, y);
		for (int64_t i = 0; i < rows * columns; i++)
			wrong += y[i] != fmax(kept[i] + r.parameters[columns + i % columns], 0);
		memcpy(kept, dy, sizeof(FcReal) * rows * columns);
		fc_deactivate(&r.batch, r.net.layer, rows, y, dy);
		fc_bias_gradient(&r.batch, r.net.layer, rows, dy, r.gradients);
		for (int64_t i = 0; i < rows * columns; i++)
		{
			wrong += dy[i] != (y[i] > 0 ? kept[i] : 0);
			sum += i % columns == 3 ? dy[i] : 0;
		}
		CHECK_EQ(wrong, 0);
		CHECK_NEAR(r.gradients[3], sum, IS_DOUBLE ? 1e-9 : 1e-3);
		rig_end(&r);
		free(y);
		free(dy);
		free(kept);
	}
}

/* ---- dropout, length ---- */

static void
test_dropout(void)
{
	Rig			r = {0};
	int64_t		kept = 0;
	int64_t		wrong = 0;
	double		sum = 0;

	fc_net_begin(&r.net, (FcShape) {1000, 1, 1});
	fc_net_dropout(&r.net, 0.25);
	fc_net_embed(&r.net);
	rig_begin(&r, 100, 100, true, 60);
	for (int64_t i = 0; i < 100000; i++)
		r.x[i] = 1;
	rig_forward(&r);
	for (int64_t i = 0; i < 100000; i++)
	{
		kept += r.batch.y[0][i] != 0;
		sum += r.batch.y[0][i];
		wrong += r.batch.y[0][i] != 0 && r.batch.y[0][i] != (FcReal) (4.0 / 3);
	}
	CHECK_EQ(wrong, 0);
	CHECK(fabs(kept / 1e5 - 0.75) < 0.01);
	CHECK(fabs(sum / 1e5 - 1) < 0.01);
	fc_apply_rows(&r.batch, r.x, 100, r.c);	/* not when the net is used */
	for (int64_t i = 0; i < 100000; i++)
		wrong += r.c[i] != 1;
	CHECK_EQ(wrong, 0);
	rig_end(&r);
}

static void
test_length(void)
{
	FcReal		u[] = {3, 4, 0, 0, -1, 0};
	FcReal		dz[] = {1, 1, 1, 1, 1, 1};
	FcReal		z[6];
	FcReal		du[6];
	const double expected[] = {0.6, 0.8, 0, 0, -1, 0};
	const double gradient[] = {0.032, -0.024, 0, 0, 0, 1};	/* a row of zeros sends back none */

	fc_l2norm(u, 3, 2, z);
	CHECK_REALS(z, expected, CLOSE);
	fc_l2norm_gradient(u, dz, 3, 2, du);
	CHECK_REALS(du, gradient, CLOSE);
}

/* Values that overflow exp, and a NaN that must not be hidden */
static void
test_extremes(void)
{
	FcReal		bias[3] = {0};
	FcReal		y[] = {-1e4, 1e4, (FcReal) NAN};

	fc_sigmoid.forward(bias, 1, 3, y);
	CHECK(y[0] == 0 && y[1] == 1 && isnan(y[2]));
	fc_relu.forward(bias, 1, 3, y);
	CHECK(isnan(y[2]));
}

int
main(void)
{
	for (int64_t i = 0; i < COUNT(images); i++)
		check_convolution(images + i);
	test_golden_dense();
	test_convolution_is_loops();
	test_transpose_is_adjoint();
	test_gradients();
	test_other_gradients();
	test_large_layers();
	test_sides();
	test_slices();
	test_dropout();
	test_length();
	test_extremes();
	return check_report("nn_layers");
}
