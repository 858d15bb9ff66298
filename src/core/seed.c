/*
 * seed.c - a sample of the rows, and the first centers
 *
 * k-means++ (Arthur and Vassilvitskii, 2007): the first center is a row, and each
 * next one is drawn with a probability proportional to D^2, the squared distance
 * to the nearest center so far.  It is greedy: of several rows that were drawn,
 * the one is taken that lowers the sum of D^2 most.
 *
 * Candidates are drawn many at a time into a pool, where their distances to all
 * rows of the sample are kept: so the sample is read once for all of them, and a
 * center costs no more distances.  While centers are chosen, a candidate stays
 * with the probability D^2(now) / D^2(when it was drawn), so that those left are
 * distributed as if they were drawn now (rejection sampling: Cohen-Addad et al.,
 * 2020).  What a candidate gains never rises, and is found again only where the old
 * value, a bound, is the largest (lazy evaluation: Minoux, 1978).  When an eighth
 * of the pool has been chosen, the better half stays and the others are replaced: so
 * there are about four new candidates, hence four distances of each row of the
 * sample, for a center.  It is a quarter, hence two, where four would be more than
 * two iterations over all rows.
 *
 * It works on a sample that stays in memory: all rows when they are few, else
 * one row from each of as many equal stretches of the input as the sample has
 * rows.  Its size depends on n, d and k only, never on the memory allowed.
 */
#include "core/seed.h"

#include "core/scale.h"

#include <math.h>
#include <string.h>

#define SAMPLE_VALUES	1048576 /* features in a sample, more if k requires it */
#define SAMPLE_ROWS		65536	/* the same of rows */
#define ROWS_A_CLUSTER	20
#define BUNDLE			64		/* rows that are copied together */
#define COLUMNS			1024	/* of a bundle between two checks */
#define POOL_VALUES		1048576 /* distances that are kept of candidates, more if d is large */
#define SMALLEST_POOL	4
#define CHOSEN_SHARE	4		/* one of as many candidates is chosen before the pool is filled again ... */
#define CHOSEN_IF_CHEAP	8		/* ... for two iterations, or if n k d is small: */
#define CHEAP_PRODUCTS	(1 << 25)
#define KEPT_SHARE		2		/* one of as many candidates stays then */

#define FC_VARIANTS_OF "core/seed_loops.h"
#include "core/variants.h"

/* Over a tile: D^2 (lanes), distances to a center (lanes), weights (rows) or NULL */
typedef double (*Gain) (const void *least, const void *at, const double *weight, int32_t lanes, int32_t rows);
typedef double (*Cover) (void *least, const void *at, const double *weight, int32_t lanes, int32_t rows);

static const Gain gains[FC_ISAS][2] = FC_TABLE(gain);
static const Cover covers[FC_ISAS][2] = FC_TABLE(cover);

int64_t
fc_sample_size(const FcRows *rows, int32_t k)
{
	int64_t		size = SAMPLE_VALUES / rows->d;

	if (size > SAMPLE_ROWS)
		size = SAMPLE_ROWS;
	if (size < (int64_t) ROWS_A_CLUSTER * k)
		size = (int64_t) ROWS_A_CLUSTER * k;
	if (size < FC_TILE)
		size = FC_TILE;
	return size < rows->n ? size : rows->n;
}

/* Memory for a sample of n rows */
void
fc_sample_place(FcArena *a, FcSample *s, const FcRows *rows, int64_t n)
{
	s->n = n;
	s->stride = FC_ROUND_UP(s->n, FC_LANES);
	s->x = fc_take_shared(a, fc_times(s->stride, rows->d), FC_SIZE(rows->precision));
	s->mean = fc_take_shared(a, rows->d, sizeof(double));
	s->few = fc_take(a, FC_FEW_ROWS, sizeof(double));
}

void
fc_sample_layout(FcArena *a, FcSample *s, const FcRows *rows, int32_t k)
{
	fc_sample_place(a, s, rows, fc_sample_size(rows, k));
}

