/*
 * l2norm.c - rows of unit length
 *
 *   z = u / |u|;  du = (dz - z (z . dz)) / |u|
 *
 * u, z (rows, columns).  A row that is almost zero has no direction: it
 * becomes zeros, and so does its gradient.
 */
#include "nn/loss.h"
#include "nn/net.h"

#define LEAST	1e-12

static FcReal
inverse_length(const FcReal *u, int64_t m)
{
	double		squares = 0;

	for (int64_t j = 0; j < m; j++)
		squares += (double) u[j] * u[j];
	return squares > LEAST * LEAST ? (FcReal) (1 / sqrt(squares)) : 0;
}

/* z may be u */
void
fc_l2norm(const FcReal *u, int64_t rows, int64_t m, FcReal *z)
{
	for (int64_t i = 0; i < rows; i++, u += m, z += m)
	{
		FcReal		inverse = inverse_length(u, m);

		for (int64_t j = 0; j < m; j++)
			z[j] = u[j] * inverse;
	}
}

/* du may be dz */
void
fc_l2norm_gradient(const FcReal *u, const FcReal *dz, int64_t rows, int64_t m, FcReal *du)
{
	for (int64_t i = 0; i < rows; i++, u += m, dz += m, du += m)
	{
		FcReal		inverse = inverse_length(u, m);
		FcReal		along = 0;

		for (int64_t j = 0; j < m; j++)
			along += u[j] * dz[j];
		along *= inverse * inverse;
		for (int64_t j = 0; j < m; j++)
			du[j] = (dz[j] - u[j] * along) * inverse;
	}
}

static void
forward(FcBatch *b, const FcLayer *l, const FcReal *x, FcReal *y)
{
	fc_l2norm(x, b->rows, fc_shape_columns(l->out), y);
}

/* From x, as a caller may have changed y */
static void
backward(FcBatch *b, const FcLayer *l, const FcReal *x, const FcReal *y, FcReal *dy, FcReal *dx)
{
	(void) y;
	if (dx)
		fc_l2norm_gradient(x, dy, b->rows, fc_shape_columns(l->out), dx);
}

static const FcLayerOps ops = {.forward = forward, .backward = backward};

void
fc_net_normalize(FcNet *net)
{
	(void) fc_net_add(net, &ops, NULL, net->shape);
}
