/*
 * relu.c - rectified linear units (Nair and Hinton, 2010)
 *
 *   y = max(0, y + b);  dy = dy where y > 0, else 0
 *
 * y, dy (rows, columns); b (columns).  A NaN stays one.
 */
#include "nn/net.h"

static void
forward(const FcReal *restrict bias, int64_t rows, int32_t columns, FcReal *restrict y)
{
	for (int64_t i = 0; i < rows; i++, y += columns)
		for (int32_t j = 0; j < columns; j++)
		{
			FcReal		sum = y[j] + bias[j];

			y[j] = sum < 0 ? 0 : sum;
		}
}

static void
backward(const FcReal *restrict y, int64_t count, FcReal *restrict dy)
{
	for (int64_t i = 0; i < count; i++)
		dy[i] = y[i] > 0 ? dy[i] : 0;
}

const FcActivation fc_relu = {forward, backward};