/* How many rows, evenly spread over the sample, have a place in s->few ... */
int32_t
fc_sample_few(const FcSample *s)
{
	return s->n < FC_FEW_ROWS ? (int32_t) s->n : FC_FEW_ROWS;
}

/* ... and column j of the row at place i */
double
fc_sample_one_of_few(const FcSample *s, FcPrecision precision, int32_t j, int32_t i)
{
	return fc_get(s->x, precision, j * s->stride + i * s->n / fc_sample_few(s));
}

/* Mean and sum of squared differences to it of column j, in two passes */
static double
describe_column(FcSample *s, FcPrecision precision, int32_t j)
{
	double		sum = 0;
	double		squares = 0;

	for (int64_t i = 0; i < s->n; i++)
		sum += fc_get(s->x, precision, j * s->stride + i);
	s->mean[j] = sum / s->n;
	for (int64_t i = 0; i < s->n; i++)
	{
		double		difference = fc_get(s->x, precision, j * s->stride + i) - s->mean[j];

		squares += difference * difference;
	}
	return squares;
}

/* Mean, spread and the usual length of a row */
void
fc_sample_describe(FcSample *s, int32_t d, FcPrecision precision, const FcHooks *hooks)
{
	int32_t		few = fc_sample_few(s);
	double		squares = 0;

	memset(s->few, 0, sizeof(double) * few);
	for (int32_t j = 0; j < d; j++)
	{
		fc_check(hooks);
		squares += describe_column(s, precision, j);
		for (int32_t i = 0; i < few; i++)
		{
			double		x = fc_sample_one_of_few(s, precision, j, i);

			s->few[i] += x * x;
		}
	}
	s->spread = sqrt(squares / s->n);
	s->usual = sqrt(fc_select_rank(s->few, few, few / 2));
}

/* Row number i of the sample among all rows: one of the i-th stretch of the input */
static int64_t
sampled_row(const FcSample *s, const FcRows *rows, int64_t i, FcRng *rng)
{
	int64_t		first = (int64_t) ((double) i * rows->n / s->n);
	int64_t		next = (int64_t) ((double) (i + 1) * rows->n / s->n);

	return s->n == rows->n ? i : first + fc_rng_below(rng, next - first);
}

/* Copies "count" rows of a block, at from[], behind the first "filled" of the sample */
static void
copy_bundle(FcSample *s, const FcRows *rows, const char *x, const int32_t *from, int32_t count, int64_t filled,
			const FcHooks *hooks)
{
	size_t		size = FC_SIZE(rows->precision);

	for (int32_t j = 0; j < rows->d; j++)
	{
		char	   *to = (char *) s->x + (j * s->stride + filled) * size;
		const char *column = x + (int64_t) j * rows->stride * size;

		if (j % COLUMNS == 0)
			fc_check(hooks);
		for (int32_t i = 0; i < count; i++)
			memcpy(to + i * size, column + from[i] * size, size);
	}
}

static void
clear_padding(FcSample *s, const FcRows *rows)
{
	size_t		size = FC_SIZE(rows->precision);

	for (int32_t j = 0; j < rows->d; j++)
		memset((char *) s->x + (j * s->stride + s->n) * size, 0, (s->stride - s->n) * size);
}

/*
 * Rows are copied in bundles, column by column: copied one by one, each value
 * of a wide row would be on a different page.
 */
void
fc_sample_fill(FcSample *s, const FcRows *rows, uint64_t seed, const FcHooks *hooks)
{
	int64_t		filled = 0;
	FcRng		rng;
	int64_t		row;

	fc_rng_start(&rng, seed, UINT64_MAX);
	row = sampled_row(s, rows, 0, &rng);
	while (filled < s->n)
	{
		int64_t		b = row / rows->stride;
		const char *x = rows->block(rows->source, b);
		int32_t		from[BUNDLE];
		int32_t		count = 0;

		do
		{
			from[count++] = (int32_t) (row - b * rows->stride);
			if (filled + count < s->n)
				row = sampled_row(s, rows, filled + count, &rng);
		} while (count < BUNDLE && filled + count < s->n && row / rows->stride == b);
		copy_bundle(s, rows, x, from, count, filled, hooks);
		filled += count;
	}
	clear_padding(s, rows);
	fc_sample_describe(s, rows->d, rows->precision, hooks);
}

