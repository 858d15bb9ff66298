/*
 * neighbors.c - exact nearest neighbours, by matrix products
 *
 *   |a - b|^2 - |a|^2 = (-2 a, 1) (b, |b|^2)'
 *
 * so one product of a block of queries and a block of rows compares them all.
 * It is rounded, the more the larger the codes are.  Therefore it only sorts
 * out: what may be among the nearest, considering the largest error the product
 * can have, is measured again in double.  Of equals the first row is nearest,
 * and rows that are equal have equal distances, whatever the product says.
 *
 * base (n, m), queries (q, m), nearest (q, count).
 */
#include "nn/graph.h"
#include "nn/net.h"

#define QUERIES		128
#define BASE		1024

void
fc_search_layout(FcArena *a, FcSearch *s, int32_t m, int32_t count)
{
	s->m = m;
	s->count = count;
	s->queries = fc_take(a, fc_times(QUERIES, m + 1), sizeof(FcReal));
	s->base = fc_take(a, fc_times(BASE, m + 1), sizeof(FcReal));
	s->product = fc_take(a, fc_times(QUERIES, BASE), sizeof(FcReal));
	s->square = fc_take(a, QUERIES, sizeof(FcReal));
	s->distance = fc_take(a, fc_times(QUERIES, count), sizeof(double));
}

static FcReal
squared_length(const FcReal *x, int32_t m)
{
	FcReal		sum = 0;

	for (int32_t j = 0; j < m; j++)
		sum += x[j] * x[j];
	return sum;
}

static void
load_queries(FcSearch *s, const FcReal *x, int64_t rows, int32_t *nearest)
{
	for (int64_t i = 0; i < rows; i++, x += s->m)
	{
		FcReal	   *to = s->queries + i * (s->m + 1);

		for (int32_t j = 0; j < s->m; j++)
			to[j] = -2 * x[j];
		to[s->m] = 1;
		s->square[i] = squared_length(x, s->m);
	}
	for (int64_t i = 0; i < rows * s->count; i++)
	{
		s->distance[i] = INFINITY;
		nearest[i] = 0;
	}
}

/* Returns the largest |b|^2 */
static FcReal
load_base(FcSearch *s, const FcReal *x, int64_t rows)
{
	FcReal		most = 0;

	for (int64_t i = 0; i < rows; i++, x += s->m)
	{
		FcReal	   *to = s->base + i * (s->m + 1);

		for (int32_t j = 0; j < s->m; j++)
			to[j] = x[j];
		to[s->m] = squared_length(x, s->m);
		most = to[s->m] > most ? to[s->m] : most;
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

/* Row b, which comes after all that are there, if it is nearer than the last of them */
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

/* Query i against a block of rows; b is the number of the first, "own" that of the query */
static void
scan(FcSearch *s, int64_t i, const FcReal *query, const FcReal *base, int64_t first, int64_t rows, FcReal largest,
	 int64_t own, int32_t *nearest)
{
	const FcReal *product = s->product + i * BASE;
	double	   *distance = s->distance + i * s->count;
	double		error = 4.0 * (s->m + 4) * FC_REAL_EPSILON * ((double) s->square[i] + largest);

	for (int64_t b = 0; b < rows; b += FC_LANES)
	{
		FcReal		limit = (FcReal) (distance[s->count - 1] - s->square[i] + error);

		if (rows - b >= FC_LANES && !any_below(product + b, limit))
			continue;
		for (int64_t l = b; l < rows && l < b + FC_LANES; l++)
			if (product[l] <= limit && first + l != own)
				insert(distance, nearest, s->count, squared_distance(query, base + l * s->m, s->m), first + l);
	}
}

/*
 * The nearest of n rows to each query, which are at least s->count, not
 * counting the query itself: query i is row self + i, or none if self < 0.
 */
void
fc_search(FcSearch *s, const FcHooks *hooks, const FcReal *base, int64_t n, const FcReal *queries, int64_t nqueries,
		  int64_t self, int32_t *nearest)
{
	int32_t		m = s->m;

	for (int64_t q = 0; q < nqueries; q += QUERIES)
	{
		int64_t		rows = nqueries - q < QUERIES ? nqueries - q : QUERIES;

		load_queries(s, queries + q * m, rows, nearest + q * s->count);
		for (int64_t b = 0; b < n; b += BASE)
		{
			int64_t		others = n - b < BASE ? n - b : BASE;
			FcReal		largest = load_base(s, base + b * m, others);

			fc_multiply(&(FcProduct) {
				.isa = fc_best_isa(), .precision = FC_REAL_PRECISION, .m = rows, .n = others, .k = m + 1,
				.a = {s->queries, m + 1, 1}, .b = {s->base, 1, m + 1}, .c = s->product, .stride = BASE
			}, hooks);
			for (int64_t i = 0; i < rows; i++)
				scan(s, i, queries + (q + i) * m, base + b * m, b, others, largest,
					 self < 0 ? -1 : self + q + i, nearest + (q + i) * s->count);
		}
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
