/*
 * relu.c - rectified linear units (Nair and Hinton, 2010)
 *
 *   y = max(0, y + b);  dy = dy where y > 0, else 0
 *
 * y, dy (rows, columns); b, db (columns).  A NaN stays one.
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
backward(const FcReal *restrict y, int64_t rows, int32_t columns, FcReal *restrict dy, FcReal *restrict dbias)
{
	for (int64_t i = 0; i < rows; i++, y += columns, dy += columns)
		for (int32_t j = 0; j < columns; j++)
		{
			FcReal		kept = y[j] > 0 ? dy[j] : 0;

			dy[j] = kept;
			dbias[j] += kept;
		}
}

const FcActivation fc_relu = {forward, backward};
