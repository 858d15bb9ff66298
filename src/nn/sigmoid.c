/*
 * sigmoid.c - logistic units
 *
 *   y = 1 / (1 + exp(-(y + b)));  dy = dy y (1 - y)
 *
 * y, dy (rows, columns); b (columns).  exp may overflow to infinity: then y is 0.
 */
#include "nn/net.h"

static void
forward(const FcReal *restrict bias, int64_t rows, int32_t columns, FcReal *restrict y)
{
	for (int64_t i = 0; i < rows; i++, y += columns)
		for (int32_t j = 0; j < columns; j++)
			y[j] = 1 / (1 + fc_real_exp(-y[j] - bias[j]));
}

static void
backward(const FcReal *restrict y, int64_t count, FcReal *restrict dy)
{
	for (int64_t i = 0; i < count; i++)
		dy[i] = dy[i] * y[i] * (1 - y[i]);
}

const FcActivation fc_sigmoid = {forward, backward};
