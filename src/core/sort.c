/*
 * sort.c - heap sort (Williams, 1964; Floyd, 1964)
 *
 * It needs no memory, takes O(n log n) for any input and can be interrupted.  It is
 * not stable: elements of which none is before the other end up in any order.
 */
#include "core/sort.h"

#define BETWEEN_CHECKS	4096	/* elements that are moved down */

/* Moves element "at" down the heap of the first n, in which the last comes first */
static void
sift(void *table, int64_t at, int64_t n, const FcOrdering *o)
{
	for (;;)
	{
		int64_t		child = 2 * at + 1;

		if (child >= n)
			return;
		if (child + 1 < n && o->before(table, child, child + 1))
			child++;
		if (!o->before(table, at, child))
			return;
		o->exchange(table, at, child);
		at = child;
	}
}

static void
check(int64_t i, const FcOrdering *o)
{
	if (o->check && i % BETWEEN_CHECKS == 0)
		o->check(o->arg);
}

void
fc_sort(void *table, int64_t n, const FcOrdering *o)
{
	for (int64_t i = n / 2; i-- > 0;)
	{
		check(i, o);
		sift(table, i, n, o);
	}
	for (int64_t i = n - 1; i > 0; i--)
	{
		check(i, o);
		o->exchange(table, 0, i);
		sift(table, 0, i, o);
	}
}

/* ---- numbers ---- */

static bool
number_before(const void *table, int64_t a, int64_t b)
{
	const double *values = table;

	return values[a] < values[b];
}

static void
exchange_numbers(void *table, int64_t a, int64_t b)
{
	double	   *values = table;
	double		value = values[a];

	values[a] = values[b];
	values[b] = value;
}

void
fc_sort_numbers(double *values, int32_t n, const FcHooks *hooks)
{
	FcOrdering	o = {.before = number_before, .exchange = exchange_numbers, .check = hooks->check, .arg = hooks->arg};

	fc_sort(values, n, &o);
}
