/*
 * accumulator.c - the sums of a pass over rows
 */
#include "core/pass.h"

#include <string.h>

/* Of doubles, which all members see or one has to itself */
double *
fc_take_either(FcArena *a, bool shared, uint64_t count)
{
	return shared ? fc_take_shared(a, count, sizeof(double)) : fc_take(a, count, sizeof(double));
}

void
fc_accumulator_layout(FcArena *a, FcAccumulator *acc, int32_t clusters, int32_t d, bool squares, bool shared)
{
	size_t		k = clusters;
	size_t		length;
	double	   *base;

	acc->k = clusters;
	acc->whole = acc->observed = NULL;
	acc->sums = fc_plus(d, squares ? fc_times(d, d) : 0);
	length = fc_plus(2 + 4 * k, fc_times(k, acc->sums));
	base = fc_take_either(a, shared, length);
	if (base == NULL)
		return;
	acc->objective = base;
	acc->largest = base + 1;
	acc->weight = base + 2;
	acc->mass = acc->weight + k;
	acc->radius = acc->mass + k;
	acc->count = acc->radius + k;
	acc->sum = acc->count + k;
	acc->squares = squares ? acc->sum + k * d : NULL;
}

/* After that, where rows have gaps */
void
fc_accumulator_layout_gaps(FcArena *a, FcAccumulator *acc, bool shared)
{
	acc->whole = fc_take_either(a, shared, acc->k);
	acc->observed = fc_take_either(a, shared, fc_times(acc->k, acc->sums));
}

/* What stands before the sums of clusters */
static size_t
head_of(const FcAccumulator *acc)
{
	return acc->sum - acc->objective;
}

void
fc_accumulator_clear(FcAccumulator *acc)
{
	memset(acc->objective, 0, (head_of(acc) + acc->k * acc->sums) * sizeof(double));
	if (acc->observed)
	{
		memset(acc->whole, 0, acc->k * sizeof(double));
		memset(acc->observed, 0, acc->k * acc->sums * sizeof(double));
	}
}

static void
add(double *to, const double *from, size_t count)
{
	for (size_t i = 0; i < count; i++)
		to[i] += from[i];
}

/* Adds the sums of one portion */
void
fc_accumulator_merge(FcAccumulator *to, const FcAccumulator *from)
{
	size_t		d = to->squares ? (size_t) (to->squares - to->sum) / to->k : to->sums;
	size_t		stride = from->squares ? d : from->sums;

	add(to->objective, from->objective, head_of(to));
	if (to->observed)
		add(to->whole, from->whole, to->k);
	for (int32_t c = 0; c < to->k; c++)
		if (from->weight[c] != 0)
		{
			add(to->sum + c * d, from->sum + c * stride, d);
			if (to->observed)
				add(to->observed + c * d, from->observed + c * stride, d);
			if (to->squares)
				add(to->squares + c * d * d, from->squares + c * d * d, d * d);
		}
}