/* Candidates at once: their distances to the sample take a quarter of its memory, or a few megabytes */
static int32_t
pool_size(int64_t n, int32_t d)
{
	int64_t		size = POOL_VALUES / n > d / 4 ? POOL_VALUES / n : d / 4;

	return size < SMALLEST_POOL ? SMALLEST_POOL : size > FC_MAX_CANDIDATES ? FC_MAX_CANDIDATES : (int32_t) size;
}

void
fc_seeder_layout(FcArena *a, FcSeeder *s, const FcFit *f)
{
	size_t		size = FC_SIZE(f->rows.precision);
	size_t		k = f->model->k;
	size_t		d = f->rows.d;
	int64_t		n = FC_ROUND_UP(fc_sample_size(&f->rows, f->model->k), FC_LANES);

	s->most = pool_size(n, f->rows.d);
	s->least = fc_take(a, n, size);
	s->total = fc_take(a, n / FC_LANES, sizeof(double));
	s->at = fc_take(a, fc_times(s->most, n), size);
	s->row = fc_take(a, fc_times(s->most, d), size);
	s->near = fc_take(a, fc_times(k, FC_LANES), size);
	s->distance = fc_take(a, k, sizeof(double));
	s->chosen = fc_take(a, fc_times(k, d), size);
}

/* ---- tiles of the sample ---- */

/* Rows between two checks, at most FC_TILE */
static int64_t
tile_rows(const FcFit *f)
{
	int64_t		rows = FC_PRODUCTS / FC_MAX_CANDIDATES / f->rows.d / FC_LANES * FC_LANES;

	return rows < FC_LANES ? FC_LANES : rows < FC_TILE ? rows : FC_TILE;
}

typedef struct Tile
{
	int64_t		first;			/* row of the sample */
	int32_t		rows;
	int32_t		lanes;
	const double *weight;		/* (rows), or NULL */
} Tile;

static int64_t
count_tiles(const FcFit *f)
{
	return (f->sample.n + tile_rows(f) - 1) / tile_rows(f);
}

static Tile
get_tile(const FcFit *f, int64_t t)
{
	Tile		tile = {.first = t * tile_rows(f)};
	int64_t		left = f->sample.n - tile.first;

	tile.rows = (int32_t) (left < tile_rows(f) ? left : tile_rows(f));
	tile.lanes = FC_ROUND_UP(tile.rows, FC_LANES);
	tile.weight = f->sample.weight ? f->sample.weight + tile.first : NULL;
	return tile;
}

/* Distances of a tile to candidate number l, (lanes) */
static void *
distances_to(const FcFit *f, const FcSeeder *s, int32_t l, Tile tile)
{
	return (char *) s->at + (l * f->sample.stride + tile.first) * FC_SIZE(f->rows.precision);
}

static void *
least_in(const FcFit *f, const FcSeeder *s, Tile tile)
{
	return (char *) s->least + tile.first * FC_SIZE(f->rows.precision);
}

/* D^2 of row i of the sample */
static double
least_of(const FcFit *f, const FcSeeder *s, int64_t i)
{
	return fc_get(s->least, f->rows.precision, i);
}

static void
copy_row(const FcFit *f, int64_t i, void *to, int64_t at)
{
	size_t		size = FC_SIZE(f->rows.precision);

	for (int32_t j = 0; j < f->rows.d; j++)
		memcpy((char *) to + (at * f->rows.d + j) * size,
			   (const char *) f->sample.x + (j * f->sample.stride + i) * size, size);
}

