/*
 * channels.c - images channel by channel, and pixel by pixel
 *
 *   interleave: y[pixel, channel] = x[channel, pixel];  separate: back again
 *
 * Rows outside a net are (channels, height, width), within it (height, width,
 * channels).  With one channel both are the same, and the layer is left out.
 */
#include "nn/net.h"

/* out (columns, rows) = in' for each row of the batch; in (rows, columns) */
static void
transpose(FcBatch *b, int64_t rows, int64_t columns, const FcReal *in, FcReal *out)
{
	for (int32_t i = 0; i < b->rows; i++, in += rows * columns, out += rows * columns)
	{
		fc_check(&b->hooks);
		for (int64_t r = 0; r < rows; r++)
			for (int64_t c = 0; c < columns; c++)
				out[c * rows + r] = in[r * columns + c];
	}
}

static void
interleave(FcBatch *b, const FcLayer *l, const FcReal *x, FcReal *y)
{
	transpose(b, l->in.channels, fc_shape_pixels(l->in), x, y);
}

static void
interleave_gradient(FcBatch *b, const FcLayer *l, const FcReal *x, const FcReal *y, FcReal *dy, FcReal *dx)
{
	(void) x;
	(void) y;
	if (dx)
		transpose(b, fc_shape_pixels(l->in), l->in.channels, dy, dx);
}

static void
separate(FcBatch *b, const FcLayer *l, const FcReal *x, FcReal *y)
{
	transpose(b, fc_shape_pixels(l->in), l->in.channels, x, y);
}

static void
separate_gradient(FcBatch *b, const FcLayer *l, const FcReal *x, const FcReal *y, FcReal *dy, FcReal *dx)
{
	(void) x;
	(void) y;
	if (dx)
		transpose(b, l->in.channels, fc_shape_pixels(l->in), dy, dx);
}

static const FcLayerOps interleave_ops = {.forward = interleave, .backward = interleave_gradient};
static const FcLayerOps separate_ops = {.forward = separate, .backward = separate_gradient};

void
fc_net_interleave(FcNet *net)
{
	if (net->shape.channels > 1)
		(void) fc_net_add(net, &interleave_ops, NULL, net->shape);
}

void
fc_net_separate(FcNet *net)
{
	if (net->shape.channels > 1)
		(void) fc_net_add(net, &separate_ops, NULL, net->shape);
}
