/*
 * dropout.c - some of the columns, at random, while a net is trained
 *
 *   y = x s, dx = dy s;  s = 0 with probability "rate", else 1 / (1 - rate)
 *
 * (Srivastava et al., 2014, in the form that needs no scaling afterwards).
 * x, y, s (rows, columns).
 */
#include "nn/net.h"

static size_t
state(const FcLayer *l)
{
	return fc_shape_columns(l->out);
}

static void
forward(FcBatch *b, const FcLayer *l, const FcReal *x, FcReal *y)
{
	FcReal	   *scale = b->state[l - b->net->layer];
	FcReal		kept = (FcReal) (1 / (1 - l->rate));
	int64_t		columns = fc_shape_columns(l->out);

	for (int32_t i = 0; i < b->rows; i++, x += columns, y += columns, scale += columns)
	{
		FcRng		rng = fc_row_rng(b, l, i);

		fc_check(&b->hooks);
		for (int64_t j = 0; j < columns; j++)
		{
			scale[j] = fc_rng_uniform(&rng) < l->rate ? 0 : kept;
			y[j] = x[j] * scale[j];
		}
	}
}

static void
backward(FcBatch *b, const FcLayer *l, const FcReal *x, const FcReal *y, FcReal *dy, FcReal *dx)
{
	const FcReal *scale = b->state[l - b->net->layer];
	int64_t		count = b->rows * fc_shape_columns(l->out);

	(void) x;
	(void) y;
	fc_check(&b->hooks);
	if (dx)
		for (int64_t i = 0; i < count; i++)
			dx[i] = dy[i] * scale[i];
}

static const FcLayerOps ops = {.training_only = true, .forward = forward, .backward = backward, .state = state};

void
fc_net_dropout(FcNet *net, double rate)
{
	FcLayer    *l = fc_net_add(net, &ops, NULL, net->shape);

	if (l != NULL)
	{
		l->rate = rate;
		l->draws = net->draws;
		net->draws += fc_shape_columns(l->out);
	}
	if (!(rate >= 0 && rate < 1))
		fc_net_fail(net, FC_BAD_SHAPE);
}