/* Distances of a tile to "count" rows, those of candidates from number l on */
static void
find_distances(const FcFit *f, FcSeeder *s, Tile tile, const void *rows, int32_t l, int32_t count)
{
	size_t		size = FC_SIZE(f->rows.precision);

	fc_check(&f->hooks);
	fc_block_ops(f->isa, f->rows.precision)->distance
		((const char *) f->sample.x + tile.first * size, f->sample.stride, tile.lanes, f->rows.d,
		 rows, count, distances_to(f, s, l, tile), (int32_t) f->sample.stride);
}

/* ---- drawing ---- */

/* The chance of row i to be drawn: its weight, times D^2 or D > 0 */
static double
chance(const FcFit *f, const FcSeeder *s, int64_t i)
{
	double		least = least_of(f, s, i);

	return (f->sample.weight ? f->sample.weight[i] : 1) * (s->squared ? least : least > 0);
}

/* From now on rows are drawn by D^2, or all are equally likely where D > 0 */
static void
set_chances(const FcFit *f, FcSeeder *s, bool squared)
{
	s->squared = squared;
	for (int64_t t = 0; t < count_tiles(f); t++)
	{
		Tile		tile = get_tile(f, t);

		s->total[t] = 0;
		for (int64_t i = 0; i < tile.rows; i++)
			s->total[t] += chance(f, s, tile.first + i);
	}
}

static double
all_chances(const FcFit *f, const FcSeeder *s)
{
	double		sum = 0;

	for (int64_t t = 0; t < count_tiles(f); t++)
		sum += s->total[t];
	return sum;
}

/* A row; chances are not all 0.  Should rounding overshoot, it is the last one that has a chance. */
static int64_t
draw(const FcFit *f, const FcSeeder *s, FcRng *rng)
{
	double		aim = fc_rng_uniform(rng) * all_chances(f, s);
	int64_t		last = 0;
	int64_t		row = 0;
	Tile		tile;

	for (int64_t t = 0; t < count_tiles(f); t++)
	{
		if (s->total[t] == 0)
			continue;
		last = t;
		if (aim < s->total[t])
			break;
		aim -= s->total[t];
	}
	tile = get_tile(f, last);
	for (int64_t i = tile.first; i < tile.first + tile.rows; i++)
	{
		double		share = chance(f, s, i);

		if (share == 0)
			continue;
		row = i;
		if (aim < share)
			break;
		aim -= share;
	}
	return row;
}

/* ---- the pool of candidates ---- */

/* By how much center l would lower the sum of D^2 now */
static double
find_gain(const FcFit *f, const FcSeeder *s, int32_t l)
{
	double		sum = 0;

	for (int64_t t = 0; t < count_tiles(f); t++)
	{
		Tile		tile = get_tile(f, t);

		sum += gains[f->isa][f->rows.precision](least_in(f, s, tile), distances_to(f, s, l, tile),
												 tile.weight, tile.lanes, tile.rows);
	}
	return sum;
}

/* Draws candidates until there are "count", and finds their distances to the sample and what they gain */
static void
fill_pool(const FcFit *f, FcSeeder *s, FcRng *rng, int32_t count)
{
	int32_t		first = s->count;

	for (; s->count < count; s->count++)
	{
		FcCandidate *c = &s->pool[s->count];

		*c = (FcCandidate) {.row = draw(f, s, rng), .fresh = true};
		c->threshold = s->squared ? fc_rng_uniform(rng) * least_of(f, s, c->row) : 0;
		copy_row(f, c->row, s->row, s->count);
	}
	for (int64_t t = 0; t < count_tiles(f); t++)
	{
		Tile		tile = get_tile(f, t);

		find_distances(f, s, tile, (char *) s->row + first * f->rows.d * FC_SIZE(f->rows.precision), first, count - first);
		for (int32_t l = first; l < count; l++)
			s->pool[l].gain += gains[f->isa][f->rows.precision]
				(least_in(f, s, tile), distances_to(f, s, l, tile), tile.weight, tile.lanes, tile.rows);
	}
}

/* The last candidate takes the place of number l */
static void
remove_candidate(const FcFit *f, FcSeeder *s, int32_t l)
{
	size_t		size = f->sample.stride * FC_SIZE(f->rows.precision);

	if (l != --s->count)
	{
		s->pool[l] = s->pool[s->count];
		memcpy((char *) s->at + l * size, (char *) s->at + s->count * size, size);
	}
}

