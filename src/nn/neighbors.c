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
 *
 * FC_SEARCH_ROWS queries at a time, and of base as many rows as a window has, are
 * copied to memory that all members of a team see.  A portion is QUERIES of them
 * against the window.
 */
#include "nn/graph.h"
#include "nn/net.h"

#include <string.h>

#define QUERIES		128
#define BASE		FC_SEARCH_ROWS
#define WINDOW		((int64_t) 1 << 18) /* numbers of a window, more if rows are long */

/* For rows of at most m numbers, as many neighbours, and a base of n rows */
void
fc_search_layout(FcArena *a, FcSearch *s, int32_t m, int32_t count, int64_t n)
{
	int64_t		rows = WINDOW / m > BASE ? WINDOW / m : BASE;

	s->room = (n < rows ? n : rows) * m;
	s->turn = fc_take_shared(a, 1, sizeof(FcSearchTurn));
	s->mean = fc_take_shared(a, m, sizeof(FcReal));
	s->window = fc_take_shared(a, s->room, sizeof(FcReal));
	s->own = fc_take_shared(a, fc_times(FC_SEARCH_ROWS, m), sizeof(FcReal));
	s->distance = fc_take_shared(a, fc_times(FC_SEARCH_ROWS, count), sizeof(double));
	s->nearest = fc_take_shared(a, fc_times(FC_SEARCH_ROWS, count), sizeof(int32_t));
	s->sum = fc_take(a, m, sizeof(double));
	s->queries = fc_take(a, fc_times(QUERIES, m + 1), sizeof(FcReal));
	s->base = fc_take(a, fc_times(BASE, m + 1), sizeof(FcReal));
	s->product = fc_take(a, fc_times(QUERIES, BASE), sizeof(FcReal));
	s->square = fc_take(a, QUERIES, sizeof(FcReal));
	s->share = NULL;
}

/* Numbers of a row, of which the first m count */
static int64_t
stride_of(FcSlice x)
{
	return (int64_t) (x.column->width / sizeof(FcReal));
}

/* Rows of a slice, without what follows their first m numbers */
static void
copy_rows(FcSlice x, int64_t first, int64_t rows, int32_t m, FcReal *to)
{
	int64_t		stride = stride_of(x);
	const FcReal *from = fc_column_read(x.column, x.first + first, rows);

	for (int64_t i = 0; i < rows; i++)
		memcpy(to + i * m, from + i * stride, sizeof(FcReal) * m);
}

static void
find_mean(FcSearch *s, const FcHooks *hooks, FcSlice base, int32_t m)
{
	int64_t		stride = stride_of(base);

	memset(s->sum, 0, sizeof(double) * m);
	for (FcPortion p = fc_portions(hooks, base.n, BASE); fc_next_portion(&p);)
	{
		const FcReal *x = fc_column_read(base.column, base.first + p.first, p.rows);

		for (int64_t i = 0; i < p.rows; i++)
			for (int32_t j = 0; j < m; j++)
				s->sum[j] += x[i * stride + j];
	}
	for (int32_t j = 0; j < m; j++)
		s->mean[j] = (FcReal) (s->sum[j] / base.n);
}

/* ---- a portion ---- */

/* Queries x (rows, m) */
static void
load_queries(FcSearch *s, const FcReal *x, int64_t rows)
{
	int32_t		m = s->turn->m;

	for (int64_t i = 0; i < rows; i++, x += m)
	{
		FcReal	   *to = s->queries + i * (m + 1);
		FcReal		square = 0;

		for (int32_t j = 0; j < m; j++)
		{
			to[j] = -2 * (x[j] - s->mean[j]);
			square += (x[j] - s->mean[j]) * (x[j] - s->mean[j]);
		}
		to[m] = 1;
		s->square[i] = square;
	}
}

