/*
 * dense.c - a fully connected layer
 *
 *   Y = f(X W' + b);  dX = dY W, dW = dY' X, db = column sums of dY
 *
 * X (rows, in), Y (rows, out), W (out, in), b (out); dY is meant before f.
 */
#include "nn/net.h"

static void
forward(FcBatch *b, const FcLayer *l, const FcReal *x, FcReal *y)
{
	fc_product_weights(b, l, b->packed ? b->packed + l->packed : NULL, b->rows, x, y);
	fc_activate(b, l, b->rows, y);
}

static void
backward(FcBatch *b, const FcLayer *l, const FcReal *x, const FcReal *y, FcReal *dy, FcReal *dx)
{
	(void) x;
	fc_deactivate(b, l, b->rows, y, dy);
	if (dx)
		fc_product_back(b, l, NULL, b->rows, dy, dx);
}

static void
gradient(FcBatch *b, FcRange r, const FcReal *x, const FcReal *dy, FcReal *to)
{
	fc_product_gradient(b, r, b->rows, x, dy, false, to);
}

static const FcLayerOps ops = {.forward = forward, .backward = backward, .gradient = gradient};

/* Sets the number of columns of the next layer; an image before it becomes a row */
void
fc_net_dense(FcNet *net, int32_t columns, const FcActivation *activation)
{
	double		in = (double) fc_shape_columns(net->shape);
	FcLayer    *l = fc_net_add(net, &ops, activation, (FcShape) {columns, 1, 1});

	if (l != NULL)
		fc_net_weights(net, l, in, in * columns);
}

/* Hidden layers, as many as may be */
void
fc_net_hidden(FcNet *net, const int32_t *columns, int32_t count)
{
	if (count > FC_MAX_HIDDEN)
		fc_net_fail(net, FC_TOO_LARGE);
	for (int32_t i = 0; i < count; i++)
		fc_net_dense(net, columns[i], &fc_relu);
}