/* Would the candidate be drawn still?  Its chance has fallen with D^2, and it survives in the same proportion. */
static bool
is_alive(const FcFit *f, const FcSeeder *s, const FcCandidate *c)
{
	double		least = least_of(f, s, c->row);

	return least > 0 && least >= c->threshold;
}

/* Of those that are alive, the "most" that gain most stay */
static void
thin_pool(const FcFit *f, FcSeeder *s, int32_t most)
{
	for (int32_t l = s->count - 1; l >= 0; l--)
		if (!is_alive(f, s, &s->pool[l]))
			remove_candidate(f, s, l);
		else if (!s->pool[l].fresh)
		{
			fc_check(&f->hooks);
			s->pool[l].gain = find_gain(f, s, l);
			s->pool[l].fresh = true;
		}
	while (s->count > most)
	{
		int32_t		least = s->count - 1;

		for (int32_t l = least - 1; l >= 0; l--)
			if (s->pool[l].gain < s->pool[least].gain)
				least = l;
		remove_candidate(f, s, least);
	}
}

/*
 * The living candidate that gains most; -1 if fewer than "fewest" are alive.  A
 * gain never rises, so that most of those found for earlier centers are bounds
 * that need not be found again.
 */
static int32_t
best_candidate(const FcFit *f, FcSeeder *s, int32_t fewest)
{
	for (;;)
	{
		int32_t		best = -1;
		int32_t		alive = 0;

		for (int32_t l = 0; l < s->count; l++)
			if (is_alive(f, s, &s->pool[l]))
			{
				alive++;
				if (best < 0 || s->pool[l].gain > s->pool[best].gain)
					best = l;
			}
		if (alive < fewest || s->pool[best].fresh)
			return alive < fewest ? -1 : best;
		fc_check(&f->hooks);
		s->pool[best].gain = find_gain(f, s, best);
		s->pool[best].fresh = true;
	}
}

/* Updates D^2, and chances if these are by D^2, for a new center at candidate number l */
static void
cover(const FcFit *f, FcSeeder *s, int32_t l)
{
	for (int64_t t = 0; t < count_tiles(f); t++)
	{
		Tile		tile = get_tile(f, t);

		s->total[t] = covers[f->isa][f->rows.precision](least_in(f, s, tile), distances_to(f, s, l, tile),
														tile.weight, tile.lanes, tile.rows);
	}
	for (int32_t other = 0; other < s->count; other++)
		s->pool[other].fresh = false;
}

/* One of how many candidates is chosen: the more, the better the centers, at the cost of more distances */
static int32_t
chosen_share(const FcFit *f)
{
	bool		cheap = f->sample.n <= f->rows.n / 2 || (double) f->rows.n * f->model->k * f->rows.d <= CHEAP_PRODUCTS;

	return cheap ? CHOSEN_IF_CHEAP : CHOSEN_SHARE;
}

/* How many candidates there should be for the next centers, of which there are c */
static int32_t
wanted_candidates(const FcFit *f, const FcSeeder *s, int32_t c)
{
	int32_t		k = f->model->k;
	int32_t		share = chosen_share(f);
	int32_t		fewest = 2 + (int) log((double) k);
	int32_t		wanted = c / 2;

	if (c == 0)
		return 1;
	if (wanted / share > k - c)
		wanted = share * (k - c);
	if (wanted < fewest)
		wanted = fewest;
	return wanted < s->most ? wanted : s->most;
}

