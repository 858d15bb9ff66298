/*
 * conv.c - a convolution of images
 *
 *   C = gather(X);  Y = f(C W' + b)
 *   dW = dY' C, dX = scatter(dY W), db = column sums of dY
 *
 * X (n, height, width, channels), Y (n, its height, width, channels), W (out
 * channels, size, size, in channels); C has a row for each pixel of Y (see
 * patches.c) and is computed piece by piece, twice, to save memory.
 */
#include "nn/net.h"

/* Patches of a piece, and behind them packed weights */
static size_t
scratch(const FcLayer *l)
{
	FcGrid		g = fc_grid_of_layer(l);

	return fc_grid_room(&g) + fc_packed_size(l);
}

static void
forward(FcBatch *b, const FcLayer *l, const FcReal *x, FcReal *y)
{
	FcGrid		g = fc_grid_of_layer(l);
	int64_t		all = (int64_t) b->rows * g.height;
	int64_t		most = fc_grid_lines(&g);
	const FcReal *packed = fc_pack_weights(b, l, b->scratch + fc_grid_room(&g));

	for (int64_t line = 0; line < all; line += most)
	{
		int64_t		lines = all - line < most ? all - line : most;
		FcReal	   *part = y + line * g.width * l->out.channels;

		fc_grid_gather(&g, x, line, lines, b->scratch);
		fc_product_weights(b, l, packed, lines * g.width, b->scratch, part);
		fc_activate(b, l, lines * g.width, part);
	}
}

static void
backward(FcBatch *b, const FcLayer *l, const FcReal *x, const FcReal *y, FcReal *dy, FcReal *dx)
{
	FcGrid		g = fc_grid_of_layer(l);
	int64_t		all = (int64_t) b->rows * g.height;
	int64_t		most = fc_grid_lines(&g);

	(void) x;
	for (int64_t line = 0; line < all; line += most)
	{
		int64_t		lines = all - line < most ? all - line : most;
		int64_t		pixels = lines * g.width;
		int64_t		at = line * g.width * l->out.channels;

		fc_deactivate(b, l, pixels, y + at, dy + at);
		if (dx == NULL)
			continue;
		fc_product_back(b, l, NULL, pixels, dy + at, b->scratch);
		fc_grid_scatter(&g, b->scratch, line, lines, dx);
	}
}

static void
gradient(FcBatch *b, FcRange r, const FcReal *x, const FcReal *dy, FcReal *to)
{
	fc_product_patches(b, r, x, dy, to);
}

static const FcLayerOps ops = {.forward = forward, .backward = backward, .gradient = gradient, .scratch = scratch};

void
fc_net_conv(FcNet *net, int32_t channels, FcWindow window, const FcActivation *activation)
{
	FcGrid		g;
	FcStatus	status = fc_grid_of(&g, net->shape, window);
	FcLayer    *l;

	if (status != FC_OK)
	{
		fc_net_fail(net, status);
		return;
	}
	l = fc_net_add(net, &ops, activation, (FcShape) {channels, g.height, g.width});
	if (l != NULL)
	{
		l->window = window;
		fc_net_weights(net, l, (double) fc_grid_patch(&g), (double) fc_grid_patch(&g) * channels);
	}
}
