/*
 * activation.c - bias and activation after a product, in one pass; linear layers
 *
 *   forward   y = f(y + b)				y (rows, columns), b (columns)
 *   backward  dy = dy f'(y), db = column sums of dy
 *
 * The rows of a convolution are pixels with few columns.  So that inner loops
 * are long all the same, several rows are taken as one, with the bias repeated.
 */
#include "nn/net.h"

#include <string.h>

#define WIDE		512			/* columns that an inner loop should have */
#define SLICE		(1 << 20)	/* reals between two checks */

/* How many rows are taken as one */
static int32_t
rows_at_once(int32_t columns)
{
	return columns < WIDE ? WIDE / columns : 1;
}

static int64_t
rows_in_slice(int32_t columns)
{
	return columns < SLICE ? SLICE / columns : 1;
}

static void
activate_slice(const FcLayer *l, const FcReal *bias, int64_t rows, FcReal *y)
{
	int32_t		columns = l->out.channels;
	int32_t		together = rows_at_once(columns);
	int64_t		whole = rows / together;
	FcReal		repeated[WIDE];

	if (together == 1)
	{
		l->activation->forward(bias, rows, columns, y);
		return;
	}
	for (int32_t i = 0; i < together; i++)
		memcpy(repeated + i * columns, bias, sizeof(FcReal) * columns);
	l->activation->forward(repeated, whole, together * columns, y);
	l->activation->forward(repeated, 1, (int32_t) (rows - whole * together) * columns, y + whole * together * columns);
}

static void
deactivate_slice(const FcLayer *l, int64_t rows, const FcReal *y, FcReal *dy, FcReal *dbias)
{
	int32_t		columns = l->out.channels;
	int32_t		together = rows_at_once(columns);
	int64_t		whole = rows / together;
	int64_t		first = whole * together * columns; /* of the rest */
	FcReal		sums[WIDE] = {0};

	if (together == 1)
	{
		l->activation->backward(y, rows, columns, dy, dbias);
		return;
	}
	l->activation->backward(y, whole, together * columns, dy, sums);
	l->activation->backward(y + first, 1, (int32_t) (rows - whole * together) * columns, dy + first, sums);
	for (int32_t i = 0; i < together; i++)
		for (int32_t j = 0; j < columns; j++)
			dbias[j] += sums[i * columns + j];
}

/* "rows" rows of what layer l makes: as many as its out.channels has columns */
void
fc_activate(FcBatch *b, const FcLayer *l, int64_t rows, FcReal *y)
{
	int32_t		columns = l->out.channels;
	int64_t		slice = rows_in_slice(columns);

	for (int64_t i = 0; i < rows; i += slice)
	{
		fc_check(&b->hooks);
		activate_slice(l, fc_bias_of(b, l), rows - i < slice ? rows - i : slice, y + i * columns);
	}
}

/* Adds the gradient of the bias to its present value */
void
fc_deactivate(FcBatch *b, const FcLayer *l, int64_t rows, const FcReal *y, FcReal *dy)
{
	int32_t		columns = l->out.channels;
	int64_t		slice = rows_in_slice(columns);

	for (int64_t i = 0; i < rows; i += slice)
	{
		fc_check(&b->hooks);
		deactivate_slice(l, rows - i < slice ? rows - i : slice, y + i * columns, dy + i * columns,
						 fc_bias_gradients_of(b, l));
	}
}

static void
forward(const FcReal *restrict bias, int64_t rows, int32_t columns, FcReal *restrict y)
{
	for (int64_t i = 0; i < rows; i++, y += columns)
		for (int32_t j = 0; j < columns; j++)
			y[j] += bias[j];
}

static void
backward(const FcReal *restrict y, int64_t rows, int32_t columns, FcReal *restrict dy, FcReal *restrict dbias)
{
	(void) y;
	for (int64_t i = 0; i < rows; i++, dy += columns)
		for (int32_t j = 0; j < columns; j++)
			dbias[j] += dy[j];
}

const FcActivation fc_linear = {forward, backward};