/* Centers by k-means++; returns how many there are */
static int32_t
choose_by_squares(const FcFit *f, FcSeeder *s, FcRng *rng)
{
	int32_t		k = f->model->k;
	int32_t		share = chosen_share(f);
	int32_t		c = 0;

	set_chances(f, s, false);
	while (c < k && all_chances(f, s) > 0)
	{
		int32_t		wanted = wanted_candidates(f, s, c);
		int32_t		fewest = 1;
		int32_t		best;

		thin_pool(f, s, wanted / KEPT_SHARE);
		fill_pool(f, s, rng, wanted);
		for (int32_t left = (wanted + share - 1) / share; left > 0 && c < k; left--)
		{
			best = best_candidate(f, s, fewest);
			if (best < 0)
				break;
			copy_row(f, s->pool[best].row, s->chosen, c++);
			cover(f, s, best);
			s->squared = true;
			fewest = wanted / KEPT_SHARE;
		}
	}
	return c;
}

/* ---- rows that are equally likely ---- */

/* Updates D^2 for the centers from number "first" up to c, and the chances */
static void
cover_by_chosen(const FcFit *f, FcSeeder *s, int32_t first, int32_t c)
{
	size_t		row = f->rows.d * FC_SIZE(f->rows.precision);

	for (; first < c; first += s->most)
	{
		int32_t		count = c - first < s->most ? c - first : s->most;

		for (int64_t t = 0; t < count_tiles(f); t++)
		{
			Tile		tile = get_tile(f, t);

			find_distances(f, s, tile, (char *) s->chosen + first * row, 0, count);
			for (int32_t l = 0; l < count; l++)
				covers[f->isa][f->rows.precision](least_in(f, s, tile), distances_to(f, s, l, tile),
												  NULL, tile.lanes, tile.rows);
		}
	}
	set_chances(f, s, false);
}

/* Does row i of the sample differ from the centers from number "first" up to c? */
static bool
is_new(const FcFit *f, FcSeeder *s, int64_t i, int32_t first, int32_t c)
{
	size_t		size = FC_SIZE(f->rows.precision);
	int64_t		lane = i % FC_LANES;

	fc_check(&f->hooks);
	fc_block_ops(f->isa, f->rows.precision)->distance
		((const char *) f->sample.x + (i - lane) * size, f->sample.stride, FC_LANES, f->rows.d,
		 (const char *) s->chosen + (size_t) first * f->rows.d * size, c - first, s->near, FC_LANES);
	for (int64_t b = 0; b < c - first; b++)
		if (fc_get(s->near, f->rows.precision, b * FC_LANES + lane) == 0)
			return false;
	return true;
}

/*
 * D^2 is up to date only for the first centers: that of a row that was drawn is
 * compared with the others alone, until one is met twice
 */
static int32_t
choose_equally(const FcFit *f, FcSeeder *s, FcRng *rng)
{
	int32_t		covered = 0;
	int32_t		c = 0;

	set_chances(f, s, false);
	while (c < f->model->k && all_chances(f, s) > 0)
	{
		int64_t		row = draw(f, s, rng);

		if (c == covered || is_new(f, s, row, covered, c))
			copy_row(f, row, s->chosen, c++);
		else
		{
			cover_by_chosen(f, s, covered, c);
			covered = c;
		}
	}
	return c;
}

/* ---- rows outside the sample ---- */

/* Row i of block x, at squared distance "far", becomes number "at" of the centers */
static void
take_far_row(const FcFit *f, FcSeeder *s, const char *x, int32_t i, double far, int32_t at)
{
	size_t		size = FC_SIZE(f->rows.precision);
	char	   *to = (char *) s->chosen + (size_t) at * f->rows.d * size;

	for (int32_t j = 0; j < f->rows.d; j++)
		memcpy(to + j * size, x + ((int64_t) j * f->rows.stride + i) * size, size);
	s->distance[at] = far;
}

/* Is row i of block x equal to center b? */
static bool
is_center(const FcFit *f, const FcSeeder *s, const char *x, int32_t i, int32_t b)
{
	FcPrecision precision = f->rows.precision;
	int64_t		d = f->rows.d;

	for (int64_t j = 0; j < d; j++)
		if (fc_get(s->chosen, precision, b * d + j) != fc_get(x, precision, j * f->rows.stride + i))
			return false;
	return true;
}

/*
 * Keeps row i of block x behind the first c centers if it is among the k - c
 * farthest ones, of which "found" are known, and no copy of one
 */
