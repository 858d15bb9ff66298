/*
 * conv_transpose.c - the adjoint of a convolution, which makes images larger
 *
 *   Y = f(scatter(X W) + b)
 *   D = gather(dY);  dX = D W', dW = X' D, db = column sums of dY
 *
 * X (n, height, width, channels), Y (n, its height, width, channels) with
 * height (h - 1) stride - top - bottom + size; W (in channels, size, size, out
 * channels).  The grid of windows lies over Y and has a place for each pixel
 * of X; D is made piece by piece (see patches.c).
 */
#include "nn/net.h"

/* Patches of a piece, and behind them packed weights */
static size_t
scratch(const FcLayer *l)
{
	FcGrid		g = fc_grid_of_layer(l);

	return fc_grid_room(&g) + fc_packed_back_size(l);
}

static void
forward(FcBatch *b, const FcLayer *l, const FcReal *x, FcReal *y)
{
	FcGrid		g = fc_grid_of_layer(l);
	int64_t		all = (int64_t) b->rows * g.height;
	int64_t		most = fc_grid_lines(&g);
	int64_t		done = 0;		/* images that are complete */

	for (int64_t line = 0; line < all; line += most)
	{
		int64_t		lines = all - line < most ? all - line : most;
		int64_t		complete = (line + lines) / g.height;

		fc_product_weights(b, l, b->packed ? b->packed + l->packed : NULL, lines * g.width, x + line * g.width * l->in.channels, b->scratch);
		fc_grid_scatter(&g, b->scratch, line, lines, y);
		fc_activate(b, l, (complete - done) * fc_shape_pixels(l->out), y + done * fc_shape_columns(l->out));
		done = complete;
	}
}

static void
backward(FcBatch *b, const FcLayer *l, const FcReal *x, const FcReal *y, FcReal *dy, FcReal *dx)
{
	FcGrid		g = fc_grid_of_layer(l);
	int64_t		all = (int64_t) b->rows * g.height;
	int64_t		most = fc_grid_lines(&g);
	int64_t		done = 0;		/* images whose dy is before the activation */
	const FcReal *packed = dx ? fc_pack_back(b, l, b->scratch + fc_grid_room(&g)) : NULL;

	(void) x;
	for (int64_t line = 0; line < all; line += most)
	{
		int64_t		lines = all - line < most ? all - line : most;
		int64_t		touched = (line + lines + g.height - 1) / g.height;
		int64_t		from = done * fc_shape_columns(l->out);

		fc_deactivate(b, l, (touched - done) * fc_shape_pixels(l->out), y + from, dy + from);
		done = touched;
		if (dx == NULL)
			continue;
		fc_grid_gather(&g, dy, line, lines, b->scratch);
		fc_product_back(b, l, packed, lines * g.width, b->scratch, dx + line * g.width * l->in.channels);
	}
}

static void
gradient(FcBatch *b, FcRange r, const FcReal *x, const FcReal *dy, FcReal *to)
{
	fc_product_patches(b, r, dy, x, to);
}

static const FcLayerOps ops = {
	.input_major = true, .forward = forward, .backward = backward, .gradient = gradient, .scratch = scratch
};

/* The side of the image whose windows are as many as "side" */
static int64_t
larger_side(int32_t side, int32_t size, int32_t stride, int64_t padding)
{
	return (int64_t) (side - 1) * stride + size - padding;
}

void
fc_net_conv_transpose(FcNet *net, int32_t channels, FcWindow w, const FcActivation *activation)
{
	FcShape		in = net->shape;
	int64_t		height = larger_side(in.height, w.size, w.stride, (int64_t) w.top + w.bottom);
	int64_t		width = larger_side(in.width, w.size, w.stride, (int64_t) w.left + w.right);
	FcGrid		g;
	FcLayer    *l;

	if (height < 1 || width < 1 || height > FC_MAX_WIDTH || width > FC_MAX_WIDTH ||
		fc_grid_of(&g, (FcShape) {channels, (int32_t) height, (int32_t) width}, w) != FC_OK)
	{
		fc_net_fail(net, FC_BAD_SHAPE);
		return;
	}
	l = fc_net_add(net, &ops, activation, g.image);
	if (l != NULL)
	{
		double		windows = (double) w.size * w.size;

		l->window = w;
		fc_net_weights(net, l, in.channels * windows / ((double) w.stride * w.stride), in.channels * windows * channels);
	}
}
