/*
 * activation.c - bias and activation after a product, in one pass; linear layers
 *
 *   forward   y = f(y + b)				y (rows, columns), b (columns)
 *   backward  dy = dy f'(y);  db = column sums of dy
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

/* sums (columns) += those of the columns of dy */
static void
add_rows(const FcReal *restrict dy, int64_t rows, int32_t columns, FcReal *restrict sums)
{
	for (int64_t i = 0; i < rows; i++, dy += columns)
		for (int32_t j = 0; j < columns; j++)
			sums[j] += dy[j];
}

static void
add_slice(int32_t columns, int64_t rows, const FcReal *dy, FcReal *dbias)
{
	int32_t		together = rows_at_once(columns);
	int64_t		whole = rows / together;
	FcReal		sums[WIDE] = {0};

	if (together == 1)
	{
		add_rows(dy, rows, columns, dbias);
		return;
	}
	add_rows(dy, whole, together * columns, sums);
	add_rows(dy + whole * together * columns, 1, (int32_t) (rows - whole * together) * columns, sums);
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

/* dy (rows, columns) becomes the gradient before bias and activation */
void
fc_deactivate(FcBatch *b, const FcLayer *l, int64_t rows, const FcReal *y, FcReal *dy)
{
	int64_t		all = rows * l->out.channels;

	for (int64_t i = 0; l->activation->backward && i < all; i += SLICE)
	{
		fc_check(&b->hooks);
		l->activation->backward(y + i, all - i < SLICE ? all - i : SLICE, dy + i);
	}
}

/* dbias (columns) of that, for all rows: in one order */
void
fc_bias_gradient(FcBatch *b, const FcLayer *l, int64_t rows, const FcReal *dy, FcReal *dbias)
{
	int32_t		columns = l->out.channels;
	int64_t		slice = rows_in_slice(columns);

	memset(dbias, 0, sizeof(FcReal) * columns);
	for (int64_t i = 0; i < rows; i += slice)
	{
		fc_check(&b->hooks);
		add_slice(columns, rows - i < slice ? rows - i : slice, dy + i * columns, dbias);
	}
}

static void
forward(const FcReal *restrict bias, int64_t rows, int32_t columns, FcReal *restrict y)
{
	for (int64_t i = 0; i < rows; i++, y += columns)
		for (int32_t j = 0; j < columns; j++)
			y[j] += bias[j];
}

const FcActivation fc_linear = {.forward = forward};