/* Returns the largest |b|^2 */
static FcReal
load_base(FcSearch *s, const FcReal *x, int64_t rows)
{
	int32_t		m = s->turn->m;
	FcReal		most = 0;

	for (int64_t i = 0; i < rows; i++, x += m)
	{
		FcReal	   *to = s->base + i * (m + 1);
		FcReal		square = 0;

		for (int32_t j = 0; j < m; j++)
		{
			to[j] = x[j] - s->mean[j];
			square += to[j] * to[j];
		}
		to[m] = square;
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

/* Rows of the window that are compared with queries */
typedef struct Block
{
	const FcReal *x;			/* (rows, m) */
	int64_t		first;			/* the number of the first one in base */
	int64_t		rows;
	FcReal		largest;		/* |x|^2, less the mean */
} Block;

/* Query "at", which is i of the portion, against a block */
static void
scan(FcSearch *s, const Block *b, int64_t i, int64_t at)
{
	const FcSearchTurn *t = s->turn;
	const FcReal *query = s->own + at * t->m;
	const FcReal *product = s->product + i * BASE;
	double	   *distance = s->distance + at * t->count;
	int64_t		self = t->self < 0 ? -1 : t->self + at;
	double		error = 4.0 * (t->m + 6) * FC_REAL_EPSILON * ((double) s->square[i] + b->largest);

	/* none can be nearer than rows that are equal */
	for (int64_t c = 0; c < b->rows && distance[t->count - 1] > 0; c += FC_LANES)
	{
		FcReal		limit = (FcReal) (distance[t->count - 1] - s->square[i] + error);

		if (b->rows - c >= FC_LANES && !any_below(product + c, limit))
			continue;
		for (int64_t l = c; l < b->rows && l < c + FC_LANES; l++)
			if (product[l] <= limit && b->first + l != self)
				insert(distance, s->nearest + at * t->count, t->count, squared_distance(query, b->x + l * t->m, t->m), b->first + l);
	}
}

/* Queries of a portion against the window */
void
fc_search_portion(FcSearch *s, const FcHooks *hooks, int64_t portion)
{
	const FcSearchTurn *t = s->turn;
	int64_t		first = portion * QUERIES;
	int64_t		rows = t->queries - first < QUERIES ? t->queries - first : QUERIES;

	load_queries(s, s->own + first * t->m, rows);
	for (FcPortion p = fc_portions(hooks, t->rows, BASE); fc_next_portion(&p);)
	{
		Block		b = {.x = s->window + p.first * t->m, .first = t->first + p.first, .rows = p.rows};

		b.largest = load_base(s, b.x, b.rows);
		fc_multiply(&(FcProduct) {
			.isa = fc_best_isa(), .precision = FC_REAL_PRECISION, .m = rows, .n = b.rows, .k = t->m + 1,
			.a = {s->queries, t->m + 1, 1}, .b = {s->base, 1, t->m + 1}, .c = s->product, .stride = BASE
		}, hooks);
		for (int64_t i = 0; i < rows; i++)
			scan(s, &b, i, first + i);
	}
}

/* ---- all of them ---- */

/* The queries at hand against the window, by everybody */
static void
search_window(FcSearch *s, const FcHooks *hooks)
{
	int64_t		portions = (s->turn->queries + QUERIES - 1) / QUERIES;

	if (s->share)
		s->share(s->arg, portions);
	for (int64_t portion = 0; s->share == NULL && portion < portions; portion++)
		fc_search_portion(s, hooks, portion);
}

/* The queries at hand against all of base */
static void
search_base(FcSearch *s, const FcHooks *hooks, FcSlice base)
{
	FcSearchTurn *t = s->turn;
	int64_t		most = s->room / t->m;

	if (most < base.n)
		most = most / BASE * BASE;
	for (FcPortion w = fc_portions(hooks, base.n, most); fc_next_portion(&w);)
	{
		t->first = w.first;
		t->rows = w.rows;
		for (FcPortion p = fc_portions(hooks, w.rows, BASE); fc_next_portion(&p);)
			copy_rows(base, w.first + p.first, p.rows, t->m, s->window + p.first * t->m);
		search_window(s, hooks);
	}
}

/*
 * The nearest rows of base, which are at least sought->count, to each query.  A base
 * or queries that are in a file have FC_SEARCH_ROWS at hand.
 */
void
fc_search(FcSearch *s, const FcHooks *hooks, const FcSought *sought, int32_t *nearest)
{
	FcSearchTurn *t = s->turn;
	int32_t		count = sought->count;

	*t = (FcSearchTurn) {.m = sought->m, .count = count};
	find_mean(s, hooks, sought->base, sought->m);
	for (FcPortion q = fc_portions(hooks, sought->queries.n, FC_SEARCH_ROWS); fc_next_portion(&q);)
	{
		t->queries = q.rows;
		t->self = sought->self < 0 ? -1 : sought->self + q.first;
		copy_rows(sought->queries, q.first, q.rows, t->m, s->own);
		for (int64_t i = 0; i < q.rows * count; i++)
		{
			s->distance[i] = INFINITY;
			s->nearest[i] = 0;
		}
		search_base(s, hooks, sought->base);
		memcpy(nearest + q.first * count, s->nearest, sizeof(int32_t) * q.rows * count);
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
