/*
 * dense.c - a fully connected layer
 *
 *   Y = f(X W' + b);  dX = dY W, dW = dY' X, db = column sums of dY
 *
 * X (rows, in), Y (rows, out), W (out, in), b (out); dY is meant before f.
 */
#include "nn/net.h"

#include <string.h>

static void
forward(FcBatch *b, const FcLayer *l, const FcReal *x, FcReal *y)
{
	fc_product_nt(&b->hooks, b->rows, l->out.channels, (int32_t) fc_shape_columns(l->in), x, fc_weights_of(b, l), y);
	fc_activate(b, l, b->rows, y);
}

static void
backward(FcBatch *b, const FcLayer *l, const FcReal *x, const FcReal *y, FcReal *dy, FcReal *dx)
{
	int32_t		in = (int32_t) fc_shape_columns(l->in);
	int32_t		out = l->out.channels;

	memset(fc_bias_gradients_of(b, l), 0, sizeof(FcReal) * out);
	fc_deactivate(b, l, b->rows, y, dy);
	fc_product_tn(&b->hooks, out, in, b->rows, dy, x, false, fc_weight_gradients_of(b, l));
	if (dx)
		fc_product_nn(&b->hooks, b->rows, in, out, dy, fc_weights_of(b, l), dx);
}

static const FcLayerOps ops = {.forward = forward, .backward = backward};

/* The next layer has so many columns; an image before it becomes a row */
void
fc_net_dense(FcNet *net, int32_t columns, const FcActivation *activation)
{
	double		in = (double) fc_shape_columns(net->shape);
	FcLayer    *l = fc_net_add(net, &ops, activation, (FcShape) {columns, 1, 1});

	if (l != NULL)
		fc_net_weights(net, l, in, in * columns);
}