static void
keep_if_far(const FcFit *f, FcSeeder *s, const char *x, int32_t i, double far, int32_t c, int32_t *found)
{
	int32_t		k = f->model->k;
	int32_t		nearest = c;

	if (!(far > 0) || (c + *found == k && far <= s->least_far))
		return;
	for (int32_t b = c; b < c + *found; b++)
	{
		if (s->distance[b] == far && is_center(f, s, x, i, b))
			return;
		if (s->distance[b] < s->distance[nearest])
			nearest = b;
	}
	take_far_row(f, s, x, i, far, c + *found < k ? c + (*found)++ : nearest);
	s->least_far = INFINITY;
	for (int32_t b = c; b < c + *found; b++)
		s->least_far = fmin(s->least_far, s->distance[b]);
}

/* The rows of the whole input that are farthest from c centers, behind these; returns their number, at most k - c */
static int32_t
find_far_rows(const FcFit *f, FcSeeder *s, int32_t c)
{
	const FcBlockOps *ops = fc_block_ops(f->isa, f->rows.precision);
	size_t		size = FC_SIZE(f->rows.precision);
	double		least[FC_LANES];
	int32_t		nearest[FC_LANES];
	int32_t		found = 0;

	for (int64_t b = 0; b < fc_blocks(&f->rows); b++)
	{
		const char *x = f->rows.block(f->rows.source, b);
		int32_t		rows = fc_rows_in_block(&f->rows, b);

		for (int32_t first = 0; first < rows; first += FC_LANES)
		{
			fc_check(&f->hooks);
			ops->distance(x + first * size, f->rows.stride, FC_LANES, f->rows.d, s->chosen, c, s->near, FC_LANES);
			ops->nearest(s->near, FC_LANES, FC_LANES, c, least, nearest);
			for (int32_t i = 0; i < FC_LANES && first + i < rows; i++)
				keep_if_far(f, s, x, first + i, fc_get(least, f->rows.precision, i), c, &found);
		}
	}
	return found;
}

/* Swaps centers a and b, and their distances */
static void
swap_centers(const FcFit *f, FcSeeder *s, int32_t a, int32_t b)
{
	FcPrecision precision = f->rows.precision;
	int64_t		d = f->rows.d;
	double		distance = s->distance[a];

	s->distance[a] = s->distance[b];
	s->distance[b] = distance;
	for (int64_t j = 0; j < d; j++)
	{
		double		x = fc_get(s->chosen, precision, a * d + j);

		fc_set(s->chosen, precision, a * d + j, fc_get(s->chosen, precision, b * d + j));
		fc_set(s->chosen, precision, b * d + j, x);
	}
}

/* |v_a - v_b|^2 of two centers, 0 where that is less than the rows' precision can tell */
static double
distance_between(const FcFit *f, FcSeeder *s, int64_t a, int64_t b)
{
	FcPrecision precision = f->rows.precision;
	int64_t		d = f->rows.d;
	double		sum = 0;

	for (int64_t j = 0; j < d; j++)
	{
		double		difference = fc_get(s->chosen, precision, a * d + j) - fc_get(s->chosen, precision, b * d + j);

		sum += difference * difference;
	}
	return precision == FC_F32 ? (float) sum : sum;
}

/*
 * The sample is exhausted, but it is not all rows: of the far rows of the whole
 * input, the farthest from all centers so far becomes the next one, as long as
 * it differs from them.  Returns the number of centers.
 */
static int32_t
search_all_rows(const FcFit *f, FcSeeder *s, int32_t c)
{
	int32_t		end = c + find_far_rows(f, s, c);

	while (c < end)
	{
		int32_t		farthest = c;

		for (int32_t b = c + 1; b < end; b++)
			if (s->distance[b] > s->distance[farthest])
				farthest = b;
		if (!(s->distance[farthest] > 0))
			break;
		swap_centers(f, s, c, farthest);
		fc_check(&f->hooks);
		for (int32_t b = c + 1; b < end; b++)
			s->distance[b] = fmin(s->distance[b], distance_between(f, s, c, b));
		c++;
	}
	return c;
}

