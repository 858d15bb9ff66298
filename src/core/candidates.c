/*
 * candidates.c - rows that may become first centers: drawn, tried and chosen
 *
 * A pool of candidates, with their distances to all rows of the sample: see seed.c.
 * Finding these is a task for a team, whose portions are tiles of the sample.
 */
#include "core/candidates.h"
#include "core/gaps.h"

#include "core/pass.h"

#include <math.h>
#include <string.h>

#define POOL_VALUES		1048576 /* distances that are kept of candidates, more if d is large */
#define SMALLEST_POOL	4
#define TEAM_PRODUCTS	(1 << 22)	/* of features: less is not worth an order to a team */

#define FC_VARIANTS_OF "core/candidates_loops.h"
#include "core/variants.h"

/* Over a tile: D^2 (lanes), distances to a center (lanes), weights (rows) or NULL */
typedef double (*Gain) (const void *least, const void *at, const double *weight, int32_t lanes, int32_t rows);
typedef double (*Cover) (void *least, const void *at, const double *weight, int32_t lanes, int32_t rows);

static const Gain gains[FC_ISAS][2] = FC_TABLE(gain);
static const Cover covers[FC_ISAS][2] = FC_TABLE(cover);

/* Candidates at once: their distances to the sample take a quarter of its memory, or a few megabytes */
int32_t
fc_pool_size(int64_t n, int32_t d)
{
	int64_t		size = POOL_VALUES / n > d / 4 ? POOL_VALUES / n : d / 4;

	return size < SMALLEST_POOL ? SMALLEST_POOL : size > FC_MAX_CANDIDATES ? FC_MAX_CANDIDATES : (int32_t) size;
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

/* Row i of the sample becomes number "at" of the centers in "to", its gaps filled */
void
fc_copy_sampled(const FcFit *f, int64_t i, void *to, int64_t at)
{
	size_t		size = FC_SIZE(f->rows.precision);

	for (int32_t j = 0; j < f->rows.d; j++)
		memcpy((char *) to + (at * f->rows.d + j) * size,
			   (const char *) f->sample.x + (j * f->sample.stride + i) * size, size);
	fc_fill_center(f, to, at);
}

/* Distances of a tile to "count" rows, those of candidates from number l on */
static void
find_distances(const FcFit *f, FcSeeder *s, Tile tile, const void *rows, int32_t l, int32_t count)
{
	size_t		size = FC_SIZE(f->rows.precision);

	fc_check(&f->hooks);
	fc_distances_between(f, (const char *) f->sample.x + tile.first * size, f->sample.stride, tile.lanes, rows, count,
						 distances_to(f, s, l, tile), (int32_t) f->sample.stride);
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
void
fc_set_chances(const FcFit *f, FcSeeder *s, bool squared)
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

double
fc_all_chances(const FcFit *f, const FcSeeder *s)
{
	double		sum = 0;

	for (int64_t t = 0; t < count_tiles(f); t++)
		sum += s->total[t];
	return sum;
}

/* A row; chances are not all 0.  Should rounding overshoot, it is the last one that has a chance. */
int64_t
fc_draw_row(const FcFit *f, const FcSeeder *s, FcRng *rng)
{
	double		aim = fc_rng_uniform(rng) * fc_all_chances(f, s);
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

/* Distances of tile number t to the candidates from number "first" up to "end", and what these gain there */
static void
try_candidates(const FcFit *f, FcSeeder *s, int64_t t, int32_t first, int32_t end)
{
	Tile		tile = get_tile(f, t);

	find_distances(f, s, tile, (char *) s->row + (size_t) first * f->rows.d * FC_SIZE(f->rows.precision), first, end - first);
	for (int32_t l = first; l < end; l++)
		s->part[l] = gains[f->isa][f->rows.precision](least_in(f, s, tile), distances_to(f, s, l, tile),
													  tile.weight, tile.lanes, tile.rows);
}

static void
add_gains(FcSeeder *s, int32_t first, int32_t end)
{
	for (int32_t l = first; l < end; l++)
		s->gain[l] += s->part[l];
}

/* Arguments of the task are "first" and "end" */
static void
try_portion(FcFit *f, int64_t t)
{
	try_candidates(f, &f->engine->seeder, t, (int32_t) f->argument[0], (int32_t) f->argument[1]);
}

static void
merge_portion(FcFit *f, int64_t t)
{
	(void) t;
	add_gains(&f->engine->seeder, (int32_t) f->argument[0], (int32_t) f->argument[1]);
}

const FcTask fc_candidates_task = {FC_TASK_CANDIDATES, NULL, try_portion, merge_portion};

/* Is trying "count" candidates worth an order to the team, whose members must see the same sample? */
static bool
is_for_team(const FcFit *f, const FcSeeder *s, int32_t count)
{
	return f->engine && s == &f->engine->seeder && f->sample.x == s->x &&
		(double) f->sample.n * f->rows.d * count >= TEAM_PRODUCTS;
}

static void
try_all(FcFit *f, FcSeeder *s, int32_t first, int32_t end)
{
	memset(s->gain + first, 0, sizeof(double) * (end - first));
	if (is_for_team(f, s, end - first))
	{
		f->argument[0] = first;
		f->argument[1] = end;
		fc_team_run(f, &fc_candidates_task, count_tiles(f));
	}
	else
		for (int64_t t = 0; t < count_tiles(f); t++)
		{
			try_candidates(f, s, t, first, end);
			add_gains(s, first, end);
		}
	for (int32_t l = first; l < end; l++)
		s->pool[l].gain = s->gain[l];
}

/* Draws candidates until there are "count", and tries them */
void
fc_fill_pool(FcFit *f, FcSeeder *s, FcRng *rng, int32_t count)
{
	int32_t		first = s->count;

	for (; s->count < count; s->count++)
	{
		FcCandidate *c = &s->pool[s->count];

		*c = (FcCandidate) {.row = fc_draw_row(f, s, rng), .fresh = true};
		c->threshold = s->squared ? fc_rng_uniform(rng) * least_of(f, s, c->row) : 0;
		fc_copy_sampled(f, c->row, s->row, s->count);
	}
	try_all(f, s, first, count);
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
void
fc_thin_pool(const FcFit *f, FcSeeder *s, int32_t most)
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
int32_t
fc_best_candidate(const FcFit *f, FcSeeder *s, int32_t fewest)
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
void
fc_cover_by_candidate(const FcFit *f, FcSeeder *s, int32_t l)
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

/* Updates D^2 for the centers from number "first" up to c, and the chances */
void
fc_cover_by_centers(const FcFit *f, FcSeeder *s, int32_t first, int32_t c)
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
	fc_set_chances(f, s, false);
}
