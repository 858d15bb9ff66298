/*
 * neighbors.c - exact nearest neighbours, by matrix products
 *
 *   |a - b|^2 - |a|^2 = (-2 a, 1) (b, |b|^2)'
 *
 * so one product of a block of queries and a block of rows compares them all,
 * less the mean of the rows.  The product has rounding errors, which grow with
 * the distance of the codes from that mean.  Therefore it is only a filter:
 * candidates for the nearest, allowing for the largest error the product can
 * have, are measured again in double.  Of equally near rows the first one is
 * taken, and equal rows have equal distances, independent of the product.
 *
 * base (n, m), queries (q, m), whose rows may be longer; nearest (q, count).
 */
#include "nn/graph.h"
#include "nn/net.h"

#include <string.h>

#define QUERIES		128
#define BASE		FC_SEARCH_ROWS

void
fc_search_layout(FcArena *a, FcSearch *s, int32_t m, int32_t count)
{
	s->m = m;
	s->count = count;
	s->sum = fc_take(a, m, sizeof(double));
	s->mean = fc_take(a, m, sizeof(FcReal));
	s->own = fc_take(a, fc_times(QUERIES, m), sizeof(FcReal));
	s->queries = fc_take(a, fc_times(QUERIES, m + 1), sizeof(FcReal));
	s->base = fc_take(a, fc_times(BASE, m + 1), sizeof(FcReal));
	s->product = fc_take(a, fc_times(QUERIES, BASE), sizeof(FcReal));
	s->square = fc_take(a, QUERIES, sizeof(FcReal));
	s->distance = fc_take(a, fc_times(QUERIES, count), sizeof(double));
}

/* Numbers of a row, of which the first m count */
static int64_t
stride_of(FcSlice x)
{
	return (int64_t) (x.column->width / sizeof(FcReal));
}

static void
load_queries(FcSearch *s, const FcReal *x, int64_t stride, int64_t rows, int32_t *nearest)
{
	for (int64_t i = 0; i < rows; i++, x += stride)
	{
		FcReal	   *to = s->queries + i * (s->m + 1);
		FcReal		square = 0;

		memcpy(s->own + i * s->m, x, sizeof(FcReal) * s->m);
		for (int32_t j = 0; j < s->m; j++)
		{
			to[j] = -2 * (x[j] - s->mean[j]);
			square += (x[j] - s->mean[j]) * (x[j] - s->mean[j]);
		}
		to[s->m] = 1;
		s->square[i] = square;
	}
	for (int64_t i = 0; i < rows * s->count; i++)
	{
		s->distance[i] = INFINITY;
		nearest[i] = 0;
	}
}

static void
find_mean(FcSearch *s, const FcHooks *hooks, FcSlice base)
{
	int64_t		stride = stride_of(base);

	memset(s->sum, 0, sizeof(double) * s->m);
	for (int64_t b = 0; b < base.n; b += BASE)
	{
		int64_t		rows = base.n - b < BASE ? base.n - b : BASE;
		const FcReal *x = fc_column_read(base.column, base.first + b, rows);

		fc_check(hooks);
		for (int64_t i = 0; i < rows; i++)
			for (int32_t j = 0; j < s->m; j++)
				s->sum[j] += x[i * stride + j];
	}
	for (int32_t j = 0; j < s->m; j++)
		s->mean[j] = (FcReal) (s->sum[j] / base.n);
}

/* Returns the largest |b|^2 */
static FcReal
load_base(FcSearch *s, const FcReal *x, int64_t stride, int64_t rows)
{
	FcReal		most = 0;

	for (int64_t i = 0; i < rows; i++, x += stride)
	{
		FcReal	   *to = s->base + i * (s->m + 1);
		FcReal		square = 0;

		for (int32_t j = 0; j < s->m; j++)
		{
			to[j] = x[j] - s->mean[j];
			square += to[j] * to[j];
		}
		to[s->m] = square;
		most = square > most ? square : most;
	}
	return most;
}

static double
squared_distance(const FcReal *a, const FcReal *b, int32_t m)
{
	double		sum = 0;

	for (int32_t j = 0; j < m; j++)
	{
		double		difference = (double) a[j] - b[j];

		sum += difference * difference;
	}
	return sum;
}