/* Does a row of the sample differ from all of the c centers, though D^2 is 0? */
static bool
squares_vanish(const FcFit *f, FcSeeder *s, int32_t c)
{
	FcPrecision precision = f->rows.precision;
	int32_t		d = f->rows.d;

	for (int64_t i = 0; i < f->sample.n; i++)
	{
		bool		met = false;

		fc_check(&f->hooks);
		for (int32_t b = 0; b < c && !met; b++)
		{
			int32_t		j = 0;

			while (j < d && fc_get(s->chosen, precision, (int64_t) b * d + j) ==
				   fc_get(f->sample.x, precision, j * f->sample.stride + i))
				j++;
			met = j == d;
		}
		if (!met)
			return true;
	}
	return false;
}

/* k distinct rows into s->chosen, by k-means++ or all equally likely */
static FcStatus
choose_rows(FcFit *f, FcSeeder *s, FcRng *rng, bool kmeanspp)
{
	int32_t		before = -1;
	int32_t		c;

	s->count = 0;
	for (int64_t i = 0; i < f->sample.stride; i++)
		fc_set(s->least, f->rows.precision, i, i < f->sample.n ? INFINITY : 0);
	c = kmeanspp ? choose_by_squares(f, s, rng) : choose_equally(f, s, rng);
	while (f->sample.n < f->rows.n && c < f->model->k && c > before)
	{
		before = c;
		c = search_all_rows(f, s, c);
	}
	if (c == f->model->k)
		return FC_OK;
	f->failure.distinct = c;
	return squares_vanish(f, s, c) ? FC_TOO_CLOSE : FC_TOO_FEW_ROWS;
}

static void
given_centers(FcFit *f)
{
	FcModel    *m = f->model;

	for (int64_t i = 0; i < (int64_t) m->k * m->d; i++)
		m->centers[i] = m->shift ? (f->start[i] - m->shift[i % m->d]) * m->factor[i % m->d] :
			f->offset ? f->start[i] - f->offset[i % m->d] : f->start[i];
}

static void
chosen_centers(FcFit *f, const FcSeeder *s)
{
	FcModel    *m = f->model;

	for (int64_t i = 0; i < (int64_t) m->k * m->d; i++)
		m->centers[i] = fc_get(s->chosen, f->rows.precision, i);
}

static void
random_centers(FcFit *f, FcRng *rng)
{
	FcModel    *m = f->model;

	for (int64_t i = 0; i < (int64_t) m->k * m->d; i++)
	{
		double		low = f->columns->low[i % m->d] - (f->offset ? f->offset[i % m->d] : 0);

		m->centers[i] = low + fc_rng_uniform(rng) * (f->columns->high[i % m->d] - f->columns->low[i % m->d]);
	}
}

/*
 * The first centers of restart number "stream" into the model.  Rows are chosen
 * even if something else becomes the centers: that proves that there are k
 * different ones.
 */
FcStatus
fc_first_centers(FcFit *f, FcSeeder *s, uint64_t stream)
{
	FcModel    *m = f->model;
	FcRng		rng;
	FcStatus	status;

	fc_rng_start(&rng, (uint64_t) m->common[FC_SEED], stream);
	status = choose_rows(f, s, &rng, m->common[FC_INIT] == FC_INIT_KMEANSPP);
	if (status != FC_OK)
		return status;
	if (f->start != NULL)
		given_centers(f);
	else if (m->common[FC_INIT] == FC_INIT_RANDOM)
		random_centers(f, &rng);
	else
		chosen_centers(f, s);
	return FC_OK;
}

/* The same; if there are fewer different rows, k becomes their number */
FcStatus
fc_first_centers_up_to(FcFit *f, FcSeeder *s, uint64_t stream)
{
	FcStatus	status = fc_first_centers(f, s, stream);

	if (status != FC_TOO_FEW_ROWS)
		return status;
	f->model->k = (int32_t) f->failure.distinct;
	chosen_centers(f, s);
	return FC_OK;
}
