/*
 * expand.c - rows of numbers and categories as rows of features
 *
 * Rows are kept as narrow as they came: a number as it is, a category as its
 * code, in the order in which values were first seen, and NaN where it is missing.
 * As a block of features is read, codes become indicators at the places of their
 * values in sorted order.  Blocks of features have as many rows as is usual for
 * their width, so sums are added in the same order as if the indicators had been
 * given as numbers; a block may need rows of two blocks of columns.
 *
 * A model scales numbers each in its own way, but all that indicators get is one
 * factor.  So a scaled block is made at once: indicators are 0 or that factor, and
 * only numbers are computed.
 */
#include "core/expand.h"

#include <string.h>

#define FEW_VALUES		12		/* of a category: above that most comparisons would be in vain */

#define FC_VARIANTS_OF "core/expand_loops.h"
#include "core/variants.h"

static const FcSetIndicators set_indicators[FC_ISAS][2] = FC_TABLE(set_indicators);

/* Of features; few rows are no more than one block */
static int32_t
stride_of(const FcRows *from, int64_t d)
{
	int32_t		stride = fc_block_rows((int32_t) d);
	int64_t		lanes = FC_ROUND_UP(from->n, FC_LANES);

	return lanes > 0 && lanes < stride ? (int32_t) lanes : stride;
}

void
fc_expanded_rows_layout(FcArena *a, FcExpandedRows *e, const FcRows *from, const FcCategories *c)
{
	int64_t		d = fc_count_features(c);
	int32_t		stride = stride_of(from, d);

	e->block = fc_take(a, fc_times(stride, d), FC_SIZE(from->precision));
	e->weight = from->weights ? fc_take(a, stride, sizeof(double)) : NULL;
}

/* Rows of a block of columns that are next to each other in a block of features */
typedef struct Part
{
	const char *x;				/* the first of them, in the first column */
	int32_t		at;				/* where they belong in the block of features */
	int32_t		lanes;			/* how many there are, with padding ... */
	int32_t		rows;			/* ... and without */
} Part;

/* Feature j of the part, in the block of features */
static char *
feature_of(const FcExpandedRows *e, const Part *p, int64_t j)
{
	return (char *) e->block + (j * e->stride + p->at) * FC_SIZE(e->from.precision);
}

/* ---- numbers ---- */

/* "count" columns of numbers next to each other; without factor, as they are */
static void
expand_numbers(const FcExpandedRows *e, const Part *p, const char *x, int32_t count, const double *shift,
			   const double *factor, int32_t first)
{
	size_t		size = FC_SIZE(e->from.precision);

	if (factor)
	{
		e->ops->scale(x, e->from.stride, p->lanes, count, shift + first, factor + first, feature_of(e, p, first), e->stride);
		return;
	}
	for (int32_t j = 0; j < count; j++)
		memcpy(feature_of(e, p, first + j), x + (int64_t) j * e->from.stride * size, p->lanes * size);
}

/* How many columns from this one on are numbers */
static int32_t
count_numbers(const FcCategories *c, int32_t column)
{
	int32_t		end = column;

	while (end < c->columns && c->levels[end] == 0)
		end++;
	return end - column;
}

/* ---- blocks ---- */

static void
expand_part(const FcExpandedRows *e, const Part *p, const double *shift, const double *factor)
{
	const FcCategories *c = e->categories;
	const int32_t *place = e->place;
	int32_t		first = 0;

	for (int32_t column = 0; column < c->columns;)
	{
		const char *x = p->x + (int64_t) column * e->from.stride * FC_SIZE(e->from.precision);
		int32_t		levels = c->levels[column];
		int32_t		numbers = count_numbers(c, column);

		if (levels > 0)
			e->set_indicators(x, p->lanes, p->rows, place, levels, factor ? factor[first] : 1, feature_of(e, p, first), e->stride);
		else
			expand_numbers(e, p, x, numbers, shift, factor, first);
		place += levels;
		first += levels > 0 ? levels : numbers;
		column += levels > 0 ? 1 : numbers;
	}
}

/* The rows from number "row" on, as many as are in one block and have room among "lanes" */
static Part
part_from(const FcExpandedRows *e, int64_t row, int32_t at, int32_t lanes)
{
	const FcRows *from = &e->from;
	int64_t		b = row / from->stride;
	int32_t		first = (int32_t) (row - b * from->stride);
	int32_t		left = from->stride - first;
	Part		p = {.at = at, .lanes = lanes < left ? lanes : left};

	p.x = (const char *) from->block(from->source, b) + first * FC_SIZE(from->precision);
	p.rows = from->n - row < p.lanes ? (int32_t) (from->n - row) : p.lanes;
	return p;
}

/* Rows of block b of features, with padding */
static int32_t
lanes_of(const FcExpandedRows *e, int64_t b)
{
	int64_t		left = e->from.n - b * e->stride;

	return left < e->stride ? (int32_t) FC_ROUND_UP(left, FC_LANES) : e->stride;
}

static const void *
scaled_block(void *source, int64_t b, const double *shift, const double *factor)
{
	FcExpandedRows *e = source;
	int32_t		lanes = lanes_of(e, b);
	Part		p;

	for (int32_t at = 0; at < lanes; at += p.lanes)
	{
		p = part_from(e, b * e->stride + at, at, lanes - at);
		expand_part(e, &p, shift, factor);
	}
	return e->block;
}

static const void *
expanded_block(void *source, int64_t b)
{
	return scaled_block(source, b, NULL, NULL);
}

static const double *
expanded_weights(void *source, int64_t b)
{
	FcExpandedRows *e = source;
	const FcRows *from = &e->from;
	int32_t		lanes = lanes_of(e, b);

	for (int32_t at = 0; at < lanes;)
	{
		int64_t		row = b * e->stride + at;
		int32_t		first = (int32_t) (row % from->stride);
		int32_t		left = from->stride - first;
		int32_t		count = lanes - at < left ? lanes - at : left;

		memcpy(e->weight + at, from->weights(from->source, row / from->stride) + first, sizeof(double) * count);
		at += count;
	}
	return e->weight;
}

/*
 * A view of "from", whose block has been placed by fc_expanded_rows_layout(); rows of
 * any member of a team.  Only scaled by factors that are the same for all indicators
 * of a column, and shifts that are 0 there.
 */
FcRows
fc_expanded_rows(FcExpandedRows *e, const FcRows *from, const FcCategories *c, const int32_t *place, int isa)
{
	FcRows		rows = *from;

	e->from = *from;
	e->categories = c;
	e->place = place;
	e->ops = fc_block_ops(isa, from->precision);
	e->set_indicators = set_indicators[isa][from->precision];
	rows.d = (int32_t) fc_count_features(c);
	rows.stride = e->stride = stride_of(from, rows.d);
	rows.block = expanded_block;
	rows.scaled = scaled_block;
	rows.weights = from->weights ? expanded_weights : NULL;
	rows.source = e;
	return rows;
}