/* Inserts row b, which follows all those present, if it is nearer than the last of them */
static void
insert(double *distance, int32_t *nearest, int32_t count, double at, int64_t b)
{
	int32_t		place = count - 1;

	if (!(at < distance[place]))
		return;
	for (; place > 0 && at < distance[place - 1]; place--)
	{
		distance[place] = distance[place - 1];
		nearest[place] = nearest[place - 1];
	}
	distance[place] = at;
	nearest[place] = (int32_t) b;
}

/* Is one of FC_LANES numbers not above the limit? */
static inline bool
any_below(const FcReal *x, FcReal limit)
{
	int			found = 0;

	for (int l = 0; l < FC_LANES; l++)
		found |= x[l] <= limit;
	return found;
}

/* Query i against a block of rows; "first" is the number of the first, "self" that of the query */
static void
scan(FcSearch *s, int64_t i, const FcReal *base, int64_t stride, int64_t first, int64_t rows, FcReal largest,
	 int64_t self, int32_t *nearest)
{
	const FcReal *query = s->own + i * s->m;
	const FcReal *product = s->product + i * BASE;
	double	   *distance = s->distance + i * s->count;
	double		error = 4.0 * (s->m + 6) * FC_REAL_EPSILON * ((double) s->square[i] + largest);

	/* none can be nearer than rows that are equal */
	for (int64_t b = 0; b < rows && distance[s->count - 1] > 0; b += FC_LANES)
	{
		FcReal		limit = (FcReal) (distance[s->count - 1] - s->square[i] + error);

		if (rows - b >= FC_LANES && !any_below(product + b, limit))
			continue;
		for (int64_t l = b; l < rows && l < b + FC_LANES; l++)
			if (product[l] <= limit && first + l != self)
				insert(distance, nearest, s->count, squared_distance(query, base + l * stride, s->m), first + l);
	}
}

/* The queries at hand against all of base */
static void
search_block(FcSearch *s, const FcHooks *hooks, FcSlice base, int64_t rows, int64_t self, int32_t *nearest)
{
	int32_t		m = s->m;
	int64_t		stride = stride_of(base);

	for (int64_t b = 0; b < base.n; b += BASE)
	{
		int64_t		others = base.n - b < BASE ? base.n - b : BASE;
		const FcReal *x = fc_column_read(base.column, base.first + b, others);
		FcReal		largest = load_base(s, x, stride, others);

		fc_check(hooks);
		fc_multiply(&(FcProduct) {
			.isa = fc_best_isa(), .precision = FC_REAL_PRECISION, .m = rows, .n = others, .k = m + 1,
			.a = {s->queries, m + 1, 1}, .b = {s->base, 1, m + 1}, .c = s->product, .stride = BASE
		}, hooks);
		for (int64_t i = 0; i < rows; i++)
			scan(s, i, x, stride, b, others, largest, self < 0 ? -1 : self + i, nearest + i * s->count);
	}
}

/*
 * The nearest rows of base, which are at least s->count, to each query, not counting
 * the query itself: query i is row self + i of base, or none if self < 0.  A base that
 * is in a file has FC_SEARCH_ROWS at hand, queries as many as that or all.
 */
void
fc_search(FcSearch *s, const FcHooks *hooks, FcSlice base, FcSlice queries, int64_t self, int32_t *nearest)
{
	find_mean(s, hooks, base);
	for (int64_t q = 0; q < queries.n; q += QUERIES)
	{
		int64_t		rows = queries.n - q < QUERIES ? queries.n - q : QUERIES;

		load_queries(s, fc_column_read(queries.column, queries.first + q, rows), stride_of(queries), rows,
					 nearest + q * s->count);
		search_block(s, hooks, base, rows, self < 0 ? -1 : self + q, nearest + q * s->count);
	}
}

/*
 * The nearest of n rows to one query, without products: rows are the first m of
 * "stride" numbers each; distance (count), sorted, are squared distances
 */
void
fc_search_one(const FcHooks *hooks, const FcReal *base, int64_t n, int32_t stride, const FcReal *query, int32_t m,
			  int32_t count, double *distance, int32_t *nearest)
{
	for (int32_t l = 0; l < count; l++)
	{
		distance[l] = INFINITY;
		nearest[l] = 0;
	}
	for (int64_t b = 0; b < n; b++)
	{
		if (b % BASE == 0)
			fc_check(hooks);
		insert(distance, nearest, count, squared_distance(query, base + b * stride, m), b);
	}
}
